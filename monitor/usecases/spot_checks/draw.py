"""Drawing groups (随机抽样) and repeating a draw (HN-4.1c, D-06). In the caller's transaction.

Key types: `DrawReading`, `DrawnGroup`, `FramePreview`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from monitor.clock import Period
from monitor.days.counting import count_day
from monitor.errors import BadParameter, StateError
from monitor.spot_checks import (
    Candidate,
    Draw,
    DrawMethod,
    DrawRule,
    FrameEntry,
    NumberKind,
    build_frame,
    draw_groups,
    plan_quotas,
    read_draw_rule,
    rests_since,
    share_quotas,
)
from monitor.store import directory, search_queries
from monitor.store.days.queries import load_counts
from monitor.store.spot_checks import rows as spot_checks
from monitor.store.spot_checks.figures import DrawLine, count_frame, load_draw_lines
from monitor.store.spot_checks.rows import StoredDraw
from monitor.units import Group, GroupId, Role, Unit, ancestor_ids
from monitor.usecases.spot_checks.desk import (
    DrawNotFound,
    SpotReading,
    SpotSitting,
    require_inspector,
)

MOST_DRAWN = 200
SAME_DRAW_WITHIN = timedelta(minutes=1)
MEAN_DAYS = 7
MOST_LISTED = 50


class NothingToDraw(StateError):
    """The frame is empty."""

    code = "nothing_to_draw"
    user_text = "无可抽群"


@dataclass(frozen=True, slots=True)
class FramePreview:
    """What a draw would choose from: open groups, those that rest, the frame, how many it would give."""

    unit: Unit
    rule: DrawRule
    candidates: tuple[Candidate, ...]
    frame: tuple[FrameEntry, ...]
    quotas: dict[str, int]

    @property
    def n_resting(self) -> int:
        """Groups left out because they were checked lately."""
        return len(self.candidates) - len(self.frame)

    @property
    def size(self) -> int:
        """How many groups would be drawn."""
        return sum(self.quotas.values())


@dataclass(frozen=True, slots=True)
class FrameSize:
    """A frame in counts: open groups, those not resting, how many a draw would give."""

    unit: Unit
    rule: DrawRule
    n_candidates: int
    n_frame: int
    size: int

    @property
    def n_resting(self) -> int:
        """Groups left out because they were checked lately."""
        return self.n_candidates - self.n_frame


@dataclass(frozen=True, slots=True)
class DrawnGroup:
    """A drawn group: its last check before, mean posts of seven days with data, the check of this draw."""

    group: Group
    last_checked_on: date | None
    mean_posts: float | None
    spot_check: SpotReading | None


@dataclass(frozen=True, slots=True)
class DrawReading:
    """A draw with its groups. `is_new` is False when it answers a double submission."""

    stored: StoredDraw
    groups: tuple[DrawnGroup, ...]
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class Repetition:
    """A draw done again from what is stored: whether it gives the same groups in the same order."""

    stored: StoredDraw
    drawn_again: tuple[str, ...]

    @property
    def is_equal(self) -> bool:
        """Whether the repetition equals the stored draw."""
        return self.drawn_again == tuple(code for _, code in self.stored.drawn)


def preview_frame(sitting: SpotSitting, unit_code: str | None, size: int | None = None) -> FramePreview:
    """Return what a draw in a unit's subtree would choose from now; nothing is stored.

    Source: HN-4.1c, D-06.

    Args:
        size: groups to draw; None for the share of D-06 from every 市县.

    Raises: CommandError for who is not an inspector; OutOfScope; BadParameter.
    """
    require_inspector(sitting.viewer)
    if size is not None and not 1 <= size <= MOST_DRAWN:
        raise BadParameter(f"size {size}", user_text=f"数量应为1–{MOST_DRAWN}的整数")
    unit = sitting.find_unit(unit_code)
    rule = read_draw_rule(sitting.rules_on(sitting.today).switches["D-06"])
    candidates = _load_candidates(sitting, unit)
    since = rests_since(sitting.today, rule)
    resting = spot_checks.load_resting(sitting.connection, unit.path, since)
    frame = build_frame(candidates, resting, by_city=size is None)
    if size is None:
        quotas = plan_quotas(candidates, frame, rule)
    else:
        quotas = {"": min(size, len(frame))} if frame else {}
    return FramePreview(unit, rule, candidates, frame, quotas)


def size_frame(sitting: SpotSitting, unit_code: str | None) -> FrameSize:
    """Return how large a frame a draw in a unit's subtree would have now, as `preview_frame`, in counts.

    Source: HN-4.1c, D-06.
    Raises: CommandError for who is not an inspector; OutOfScope.
    """
    require_inspector(sitting.viewer)
    unit = sitting.find_unit(unit_code)
    rule = read_draw_rule(sitting.rules_on(sitting.today).switches["D-06"])
    since = rests_since(sitting.today, rule)
    by_city = count_frame(sitting.connection, unit.path, sitting.today, since)
    n_groups = {code: counts[0] for code, counts in by_city.items()}
    n_free = {code: counts[1] for code, counts in by_city.items() if counts[1]}
    quotas = share_quotas(n_groups, n_free, rule)
    return FrameSize(unit, rule, sum(n_groups.values()), sum(n_free.values()), sum(quotas.values()))


def make_draw(
    sitting: SpotSitting, unit_code: str | None = None, size: int | None = None, codes: Sequence[str] = ()
) -> DrawReading:
    """Draw groups of a unit's subtree and store frame, seed and result for good.

    The same draw asked for twice within a minute is one draw.
    Source: HN-4.1c, D-06.

    Args:
        codes: groups named by hand, where D-06 says 人工指定; otherwise empty.

    Raises: NothingToDraw; as `preview_frame`.
    """
    preview = preview_frame(sitting, unit_code, size)
    unit, rule = preview.unit, preview.rule
    if (rule.method is DrawMethod.MANUAL) != bool(codes):
        raise _wrong_method(rule.method)
    asked = f"{unit.code} {size or ''} {' '.join(codes)}".strip()
    actor = sitting.viewer.identity
    same = spot_checks.find_same_draw(sitting.connection, actor, asked, sitting.now - SAME_DRAW_WITHIN)
    if same is not None:
        return find_draw(sitting, same)
    if not preview.frame:
        raise NothingToDraw(f"nothing to draw in {unit.code}", user_text=_why_nothing(preview))
    seed = "" if codes else sitting.new_seed()
    draw = Draw(seed, rule.method, preview.frame, preview.quotas)
    chosen = _choose_by_hand(preview, codes) if codes else draw_groups(draw)
    number = spot_checks.take_number(sitting.connection, NumberKind.DRAW, sitting.today.year)
    ids = _load_group_ids(sitting, unit)
    spot_checks.insert_draw(
        sitting.connection,
        number,
        unit.unit_id,
        draw,
        [(ids[code], code) for code in chosen],
        n_resting=preview.n_resting,
        asked=asked,
        actor=actor,
        actor_name=sitting.actor_name,
        at=sitting.now,
    )
    sitting.record("spot_check.drawn", f"spot_draw:{number}", seed=seed, groups=list(chosen))
    return _read(sitting, _find(sitting, number), is_new=True)


def find_draw(sitting: SpotSitting, number: str) -> DrawReading:
    """Return a draw of the subtree with its groups.

    Raises: DrawNotFound.
    """
    return _read(sitting, _find(sitting, number))


def list_draws(sitting: SpotSitting, limit: int = MOST_LISTED) -> list[StoredDraw]:
    """Return the draws about units of the subtree, newest first; for inspectors."""
    require_inspector(sitting.viewer)
    return spot_checks.load_draws(sitting.connection, sitting.viewer.unit_path, limit)


def list_draw_lines(sitting: SpotSitting, limit: int) -> list[DrawLine]:
    """Return the draws about units of the subtree as lines, newest first; for inspectors."""
    require_inspector(sitting.viewer)
    return load_draw_lines(sitting.connection, sitting.viewer.unit_path, limit)


def repeat_draw(sitting: SpotSitting, number: str) -> Repetition:
    """Do a stored draw again (验证) from its frame, seed and sizes.

    Source: HN-4.1c.
    Raises: DrawNotFound; StateError for a draw by hand.
    """
    stored = _find(sitting, number)
    if stored.draw.method is DrawMethod.MANUAL:
        raise StateError("drawn by hand", user_text="该批次为人工指定（D-06），没有可重新抽取的种子")
    return Repetition(stored, draw_groups(stored.draw))


def _find(sitting: SpotSitting, number: str) -> StoredDraw:
    found: list[StoredDraw] = []
    if sitting.viewer.role is Role.INSPECTOR:
        found = spot_checks.load_draws(sitting.connection, sitting.viewer.unit_path, 1, number)
    if not found:
        raise DrawNotFound(f"draw {number!r} asked by {sitting.viewer.identity}")
    return found[0]


def _read(sitting: SpotSitting, stored: StoredDraw, *, is_new: bool = False) -> DrawReading:
    connection = sitting.connection
    ids = [group_id for group_id, _ in stored.drawn]
    groups = {group.group_id: group for group in search_queries.load_groups_by_id(connection, ids)}
    checks = spot_checks.load_checks(connection, stored.unit_path, draw_id=stored.draw_id)
    readings = {
        each.check.group_id: each for each in sitting.read_checks([c for c in checks if not c.is_void])
    }
    last_days = spot_checks.load_last_days(connection, ids)
    means = _load_means(sitting, ids)
    return DrawReading(
        stored,
        tuple(
            DrawnGroup(groups[each], last_days.get(each), means.get(each), readings.get(each)) for each in ids
        ),
        is_new,
    )


def _load_means(sitting: SpotSitting, ids: Sequence[GroupId]) -> dict[GroupId, float]:
    """Return the mean posts of the seven days before today, over days with data; without any absent."""
    yesterday = sitting.today - timedelta(days=1)
    period = Period(yesterday - timedelta(days=MEAN_DAYS - 1), yesterday)
    posts: dict[GroupId, list[int]] = {}
    for (group_id, _), counts in load_counts(sitting.connection, ids, period).items():
        count = count_day(counts)
        if count is not None:
            posts.setdefault(group_id, []).append(count.n_posts)
    return {group_id: sum(numbers) / len(numbers) for group_id, numbers in posts.items()}


def _load_candidates(sitting: SpotSitting, unit: Unit) -> tuple[Candidate, ...]:
    """Return the open groups of a subtree with their 市县 (a group of the root has the root)."""
    connection = sitting.connection
    found = directory.load_groups(
        connection, directory.groups(sitting.today).where(directory.in_subtree(unit.path))
    )
    wanted = {each for group in found for each in (*ancestor_ids(group.unit_path)[:2], group.unit_id)}
    known = {each.unit_id: each for each in directory.load_units_by_id(connection, wanted)}
    candidates = []
    for group in found:
        ids = ancestor_ids(group.unit_path)
        city = known.get(ids[1] if len(ids) > 1 else ids[0])
        own = known.get(group.unit_id)
        if city is not None and own is not None:  # a unit that is closed gives no group
            candidates.append(Candidate(group.code, city.code, own.kind))
    return tuple(sorted(candidates))


def _load_group_ids(sitting: SpotSitting, unit: Unit) -> dict[str, GroupId]:
    query = directory.groups(sitting.today).where(directory.in_subtree(unit.path))
    return {group.code: group.group_id for group in directory.load_groups(sitting.connection, query)}


def _choose_by_hand(preview: FramePreview, codes: Sequence[str]) -> tuple[str, ...]:
    wanted = tuple(dict.fromkeys(code.strip().upper() for code in codes))
    missing = [code for code in wanted if code not in {entry.code for entry in preview.frame}]
    if missing:
        text = (
            f"不在抽样框内（未登记、已停用或{preview.rule.exclude_days}天内已抽查）：{'、'.join(missing[:5])}"
        )
        raise BadParameter(f"not in the frame: {missing}", user_text=text)
    return wanted


def _wrong_method(method: DrawMethod) -> BadParameter:
    if method is DrawMethod.MANUAL:
        return BadParameter("by hand", user_text="当前抽查方法为人工指定（D-06），请写明群编号")
    return BadParameter("not by hand", user_text="当前抽查方法为随机抽取（D-06），不能指定群")


def _why_nothing(preview: FramePreview) -> str:
    if not preview.candidates:
        return f"无可抽群：{preview.unit.name}没有正在使用的群"
    days = preview.rule.exclude_days
    return f"无可抽群：{preview.unit.name} {len(preview.candidates)} 个群{days}天内均已抽查（D-06）"

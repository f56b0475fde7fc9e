"""Spot checks (抽查): from readings to what the templates lay out. Pure; no Flask, no clock, no database.

Key types: `CheckLine`, `RunLine`, `DrawPage`, `RecordPage`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from monitor.spot_checks import DrawMethod
from monitor.usecases.spot_checks.desk import SpotReading
from monitor.usecases.spot_checks.draw import DrawReading, FrameSize, Repetition
from monitor.usecases.spot_checks.objections import SpotObjection
from monitor.usecases.spot_checks.runs import CityRun
from monitor.usecases.spot_checks.visits import SiteVisit
from reports.spot_check_record import (
    METHODS,
    check_facts,
    objection_words,
    run_words,
    system_words,
)
from web.wording import ACTIVITY_LOOKS, NONE, Badge, day_words, moment_words

VALID = Badge("met", "✓", "有效")
VOID = Badge("none", "–", "作废")
PROVISIONAL = Badge("due", "…", "暂定")
CAPPED = Badge("unmet", "✕", "年底不得评优秀")
NEAR = Badge("due", "!", "再有1次即封顶")
CLEAR = Badge("met", "✓", "未触发")
NO_RUN = Badge("nodata", "?", "尚无抽查")
_FRAME_SHOWN = 200


@dataclass(frozen=True, slots=True)
class CheckLine:
    """A filed check of a list."""

    filing_no: str
    group: str
    group_code: str
    city: str
    day: str
    n_posts: str
    n_system: str
    grade: str
    look: str
    badge: Badge
    by: str


@dataclass(frozen=True, slots=True)
class RunLine:
    """The run of a 市县."""

    code: str
    name: str
    run: str
    n_checks: str
    badge: Badge
    arithmetic: str


@dataclass(frozen=True, slots=True)
class DrawnLine:
    """A drawn group."""

    place: int
    code: str
    name: str
    unit: str
    last: str
    mean: str
    filing_no: str
    grade: str
    look: str


@dataclass(frozen=True, slots=True)
class DrawPage:
    """A draw with its proof."""

    number: str
    unit: str
    method: str
    seed: str
    by: str
    at: str
    n_frame: int
    n_resting: int
    n_done: int
    quotas: str
    groups: tuple[DrawnLine, ...]
    frame: tuple[str, ...]
    n_frame_hidden: int
    can_repeat: bool


@dataclass(frozen=True, slots=True)
class RecordPage:
    """A filed check with everything about it, as it is printed."""

    line: CheckLine
    facts: tuple[tuple[str, str], ...]
    clause: str
    arithmetic: str
    run: RunLine | None  # of the 市县; None for who sees only a part of it
    draw_number: str
    is_void: bool
    objections: tuple[tuple[str, str, str], ...]
    has_open_objection: bool


def present_check(reading: SpotReading, today: date) -> CheckLine:
    """Lay out one filed check."""
    check = reading.check
    badge = VOID if check.is_void else PROVISIONAL if reading.is_provisional else VALID
    return CheckLine(
        filing_no=check.filing_no,
        group=check.group_name,
        group_code=check.group_code,
        city=check.city_name,
        day=day_words(check.day, today),
        n_posts=str(check.n_posts),
        n_system=system_words(reading),
        grade=reading.verdict.outcome.value,
        look=ACTIVITY_LOOKS[reading.verdict.outcome],
        badge=badge,
        by=check.actor_name,
    )


def present_run(run: CityRun) -> RunLine:
    """Lay out the run of a 市县."""
    if run.verdict is None:
        badge = NO_RUN
    elif run.is_capped:
        badge = CAPPED
    else:
        badge = NEAR if run.current == run.length - 1 else CLEAR
    words, n_checks = run_words(run)
    return RunLine(
        code=run.unit.code,
        name=run.unit.name,
        run=words,
        n_checks=n_checks,
        badge=badge,
        arithmetic=run.verdict.arithmetic if run.verdict else NONE,
    )


def present_preview(preview: FrameSize) -> str:
    """Say in one line what a draw would choose from."""
    resting = (
        f"，{preview.n_resting} 个群近 {preview.rule.exclude_days} 天已抽查、不在框内"
        if preview.n_resting
        else ""
    )
    if not preview.n_frame:
        return f"{preview.unit.name}：无可抽群（共 {preview.n_candidates} 个在用的群{resting}）"
    method = METHODS[preview.rule.method]
    return (
        f"{preview.unit.name}：抽样框 {preview.n_frame} 个群"
        f"（共 {preview.n_candidates} 个在用{resting}），按“{method}”将抽取 {preview.size} 个"
    )


def present_draw(reading: DrawReading, today: date) -> DrawPage:
    """Lay out a draw."""
    stored = reading.stored
    groups = tuple(
        DrawnLine(
            place,
            each.group.code,
            each.group.name,
            each.group.unit_name,
            day_words(each.last_checked_on, today) if each.last_checked_on else "未抽查过",
            "无数据" if each.mean_posts is None else f"{each.mean_posts:.1f}",
            each.spot_check.check.filing_no if each.spot_check else "",
            each.spot_check.verdict.outcome.value if each.spot_check else "",
            ACTIVITY_LOOKS[each.spot_check.verdict.outcome] if each.spot_check else "none",
        )
        for place, each in enumerate(reading.groups, start=1)
    )
    draw = stored.draw
    quotas = "、".join(f"{pool or '全部'} {size}" for pool, size in sorted(draw.quotas.items()))
    return DrawPage(
        number=stored.number,
        unit=stored.unit_name,
        method=METHODS[draw.method],
        seed=draw.seed,
        by=stored.actor_name,
        at=moment_words(stored.at, today),
        n_frame=len(draw.frame),
        n_resting=stored.n_resting,
        n_done=sum(bool(line.filing_no) for line in groups),
        quotas=quotas,
        groups=groups,
        frame=tuple(entry.code for entry in draw.frame[:_FRAME_SHOWN]),
        n_frame_hidden=max(0, len(draw.frame) - _FRAME_SHOWN),
        can_repeat=draw.method is not DrawMethod.MANUAL,
    )


def present_repetition(repeated: Repetition) -> tuple[bool, str]:
    """Say whether a draw done again equals the stored one."""
    if repeated.is_equal:
        return True, f"重新抽取结果一致：用所存抽样框、种子和数量得到同样的 {len(repeated.drawn_again)} 个群"
    return False, f"重新抽取结果不一致：{'、'.join(repeated.drawn_again[:20])}"


def present_record(
    reading: SpotReading, run: CityRun | None, objections: Sequence[SpotObjection], today: date
) -> RecordPage:
    """Lay out one record (抽查记录单)."""
    check = reading.check
    return RecordPage(
        line=present_check(reading, today),
        facts=check_facts(reading, today),
        clause=reading.verdict.clause,
        arithmetic=reading.verdict.arithmetic,
        run=present_run(run) if run else None,
        draw_number=check.draw_number,
        is_void=check.is_void,
        objections=tuple(objection_words(each, today) for each in objections),
        has_open_objection=any(each.answered_at is None for each in objections),
    )


def visit_badge(visit: SiteVisit, today: date) -> Badge:
    """Return the state of a visit: done, planned, or overdue."""
    if visit.visited_on is not None:
        return Badge("met", "✓", "已督导")
    return Badge("unmet", "✕", "逾期未督导") if visit.planned_on < today else Badge("due", "…", "待督导")

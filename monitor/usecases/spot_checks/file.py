"""Filing a spot check (抽查登记), declaring it void (作废), taking either back. In the caller's transaction.

Key types: `Filed`, `Voided`.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from monitor.errors import BadParameter, StateError
from monitor.spot_checks import NumberKind, order_instant, require_count
from monitor.store import directory
from monitor.store.days.queries import is_day_closed
from monitor.store.operations.audit import load_audit
from monitor.store.spot_checks import rows as spot_checks
from monitor.store.spot_checks import visits as site_visits
from monitor.store.spot_checks.rows import NewCheck
from monitor.units import Group
from monitor.usecases.spot_checks.desk import (
    UNDO_WITHIN,
    SpotReading,
    SpotSitting,
    clean_text,
    find_city_id,
    load_system_counts,
    require_inspector,
)
from monitor.usecases.spot_checks.runs import CityRun, load_city_run
from monitor.usecases.spot_checks.settle import settle_alerts

MOST_DAYS_BACK = 7
DRAW_VALID_DAYS = 14
FILED, VOIDED = "spot_check.filed", "spot_check.voided"


class SpotCheckVoid(StateError):
    """The check is void already."""

    code = "spot_check_void"
    user_text = "该备案已作废"


class UndoTooLate(StateError):
    """More than ten minutes have passed."""

    code = "undo_too_late"
    user_text = "已超过10分钟，不能撤销；如有误请用 抽查作废"


@dataclass(frozen=True, slots=True)
class Filed:
    """A filed check with the run of its 市县; `number` takes it back, 0 for a double submission.

    `run` is None for somebody below the 市县.
    """

    reading: SpotReading
    run: CityRun | None
    number: int


@dataclass(frozen=True, slots=True)
class Voided:
    """A check that is void, or valid again, with the run as it is now, None below the 市县."""

    reading: SpotReading
    run: CityRun | None
    number: int


def file_spot_check(
    sitting: SpotSitting, group_code: str, n_posts: int, note: str = "", day: date | None = None
) -> Filed:
    """File what an inspector counted in a group (抽查登记); its number (备案号) never changes.

    The same count of the same group and day by the same person, while it is valid, is filed once. The
    count stands as 检查 beside the day's other counts.
    Source: HN-4.1c, HN-4.1d, D-08; requirements D.1, D.2.

    Args:
        n_posts: counted at this moment, or over the whole day for an earlier one.
        day: today, or one of the seven days before.

    Raises: CommandError for who is not an inspector; OutOfScope; BadParameter.
    """
    require_inspector(sitting.viewer)
    require_count(n_posts)
    remark = clean_text(note, "备注", is_required=False)
    group, on = sitting.find_group(group_code), _require_day(sitting, day)
    _require_open(sitting, group, on)
    spot_checks.lock_group(sitting.connection, group.group_id)
    for known in spot_checks.load_of_group(sitting.connection, group.group_id, on):
        if (known.actor, known.n_posts) == (sitting.viewer.identity, n_posts):
            reading = sitting.read_checks([known])[0]
            return Filed(reading, load_city_run(sitting, known.city_id, known.year), 0)
    filing_no = _insert(sitting, group, n_posts, remark, on)
    detail = {"group": group.code, "day": on.isoformat(), "n_posts": n_posts, "note": remark}
    number = sitting.record(FILED, f"spot_check:{filing_no}", **detail)
    reading = _follow(sitting, filing_no)
    return Filed(reading, load_city_run(sitting, reading.check.city_id, reading.check.year), number)


def void_spot_check(sitting: SpotSitting, filing_no: str, reason: str) -> Voided:
    """Declare a check void (作废): the record stays, the run is counted anew, open objections are upheld.

    Source: D-09; requirement D.2.
    Raises: CommandError for who is not an inspector; SpotCheckNotFound, SpotCheckVoid, BadParameter
        without a reason.
    """
    require_inspector(sitting.viewer)
    why = clean_text(reason, "作废原因")
    _find_valid(sitting, filing_no)
    number = _void(sitting, filing_no, why, VOIDED)
    answered = {"answered_at": sitting.now, "answered_by": sitting.actor_name, "answer": f"已作废：{why}"}
    check_id = sitting.find_check(filing_no).check.check_id
    site_visits.answer_objections(sitting.connection, check_id, is_upheld=True, **answered)
    reading = _follow(sitting, filing_no)
    return Voided(reading, load_city_run(sitting, reading.check.city_id, reading.check.year), number)


def take_back_spot_check(sitting: SpotSitting, number: int) -> Voided | None:
    """Take back a filing or a voiding of one's own within ten minutes (撤销); None if it is neither.

    A filing that is taken back is void: its number is not given again.
    Source: requirement D.0.
    Raises: UndoTooLate, SpotCheckVoid.
    """
    for action in (FILED, VOIDED):
        entry = load_audit(sitting.connection, number, sitting.viewer.identity, action)
        if entry is not None:
            break
    else:
        return None
    require_inspector(sitting.viewer)
    if sitting.now - entry.at > UNDO_WITHIN:
        raise UndoTooLate(f"record {number}")
    filing_no = entry.subject.removeprefix("spot_check:")
    if action == FILED:
        _find_valid(sitting, filing_no)
        undone = _void(sitting, filing_no, "登记人撤销", "spot_check.taken_back")
    else:
        undone = _restore(sitting, filing_no, entry.at)
    reading = _follow(sitting, filing_no)
    return Voided(reading, load_city_run(sitting, reading.check.city_id, reading.check.year), undone)


def _insert(sitting: SpotSitting, group: Group, n_posts: int, note: str, day: date) -> str:
    connection, is_past = sitting.connection, day < sitting.today
    at = order_instant(day, sitting.now)
    filing_no = spot_checks.take_number(connection, NumberKind.SPOT_CHECK, day.year)
    is_final = is_past and is_day_closed(connection, day)
    since = sitting.now - timedelta(days=DRAW_VALID_DAYS)
    spot_checks.insert_check(
        connection,
        NewCheck(
            filing_no=filing_no,
            year=day.year,
            unit_id=group.unit_id,
            city_id=find_city_id(group.unit_path),
            group_id=group.group_id,
            business_day=day,
            n_posts=n_posts,
            n_system=load_system_counts(connection, {(group.group_id, day)}).get((group.group_id, day)),
            n_later=0 if is_final else None,
            n_later_relevant=0 if is_final else None,
            note=note,
            draw_id=spot_checks.find_open_draw(connection, group.group_id, since),
            actor=sitting.viewer.identity,
            actor_name=sitting.actor_name,
            at=at,
            filed_at=sitting.now,
        ),
    )
    return filing_no


def _void(sitting: SpotSitting, filing_no: str, reason: str, action: str) -> int:
    check = sitting.find_check(filing_no).check
    spot_checks.change_check(
        sitting.connection,
        check.check_id,
        voided_at=sitting.now,
        voided_by=sitting.actor_name,
        void_reason=reason,
    )
    return sitting.record(action, f"spot_check:{filing_no}", reason=reason)


def _restore(sitting: SpotSitting, filing_no: str, voided_at: datetime) -> int:
    """Make a check valid again that this person declared void at an instant."""
    check = sitting.find_check(filing_no).check
    spot_checks.lock_check(sitting.connection, check.check_id)
    if check.voided_at != voided_at:
        raise StateError(f"{filing_no} has changed since", user_text="该备案此后已有变动，不能撤销")
    spot_checks.change_check(sitting.connection, check.check_id, voided_at=None, voided_by="", void_reason="")
    return sitting.record("spot_check.restored", f"spot_check:{filing_no}")


def _follow(sitting: SpotSitting, filing_no: str) -> SpotReading:
    """Let the day's counts and the alerts of the 市县 follow a change; return the check as it is now."""
    check = sitting.find_check(filing_no).check
    valid = spot_checks.load_of_group(sitting.connection, check.group_id, check.day)
    latest = valid[-1] if valid else None
    n_posts = latest.n_posts if latest else None
    at = latest.at if latest else sitting.now
    spot_checks.save_count(sitting.connection, check.group_id, check.day, n_posts, at, sitting.now)
    settle_alerts(sitting.connection, sitting.rules, [check.city_id], check.year, sitting.now, sitting.quiet)
    return sitting.find_check(filing_no)


def _find_valid(sitting: SpotSitting, filing_no: str) -> None:
    check = sitting.find_check(filing_no).check
    spot_checks.lock_check(sitting.connection, check.check_id)
    again = sitting.find_check(filing_no).check
    if again.is_void:
        raise SpotCheckVoid(
            filing_no, user_text=f"{filing_no} 已于此前作废（{again.void_reason}），未重复登记"
        )


def _require_day(sitting: SpotSitting, day: date | None) -> date:
    on = day or sitting.today
    if on > sitting.today:
        raise BadParameter(f"day ahead: {on}", user_text=f"日期 {on} 在今天之后")
    if (sitting.today - on).days > MOST_DAYS_BACK:
        raise BadParameter(f"day too old: {on}", user_text=f"只能登记今天和此前{MOST_DAYS_BACK}天的抽查")
    return on


def _require_open(sitting: SpotSitting, group: Group, day: date) -> None:
    query = directory.groups(day).where(directory.in_subtree(group.unit_path))
    if group.group_id not in {each.group_id for each in directory.load_groups(sitting.connection, query)}:
        text = f"群 {group.code} 在 {day} 未启用或已停用，不能登记"
        raise BadParameter(f"{group.code} is not open", user_text=text)

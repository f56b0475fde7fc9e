"""Phone checks (电话检查, HN-4.1b) and site visits (现场督导, HN-4.1f). In the caller's transaction.

Visits are for reference (参考依据): nothing here gives or takes points.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from monitor.errors import BadParameter, NotFound, StateError
from monitor.masking import mask_name
from monitor.spot_checks import NumberKind, pair_for_visits
from monitor.store import directory
from monitor.store.operations.audit import load_audit
from monitor.store.spot_checks import rows as spot_checks
from monitor.store.spot_checks import visits as site_visits
from monitor.store.spot_checks.visits import PhoneCheck as PhoneCheck
from monitor.store.spot_checks.visits import SiteVisit as SiteVisit
from monitor.units import Unit
from monitor.usecases.spot_checks.desk import UNDO_WITHIN, SpotSitting, clean_text, require_inspector
from monitor.usecases.spot_checks.file import UndoTooLate

MOST_LISTED = 200
MOST_PLANNED = 100
LAST_DAY = (12, 31)
"""“12月底前” (HN-4.1f) read as 12-31 (推定)."""
_PHONED = "phone_check.filed"


class VisitNotFound(NotFound):
    """No visit of that number, or none in scope: the same text."""

    code = "visit_not_found"
    user_text = "未找到该督导记录"


@dataclass(frozen=True, slots=True)
class PhoneFiled:
    """A filed phone check; `number` takes it back, 0 for a double submission."""

    phone_no: str
    unit: Unit
    finding: str
    number: int


def file_phone_check(
    sitting: SpotSitting, unit_code: str, finding: str, whom_role: str = "", whom_name: str = ""
) -> PhoneFiled:
    """File a phone check of a unit: of the person called role and masked name are kept.

    The same words about the same unit within ten minutes are filed once.
    Source: HN-4.1b.
    Raises: CommandError for who is not an inspector; OutOfScope; BadParameter without a finding.
    """
    require_inspector(sitting.viewer)
    said = clean_text(finding, "检查内容")
    unit = sitting.find_unit(unit_code)
    actor = sitting.viewer.identity
    since = sitting.now - UNDO_WITHIN
    same = site_visits.find_same_phone_check(sitting.connection, actor, unit.unit_id, said, since)
    if same is not None:
        return PhoneFiled(same, unit, said, 0)
    phone_no = spot_checks.take_number(sitting.connection, NumberKind.PHONE_CHECK, sitting.today.year)
    check_id = site_visits.insert_phone_check(
        sitting.connection,
        number=phone_no,
        unit_id=unit.unit_id,
        whom_role=clean_text(whom_role, "职务", is_required=False)[:50],
        whom_name=mask_name(whom_name.strip()),
        finding=said,
        actor=actor,
        actor_name=sitting.actor_name,
        at=sitting.now,
    )
    number = sitting.record(_PHONED, f"phone_check:{phone_no}", id=check_id, unit=unit.code)
    return PhoneFiled(phone_no, unit, said, number)


def take_back_phone_check(sitting: SpotSitting, number: int) -> str | None:
    """Take back a phone check of one's own within ten minutes; return its number, None if it is not one.

    Raises: UndoTooLate.
    """
    entry = load_audit(sitting.connection, number, sitting.viewer.identity, _PHONED)
    if entry is None:
        return None
    require_inspector(sitting.viewer)
    if sitting.now - entry.at > UNDO_WITHIN:
        raise UndoTooLate(f"record {number}", user_text="已超过10分钟，不能撤销")
    site_visits.void_phone_check(sitting.connection, int(entry.detail["id"]), sitting.now)
    sitting.record("phone_check.taken_back", entry.subject)
    return entry.subject.removeprefix("phone_check:")


def list_phone_checks(sitting: SpotSitting) -> list[PhoneCheck]:
    """Return the phone checks of the subtree, newest first."""
    return site_visits.load_phone_checks(sitting.connection, sitting.viewer.unit_path, MOST_LISTED)


def plan_visit(
    sitting: SpotSitting, unit_code: str, planned_on: date, team: str = "", visitor_code: str = ""
) -> str:
    """Plan a visit by a team (督导组) or by another unit (交叉检查), never by the unit itself.

    Source: HN-4.1f; the deadline 12-31 推定.
    Returns: its number.
    Raises: CommandError for who is not an inspector; OutOfScope; BadParameter.
    """
    require_inspector(sitting.viewer)
    unit = sitting.find_unit(unit_code)
    visitor = sitting.find_unit(visitor_code) if visitor_code.strip() else None
    named = clean_text(team, "督导组", is_required=visitor is None)
    if visitor is not None:
        _refuse_own(unit, visitor)
    _require_ahead(sitting, planned_on)
    return _insert(sitting, unit, visitor, planned_on, named)


def plan_cross_visits(sitting: SpotSitting, unit_codes: Sequence[str], planned_on: date) -> list[str]:
    """Plan a cross inspection (交叉检查) among units: each is visited once, never by itself.

    Source: HN-4.1f.
    Returns: the numbers of the visits.
    Raises: CommandError for who is not an inspector; OutOfScope; BadParameter.
    """
    require_inspector(sitting.viewer)
    _require_ahead(sitting, planned_on)
    if len(unit_codes) > MOST_PLANNED:
        raise BadParameter("too many units", user_text=f"一次最多安排 {MOST_PLANNED} 个单位")
    units = {unit.code: unit for unit in (sitting.find_unit(code) for code in unit_codes)}
    for first, second in combinations(units.values(), 2):
        _refuse_own(first, second)  # before anything is drawn: whether it is refused is no matter of chance
    seed = sitting.new_seed()
    numbers = []
    for visitor_code, unit_code in pair_for_visits(units, seed):
        numbers.append(_insert(sitting, units[unit_code], units[visitor_code], planned_on, "交叉检查"))
    sitting.record("site_visit.paired", "site_visit:cross", seed=seed, numbers=numbers)
    return numbers


def record_findings(sitting: SpotSitting, number: str, visited_on: date, findings: str) -> SiteVisit:
    """Write what a visit found; what was written before stays in the audit.

    Source: HN-4.1f.
    Raises: CommandError for who is not an inspector; VisitNotFound; BadParameter.
    """
    require_inspector(sitting.viewer)
    said = clean_text(findings, "督导情况")
    visit = _find(sitting, number)
    if visited_on > sitting.today:
        raise BadParameter("not yet", user_text=f"日期 {visited_on} 在今天之后")
    site_visits.change_visit(sitting.connection, visit.visit_id, visited_on=visited_on, findings=said)
    sitting.record(
        "site_visit.findings",
        f"site_visit:{number}",
        before=visit.findings,
        after=said,
        visited_on=visited_on.isoformat(),
    )
    return _find(sitting, number)


def list_visits(sitting: SpotSitting, year: int) -> list[SiteVisit]:
    """Return the visits to units of the subtree in a year, by day."""
    return site_visits.load_visits(sitting.connection, sitting.viewer.unit_path, year)


def list_visitable(sitting: SpotSitting) -> list[Unit]:
    """Return the person's own unit and the units right below it, in order of code."""
    own = sitting.find_unit(None)
    return [own, *directory.load_children(sitting.connection, own.unit_id)]


def _find(sitting: SpotSitting, number: str) -> SiteVisit:
    found = site_visits.load_visits(sitting.connection, sitting.viewer.unit_path, 0, number)
    if not found:
        raise VisitNotFound(f"visit {number!r} asked by {sitting.viewer.identity}")
    return found[0]


def _insert(sitting: SpotSitting, unit: Unit, visitor: Unit | None, planned_on: date, team: str) -> str:
    year = planned_on.year
    number = spot_checks.take_number(sitting.connection, NumberKind.SITE_VISIT, year)
    site_visits.insert_visit(
        sitting.connection,
        number=number,
        year=year,
        unit_id=unit.unit_id,
        visitor_unit_id=visitor.unit_id if visitor else None,
        team=team,
        planned_on=planned_on,
        findings="",
        actor=sitting.viewer.identity,
        actor_name=sitting.actor_name,
        at=sitting.now,
    )
    sitting.record("site_visit.planned", f"site_visit:{number}", unit=unit.code, on=planned_on.isoformat())
    return number


def _refuse_own(unit: Unit, visitor: Unit) -> None:
    """Refuse a unit that would inspect itself, a unit below it or one above it."""
    if unit.path.startswith(visitor.path) or visitor.path.startswith(unit.path):
        text = "交叉检查不能由本单位（或其上下级）检查自己"
        raise StateError(f"{visitor.code} would inspect {unit.code}", user_text=text)


def _require_ahead(sitting: SpotSitting, day: date) -> None:
    if day.year not in (sitting.today.year, sitting.today.year + 1):
        text = f"督导日期应在 {sitting.today.year} 或 {sitting.today.year + 1} 年内，且在12月底前（HN-4.1f）"
        raise BadParameter(f"visit on {day}", user_text=text)

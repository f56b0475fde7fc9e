"""What people read of the ledger (台账): a unit's ledger, its posts, what waits, what was found. Reads only.

Leaders read the same without names of persons below unit level (requirement D.6): here, for pages, chat and
documents alike.
Functions of a clerk. Key types: `ManagersReading`, `UnitPost`.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from monitor.assessment.dossier import BaseKind
from monitor.clock import Period
from monitor.days.topics import Topic, open_topics
from monitor.errors import BadParameter, CommandError
from monitor.ledger.discretion import hide_in_changes, hide_in_terms, hide_in_uses, hide_names
from monitor.ledger.ledger import BaseFigure, LedgerChange, LedgerReading, measure_all, members_on
from monitor.ledger.reconciliation import MismatchFinding, Reconciliation, UnknownGroup
from monitor.ledger.terms import InactivityRule, Place, Term, TermUse, read_inactivity, suggest_change
from monitor.store import directory
from monitor.store.assessment import acts as assessment_acts
from monitor.store.assessment import facts as assessment_facts
from monitor.store.ledger import queries as ledger_queries
from monitor.store.ledger import reconcile_rows
from monitor.units import Group, Role, Unit
from monitor.usecases.ledger.desk import Clerk
from monitor.usecases.ledger.staffing import find_vacancies

MOST_GROUPS = 5_000
MOST_TERMS = 500
MOST_DAYS = 400
D_02 = "D-02"
USE_DAYS = 30


@dataclass(frozen=True, slots=True)
class UnitPost:
    """A unit with its terms of designated officers, those in office first, then the latest."""

    unit: Place
    in_office: tuple[Term, ...]
    former: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class ManagersReading:
    """Officers and managers of a subtree: posts, what is wrong, and how managers are used."""

    unit: Unit
    posts: tuple[UnitPost, ...]
    vacancies: tuple[MismatchFinding, ...]
    uses: tuple[TermUse, ...]
    rule: InactivityRule
    n_managers: int
    n_bound: int

    @property
    def suggested(self) -> tuple[TermUse, ...]:
        """Managers whose change is suggested (D-02); a person decides."""
        return tuple(use for use in self.uses if use.suggestion)


@dataclass(frozen=True, slots=True)
class GroupRegister:
    """One group's part of the ledger: its days, terms of managers, open topics and changes, newest first."""

    group: Group
    opened_on: date
    closed_on: date | None
    terms: tuple[Term, ...]
    topics: tuple[Topic, ...]
    changes: tuple[LedgerChange, ...]
    sources: tuple[str, ...]  # that know the group by some id


def read_group(clerk: Clerk, code: str) -> GroupRegister:
    """Return one group's part of the ledger.

    Source: HN-2.1.1.
    Raises: OutOfScope.
    """
    group = clerk.find_group(code)
    connection, group_id = clerk.connection, group.group_id
    opened_on, closed_on, _ = ledger_queries.load_group_days(connection, group_id)
    topics = directory.load_topics(connection, [group_id]).get(group_id, [])
    terms = tuple(reversed(ledger_queries.load_terms_of_group(connection, group_id)))
    changes = tuple(ledger_queries.load_changes_of_group(connection, group_id))
    if clerk.viewer.role is Role.LEADER:
        terms, changes = hide_in_terms(terms), hide_in_changes(changes)
    return GroupRegister(
        group=group,
        opened_on=opened_on,
        closed_on=closed_on,
        terms=terms,
        topics=open_topics(topics, clerk.today),
        changes=changes,
        sources=tuple(ledger_queries.load_sources(connection, group_id)),
    )


def read_place(clerk: Clerk, unit: Unit) -> tuple[list[Unit], list[Unit]]:
    """Return the units from the person's own down to a unit, and its children."""
    above = directory.load_ancestors(clerk.connection, unit.path)
    seen = [one for one in above if clerk.viewer.may_see_unit(one.path)]
    return seen, directory.load_children(clerk.connection, unit.unit_id)


def read_ledger(clerk: Clerk, unit_code: str | None = None, period: Period | None = None) -> LedgerReading:
    """Return the ledger of a unit's subtree; without a period that of the present month so far.

    Source: HN-2.1.1, HN-A2.2a…c.
    Raises: OutOfScope; BadParameter for a period that begins in the future or has more than 400 days.
    """
    unit = clerk.find_unit(unit_code)
    period = _past(clerk, period or Period(clerk.today.replace(day=1), clerk.today))
    connection, path, last = clerk.connection, unit.path, period.last_day
    later = ledger_queries.load_later_members(connection, path, last)
    known = [
        group._replace(members=members_on(group.members, later.get(group.group_id, ()), last))
        for group in ledger_queries.load_ledger_groups(connection, path, period.first_day, last, MOST_GROUPS)
    ]
    figures = assessment_facts.count_groups(connection, unit, last)
    present = {group.group_id: group for group in known}
    n_members = figures.n_members + sum(
        int(min(changes, key=lambda one: one.number).before["members"])
        - int(max(changes, key=lambda one: one.number).after["members"])
        for group_id, changes in later.items()
        if group_id in present and present[group_id].is_open_on(last)
    )
    covered = {
        BaseKind.MEMBERS: n_members,
        BaseKind.GROUPS: figures.n_groups,
        BaseKind.ORGANISATIONS: figures.n_organisations,
    }
    rubric = clerk.rules.on(last).rulebook.rubric
    reading = LedgerReading(
        unit=unit,
        period=period,
        groups=tuple(group for group in known if group.is_open_on(last)),
        opened=tuple(group for group in known if _is_in(group.opened_on, period)),
        closed=tuple(group for group in known if _is_in(group.closed_on, period)),
        accounts=tuple(ledger_queries.load_ledger_accounts(connection, path)),
        coverage=measure_all(rubric, covered, _bases(clerk, unit, last.year)),
        changes=tuple(ledger_queries.load_changes(connection, path, period.first_day, last)),
        n_groups=figures.n_groups,
        n_members=n_members,
        n_units=ledger_queries.count_units(connection, path),
        n_units_with_groups=figures.n_organisations,
        n_pending=ledger_queries.count_pending(connection, path),
        made_at=clerk.now,
    )
    return hide_names(reading) if clerk.viewer.role is Role.LEADER else reading


def read_managers(clerk: Clerk, unit_code: str | None = None) -> ManagersReading:
    """Return officers and group managers of a subtree with vacancies and suggestions (D-02).

    Source: HN-2.1.4, HN-2.2.2a…c.
    Raises: OutOfScope.
    """
    unit = clerk.find_unit(unit_code)
    connection, day = clerk.connection, clerk.today
    officers: dict[int, list[Term]] = {}
    for term in ledger_queries.load_officers(connection, unit.path):
        officers.setdefault(term.place_id, []).append(term)
    switch = clerk.rules_today().switches[D_02]
    rule = read_inactivity(switch.chosen, switch.parameters)
    yesterday = day - timedelta(days=1)
    period = Period(day - timedelta(days=USE_DAYS), yesterday)
    uses = [
        _with_suggestion(use, rule, clerk)
        for use in reconcile_rows.load_uses(connection, unit.path, period, MOST_TERMS)
    ]
    n_managers, n_bound = ledger_queries.count_managers(connection, unit.path, day)
    return ManagersReading(
        unit=unit,
        posts=tuple(
            _post(place, officers.get(place.place_id, []), clerk)
            for place in ledger_queries.load_unit_places(connection, unit.path, unit.unit_id)
        ),
        vacancies=tuple(find_vacancies(connection, unit.path, day)),
        uses=hide_in_uses(uses) if clerk.viewer.role is Role.LEADER else tuple(uses),
        rule=rule,
        n_managers=n_managers,
        n_bound=n_bound,
    )


def _with_suggestion(use: TermUse, rule: InactivityRule, clerk: Clerk) -> TermUse:
    """Return the use of a term with what D-02 suggests about it."""
    return use._replace(suggestion=suggest_change(use, rule, clerk.today))


def read_requests(clerk: Clerk) -> tuple[list[LedgerChange], list[LedgerChange]]:
    """Return what waits for this person to decide, and what their own unit waits for, oldest first.

    Source: requirement D.4.
    """
    pending = ledger_queries.load_pending(clerk.connection, clerk.viewer.unit_path)
    own = [] if clerk.is_of_root else [one for one in pending if one.unit_path == clerk.viewer.unit_path]
    return [one for one in pending if one not in own], own


def read_unknown(clerk: Clerk) -> list[UnknownGroup]:
    """Return the unregistered groups (未登记的群); they belong to no unit, so only the root sees them.

    Source: design §3.
    Raises: CommandError for everybody else, whatever there is.
    """
    if clerk.viewer.unit_path.count("/") != 2 or clerk.viewer.role is Role.GROUP_MANAGER:
        text = "未登记的群尚不属于任何单位，名单由团省委查看；知道外部编号时可申请认领：认领 编号 群编号"
        raise CommandError("not of the root", user_text=text)
    return ledger_queries.load_unknown(clerk.connection)


def read_reconciliation(clerk: Clerk, unit_code: str | None = None) -> tuple[Unit, Reconciliation | None]:
    """Return the newest reconciliation with the findings of a unit's subtree; None before the first.

    Source: HN-2.1.1, D-01.
    Raises: OutOfScope.
    """
    unit = clerk.find_unit(unit_code)
    return unit, reconcile_rows.load_latest_report(clerk.connection, unit.path)


def _bases(clerk: Clerk, unit: Unit, year: int) -> dict[BaseKind, BaseFigure]:
    """Return the bases of a year, else those of the year before; the reading names the year."""
    for asked in (year, year - 1):
        found = assessment_acts.load_bases(clerk.connection, unit.unit_id, asked)
        if found:
            return {kind: BaseFigure(kind, asked, base.number, base.source) for kind, base in found.items()}
    return {}


def _is_in(day: date | None, period: Period) -> bool:
    return day is not None and period.first_day <= day <= period.last_day


def _past(clerk: Clerk, period: Period) -> Period:
    if period.first_day > clerk.today:
        raise BadParameter("future period", user_text=f"日期 {period.first_day} 在今天之后，尚无数据")
    if len(period) > MOST_DAYS:
        raise BadParameter("long period", user_text=f"期间最长 {MOST_DAYS} 天")
    return replace(period, last_day=min(period.last_day, clerk.today))


def _post(place: Place, terms: list[Term], clerk: Clerk) -> UnitPost:
    held = tuple(term for term in terms if term.holds_on(clerk.today))
    former = tuple(sorted((term for term in terms if term not in held), key=lambda term: term.since))
    return UnitPost(place, held, former[::-1])

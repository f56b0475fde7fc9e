"""A few changes of the demonstration's ledger: members, requests that wait, a vacancy, a reconciliation.

They go through the real use cases; only the instants are set back. No real person.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from monitor.ledger.registration import NewGroup
from monitor.store import directory
from monitor.store.database import Database
from monitor.store.days import grades
from monitor.store.ledger import queries as ledger_queries
from monitor.store.ledger import rows as ledger_rows
from monitor.store.ledger.rows import Connection
from monitor.units import Role, Viewer
from monitor.usecases.demo.names import CITIES, PROVINCE_CODE
from monitor.usecases.ledger.desk import Clerk, Ledger
from monitor.usecases.ledger.groups import change_members, decide_request, open_group
from monitor.usecases.ledger.people import end_manager
from monitor.usecases.ledger.reconcile import make_reconciliation
from monitor.usecases.ledger.staffing import refresh_staffing
from monitor.usecases.rules.in_force import AnyRules

_ACTOR = "demo:admin"
_VACANT_CITY = 3  # whose officer has left
_MOST_MEMBERS = 480


class _Growth(NamedTuple):
    """How a group's members changed: the group by its place in the list, days ago, by how many."""

    place: int
    days_ago: int
    n_more: int


_GROWTH = (_Growth(1, 12, 14), _Growth(4, 9, 22), _Growth(9, 6, -5), _Growth(14, 2, 35))


def add_ledger_changes(
    database: Database, rules: AnyRules, groups: Sequence[NewGroup], now: datetime
) -> None:
    """Write the changes as people would have entered them during the last two weeks."""
    ledger = Ledger(database, lambda: now, rules)
    for growth in _GROWTH:
        group = groups[growth.place]
        at = now - timedelta(days=growth.days_ago)
        database.write(partial(_grow, ledger=ledger, group=group, n_more=growth.n_more, at=at))
    database.write(partial(_ask, ledger=ledger, now=now))
    database.write(partial(_leave, ledger=ledger, group=groups[20], now=now))
    database.write(partial(_finish, now=now))


def _grow(connection: Connection, *, ledger: Ledger, group: NewGroup, n_more: int, at: datetime) -> int:
    members = min(group.member_count + n_more, _MOST_MEMBERS)
    clerk = _clerk(connection, ledger, PROVINCE_CODE, Role.INSPECTOR, at)
    return change_members(clerk, group.code, members).number


def _ask(connection: Connection, *, ledger: Ledger, now: datetime) -> int:
    """Let three towns of the first city ask for groups: one is returned, two wait."""
    city = directory.load_unit_by_code(connection, CITIES[0].code)
    towns = directory.load_children(connection, int(city.unit_id)) if city else []
    decisions = (None, False, None)
    for days_ago, (town, is_approved) in enumerate(zip(towns, decisions, strict=False), start=1):
        at = now - timedelta(days=4 - days_ago)
        clerk = _clerk(connection, ledger, town.code, Role.BRANCH_ADMIN, at)
        asked = open_group(clerk, f"{town.name.removesuffix('团委')}青年志愿群", 60 + 10 * days_ago).change
        if asked is not None and is_approved is not None:
            above = _clerk(connection, ledger, CITIES[0].code, Role.UNIT_ADMIN, at + timedelta(hours=2))
            note = "" if is_approved else "与现有群重复，请先核对"
            decide_request(above, asked.number, is_approved=is_approved, note=note)
    return len(towns)


def _leave(connection: Connection, *, ledger: Ledger, group: NewGroup, now: datetime) -> int:
    """Let a city's officer and a group's manager leave, so that a vacancy can be seen."""
    city = directory.load_unit_by_code(connection, CITIES[_VACANT_CITY].code)
    at = now - timedelta(days=3)
    for term in ledger_queries.load_officers(connection, city.path) if city else []:
        if city is not None and term.place_id == city.unit_id and term.until is None:
            ledger_rows.end_officer(connection, term.term_id, at.date())
    clerk = _clerk(connection, ledger, PROVINCE_CODE, Role.INSPECTOR, at)
    for name in group.managers[:1]:
        end_manager(clerk, group.code, name, "工作调动")
    return 1


def _finish(connection: Connection, *, now: datetime) -> int:
    """Find the vacancies and make the first report as the jobs would."""
    refresh_staffing(connection, grades.load_root_path(connection) or "/", now)
    return make_reconciliation(connection, now, "demo") or 0


def _clerk(connection: Connection, ledger: Ledger, code: str, role: Role, at: datetime) -> Clerk:
    unit = directory.load_unit_by_code(connection, code)
    if unit is None:
        raise LookupError(f"no unit {code}")
    viewer = Viewer(f"{_ACTOR}:{code}", role, unit.unit_id, unit.path, "（演示）")
    return ledger.clerk(connection, viewer, at)

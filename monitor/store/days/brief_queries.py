"""Incidents of a subtree and a period, counted for a brief (简报). Functions of a connection."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection as Connection
from sqlalchemy import select

from monitor.days.briefs import IncidentSummary
from monitor.incidents.course import HARMFUL, SETTLED, IncidentState, combine_states
from monitor.store.directory import in_subtree
from monitor.store.incidents.tables import IncidentPlaceRow, IncidentRow
from monitor.store.tables import UnitRow, table_of

_incident = table_of(IncidentRow)
_place = table_of(IncidentPlaceRow)
_unit = table_of(UnitRow)


def summarise_incidents(
    connection: Connection, path: str, since: datetime, until: datetime
) -> IncidentSummary:
    """Count the incidents found in [since, until) with a place in a subtree, by the state of those places.

    待审 is no alarm yet and 撤回 never was one: neither counts.
    """
    query = (
        select(_incident.c.id, _incident.c.categories, _place.c.state)
        .join(_place, _place.c.incident_id == _incident.c.id)
        .join(_unit, _unit.c.id == _place.c.unit_id)
        .where(in_subtree(path), _incident.c.found_at >= since, _incident.c.found_at < until)
    )
    states: dict[int, list[IncidentState]] = {}
    categories: dict[int, list[str]] = {}
    for incident_id, named, state in connection.execute(query):
        states.setdefault(incident_id, []).append(IncidentState(state))
        categories[incident_id] = named
    combined = {incident_id: combine_states(found) for incident_id, found in states.items()}
    silent = (IncidentState.REVIEW, IncidentState.WITHDRAWN)
    counted = {incident_id: state for incident_id, state in combined.items() if state not in silent}
    return _summarise(counted.values(), (name for one in counted for name in categories[one]))


def _summarise(states: Iterable[IncidentState], categories: Iterable[str]) -> IncidentSummary:
    found = Counter(states)
    by_category = sorted(Counter(categories).items(), key=lambda entry: (-entry[1], entry[0]))
    return IncidentSummary(
        n_found=found.total(),
        n_confirmed=sum(n for state, n in found.items() if state in HARMFUL),
        n_closed=found[IncidentState.CLOSED],
        n_false_alarms=found[IncidentState.FALSE_ALARM],
        n_open=sum(n for state, n in found.items() if state not in SETTLED),
        by_category=tuple(by_category),
    )

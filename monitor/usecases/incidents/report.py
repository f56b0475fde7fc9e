"""Report an incident (举报), and take a report back within ten minutes (撤销).

Functions of a docket, in the caller's transaction. Key type: `Reported`.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from monitor.clock import business_day
from monitor.errors import BadParameter, OutOfScope
from monitor.incidents.course import (
    SETTLED,
    IncidentAct,
    IncidentOrigin,
    IncidentState,
    Suspicion,
    merge_key,
    report_key,
)
from monitor.store.delivery.alerts import load_watchers
from monitor.store.incidents import queries as incident_queries
from monitor.store.incidents import rows as incidents
from monitor.store.incidents.rows import HistoryEntry, NewPlace
from monitor.store.operations.audit import insert_audit
from monitor.units import Group, Role
from monitor.usecases import scope
from monitor.usecases.incidents.alerts import tell_of_places
from monitor.usecases.incidents.desk import Docket, IncidentNotFound, require_writer

UNDO_WITHIN = timedelta(minutes=10)
_LEAST_CHARS = 2
_MOST_CHARS = 2_000


@dataclass(frozen=True, slots=True)
class Reported:
    """What became of a report. `number` takes it back; 0 when it had been reported before.

    `told` says how many people of which role were told at once.
    """

    incident_id: int
    number: int
    place_label: str
    told: tuple[tuple[str, int], ...] = ()

    @property
    def is_new(self) -> bool:
        """Tell whether this report is the one that counts."""
        return self.number != 0


def report_incident(
    docket: Docket, text: str, group_code: str = "", origin: IncidentOrigin = IncidentOrigin.REPORTED
) -> Reported:
    """Report 不良信息 in a group, or in the person's unit; the same report again changes nothing.

    A text that is an open incident already becomes a further place of it. People are told at once.
    Source: HN-2.2.1c; requirement D.5.

    Args:
        docket: of the person who reports.
        text: what was seen, or what it is about.
        group_code: the group; a manager of one group need not say it.
        origin: 举报 or 自报.

    Raises: BadParameter, IncidentNotFound (a group out of scope), ReadOnlyRole.
    """
    require_writer(docket.viewer)
    body = text.strip()[:_MOST_CHARS]
    if len(body) < _LEAST_CHARS:
        raise BadParameter("no text", user_text="请写明举报内容，例：举报 群内有人发布广告")
    group = find_reported_group(docket, group_code)
    unit_id = group.unit_id if group else docket.viewer.unit_id
    place_key = f"g{group.group_id}" if group else f"u{unit_id}"
    label = f"{group.code} {group.name}" if group else "本单位"
    incident_id = _open(docket, body, place_key, origin)
    known = incident_queries.find_place_id(docket.connection, incident_id, place_key)
    if known is not None and _is_open(docket, incident_id, known):
        return Reported(incident_id, 0, label)
    group_id = group.group_id if group else None
    reporter = docket.viewer.identity
    place = NewPlace(place_key, group_id, unit_id, IncidentState.FOUND, reported_by=reporter)
    place_id, _ = incidents.add_place(docket.connection, incident_id, place, docket.now)
    number = _record(docket, incident_id, place_id)
    incidents.settle_incident(docket.connection, incident_id, docket.now)
    told = tell_of_places(docket.connection, docket.setting, docket.now, docket.quiet, [incident_id])
    return Reported(incident_id, number, label, _count_roles(docket, told))


def find_reported_group(docket: Docket, group_code: str) -> Group | None:
    """Return the group that a report is about; None is the unit as a whole.

    Raises: IncidentNotFound for a group out of scope, BadParameter for a manager who must say which.
    """
    viewer = docket.viewer
    if group_code:
        try:
            return scope.find_group(docket.connection, viewer, group_code)
        except OutOfScope as error:
            text = "未找到该群，可回复 群 列出"
            raise IncidentNotFound(f"group {group_code!r} asked", user_text=text) from error
    if viewer.role is not Role.GROUP_MANAGER:
        return None
    own = docket.groups_of_viewer()
    if len(own) != 1:
        raise BadParameter("several groups", user_text="请写明群编号，例：举报 LC0101 群内有人发布广告")
    return own[0]


def take_back_report(docket: Docket, number: int) -> int | None:
    """Take back a report of this person by its number; return the incident, None if it is none of theirs.

    Possible within ten minutes and while nobody has acted on it. Source: requirement D.0.
    """
    since = docket.now - UNDO_WITHIN
    found = incident_queries.find_own_report(docket.connection, number, docket.viewer.identity, since)
    if found is None:
        return None
    incident_id, place_ids = found
    incidents.lock_incident(docket.connection, incident_id)
    again = incident_queries.find_own_report(docket.connection, number, docket.viewer.identity, since)
    if again is None:
        return None
    for place_id in place_ids:
        values = {"settled_at": docket.now}
        incidents.move_place(docket.connection, place_id, IncidentState.WITHDRAWN, values)
    incidents.settle_incident(docket.connection, incident_id, docket.now)
    entry = HistoryEntry(
        IncidentAct.WITHDRAW, docket.viewer.identity, docket.viewer.role.value, "", place_ids
    )
    incidents.write_history(docket.connection, incident_id, entry, docket.now)
    subject, detail = f"incident:{incident_id}", {"report": number}
    insert_audit(docket.connection, docket.viewer.identity, "incident.withdrawn", subject, detail, docket.now)
    return incident_id


def _count_roles(docket: Docket, recipients: Collection[str]) -> tuple[tuple[str, int], ...]:
    watchers = load_watchers(docket.connection, business_day(docket.now))
    roles = Counter(watcher.role for watcher in watchers if watcher.recipient in set(recipients))
    return tuple((role.value, roles[role]) for role in Role if roles[role])


def _open(docket: Docket, text: str, place_key: str, origin: IncidentOrigin) -> int:
    """Return the incident of the text: the open one that carries it, else one of this report."""
    known = incident_queries.find_open_id(docket.connection, merge_key(text))
    if known is not None:
        incidents.lock_incident(docket.connection, known)
        return known
    key = report_key(text, place_key)
    suspicion = Suspicion(is_harmful=True)
    state = IncidentState.FOUND
    return incidents.open_incident(docket.connection, key, origin, state, text, suspicion, docket.now)[0]


def _is_open(docket: Docket, incident_id: int, place_id: int) -> bool:
    found = incident_queries.read_incidents(docket.connection, [incident_id], docket.setting)
    states = {place.place.place_id: place.state for place in found[incident_id].places}
    return states[place_id] not in SETTLED | {IncidentState.REVIEW}


def _record(docket: Docket, incident_id: int, place_id: int) -> int:
    """Write the report into history, by role only, and into the audit; return the audit's number."""
    viewer = docket.viewer
    entry = HistoryEntry(
        IncidentAct.FIND, viewer.identity, viewer.role.value, "举报", [place_id], {"is_report": True}
    )
    event = incidents.write_history(docket.connection, incident_id, entry, docket.now)
    detail: dict[str, object] = {"event": event, "places": [place_id]}
    subject = f"incident:{incident_id}"
    return insert_audit(
        docket.connection, viewer.identity, incident_queries.REPORTED, subject, detail, docket.now
    )

"""Incidents as pages and chat show them: board with timers, card, what is open. Functions of a docket.

Leadership gets them without bodies and without names below unit level (D.6).
"""

from collections.abc import Sequence
from dataclasses import replace

from monitor.assessment.evidence import AcceptedFile, accept_picture
from monitor.incidents.course import SETTLED, IncidentState
from monitor.incidents.readings import BoardColumn, HistoryReading, IncidentCard, IncidentReading
from monitor.people.steps import AttachedPicture
from monitor.store.incidents import queries as incident_queries
from monitor.store.people import pictures
from monitor.units import Role, Viewer
from monitor.usecases.incidents.desk import Docket, IncidentNotFound, Incidents

INCIDENT_PICTURE = "incident"
"""Purpose of the pictures that belong to incidents."""
OPEN = tuple(state for state in IncidentState if state not in SETTLED)
ALARMING = tuple(state for state in OPEN if state is not IncidentState.REVIEW)
_BOARD = (
    IncidentState.REVIEW,
    IncidentState.FOUND,
    IncidentState.CONFIRMED,
    IncidentState.DISPOSED,
    IncidentState.GUIDED,
    IncidentState.CLOSED,
    IncidentState.FALSE_ALARM,
)


def load_open(docket: Docket, limit: int) -> list[IncidentReading]:
    """Return what is open and alarming: furthest behind first, then what is due next."""
    found = incident_queries.load_incidents(docket.connection, docket.viewer, docket.setting, ALARMING)
    return [_shown(docket, one) for one in _by_urgency(docket, found)[:limit]]


def load_board(docket: Docket, n_settled: int = 50) -> tuple[BoardColumn, ...]:
    """Return the board: 待审, 发现 … 办结, 误报, each with its incidents, those furthest behind first.

    Args:
        docket: of the viewer.
        n_settled: at most so many of the settled ones, newest first.
    """
    connection, viewer, setting = docket.connection, docket.viewer, docket.setting
    found = incident_queries.load_incidents(connection, viewer, setting, OPEN)
    found += incident_queries.load_incidents(connection, viewer, setting, tuple(SETTLED), n_settled)
    known = {incident.incident_id: _shown(docket, incident) for incident in found}
    columns = []
    for state in _BOARD:
        own = [incident for incident in known.values() if incident.state is state]
        columns.append(BoardColumn(state, tuple(_by_urgency(docket, own))))
    return tuple(columns)


def load_card(docket: Docket, incident_id: int) -> IncidentCard:
    """Return an incident with its history and pictures.

    Raises: IncidentNotFound outside the viewer's scope too.
    """
    incident = docket.find(incident_id)
    place_ids = [one.place.place_id for one in incident.places]
    history = incident_queries.load_history(docket.connection, incident_id, place_ids)
    found = pictures.load_pictures(docket.connection, INCIDENT_PICTURE, [incident_id])
    if docket.viewer.role is Role.LEADER:
        return IncidentCard(incident.without_body(), tuple(_without_names(history)), ())
    return IncidentCard(incident, tuple(history), tuple(_own(docket, incident, found.get(incident_id, []))))


def load_objected(docket: Docket) -> list[IncidentReading]:
    """Return the open incidents that somebody of the viewer's scope objected to, newest first."""
    found = incident_queries.load_incidents(docket.connection, docket.viewer, docket.setting, OPEN)
    objected = incident_queries.load_objected(docket.connection, [one.incident_id for one in found])
    return [
        one
        for one in found
        if objected.get(one.incident_id, set()) & {each.place.place_id for each in one.places}
    ]


def find_incident_picture(docket: Docket, picture_id: int) -> AttachedPicture:
    """Return a picture of an incident that the viewer may see, to be read from the folder by its hash.

    Raises: IncidentNotFound for anything else, and for leadership.
    """
    picture = pictures.find_picture(docket.connection, INCIDENT_PICTURE, picture_id)
    if picture is None or docket.viewer.role is Role.LEADER:
        raise IncidentNotFound(f"picture {picture_id} asked by {docket.viewer.identity}")
    if not _own(docket, docket.find(picture.subject_id), [picture]):
        raise IncidentNotFound(f"picture {picture_id} asked by {docket.viewer.identity}")
    return picture


def show_picture(incidents: Incidents, viewer: Viewer, picture_id: int) -> AcceptedFile:
    """Return a picture with its content; the kind is judged by what it is, not by what it is called.

    Raises: IncidentNotFound also where no folder keeps pictures; StorageError if the file was changed.
    """
    picture = incidents.read(viewer, lambda docket: find_incident_picture(docket, picture_id))
    if incidents.folder is None or not picture.sha256:
        raise IncidentNotFound(f"picture {picture_id} is not kept")
    return accept_picture(f"incident-{picture_id}", incidents.folder.read(picture.sha256))


def _shown(docket: Docket, incident: IncidentReading) -> IncidentReading:
    return incident.without_body() if docket.viewer.role is Role.LEADER else incident


def _by_urgency(docket: Docket, found: Sequence[IncidentReading]) -> list[IncidentReading]:
    def order(incident: IncidentReading) -> tuple[int, float, int]:
        due = incident.next_due
        at = due[1].timestamp() if due else float("inf")
        return -incident.n_missed(docket.now), at, incident.incident_id

    return sorted(found, key=order)


def _without_names(history: Sequence[HistoryReading]) -> list[HistoryReading]:
    return [replace(line, actor_name=line.actor_name.partition(" ")[0], note="") for line in history]


def _own(
    docket: Docket, incident: IncidentReading, found: Sequence[AttachedPicture]
) -> list[AttachedPicture]:
    """Keep the pictures that were handed in for places of the viewer."""
    place_ids = [one.place.place_id for one in incident.places]
    shown = incident_queries.load_picture_ids(docket.connection, incident.incident_id, place_ids)
    return [picture for picture in found if picture.picture_id in shown]

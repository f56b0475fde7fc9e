"""Reading incidents within a viewer's scope. Functions of a connection."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy import Connection as Connection

from monitor.incidents.course import (
    N_TARGETS,
    TIMED,
    IncidentAct,
    IncidentOrigin,
    IncidentState,
    Place,
    Targets,
    pick_targets,
)
from monitor.incidents.readings import HistoryReading, IncidentReading, PlaceReading
from monitor.store.directory import in_subtree
from monitor.store.incidents.tables import (
    IncidentEventRow,
    IncidentPlaceRow,
    IncidentRow,
    IncidentTargetRow,
)
from monitor.store.operations.audit import load_audit
from monitor.store.tables import GroupRow, UnitRow, table_of
from monitor.store.upsert import upserting
from monitor.units import Role, Viewer

_incident = table_of(IncidentRow)
_place = table_of(IncidentPlaceRow)
_event = table_of(IncidentEventRow)
_target = table_of(IncidentTargetRow)
_group = table_of(GroupRow)
_unit = table_of(UnitRow)
_PLACES = (
    select(
        _place,
        _unit.c.code.label("unit_code"),
        _unit.c.name.label("unit_name"),
        _unit.c.path.label("unit_path"),
        _group.c.code.label("group_code"),
        _group.c.name.label("group_name"),
    )
    .join(_unit, _unit.c.id == _place.c.unit_id)
    .outerjoin(_group, _group.c.id == _place.c.group_id)
)
_MOST_INCIDENTS = 500
REPORTED = "incident.reported"
"""Audit of a report: what 撤销 looks for."""
WIDEST = 2_147_483_647
"""Beyond this there is no number."""


class TargetSetting(NamedTuple):
    """The default targets, and those that units set for their subtrees."""

    default: Targets
    of_units: Mapping[int, Targets]


def load_unit_targets(connection: Connection) -> dict[int, Targets]:
    """Return the time targets that units have set, by unit id."""
    return {
        row.unit_id: Targets(
            timedelta(minutes=row.acknowledge_minutes),
            timedelta(minutes=row.dispose_minutes),
            timedelta(minutes=row.follow_up_minutes),
            is_default=False,
        )
        for row in connection.execute(select(_target))
    }


def save_unit_targets(connection: Connection, unit_id: int, targets: Targets, by: str, at: datetime) -> None:
    """Store the time targets of a unit."""
    values: dict[str, Any] = {
        "acknowledge_minutes": int(targets.acknowledge.total_seconds()) // 60,
        "dispose_minutes": int(targets.dispose.total_seconds()) // 60,
        "follow_up_minutes": int(targets.follow_up.total_seconds()) // 60,
        "set_at": at,
        "set_by": by,
    }
    statement = upserting(connection)(_target).values(unit_id=unit_id, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["unit_id"], set_=values))


def load_incidents(
    connection: Connection,
    viewer: Viewer,
    setting: TargetSetting,
    states: Collection[IncidentState] = (),
    limit: int = _MOST_INCIDENTS,
) -> list[IncidentReading]:
    """Return incidents with places that a viewer may see, newest first.

    Args:
        viewer: whose scope counts.
        setting: time targets.
        states: only incidents with a visible place in one of them; none means all.
        limit: at most so many.
    """
    wanted = [_may_see(viewer)]
    if states:
        wanted.append(_place.c.state.in_([state.value for state in states]))
    query = select(_place.c.incident_id).join(_unit, _unit.c.id == _place.c.unit_id).where(*wanted)
    newest = query.distinct().order_by(_place.c.incident_id.desc()).limit(limit)
    ids = list(connection.execute(newest).scalars())
    found = read_incidents(connection, ids, setting, viewer)
    return [found[incident_id] for incident_id in ids]


def find_incident(
    connection: Connection, viewer: Viewer, setting: TargetSetting, incident_id: int
) -> IncidentReading | None:
    """Return one incident with the places that a viewer may see; None if there are none."""
    if not 0 < incident_id <= WIDEST:
        return None
    return read_incidents(connection, [incident_id], setting, viewer).get(incident_id)


def read_incidents(
    connection: Connection, ids: Collection[int], setting: TargetSetting, viewer: Viewer | None = None
) -> dict[int, IncidentReading]:
    """Return incidents by id with the places in a viewer's scope, or with all; one without any is absent."""
    query = _PLACES.where(_place.c.incident_id.in_(ids)).order_by(_place.c.id)
    if viewer is not None:
        query = query.where(_may_see(viewer))
    places: dict[int, list[PlaceReading]] = defaultdict(list)
    for row in connection.execute(query):
        places[row.incident_id].append(_to_place(row, setting))
    rows = connection.execute(select(_incident).where(_incident.c.id.in_(list(places))))
    return {row.id: _to_incident(row, places[row.id]) for row in rows}


def count_open(connection: Connection, viewer: Viewer, states: Collection[IncidentState]) -> int:
    """Return how many incidents have a place in a viewer's scope in one of the states."""
    query = select(func.count(_place.c.incident_id.distinct())).join(_unit, _unit.c.id == _place.c.unit_id)
    return int(
        connection.execute(
            query.where(_may_see(viewer), _place.c.state.in_([state.value for state in states]))
        ).scalar_one()
    )


def load_untold(connection: Connection) -> dict[int, list[int]]:
    """Return the places that nobody was told about yet, by incident; 待审 is not told."""
    alarming = [IncidentState.FOUND.value, IncidentState.CONFIRMED.value]
    query = select(_place.c.incident_id, _place.c.id).where(
        _place.c.told_at.is_(None), _place.c.state.in_(alarming)
    )
    found: dict[int, list[int]] = defaultdict(list)
    for incident_id, place_id in connection.execute(query.order_by(_place.c.id)):
        found[incident_id].append(place_id)
    return found


def load_running_ids(connection: Connection) -> list[int]:
    """Return the incidents with a place that may still fall behind further than was told."""
    timed = [state.value for state in TIMED]
    here = (_place.c.state.in_(timed), _place.c.n_targets_missed < N_TARGETS)
    query = select(_place.c.incident_id).where(*here).distinct()
    return sorted(connection.execute(query).scalars())


def load_history(
    connection: Connection, incident_id: int, place_ids: Collection[int]
) -> list[HistoryReading]:
    """Return the history of an incident as far as it concerns some of its places, in order of time."""
    shown = set(place_ids)
    rows = connection.execute(select(_event).where(_event.c.incident_id == incident_id).order_by(_event.c.id))
    return [
        HistoryReading(row.id, row.at, row.act, row.actor_name, row.note, len(shown & set(row.place_ids)))
        for row in rows
        if shown & set(row.place_ids)
    ]


def load_objected(connection: Connection, ids: Collection[int]) -> dict[int, set[int]]:
    """Return the places for which somebody objected, by incident."""
    query = select(_event.c.incident_id, _event.c.place_ids).where(
        _event.c.incident_id.in_(ids), _event.c.act == IncidentAct.OBJECT.value
    )
    found: dict[int, set[int]] = defaultdict(set)
    for incident_id, place_ids in connection.execute(query):
        found[incident_id] |= set(place_ids)
    return found


def load_picture_ids(connection: Connection, incident_id: int, place_ids: Collection[int]) -> set[int]:
    """Return the pictures of an incident that were handed in for one of some places."""
    query = select(_event.c.place_ids, _event.c.detail).where(
        _event.c.incident_id == incident_id, _event.c.act == IncidentAct.PICTURE.value
    )
    shown = set(place_ids)
    return {row.detail["picture"] for row in connection.execute(query) if shown & set(row.place_ids)}


def load_places_of_picture(connection: Connection, incident_id: int, picture_id: int) -> list[int]:
    """Return the places for which a picture was handed in."""
    query = select(_event.c.place_ids, _event.c.detail).where(
        _event.c.incident_id == incident_id, _event.c.act == IncidentAct.PICTURE.value
    )
    found = connection.execute(query).all()
    return next((list(row.place_ids) for row in found if row.detail["picture"] == picture_id), [])


def find_own_report(
    connection: Connection, number: int, by: str, since: datetime
) -> tuple[int, list[int]] | None:
    """Return incident and places of a report by the number of its audit entry, if it may be taken back.

    That is while it is this person's, younger than `since`, and nobody has acted on its places after it.
    """
    audited = load_audit(connection, number, by, REPORTED)
    if audited is None or audited.at <= since:
        return None
    entry = connection.execute(select(_event).where(_event.c.id == audited.detail["event"])).one()
    later = select(_event.c.place_ids).where(
        _event.c.incident_id == entry.incident_id,
        _event.c.id > entry.id,
        _event.c.act.not_in([IncidentAct.PICTURE.value, IncidentAct.REVEAL.value]),
    )
    own = set(entry.place_ids)
    if any(own & set(places) for places in connection.execute(later).scalars()):
        return None
    return entry.incident_id, list(entry.place_ids)


def find_open_id(connection: Connection, key: int) -> int | None:
    """Return the open incident of a key."""
    found = connection.execute(select(_incident.c.id).where(_incident.c.open_key == key)).scalar()
    return None if found is None else int(found)


def find_place_id(connection: Connection, incident_id: int, place_key: str) -> int | None:
    """Return the place of an incident under its key."""
    here = (_place.c.incident_id == incident_id, _place.c.place_key == place_key)
    found = connection.execute(select(_place.c.id).where(*here)).scalar()
    return None if found is None else int(found)


def _may_see(viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition for places in a viewer's scope; needs the unit joined."""
    if viewer.role is Role.GROUP_MANAGER:
        return or_(_place.c.group_id.in_(viewer.group_ids), _place.c.reported_by == viewer.identity)
    condition: ColumnElement[bool] = in_subtree(viewer.unit_path)
    return condition


def _to_place(row: Any, setting: TargetSetting) -> PlaceReading:
    place = Place(
        row.id, IncidentState(row.state), row.found_at, row.acknowledged_at, row.confirmed_at,
        row.disposed_at, row.guided_at, row.settled_at,
    )  # fmt: skip
    return PlaceReading(
        place=place,
        unit_id=row.unit_id,
        unit_code=row.unit_code,
        unit_name=row.unit_name,
        unit_path=row.unit_path,
        group_id=row.group_id,
        group_code=row.group_code or "",
        group_name=row.group_name or "",
        sender=row.sender,
        n_posts=row.n_posts,
        action=row.action,
        holder=row.holder,
        reported_by=row.reported_by,
        n_targets_missed=row.n_targets_missed,
        targets=pick_targets(row.unit_path, setting.default, setting.of_units),
    )


def _to_incident(row: Any, places: Sequence[PlaceReading]) -> IncidentReading:
    return IncidentReading(
        row.id,
        IncidentOrigin(row.origin),
        row.text,
        tuple(row.categories),
        tuple(row.hits),
        tuple(row.reasons),
        row.harm,
        row.found_at,
        tuple(places),
    )

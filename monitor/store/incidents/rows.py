"""Writing incidents: opening them from posts and reports, moving their places, history.

Functions of a connection. An incident's row is locked before its places are written, so that a new place
and the closing of the last one cannot pass each other. Key types: `FoundPost`, `NewPlace`, `HistoryEntry`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection as Connection
from sqlalchemy import insert, select, update

from monitor.incidents.course import (
    FALSE_ALARM_HOLDS,
    HARMFUL,
    OLD_AFTER,
    SETTLED,
    IncidentAct,
    IncidentOrigin,
    IncidentState,
    Suspicion,
    combine_states,
    merge_key,
    returned_state,
)
from monitor.masking import mask_name
from monitor.store.days.post_verdicts import PostKey
from monitor.store.incidents.tables import (
    IncidentEventRow,
    IncidentPlaceRow,
    IncidentPostRow,
    IncidentRow,
)
from monitor.store.tables import GroupRow, table_of
from monitor.store.upsert import upserting

_incident = table_of(IncidentRow)
_place = table_of(IncidentPlaceRow)
_post = table_of(IncidentPostRow)
_event = table_of(IncidentEventRow)
_group = table_of(GroupRow)
SYSTEM = "system:classifier"
_ACTED_ON = (
    "state",
    "found_at",
    "acknowledged_at",
    "confirmed_at",
    "disposed_at",
    "guided_at",
    "settled_at",
    "action",
    "n_targets_missed",
)
"""Columns of a place that an act of a person changes; whom it was told to cannot be unsaid."""


class FoundPost(NamedTuple):
    """A new post that the classifier suspects."""

    key: PostKey
    text: str
    sender_name: str
    occurred_at: datetime
    suspicion: Suspicion


class NewPlace(NamedTuple):
    """A place to be added to an incident. `n_posts` carried the text there."""

    place_key: str
    group_id: int | None
    unit_id: int
    state: IncidentState
    n_posts: int = 0
    sender: str = ""
    reported_by: str = ""


class HistoryEntry(NamedTuple):
    """One line of an incident's history."""

    act: IncidentAct
    actor: str
    actor_name: str
    note: str
    place_ids: Sequence[int]
    detail: Mapping[str, Any] = {}


def open_from_posts(connection: Connection, found: Sequence[FoundPost], now: datetime) -> list[PostKey]:
    """Open or widen incidents for suspected posts; return the posts of places that are confirmed already.

    A text that is the same in many groups is one incident with many places (see `merge_key`). A post of long
    ago only waits under 待审. Source: HN-2.2.1c.
    """
    if not found:
        return []
    by_text: dict[int, list[FoundPost]] = defaultdict(list)
    for post in found:
        by_text[merge_key(post.text)].append(post)
    units = _load_unit_ids(connection, {post.key[0] for post in found})
    excluded: list[PostKey] = []
    for key in sorted(by_text):  # in one order in every process: no deadlock
        fresh = _without_false_alarms(connection, key, by_text[key], now)
        if fresh:
            excluded += _add_posts(connection, key, fresh, units, now)
    return excluded


def open_incident(
    connection: Connection,
    key: int,
    origin: IncidentOrigin,
    state: IncidentState,
    text: str,
    suspicion: Suspicion,
    now: datetime,
) -> tuple[int, bool]:
    """Open the incident of a key, or find the open one; return its id, locked, and whether it is new."""
    values = {
        "merge_key": key,
        "open_key": key,
        "origin": origin.value,
        "state": state.value,
        "text": text,
        "categories": list(suspicion.categories),
        "hits": list(suspicion.hits),
        "reasons": list(suspicion.reasons),
        "harm": suspicion.harm,
        "found_at": now,
    }
    opening = upserting(connection)(_incident).values(**values).on_conflict_do_nothing()
    while True:  # again only if another process settles the incident between the two statements
        number = connection.execute(opening.returning(_incident.c.id)).scalar()
        if number is not None:
            return int(number), True
        known = select(_incident.c.id).where(_incident.c.open_key == key).with_for_update()
        number = connection.execute(known).scalar()
        if number is not None:
            return int(number), False


def add_place(connection: Connection, incident_id: int, place: NewPlace, now: datetime) -> tuple[int, bool]:
    """Add a place to a locked incident, or add its posts to the place that is known.

    A place that was disposed of is open again; one that was under 待审 and is now alarming, too.
    Returns: its id, and whether people are to be told about it.
    """
    key = (_place.c.incident_id == incident_id, _place.c.place_key == place.place_key)
    known = connection.execute(select(_place).where(*key)).one_or_none()
    if known is None:
        values = {**place._asdict(), "state": place.state.value}
        row = connection.execute(
            insert(_place)
            .values(incident_id=incident_id, found_at=now, action="", holder="", n_targets_missed=0, **values)
            .returning(_place.c.id)
        )
        return int(row.scalar_one()), place.state is not IncidentState.REVIEW
    before = IncidentState(known.state)
    after = returned_state(before)
    if before is IncidentState.REVIEW and place.state is IncidentState.FOUND:
        after = IncidentState.FOUND
    values = {"n_posts": known.n_posts + place.n_posts, "state": after.value}
    is_back = after is not before
    if is_back:
        values |= {"found_at": now, "told_at": None, "n_targets_missed": 0, "settled_at": None}
        values |= {"disposed_at": None, "guided_at": None, "acknowledged_at": None}
    connection.execute(update(_place).where(_place.c.id == known.id).values(**values))
    return int(known.id), is_back


def write_history(connection: Connection, incident_id: int, entry: HistoryEntry, now: datetime) -> int:
    """Add a line to the history of an incident; return its number."""
    values = {
        "incident_id": incident_id,
        "at": now,
        "actor": entry.actor,
        "actor_name": entry.actor_name,
        "act": entry.act.value,
        "note": entry.note,
        "place_ids": list(entry.place_ids),
        "detail": dict(entry.detail),
    }
    return int(connection.execute(insert(_event).values(**values).returning(_event.c.id)).scalar_one())


def lock_incident(connection: Connection, incident_id: int) -> None:
    """Keep others from changing an incident until the end of the transaction."""
    connection.execute(select(_incident.c.id).where(_incident.c.id == incident_id).with_for_update())


def move_place(
    connection: Connection, place_id: int, state: IncidentState, values: Mapping[str, Any]
) -> None:
    """Bring a place to a state and note when."""
    connection.execute(
        update(_place).where(_place.c.id == place_id).values(state=state.value, **dict(values))
    )


def change_places(connection: Connection, place_ids: Collection[int], **values: Any) -> None:
    """Write the same values into places."""
    connection.execute(update(_place).where(_place.c.id.in_(place_ids)).values(**values))


def load_places_as_kept(connection: Connection, place_ids: Collection[int]) -> dict[str, dict[str, Any]]:
    """Return the columns that acts change, by place, as JSON keeps them."""
    rows = connection.execute(select(_place).where(_place.c.id.in_(place_ids)))
    return {str(row.id): {name: _as_json(row._mapping[name]) for name in _ACTED_ON} for row in rows}


def restore_places(connection: Connection, kept: Mapping[str, Mapping[str, Any]]) -> None:
    """Bring places back to what `load_places_as_kept` returned."""
    for place_id, columns in kept.items():
        values = {name: _from_json(name, columns[name]) for name in _ACTED_ON}
        connection.execute(update(_place).where(_place.c.id == int(place_id)).values(**values))


def find_later_act(
    connection: Connection, incident_id: int, event_id: int, place_ids: Collection[int]
) -> str:
    """Return the latest act on any of the places after an entry of the history; "" if nothing came after.

    Pictures and looks at the text change nothing and do not count.
    """
    harmless = [IncidentAct.PICTURE.value, IncidentAct.REVEAL.value]
    query = select(_event.c.act, _event.c.place_ids).where(
        _event.c.incident_id == incident_id, _event.c.id > event_id, _event.c.act.not_in(harmless)
    )
    rows = connection.execute(query.order_by(_event.c.id.desc()))
    return next((row.act for row in rows if set(row.place_ids) & set(place_ids)), "")


def _as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _from_json(name: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if name.endswith("_at") and value is not None else value


def settle_incident(connection: Connection, incident_id: int, now: datetime) -> IncidentState:
    """Write the state that an incident has now that its places were changed; return it.

    Its text is free for another incident once it is settled. One that is opened again joins no other: it
    keeps its own number, and new posts of the text go to whichever holds the key.
    """
    rows = connection.execute(select(_place.c.state).where(_place.c.incident_id == incident_id)).scalars()
    state = combine_states(IncidentState(row) for row in rows)
    here = _incident.c.id == incident_id
    own = connection.execute(select(_incident.c.merge_key, _incident.c.open_key).where(here)).one()
    values: dict[str, Any] = {"state": state.value}
    if state in SETTLED:
        values |= {"open_key": None, "settled_at": now}
    elif own.open_key is None:
        taken = connection.execute(select(_incident.c.id).where(_incident.c.open_key == own.merge_key))
        values |= {"open_key": None if taken.first() else own.merge_key, "settled_at": None}
    connection.execute(update(_incident).where(here).values(**values))
    return state


def load_posts_to_change(
    connection: Connection, place_ids: Collection[int], *, excluded: bool
) -> list[PostKey]:
    """Return the posts of places that are to be left out of the count, or taken into it again."""
    query = select(_post.c.group_id, _post.c.business_day, _post.c.event_key)
    rows = connection.execute(query.where(_post.c.place_id.in_(place_ids), _post.c.is_excluded != excluded))
    return [(row[0], row[1], row[2]) for row in rows]


def mark_posts(connection: Connection, keys: Iterable[PostKey], *, excluded: bool) -> None:
    """Note which posts a finding left out of the count."""
    for group_id, day, event_key in keys:
        here = (
            (_post.c.group_id == group_id) & (_post.c.business_day == day) & (_post.c.event_key == event_key)
        )
        connection.execute(update(_post).where(here).values(is_excluded=excluded))


def _add_posts(
    connection: Connection, key: int, posts: Sequence[FoundPost], units: Mapping[int, int], now: datetime
) -> list[PostKey]:
    """Put posts of one text into its incident; return those of places that are confirmed already."""
    by_group: dict[int, list[FoundPost]] = defaultdict(list)
    for post in posts:
        by_group[post.key[0]].append(post)
    states = {group_id: _first_state(some, now) for group_id, some in by_group.items()}
    first = max(posts, key=lambda post: (post.suspicion.is_harmful, post.suspicion.harm or 0))
    incident_id, is_new = open_incident(
        connection,
        key,
        IncidentOrigin.DETECTED,
        combine_states(states.values()),
        first.text,
        first.suspicion,
        now,
    )
    changed, links = [], []
    for group_id, some in sorted(by_group.items()):
        place = NewPlace(
            f"g{group_id}",
            group_id,
            units[group_id],
            states[group_id],
            len(some),
            mask_name(some[0].sender_name),
        )
        place_id, is_to_be_told = add_place(connection, incident_id, place, now)
        changed += [place_id] if is_to_be_told else []
        links += [(place_id, post.key) for post in some]
    _link_posts(connection, links)
    if is_new or changed:
        act = IncidentAct.FIND if is_new else IncidentAct.SPREAD
        ids = changed or [place_id for place_id, _ in links]
        write_history(connection, incident_id, HistoryEntry(act, SYSTEM, "系统识别", "", ids), now)
    settle_incident(connection, incident_id, now)
    return _of_confirmed_places(connection, links)


def _first_state(posts: Sequence[FoundPost], now: datetime) -> IncidentState:
    is_urgent = any(post.suspicion.is_harmful and now - post.occurred_at < OLD_AFTER for post in posts)
    return IncidentState.FOUND if is_urgent else IncidentState.REVIEW


def _link_posts(connection: Connection, links: Sequence[tuple[int, PostKey]]) -> None:
    rows = [
        {
            "place_id": place_id,
            "group_id": key[0],
            "business_day": key[1],
            "event_key": key[2],
            "is_excluded": False,
        }
        for place_id, key in links
    ]
    connection.execute(upserting(connection)(_post).on_conflict_do_nothing(), rows)


def _of_confirmed_places(connection: Connection, links: Sequence[tuple[int, PostKey]]) -> list[PostKey]:
    ids = {place_id for place_id, _ in links}
    states = [state.value for state in HARMFUL]
    query = select(_place.c.id).where(_place.c.id.in_(ids), _place.c.state.in_(states))
    confirmed = set(connection.execute(query).scalars())
    return [key for place_id, key in links if place_id in confirmed]


def _without_false_alarms(
    connection: Connection, key: int, posts: Sequence[FoundPost], now: datetime
) -> list[FoundPost]:
    """Leave out posts whose text somebody has lately found harmless in their group."""
    query = select(_place.c.group_id).join(_incident, _incident.c.id == _place.c.incident_id)
    since: datetime = now - FALSE_ALARM_HOLDS
    where = (
        _incident.c.merge_key == key,
        _place.c.state == IncidentState.FALSE_ALARM.value,
        _place.c.settled_at > since,
    )
    harmless = set(connection.execute(query.where(*where)).scalars())
    return [post for post in posts if post.key[0] not in harmless]


def _load_unit_ids(connection: Connection, group_ids: Collection[int]) -> dict[int, int]:
    query = select(_group.c.id, _group.c.unit_id).where(_group.c.id.in_(group_ids))
    return {row[0]: row[1] for row in connection.execute(query)}


def empty_incidents(connection: Connection, before: datetime, n_most: int) -> int:
    """Empty text, hits and senders of incidents settled before an instant; return how many."""
    old = (_incident.c.settled_at < before, _incident.c.text != "")
    ids = list(connection.execute(select(_incident.c.id).where(*old).limit(n_most)).scalars())
    if ids:
        emptied = {"text": "", "hits": [], "reasons": []}
        connection.execute(update(_incident).where(_incident.c.id.in_(ids)).values(**emptied))
        connection.execute(update(_place).where(_place.c.incident_id.in_(ids)).values(sender=""))
    return len(ids)

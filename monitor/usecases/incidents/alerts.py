"""Tell people of incidents at once, and again layer by layer when a target is missed (HN-2.2.1c, D-03).

A new place is a row that nobody was told about; telling is a step of its own, so that the path of posts
stays short and one message names every place that concerns its reader. Key function: `watch_incidents`.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from monitor.clock import Clock, business_day
from monitor.delivery.outbox import MessageKind, NewMessage, QuietHours
from monitor.incidents.course import IncidentAct, count_missed
from monitor.incidents.readings import IncidentReading, PlaceReading
from monitor.incidents.watch import Layers, group_by_recipient
from monitor.store.database import Database
from monitor.store.delivery.alerts import load_watchers
from monitor.store.delivery.outbox import enqueue
from monitor.store.incidents import queries as incident_queries
from monitor.store.incidents import rows as incidents
from monitor.store.incidents.queries import Connection, TargetSetting
from monitor.store.incidents.rows import HistoryEntry
from monitor.texts.incidents import alert_card, escalation_text
from monitor.usecases.incidents.desk import load_setting
from monitor.usecases.rules.in_force import AnyRules

_ACTOR = "job:incidents"


def watch_incidents(
    database: Database, rules: AnyRules, clock: Clock, quiet: QuietHours | None = None
) -> int:
    """Tell of new places and of missed targets; return how many messages were queued.

    Called every few seconds by any number of processes: what was told is noted in the same transaction.
    Source: HN-2.2.1c, D-03 默认.
    """
    now = clock()
    with database.reading() as connection:
        is_idle = not incident_queries.load_untold(connection)
        is_idle = is_idle and not _find_late(connection, load_setting(connection, rules, now), now)
    if is_idle:
        return 0

    def work(connection: Connection) -> int:
        setting = load_setting(connection, rules, now)
        told = tell_of_places(connection, setting, now, quiet)
        return len(told) + _escalate(connection, setting, now, quiet)

    return database.write(work)


def tell_of_places(
    connection: Connection,
    setting: TargetSetting,
    now: datetime,
    quiet: QuietHours | None = None,
    only: Collection[int] = (),
) -> list[str]:
    """Queue the alert cards of places that nobody was told about; return the recipients.

    Args:
        connection: of the transaction.
        setting: time targets.
        now: the present instant.
        quiet: hours that do not hold for incidents.
        only: these incidents; none means all.
    """
    ids = sorted(only or incident_queries.load_untold(connection))
    for incident_id in ids:
        incidents.lock_incident(connection, incident_id)
    untold = incident_queries.load_untold(connection)
    found = incident_queries.read_incidents(connection, ids, setting)
    layers = Layers(load_watchers(connection, business_day(now))) if ids else Layers(())
    recipients: list[str] = []
    for incident_id in ids:
        place_ids = untold.get(incident_id, [])
        if place_ids:
            messages = _cards(found[incident_id], place_ids, layers)
            enqueue(connection, messages, now, quiet)
            incidents.change_places(connection, place_ids, told_at=now)
            recipients += [message.recipient for message in messages]
    return recipients


def _cards(incident: IncidentReading, place_ids: Collection[int], layers: Layers) -> list[NewMessage]:
    fresh = [place for place in incident.places if place.place.place_id in set(place_ids)]
    told = group_by_recipient((name, place) for place in fresh for name in layers.find_recipients(place))
    messages = []
    for recipient, places in told.items():
        title, text = alert_card(incident, places, layers.roles.get(recipient, ""))
        first = places[0].place
        stamp = int(first.found_at.timestamp())
        key = f"incident:{incident.incident_id}:{first.place_id}:{stamp}:{recipient}"
        messages.append(NewMessage(key, MessageKind.INCIDENT, recipient, title, text))
    return messages


def _find_late(
    connection: Connection, setting: TargetSetting, now: datetime
) -> dict[int, list[tuple[PlaceReading, int]]]:
    """Return the places that have fallen behind further than was told, with how far, by incident."""
    ids = incident_queries.load_running_ids(connection)
    late: dict[int, list[tuple[PlaceReading, int]]] = {}
    for incident_id, incident in incident_queries.read_incidents(connection, ids, setting).items():
        for place in incident.places:
            n_missed = count_missed(place.place, place.targets, now)
            if n_missed > place.n_targets_missed:
                late.setdefault(incident_id, []).append((place, n_missed))
    return late


def _escalate(connection: Connection, setting: TargetSetting, now: datetime, quiet: QuietHours | None) -> int:
    for incident_id in sorted(_find_late(connection, setting, now)):
        incidents.lock_incident(connection, incident_id)
    late = _find_late(connection, setting, now)  # again: somebody may have acted before the lock
    if not late:
        return 0
    layers = Layers(load_watchers(connection, business_day(now)))
    found = incident_queries.read_incidents(connection, list(late), setting)
    return sum(
        _escalate_one(connection, found[incident_id], places, layers, now, quiet)
        for incident_id, places in sorted(late.items())
    )


def _escalate_one(
    connection: Connection,
    incident: IncidentReading,
    late: Collection[tuple[PlaceReading, int]],
    layers: Layers,
    now: datetime,
    quiet: QuietHours | None,
) -> int:
    by_level: Mapping[int, list[PlaceReading]] = {
        level: [place for place, n_missed in late if n_missed == level] for _, level in late
    }
    n_messages = 0
    for level, places in sorted(by_level.items()):
        told = group_by_recipient(
            (name, place) for place in places for name in layers.find_recipients(place, level)
        )
        messages = []
        for recipient, own in told.items():
            title, text = escalation_text(incident, own, level, layers.roles.get(recipient, ""), now)
            first = own[0].place
            stamp = int(first.found_at.timestamp())
            key = f"incident:{incident.incident_id}:{first.place_id}:{stamp}:late{level}:{recipient}"
            messages.append(NewMessage(key, MessageKind.INCIDENT, recipient, title, text))
        n_messages += enqueue(connection, messages, now, quiet)
        ids = [place.place.place_id for place in places]
        incidents.change_places(connection, ids, n_targets_missed=level)
        entry = HistoryEntry(IncidentAct.ESCALATE, _ACTOR, "系统", f"通知 {len(messages)} 人", ids)
        incidents.write_history(connection, incident.incident_id, entry, now)
    return n_messages

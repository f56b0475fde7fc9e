"""The morning digest (早报) of the closed day before, to inspectors, unit admins and group robots."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from monitor.clock import Clock, Period, business_day
from monitor.delivery.alerts import Watcher
from monitor.delivery.outbox import MessageKind, NewMessage, QuietHours, robot_recipient
from monitor.schedule import DIGEST
from monitor.store import directory
from monitor.store.database import Database
from monitor.store.days import grades
from monitor.store.days.grades import Connection
from monitor.store.days.queries import load_closes
from monitor.store.days.tallies import load_unit_days
from monitor.store.delivery import alerts as alert_rows
from monitor.store.delivery.outbox import enqueue
from monitor.store.operations import job_slots
from monitor.texts.digests import DigestFigures, digest_text
from monitor.units import Role, UnitId, ancestor_ids


def send_digest(
    database: Database,
    clock: Clock,
    slot: datetime,
    *,
    robots: Sequence[str] = (),
    quiet: QuietHours | None = None,
) -> int | None:
    """Queue the digests of one slot; returns their number, or None: it has run, or the day is not closed yet.

    Source: requirements D.8.

    Args:
        slot: a slot of `DIGEST`; the digest is about the day before it.
        robots: names of group robots that get the digest of the whole province.
        quiet: hours in which messages wait.
    """
    now = clock()
    day = business_day(slot) - timedelta(days=1)

    def save(connection: Connection) -> int | None:
        closed_at = load_closes(connection, [day]).get(day)
        if closed_at is None or not job_slots.claim_slot(connection, DIGEST.name, slot, now):
            return None
        messages = _write_all(connection, day, closed_at, robots)
        n_messages = enqueue(connection, messages, now, quiet)
        job_slots.finish_slot(connection, DIGEST.name, slot, f"早报 {n_messages} 份", 0)
        return n_messages

    return database.write(save)


def _write_all(
    connection: Connection, day: date, closed_at: datetime, robots: Sequence[str]
) -> list[NewMessage]:
    watchers = alert_rows.load_watchers(connection, day)
    recipients: dict[str, list[str]] = {}
    for watcher in watchers:
        if _reads_digest(watcher):
            recipients.setdefault(watcher.unit_path, []).append(watcher.recipient)
    root = grades.load_root_path(connection)
    if root is not None:
        recipients.setdefault(root, []).extend(robot_recipient(name) for name in robots)
    messages = []
    for path, names in recipients.items():
        figures = _load_figures(connection, path, day, closed_at) if names else None
        if figures is None:
            continue
        title, text = digest_text(figures)
        messages += [
            NewMessage(f"digest:{day}:{name}", MessageKind.DIGEST, name, title, text) for name in names
        ]
    return messages


def _reads_digest(watcher: Watcher) -> bool:
    return watcher.role in (Role.INSPECTOR, Role.UNIT_ADMIN)


def _load_figures(connection: Connection, path: str, day: date, closed_at: datetime) -> DigestFigures | None:
    """Return the figures of a unit, or None if it has no groups."""
    unit_id = ancestor_ids(path)[-1]
    unit = directory.load_unit(connection, unit_id)
    children = directory.load_children(connection, unit_id)
    ids = [unit_id, *(UnitId(child.unit_id) for child in children)]
    tallies = load_unit_days(connection, ids, Period(day, day))
    own = tallies[unit_id].get(day)
    if unit is None or own is None:
        return None
    found = [(child.name, tallies[child.unit_id].get(day)) for child in children]
    return DigestFigures(
        unit_name=unit.name,
        tally=own,
        children=[(name, tally) for name, tally in found if tally is not None],
        silent_accounts=grades.load_silent_accounts(connection, path, day),
        closed_at=closed_at,
    )

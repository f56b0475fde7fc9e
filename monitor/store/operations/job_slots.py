"""Slots of jobs that have run; a row is written in the transaction of its effect."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection as Connection
from sqlalchemy import select, update

from monitor.store.tables import table_of
from monitor.store.upsert import upserting
from monitor.store.work_tables import JobSlotRow

_slot = table_of(JobSlotRow)


class SlotLine(NamedTuple):
    """A slot that has run: when it was due, when it ran, what came of it."""

    slot: datetime
    ran_at: datetime
    outcome: str
    duration_ms: int


def claim_slot(connection: Connection, job: str, slot: datetime, now: datetime) -> bool:
    """Enter a slot; False if it has run already or runs in another process that commits first."""
    row = {"job": job, "slot": slot, "ran_at": now, "outcome": "", "duration_ms": 0}
    statement = upserting(connection)(_slot).values(row).on_conflict_do_nothing().returning(_slot.c.job)
    return connection.execute(statement).first() is not None


def finish_slot(connection: Connection, job: str, slot: datetime, outcome: str, duration_ms: int) -> None:
    """Note what a slot did and how long it took."""
    here = (_slot.c.job == job) & (_slot.c.slot == slot)
    connection.execute(update(_slot).where(here).values(outcome=outcome, duration_ms=duration_ms))


def has_run(connection: Connection, job: str, slot: datetime) -> bool:
    """Tell whether a slot has been entered; another process may be about to enter it."""
    query = select(_slot.c.job).where(_slot.c.job == job, _slot.c.slot == slot)
    return connection.execute(query).first() is not None


def load_last(connection: Connection, job: str) -> SlotLine | None:
    """Return the newest slot of a job that has run, or None."""
    columns = (_slot.c.slot, _slot.c.ran_at, _slot.c.outcome, _slot.c.duration_ms)
    query = select(*columns).where(_slot.c.job == job).order_by(_slot.c.slot.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return SlotLine(*row) if row else None


def load_slots(connection: Connection, job: str, since: datetime) -> set[datetime]:
    """Return the slots of a job that have run, from an instant on."""
    query = select(_slot.c.slot).where(_slot.c.job == job, _slot.c.slot >= since)
    return set(connection.execute(query).scalars())

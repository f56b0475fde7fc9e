"""Figures for the operator's monitoring, read from the database: right with any number of processes."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from monitor.clock import business_day
from monitor.delivery.outbox import OutboxState
from monitor.store.operations.operations import load_last_post_ms
from monitor.store.tables import GroupRow, Table, UnregisteredGroupRow, table_of
from monitor.store.work_tables import AlertRow, JobSlotRow, KeptInputRow, OutboxRow


class Figure(NamedTuple):
    """One number with the name it is published under."""

    name: str
    help: str
    value: float


def load_figures(connection: Connection, now: datetime) -> list[Figure]:
    """Return all figures."""
    outbox, alert, slot = table_of(OutboxRow), table_of(AlertRow), table_of(JobSlotRow)
    waiting = select(func.count(), func.min(outbox.c.created_at)).where(outbox.c.state == OutboxState.WAITING)
    n_waiting, oldest = connection.execute(waiting).one()
    dead = select(func.count()).where(outbox.c.state == OutboxState.DEAD)
    open_alerts = select(func.count()).where(alert.c.acknowledged_at.is_(None), alert.c.resolved_at.is_(None))
    last_post_ms = load_last_post_ms(connection, business_day(now) - timedelta(days=2))
    last_post_age = now.timestamp() - last_post_ms / 1000 if last_post_ms else float("nan")
    last_job = connection.scalar(select(func.max(slot.c.ran_at)))
    return [
        Figure("groups", "registered groups", _count(connection, GroupRow)),
        Figure("unregistered_groups", "groups seen only", _count(connection, UnregisteredGroupRow)),
        Figure("kept_inputs", "inputs that failed and wait for replay", _count(connection, KeptInputRow)),
        Figure("open_alerts", "alerts nobody has acknowledged", connection.scalar(open_alerts) or 0),
        Figure("outbox_waiting", "messages waiting to be sent", n_waiting),
        Figure("outbox_oldest_seconds", "age of the oldest waiting message", _age(oldest, now)),
        Figure("outbox_dead", "messages given up", connection.scalar(dead) or 0),
        Figure("last_post_age_seconds", "since the latest post of these days", last_post_age),
        Figure("last_job_age_seconds", "since a job last ran", _age(last_job, now)),
    ]


def _count(connection: Connection, row: type[Table]) -> int:
    return connection.scalar(select(func.count()).select_from(table_of(row))) or 0


def _age(instant: datetime | None, now: datetime) -> float:
    return (now - instant).total_seconds() if instant else 0.0

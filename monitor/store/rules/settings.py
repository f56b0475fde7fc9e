"""Reading and adding the changes of the organisation's rule settings (细则设置).

`Connection` is exported for the signatures of use cases, which only pass it on.
"""

from datetime import date

from sqlalchemy import Connection as Connection
from sqlalchemy import func, insert, select

from monitor.rules.settings import ChangeKind, RuleChange
from monitor.store.days.queries import CLOSE_JOB, close_slot
from monitor.store.rules.tables import RuleChangeRow
from monitor.store.tables import table_of
from monitor.store.work_tables import JobSlotRow

_change = table_of(RuleChangeRow)
_slot = table_of(JobSlotRow)
Version = tuple[int, int]


def load_version(connection: Connection) -> Version:
    """Return what differs whenever a change was added.

    The number of rows and the highest id: PostgreSQL may commit a lower id after a higher one.
    """
    row = connection.execute(select(func.count(), func.coalesce(func.max(_change.c.id), 0))).one()
    return int(row[0]), int(row[1])


def load_changes(connection: Connection) -> tuple[RuleChange, ...]:
    """Return every change ever made, in the order of their numbers."""
    return tuple(
        RuleChange(
            number=row.id,
            kind=ChangeKind(row.kind),
            subject=row.subject,
            value=row.value,
            reason=row.reason,
            reference=row.reference,
            actor=row.actor,
            actor_name=row.actor_name,
            at=row.at,
            effective_from=row.effective_from,
        )
        for row in connection.execute(select(_change).order_by(_change.c.id))
    )


def insert_change(connection: Connection, change: RuleChange) -> int:
    """Add a change and return its number; `change.number` is not used."""
    values = {
        "kind": change.kind.value,
        "subject": change.subject,
        "value": change.value,
        "reason": change.reason,
        "reference": change.reference,
        "actor": change.actor,
        "actor_name": change.actor_name,
        "at": change.at,
        "effective_from": change.effective_from,
    }
    return int(connection.execute(insert(_change).values(values).returning(_change.c.id)).scalar_one())


def count_closed_days(connection: Connection, first_day: date, last_day: date) -> int:
    """Return how many business days between two days, both included, have been closed."""
    slots = _slot.c.slot.between(close_slot(first_day), close_slot(last_day))
    query = select(func.count()).where(_slot.c.job == CLOSE_JOB, slots)
    return int(connection.execute(query).scalar_one())

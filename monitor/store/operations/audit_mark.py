"""A mark of how far the audit went, so that work on a snapshot can tell whether anybody acted since."""

from typing import NamedTuple

from sqlalchemy import Connection, func, select

from monitor.store.tables import table_of
from monitor.store.work_tables import AuditRow

_audit = table_of(AuditRow)
_OVERLAP = 1_000
"""Entries below the highest number that may still be written: PostgreSQL numbers them before they commit."""


class AuditMark(NamedTuple):
    """How many entries there were from a number on."""

    since: int
    n_entries: int


def load_audit_mark(connection: Connection) -> AuditMark:
    """Return the mark of a snapshot."""
    last = int(connection.execute(select(func.max(_audit.c.id))).scalar() or 0)
    since = last - _OVERLAP
    return AuditMark(since, _count_since(connection, since))


def has_new_entries(connection: Connection, mark: AuditMark) -> bool:
    """Tell whether anything was audited after a mark; one look at the end of the table."""
    return _count_since(connection, mark.since) != mark.n_entries


def _count_since(connection: Connection, since: int) -> int:
    query = select(func.count()).where(_audit.c.id > since)
    return int(connection.execute(query).scalar_one())

"""The audit: single entries with their numbers. Functions of a connection."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection as Connection
from sqlalchemy import func, insert, select

from monitor.store.tables import table_of
from monitor.store.work_tables import AuditRow

_audit = table_of(AuditRow)
_WIDEST = 2_147_483_647


class AuditEntry(NamedTuple):
    """One entry, as far as a 撤销 needs it."""

    subject: str
    at: datetime
    detail: dict[str, Any]


def insert_audit(
    connection: Connection, actor: str, action: str, subject: str, detail: Mapping[str, object], at: datetime
) -> int:
    """Write an entry and return its number, which 撤销 takes."""
    values = {"at": at, "actor": actor, "action": action, "subject": subject, "detail": dict(detail)}
    return int(connection.execute(insert(_audit).values(**values).returning(_audit.c.id)).scalar_one())


def load_audit(connection: Connection, number: int, actor: str, action: str) -> AuditEntry | None:
    """Return an entry by its number, if it is of this person and action."""
    if not 0 < number <= _WIDEST:
        return None
    here = (_audit.c.id == number, _audit.c.actor == actor, _audit.c.action == action)
    row = connection.execute(select(_audit).where(*here)).one_or_none()
    return AuditEntry(row.subject, row.at, row.detail) if row else None


def load_last_at(connection: Connection, action: str) -> datetime | None:
    """Return when an action was last recorded, None if never."""
    return connection.execute(select(func.max(_audit.c.at)).where(_audit.c.action == action)).scalar()

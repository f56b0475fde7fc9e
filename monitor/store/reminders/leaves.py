"""Leaves and deputies (休假、代管人) in the store. Functions of a connection."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection as Connection
from sqlalchemy import Select, insert, select, update

from monitor.reminders.leaves import Colleague, Leave
from monitor.store.oversight.tables import LeaveRow
from monitor.store.subtree import joined_in_subtree
from monitor.store.tables import ChatIdentityRow, UnitRow, table_of

_leave = table_of(LeaveRow)
_unit = table_of(UnitRow)
_identity = table_of(ChatIdentityRow)


def load_deputies(connection: Connection, day: date) -> dict[int, int]:
    """Return the deputy of everybody who is on leave on a day, by identity."""
    query = select(_leave.c.identity_id, _leave.c.deputy_id).where(*_on(day)).order_by(_leave.c.id)
    return {row[0]: row[1] for row in connection.execute(query)}


def load_absent(connection: Connection, deputy_id: int, day: date) -> list[int]:
    """Return whom a person stands in for on a day."""
    query = select(_leave.c.identity_id).where(_leave.c.deputy_id == deputy_id, *_on(day))
    return list(connection.execute(query).scalars())


def insert_leave(connection: Connection, values: Mapping[str, Any]) -> int:
    """Insert a leave; returns its number."""
    statement = insert(_leave).values(dict(values)).returning(_leave.c.id)
    return int(connection.execute(statement).scalar_one())


def end_leave(connection: Connection, leave_id: int, by: str, at: datetime) -> bool:
    """Give up a leave; False if that has happened already."""
    change = update(_leave).where(_leave.c.id == leave_id, _leave.c.ended_at.is_(None))
    return connection.execute(change.values(ended_at=at, ended_by=by)).rowcount == 1


def load_leaves_of(connection: Connection, identity_id: int, limit: int = 20) -> list[Leave]:
    """Return the leaves of a person, given up ones included, newest first."""
    query = _leaves().where(_leave.c.identity_id == identity_id)
    return _read(connection, query.order_by(_leave.c.id.desc()).limit(limit))


def load_leaves_in(connection: Connection, path: str, since: date, limit: int = 200) -> list[Leave]:
    """Return the leaves of a subtree that last until a day or longer, newest first."""
    query = _leaves().where(joined_in_subtree(path), _leave.c.last_day >= since)
    return _read(connection, query.order_by(_leave.c.id.desc()).limit(limit))


def load_colleagues(connection: Connection, unit_id: int, but: int) -> list[Colleague]:
    """Return the bound people of exactly one unit, without one of them."""
    query = select(_identity.c.id, _identity.c.display_name, _identity.c.role)
    query = query.where(_identity.c.unit_id == unit_id, _identity.c.id != but).order_by(_identity.c.id)
    return [Colleague(*row) for row in connection.execute(query)]


def _on(day: date) -> tuple[Any, ...]:
    return (_leave.c.first_day <= day, _leave.c.last_day >= day, _leave.c.ended_at.is_(None))


def _leaves() -> Select[Any]:
    query = select(
        _leave.c.id, _leave.c.identity_id, _leave.c.name, _leave.c.deputy_id, _leave.c.deputy_name,
        _unit.c.name, _leave.c.first_day, _leave.c.last_day, _leave.c.recorded_at, _leave.c.ended_at,
    )  # fmt: skip
    return query.join(_unit, _unit.c.id == _leave.c.unit_id)


def _read(connection: Connection, query: Select[Any]) -> list[Leave]:
    return [Leave(*row) for row in connection.execute(query)]

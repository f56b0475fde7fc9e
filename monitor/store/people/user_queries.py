"""Users of the console as operators see them, by subtree. Functions of a connection."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection as Connection
from sqlalchemy import func, insert, or_, select, update

from monitor.store import directory
from monitor.store.people.console import SIGNED_IN
from monitor.store.tables import ConsoleUserRow, UnitRow, table_of
from monitor.store.work_tables import AuditRow

_user = table_of(ConsoleUserRow)
_unit = table_of(UnitRow)
_audit = table_of(AuditRow)
_MOST_ID = 2_147_483_647


@dataclass(frozen=True, slots=True)
class UserLine:
    """A user of a list."""

    user_id: int
    name: str
    display_name: str
    role: str
    unit_code: str
    unit_name: str
    unit_path: str
    is_active: bool
    has_second_factor: bool
    locked_until: datetime | None
    last_sign_in_at: datetime | None


def load_users(connection: Connection, path: str, text: str = "") -> list[UserLine]:
    """Return the users of a subtree whose name or unit contains a text, by unit and name."""
    conditions = [directory.in_subtree(path)]
    if text:
        columns = (_user.c.name, _user.c.display_name, _unit.c.name, _unit.c.code)
        conditions.append(or_(*(column.contains(text, autoescape=True) for column in columns)))
    rows = connection.execute(_users().where(*conditions).order_by(_unit.c.path, _user.c.name))
    return [UserLine(*row) for row in rows]


def load_user(connection: Connection, path: str, user_id: int) -> UserLine | None:
    """Return one user of a subtree, or None."""
    if not 0 < user_id <= _MOST_ID:
        return None
    row = connection.execute(_users().where(directory.in_subtree(path), _user.c.id == user_id)).one_or_none()
    return UserLine(*row) if row else None


def insert_user(connection: Connection, name: str, values: dict[str, Any]) -> int:
    """Create a user; returns the id."""
    statement = insert(_user).values(name=name, **values).returning(_user.c.id)
    return int(connection.execute(statement).scalar_one())


def update_user(connection: Connection, user_id: int, **values: Any) -> None:
    """Change a user."""
    connection.execute(update(_user).where(_user.c.id == user_id).values(**values))


def _users() -> Any:
    latest = select(func.max(_audit.c.at)).where(_audit.c.actor == _user.c.name, _audit.c.action == SIGNED_IN)
    return select(
        _user.c.id,
        _user.c.name,
        _user.c.display_name,
        _user.c.role,
        _unit.c.code,
        _unit.c.name,
        _unit.c.path,
        _user.c.is_active,
        _user.c.code_key != "",
        _user.c.locked_until,
        latest.scalar_subquery(),
    ).join(_unit, _unit.c.id == _user.c.unit_id)

"""Users of the console, and the log of their sign-ins. Functions of a connection.

`Connection` is exported for the signatures of use cases, which only pass it on.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection as Connection
from sqlalchemy import Select, delete, insert, select, update

from monitor.store.tables import ConsoleSessionRow, ConsoleUserRow, UnitRow, table_of
from monitor.store.work_tables import AuditRow
from monitor.units import UnitId

_user = table_of(ConsoleUserRow)
_session = table_of(ConsoleSessionRow)
_unit = table_of(UnitRow)
_audit = table_of(AuditRow)

SIGNED_IN = "console.sign_in"
REFUSED = "console.sign_in_refused"
CODE_REFUSED = "console.code_refused"
_SUBJECT = "console"


@dataclass(frozen=True, slots=True)
class ConsoleUser:
    """An active user of the console with the unit they belong to."""

    user_id: int
    name: str
    display_name: str
    role: str
    unit_id: UnitId
    unit_path: str
    unit_name: str


@dataclass(frozen=True, slots=True)
class Credentials:
    """What is compared at sign-in. `n_failures` counts since the last success or lock."""

    user: ConsoleUser
    password_hash: str
    n_failures: int
    locked_until: datetime | None
    code_key: str  # sealed key of the second factor, "" without one
    new_code_key: str
    code_step: int


def load_credentials(connection: Connection, name: str) -> Credentials | None:
    """Return the credentials of an active user, or None."""
    return _load_credentials(connection, _user.c.name == name)


def load_credentials_by_id(connection: Connection, user_id: int) -> Credentials | None:
    """Return the credentials of an active user, or None."""
    return _load_credentials(connection, _user.c.id == user_id)


def delete_sessions_of(connection: Connection, user_id: int) -> None:
    """End all sessions of a user."""
    connection.execute(delete(_session).where(_session.c.user_id == user_id))


def save_failures(
    connection: Connection, user_id: int, n_failures: int, locked_until: datetime | None
) -> None:
    """Store how many wrong passwords in a row a user has had, and the lock that followed."""
    values = {"n_failures": n_failures, "locked_until": locked_until}
    connection.execute(update(_user).where(_user.c.id == user_id).values(**values))


def save_password_hash(connection: Connection, user_id: int, password_hash: str) -> None:
    """Replace a password hash, for example by one with newer parameters."""
    connection.execute(update(_user).where(_user.c.id == user_id).values(password_hash=password_hash))


def save_user(connection: Connection, name: str, values: dict[str, Any]) -> None:
    """Create a user, or replace an existing one of that name and end their sessions."""
    user_id = connection.execute(select(_user.c.id).where(_user.c.name == name)).scalar()
    fresh = {"n_failures": 0, "locked_until": None, "is_active": True, **values}
    if user_id is None:
        connection.execute(insert(_user).values(name=name, **fresh))
        return
    connection.execute(update(_user).where(_user.c.id == user_id).values(**fresh))
    delete_sessions_of(connection, user_id)


def has_user(connection: Connection, name: str) -> bool:
    """Tell whether a user of that name exists, switched off or not."""
    return connection.execute(select(_user.c.id).where(_user.c.name == name)).scalar() is not None


def log_attempt(
    connection: Connection, name: str, action: str, at: datetime, address: str, **more: str
) -> None:
    """Write a sign-in, or a refused one, into the audit."""
    detail = {"address": address, **more}
    values = {"at": at, "actor": name, "action": action, "subject": _SUBJECT, "detail": detail}
    connection.execute(insert(_audit).values(**values))


def load_last_sign_in(connection: Connection, name: str) -> datetime | None:
    """Return when a user last signed in, or None if never."""
    query = select(_audit.c.at).where(_audit.c.actor == name, _audit.c.action == SIGNED_IN)
    return connection.execute(query.order_by(_audit.c.at.desc()).limit(1)).scalar()


def _load_credentials(connection: Connection, condition: Any) -> Credentials | None:
    extra = (_user.c.password_hash, _user.c.n_failures, _user.c.locked_until)
    second = (_user.c.code_key, _user.c.new_code_key, _user.c.code_step)
    row = connection.execute(active_users(*extra, *second).where(condition)).one_or_none()
    return Credentials(to_user(row), *row[7:]) if row else None


def active_users(*extra: Any) -> Select[Any]:
    """Return the query of active users of active units; `to_user` reads its first seven columns."""
    user = (_user.c.id, _user.c.name, _user.c.display_name, _user.c.role, _user.c.unit_id)
    query = select(*user, _unit.c.path, _unit.c.name.label("unit_name"), *extra)
    joined = query.select_from(_user.join(_unit, _unit.c.id == _user.c.unit_id))
    return joined.where(_user.c.is_active, _unit.c.is_active)


def to_user(row: Any) -> ConsoleUser:
    """Return the user of a row of `active_users`."""
    return ConsoleUser(row[0], row[1], row[2], row[3], UnitId(row[4]), row[5], row[6])

"""Users and sessions of the console, and the log of their sign-ins. Functions of a connection.

`Connection` is exported for the signatures of use cases, which only pass it on.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection as Connection
from sqlalchemy import Select, delete, insert, or_, select, update

from monitor.store.tables import ConsoleSessionRow, ConsoleUserRow, UnitRow, table_of
from monitor.store.work_tables import AuditRow
from monitor.units import UnitId

_user = table_of(ConsoleUserRow)
_session = table_of(ConsoleSessionRow)
_unit = table_of(UnitRow)
_audit = table_of(AuditRow)

SIGNED_IN = "console.sign_in"
REFUSED = "console.sign_in_refused"
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


@dataclass(frozen=True, slots=True)
class Session:
    """A stored session and its user, as they are now."""

    user: ConsoleUser
    created_at: datetime
    last_seen_at: datetime


def load_credentials(connection: Connection, name: str) -> Credentials | None:
    """Return the credentials of an active user, or None."""
    extra = (_user.c.password_hash, _user.c.n_failures, _user.c.locked_until)
    row = connection.execute(_active_users(*extra).where(_user.c.name == name)).one_or_none()
    return Credentials(_to_user(row), *row[7:]) if row else None


def load_session(connection: Connection, token_hash: str) -> Session | None:
    """Return a session with its user, unless user or unit have been switched off since."""
    query = _active_users(_session.c.created_at, _session.c.last_seen_at)
    query = query.join(_session, _session.c.user_id == _user.c.id)
    row = connection.execute(query.where(_session.c.token_hash == token_hash)).one_or_none()
    return Session(_to_user(row), *row[7:]) if row else None


def save_session(
    connection: Connection, token_hash: str, user_id: int, at: datetime, user_agent: str
) -> None:
    """Begin a session."""
    values = {"token_hash": token_hash, "user_id": user_id, "created_at": at, "last_seen_at": at}
    connection.execute(insert(_session).values(**values, user_agent=user_agent))


def touch_session(connection: Connection, token_hash: str, at: datetime) -> None:
    """Note that a session is in use."""
    connection.execute(update(_session).where(_session.c.token_hash == token_hash).values(last_seen_at=at))


def delete_session(connection: Connection, token_hash: str) -> None:
    """End one session."""
    connection.execute(delete(_session).where(_session.c.token_hash == token_hash))


def delete_sessions_of(connection: Connection, user_id: int) -> None:
    """End all sessions of a user."""
    connection.execute(delete(_session).where(_session.c.user_id == user_id))


def delete_stale_sessions(connection: Connection, *, seen_before: datetime, created_before: datetime) -> None:
    """Forget sessions that can no longer be resumed."""
    stale = or_(_session.c.last_seen_at <= seen_before, _session.c.created_at <= created_before)
    connection.execute(delete(_session).where(stale))


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


def log_attempt(connection: Connection, name: str, action: str, at: datetime, address: str) -> None:
    """Write a sign-in, or a refused one, into the audit."""
    values = {"at": at, "actor": name, "action": action, "subject": _SUBJECT, "detail": {"address": address}}
    connection.execute(insert(_audit).values(**values))


def load_last_sign_in(connection: Connection, name: str) -> datetime | None:
    """Return when a user last signed in, or None if never."""
    query = select(_audit.c.at).where(_audit.c.actor == name, _audit.c.action == SIGNED_IN)
    return connection.execute(query.order_by(_audit.c.at.desc()).limit(1)).scalar()


def _active_users(*extra: Any) -> Select[Any]:
    user = (_user.c.id, _user.c.name, _user.c.display_name, _user.c.role, _user.c.unit_id)
    query = select(*user, _unit.c.path, _unit.c.name.label("unit_name"), *extra)
    joined = query.select_from(_user.join(_unit, _unit.c.id == _user.c.unit_id))
    return joined.where(_user.c.is_active, _unit.c.is_active)


def _to_user(row: Any) -> ConsoleUser:
    return ConsoleUser(row[0], row[1], row[2], row[3], UnitId(row[4]), row[5], row[6])

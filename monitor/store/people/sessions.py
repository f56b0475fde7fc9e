"""Sessions of the console: of its users, and of people bound in chat. Functions of a connection.

A session names exactly one of the two. One of a bound person ends when the binding is replaced or given up.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection as Connection
from sqlalchemy import Select, delete, insert, or_, select, update

from monitor.store.people.console import ConsoleUser, active_users, to_user
from monitor.store.subtree import joined_in_subtree
from monitor.store.tables import ChatIdentityRow, ConsoleSessionRow, ConsoleUserRow, UnitRow, table_of

_session = table_of(ConsoleSessionRow)
_user = table_of(ConsoleUserRow)
_identity = table_of(ChatIdentityRow)
_unit = table_of(UnitRow)
HANDLE_CHARS = 16
"""So much of the token's hash names a session on pages: enough to be unique, useless to enter with."""


@dataclass(frozen=True, slots=True)
class Session:
    """A stored session and its user as they are now; None for a bound person."""

    user: ConsoleUser | None
    account: str
    address: str
    created_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class SessionLine:
    """One session of a list. `owner` is the identity of the audit: "console:7" or "chat:7"."""

    handle: str
    owner: str
    name: str
    role: str
    unit_name: str
    created_at: datetime
    last_seen_at: datetime
    user_agent: str
    address: str


def load_session(connection: Connection, token_hash: str) -> Session | None:
    """Return a session that can be used, unless person or unit have been switched off or changed since."""
    here = (_session.c.token_hash == token_hash, ~_session.c.awaits_code)
    moments = (_session.c.created_at, _session.c.last_seen_at)
    query = active_users(*moments).join(_session, _session.c.user_id == _user.c.id)
    row = connection.execute(query.where(*here)).one_or_none()
    if row is not None:
        return Session(to_user(row), "", "", *row[7:])
    bound = select(_identity.c.account, _identity.c.address, *moments).select_from(_bound_sessions())
    row = connection.execute(bound.where(*here, *_still_bound())).one_or_none()
    return Session(None, *row) if row else None


def load_waiting(connection: Connection, token_hash: str) -> tuple[ConsoleUser, datetime] | None:
    """Return whose second step a token is, and when it began."""
    query = active_users(_session.c.created_at).join(_session, _session.c.user_id == _user.c.id)
    row = connection.execute(
        query.where(_session.c.token_hash == token_hash, _session.c.awaits_code)
    ).one_or_none()
    return (to_user(row), row[7]) if row else None


def save_session(connection: Connection, token_hash: str, at: datetime, **values: Any) -> None:
    """Begin a session; `values` name user_id or identity_id, user_agent, address, awaits_code."""
    row = {"user_agent": "", "address": "", "awaits_code": False, **values}
    connection.execute(insert(_session).values(token_hash=token_hash, created_at=at, last_seen_at=at, **row))


def touch_session(connection: Connection, token_hash: str, at: datetime) -> None:
    """Note that a session is in use."""
    connection.execute(update(_session).where(_session.c.token_hash == token_hash).values(last_seen_at=at))


def delete_session(connection: Connection, token_hash: str) -> None:
    """End one session."""
    connection.execute(delete(_session).where(_session.c.token_hash == token_hash))


def delete_stale_sessions(connection: Connection, *, seen_before: datetime, created_before: datetime) -> None:
    """Forget sessions that can no longer be resumed."""
    stale = or_(_session.c.last_seen_at <= seen_before, _session.c.created_at <= created_before)
    connection.execute(delete(_session).where(stale))


def load_sessions(
    connection: Connection, seen_after: datetime, *, owner: str = "", path: str = ""
) -> list[SessionLine]:
    """Return the live sessions of one person, or of a subtree, the latest seen first."""
    found = [
        SessionLine(row[0][:HANDLE_CHARS], f"{kind}:{row[1]}", *row[2:])
        for kind, query in _lines()
        for row in connection.execute(
            query.where(_session.c.last_seen_at > seen_after, ~_session.c.awaits_code, *_among(owner, path))
        )
    ]
    return sorted(found, key=lambda line: line.last_seen_at, reverse=True)


def revoke_sessions(connection: Connection, handles: list[str]) -> int:
    """End sessions by their handles; returns how many there were."""
    if not handles:
        return 0
    named = or_(*(_session.c.token_hash.startswith(handle, autoescape=True) for handle in handles))
    return connection.execute(delete(_session).where(named)).rowcount


def _lines() -> Iterator[tuple[str, Select[Any]]]:
    """Yield both kinds of list, with a person's name, role and unit."""
    seen = (_session.c.created_at, _session.c.last_seen_at, _session.c.user_agent, _session.c.address)
    users = select(
        _session.c.token_hash, _user.c.id, _user.c.name, _user.c.role, _unit.c.name.label("unit_name"), *seen
    )
    yield (
        "console",
        users.select_from(
            _session.join(_user, _user.c.id == _session.c.user_id).join(_unit, _unit.c.id == _user.c.unit_id)
        ),
    )
    person = (_identity.c.id, _identity.c.display_name, _identity.c.role, _unit.c.name.label("unit_name"))
    yield (
        "chat",
        select(_session.c.token_hash, *person, *seen).select_from(_bound_sessions()).where(*_still_bound()),
    )


def _among(owner: str, path: str) -> list[Any]:
    if not owner:
        return [joined_in_subtree(path)]
    kind, _, number = owner.partition(":")
    column = _session.c.user_id if kind == "console" else _session.c.identity_id
    return [column == int(number)]


def _bound_sessions() -> Any:
    with_person = _session.join(_identity, _identity.c.id == _session.c.identity_id)
    return with_person.join(_unit, _unit.c.id == _identity.c.unit_id)


def _still_bound() -> tuple[Any, Any]:
    """A binding that was replaced after the session began ends it."""
    return _unit.c.is_active, _identity.c.bound_at <= _session.c.created_at

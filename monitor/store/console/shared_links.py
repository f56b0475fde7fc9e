"""Read-only links (大屏、徽章): only hashes of tokens are stored. Functions of a connection."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection as Connection
from sqlalchemy import Select, func, insert, or_, select, update

from monitor.store.console.screen_tables import SharedLinkRow
from monitor.store.directory import in_subtree
from monitor.store.tables import GroupRow, UnitRow, table_of

_link = table_of(SharedLinkRow)
_unit = table_of(UnitRow)
_group = table_of(GroupRow)
_MOST_ID = 2_147_483_647
_SEEN_EVERY = timedelta(minutes=5)  # a screen asks each minute: not every time is worth a write


class SharedLink(NamedTuple):
    """A link as it is listed and opened; `group_code` is empty for that of a unit."""

    link_id: int
    kind: str
    figure: str
    note: str
    unit_id: int
    unit_code: str
    unit_name: str
    unit_path: str
    group_code: str
    group_name: str
    made_at: datetime
    made_by: str
    expires_at: datetime
    revoked_at: datetime | None
    opened_at: datetime | None


class NewLink(NamedTuple):
    """A link to be kept."""

    kind: str
    token_hash: str
    unit_id: int
    group_id: int | None
    figure: str
    note: str
    made_at: datetime
    made_by: str
    expires_at: datetime


def insert_link(connection: Connection, new: NewLink) -> int:
    """Keep a link; returns its number."""
    statement = insert(_link).values(new._asdict() | {"revoked_by": ""}).returning(_link.c.id)
    return int(connection.execute(statement).scalar_one())


def find_open(connection: Connection, token_hash: str, kind: str, now: datetime) -> SharedLink | None:
    """Return the link of a token that still opens, or None; that of a closed unit does not."""
    query = _links().where(_link.c.token_hash == token_hash, _link.c.kind == kind, *_is_open(now))
    row = connection.execute(query.where(_unit.c.is_active)).one_or_none()
    return None if row is None else SharedLink(*row)


def find_link(connection: Connection, link_id: int, path: str) -> SharedLink | None:
    """Return a link to something in a subtree, or None; no link has a number the database cannot hold."""
    if not 0 < link_id <= _MOST_ID:
        return None
    row = connection.execute(_links().where(_link.c.id == link_id, in_subtree(path))).one_or_none()
    return None if row is None else SharedLink(*row)


def load_links(connection: Connection, path: str, limit: int) -> list[SharedLink]:
    """Return the links to what is in a subtree, newest first."""
    query = _links().where(in_subtree(path)).order_by(_link.c.id.desc()).limit(limit)
    return [SharedLink(*row) for row in connection.execute(query)]


def count_open(connection: Connection, unit_id: int, now: datetime) -> int:
    """Return how many links to a unit and its groups still open."""
    query = select(func.count()).select_from(_link).where(_link.c.unit_id == unit_id, *_is_open(now))
    return connection.execute(query).scalar_one()


def revoke_link(connection: Connection, link_id: int, by: str, now: datetime) -> bool:
    """End a link; tells whether it was open."""
    statement = update(_link).where(_link.c.id == link_id, *_is_open(now))
    return connection.execute(statement.values(revoked_at=now, revoked_by=by)).rowcount == 1


def is_seen_lately(link: SharedLink, now: datetime) -> bool:
    """Tell whether the last opening that was noted is recent."""
    return link.opened_at is not None and now - link.opened_at < _SEEN_EVERY


def note_opened(connection: Connection, link_id: int, now: datetime) -> None:
    """Note that a link was opened."""
    is_due = or_(_link.c.opened_at.is_(None), _link.c.opened_at < now)
    connection.execute(update(_link).where(_link.c.id == link_id, is_due).values(opened_at=now))


def _links() -> Select[Any]:
    return (
        select(
            _link.c.id, _link.c.kind, _link.c.figure, _link.c.note,
            _unit.c.id, _unit.c.code, _unit.c.name, _unit.c.path,
            func.coalesce(_group.c.code, ""), func.coalesce(_group.c.name, ""),
            _link.c.made_at, _link.c.made_by, _link.c.expires_at, _link.c.revoked_at, _link.c.opened_at,
        )
        .join_from(_link, _unit, _unit.c.id == _link.c.unit_id)
        .outerjoin(_group, _group.c.id == _link.c.group_id)
    )  # fmt: skip


def _is_open(now: datetime) -> tuple[Any, ...]:
    return _link.c.revoked_at.is_(None), _link.c.expires_at > now

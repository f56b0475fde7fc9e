"""Links to the brief (简报): only hashes of tokens are stored. Functions of a connection."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection as Connection
from sqlalchemy import insert, select, update

from monitor.store.oversight.tables import BriefLinkRow
from monitor.store.tables import UnitRow, table_of
from monitor.units import UnitId

_link = table_of(BriefLinkRow)
_unit = table_of(UnitRow)


class BriefLink(NamedTuple):
    """A link that opens the brief of a unit."""

    link_id: int
    unit_id: UnitId
    unit_path: str
    made_at: datetime
    expires_at: datetime


def insert_link(
    connection: Connection, token_hash: str, unit_id: int, by: str, at: datetime, expires_at: datetime
) -> int:
    """Keep a link; returns its number."""
    values = {"token_hash": token_hash, "unit_id": unit_id, "made_at": at, "made_by": by, "revoked_by": ""}
    statement = insert(_link).values(values | {"expires_at": expires_at}).returning(_link.c.id)
    return int(connection.execute(statement).scalar_one())


def find_link(connection: Connection, token_hash: str, now: datetime) -> BriefLink | None:
    """Return the link of a token that still opens, or None."""
    query = select(_link.c.id, _link.c.unit_id, _unit.c.path, _link.c.made_at, _link.c.expires_at)
    query = query.join(_unit, _unit.c.id == _link.c.unit_id).where(
        _link.c.token_hash == token_hash, _link.c.revoked_at.is_(None), _link.c.expires_at > now
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else BriefLink(*row)


def revoke_links(connection: Connection, by: str, now: datetime) -> int:
    """End every open link that a person made; returns how many."""
    mine = (_link.c.made_by == by, _link.c.revoked_at.is_(None), _link.c.expires_at > now)
    return connection.execute(update(_link).where(*mine).values(revoked_at=now, revoked_by=by)).rowcount


def revoke_link(connection: Connection, link_id: int, by: str, now: datetime) -> bool:
    """End one link; False if it was ended already."""
    here = (_link.c.id == link_id, _link.c.revoked_at.is_(None))
    return connection.execute(update(_link).where(*here).values(revoked_at=now, revoked_by=by)).rowcount == 1

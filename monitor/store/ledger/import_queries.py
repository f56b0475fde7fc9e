"""What imports ask before they write. Functions of a connection."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import Connection, bindparam, select

from monitor.store.days.tables import PostRow
from monitor.store.tables import GroupSourceRow, table_of

_post = table_of(PostRow)
_source = table_of(GroupSourceRow)
_KEYS = select(_post.c.event_key).where(
    _post.c.group_id == bindparam("group"), _post.c.business_day == bindparam("day")
)


def load_known_keys(
    connection: Connection, places: Collection[tuple[int, date]]
) -> dict[tuple[int, date], set[int]]:
    """Return the keys of the stored posts of some groups on some days: an entry for each (group id, day)."""
    return {
        (group_id, day): set(connection.execute(_KEYS, {"group": group_id, "day": day}).scalars())
        for group_id, day in places
    }


def load_external_id(connection: Connection, source: str, group_id: int) -> str | None:
    """Return what a source calls a group, None if it does not know it."""
    query = select(_source.c.external_id).where(_source.c.source == source, _source.c.group_id == group_id)
    return connection.execute(query.order_by(_source.c.external_id).limit(1)).scalar()

"""What people said about the relevance of posts, beside what the machine had said."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection as Connection
from sqlalchemy import Table, update

from monitor.store.days.post_verdicts import PostKey
from monitor.store.days.tables import PostRow, RelevanceOverrideRow
from monitor.store.tables import table_of
from monitor.store.upsert import upserting

_post = table_of(PostRow)
_override = table_of(RelevanceOverrideRow)


class JudgedPost(NamedTuple):
    """A post's stored answer on relevance."""

    is_relevant: bool
    reason: str
    text: str


def lock_post(connection: Connection, key: PostKey) -> JudgedPost | None:
    """Return a post's answer and keep others from changing it meanwhile; None if there is no post."""
    row = connection.execute(
        update(_post).where(*_of(_post, key)).values(event_key=_post.c.event_key)
        .returning(_post.c.is_relevant, _post.c.reason, _post.c.text)
    ).one_or_none()  # fmt: skip
    return JudgedPost(*row) if row else None


def save_override(
    connection: Connection,
    key: PostKey,
    machine: JudgedPost,
    *,
    is_relevant: bool,
    said_by: str,
    at: datetime,
) -> None:
    """Store a person's word; a second one replaces it, the machine's first answer stays."""
    values = {
        "group_id": key[0],
        "business_day": key[1],
        "event_key": key[2],
        "is_relevant": is_relevant,
        "said_by": said_by,
        "said_at": at,
        "machine_relevant": machine.is_relevant,
        "machine_reason": machine.reason,
    }
    changed = {name: values[name] for name in ("is_relevant", "said_by", "said_at")}
    upsert = upserting(connection)(_override).values(values)
    connection.execute(
        upsert.on_conflict_do_update(index_elements=["group_id", "business_day", "event_key"], set_=changed)
    )


def _of(table: Table, key: PostKey) -> tuple[Any, ...]:
    columns = table.c
    return columns.group_id == key[0], columns.business_day == key[1], columns.event_key == key[2]

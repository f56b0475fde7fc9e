"""Counters of videos (播放、点赞、采纳数, GD-3.3a) by day, in the store. Functions of a connection."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection as Connection
from sqlalchemy import Row, select

from monitor.store.index.tables import VideoCounterRow
from monitor.store.tables import table_of
from monitor.store.upsert import upserting

_counter = table_of(VideoCounterRow)


def load_counters(connection: Connection, video_ids: Sequence[int]) -> Sequence[Row[Any]]:
    """Return the counters of videos, by video and day."""
    query = select(_counter).where(_counter.c.video_id.in_(video_ids))
    return connection.execute(query.order_by(_counter.c.video_id, _counter.c.day)).all()


def save_counter(connection: Connection, values: Mapping[str, Any]) -> None:
    """Write the counters of a video's day; those that stood there are replaced (the audit keeps them)."""
    statement = upserting(connection)(_counter).values(dict(values))
    changed = {name: statement.excluded[name] for name in values if name not in ("video_id", "day")}
    connection.execute(statement.on_conflict_do_update(index_elements=["video_id", "day"], set_=changed))

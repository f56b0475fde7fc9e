"""Videos that schools handed in (投稿), in the store. Functions of a connection."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection as Connection
from sqlalchemy import Row, insert, select, update

from monitor.store.index.tables import VideoSubmissionRow
from monitor.store.tables import table_of
from monitor.store.work_tables import AuditRow
from monitor.units import UnitId

_video = table_of(VideoSubmissionRow)
_audit = table_of(AuditRow)

SUBMITTED, REVIEWED = "index.video", "index.video_review"
"""Actions of the audit; the first also keeps the link of a submission, the second what was there before."""


def load_same_file(connection: Connection, sha256: str) -> Sequence[Row[Any]]:
    """Return all submissions of the same file, oldest first."""
    return connection.execute(select(_video).where(_video.c.sha256 == sha256).order_by(_video.c.id)).all()


def insert_video(connection: Connection, values: Mapping[str, Any]) -> int:
    """Insert a submission with the columns of `video_submission`; returns its number."""
    return int(connection.execute(insert(_video).values(dict(values)).returning(_video.c.id)).scalar_one())


def load_videos(connection: Connection, month: str, unit_ids: Sequence[UnitId]) -> Sequence[Row[Any]]:
    """Return the submissions of schools for a month, oldest first."""
    query = select(_video).where(_video.c.month == month, _video.c.unit_id.in_(unit_ids))
    return connection.execute(query.order_by(_video.c.id)).all()


def load_video(connection: Connection, number: int) -> Row[Any] | None:
    """Return one submission, or None."""
    return connection.execute(select(_video).where(_video.c.id == number)).one_or_none()


def update_video(connection: Connection, number: int, values: Mapping[str, Any]) -> None:
    """Replace the verdict on a submission; what was there before is in the audit of the review."""
    connection.execute(update(_video).where(_video.c.id == number).values(dict(values)))


def load_links(connection: Connection, rows: Sequence[Row[Any]]) -> dict[int, str]:
    """Return the links of submissions by number, as they were given when they were sent."""
    if not rows:
        return {}
    sent = [row.sent_at for row in rows]
    query = select(_audit.c.detail).where(
        _audit.c.action == SUBMITTED, _audit.c.at >= min(sent), _audit.c.at <= max(sent)
    )
    details = connection.execute(query).scalars()
    return {detail["number"]: detail.get("link", "") for detail in details}

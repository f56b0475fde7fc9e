"""What is stored about the days of single groups: closes, counts, grades, posts. Reading only.

Every function serves many groups or many days in one statement. Key types: `PostFigures`, `StoredPost`.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection as Connection
from sqlalchemy import Row, case, func, select

from monitor.clock import Period, from_epoch, shanghai_instant
from monitor.days.readings import ProvenanceCount
from monitor.events import PostKind, Provenance
from monitor.store.days.tables import DayCountRow, DayGradeRow, PostRow
from monitor.store.tables import GroupRow, table_of
from monitor.store.work_tables import JobSlotRow
from monitor.units import GroupId

_count = table_of(DayCountRow)
_grade = table_of(DayGradeRow)
_post = table_of(PostRow)
_group = table_of(GroupRow)
_slot = table_of(JobSlotRow)

CLOSE_JOB = "close_day"
CLOSE_AT = time(0, 10)  # D-08: the night after the day
_IDS_PER_STATEMENT = 10_000

GroupOnDay = tuple[GroupId, date]


class PostFigures(NamedTuple):
    """What the posts of one provenance, group and day tell beyond their number."""

    n_members: int  # distinct senders
    n_repeats: int  # text posts whose text equals an earlier one of that day


class StoredPost(NamedTuple):
    """A post as stored, for the drawer of a day."""

    occurred_ms: int
    sender_name: str
    kind: str
    text: str
    counts: bool
    is_relevant: bool
    reason: str
    provenance: str
    is_recalled: bool
    event_key: int


def close_slot(day: date) -> datetime:
    """Return the instant at which a business day is closed: 00:10 of the following day (D-08, D.8)."""
    return shanghai_instant(day + timedelta(days=1), CLOSE_AT)


def load_closes(connection: Connection, days: Iterable[date]) -> dict[date, datetime]:
    """Return when each of the days was closed; an open day is absent."""
    by_slot = {close_slot(day): day for day in days}
    query = select(_slot.c.slot, _slot.c.ran_at).where(_slot.c.job == CLOSE_JOB)
    if by_slot:
        query = query.where(_slot.c.slot.between(min(by_slot), max(by_slot)))
    return {by_slot[slot]: ran_at for slot, ran_at in connection.execute(query) if slot in by_slot}


def is_day_closed(connection: Connection, day: date) -> bool:
    """Tell whether the close of a business day has run."""
    return day in load_closes(connection, [day])


def load_counts(
    connection: Connection, group_ids: Sequence[GroupId], period: Period
) -> dict[GroupOnDay, tuple[ProvenanceCount, ...]]:
    """Return what each source counted, in the order of `Provenance`; a day without any row is absent."""
    order = case({name.value: place for place, name in enumerate(Provenance)}, value=_count.c.provenance)
    found: dict[GroupOnDay, tuple[ProvenanceCount, ...]] = {}
    for wanted in _slices(group_ids):
        query = select(_count).where(_of(_count, wanted, period)).order_by(order)
        for row in connection.execute(query).all():
            count = ProvenanceCount(
                row.provenance, row.n_posts, row.n_relevant, from_epoch(row.last_ms / 1000)
            )
            key = (row.group_id, row.business_day)
            found[key] = (*found.get(key, ()), count)
    return found


def load_grades(
    connection: Connection, group_ids: Sequence[GroupId], period: Period
) -> dict[GroupOnDay, Row[Any]]:
    """Return the closed verdicts (rows of day_grade) by group and day; an open day is absent."""
    return {
        (row.group_id, row.business_day): row
        for wanted in _slices(group_ids)
        for row in connection.execute(select(_grade).where(_of(_grade, wanted, period))).all()
    }


def load_post_figures(
    connection: Connection, group_ids: Sequence[GroupId], period: Period
) -> dict[tuple[GroupId, date, str], PostFigures]:
    """Return members and repeats by group, day and provenance, of posts that count (D-07).

    Per provenance, because an imported export repeats every message that was collected as well.
    """
    is_text = _post.c.kind == PostKind.TEXT.value
    keys = (_post.c.group_id, _post.c.business_day, _post.c.provenance)
    figures = (
        func.count(_post.c.sender_key.distinct()),
        func.count(case((is_text, 1))) - func.count(case((is_text, _post.c.content_key)).distinct()),
    )
    found: dict[tuple[GroupId, date, str], PostFigures] = {}
    for wanted in _slices(group_ids):
        query = select(*keys, *figures).where(
            _of(_post, wanted, period), _post.c.counts, _post.c.is_recalled.is_(False)
        )
        for row in connection.execute(query.group_by(*keys)).all():
            found[row[0], row[1], row[2]] = PostFigures(row[3], row[4])
    return found


def load_last_seen(
    connection: Connection, group_ids: Sequence[GroupId]
) -> dict[GroupId, tuple[datetime, str]]:
    """Return when and by which provenance each group was last heard of, on any day."""
    newest = (
        select(func.max(_count.c.business_day))
        .where(_count.c.group_id == _group.c.id)
        .correlate(_group)
        .scalar_subquery()
    )
    found: dict[GroupId, tuple[datetime, str]] = {}
    for wanted in _slices(group_ids):
        query = (
            select(_count.c.group_id, _count.c.last_ms, _count.c.provenance)
            .join(_group, _group.c.id == _count.c.group_id)
            .where(_group.c.id.in_(wanted), _count.c.business_day == newest)
            .order_by(_count.c.last_ms)
        )
        for group_id, last_ms, provenance in connection.execute(query).all():
            found[group_id] = (from_epoch(last_ms / 1000), provenance)
    return found


def load_posts(connection: Connection, group_id: GroupId, day: date, limit: int) -> list[StoredPost]:
    """Return the newest posts of a group's day, oldest first; recalled and uncounted ones included."""
    columns = [_post.c[name] for name in StoredPost._fields]
    query = select(*columns).where(_post.c.group_id == group_id, _post.c.business_day == day)
    newest = query.order_by(_post.c.occurred_ms.desc(), _post.c.event_key.desc()).limit(limit)
    return [StoredPost(*row) for row in reversed(connection.execute(newest).all())]


def _of(table: Any, group_ids: Sequence[GroupId], period: Period) -> Any:
    """Return the condition "these groups, these days" over one of the tables that grow."""
    first, last = period.first_day, period.last_day
    days = table.c.business_day == first if first == last else table.c.business_day.between(first, last)
    return table.c.group_id.in_(group_ids) & days


def _slices(ids: Sequence[GroupId]) -> Iterable[Sequence[GroupId]]:
    """Cut a list of ids to what one statement may hold."""
    return (ids[start : start + _IDS_PER_STATEMENT] for start in range(0, len(ids), _IDS_PER_STATEMENT))

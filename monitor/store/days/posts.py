"""Storing posts on the hot path: merged inserts, day counts, recalls, late days, unknown groups.

All functions here are bulk functions for `Database.write_bulk`. The insert itself tells which posts are
new, on both databases; counts follow from that answer in the same transaction, so they equal the
distinct events whatever is delivered twice.
"""

from collections import deque
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, case, delete, insert, select, update
from sqlalchemy.engine import Dialect

from monitor.classify.verdicts import PostVerdict
from monitor.clock import business_day, from_epoch
from monitor.incidents.course import Suspicion
from monitor.store.advisory import share_day_close
from monitor.store.days.post_verdicts import insert_verdicts
from monitor.store.days.queries import CLOSE_JOB, close_slot, load_closes
from monitor.store.days.tables import DayCountRow, DayGradeRow, PendingRecallRow, PostRow
from monitor.store.incidents.rows import FoundPost, mark_posts, open_from_posts
from monitor.store.multirow import write_rows
from monitor.store.tables import UnregisteredGroupRow, table_of
from monitor.store.upsert import upserting
from monitor.store.work_tables import JobSlotRow
from scoring.source import ResultStatus

_post = table_of(PostRow)
_count = table_of(DayCountRow)
_grade = table_of(DayGradeRow)
_pending = table_of(PendingRecallRow)
_unknown = table_of(UnregisteredGroupRow)
_slot = table_of(JobSlotRow)
_CLOSED_FROM = (  # built once: every batch of posts asks
    select(_slot.c.slot).where(_slot.c.job == CLOSE_JOB, _slot.c.slot >= bindparam("since")).limit(1)
)
_MOST_RECALL_DAYS = 7  # a member has minutes, an administrator of the group takes away what is days old
_KEY = itemgetter(0, 1, 2)  # of a post: group, business day, event key


class NewPost(NamedTuple):
    """A post to be stored: field for field a row of `post`, then what the classifier suspects."""

    group_id: int
    business_day: date
    event_key: int
    message_key: int
    provenance: str
    kind: str
    occurred_ms: int
    received_ms: int
    sender_key: int
    sender_name: str
    text: str
    content_key: int
    counts: bool
    is_relevant: bool
    reason: str
    is_recalled: bool = False
    verdict: PostVerdict | None = None


class Sighting(NamedTuple):
    """Proof that a source works in a group: an event that counts nothing (system notice)."""

    group_id: int
    business_day: date
    provenance: str
    occurred_ms: int
    received_ms: int


class Recall(NamedTuple):
    """A member took a message back."""

    group_id: int
    message_key: int
    recalled_on: date
    received_ms: int


class UnknownGroup(NamedTuple):
    """An event of a group that nobody registered; its text is not kept."""

    source: str
    external_id: str
    seen_at: datetime


def insert_posts(connection: Connection, posts: Sequence[NewPost]) -> list[bool]:
    """Insert posts and add them to the day counts; True for each post that is new."""
    new = _insert_new(connection, posts)
    if not new:
        return [False] * len(posts)
    results, added = [], []
    for post in posts:
        key = (post.group_id, post.event_key)
        if is_new := key in new:
            new.discard(key)
            added.append(post)
        results.append(is_new)
    insert_verdicts(connection, [(_KEY(post), post.verdict) for post in added if post.verdict is not None])
    now = from_epoch(added[-1].received_ms / 1000)
    # before the counts: who confirms an incident takes its row first and the counts after it
    confirmed = open_from_posts(connection, [_found(post) for post in added if post.verdict is not None], now)
    _add_to_counts(connection, map(_delta, added))
    mark_late(connection, {(p.group_id, p.business_day) for p in added}, added[-1].received_ms)
    _apply_pending(connection, added)
    if confirmed:
        mark_posts(connection, count_again(connection, confirmed, counted=False, now=now), excluded=True)
    return results


def note_sightings(connection: Connection, sightings: Sequence[Sighting]) -> list[None]:
    """Record that a source works, so that 0 posts of that day are data (E-04).

    On a closed day the first sign of a source is news: what was 无数据 is now 0 posts.
    """
    if not sightings:
        return []
    heard = _load_heard(connection, sightings)
    news = {s[:2] for s in sightings if s[:3] not in heard}
    _add_to_counts(
        connection, ((s.group_id, s.business_day, s.provenance, 0, 0, s.occurred_ms) for s in sightings)
    )
    mark_late(connection, news, sightings[-1].received_ms)
    return [None] * len(sightings)


def _load_heard(connection: Connection, sightings: Sequence[Sighting]) -> set[tuple[int, date, str]]:
    """Return which of the groups' days have a count of that source already."""
    query = select(_count.c.group_id, _count.c.business_day, _count.c.provenance).where(
        _count.c.group_id.in_({s.group_id for s in sightings}),
        _count.c.business_day.in_({s.business_day for s in sightings}),
    )
    return {tuple(row) for row in connection.execute(query)}


def recall_posts(connection: Connection, recalls: Sequence[Recall]) -> list[bool]:
    """Take posts back; True where one was found, otherwise the recall waits for its post."""
    # the same order in every process: no deadlocks on PostgreSQL
    order = sorted(range(len(recalls)), key=lambda place: recalls[place])
    found = {place: _recall(connection, recalls[place]) for place in order}
    return [found[place] for place in range(len(recalls))]


def note_unknown_groups(connection: Connection, sightings: Sequence[UnknownGroup]) -> list[None]:
    """List groups that nobody registered (未登记的群)."""
    merged: dict[tuple[str, str], list[datetime]] = {}
    for sighting in sightings:
        merged.setdefault((sighting.source, sighting.external_id), []).append(sighting.seen_at)
    upsert = upserting(connection)(_unknown)
    upsert = upsert.on_conflict_do_update(
        index_elements=["source", "external_id"],
        set_={
            "last_seen_at": upsert.excluded.last_seen_at,
            "n_events": _unknown.c.n_events + upsert.excluded.n_events,
        },
    )
    rows = [
        {"source": source, "external_id": external_id, "first_seen_at": min(seen), "last_seen_at": max(seen),
         "n_events": len(seen)}
        for (source, external_id), seen in sorted(merged.items())
    ]  # fmt: skip
    connection.execute(upsert, rows)
    return [None] * len(sightings)


def count_again(
    connection: Connection, keys: Sequence[tuple[int, date, int]], *, counted: bool, now: datetime
) -> list[tuple[int, date, int]]:
    """Leave posts out of the count as confirmed 不良信息, or take them in again; return those that changed.

    Source: D-07. Closed days become provisional and are closed again. A recalled post changes its mark
    only: it was taken out of the count when it was recalled.

    Args:
        keys: group, business day and event key of posts.
        counted: False leaves them out.
        now: the present instant.
    """
    changed, deltas = [], []
    for group_id, day, event_key in sorted(keys):
        here = (
            (_post.c.group_id == group_id)
            & (_post.c.business_day == day)
            & (_post.c.event_key == event_key)
            & (_post.c.counts.is_not(counted))
        )
        columns = (_post.c.provenance, _post.c.is_relevant, _post.c.is_recalled, _post.c.occurred_ms)
        statement = update(_post).where(here).values(counts=counted).returning(*columns)
        post = connection.execute(statement).one_or_none()
        if post is None:
            continue
        changed.append((group_id, day, event_key))
        if not post.is_recalled:
            sign = 1 if counted else -1
            deltas.append((group_id, day, post.provenance, sign, sign * post.is_relevant, post.occurred_ms))
    _add_to_counts(connection, deltas)
    mark_late(connection, {delta[:2] for delta in deltas}, int(now.timestamp() * 1000))
    return changed


def judge_again(
    connection: Connection, key: tuple[int, date, int], *, is_relevant: bool, reason: str, now: datetime
) -> bool:
    """Let a person's word on relevance stand instead of the machine's; False if the post had it already.

    Source: HN-2.1.3b. The count of relevant posts follows; a closed day becomes provisional (暂定) and is
    closed again.

    Args:
        key: group, business day and event key of a post that exists.
        reason: shown beside the post.
        now: the present instant.
    """
    group_id, day, event_key = key
    here = (_post.c.group_id == group_id) & (_post.c.business_day == day) & (_post.c.event_key == event_key)
    columns = (_post.c.provenance, _post.c.counts, _post.c.is_recalled, _post.c.occurred_ms)
    changing = update(_post).where(here, _post.c.is_relevant.is_not(is_relevant))
    post = connection.execute(changing.values(is_relevant=is_relevant).returning(*columns)).one_or_none()
    connection.execute(update(_post).where(here).values(reason=reason))
    if post is None:
        return False
    if post.counts and not post.is_recalled:
        change = 1 if is_relevant else -1
        _add_to_counts(connection, [(group_id, day, post.provenance, 0, change, post.occurred_ms)])
        mark_late(connection, {(group_id, day)}, int(now.timestamp() * 1000))
    return True


def _found(post: NewPost) -> FoundPost:
    """Return what an incident is opened from."""
    assert post.verdict is not None  # noqa: S101  the caller has looked
    harm = post.verdict.harm
    words = tuple(dict.fromkeys(hit.word for hit in harm.hits))
    suspicion = Suspicion(harm.is_harmful, tuple(harm.categories), words, harm.reasons, harm.harm)
    return FoundPost(_KEY(post), post.text, post.sender_name, from_epoch(post.occurred_ms / 1000), suspicion)


def _insert_new(connection: Connection, posts: Sequence[NewPost]) -> set[tuple[int, int]]:
    """Insert what is not there yet; returns group and key of what was new.

    Nearly every batch is new as a whole, which the number of inserted rows tells. Only where it is
    not, the batch is inserted again, with RETURNING, which costs a step a row.
    """
    to_param = _day_param(connection)
    # the same order in every process: no deadlocks on PostgreSQL
    rows = [(post[0], to_param(post[1]), *post[2:-1]) for post in sorted(posts, key=_KEY)]
    savepoint = connection.begin_nested()
    if sum(result.rowcount for result in write_rows(connection, _insert, rows)) == len(rows):
        savepoint.commit()
        return {(post.group_id, post.event_key) for post in posts}
    savepoint.rollback()
    return {tuple(row) for result in write_rows(connection, _insert_returning, rows) for row in result}


def _insert(dialect: Dialect) -> Any:
    return upserting(dialect)(_post).on_conflict_do_nothing()


def _insert_returning(dialect: Dialect) -> Any:
    return _insert(dialect).returning(_post.c.group_id, _post.c.event_key)


def _day_param(connection: Connection) -> Any:
    """Return how the driver takes a date: SQLite stores its ISO text."""
    return date.isoformat if connection.dialect.name == "sqlite" else lambda day: day


def _delta(post: Any) -> tuple[int, date, str, int, int, int]:
    """Return what a post adds to the day counts, as `_add_to_counts` takes it."""
    n_relevant = int(post.counts and post.is_relevant)
    return post.group_id, post.business_day, post.provenance, int(post.counts), n_relevant, post.occurred_ms


def _add_to_counts(connection: Connection, deltas: Iterable[tuple[int, date, str, int, int, int]]) -> None:
    """Add (group, day, provenance, posts, relevant, occurred_ms) to the day counts, merged."""
    merged: dict[tuple[int, date, str], list[int]] = {}
    for group_id, day, provenance, n_posts, n_relevant, occurred_ms in deltas:
        total = merged.setdefault((group_id, day, provenance), [0, 0, 0])
        total[0] += n_posts
        total[1] += n_relevant
        total[2] = max(total[2], occurred_ms)
    if not merged:
        return
    to_param = _day_param(connection)
    rows = [(group, to_param(day), by, *total) for (group, day, by), total in sorted(merged.items())]
    deque(write_rows(connection, _upsert_counts, rows), maxlen=0)


def _upsert_counts(dialect: Dialect) -> Any:
    upsert = upserting(dialect)(_count)
    later = upsert.excluded.last_ms
    return upsert.on_conflict_do_update(
        index_elements=["group_id", "business_day", "provenance"],
        set_={
            "n_posts": _count.c.n_posts + upsert.excluded.n_posts,
            "n_relevant": _count.c.n_relevant + upsert.excluded.n_relevant,
            "last_ms": case((later > _count.c.last_ms, later), else_=_count.c.last_ms),
        },
    )


def mark_late(connection: Connection, days: set[tuple[int, date]], received_ms: int) -> None:
    """Make the closed grades of earlier days provisional (暂定); a job closes them again.

    A day that is not over may be closed all the same: the clock that said so has been set back since.
    """
    today = business_day(from_epoch(received_ms / 1000))
    not_over = {day for _, day in days if day >= today}
    closed_early = _load_closed_early(connection, today, not_over) if not_over else ()
    late = [
        {"group": group_id, "day": day}
        for group_id, day in sorted(days)
        if day < today or day in closed_early
    ]
    if not late:
        return
    share_day_close(connection)
    statement = (
        update(_grade)
        .where(_grade.c.group_id == bindparam("group"), _grade.c.business_day == bindparam("day"))
        .values(has_late_posts=True, status=ResultStatus.PROVISIONAL.value)
    )
    connection.execute(statement, late)


def _load_closed_early(connection: Connection, today: date, days: set[date]) -> Collection[date]:
    """Return which days that are not over were closed; nearly always none, which one look tells."""
    since = {"since": close_slot(today)}
    is_any = connection.execute(_CLOSED_FROM, since).first() is not None
    return load_closes(connection, days) if is_any else ()


def _apply_pending(connection: Connection, added: list[NewPost]) -> None:
    """Take back posts whose recall came first."""
    if connection.exec_driver_sql("SELECT 1 FROM pending_recall LIMIT 1").first() is None:
        return
    keys = [post.message_key for post in added]
    waiting = select(_pending).where(_pending.c.message_key.in_(keys))
    found = {(row.group_id, row.message_key): row for row in connection.execute(waiting)}
    for post in added:
        row = found.pop((post.group_id, post.message_key), None)
        if row is not None:
            _recall(connection, Recall(post.group_id, post.message_key, post.business_day, row.received_ms))
            here = (_pending.c.group_id == post.group_id) & (_pending.c.message_key == post.message_key)
            connection.execute(delete(_pending).where(here))


def _recall(connection: Connection, recall: Recall) -> bool:
    days = [recall.recalled_on - timedelta(days=n) for n in range(_MOST_RECALL_DAYS + 1)]
    query = select(_post).where(
        _post.c.group_id == recall.group_id,
        _post.c.business_day.in_(days),
        _post.c.message_key == recall.message_key,
    )
    post = connection.execute(query.order_by(_post.c.occurred_ms.desc())).first()
    if post is None:
        _keep_recall(connection, recall)
        return False
    if post.is_recalled:
        return True
    here = (
        (_post.c.group_id == post.group_id)
        & (_post.c.business_day == post.business_day)
        & (_post.c.event_key == post.event_key)
    )
    connection.execute(update(_post).where(here).values(is_recalled=True))
    minus = (-int(post.counts), -int(post.counts and post.is_relevant))
    _add_to_counts(
        connection, [(post.group_id, post.business_day, post.provenance, *minus, post.occurred_ms)]
    )
    mark_late(connection, {(post.group_id, post.business_day)}, recall.received_ms)
    return True


def _keep_recall(connection: Connection, recall: Recall) -> None:
    row = {"group_id": recall.group_id, "message_key": recall.message_key, "received_ms": recall.received_ms}
    is_known = (_pending.c.group_id == recall.group_id) & (_pending.c.message_key == recall.message_key)
    if connection.execute(select(_pending.c.group_id).where(is_known)).first() is None:
        connection.execute(insert(_pending).values(row))

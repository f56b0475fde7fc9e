"""What operators look at and ask for: silences, reruns, runs of jobs, sizes. Functions of a connection."""

from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection as Connection
from sqlalchemy import Row, case, delete, func, insert, or_, select, text, update

from monitor.clock import from_epoch
from monitor.delivery.outbox import OutboxState
from monitor.store.days.tables import DayCountRow
from monitor.store.oversight.tables import PushSilenceRow, RerunRow
from monitor.store.tables import ChatMessageRow, GroupRow, GroupSourceRow, UnregisteredGroupRow, table_of
from monitor.store.work_tables import JobSlotRow, KeptInputRow, OutboxRow

_silence = table_of(PushSilenceRow)
_rerun = table_of(RerunRow)
_slot = table_of(JobSlotRow)
_outbox = table_of(OutboxRow)
_count = table_of(DayCountRow)
_group = table_of(GroupRow)
_source = table_of(GroupSourceRow)
_chat = table_of(ChatMessageRow)


class JobRun(NamedTuple):
    """A slot that has run."""

    job: str
    slot: datetime
    ran_at: datetime
    outcome: str
    duration_ms: int


class Rerun(NamedTuple):
    """A rerun that an operator asked for."""

    rerun_id: int
    job: str
    business_day: date
    reason: str
    recipient: str
    asked_by: str


class SourceReading(NamedTuple):
    """How fresh a source's groups are."""

    source: str
    n_groups: int
    n_silent: int  # without data for a day
    last_at: datetime | None


def load_silence_end(connection: Connection, now: datetime) -> datetime | None:
    """Return until when only urgent messages go out, or None."""
    query = select(func.max(_silence.c.ends_at))
    end = connection.execute(query.where(_silence.c.begins_at <= now, _silence.c.ends_at > now)).scalar()
    return end


def insert_silence(connection: Connection, begins_at: datetime, ends_at: datetime, by: str) -> int:
    """Begin a silence; returns its number."""
    values = {"begins_at": begins_at, "ends_at": ends_at, "set_by": by}
    return int(connection.execute(insert(_silence).values(values).returning(_silence.c.id)).scalar_one())


def end_silences(connection: Connection, now: datetime) -> int:
    """End every silence now; returns how many there were."""
    running = (_silence.c.begins_at <= now, _silence.c.ends_at > now)
    return connection.execute(update(_silence).where(*running).values(ends_at=now)).rowcount


def insert_rerun(connection: Connection, asked: Rerun, at: datetime) -> int:
    """Put a rerun into the queue, whatever number it has; returns its number."""
    values = {
        "job": asked.job, "business_day": asked.business_day, "reason": asked.reason,
        "recipient": asked.recipient, "asked_at": at, "asked_by": asked.asked_by, "outcome": "",
    }  # fmt: skip
    return int(connection.execute(insert(_rerun).values(values).returning(_rerun.c.id)).scalar_one())


def load_reruns(connection: Connection, job: str = "", day: date | None = None) -> list[Rerun]:
    """Return reruns that wait, oldest first; of one job and day if asked."""
    query = select(
        _rerun.c.id,
        _rerun.c.job,
        _rerun.c.business_day,
        _rerun.c.reason,
        _rerun.c.recipient,
        _rerun.c.asked_by,
    ).where(_rerun.c.done_at.is_(None))
    if job:
        query = query.where(_rerun.c.job == job, _rerun.c.business_day == day)
    return [Rerun(*row) for row in connection.execute(query.order_by(_rerun.c.id))]


def finish_rerun(connection: Connection, rerun_id: int, outcome: str, now: datetime) -> bool:
    """Take a rerun out of the queue; False if another process has done so."""
    waiting = (_rerun.c.id == rerun_id, _rerun.c.done_at.is_(None))
    values = {"done_at": now, "outcome": outcome}
    return connection.execute(update(_rerun).where(*waiting).values(values)).rowcount == 1


def note_outcome(connection: Connection, rerun_id: int, outcome: str) -> None:
    """Note what came of a rerun."""
    connection.execute(update(_rerun).where(_rerun.c.id == rerun_id).values(outcome=outcome))


def free_slot(connection: Connection, job: str, slot: datetime) -> bool:
    """Let a slot run again; False if it has not run."""
    return connection.execute(delete(_slot).where(_slot.c.job == job, _slot.c.slot == slot)).rowcount == 1


def load_last_runs(connection: Connection) -> dict[str, JobRun]:
    """Return the run of the newest slot of every job."""
    newest = select(_slot.c.job, func.max(_slot.c.slot).label("slot")).group_by(_slot.c.job).subquery()
    query = select(_slot).join(newest, (newest.c.job == _slot.c.job) & (newest.c.slot == _slot.c.slot))
    return {row.job: _to_run(row) for row in connection.execute(query)}


def load_runs(connection: Connection, job: str, since: datetime) -> list[JobRun]:
    """Return the runs of a job's slots from an instant on, in order."""
    query = select(_slot).where(_slot.c.job == job, _slot.c.slot >= since).order_by(_slot.c.slot)
    return [_to_run(row) for row in connection.execute(query)]


def count_messages(connection: Connection, since: datetime) -> dict[str, int]:
    """Return messages by state: all that wait or are on the way, of the others those since an instant."""
    unfinished = (OutboxState.WAITING.value, OutboxState.SENDING.value)
    counted = select(_outbox.c.state, func.count()).group_by(_outbox.c.state)
    is_open, is_of_the_day = _outbox.c.state.in_(unfinished), _outbox.c.created_at > since
    others = counted.where(is_of_the_day, _outbox.c.state.not_in(unfinished))
    query = counted.where(is_open).union_all(others)  # each half by an index of its own
    return {row[0]: row[1] for row in connection.execute(query)}


def load_oldest_due(connection: Connection, now: datetime) -> datetime | None:
    """Return since when the longest waiting message that is due has been due; None if none is."""
    due = (_outbox.c.state == OutboxState.WAITING.value, _outbox.c.run_at <= now)
    return connection.execute(select(func.min(_outbox.c.run_at)).where(*due)).scalar()


def count_kept_inputs(connection: Connection) -> int:
    """Return how many inputs failed and wait for a replay."""
    return int(connection.execute(select(func.count()).select_from(table_of(KeptInputRow))).scalar_one())


def load_last_input(connection: Connection, since: date) -> tuple[datetime | None, datetime | None]:
    """Return when the last private message and the last group post came."""
    chat = connection.execute(select(func.max(_chat.c.received_at))).scalar()
    last_ms = load_last_post_ms(connection, since)
    return chat, (from_epoch(last_ms / 1000) if last_ms else None)


def load_last_post_ms(connection: Connection, since: date) -> int | None:
    """Return when the last group post of some days came, in milliseconds; None without any.

    Group by group: the rows lie in that order, an index of days would be a second way to each.
    """
    of_group = select(func.max(_count.c.last_ms)).where(
        _count.c.group_id == _group.c.id, _count.c.business_day >= since
    )
    latest = select(of_group.scalar_subquery().label("last_ms")).select_from(_group).subquery()
    return connection.execute(select(func.max(latest.c.last_ms))).scalar()


def load_database_bytes(connection: Connection) -> int:
    """Return how large the database is."""
    if connection.dialect.name == "sqlite":
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
        return int(pages) * int(connection.execute(text("PRAGMA page_size")).scalar_one())
    return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())


def load_group_sources(connection: Connection, group_id: int) -> list[tuple[str, str]]:
    """Return the (source, external id) pairs of a group."""
    query = select(_source.c.source, _source.c.external_id).where(_source.c.group_id == group_id)
    return [(row[0], row[1]) for row in connection.execute(query.order_by(_source.c.source))]


def load_group_last_seen(connection: Connection, group_id: int) -> list[tuple[str, datetime]]:
    """Return when each kind of source last brought something of a group."""
    query = select(_count.c.provenance, func.max(_count.c.last_ms)).where(_count.c.group_id == group_id)
    rows = connection.execute(query.group_by(_count.c.provenance).order_by(_count.c.provenance))
    return [(row[0], from_epoch(row[1] / 1000)) for row in rows if row[1]]


def load_sources(connection: Connection, now: datetime, since: date) -> list[SourceReading]:
    """Return every source with its groups, the stalest first."""
    recent = select(func.max(_count.c.last_ms)).where(
        _count.c.group_id == _group.c.id, _count.c.business_day >= since
    )
    seen = (
        select(_source.c.source, recent.scalar_subquery().label("last_ms"))
        .join(_group, _group.c.id == _source.c.group_id)
        .where(_group.c.closed_on.is_(None))
        .subquery()
    )
    limit = int((now.timestamp() - 86_400) * 1000)
    is_silent = or_(seen.c.last_ms.is_(None), seen.c.last_ms < limit)
    figures = (func.count(), func.count(case((is_silent, 1))), func.max(seen.c.last_ms))
    readings = [
        SourceReading(source, n_groups, n_silent, from_epoch(last_ms / 1000) if last_ms else None)
        for source, n_groups, n_silent, last_ms in connection.execute(
            select(seen.c.source, *figures).group_by(seen.c.source)
        )
    ]
    return sorted(readings, key=lambda one: one.last_at.timestamp() if one.last_at else 0.0)


def count_unregistered(connection: Connection) -> int:
    """Return how many groups are only seen."""
    return int(
        connection.execute(select(func.count()).select_from(table_of(UnregisteredGroupRow))).scalar_one()
    )


def _to_run(row: Row[Any]) -> JobRun:
    return JobRun(row.job, row.slot, row.ran_at, row.outcome, row.duration_ms)

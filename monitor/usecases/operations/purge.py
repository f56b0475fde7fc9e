"""Remove what may not be kept any longer (清理), in small transactions that hold up nobody.

Key types: `Retention`, `PurgeReport`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from monitor.clock import Clock, business_day
from monitor.store.database import Database
from monitor.store.incidents.rows import empty_incidents
from monitor.store.learning.examples import delete_old_examples
from monitor.store.operations import purge_rows
from monitor.store.operations.purge_rows import Connection
from monitor.usecases.operations.seal_audit import purge_audit

_GROUPS_PER_BATCH = 200
_ROWS_PER_BATCH = 2_000
_NIGHTLY_DAYS = 7  # a nightly run looks at the days that have just become old, and a few before
_RECALL_DAYS = 7


@dataclass(frozen=True, slots=True)
class Retention:
    """How many days things are kept."""

    text_days: int = 30  # texts of posts and chats, senders' names
    input_days: int = 30  # input kept for replay, and what failed
    session_days: int = 7
    outbox_days: int = 90  # settled messages, links that are over, read receipts of announcements that are
    audit_days: int = 1096
    incident_days: int = 365  # after the settling: until then the evidence stays, whatever becomes of posts
    example_days: int = 365  # texts that people labelled, since they did


@dataclass(frozen=True, slots=True)
class PurgeReport:
    """What one purge removed."""

    n_posts: int
    n_chats: int
    n_inputs: int
    n_sessions: int
    n_messages: int
    n_leftovers: int
    n_incidents: int = 0
    n_examples: int = 0
    n_audits: int = 0

    def __str__(self) -> str:
        """Say it in one line, for the list of jobs."""
        return (
            f"清空发布文本 {self.n_posts}、对话 {self.n_chats}；"
            f"删除待重放 {self.n_inputs}、会话 {self.n_sessions}、"
            f"消息 {self.n_messages}、其他 {self.n_leftovers}；"
            f"清空事件原文 {self.n_incidents}、删除样本 {self.n_examples}、操作记录 {self.n_audits}"
        )


def purge(
    database: Database, clock: Clock, retention: Retention | None = None, *, thorough: bool = True
) -> PurgeReport:
    """Empty and delete what is older than its retention.

    Source: none (PIPL art. 19; design).

    Args:
        retention: how long things are kept.
        thorough: look at posts of all times; a nightly run looks at the days just grown old only.
    """
    kept = retention or Retention()
    now = clock()

    def before(n_days: int) -> datetime:
        return now - timedelta(days=n_days)

    return PurgeReport(
        n_posts=_empty_posts(database, business_day(now) - timedelta(days=kept.text_days), thorough=thorough),
        n_chats=_repeat(database, lambda c, n: purge_rows.empty_chats(c, before(kept.text_days), n)),
        n_inputs=_repeat(database, lambda c, n: purge_rows.delete_kept_input(c, before(kept.input_days), n)),
        n_sessions=_repeat(
            database, lambda c, n: purge_rows.delete_sessions(c, before(kept.session_days), n)
        ),
        n_messages=_repeat(database, lambda c, n: purge_rows.delete_outbox(c, before(kept.outbox_days), n)),
        n_incidents=_repeat(database, lambda c, n: empty_incidents(c, before(kept.incident_days), n)),
        n_examples=_repeat(database, lambda c, n: delete_old_examples(c, before(kept.example_days), n)),
        n_audits=purge_audit(database, clock, kept.audit_days),
        n_leftovers=database.write(
            lambda c: purge_rows.delete_leftovers(c, now, int(before(_RECALL_DAYS).timestamp() * 1000))
        )
        + database.write(lambda c: purge_rows.delete_over_long(c, before(kept.outbox_days)))
        + _repeat(database, lambda c, n: purge_rows.delete_error_events(c, before(kept.input_days), n)),
    )


def _empty_posts(database: Database, first_kept: date, *, thorough: bool) -> int:
    """Go through the groups, because they lead the key of posts."""
    since = None if thorough else first_kept - timedelta(days=_NIGHTLY_DAYS)
    with database.reading() as connection:
        group_ids = purge_rows.load_group_ids(connection)

    def empty(some: list[int]) -> int:
        return database.write(lambda c: purge_rows.empty_posts(c, some, first_kept, since))

    batches = range(0, len(group_ids), _GROUPS_PER_BATCH)
    return sum(empty(group_ids[start : start + _GROUPS_PER_BATCH]) for start in batches)


def _repeat(database: Database, batch: Callable[[Connection, int], int]) -> int:
    """Run a batch until nothing is left; returns how many rows in all."""
    n_rows = 0
    while n_batch := database.write(lambda connection: batch(connection, _ROWS_PER_BATCH)):
        n_rows += n_batch
    return n_rows

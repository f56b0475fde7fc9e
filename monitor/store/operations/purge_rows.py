"""Emptying and deleting what is kept no longer, in batches. Functions of a connection.

Counts, grades and keys stay; the text of posts and the names of their senders go.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection as Connection
from sqlalchemy import Table, delete, or_, select, tuple_, update

from monitor.people.steps import LOOSE_PICTURE_LIFE, STEP_MEMORY
from monitor.store.console.announcement_tables import AnnouncementReceiptRow, AnnouncementRow
from monitor.store.console.screen_tables import SharedLinkRow
from monitor.store.days.tables import PendingRecallRow, PostRow
from monitor.store.oversight.tables import BriefLinkRow
from monitor.store.people.desk_rows import delete_over
from monitor.store.people.pictures import delete_loose
from monitor.store.people.steps import delete_steps
from monitor.store.tables import ChatMenuRow, ChatMessageRow, ConsoleSessionRow, GroupRow, table_of
from monitor.store.work_tables import ErrorEventRow, KeptInputRow, OutboxRow

_post = table_of(PostRow)
_group = table_of(GroupRow)
_chat = table_of(ChatMessageRow)
_menu = table_of(ChatMenuRow)
_session = table_of(ConsoleSessionRow)
_kept = table_of(KeptInputRow)
_error = table_of(ErrorEventRow)
_outbox = table_of(OutboxRow)
_pending = table_of(PendingRecallRow)
_announcement = table_of(AnnouncementRow)
_receipt = table_of(AnnouncementReceiptRow)
_links = (table_of(SharedLinkRow), table_of(BriefLinkRow))


def load_group_ids(connection: Connection) -> list[int]:
    """Return the ids of all groups, open or not."""
    return list(connection.execute(select(_group.c.id).order_by(_group.c.id)).scalars())


def empty_posts(
    connection: Connection, group_ids: Sequence[int], before: date, since: date | None = None
) -> int:
    """Empty text and sender's name of posts of groups on days before a date; returns how many."""
    old = [_post.c.group_id.in_(group_ids), _post.c.business_day < before]
    if since is not None:
        old.append(_post.c.business_day >= since)
    filled = or_(_post.c.text != "", _post.c.sender_name != "")
    statement = update(_post).where(*old, filled).values(text="", sender_name="")
    return connection.execute(statement).rowcount


def empty_chats(connection: Connection, before: datetime, n_most: int) -> int:
    """Empty private messages and their answers received before an instant; returns how many."""
    filled = or_(_chat.c.text != "", _chat.c.reply != "")
    batch = select(_chat.c.account, _chat.c.event_key).where(_chat.c.received_at < before, filled)
    found = [tuple(row) for row in connection.execute(batch.limit(n_most)).all()]
    if found:
        here = tuple_(_chat.c.account, _chat.c.event_key).in_(found)
        connection.execute(update(_chat).where(here).values(text="", reply=""))
    return len(found)


def delete_kept_input(connection: Connection, before: datetime, n_most: int) -> int:
    """Delete input kept for replay that was received before an instant."""
    return _delete_batch(connection, _kept, _kept.c.id, _kept.c.received_at < before, n_most)


def delete_error_events(connection: Connection, before: datetime, n_most: int) -> int:
    """Delete failures that have not happened again since an instant."""
    return _delete_batch(connection, _error, _error.c.id, _error.c.last_at < before, n_most)


def delete_sessions(connection: Connection, before: datetime, n_most: int) -> int:
    """Delete console sessions unused since an instant."""
    return _delete_batch(
        connection, _session, _session.c.token_hash, _session.c.last_seen_at < before, n_most
    )


def delete_outbox(connection: Connection, before: datetime, n_most: int) -> int:
    """Delete messages settled before an instant; what still waits is never touched."""
    return _delete_batch(connection, _outbox, _outbox.c.id, _outbox.c.done_at < before, n_most)


def delete_leftovers(connection: Connection, now: datetime, recalls_before_ms: int) -> int:
    """Delete menus and steps that are over, loose pictures, and recalls whose post never came."""
    over = delete_steps(connection, now - STEP_MEMORY) + delete_loose(connection, now - LOOSE_PICTURE_LIFE)
    menus = connection.execute(delete(_menu).where(_menu.c.expires_at < now)).rowcount
    desks = delete_over(connection, now)
    recalls = delete(_pending).where(_pending.c.received_ms < recalls_before_ms)
    return over + menus + desks + connection.execute(recalls).rowcount


def delete_over_long(connection: Connection, before: datetime) -> int:
    """Delete links and read receipts (已读) whose end lies before an instant; announcements themselves stay.

    Who made, revoked or read something is of no use once it is over; that it was made stands in the audit.
    """
    ended = select(_announcement.c.id).where(_announcement.c.last_day < before.date())
    statements = [delete(_receipt).where(_receipt.c.announcement_id.in_(ended))]
    statements += [
        delete(one).where(or_(one.c.expires_at < before, one.c.revoked_at < before)) for one in _links
    ]
    return sum(connection.execute(statement).rowcount for statement in statements)


def _delete_batch(connection: Connection, table: Table, key: Any, condition: Any, n_most: int) -> int:
    batch = list(connection.execute(select(key).where(condition).limit(n_most)).scalars())
    if batch:
        connection.execute(delete(table).where(key.in_(batch)))
    return len(batch)

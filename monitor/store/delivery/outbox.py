"""Rows of the outbox: enqueue, claim, finish, list. Functions of a connection.

A claim is a short transaction of its own; claims of several processes follow one another, because each
must see the messages that the one before has taken from a channel's limit. `Connection` is exported
for the signatures of use cases, which only pass it on.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select, update
from sqlalchemy import Connection as Connection

from monitor.delivery.addresses import KnownAddress
from monitor.delivery.outbox import (
    LEASE,
    URGENT_PRIORITY,
    ChannelKind,
    NewMessage,
    OutboxState,
    QuietHours,
    identity_recipient,
)
from monitor.delivery.sending import DueRow, Fold, Lane, Result
from monitor.store.tables import ChatIdentityRow, table_of
from monitor.store.upsert import upserting
from monitor.store.work_tables import OutboxRow
from monitor.units import Role

_outbox = table_of(OutboxRow)
_identity = table_of(ChatIdentityRow)
_CLAIMS = 7_302_014  # advisory lock; any number, the same in every process
_MOST_WAITING = 2_000  # rows of the recipients of one claim; more wait for the next
_DUE = (
    _outbox.c.id, _outbox.c.idempotency_key, _outbox.c.kind, _outbox.c.priority, _outbox.c.recipient,
    _outbox.c.title, _outbox.c.text, _outbox.c.url, _outbox.c.channel, _outbox.c.exhausted,
    _outbox.c.attempts, _outbox.c.created_at, _outbox.c.sent_at,
)  # fmt: skip


def enqueue(
    connection: Connection, messages: Iterable[NewMessage], now: datetime, quiet: QuietHours | None = None
) -> int:
    """Put messages into the outbox in the caller's transaction; returns how many were new.

    Args:
        connection: of the transaction that holds the reason for the messages.
        messages: one with a key that exists already is dropped.
        now: the present instant.
        quiet: hours in which only incidents go out; the rest waits for their end.
    """
    hours = quiet or QuietHours()
    rows = [
        {
            **asdict(message),
            "priority": message.priority,
            "kind": message.kind.value,
            "run_at": hours.send_at(now, message.priority),
        }
        for message in messages
    ]
    n_new = 0
    for row in rows:
        row["idempotency_key"] = row.pop("key")
        n_new += len(_insert(connection, row | _fresh(now)))
    return n_new


def _fresh(now: datetime) -> dict[str, Any]:
    return {
        "state": OutboxState.WAITING.value, "channel": "", "exhausted": [], "lease_token": "",
        "attempts": 0, "last_error": "", "created_at": now,
    }  # fmt: skip


def _insert(connection: Connection, row: Mapping[str, Any]) -> list[int]:
    statement = upserting(connection)(_outbox).values(row).on_conflict_do_nothing()
    return list(connection.execute(statement.returning(_outbox.c.id)).scalars())


def queue_claims(connection: Connection) -> None:
    """Wait for the claim of another process to commit; SQLite's one writer needs nothing of this."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_CLAIMS})")


def has_due(connection: Connection, now: datetime, *, is_quiet: bool) -> bool:
    """Tell whether `load_due` would find anything."""
    query = select(_outbox.c.id).where(_is_due(now, is_quiet)).limit(1)
    return connection.execute(query).first() is not None


def load_due(connection: Connection, now: datetime, n_most: int, *, is_quiet: bool) -> list[DueRow]:
    """Return rows to be sent now, priority then age, with all other due rows of the same recipients.

    Due is what waits and whose time has come, and what a dead worker held when its lease ran out.
    """
    first = select(*_DUE).where(_is_due(now, is_quiet)).order_by(_outbox.c.priority, _outbox.c.id)
    found = connection.execute(first.limit(n_most).with_for_update(skip_locked=True)).all()
    if not found:
        return []
    recipients = {row.recipient for row in found}
    known = {row.id for row in found}
    more = first.where(_outbox.c.recipient.in_(recipients), _outbox.c.id.not_in(known))
    others = connection.execute(more.limit(_MOST_WAITING).with_for_update(skip_locked=True)).all()
    return [_to_due(row) for row in (*found, *others)]


def load_used(
    connection: Connection, recipients: Collection[str], since: datetime, now: datetime
) -> dict[Lane, list[datetime]]:
    """Return what counts against limits: sent or perhaps sent since an instant, or under way now."""
    under_way = and_(_outbox.c.state == OutboxState.SENDING.value, _outbox.c.lease_until > now)
    query = select(_outbox.c.recipient, _outbox.c.channel, _outbox.c.sent_at).where(
        _outbox.c.recipient.in_(recipients),
        _outbox.c.channel != "",
        or_(_outbox.c.sent_at > since, under_way),
    )
    used: dict[Lane, list[datetime]] = {}
    for recipient, channel, sent_at in connection.execute(query):
        used.setdefault((recipient, ChannelKind(channel)), []).append(sent_at or now)
    return used


def load_addresses(connection: Connection, recipients: Collection[str]) -> dict[str, KnownAddress]:
    """Return the chat addresses of bound people by recipient name."""
    ids = [int(name.partition(":")[2]) for name in recipients if name.startswith("identity:")]
    query = select(_identity.c.id, _identity.c.account, _identity.c.address, _identity.c.last_chat_at)
    rows = connection.execute(query.where(_identity.c.id.in_(ids)))
    return {identity_recipient(row[0]): KnownAddress(row[1], row[2], row[3]) for row in rows}


def take(connection: Connection, row_ids: Mapping[int, ChannelKind], token: str, now: datetime) -> None:
    """Lease rows to a worker, each with the channel it will be sent by."""
    if not row_ids:
        return
    statement = (
        update(_outbox)
        .where(_outbox.c.id == bindparam("row"))
        .values(
            state=OutboxState.SENDING.value,
            channel=bindparam("by"),
            lease_token=token,
            lease_until=now + LEASE,
            attempts=_outbox.c.attempts + 1,
        )
    )
    connection.execute(statement, [{"row": row, "by": kind.value} for row, kind in row_ids.items()])


def insert_fold(connection: Connection, fold: Fold, token: str, now: datetime) -> DueRow:
    """Write a digest, leased to the worker, and mark the rows that it names as folded into it."""
    message = fold.message
    row = {
        **_fresh(now), "idempotency_key": message.key, "kind": message.kind.value, "run_at": now,
        "priority": fold.priority, "recipient": message.recipient, "title": message.title,
        "text": message.text, "url": message.url, "state": OutboxState.SENDING.value,
        "channel": fold.channel.value, "lease_token": token, "lease_until": now + LEASE, "attempts": 1,
    }  # fmt: skip
    (row_id,) = _insert(connection, row)
    folded = {
        "state": OutboxState.FOLDED.value, "done_at": now, "lease_token": "",
        "last_error": f"并入第 {row_id} 号",
    }  # fmt: skip
    connection.execute(update(_outbox).where(_outbox.c.id.in_(fold.row_ids)).values(folded))
    return _to_due(connection.execute(select(*_DUE).where(_outbox.c.id == row_id)).one())


def settle(connection: Connection, row_ids: Sequence[int], state: OutboxState, now: datetime) -> None:
    """Give rows a final state without a try."""
    values = {"state": state.value, "done_at": now, "lease_token": "", "lease_until": None}
    connection.execute(update(_outbox).where(_outbox.c.id.in_(row_ids)).values(values))


def postpone(connection: Connection, row_id: int, until: datetime) -> None:
    """Let a row wait."""
    values = {
        "state": OutboxState.WAITING.value,
        "run_at": until,
        "lease_token": "",
        "lease_until": None,
    }
    connection.execute(update(_outbox).where(_outbox.c.id == row_id).values(values))


def begin_try(connection: Connection, row_id: int, token: str, now: datetime) -> bool:
    """Note, just before the call, that the platform may have the message from now on; renews the lease.

    False when the lease was lost to another worker: then do not send.
    """
    values = {"lease_until": now + LEASE, "sent_at": func.coalesce(_outbox.c.sent_at, now)}
    return _update_leased(connection, row_id, token, values)


def release(connection: Connection, row_id: int, token: str, run_at: datetime) -> bool:
    """Give a row back without a try."""
    values = {
        "state": OutboxState.WAITING.value, "run_at": run_at, "lease_token": "", "lease_until": None,
        "attempts": _outbox.c.attempts - 1,
    }  # fmt: skip
    return _update_leased(connection, row_id, token, values)


def finish_sent(connection: Connection, row_id: int, token: str, now: datetime) -> bool:
    """Record that the platform accepted a row; False when the lease was lost meanwhile."""
    values = {
        "state": OutboxState.SENT.value, "done_at": now, "sent_at": now, "lease_until": None,
        "last_error": "",
    }  # fmt: skip
    return _update_leased(connection, row_id, token, values)


def finish_failed(connection: Connection, row_id: int, token: str, result: Result, now: datetime) -> bool:
    """Record what becomes of a row whose try failed; False when the lease was lost meanwhile."""
    values = {
        "state": result.state.value,
        "run_at": result.run_at,
        "sent_at": result.tried_at,
        "exhausted": list(result.exhausted),
        "last_error": result.last_error,
        "lease_until": None,
        "done_at": now if result.is_settled else None,
    }
    return _update_leased(connection, row_id, token, values)


def hasten(connection: Connection, channel: ChannelKind, now: datetime, *, n_rows: int | None) -> None:
    """Make failed rows of a channel due at once: all after it recovered, or one to try whether it has."""
    waiting = and_(
        _outbox.c.state == OutboxState.WAITING.value,
        _outbox.c.channel == channel.value,
        _outbox.c.attempts > 0,
        _outbox.c.sent_at.is_(None),  # a doubtful row keeps its own times
        _outbox.c.run_at > now,
    )
    if n_rows is not None:
        first = select(_outbox.c.id).where(waiting).order_by(_outbox.c.priority, _outbox.c.id).limit(n_rows)
        waiting = _outbox.c.id.in_(list(connection.execute(first).scalars()))
    connection.execute(update(_outbox).where(waiting).values(run_at=now))


def load_operators(connection: Connection) -> list[str]:
    """Return the recipients that are told when a message could not be delivered."""
    query = select(_identity.c.id).where(_identity.c.role == Role.OPERATOR).order_by(_identity.c.id)
    return [identity_recipient(identity_id) for identity_id in connection.execute(query).scalars()]


def _is_due(now: datetime, is_quiet: bool) -> ColumnElement[bool]:
    due = or_(
        and_(_outbox.c.state == OutboxState.WAITING.value, _outbox.c.run_at <= now),
        and_(_outbox.c.state == OutboxState.SENDING.value, _outbox.c.lease_until <= now),
    )
    return and_(due, _outbox.c.priority <= URGENT_PRIORITY) if is_quiet else due


def _update_leased(connection: Connection, row_id: int, token: str, values: Mapping[str, Any]) -> bool:
    is_mine = and_(_outbox.c.id == row_id, _outbox.c.lease_token == token)
    leased = and_(is_mine, _outbox.c.state == OutboxState.SENDING.value)
    return connection.execute(update(_outbox).where(leased).values(values)).rowcount == 1


def _to_due(row: Any) -> DueRow:
    return DueRow(
        row_id=row.id,
        key=row.idempotency_key,
        kind=row.kind,
        priority=row.priority,
        recipient=row.recipient,
        title=row.title,
        text=row.text,
        url=row.url,
        channel=row.channel,
        exhausted=tuple(row.exhausted),
        attempts=row.attempts,
        created_at=row.created_at,
        tried_at=row.sent_at,
    )

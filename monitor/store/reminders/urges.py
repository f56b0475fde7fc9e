"""催办: what was sent, how often, and how far its messages came. Functions of a connection."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection as Connection
from sqlalchemy import String, cast, func, insert, select

from monitor.delivery.outbox import OutboxState
from monitor.store.delivery import outbox as outbox_rows
from monitor.store.oversight.tables import UrgeRow
from monitor.store.subtree import joined_in_subtree
from monitor.store.tables import ChatIdentityRow, GroupRow, UnitRow, table_of
from monitor.store.work_tables import OutboxRow

_urge = table_of(UrgeRow)
_unit = table_of(UnitRow)
_group = table_of(GroupRow)
_outbox = table_of(OutboxRow)
_identity = table_of(ChatIdentityRow)


class UrgeReading(NamedTuple):
    """One 催办 with the messages by state and by channel."""

    urge_id: int
    unit_name: str
    group_code: str | None
    matter: str
    made_at: datetime
    by: str
    n_recipients: int
    states: Mapping[str, int]
    channels: Mapping[str, int]


class Delivery(NamedTuple):
    """How far the message to one person came; `at` is when the platform took it, else when it was queued."""

    name: str
    role: str
    unit_id: int | None
    state: str
    channel: str
    at: datetime


def load_deliveries(connection: Connection, urge_id: int) -> list[Delivery]:
    """Return the deliveries of a 催办, those that did not get through first."""
    number = func.replace(_outbox.c.recipient, "identity:", "")
    query = select(
        _identity.c.display_name, _identity.c.role, _identity.c.unit_id, _outbox.c.state, _outbox.c.channel,
        func.coalesce(_outbox.c.sent_at, _outbox.c.created_at),
    ).select_from(_outbox.outerjoin(_identity, cast(_identity.c.id, String) == number)).where(
        _of_urge(connection, urge_id)
    )  # fmt: skip
    rows = connection.execute(query.order_by(_outbox.c.state == OutboxState.SENT.value, _outbox.c.id))
    return [Delivery(row[0] or "", row[1] or "", *row[2:]) for row in rows]


def lock_unit(connection: Connection, unit_id: int) -> None:
    """Keep others from urging the same unit until the end of the transaction: the limit of a day is one."""
    connection.execute(select(_unit.c.id).where(_unit.c.id == unit_id).with_for_update())


def message_key(urge_id: int, recipient: str) -> str:
    """Return the key of the message to one person."""
    return f"urge:{urge_id}:{recipient}"


def insert_urge(connection: Connection, values: Mapping[str, Any]) -> int:
    """Insert a 催办; returns its number."""
    statement = insert(_urge).values(dict(values)).returning(_urge.c.id)
    return int(connection.execute(statement).scalar_one())


def count_urges(connection: Connection, unit_id: int, day: date) -> int:
    """Return how often a unit has been urged on a day."""
    query = select(func.count()).where(_urge.c.unit_id == unit_id, _urge.c.business_day == day)
    return int(connection.execute(query).scalar_one())


def find_same(
    connection: Connection, unit_id: int, group_id: int | None, matter: str, by: str, since: datetime
) -> int | None:
    """Return the number of the same 催办 by the same person since an instant."""
    of_group = _urge.c.group_id.is_(None) if group_id is None else _urge.c.group_id == group_id
    query = select(_urge.c.id).where(
        _urge.c.unit_id == unit_id, of_group, _urge.c.matter == matter, _urge.c.made_by == by,
        _urge.c.made_at > since,
    )  # fmt: skip
    return connection.execute(query.order_by(_urge.c.id.desc()).limit(1)).scalar()


def settle_unreachable(
    connection: Connection, urge_id: int, recipients: Collection[str], now: datetime
) -> None:
    """Let messages wait to be asked for (待拉取) whose recipients no channel reaches."""
    keys = [message_key(urge_id, recipient) for recipient in recipients]
    ids = connection.execute(select(_outbox.c.id).where(_outbox.c.idempotency_key.in_(keys))).scalars().all()
    if ids:
        outbox_rows.settle(connection, list(ids), OutboxState.PULL_ONLY, now)


def load_urges(connection: Connection, path: str, day: date, limit: int) -> list[UrgeReading]:
    """Return the 催办 of a day in a subtree, newest first."""
    query = _urges().where(joined_in_subtree(path), _urge.c.business_day == day)
    rows = connection.execute(query.order_by(_urge.c.id.desc()).limit(limit)).all()
    return [_to_reading(connection, row) for row in rows]


def load_urge(connection: Connection, urge_id: int) -> UrgeReading:
    """Return one 催办 that exists."""
    return _to_reading(connection, connection.execute(_urges().where(_urge.c.id == urge_id)).one())


def load_waiting_texts(connection: Connection, recipient: str, since: datetime, limit: int) -> Sequence[str]:
    """Return the texts of messages to one person that no channel could bring and no alert repeats."""
    query = select(_outbox.c.text).where(
        _outbox.c.recipient == recipient, _outbox.c.state == OutboxState.PULL_ONLY.value,
        _outbox.c.created_at > since, _outbox.c.idempotency_key.like("urge:%"),
    )  # fmt: skip
    return list(connection.execute(query.order_by(_outbox.c.id.desc()).limit(limit)).scalars())


def _urges() -> Any:
    query = select(
        _urge.c.id, _unit.c.name, _group.c.code, _urge.c.matter, _urge.c.made_at, _urge.c.made_by,
        _urge.c.n_recipients,
    )  # fmt: skip
    joined = query.join(_unit, _unit.c.id == _urge.c.unit_id)
    return joined.outerjoin(_group, _group.c.id == _urge.c.group_id)


def _of_urge(connection: Connection, urge_id: int) -> Any:
    """Return the condition that a message is one of a 催办; SQLite serves GLOB from the index, not LIKE."""
    key, prefix = _outbox.c.idempotency_key, f"urge:{urge_id}:"
    return key.op("GLOB")(f"{prefix}*") if connection.dialect.name == "sqlite" else key.like(f"{prefix}%")


def _to_reading(connection: Connection, row: Any) -> UrgeReading:
    here = _of_urge(connection, row[0])
    states: dict[str, int] = {}
    channels: dict[str, int] = {}
    query = select(_outbox.c.state, _outbox.c.channel, func.count()).where(here)
    for state, channel, n_messages in connection.execute(query.group_by(_outbox.c.state, _outbox.c.channel)):
        states[state] = states.get(state, 0) + n_messages
        if channel:
            channels[channel] = channels.get(channel, 0) + n_messages
    by = str(row[5]).partition(":")[2]
    name = select(_identity.c.display_name).where(_identity.c.id == (int(by) if by.isdecimal() else 0))
    shown = connection.execute(name).scalar() or row[5]
    return UrgeReading(row[0], row[1], row[2], row[3], row[4], shown, row[6], states, channels)

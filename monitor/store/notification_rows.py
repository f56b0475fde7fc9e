"""Alerts and outbox messages of a viewer's subtree. Functions of a connection."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    cast,
    false,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy import Connection as Connection

from monitor.outbox import OutboxState
from monitor.store.directory import in_subtree
from monitor.store.tables import ChatIdentityRow, GroupRow, UnitRow, table_of
from monitor.store.upsert import upserting
from monitor.store.work_tables import AlertRow, AuditRow, OutboxRow
from monitor.units import Role, Viewer

_alert = table_of(AlertRow)
_outbox = table_of(OutboxRow)
_identity = table_of(ChatIdentityRow)
_unit = table_of(UnitRow)
_group = table_of(GroupRow)
_audit = table_of(AuditRow)


@dataclass(frozen=True, slots=True)
class AlertReading:
    """One alert as shown."""

    alert_id: int
    kind: str
    level: int
    title: str
    text: str
    unit_name: str
    unit_code: str
    group_code: str | None
    business_day: date
    created_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True)
class MessageReading:
    """One outbox row as shown. `recipient_name` is the bound person's or robot's name."""

    message_id: int
    kind: str
    priority: int
    recipient: str
    recipient_name: str
    title: str
    text: str
    url: str
    alert_id: int | None
    state: str
    channel: str
    attempts: int
    last_error: str
    run_at: datetime
    created_at: datetime
    done_at: datetime | None
    key: str


def load_open_alerts(connection: Connection, viewer: Viewer, limit: int) -> list[AlertReading]:
    """Return unresolved alerts, most urgent first, then newest."""
    query = _alerts(viewer).where(_alert.c.resolved_at.is_(None))
    rows = connection.execute(query.order_by(_alert.c.level, _alert.c.id.desc()).limit(limit))
    return [AlertReading(*row) for row in rows]


def find_alert(connection: Connection, viewer: Viewer, alert_id: int) -> AlertReading | None:
    """Return one alert, or None if it does not exist for this viewer."""
    row = connection.execute(_alerts(viewer).where(_alert.c.id == alert_id)).one_or_none()
    return None if row is None else AlertReading(*row)


def acknowledge(connection: Connection, alert_id: int, by: str, now: datetime) -> bool:
    """Note who has seen an alert, with an audit entry; False if somebody had done so before."""
    fresh = and_(_alert.c.id == alert_id, _alert.c.acknowledged_at.is_(None))
    values = {"acknowledged_at": now, "acknowledged_by": by}
    if connection.execute(update(_alert).where(fresh).values(**values)).rowcount == 0:
        return False
    _record(connection, by, "alert.acknowledged", f"alert:{alert_id}", now)
    return True


def load_messages(
    connection: Connection, viewer: Viewer, states: frozenset[OutboxState], limit: int
) -> list[MessageReading]:
    """Return messages to the people of a viewer's subtree, newest first."""
    query = _messages(viewer)
    if states:
        query = query.where(_outbox.c.state.in_([state.value for state in states]))
    rows = connection.execute(query.order_by(_outbox.c.id.desc()).limit(limit))
    return [MessageReading(*row) for row in rows]


def find_message(connection: Connection, viewer: Viewer, message_id: int) -> MessageReading | None:
    """Return one message, or None if it does not exist for this viewer."""
    row = connection.execute(_messages(viewer).where(_outbox.c.id == message_id)).one_or_none()
    return None if row is None else MessageReading(*row)


def count_states(connection: Connection, viewer: Viewer) -> dict[str, int]:
    """Return the number of messages by state."""
    query = select(_outbox.c.state, func.count()).select_from(_joined()).where(_may_see_message(viewer))
    return {row[0]: row[1] for row in connection.execute(query.group_by(_outbox.c.state))}


def copy_message(
    connection: Connection, message: MessageReading, by: str, now: datetime, run_at: datetime
) -> int:
    """Queue a message again under a new key, at most once a minute; returns the copy's number."""
    key = f"{message.key}:again:{int(now.timestamp()) // 60}"
    row = {
        "idempotency_key": key, "kind": message.kind, "priority": message.priority,
        "recipient": message.recipient, "title": message.title, "text": message.text, "url": message.url,
        "alert_id": message.alert_id, "state": OutboxState.WAITING.value, "channel": "", "exhausted": [],
        "run_at": run_at, "lease_token": "", "attempts": 0, "last_error": "", "created_at": now,
    }  # fmt: skip
    statement = upserting(connection)(_outbox).values(row).on_conflict_do_nothing()
    inserted = connection.execute(statement.returning(_outbox.c.id)).scalar()
    if inserted is not None:
        _record(connection, by, "message.sent_again", f"message:{message.message_id}", now)
        return int(inserted)
    return int(connection.execute(select(_outbox.c.id).where(_outbox.c.idempotency_key == key)).scalar_one())


def _alerts(viewer: Viewer) -> Select[Any]:
    query = (
        select(
            _alert.c.id, _alert.c.kind, _alert.c.level, _alert.c.title, _alert.c.text, _unit.c.name,
            _unit.c.code, _group.c.code, _alert.c.business_day, _alert.c.created_at,
            _alert.c.acknowledged_at, _alert.c.acknowledged_by, _alert.c.resolved_at,
        )
        .join(_unit, _unit.c.id == _alert.c.unit_id)
        .outerjoin(_group, _group.c.id == _alert.c.group_id)
    )  # fmt: skip
    if viewer.role is Role.GROUP_MANAGER:
        return query.where(_alert.c.group_id.in_(viewer.group_ids))
    return query.where(in_subtree(viewer.unit_path))


def _messages(viewer: Viewer) -> Select[Any]:
    name = func.coalesce(_identity.c.display_name, _outbox.c.recipient)
    query = select(
        _outbox.c.id, _outbox.c.kind, _outbox.c.priority, _outbox.c.recipient, name, _outbox.c.title,
        _outbox.c.text, _outbox.c.url, _outbox.c.alert_id, _outbox.c.state, _outbox.c.channel,
        _outbox.c.attempts, _outbox.c.last_error, _outbox.c.run_at, _outbox.c.created_at, _outbox.c.done_at,
        _outbox.c.idempotency_key,
    )  # fmt: skip
    return query.select_from(_joined()).where(_may_see_message(viewer))


def _joined() -> Any:
    """Return the outbox with the person and unit of its recipient, where it is a person."""
    is_person = _outbox.c.recipient == literal("identity:") + cast(_identity.c.id, String)
    return _outbox.outerjoin(_identity, is_person).outerjoin(_unit, _unit.c.id == _identity.c.unit_id)


def _may_see_message(viewer: Viewer) -> ColumnElement[bool]:
    own = _outbox.c.recipient == f"identity:{viewer.identity.removeprefix('chat:')}"
    if viewer.role is Role.GROUP_MANAGER:
        return own if viewer.identity.startswith("chat:") else false()
    inside = in_subtree(viewer.unit_path)
    is_root = viewer.unit_path.count("/") == 2
    return or_(inside, _outbox.c.recipient.like("robot:%")) if is_root else inside


def _record(connection: Connection, actor: str, action: str, subject: str, at: datetime) -> None:
    values = {"at": at, "actor": actor, "action": action, "subject": subject, "detail": {}}
    connection.execute(insert(_audit).values(**values))

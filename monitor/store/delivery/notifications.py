"""Alerts and outbox messages of a viewer's subtree. Functions of a connection."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, insert, select, true, update
from sqlalchemy import Connection as Connection

from monitor.delivery.outbox import OutboxState, identity_recipient
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
_ACKNOWLEDGED = "alert.acknowledged"
_SUBJECT = "alert:"
_MESSAGE = (
    _outbox.c.id, _outbox.c.kind, _outbox.c.priority, _outbox.c.recipient, _outbox.c.title, _outbox.c.text,
    _outbox.c.url, _outbox.c.alert_id, _outbox.c.state, _outbox.c.channel, _outbox.c.attempts,
    _outbox.c.last_error, _outbox.c.run_at, _outbox.c.created_at, _outbox.c.done_at,
    _outbox.c.idempotency_key, _outbox.c.exhausted,
)  # fmt: skip


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
class OpenCount:
    """How many alerts are not over, and how many of these somebody has acknowledged."""

    n_open: int
    n_acknowledged: int


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
    exhausted: Sequence[str] = ()  # channels that were tried and cannot reach the person


def load_open_alerts(
    connection: Connection, viewer: Viewer, limit: int, group_code: str = ""
) -> list[AlertReading]:
    """Return unresolved alerts: those nobody has acknowledged first, then most urgent, then newest."""
    order = (_alert.c.acknowledged_at.is_not(None), _alert.c.level, _alert.c.id.desc())
    rows = connection.execute(_open_alerts(viewer, group_code).order_by(*order).limit(limit))
    return [AlertReading(*row) for row in rows]


def count_open_alerts(connection: Connection, viewer: Viewer, group_code: str = "") -> OpenCount:
    """Return the numbers to a list of `load_open_alerts`."""
    found = _open_alerts(viewer, group_code).subquery()
    row = connection.execute(select(func.count(), func.count(found.c.acknowledged_at)).select_from(found))
    return OpenCount(*row.one())


def find_alert(connection: Connection, viewer: Viewer, alert_id: int) -> AlertReading | None:
    """Return one alert, or None if it does not exist for this viewer."""
    row = connection.execute(_alerts(viewer).where(_alert.c.id == alert_id)).one_or_none()
    return None if row is None else AlertReading(*row)


def acknowledge(connection: Connection, alert_id: int, by: str, now: datetime) -> int:
    """Note who has seen an alert; returns the number of the audit entry, 0 if somebody had done so before."""
    fresh = and_(_alert.c.id == alert_id, _alert.c.acknowledged_at.is_(None))
    values = {"acknowledged_at": now, "acknowledged_by": by}
    if connection.execute(update(_alert).where(fresh).values(**values)).rowcount == 0:
        return 0
    return _record(connection, by, _ACKNOWLEDGED, f"{_SUBJECT}{alert_id}", now)


def find_acknowledged(connection: Connection, number: int, by: str, since: datetime) -> int | None:
    """Return the alert that an audit entry acknowledges, if it is this person's and still what counts."""
    entry = connection.execute(
        select(_audit.c.subject, _audit.c.at).where(
            _audit.c.id == number, _audit.c.action == _ACKNOWLEDGED, _audit.c.actor == by
        )
    ).one_or_none()
    if entry is None or entry.at <= since:
        return None
    alert_id = int(entry.subject.removeprefix(_SUBJECT))
    held = (_alert.c.acknowledged_at == entry.at, _alert.c.acknowledged_by == by)
    return connection.execute(select(_alert.c.id).where(_alert.c.id == alert_id, *held)).scalar()


def forget_acknowledgement(connection: Connection, alert_id: int, by: str, now: datetime) -> int:
    """Let an alert count as unseen again; returns the number of the audit entry."""
    values = {"acknowledged_at": None, "acknowledged_by": ""}
    connection.execute(update(_alert).where(_alert.c.id == alert_id).values(**values))
    return _record(connection, by, "alert.unacknowledged", f"{_SUBJECT}{alert_id}", now)


def load_messages(
    connection: Connection, viewer: Viewer, states: frozenset[OutboxState], limit: int
) -> list[MessageReading]:
    """Return messages to the people of a viewer's subtree, newest first."""
    query = select(*_MESSAGE).where(_may_see_message(connection, viewer))
    if states:
        query = query.where(_outbox.c.state.in_([state.value for state in states]))
    return _read(connection, query.order_by(_outbox.c.id.desc()).limit(limit))


def find_message(connection: Connection, viewer: Viewer, message_id: int) -> MessageReading | None:
    """Return one message, or None if it does not exist for this viewer."""
    here = and_(_outbox.c.id == message_id, _may_see_message(connection, viewer))
    return next(iter(_read(connection, select(*_MESSAGE).where(here))), None)


def count_states(connection: Connection, viewer: Viewer) -> dict[str, int]:
    """Return the number of messages by state."""
    query = select(_outbox.c.state, func.count()).where(_may_see_message(connection, viewer))
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


def _open_alerts(viewer: Viewer, group_code: str) -> Select[Any]:
    query = _alerts(viewer).where(_alert.c.resolved_at.is_(None))
    return query.where(_group.c.code == group_code) if group_code else query


def _read(connection: Connection, query: Select[Any]) -> list[MessageReading]:
    """Run a query of messages and add the names of their recipients."""
    rows = connection.execute(query).all()
    recipients = {row.recipient for row in rows}
    ids = [int(name.partition(":")[2]) for name in recipients if name.startswith("identity:")]
    people = select(_identity.c.id, _identity.c.display_name).where(_identity.c.id.in_(ids))
    names = {identity_recipient(row[0]): row[1] for row in connection.execute(people)}
    readings = []
    for row in rows:
        values: list[Any] = list(row)
        values.insert(4, names.get(row.recipient) or row.recipient)
        readings.append(MessageReading(*values))
    return readings


def _may_see_message(connection: Connection, viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition for messages of a viewer's subtree; the root sees those to robots as well."""
    if viewer.role is Role.GROUP_MANAGER:
        own = viewer.identity.removeprefix("chat:")
        return _outbox.c.recipient == f"identity:{own}" if own != viewer.identity else false()
    if viewer.unit_path.count("/") == 2:
        return true()
    people = select(_identity.c.id).join(_unit, _unit.c.id == _identity.c.unit_id)
    ids = connection.execute(people.where(in_subtree(viewer.unit_path))).scalars()
    return _outbox.c.recipient.in_([identity_recipient(identity_id) for identity_id in ids])


def _record(connection: Connection, actor: str, action: str, subject: str, at: datetime) -> int:
    values = {"at": at, "actor": actor, "action": action, "subject": subject, "detail": {}}
    return int(connection.execute(insert(_audit).values(**values).returning(_audit.c.id)).scalar_one())

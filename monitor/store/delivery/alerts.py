"""Alerts and the people who are told. Functions of a connection."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import Connection as Connection
from sqlalchemy import insert, or_, select, update

from monitor.delivery.alerts import LEVEL, Finding, OpenAlert, Watcher
from monitor.reminders.leaves import hand_over
from monitor.store.bulk import bound
from monitor.store.reminders.leaves import load_deputies
from monitor.store.tables import ChatIdentityRow, GroupManagerRow, UnitRow, table_of
from monitor.store.work_tables import AlertRow, AuditRow
from monitor.units import subtree_bounds

_alert = table_of(AlertRow)
_audit = table_of(AuditRow)
_identity = table_of(ChatIdentityRow)
_manager = table_of(GroupManagerRow)
_unit = table_of(UnitRow)
_COLUMNS = (
    "alert_key", "kind", "level", "unit_id", "group_id", "business_day", "title", "text", "created_at",
    "acknowledged_by",
)  # fmt: skip
_IDS_PER_STATEMENT = 10_000


def raise_alerts(connection: Connection, findings: Sequence[Finding], now: datetime) -> int:
    """Store findings as alerts; one whose key exists is left as it is. Returns how many are new."""
    if not findings:
        return 0
    created_at = bound(connection, _alert, "created_at", now)
    day = bound(connection, _alert, "business_day", findings[0].day)
    rows = [
        (
            finding.key, finding.kind.value, LEVEL[finding.kind], finding.unit_id, finding.group_id, day,
            finding.title, finding.detail, created_at, "",
        )
        for finding in findings
    ]  # fmt: skip
    place = "?" if connection.dialect.name == "sqlite" else "%s"
    sql = (
        f"INSERT INTO alert ({', '.join(_COLUMNS)}) VALUES ({', '.join([place] * len(_COLUMNS))}) "  # noqa: S608
        "ON CONFLICT (alert_key) DO NOTHING"
    )
    return connection.exec_driver_sql(sql, rows).rowcount


def load_open_alerts(connection: Connection, until: date) -> list[OpenAlert]:
    """Return the alerts that are not over, raised for a day up to `until`."""
    query = select(_alert.c.id, _alert.c.alert_key, _alert.c.kind, _alert.c.business_day)
    rows = connection.execute(query.where(_alert.c.resolved_at.is_(None), _alert.c.business_day <= until))
    return [OpenAlert(*row) for row in rows]


def load_standing(connection: Connection, kinds: Sequence[str], path: str, until: date) -> list[OpenAlert]:
    """Return the open alerts of some kinds in a subtree."""
    low, high = subtree_bounds(path)
    query = (
        select(_alert.c.id, _alert.c.alert_key, _alert.c.kind, _alert.c.business_day)
        .join(_unit, _unit.c.id == _alert.c.unit_id)
        .where(_alert.c.resolved_at.is_(None), _alert.c.kind.in_(kinds), _alert.c.business_day <= until)
        .where(_unit.c.path >= low, _unit.c.path < high)
    )
    return [OpenAlert(*row) for row in connection.execute(query)]


def reopen_alerts(connection: Connection, keys: Sequence[str]) -> None:
    """Open alerts again that were ended too early: what cured them was taken back."""
    if keys:
        ended = (_alert.c.alert_key.in_(keys), _alert.c.resolved_at.is_not(None))
        connection.execute(update(_alert).where(*ended).values(resolved_at=None))


def resolve_alerts(connection: Connection, alert_ids: Sequence[int], now: datetime) -> None:
    """End alerts."""
    for start in range(0, len(alert_ids), _IDS_PER_STATEMENT):
        wanted = alert_ids[start : start + _IDS_PER_STATEMENT]
        connection.execute(update(_alert).where(_alert.c.id.in_(wanted)).values(resolved_at=now))


def load_acknowledged_keys(connection: Connection, day: date) -> frozenset[str]:
    """Return the keys of open alerts, raised for a day up to `day`, that somebody has acknowledged (确认)."""
    is_known = (_alert.c.business_day <= day) & _alert.c.acknowledged_at.is_not(None)
    still_open = _alert.c.resolved_at.is_(None)
    return frozenset(connection.execute(select(_alert.c.alert_key).where(is_known, still_open)).scalars())


def load_alert_ids(connection: Connection, keys: Sequence[str]) -> dict[str, int]:
    """Return the numbers of alerts by key."""
    found: dict[str, int] = {}
    for start in range(0, len(keys), _IDS_PER_STATEMENT):
        wanted = keys[start : start + _IDS_PER_STATEMENT]
        query = select(_alert.c.alert_key, _alert.c.id).where(_alert.c.alert_key.in_(wanted))
        found.update((row[0], row[1]) for row in connection.execute(query).all())
    return found


def load_watchers(connection: Connection, day: date) -> list[Watcher]:
    """Return all bound people with their unit; group managers with the groups they manage on a day.

    Who is on leave that day (休假) is represented by the deputy.
    """
    in_office = select(_manager.c.identity_id, _manager.c.group_id).where(
        _manager.c.identity_id.is_not(None),
        _manager.c.since <= day,
        or_(_manager.c.until.is_(None), _manager.c.until >= day),
    )
    managed: dict[int, set[int]] = {}
    for identity_id, group_id in connection.execute(in_office):
        managed.setdefault(identity_id, set()).add(group_id)
    query = select(_identity.c.id, _identity.c.role, _unit.c.path, _identity.c.group_id)
    query = query.join(_unit, _unit.c.id == _identity.c.unit_id).order_by(_identity.c.id)
    watchers = []
    for identity_id, role, path, group_id in connection.execute(query).all():
        own = {group_id} if group_id is not None else set()
        watchers.append(Watcher(identity_id, role, path, frozenset(managed.get(identity_id, set()) | own)))
    return hand_over(watchers, load_deputies(connection, day))


def record_changes(
    connection: Connection,
    actor: str,
    action: str,
    changes: Iterable[tuple[str, dict[str, object]]],
    at: datetime,
) -> None:
    """Write (subject, detail) pairs into the audit."""
    rows = [
        {"at": at, "actor": actor, "action": action, "subject": subject, "detail": detail}
        for subject, detail in changes
    ]
    if rows:
        connection.execute(insert(_audit), rows)

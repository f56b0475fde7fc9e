"""Reminder policies (提醒策略) and exceptions to the holidays (节假日表). Functions of a connection."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Connection as Connection
from sqlalchemy import delete, select

from monitor.delivery.outbox import QuietHours
from monitor.reminders.policies import DEFAULTS, ReminderPolicy, default_policy
from monitor.store.oversight.tables import ReminderPolicyRow, WorkdayExceptionRow
from monitor.store.tables import table_of
from monitor.store.upsert import upserting
from monitor.workdays import Workdays

_policy = table_of(ReminderPolicyRow)
_exception = table_of(WorkdayExceptionRow)


def load_policy(connection: Connection, job: str) -> ReminderPolicy:
    """Return the policy of a duty: what is recorded, else the default.

    Raises: NotFound for a duty without one.
    """
    default = default_policy(job)
    row = connection.execute(select(_policy).where(_policy.c.job == default.job)).one_or_none()
    return default if row is None else _to_policy(default, row)


def load_policies(connection: Connection) -> list[ReminderPolicy]:
    """Return the policies of all duties."""
    rows = {row.job: row for row in connection.execute(select(_policy))}
    return [_to_policy(one, rows[one.job]) if one.job in rows else one for one in DEFAULTS]


def save_policy(connection: Connection, policy: ReminderPolicy, by: str, at: datetime) -> None:
    """Keep a policy in place of the former one."""
    values = {
        "is_on": policy.is_on,
        "times": [f"{one:%H:%M}" for one in policy.times],
        "month_days": list(policy.month_days),
        "escalates": policy.escalates,
        "quiet_begins": f"{policy.quiet.begins:%H:%M}",
        "quiet_ends": f"{policy.quiet.ends:%H:%M}",
        "changed_at": at,
        "changed_by": by,
    }
    statement = upserting(connection)(_policy).values(job=policy.job, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["job"], set_=values))


def forget_policy(connection: Connection, job: str) -> None:
    """Return to the default."""
    connection.execute(delete(_policy).where(_policy.c.job == job))


def load_workdays(connection: Connection) -> Workdays:
    """Return the working days with all imported exceptions."""
    query = select(_exception.c.day, _exception.c.is_workday)
    return Workdays({row[0]: row[1] for row in connection.execute(query)})


def load_exceptions(connection: Connection, since: date) -> list[tuple[date, bool, str]]:
    """Return exceptions from a day on as (day, works, note), in order."""
    query = select(_exception.c.day, _exception.c.is_workday, _exception.c.note)
    rows = connection.execute(query.where(_exception.c.day >= since).order_by(_exception.c.day))
    return [(row[0], row[1], row[2]) for row in rows]


def save_exceptions(
    connection: Connection, days: Mapping[date, tuple[bool, str]], by: str, at: datetime
) -> int:
    """Keep exceptions as (works, note) by day, in place of former ones; returns how many differ."""
    known = {
        row.day: (row.is_workday, row.note)
        for row in connection.execute(select(_exception.c.day, _exception.c.is_workday, _exception.c.note))
    }
    changed = {day: value for day, value in days.items() if known.get(day) != value}
    for day, (is_workday, note) in changed.items():
        values = {"is_workday": is_workday, "note": note, "imported_at": at, "imported_by": by}
        statement = upserting(connection)(_exception).values(day=day, **values)
        connection.execute(statement.on_conflict_do_update(index_elements=["day"], set_=values))
    return len(changed)


def _to_policy(default: ReminderPolicy, row: Any) -> ReminderPolicy:
    return replace(
        default,
        times=tuple(time.fromisoformat(text) for text in row.times),
        month_days=tuple(row.month_days),
        escalates=row.escalates,
        quiet=QuietHours(time.fromisoformat(row.quiet_begins), time.fromisoformat(row.quiet_ends)),
        is_on=row.is_on,
        changed_at=row.changed_at,
        changed_by=row.changed_by,
    )

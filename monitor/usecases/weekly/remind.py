"""The weekly report's reminder on its due day at 09:00, and the flag of those that are late (D-05, D.8).

The reminder calls the week (征集): only weeks that were called can be missing, so that an installation does
not begin with faults of the time before it. Key types: `WEEKLY_TASKS`.
"""

from collections.abc import Iterable
from datetime import datetime, time, timedelta

from monitor.clock import Clock, business_day
from monitor.delivery.alerts import AlertKind, Finding, admins_by_path
from monitor.delivery.outbox import MessageKind, NewMessage, QuietHours
from monitor.schedule import Job
from monitor.store import directory
from monitor.store.database import Database
from monitor.store.days import grades
from monitor.store.delivery import alerts
from monitor.store.delivery.outbox import enqueue
from monitor.store.reminders.settings import load_policy
from monitor.store.weekly import rows as weekly
from monitor.store.weekly.rows import Connection
from monitor.texts.weekly import missing_detail, weekly_due_text, weekly_missing_text
from monitor.units import Role, Viewer, ancestor_ids
from monitor.usecases.operations.scheduled import ScheduledTask, claim_and_do
from monitor.usecases.reminders.tell_above import write_above
from monitor.usecases.rules.in_force import AnyRules, dated
from monitor.usecases.weekly.desk import WeeklyDesk, alert_key
from monitor.usecases.weekly.reading import load_summary
from monitor.weekly import UnitWeek, Week, WeeklyState, WeekSummary

WEEKLY_DUE = Job("weekly_due", (time(9, 0),), timedelta(hours=3))
WEEKLY_LATE = Job("weekly_late", (time(12, 1), time(18, 1), time(23, 59)), timedelta(days=6))
_MOST_WEEKS_BACK = 8
"""An outage longer than this flags no more than the latest weeks."""


def remind_of_weekly(database: Database, rules: AnyRules, clock: Clock, slot: datetime, /) -> str | None:
    """Ask the units for last week's report, if it is due today; None if that was done.

    Source: HN-4.1a, D-05, D.8 (Monday 09:00; another day where D-05 says so).
    """
    now = clock()

    def effect(connection: Connection) -> str:
        desk = _sit(connection, rules, now)
        week = Week.of(business_day(slot)).shift(-1)
        if desk is None or business_day(desk.due(week)) != business_day(slot):
            return "今日不是周报截止日"
        weekly.save_call(connection, week, desk.due_by_rules(week), now)
        summary = load_summary(desk, week)
        open_rows = [row for row in summary.rows if row.latest is None]
        n_messages, n_silent = _tell(connection, open_rows, summary, now, "due")
        n_messages += _tell_above(connection, open_rows, slot, now)
        silent = f"，{n_silent} 个单位没有管理员" if n_silent else ""
        return f"{week.label} {len(open_rows)} 个单位待交，提醒 {n_messages} 人{silent}"

    return claim_and_do(database, WEEKLY_DUE, slot, now, effect)


def _tell_above(connection: Connection, rows: Iterable[UnitWeek], slot: datetime, now: datetime) -> int:
    """Tell the layer above of reports that are open at the last reminder, where the policy says so."""
    policy = load_policy(connection, WEEKLY_DUE.name)
    watchers = alerts.load_watchers(connection, business_day(now))
    lacking = [(row.unit.path, row.unit.name) for row in rows]
    return enqueue(connection, write_above(policy, slot, watchers, lacking), now, policy.quiet)


def flag_late_reports(database: Database, rules: AnyRules, clock: Clock, slot: datetime, /) -> str | None:
    """Raise an alert (周报未交) for every report that was due and has not come; None if that was done.

    Weeks that nobody could call because the jobs stood still are called now. Source: HN-4.1a, D-05, D.8.
    """
    now = clock()

    def effect(connection: Connection) -> str:
        desk = _sit(connection, rules, now)
        last = weekly.load_last_call(connection)
        if desk is None or last is None:
            return "周报尚未开始征集"
        outcomes = [flag_missing(desk, week) for week in _weeks_due(desk, last)]
        return "；".join(outcomes) or "没有到期的周报"

    return claim_and_do(database, WEEKLY_LATE, slot, now, effect)


WEEKLY_TASKS = (ScheduledTask(WEEKLY_DUE, remind_of_weekly), ScheduledTask(WEEKLY_LATE, flag_late_reports))


def _sit(connection: Connection, rules: AnyRules, now: datetime) -> WeeklyDesk | None:
    """Return the desk of the job, which sees the whole province; None before units are registered."""
    path = grades.load_root_path(connection)
    root = directory.load_unit(connection, ancestor_ids(path)[0]) if path else None
    if root is None:
        return None
    viewer = Viewer("job:weekly", Role.INSPECTOR, root.unit_id, root.path)
    return WeeklyDesk(connection, viewer, now, dated(rules, connection))


def _weeks_due(desk: WeeklyDesk, last_called: Week) -> list[Week]:
    """Return the weeks to look at: the latest called one and those after it that are due by now."""
    found = [last_called]
    while desk.due_by_rules(found[-1].shift(1)) <= desk.now:
        found.append(found[-1].shift(1))
    return [week for week in found[-_MOST_WEEKS_BACK:] if desk.due(week) <= desk.now]


def flag_missing(desk: WeeklyDesk, week: Week) -> str:
    """Raise the alerts of one week that is due, tell the units, and return the outcome in words.

    Source: HN-4.1a, D-05. An alert that was raised before is neither raised nor told again.
    """
    weekly.save_call(desk.connection, week, desk.due_by_rules(week), desk.now)
    summary = load_summary(desk, week)
    missing = summary.of(WeeklyState.MISSING)
    findings = [_finding(row, summary) for row in missing]
    known = alerts.load_alert_ids(desk.connection, [finding.key for finding in findings])
    alerts.raise_alerts(desk.connection, findings, desk.now)
    fresh = [row for row, one in zip(missing, findings, strict=True) if one.key not in known]
    n_messages, _ = _tell(desk.connection, fresh, summary, desk.now, "missing")
    return f"{week.label} 未交 {len(missing)}，新增预警 {len(fresh)}，通知 {n_messages} 人"


def _finding(row: UnitWeek, summary: WeekSummary) -> Finding:
    unit, week = row.unit, summary.week
    return Finding(
        AlertKind.WEEKLY_MISSING, alert_key(unit, week), business_day(summary.due), unit.unit_id, unit.path,
        None, unit.code, unit.name, missing_detail(week, summary.due),
    )  # fmt: skip


def _tell(
    connection: Connection, rows: Iterable[UnitWeek], summary: WeekSummary, now: datetime, occasion: str
) -> tuple[int, int]:
    """Send every unit's administrators their message; returns how many, and how many units have none."""
    admins = admins_by_path(alerts.load_watchers(connection, business_day(now)))
    compose = weekly_due_text if occasion == "due" else weekly_missing_text
    kind = MessageKind.REMINDER if occasion == "due" else MessageKind.ALERT
    messages, n_silent = [], 0
    for row in rows:
        recipients = admins.get(row.unit.path, ())
        n_silent += not recipients
        title, text = compose(row.unit.name, summary.week, summary.due)
        key = f"weekly_{occasion}:{summary.week.label}:{row.unit.unit_id}"
        messages += [NewMessage(f"{key}:{name}", kind, name, title, text) for name in recipients]
    quiet = load_policy(connection, WEEKLY_DUE.name).quiet if occasion == "due" else QuietHours()
    return enqueue(connection, messages, now, quiet), n_silent

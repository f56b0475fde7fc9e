"""Remind of site visits (现场督导, HN-4.1f): 1, 15 and 25 December, before 12-31 (推定).

Inspectors are told of every visit without findings and of units for which none is planned; a unit that has
to visit another one (交叉检查) of its own. Key types: `SITE_VISIT_TASK`.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta

from monitor.clock import Clock, business_day
from monitor.delivery.alerts import Watcher, admins_by_path, nearest_admins
from monitor.delivery.outbox import MessageKind, NewMessage
from monitor.schedule import Job
from monitor.store import directory
from monitor.store.database import Database
from monitor.store.days import grades
from monitor.store.days.grades import Connection
from monitor.store.delivery import alerts
from monitor.store.delivery.outbox import enqueue
from monitor.store.reminders.settings import load_policy
from monitor.store.spot_checks import visits as site_visits
from monitor.store.spot_checks.visits import DueVisit
from monitor.texts.dues import own_visits_text, visits_text
from monitor.units import Role, ancestor_ids
from monitor.usecases.operations.scheduled import ScheduledTask, claim_and_do
from monitor.usecases.reminders.tell_above import write_above
from monitor.usecases.rules.in_force import AnyRules, dated
from monitor.usecases.spot_checks.visits import LAST_DAY

SITE_VISIT_DUE = Job(
    "site_visit_due", (time(9, 0),), timedelta(hours=12), month_days=(1, 15, 25), months=(12,)
)


def remind_of_visits(database: Database, rules: AnyRules, clock: Clock, slot: datetime, /) -> str | None:
    """Remind of the visits of the year that nobody has written findings of; None if that was done.

    Source: HN-4.1f; “12月底前” read as 12-31 推定.
    """
    now, day = clock(), business_day(slot)

    def effect(connection: Connection) -> str:
        due = site_visits.load_due_visits(connection, day.year)
        unplanned = _find_unplanned(connection, rules, day)
        watchers = alerts.load_watchers(connection, day)
        policy = load_policy(connection, SITE_VISIT_DUE.name)
        messages = [
            *_to_visitors(due, watchers, day),
            *_to_inspectors(due, unplanned, watchers, day),
            *write_above(policy, slot, watchers, _carriers(due)),
        ]
        n_messages = enqueue(connection, messages, now, policy.quiet)
        return f"{len(due)} 次现场督导未登记情况，{len(unplanned)} 个单位未安排，提醒 {n_messages} 人"

    return claim_and_do(database, SITE_VISIT_DUE, slot, now, effect)


def _find_unplanned(connection: Connection, rules: AnyRules, day: date) -> list[str]:
    """Return the names of the units under assessment for which no visit of the year is planned."""
    root = grades.load_root_path(connection)
    if root is None:
        return []
    head = dated(rules, connection).on(day).rulebook.head
    planned = site_visits.load_visited_paths(connection, day.year)
    units = directory.load_children(connection, ancestor_ids(root)[-1])
    return [unit.name for unit in units if unit.kind in head.unit_kinds and unit.path not in planned]


def _to_visitors(due: Sequence[DueVisit], watchers: Sequence[Watcher], day: date) -> list[NewMessage]:
    admins = admins_by_path(watchers)
    lines: dict[str, list[str]] = {}
    for visit in due:
        for recipient in nearest_admins(visit.visitor_path, admins) if visit.visitor_path else ():
            lines.setdefault(recipient, []).append(_line(visit, day))
    last = date(day.year, *LAST_DAY)
    return [_message(day, "own", recipient, own_visits_text(own, last)) for recipient, own in lines.items()]


def _to_inspectors(
    due: Sequence[DueVisit], unplanned: Sequence[str], watchers: Sequence[Watcher], day: date
) -> list[NewMessage]:
    if not due and not unplanned:
        return []
    text = visits_text([_line(visit, day) for visit in due], unplanned, date(day.year, *LAST_DAY))
    inspectors = {one.recipient: None for one in watchers if one.role == Role.INSPECTOR}
    return [_message(day, "all", recipient, text) for recipient in inspectors]


def _carriers(due: Sequence[DueVisit]) -> list[tuple[str, str]]:
    units: Mapping[str, str] = {one.visitor_path: one.visitor_name for one in due if one.visitor_path}
    return list(units.items())


def _line(visit: DueVisit, day: date) -> str:
    late = "⚠️已过 " if visit.planned_on < day else ""
    by = visit.visitor_name or visit.team
    return f"{late}{visit.number} {visit.planned_on:%m-%d} {by} → {visit.unit_name}"


def _message(day: date, occasion: str, recipient: str, told: tuple[str, str]) -> NewMessage:
    key = f"site_visit_due:{day}:{occasion}:{recipient}"
    return NewMessage(key, MessageKind.REMINDER, recipient, *told)


SITE_VISIT_TASK = ScheduledTask(SITE_VISIT_DUE, remind_of_visits)

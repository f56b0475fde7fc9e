"""Remind people of today's duty (催办) at 12:00, 18:00 and 21:00, as it stands at that moment."""

from datetime import date, datetime, timedelta

from monitor.clock import Clock, as_shanghai, business_day
from monitor.days.closing import OpenGroup
from monitor.days.counting import DayVerdict, EffectiveCount, count_day, judge_count
from monitor.days.readings import ProvenanceCount
from monitor.delivery.alerts import Finding
from monitor.delivery.outbox import MessageKind, NewMessage, QuietHours
from monitor.reminders.duty import address_reminders, find_unmet
from monitor.reminders.policies import ReminderPolicy
from monitor.schedule import REMINDERS, slot_time
from monitor.store.database import Database
from monitor.store.days import grades
from monitor.store.days.grades import Connection
from monitor.store.delivery import alerts as alert_rows
from monitor.store.delivery.outbox import enqueue
from monitor.store.operations import job_slots
from monitor.store.reminders.settings import load_policy
from monitor.texts.reminders import reminder_text
from monitor.usecases.rules.in_force import AnyRules, dated


def remind(
    database: Database, rules: AnyRules, clock: Clock, slot: datetime, *, quiet: QuietHours | None = None
) -> int | None:
    """Queue the reminders of one slot; returns their number, or None if the slot has run.

    Source: requirements D.8.

    Args:
        slot: a slot of `REMINDERS` or of the policy; its time of day decides the tone.
        quiet: in these hours nobody is reminded, nor in those of the policy; the slot still counts as run.
    """
    now = clock()
    hours = quiet or QuietHours()
    day = business_day(slot)
    with database.reading() as connection:
        policy = load_policy(connection, REMINDERS.name)
        is_quiet = hours.holds(now) or policy.quiet.holds(now)
        unmet = [] if is_quiet else load_unmet(connection, rules, day)

    def save(connection: Connection) -> int | None:
        if not job_slots.claim_slot(connection, REMINDERS.name, slot, now):
            return None
        n_messages = _queue(connection, unmet, policy, slot, now, hours)
        job_slots.finish_slot(connection, REMINDERS.name, slot, f"提醒 {n_messages} 人", 0)
        return n_messages

    return database.write(save)


def load_unmet(connection: Connection, rules: AnyRules, day: date) -> list[Finding]:
    """Return the groups whose duty of an open day is not met so far, those without data included."""
    if not grades.has_any_count(connection):
        return []  # nothing is connected yet: nobody can have failed anything
    rulebook = dated(rules, connection).on(day).rulebook
    groups: list[OpenGroup] = grades.load_open_groups(connection, day)
    counts = grades.load_day_counts(connection, day)
    with_topic = grades.load_groups_with_topic(connection, day)
    nothing: list[ProvenanceCount] = []
    known: dict[tuple[EffectiveCount | None, bool], DayVerdict] = {}
    verdicts: dict[int, DayVerdict] = {}
    for group in groups:
        key = (count_day(counts.get(group.group_id, nothing)), group.group_id in with_topic)
        if key not in known:
            known[key] = judge_count(*key, rulebook, is_closed=False)
        verdicts[group.group_id] = known[key]
    return find_unmet(groups, verdicts, day)


def _queue(
    connection: Connection,
    unmet: list[Finding],
    policy: ReminderPolicy,
    slot: datetime,
    now: datetime,
    hours: QuietHours,
) -> int:
    day, tone = business_day(slot), policy.tone_at(slot_time(slot))
    watchers = alert_rows.load_watchers(connection, day)
    acknowledged = alert_rows.load_acknowledged_keys(connection, day)
    reminders = address_reminders(unmet, watchers, tone, acknowledged)
    told = {finding.key: finding for reminder in reminders for finding in reminder.findings}
    alert_rows.raise_alerts(connection, list(told.values()), now)
    alert_ids = alert_rows.load_alert_ids(connection, list(told))
    at = as_shanghai(now - timedelta(seconds=now.second)).time()
    messages = []
    for reminder in reminders:
        title, text = reminder_text(reminder, tone, alert_ids, at)
        ids = [alert_ids[finding.key] for finding in reminder.findings]
        kind = "manager" if reminder.is_manager else "admin"
        key = f"remind:{day}:{slot_time(slot):%H%M}:{kind}:{reminder.recipient}"
        messages.append(
            NewMessage(
                key, MessageKind.REMINDER, reminder.recipient, title, text,
                alert_id=ids[0] if len(ids) == 1 else None,
            )
        )  # fmt: skip
    return enqueue(connection, messages, now, hours)

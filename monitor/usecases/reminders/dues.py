"""Remind of due dates of the year: the month's video (GD-3.3a), the self-assessment (HN-4.2)."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta

from monitor.assessment.dossier import AssessmentState, Dossier, find_unfilled, short_name
from monitor.assessment.frozen_rules import read_rules
from monitor.clock import Clock, business_day
from monitor.delivery.alerts import admins_by_path, nearest_admins
from monitor.delivery.outbox import MessageKind, NewMessage
from monitor.schedule import Job
from monitor.store.database import Database
from monitor.store.days import grades
from monitor.store.days.grades import Connection
from monitor.store.delivery import alerts
from monitor.store.delivery.outbox import enqueue
from monitor.store.index import facts as index_facts
from monitor.store.index import videos
from monitor.store.reminders.settings import load_policy
from monitor.texts.index_reports import self_assessment_text, video_due_text
from monitor.units import Role, Unit, Viewer, ancestor_ids
from monitor.usecases.assessment.sitting import Desk, Sitting
from monitor.usecases.operations.scheduled import ScheduledTask, claim_and_do
from monitor.usecases.reminders.tell_above import write_above
from monitor.usecases.rules.in_force import AnyRules, dated
from monitor.usecases.rules.what_if import load_year
from scoring.media import VideoState
from scoring.source import SourceStatus

VIDEO_DUE = Job("video_due", (time(9, 0),), timedelta(hours=12), month_days=(15,))
SELF_DUE = Job(
    "self_assessment_due", (time(9, 0),), timedelta(hours=12), month_days=(1, 15, 25), months=(12,)
)
_OPEN = (AssessmentState.DRAFT,)


def remind_of_videos(database: Database, rules: AnyRules, clock: Clock, slot: datetime, /) -> str | None:
    """Remind the administrators of schools without an accepted video of the month (GD-3.3a, D.8).

    A school without an administrator is answered for by the nearest one above, never by the province.
    """
    now, day = clock(), business_day(slot)
    with database.reading() as connection:
        head = dated(rules, connection).media_on(day)
    due_day = int(head.rules.stated("GD-3.3a.due_day"))
    month = f"{day:%Y-%m}"

    def effect(connection: Connection) -> str:
        schools = index_facts.load_schools(connection, head.rules.head.unit_kinds)
        lacking = _without_video(connection, month, schools)
        watchers = alerts.load_watchers(connection, day)
        admins = admins_by_path(watchers)
        told: dict[str, list[str]] = {}
        for school, word in lacking:
            for recipient in nearest_admins(school.path, admins):
                told.setdefault(recipient, []).append(f"{school.name}{word}")
        messages = [
            _message(f"video_due:{month}", recipient, *video_due_text(month, names, due_day))
            for recipient, names in told.items()
        ]
        policy = load_policy(connection, VIDEO_DUE.name)
        messages += write_above(policy, slot, watchers, [(one.path, one.name) for one, _ in lacking])
        n_messages = enqueue(connection, messages, now, policy.quiet)
        return f"{month} {len(lacking)} 所高校未投稿，提醒 {n_messages} 人"

    return claim_and_do(database, VIDEO_DUE, slot, now, effect)


def _without_video(connection: Connection, month: str, schools: Sequence[Unit]) -> list[tuple[Unit, str]]:
    """Return the schools without an accepted submission, and what is to be said of rejected ones."""
    rows = videos.load_videos(connection, month, [school.unit_id for school in schools])
    rejected: dict[int, int] = {}
    accepted = set()
    for row in rows:
        if row.state == VideoState.REJECTED.value:
            rejected[row.unit_id] = rejected.get(row.unit_id, 0) + 1
        else:
            accepted.add(row.unit_id)
    return [
        (school, f"（已投 {n} 件未通过）" if (n := rejected.get(school.unit_id)) else "")
        for school in schools
        if school.unit_id not in accepted
    ]


class SelfAssessmentReminders:
    """The work of 1, 15 and 25 December; sheets are read at the desk everybody uses."""

    def __init__(self, desk: Desk) -> None:
        """Keep the desk."""
        self._desk = desk

    def task(self) -> ScheduledTask:
        """Return the job with its work."""
        return ScheduledTask(SELF_DUE, self.remind)

    def remind(self, database: Database, _rules: AnyRules, clock: Clock, slot: datetime, /) -> str | None:
        """Remind the administrators of units whose self-assessment is not handed in, with what is open.

        Source: HN-4.2, D.8.
        """
        now, day = clock(), business_day(slot)

        def effect(connection: Connection) -> str:
            late = [d for d in self._load(connection, now, day.year) if d.assessment.state in _OPEN]
            watchers = alerts.load_watchers(connection, day)
            admins: dict[str, list[str]] = admins_by_path(watchers)
            messages = [m for dossier in late for m in _remind_unit(dossier, admins, slot)]
            policy, units = load_policy(connection, SELF_DUE.name), [one.assessment.unit for one in late]
            messages += write_above(policy, slot, watchers, [(unit.path, unit.name) for unit in units])
            n_messages = enqueue(connection, messages, now, policy.quiet)
            n_silent = sum(dossier.assessment.unit.path not in admins for dossier in late)
            silent = f"，{n_silent} 个单位没有管理员" if n_silent else ""
            return f"{len(late)} 个单位未提交自评，提醒 {n_messages} 人{silent}"

        return claim_and_do(database, SELF_DUE, slot, now, effect)

    def _load(self, connection: Connection, now: datetime, year: int) -> list[Dossier]:
        root = grades.load_root_path(connection)
        if root is None:
            return []
        viewer = Viewer("job:self_assessment_due", Role.INSPECTOR, ancestor_ids(root)[-1], root)
        return load_year(Sitting(connection, viewer, now, self._desk), year)


def _remind_unit(dossier: Dossier, admins: Mapping[str, Sequence[str]], slot: datetime) -> list[NewMessage]:
    held = dossier.assessment
    rubric = read_rules(dossier.rules, dossier.confirmed).rulebook.rubric
    unfilled = [f"{short_name(item)} {item.title}" for item in find_unfilled(rubric, dossier.entries)]
    n_items = sum(item.source.status is SourceStatus.STATED for item in rubric.items)
    title, text = self_assessment_text(held.unit.name, held.year, unfilled, n_items)
    occasion = f"self_due:{business_day(slot)}:{held.unit.code}"
    return [_message(occasion, recipient, title, text) for recipient in admins.get(held.unit.path, ())]


def _message(occasion: str, recipient: str, title: str, text: str) -> NewMessage:
    return NewMessage(f"{occasion}:{recipient}", MessageKind.REMINDER, recipient, title, text)

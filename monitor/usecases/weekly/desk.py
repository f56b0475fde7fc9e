"""Weekly reports (微信周报, HN-4.1a): who reports, the draft out of the ledger, changing and submitting it.

A unit right below the root (各市县、系统) reports itself; whoever is above it reads. Functions of a desk in
the caller's transaction. Key types: `WeeklyReports`, `WeeklyDesk`, `Changed`, `Submitted`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from monitor.clock import Clock, business_day
from monitor.delivery.alerts import AlertKind
from monitor.errors import BadParameter, CommandError, OutOfScope, ReadOnlyRole
from monitor.ledger.ledger import ChangeKind, members_on
from monitor.store import directory
from monitor.store.database import Database
from monitor.store.ledger import queries as ledger_queries
from monitor.store.operations.audit import insert_audit, load_audit
from monitor.store.weekly import rows as weekly
from monitor.store.weekly.rows import Connection, NewVersion
from monitor.units import Role, Unit, Viewer
from monitor.usecases import scope
from monitor.usecases.rules.in_force import AnyRules, DatedRules, dated
from monitor.weekly import (
    DUE_SWITCH,
    MOST_REASON_CHARS,
    LedgerFigures,
    PersonsFigure,
    Week,
    WeeklyFigure,
    WeeklyReading,
    compose_lines,
    due_at,
    first_submission,
    judge_state,
    read_amount,
    week_to_report,
)
from scoring.rulebook import load_rulebook

R = TypeVar("R")
UNDO_WITHIN = timedelta(minutes=10)
_CHANGED, _SUBMITTED = "weekly.changed", "weekly.submitted"


class NoWeeklyReport(CommandError):
    """The unit is none of those that report each week."""

    code = "no_weekly_report"
    user_text = "微信周报由市县、高校等省级直属单位的管理员填报（HN-4.1a）"


@dataclass(frozen=True, slots=True)
class WeeklyDesk:
    """One person at work on weekly reports: the transaction, who it is, the instant, the rules."""

    connection: Connection
    viewer: Viewer
    now: datetime
    rules: DatedRules

    @property
    def today(self) -> date:
        """The present business day."""
        return business_day(self.now)

    def due(self, week: Week) -> datetime:
        """Return when a week's report is due: as it was called for, else as the rules of the week say."""
        called = weekly.load_calls(self.connection, [week])
        return called.get(week) or self.due_by_rules(week)

    def due_by_rules(self, week: Week) -> datetime:
        """Return when a week's report is due by the rules in force on its last day (D-05)."""
        return due_at(week, self.rules.on(week.last_day).switches[DUE_SWITCH])

    def usual_week(self) -> Week:
        """Return the week that is meant when none is named."""
        return week_to_report(self.now, self.due(Week.of(self.today).shift(-1)))

    def find_own(self) -> Unit:
        """Return the person's own unit, whose report they may change.

        Raises: ReadOnlyRole for leaders, NoWeeklyReport.
        """
        if self.viewer.role is Role.LEADER:
            raise ReadOnlyRole(f"{self.viewer.identity} may only read")
        unit = directory.load_unit(self.connection, self.viewer.unit_id)
        if unit is None or self.viewer.role is not Role.UNIT_ADMIN or unit.depth != 1:
            raise NoWeeklyReport(f"{self.viewer.identity} has no report")
        return unit

    def find_reporting(self, code: str | None) -> Unit:
        """Return a reporting unit in sight; None is the person's own.

        Raises: OutOfScope for any other, whether or not it exists.
        """
        if code is None:
            return self.find_own()
        unit = scope.find_unit(self.connection, self.viewer, code)
        if unit.depth != 1:
            raise OutOfScope(f"weekly report of {code!r} asked by {self.viewer.identity}")
        return unit


class WeeklyReports:
    """Serves chat, console and jobs with desks. Thread-safe; one per process."""

    def __init__(self, database: Database, clock: Clock, rules: AnyRules | None = None) -> None:
        """Keep the collaborators; `rules` is where D-05 is read, the rulebook as shipped when absent."""
        self._database, self._clock = database, clock
        self._rules: AnyRules = rules or load_rulebook()

    def desk(self, connection: Connection, viewer: Viewer, now: datetime) -> WeeklyDesk:
        """Return the desk of a person in a transaction."""
        return WeeklyDesk(connection, viewer, now, dated(self._rules, connection))

    def read(self, viewer: Viewer, question: Callable[[WeeklyDesk], R]) -> R:
        """Answer a question on a snapshot."""
        with self._database.reading() as connection:
            return question(self.desk(connection, viewer, self._clock()))

    def write(self, viewer: Viewer, change: Callable[[WeeklyDesk], R]) -> R:
        """Make a change in a transaction of its own."""
        now = self._clock()
        return self._database.write(lambda connection: change(self.desk(connection, viewer, now)))


@dataclass(frozen=True, slots=True)
class Changed:
    """A report after a figure was changed; `number` is 0 when it stood so before."""

    reading: WeeklyReading
    figure: WeeklyFigure
    number: int


@dataclass(frozen=True, slots=True)
class Submitted:
    """A report after it was submitted; `number` is 0 when the same figures had been submitted before."""

    reading: WeeklyReading
    number: int


def load_report(desk: WeeklyDesk, unit: Unit, week: Week) -> WeeklyReading:
    """Return a unit's report of a week: what the ledger says, what people changed, what was submitted.

    Source: HN-4.1a; requirement D.3. Members of past weeks are those of the week's last day, as far as the
    ledger's changes tell.
    Raises: BadParameter for a week that has not begun.
    """
    if week.first_day > desk.today:
        raise BadParameter(f"week ahead {week.label}", user_text=f"{week.words}尚未开始")
    connection, unit_id = desk.connection, unit.unit_id
    ledger = read_ledger(connection, unit, week, min(week.last_day, desk.today))
    versions = weekly.load_versions(connection, [unit_id], week, week).get((unit_id, week.first_day), ())
    called = weekly.load_calls(connection, [week])
    due = called.get(week) or desk.due_by_rules(week)
    return WeeklyReading(
        unit=unit,
        week=week,
        state=judge_state(desk.now, due, first_submission(versions), is_called=week in called),
        due=due,
        lines=compose_lines(
            ledger,
            weekly.load_changes(connection, unit_id, week),
            versions[-1] if versions else None,
            weekly.load_previous(connection, unit_id, week),
        ),
        opened=ledger.opened,
        closed=ledger.closed,
        versions=versions,
    )


def read_ledger(connection: Connection, unit: Unit, week: Week, day: date) -> LedgerFigures:
    """Read what the ledger says of a unit's subtree in a week, totals at the end of a day.

    Source: HN-2.1.1, HN-4.1a. When accounts were opened the register does not say: see `compose_lines`.
    """
    groups = ledger_queries.load_ledger_groups(connection, unit.path, week.first_day, day)
    later = ledger_queries.load_later_members(connection, unit.path, day)
    changes = ledger_queries.load_changes(
        connection, unit.path, week.first_day, day, (ChangeKind.MEMBERS, ChangeKind.CLAIM)
    )
    opened = [group for group in groups if week.first_day <= group.opened_on <= day]
    closed = [group for group in groups if group.closed_on and week.first_day <= group.closed_on <= day]
    standing = [group for group in groups if group.closed_on is None or group.closed_on > day]
    members = sum(members_on(group.members, later.get(group.group_id, ()), day) for group in standing)
    numbers = {
        WeeklyFigure.GROUPS_OPENED: len(opened),
        WeeklyFigure.GROUPS_CLOSED: len(closed),
        WeeklyFigure.GROUPS_CHANGED: len({change.group_id for change in changes}),
        WeeklyFigure.GROUPS: len(standing),
        WeeklyFigure.ACCOUNTS: len(ledger_queries.load_ledger_accounts(connection, unit.path)),
        WeeklyFigure.MEMBERS: members,
    }
    names = (tuple(f"{group.code} {group.name}" for group in each) for each in (opened, closed))
    return LedgerFigures(numbers, *names)


def change_figure(desk: WeeklyDesk, week: Week, figure: WeeklyFigure, word: str, reason: str) -> Changed:
    """Put a figure in place of the ledger's, with the reason; the same again changes nothing.

    Source: requirement D.3 (周报 改 停用 2).
    Raises: BadParameter for a bad number; as `find_own`.
    """
    unit, amount = desk.find_own(), read_amount(figure, word)
    remark = " ".join(reason.split())[:MOST_REASON_CHARS]
    load_report(desk, unit, week)  # refuses weeks ahead before anything is written
    report_id = weekly.lock_report(desk.connection, unit.unit_id, week)
    before = load_report(desk, unit, week)
    line = before.line(figure)
    if line.draft == amount and (line.reason == remark or not remark):
        return Changed(before, figure, 0)
    viewer = desk.viewer
    change = PersonsFigure(amount, remark, viewer.display_name, desk.now)
    change_id = weekly.insert_change(desk.connection, report_id, figure, change, viewer.identity)
    detail = {
        "change": change_id,
        "week": week.label,
        "figure": figure.value,
        "before": line.draft,
        "after": amount,
        "reason": remark,
    }
    number = _record(desk, _CHANGED, unit, detail)
    return Changed(load_report(desk, unit, week), figure, number)


def submit(desk: WeeklyDesk, week: Week) -> Submitted:
    """Submit a report; the same figures again are recognised, others make a further version.

    The alert about the missing report (周报未交) ends. Source: HN-4.1a, D-05.
    Raises: as `find_own`.
    """
    unit = desk.find_own()
    load_report(desk, unit, week)
    report_id = weekly.lock_report(desk.connection, unit.unit_id, week)
    reading = load_report(desk, unit, week)
    if reading.versions and not reading.moved:
        return Submitted(reading, 0)
    viewer = desk.viewer
    sent = NewVersion(
        {line.figure.value: line.draft for line in reading.lines if line.draft is not None},
        {line.figure.value: line.ledger for line in reading.lines if line.ledger is not None},
        {line.figure.value: line.reason for line in reading.changed},
        desk.now,
        viewer.identity,
        viewer.display_name,
    )
    version_id, version = weekly.insert_version(desk.connection, report_id, sent)
    weekly.set_alert_over(desk.connection, alert_key(unit, week), desk.now)
    detail = {"version_id": version_id, "version": version, "week": week.label, "figures": dict(sent.figures)}
    number = _record(desk, _SUBMITTED, unit, detail)
    return Submitted(load_report(desk, unit, week), number)


def take_back(desk: WeeklyDesk, number: int) -> str | None:
    """Take back a change or a submission of this person, at most ten minutes old; None if it is none.

    Source: requirement D.0.
    Returns: what was taken back, in words.
    """
    changed = load_audit(desk.connection, number, desk.viewer.identity, _CHANGED)
    entry = changed or load_audit(desk.connection, number, desk.viewer.identity, _SUBMITTED)
    if entry is None or entry.at <= desk.now - UNDO_WITHIN:
        return None
    unit, detail = desk.find_own(), entry.detail
    words = f"{detail['week']} 周报"
    if changed:
        is_done = weekly.void_change(desk.connection, detail["change"], desk.now)
        words += f"“{detail['figure']}”的修改"
    else:
        is_done = weekly.void_version(desk.connection, detail["version_id"], desk.now)
        words += f"第 {detail['version']} 次提交"
    if not is_done:
        return None
    if not changed:
        _open_alert_again(desk, unit, str(detail["week"]))
    _record(desk, "weekly.taken_back", unit, {"number": number, "week": detail["week"]})
    return words


def alert_key(unit: Unit, week: Week) -> str:
    """Return the key of the alert that a unit's report is missing."""
    return f"{AlertKind.WEEKLY_MISSING.name.lower()}:{unit.unit_id}:{week.first_day}"


def _open_alert_again(desk: WeeklyDesk, unit: Unit, label: str) -> None:
    year, _, number = label.partition("-W")
    week = Week(date.fromisocalendar(int(year), int(number), 1))
    if not load_report(desk, unit, week).versions:
        weekly.set_alert_over(desk.connection, alert_key(unit, week), None)


def _record(desk: WeeklyDesk, action: str, unit: Unit, detail: dict[str, object]) -> int:
    subject = f"unit:{unit.unit_id}"
    return insert_audit(desk.connection, desk.viewer.identity, action, subject, detail, desk.now)

"""Report a group's count oneself (上报), verify what was reported (核实), take a report back (撤销).

Functions of a bench in the caller's transaction; counts and closed days follow. Key types: `SelfReports`,
`Bench`, `Reported`, `Decided`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from monitor.assessment.evidence import AcceptedFile, accept_picture
from monitor.clock import Clock, Period, business_day
from monitor.days.readings import ProvenanceCount
from monitor.days.self_reports import (
    PICTURE,
    ReportState,
    SelfReport,
    needs_approval,
    require_decidable,
    require_plausible,
)
from monitor.delivery.alerts import admins_by_path, nearest_admins
from monitor.delivery.outbox import MessageKind, NewMessage, QuietHours, identity_recipient
from monitor.errors import BadParameter, CommandError, NotFound
from monitor.people.steps import AttachedPicture
from monitor.store.assessment.evidence import EvidenceFolder
from monitor.store.database import Database
from monitor.store.days import queries as day_queries
from monitor.store.days import self_reports
from monitor.store.days.self_reports import Connection
from monitor.store.delivery import alerts
from monitor.store.delivery.outbox import enqueue
from monitor.store.operations.audit import insert_audit
from monitor.store.people import pictures
from monitor.store.people.pictures import DuePicture
from monitor.texts.self_reports import approval_text, decision_text, same_picture_text
from monitor.units import Group, GroupId, Role, Viewer

R = TypeVar("R")
UNDO_WITHIN = timedelta(minutes=10)
_DECIDERS = frozenset((Role.INSPECTOR, Role.UNIT_ADMIN, Role.BRANCH_ADMIN))
_MOST_REASON_CHARS = 200
_MOST_LISTED = 200
DECIDED = "self_report.decided"
_HELD = (ReportState.PENDING, ReportState.APPROVED)


class SelfReportNotFound(NotFound):
    """No report of that number, or its group is out of scope: the same text."""

    code = "self_report_not_found"
    user_text = "未找到该编号的自报，可回复 核实 列出"


@dataclass(frozen=True, slots=True)
class Bench:
    """One person at work on self-reports: the transaction, who it is, the instant."""

    connection: Connection
    viewer: Viewer
    now: datetime

    def find(self, number: int) -> SelfReport:
        """Return a report of a group in sight.

        Raises: SelfReportNotFound.
        """
        report = self_reports.find_report(self.connection, number)
        if report is None or not self._may_see(report):
            raise SelfReportNotFound(f"self-report {number} asked by {self.viewer.identity}")
        return report

    def _may_see(self, report: SelfReport) -> bool:
        if self.viewer.role is Role.GROUP_MANAGER:
            return report.group_id in self.viewer.group_ids
        return self.viewer.role in _DECIDERS and report.unit_path.startswith(self.viewer.unit_path)


class SelfReports:
    """Serves console and jobs with benches. Thread-safe; one per process."""

    def __init__(self, database: Database, clock: Clock, folder: EvidenceFolder | None = None) -> None:
        """Keep the collaborators; without a folder screenshots can be noted but not shown."""
        self._database, self._clock, self.folder = database, clock, folder

    def read(self, viewer: Viewer, question: Callable[[Bench], R]) -> R:
        """Answer a question on a snapshot."""
        with self._database.reading() as connection:
            return question(Bench(connection, viewer, self._clock()))

    def write(self, viewer: Viewer, change: Callable[[Bench], R]) -> R:
        """Make a change in a transaction of its own."""
        now = self._clock()
        return self._database.write(lambda connection: change(Bench(connection, viewer, now)))

    def show_picture(self, viewer: Viewer, picture_id: int) -> AcceptedFile:
        """Return a screenshot with its content.

        Raises: SelfReportNotFound outside the viewer's scope and where it is not kept; StorageError.
        """
        picture = self.read(viewer, lambda bench: _find_picture(bench, picture_id))
        if self.folder is None or not picture.sha256:
            raise SelfReportNotFound(f"picture {picture_id} is not kept")
        return accept_picture(f"self-report-{picture_id}", self.folder.read(picture.sha256))


@dataclass(frozen=True, slots=True)
class Reported:
    """A report that stands now. `is_new` is False when the same figures stood before.

    `counts` are all sources of the day, in the order of `Provenance`.
    """

    report: SelfReport
    is_new: bool
    n_replaced: int
    counts: tuple[ProvenanceCount, ...]


@dataclass(frozen=True, slots=True)
class Decided:
    """A report after a decision; `number` is that of the audit, 0 when it had been decided so before."""

    report: SelfReport
    number: int


def make_report(bench: Bench, group: Group, day: date, n_posts: int, n_relevant: int) -> Reported:
    """Report a day of a group; an earlier report of the day is replaced and stays as history.

    One that comes after noon of the next day waits for those above, who are told.
    Source: requirement D.5; ADR 0002 (自报 is added to what was observed).
    Raises: BadParameter for implausible figures, a day too far, a group that was not open.
    """
    require_plausible(n_posts, n_relevant)
    is_late = needs_approval(day, bench.now)
    if not bench.viewer.may_see_group(group) or bench.viewer.role is not Role.GROUP_MANAGER:
        raise SelfReportNotFound("foreign group", user_text="未找到该群，可回复 群 列出")
    connection = bench.connection
    self_reports.lock_group(connection, group.group_id)
    if not self_reports.is_open_on(connection, group.group_id, day):
        raise BadParameter("group not open", user_text=f"群 {group.code} 在 {day:%m-%d} 未开通，不能上报")
    held = [one for one in self_reports.load_day(connection, group.group_id, day) if one.state in _HELD]
    same = next((one for one in held if (one.n_posts, one.n_relevant) == (n_posts, n_relevant)), None)
    if same is not None:
        return Reported(same, False, 0, _load_counts(bench, same))
    viewer = bench.viewer
    detail = {"day": day.isoformat(), "n_posts": n_posts, "n_relevant": n_relevant, "late": is_late}
    number = record(bench, "self_report.made", group.group_id, detail)
    values = {
        "id": number,
        "group_id": group.group_id,
        "business_day": day,
        "n_posts": n_posts,
        "n_relevant": n_relevant,
        "state": ReportState.PENDING.value,
        "needs_approval": is_late,
        "reported_at": bench.now,
        "reported_by": viewer.identity,
        "reported_by_name": viewer.display_name,
    }
    self_reports.insert_report(connection, values)
    replaced = [one.number for one in held if not is_late or not one.counts]
    self_reports.replace_reports(connection, replaced, number)
    report = settle(bench, number)
    if is_late:
        told = _find_above(connection, report, bench.now)
        tell(connection, bench.now, report, told, "approval", approval_text(report))
    return Reported(report, True, len(replaced), _load_counts(bench, report))


def decide_report(bench: Bench, number: int, *, is_approved: bool, reason: str = "") -> Decided:
    """Verify a report (核实 通过) or send it back (退回, with the reason); the manager is told.

    What an earlier report of the day said stands again when the later one is sent back.
    Source: requirement D.5; HN-2.2.2b (layers of managers).
    Raises: SelfReportNotFound, CommandError for who may not decide, BadParameter without a reason,
        ReportDecided.
    """
    if bench.viewer.role not in _DECIDERS:
        raise CommandError(f"{bench.viewer.identity} decides", user_text="自报由上级管理员核实")
    report = bench.find(number)
    self_reports.lock_group(bench.connection, report.group_id)
    report = bench.find(number)
    if report.reported_by == bench.viewer.identity:
        raise CommandError("own report", user_text="不能核实本人的自报，请由上级管理员核实")
    wanted = ReportState.APPROVED if is_approved else ReportState.RETURNED
    remark = " ".join(reason.split())[:_MOST_REASON_CHARS]
    if report.state is wanted:
        return Decided(report, 0)
    require_decidable(report, is_approved=is_approved)
    if not is_approved and not remark:
        raise BadParameter("no reason", user_text=f"请写明退回原因，例：核实 {number} 退回 截图与条数不符")
    viewer = bench.viewer
    day = self_reports.load_day(bench.connection, report.group_id, report.day)
    others = [one.number for one in day if one.state in _HELD and one.number < number]
    kept = self_reports.load_decision(bench.connection, number)
    stood_aside = [] if is_approved else self_reports.load_replaced(bench.connection, number)
    self_reports.change_report(
        bench.connection, number, state=wanted.value, decided_at=bench.now, decided_by=viewer.identity,
        decided_by_name=viewer.display_name, reason=remark,
    )  # fmt: skip
    if is_approved:
        self_reports.replace_reports(bench.connection, others, number)
    else:
        self_reports.restore_reports(bench.connection, number)
    decided = settle(bench, number)
    moved = others if is_approved else stood_aside
    detail = {"report": number, "state": wanted.value, "reason": remark, "before": kept, "moved": moved}
    audit = record(bench, DECIDED, report.group_id, detail)
    text = decision_text(decided)
    tell(bench.connection, bench.now, decided, sender_of(decided), f"decided:{audit}", text)
    return Decided(decided, audit)


def take_back_report(bench: Bench, number: int) -> SelfReport | None:
    """Take back one's own report within ten minutes and before a decision; None if it is none of these.

    Source: requirement D.0.
    """
    report = self_reports.find_report(bench.connection, number)
    if report is None or report.reported_by != bench.viewer.identity:
        return None
    self_reports.lock_group(bench.connection, report.group_id)
    report = self_reports.find_report(bench.connection, number)
    is_young = report is not None and report.reported_at > bench.now - UNDO_WITHIN
    if report is None or report.state is not ReportState.PENDING or not is_young:
        return None
    self_reports.change_report(bench.connection, number, state=ReportState.WITHDRAWN.value)
    self_reports.restore_reports(bench.connection, number)
    record(bench, "self_report.withdrawn", report.group_id, {"report": number})
    return settle(bench, number)


def list_reports(bench: Bench, states: Sequence[ReportState] = (ReportState.PENDING,)) -> list[SelfReport]:
    """Return the newest reports of the viewer's subtree in some states, with their screenshots."""
    return self_reports.load_reports(bench.connection, bench.viewer.unit_path, states, _MOST_LISTED)


def count_states(bench: Bench) -> dict[ReportState, int]:
    """Return how many reports of the viewer's subtree are in which state."""
    return self_reports.count_reports(bench.connection, bench.viewer.unit_path)


def note_same_self_report(connection: Connection, picture: DuePicture, same_as: int, now: datetime) -> None:
    """Warn manager and those above that a screenshot is the same as an earlier one (D.5)."""
    report = self_reports.find_report(connection, picture.subject_id)
    if report is None:
        return
    detail = {"report": report.number, "picture": picture.picture_id, "same_as": same_as}
    insert_audit(
        connection, "job:pictures", "self_report.same_picture", _subject(report.group_id), detail, now
    )
    told = [*sender_of(report), *_find_above(connection, report, now)]
    text = same_picture_text(report, picture.picture_id, same_as)
    tell(connection, now, report, told, f"same:{picture.picture_id}", text)


def note_picture(bench: Bench, number: int, picture_id: int) -> SelfReport:
    """Write into the audit that a screenshot was handed in with a report.

    Raises: SelfReportNotFound.
    """
    report = bench.find(number)
    record(bench, "self_report.picture", report.group_id, {"report": number, "picture": picture_id})
    return report


def settle(bench: Bench, number: int) -> SelfReport:
    """Let the day's count follow, and return the report as it is now."""
    report = self_reports.find_report(bench.connection, number)
    assert report is not None  # noqa: S101  it was written in this transaction
    self_reports.set_day_count(bench.connection, report.group_id, report.day, bench.now)
    return report


def _load_counts(bench: Bench, report: SelfReport) -> tuple[ProvenanceCount, ...]:
    group_id, day = GroupId(report.group_id), report.day
    found = day_queries.load_counts(bench.connection, [group_id], Period(day, day))
    return found.get((group_id, day), ())


def _find_picture(bench: Bench, picture_id: int) -> AttachedPicture:
    picture = pictures.find_picture(bench.connection, PICTURE, picture_id)
    if picture is None or bench.viewer.role not in _DECIDERS:
        raise SelfReportNotFound(f"picture {picture_id} asked by {bench.viewer.identity}")
    bench.find(picture.subject_id)
    return picture


def _find_above(connection: Connection, report: SelfReport, now: datetime) -> list[str]:
    """Return who may verify: the nearest administrators, the inspectors where there are none."""
    watchers = alerts.load_watchers(connection, business_day(now))
    nearest = nearest_admins(report.unit_path, admins_by_path(watchers))
    inspectors = [one.recipient for one in watchers if one.role == Role.INSPECTOR]
    return [name for name in nearest or inspectors if name not in sender_of(report)]


def sender_of(report: SelfReport) -> list[str]:
    """Return the manager who reported, where they can be written to."""
    identity = report.reported_by.removeprefix("chat:")
    return [identity_recipient(int(identity))] if identity.isdigit() else []


def tell(
    connection: Connection,
    now: datetime,
    report: SelfReport,
    recipients: Sequence[str],
    occasion: str,
    text: tuple[str, str],
) -> None:
    """Send people a title and a text about a report, once for each occasion."""
    key = f"self_report:{report.number}:{occasion}"
    messages = [NewMessage(f"{key}:{name}", MessageKind.ALERT, name, *text) for name in recipients]
    enqueue(connection, messages, now, QuietHours())


def record(bench: Bench, action: str, group_id: int, detail: Mapping[str, object]) -> int:
    """Write into the audit; returns the number of the record."""
    subject = _subject(group_id)
    return insert_audit(bench.connection, bench.viewer.identity, action, subject, detail, bench.now)


def _subject(group_id: int) -> str:
    return f"group:{group_id}"

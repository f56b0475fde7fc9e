"""撤销 of a 核实: at most ten minutes old, by who decided, if nothing came after it.

The audit keeps the decision and its taking back; the manager, who was told, is told again.
"""

from datetime import timedelta

from monitor.days.self_reports import ReportState
from monitor.errors import StateError
from monitor.store.assessment import sheets as assessments
from monitor.store.days import self_reports
from monitor.texts.self_reports import undecided_text
from monitor.usecases.days.self_reporting import DECIDED, Bench, Decided, record, sender_of, settle, tell

UNDO_WITHIN = timedelta(minutes=10)
_LATER = (ReportState.PENDING, ReportState.APPROVED, ReportState.RETURNED)


class DecidedSince(StateError):
    """The report, or another one of the same day, has gone on since."""

    code = "self_report_decided_since"
    user_text = "该自报此后已有变动，不能撤销"


def undo_decision(bench: Bench, number: int) -> Decided | None:
    """Take back one's own 核实 by the number of its record; None if the number is not that of one.

    Source: requirement D.0.
    Raises: DecidedSince; SelfReportNotFound.
    """
    found = assessments.load_record(bench.connection, number)
    if found is None or found.actor != bench.viewer.identity or found.action != DECIDED:
        return None
    kept, moved = found.detail.get("before"), found.detail.get("moved", [])
    if bench.now - found.at > UNDO_WITHIN or not isinstance(kept, dict):
        return None
    report_no, is_approved = int(found.detail["report"]), found.detail["state"] == ReportState.APPROVED.value
    report = bench.find(report_no)
    self_reports.lock_group(bench.connection, report.group_id)
    report = bench.find(report_no)
    if report.state.value != found.detail["state"] or report.decided_at != found.at:
        raise DecidedSince(f"{report_no} is {report.state.name} by now")
    day = self_reports.load_day(bench.connection, report.group_id, report.day)
    if any(one.number > report_no and one.state in _LATER for one in day):
        raise DecidedSince("a newer report", user_text="当日此后已有新的自报，不能撤销")
    self_reports.restore_decision(bench.connection, report_no, kept)
    if is_approved:
        self_reports.restore_some(bench.connection, moved, report_no)
    else:
        self_reports.replace_reports(bench.connection, moved, report_no)
    restored = settle(bench, report_no)
    detail = {"report": report_no, "of": number}
    audit = record(bench, "self_report.undecided", report.group_id, detail)
    tell(
        bench.connection, bench.now, restored, sender_of(restored), f"undecided:{audit}",
        undecided_text(restored),
    )  # fmt: skip
    return Decided(restored, audit)

"""The next deadlines (近三项期限) of a unit, from every part that has any; shown in 状态 and 今日.

A part gives a `DeadlineSource`; one that has nothing due gives nothing. Key types: `Deadline`.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from monitor.assessment.dossier import AssessmentState
from monitor.clock import as_shanghai, shanghai_instant
from monitor.incidents.course import read_targets
from monitor.registers import EntryState, RegisterKind
from monitor.store.assessment import sheets as assessments
from monitor.store.incidents import queries as incident_queries
from monitor.store.incidents.queries import TargetSetting
from monitor.store.index import videos
from monitor.store.oversight import registers
from monitor.store.spot_checks import visits as site_visits
from monitor.store.weekly import rows as weekly
from monitor.units import Role, Unit
from monitor.usecases.incidents.desk import D_03, PER_UNIT
from monitor.usecases.incidents.docket import ALARMING
from monitor.usecases.queries.asking import Question
from monitor.usecases.spot_checks.visits import LAST_DAY
from monitor.weekly import DUE_SWITCH, Week, due_at
from scoring.media import VideoState

MOST_SHOWN = 3
_END_OF_DAY = time(23, 59)
_MANY = 50


@dataclass(frozen=True, slots=True, order=True)
class Deadline:
    """Something that is due; `label` names it in a few words."""

    due_at: datetime
    label: str


DeadlineSource = Callable[[Question, Unit], Iterable[Deadline]]
"""Gives what is due for a unit as the viewer may see it."""


def load_deadlines(question: Question, unit: Unit) -> tuple[Deadline, ...]:
    """Return the three deadlines that come first, those that are over and not met included."""
    found = (one for source in DEADLINE_SOURCES for one in source(question, unit))
    return tuple(sorted(found)[:MOST_SHOWN])


def find_weekly(question: Question, unit: Unit) -> Iterable[Deadline]:
    """Return the weekly reports that a reporting unit has not submitted: the called one, the next one.

    Source: HN-4.1a, D-05.
    """
    if unit.depth != 1 or question.viewer.role is Role.GROUP_MANAGER:
        return
    called, present = weekly.load_last_call(question.connection), Week.of(question.today)
    weeks = [present] if called is None else sorted({called, present}, key=lambda week: week.first_day)
    sent = weekly.load_versions(question.connection, [unit.unit_id], weeks[0], weeks[-1])
    calls = weekly.load_calls(question.connection, weeks)
    for week in weeks:
        if (unit.unit_id, week.first_day) not in sent:
            by_rules = due_at(week, question.rules_on(question.today).switches[DUE_SWITCH])
            yield Deadline(calls.get(week, by_rules), f"{week.label} 周报")


def find_self_assessment(question: Question, unit: Unit) -> Iterable[Deadline]:
    """Return the self-assessment of the year, until it is submitted (HN-4.2)."""
    head = question.rules_on(question.today).rulebook.head
    if unit.kind not in head.unit_kinds + head.reference_unit_kinds or _is_manager(question):
        return
    year = question.today.year
    sheet = assessments.load_assessment(question.connection, unit, year, head.id)
    if sheet is None or sheet.state is AssessmentState.DRAFT:
        yield Deadline(_end_of(date(year, 12, 31)), f"{year} 年自评")


def find_video(question: Question, unit: Unit) -> Iterable[Deadline]:
    """Return the month's video of a school without one that was not rejected (GD-3.3a)."""
    media = question.rules.media_on(question.today)
    if unit.kind not in media.rules.head.unit_kinds or _is_manager(question):
        return
    month = f"{question.today:%Y-%m}"
    rows = videos.load_videos(question.connection, month, [unit.unit_id])
    if all(row.state == VideoState.REJECTED.value for row in rows):
        due_day = int(media.rules.stated("GD-3.3a.due_day"))
        yield Deadline(_end_of(question.today.replace(day=due_day)), f"{month} 视听产品")


def find_incidents(question: Question, unit: Unit) -> Iterable[Deadline]:
    """Return the next step of each open incident of the unit's subtree (HN-2.2.1c, D-03)."""
    switch = question.rules_on(question.today).switches[D_03]
    of_units = incident_queries.load_unit_targets(question.connection) if switch.chosen == PER_UNIT else {}
    setting = TargetSetting(read_targets(switch.parameters), of_units)
    found = incident_queries.load_incidents(question.connection, question.viewer, setting, ALARMING, _MANY)
    for incident in found:
        due = incident.next_due
        if due and any(place.unit_path.startswith(unit.path) for place in incident.places):
            yield Deadline(due[1], f"事件 {incident.incident_id} {due[0].value}")


def find_adjustments(question: Question, unit: Unit) -> Iterable[Deadline]:
    """Return the 调整要求 of the unit's subtree that wait for an answer (HN-2.1.4)."""
    if _is_manager(question):
        return
    kinds = (RegisterKind.ADJUSTMENT,)
    for entry in registers.load_entries(question.connection, unit.path, kinds, only_open=True, limit=_MANY):
        if entry.state is EntryState.WAITING and entry.due_on:
            yield Deadline(_end_of(entry.due_on), f"调整要求 {entry.entry_id} 答复")


def find_visits(question: Question, unit: Unit) -> Iterable[Deadline]:
    """Return the site visits of the year without findings that the unit has to carry out (HN-4.1f).

    A unit answers for the cross inspections that it makes, the province for all. 12-31 is 推定.
    """
    if unit.depth > 1 or _is_manager(question):
        return
    year = question.today.year
    due = site_visits.load_due_visits(question.connection, year)
    own = due if unit.depth == 0 else [one for one in due if one.visitor_path == unit.path]
    if own:
        yield Deadline(_end_of(date(year, *LAST_DAY)), f"{year} 年现场督导 {len(own)} 次未登记情况")


DEADLINE_SOURCES: Sequence[DeadlineSource] = (
    find_weekly,
    find_self_assessment,
    find_video,
    find_incidents,
    find_adjustments,
    find_visits,
)
"""Any order: what is due first is shown first."""


def deadline_line(found: Sequence[Deadline], now: datetime) -> str:
    """Return 「近三项期限：11-23 12:00 2026-W47 周报；…」, or "" if nothing is due."""
    shown = "；".join(f"{_when(one.due_at, now)} {one.label}" for one in found)
    return f"近三项期限：{shown}" if shown else ""


def _when(due: datetime, now: datetime) -> str:
    local = as_shanghai(due)
    day = f"{local:%m-%d}" if local.year == as_shanghai(now).year else f"{local:%Y-%m-%d}"
    at = "" if local.time() == _END_OF_DAY else f" {local:%H:%M}"
    return f"{day}{at}{'（已过）' if due < now else ''}"


def _end_of(day: date) -> datetime:
    return shanghai_instant(day, _END_OF_DAY)


def _is_manager(question: Question) -> bool:
    return question.viewer.role is Role.GROUP_MANAGER

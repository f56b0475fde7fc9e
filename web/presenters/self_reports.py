"""Self-reports as the console shows them to those who verify. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from monitor.days.self_reports import ReportState, SelfReport
from monitor.people.steps import PictureState
from web.wording import Badge, day_words, moment_words

BADGES = {
    ReportState.PENDING: Badge("due", "…", ReportState.PENDING.value),
    ReportState.APPROVED: Badge("met", "✓", ReportState.APPROVED.value),
    ReportState.RETURNED: Badge("unmet", "✕", ReportState.RETURNED.value),
    ReportState.REPLACED: Badge("none", "–", ReportState.REPLACED.value),
    ReportState.WITHDRAWN: Badge("none", "–", ReportState.WITHDRAWN.value),
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A screenshot: shown when it is kept, else its state in words."""

    number: int
    is_kept: bool
    state: str
    same_as: int | None


@dataclass(frozen=True, slots=True)
class ReportCard:
    """One report."""

    number: int
    group_code: str
    group_name: str
    unit_name: str
    day: str
    n_posts: int
    n_relevant: int
    badge: Badge
    is_late: bool
    counts: bool
    reported: str
    decided: str
    reason: str
    pictures: tuple[Picture, ...]
    may_approve: bool
    may_return: bool


@dataclass(frozen=True, slots=True)
class ReportsPage:
    """The reports in one state, those that wait for approval and doubtful screenshots first."""

    chosen: str
    tabs: tuple[tuple[str, int], ...]
    conclusion: str
    cards: tuple[ReportCard, ...]


def read_state(word: str) -> ReportState:
    """Return the state that an address names, 待核 for any other word."""
    return next((state for state in ReportState if state.value == word), ReportState.PENDING)


def present_reports(
    reports: Sequence[SelfReport],
    counts: Mapping[ReportState, int],
    chosen: ReportState,
    viewer_identity: str,
    today: date,
) -> ReportsPage:
    """Return the page of one state."""
    ordered = sorted(reports, key=lambda one: (not one.needs_approval, not one.has_same_picture, -one.number))
    n_late = sum(one.needs_approval for one in reports)
    n_same = sum(one.has_same_picture for one in reports)
    conclusion = f"{chosen.value} {counts.get(chosen, 0)} 件"
    if chosen is ReportState.PENDING and reports:
        conclusion += f"，其中补报待批 {n_late} 件、截图重复 {n_same} 件"
    return ReportsPage(
        chosen=chosen.value,
        tabs=tuple((state.value, counts.get(state, 0)) for state in ReportState),
        conclusion=conclusion,
        cards=tuple(_card(one, viewer_identity, today) for one in ordered),
    )


def _card(report: SelfReport, viewer_identity: str, today: date) -> ReportCard:
    is_own = report.reported_by == viewer_identity
    decided = ""
    if report.decided_at:
        decided = f"{moment_words(report.decided_at, today)} {report.decided_by_name}".strip()
    return ReportCard(
        number=report.number,
        group_code=report.group_code,
        group_name=report.group_name,
        unit_name=report.unit_name,
        day=day_words(report.day, today),
        n_posts=report.n_posts,
        n_relevant=report.n_relevant,
        badge=BADGES[report.state],
        is_late=report.needs_approval,
        counts=report.counts,
        reported=f"{moment_words(report.reported_at, today)} {report.reported_by_name}".strip(),
        decided=decided,
        reason=report.reason,
        pictures=tuple(
            Picture(one.picture_id, one.state is PictureState.KEPT, one.state.value, one.same_as)
            for one in report.pictures
        ),
        may_approve=report.state is ReportState.PENDING and not is_own,
        may_return=report.state in (ReportState.PENDING, ReportState.APPROVED) and not is_own,
    )

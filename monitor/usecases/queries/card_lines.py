"""Lines of 状态 that other parts fill (D.2): coverage (覆盖率), weekly report, open incidents.

They say how things stand now; the card of another day has none of them. A figure that nobody entered is
named as such, never 0. Key type: `CardSource`.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from monitor.assessment.dossier import BaseKind
from monitor.ledger.ledger import BaseFigure, Coverage, measure_all
from monitor.store.assessment import acts as assessment_acts
from monitor.store.assessment import facts as assessment_facts
from monitor.store.incidents import queries as incident_queries
from monitor.store.weekly import rows as weekly
from monitor.units import Role, Unit
from monitor.usecases.incidents.docket import ALARMING
from monitor.usecases.queries.asking import Question
from monitor.usecases.weekly.reading import judge_called, tell_missing
from monitor.weekly import WeeklyState

CardSource = Callable[[Question, Unit], str | None]
"""Gives what is said of a unit; None where there is nothing of the kind for such a unit."""

_SHORT = {
    BaseKind.MEMBERS: "团员青年",
    BaseKind.GROUPS: "群",
    BaseKind.ORGANISATIONS: "团组织",
}


def tell_coverage(question: Question, unit: Unit) -> str | None:
    """Return the three ratios of a unit with bases, or that it has none.

    Source: HN-A2.2a…c.
    """
    rubric = question.rules_on(question.today).rulebook.rubric
    bases = _load_bases(question, unit)
    if not bases:
        return "❔覆盖率：三项基数未录入（HN-A2.2）" if unit.depth == 1 else None
    figures = assessment_facts.count_groups(question.connection, unit, question.today)
    covered = {
        BaseKind.MEMBERS: figures.n_members,
        BaseKind.GROUPS: figures.n_groups,
        BaseKind.ORGANISATIONS: figures.n_organisations,
    }
    shown = "、".join(_show_ratio(one) for one in measure_all(rubric, covered, bases))
    return f"覆盖率：{shown}（HN-A2.2）"


def tell_weekly(question: Question, unit: Unit) -> str | None:
    """Return how a reporting unit's last called report stands; of the province how many are missing.

    Source: HN-4.1a.
    """
    if unit.depth == 0:
        return tell_missing(question, unit, question.today)
    if unit.depth > 1:
        return None
    last = weekly.load_last_call(question.connection)
    if last is None:
        return "周报：尚未征集"
    year = judge_called(question.connection, question.now, unit, last.year)
    found = next((one for one in year.weeks if one.week == last), None)
    if found is None:
        return None
    word = "待交" if found.state is WeeklyState.DRAFT else found.state.value
    mark = "❌" if found.state is WeeklyState.MISSING else ""
    return f"周报（第{last.number}周）：{mark}{word}"


def tell_incidents(question: Question, unit: Unit) -> str | None:
    """Return how many incidents of a unit's subtree are not settled (HN-2.2.1c)."""
    if question.viewer.role is Role.GROUP_MANAGER:
        return None
    there = replace(question.viewer, unit_id=unit.unit_id, unit_path=unit.path)
    n_open = incident_queries.count_open(question.connection, there, ALARMING)
    return f"不良信息未办结 {n_open} 件"


CARD_LINES: Sequence[Sequence[CardSource]] = ((tell_coverage,), (tell_weekly, tell_incidents))
"""In the order of 状态; sources of one line share it, so that a card keeps within eight rows."""


def load_card_lines(question: Question, unit: Unit) -> tuple[str, ...]:
    """Return the lines that can be said of a unit."""
    lines = ([source(question, unit) for source in sources] for sources in CARD_LINES)
    told = ("；".join(part for part in line if part is not None) for line in lines)
    return tuple(line for line in told if line)


def _load_bases(question: Question, unit: Unit) -> dict[BaseKind, BaseFigure]:
    """Return the bases of this year, else of the year before, as 台账 does."""
    for year in (question.today.year, question.today.year - 1):
        found = assessment_acts.load_bases(question.connection, unit.unit_id, year)
        if found:
            return {kind: BaseFigure(kind, year, base.number, base.source) for kind, base in found.items()}
    return {}


def _show_ratio(one: Coverage) -> str:
    if one.base is None:
        return f"{_SHORT[one.kind]} 基数未录入"
    return f"{_SHORT[one.kind]} {one.percent}" if one.percent else f"{_SHORT[one.kind]} 无基数"

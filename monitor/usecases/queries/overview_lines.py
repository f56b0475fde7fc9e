"""Lines of 总览 that other parts fill (D.6): runs of 差, incidents, weekly reports.

A part gives an `OverviewSource`; while it gives none, or nothing can be said, there is no line: never a
0 that nobody counted. Key types: `OverviewSource`.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from monitor.incidents.course import read_targets
from monitor.store.incidents import queries as incident_queries
from monitor.store.incidents.queries import TargetSetting
from monitor.units import Unit
from monitor.usecases.incidents.docket import ALARMING
from monitor.usecases.queries.asking import Question
from monitor.usecases.spot_checks.runs import tell_poor_runs
from monitor.usecases.weekly.reading import tell_missing

OverviewSource = Callable[[Question, Unit, date], str | None]
"""Gives the line about a unit's subtree on a day, without names below unit level; None for no line."""

_LONG_OPEN = timedelta(hours=2)


def tell_incidents(question: Question, unit: Unit, day: date) -> str | None:
    """Return how many incidents have been open for more than two hours; of another day than today None.

    Source: requirement D.6.
    """
    if day != question.today or not question.viewer.may_see_unit(unit.path):
        return None
    targets = read_targets(question.rules_on(day).switches["D-03"].parameters)
    found = incident_queries.load_incidents(
        question.connection, question.viewer, TargetSetting(targets, {}), ALARMING
    )
    n_long = sum(question.now - incident.found_at > _LONG_OPEN for incident in found)
    return f"不良信息未办结 {len(found)} 件，超过 2 小时 {n_long} 件"


OVERVIEW_SOURCES: Sequence[OverviewSource] = (tell_poor_runs, tell_incidents, tell_missing)
"""In the order of 总览."""


def load_lines(question: Question, unit: Unit, day: date) -> tuple[str, ...]:
    """Return the lines that can be said."""
    lines = (source(question, unit, day) for source in OVERVIEW_SOURCES)
    return tuple(line for line in lines if line is not None)

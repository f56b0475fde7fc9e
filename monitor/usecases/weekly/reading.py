"""Weekly reports of many units: the week of a province (周报 汇总), the year, the line of 总览. Reads."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from monitor.store import directory
from monitor.store.weekly import rows as weekly
from monitor.store.weekly.rows import Connection
from monitor.units import Unit, Viewer, ancestor_ids
from monitor.usecases.queries.asking import Question
from monitor.usecases.weekly.desk import WeeklyDesk
from monitor.weekly import (
    SentVersion,
    UnitWeek,
    UnitYear,
    Week,
    WeeklyState,
    WeekSummary,
    first_submission,
    judge_state,
    sort_rows,
    weeks_of_year,
)

Versions = Mapping[tuple[int, date], tuple[SentVersion, ...]]


def load_reporting(connection: Connection, viewer: Viewer) -> list[Unit]:
    """Return the units that report each week, as far as the viewer may see them, in order of code.

    Source: HN-4.1a (各市县、系统): the active units right below the root.
    """
    root_id = ancestor_ids(viewer.unit_path)[0]
    return [unit for unit in directory.load_children(connection, root_id) if viewer.may_see_unit(unit.path)]


def load_summary(desk: WeeklyDesk, week: Week | None = None) -> WeekSummary:
    """Return how the reports of a week stand; None is the latest week that is due or over.

    Source: requirement D.2 (周报 汇总).
    """
    chosen = week or Week.of(desk.today).shift(-1)
    units = load_reporting(desk.connection, desk.viewer)
    called = weekly.load_calls(desk.connection, [chosen])
    due = called.get(chosen) or desk.due_by_rules(chosen)
    versions = _load_versions(desk.connection, units, chosen, chosen)
    rows = [_judge(desk.now, unit, chosen, versions, due, is_called=chosen in called) for unit in units]
    return WeekSummary(chosen, due, sort_rows(rows))


def load_year(desk: WeeklyDesk, year: int) -> list[UnitYear]:
    """Return the weeks of a year that have begun, for every unit in sight; 52 or 53 at its end.

    Source: HN-4.1a (year view feeds HN-4.3).
    """
    return judge_years(desk, load_reporting(desk.connection, desk.viewer), year)


def judge_years(desk: WeeklyDesk, units: Sequence[Unit], year: int) -> list[UnitYear]:
    """Judge the weeks of a year of some units; see `load_year`."""
    weeks = [week for week in weeks_of_year(year) if week.first_day <= desk.today]
    called = weekly.load_calls(desk.connection, weeks)
    dues = {week: called.get(week) or desk.due_by_rules(week) for week in weeks}
    return _judge_weeks(desk.connection, desk.now, units, dues, called)


def judge_called(connection: Connection, now: datetime, unit: Unit, year: int) -> UnitYear:
    """Judge the weeks of a unit's year that were asked for, each by the due instant it was called with.

    Source: HN-4.1a, HN-4.3.
    """
    return judge_all_called(connection, now, [unit], year)[0]


def judge_all_called(
    connection: Connection, now: datetime, units: Sequence[Unit], year: int
) -> list[UnitYear]:
    """Judge what `judge_called` judges for many units, in their order."""
    called = weekly.load_calls(connection, weeks_of_year(year))
    return _judge_weeks(connection, now, units, called, called)


def _judge_weeks(
    connection: Connection,
    now: datetime,
    units: Sequence[Unit],
    dues: Mapping[Week, datetime],
    called: Collection[Week],
) -> list[UnitYear]:
    weeks = sorted(dues)
    versions = _load_versions(connection, units, weeks[0], weeks[-1]) if weeks else {}
    return [
        UnitYear(
            unit,
            tuple(_judge(now, unit, week, versions, dues[week], is_called=week in called) for week in weeks),
        )
        for unit in units
    ]


def tell_missing(question: Question, _unit: Unit, day: date) -> str | None:
    """Return how many weekly reports of the latest called week are missing, for 总览 of today.

    Source: requirement D.6.
    """
    last = weekly.load_last_call(question.connection)
    if day != question.today or last is None or not question.viewer.may_see_unit(_unit.path):
        return None
    summary = load_summary(
        WeeklyDesk(question.connection, question.viewer, question.now, question.rules), last
    )
    n_missing, n_late = len(summary.of(WeeklyState.MISSING)), len(summary.of(WeeklyState.LATE))
    if question.now < summary.due:
        n_open = len(summary.of(WeeklyState.DRAFT))
        return f"周报（第{last.number}周）待交 {n_open}/{len(summary.rows)}"
    return f"周报（第{last.number}周）未交 {n_missing}，逾期 {n_late}，应报 {len(summary.rows)}"


def _load_versions(connection: Connection, units: Sequence[Unit], first: Week, last: Week) -> Versions:
    return weekly.load_versions(connection, [unit.unit_id for unit in units], first, last)


def _judge(
    now: datetime, unit: Unit, week: Week, versions: Versions, due: datetime, *, is_called: bool
) -> UnitWeek:
    sent = versions.get((unit.unit_id, week.first_day), ())
    at = first_submission(sent)
    state = judge_state(now, due, at, is_called=is_called)
    return UnitWeek(unit, week, state, sent[-1] if sent else None, at)

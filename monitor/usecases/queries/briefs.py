"""Answers a brief (简报) of a unit over a period, from roll-ups: its own days, and sums of its children."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from monitor.clock import Period, day_interval
from monitor.days.briefs import Brief, BriefKind, BriefPeriod, DutySum, IncidentSummary, sum_tallies
from monitor.days.readings import RankingRow
from monitor.store import directory
from monitor.store.days import queries as day_queries
from monitor.store.days import tallies as tally_queries
from monitor.store.days.brief_queries import summarise_incidents
from monitor.units import Unit, UnitId
from monitor.usecases.queries.asking import Question
from monitor.usecases.queries.ranking import Sums, build_rows
from monitor.usecases.queries.units import answer_overview
from scoring.explain import HasLostText, RegisterEntry, list_lost_text

_HISTORY_DAYS = 30


def answer_brief(question: Question, unit: Unit, period: BriefPeriod) -> Brief:
    """Return a unit's brief.

    A day's brief stands on the overview of that day, open or closed. A longer one counts closed days only,
    and compares with as many days of the period before.
    """
    if period.kind is BriefKind.DAY:
        return _brief_of_day(question, unit, period)
    return _brief_of_days(question, unit, period)


def _brief_of_day(question: Question, unit: Unit, period: BriefPeriod) -> Brief:
    day = period.first_day
    overview = answer_overview(question, unit, day, _HISTORY_DAYS)
    sums = {row.unit.unit_id: (row.today.n_met, row.today.n_with_data) for row in overview.rows}
    children = [row.unit for row in overview.rows]
    before = Period(day - timedelta(days=1), day - timedelta(days=1))
    return Brief(
        unit=unit,
        period=period,
        today=question.today,
        data_at=overview.data_at,
        is_provisional=not overview.is_closed,
        days=(overview.tally,),
        open_days=() if overview.is_closed else (day,),
        before=_sum_of(question, unit, before),
        units=_rank(question, children, sums, before),
        incidents=_incidents(question, unit, Period(day, day)),
        lost=_lost(question, [unit, *children], day),
        overview=overview,
    )


def _brief_of_days(question: Question, unit: Unit, period: BriefPeriod) -> Brief:
    connection, days = question.connection, period.until(question.today)
    closes = day_queries.load_closes(connection, days)
    rolled = tally_queries.load_unit_days(connection, [unit.unit_id], days)[unit.unit_id]
    counted = tuple(tally for _, tally in sorted(rolled.items()))
    children = directory.load_children(connection, unit.unit_id)
    earlier = period.before()
    before = Period(
        earlier.first_day, min(earlier.last_day, earlier.first_day + timedelta(days=len(days) - 1))
    )
    sums = tally_queries.load_duty_sums(connection, [child.unit_id for child in children], days)
    open_days = tuple(day for day in days if day not in closes and day not in rolled)
    return Brief(
        unit=unit,
        period=period,
        today=question.today,
        data_at=max(closes.values(), default=None),
        is_provisional=bool(open_days),
        days=counted,
        open_days=open_days,
        before=_sum_of(question, unit, before),
        units=_rank(question, children, sums, before),
        incidents=_incidents(question, unit, days),
        lost=_lost(question, [unit, *children], days.last_day),
    )


def _rank(
    question: Question, children: Sequence[Unit], sums: Mapping[UnitId, tuple[int, int]], before: Period
) -> tuple[RankingRow, ...]:
    ids = [child.unit_id for child in children]
    earlier: Sums = tally_queries.load_duty_sums(question.connection, ids, before)
    return tuple(build_rows(children, sums, earlier))


def _sum_of(question: Question, unit: Unit, period: Period) -> DutySum:
    rolled = tally_queries.load_unit_days(question.connection, [unit.unit_id], period)
    return sum_tallies(rolled[unit.unit_id].values())


def _incidents(question: Question, unit: Unit, days: Period) -> IncidentSummary:
    since, until = day_interval(days.first_day)[0], day_interval(days.last_day)[1]
    return summarise_incidents(question.connection, unit.path, since, until)


def _lost(question: Question, units: Sequence[Unit], day: date) -> tuple[RegisterEntry, ...]:
    """Return what the texts lack that are about these units; the duty of groups concerns every unit."""
    rulebooks: list[HasLostText] = [question.rules_on(day).rulebook]
    of_schools = question.rules.media_on(day).rules
    if any(unit.kind in of_schools.head.unit_kinds for unit in units):
        rulebooks.append(of_schools)
    return list_lost_text(rulebooks)

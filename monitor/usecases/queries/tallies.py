"""Tallies of units: roll-ups for closed days, a live count for days that are not closed yet."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from monitor.clock import Period, from_epoch, last_days
from monitor.days.counting import DayJudge, DayVerdict, EffectiveCount, PostMeasure
from monitor.days.readings import DutyTally
from monitor.store.days import queries as day_queries
from monitor.store.days import tallies as tally_queries
from monitor.store.days.tallies import CountClass, Listing
from monitor.units import GroupId, Unit, UnitId
from monitor.usecases.queries.asking import Question
from scoring.activity import ActivityGrade
from scoring.duty import DutyState

WEEK = 7


@dataclass(frozen=True, slots=True)
class SubtreeTally:
    """A subtree's tally of one day, whole and by direct child.

    `by_child` has an entry for each child with groups; the key None holds the unit's own groups, and
    is absent for a closed day, whose roll-ups know whole subtrees only.
    """

    total: DutyTally
    by_child: dict[UnitId | None, DutyTally]
    data_at: datetime | None
    is_closed: bool
    listed: Sequence[GroupId] = ()


@dataclass(frozen=True, slots=True)
class _Sum:
    """A class of groups and the verdict they share."""

    verdict: DayVerdict
    counted: CountClass


def tally_day(
    question: Question, unit: Unit, children: Sequence[Unit], day: date, listing: Listing | None = None
) -> SubtreeTally:
    """Return the tally of a unit's subtree on a day, and the groups to list.

    `data_at` is the latest post of an open day, and the close of a closed one.
    """
    connection = question.connection
    closed_at = day_queries.load_closes(connection, [day]).get(day)
    if closed_at is None:
        return _tally_now(question, unit, day, listing)
    ids = [unit.unit_id, *(child.unit_id for child in children)]
    rolled = tally_queries.load_unit_days(connection, ids, Period(day, day))
    return SubtreeTally(
        total=rolled[unit.unit_id].get(day, DutyTally(day)),
        by_child={child.unit_id: rolled[child.unit_id].get(day, DutyTally(day)) for child in children},
        data_at=closed_at,
        is_closed=True,
        listed=tally_queries.list_closed_day(connection, unit.path, day, listing) if listing else (),
    )


def load_history(
    question: Question, unit: Unit, children: Sequence[Unit], today: SubtreeTally, n_days: int
) -> dict[UnitId, tuple[DutyTally, ...]]:
    """Return the bars of a unit and its children: `n_days` days, oldest first, the day of `today` last.

    Yesterday is counted live while its close is still to come; an older day without roll-up is empty.
    """
    day = today.total.day
    ids = [unit.unit_id, *(child.unit_id for child in children)]
    period = last_days(day, n_days)
    rolled = tally_queries.load_unit_days(question.connection, ids, period)
    live = [] if today.is_closed else [today]
    before = day - timedelta(days=1)
    if not today.is_closed and n_days > 1 and not day_queries.is_day_closed(question.connection, before):
        live.append(_tally_now(question, unit, before))
    for tally in live:
        on_day = tally.total.day
        rolled[unit.unit_id][on_day] = tally.total
        for child in children:
            rolled[child.unit_id][on_day] = tally.by_child.get(child.unit_id, DutyTally(on_day))
    return {
        unit_id: tuple(by_day.get(each, DutyTally(each)) for each in period)
        for unit_id, by_day in rolled.items()
    }


def week_ratios(question: Question, unit_ids: Sequence[UnitId], day: date) -> dict[UnitId, float | None]:
    """Return each unit's duty rate (达标率) over the 7 closed days before a day; None without data."""
    period = last_days(day - timedelta(days=1), WEEK)
    sums = tally_queries.load_duty_sums(question.connection, unit_ids, period)
    ratios = {unit_id: met / base if base else None for unit_id, (met, base) in sums.items()}
    return {unit_id: ratios.get(unit_id) for unit_id in unit_ids}


def _tally_now(question: Question, unit: Unit, day: date, listing: Listing | None = None) -> SubtreeTally:
    """Count a subtree as it stands at this moment."""
    rules = question.rules_on(day)
    rulebook, measure = rules.rulebook, rules.measure
    top, due = int(rulebook.activity_bands.bands[-1].lower), rulebook.group_duty.min_posts
    caps = top, due if measure is PostMeasure.ALL else max(top, due)
    classes, listed = tally_queries.load_open_day(question.connection, unit.path, day, caps, listing)
    judge = DayJudge(rulebook, is_closed=False, measure=measure)
    sums: dict[UnitId | None, list[_Sum]] = {}
    for counted in classes:
        count = None
        if counted.n_posts is not None:
            count = EffectiveCount(counted.n_posts, counted.n_relevant)
        verdict = judge.judge_count(count, counted.has_topic)
        sums.setdefault(counted.child_id, []).append(_Sum(verdict, counted))
    last_ms = max((counted.last_ms for counted in classes if counted.last_ms is not None), default=None)
    return SubtreeTally(
        total=_add_up(day, (part for parts in sums.values() for part in parts)),
        by_child={child_id: _add_up(day, parts) for child_id, parts in sums.items()},
        data_at=None if last_ms is None else from_epoch(last_ms / 1000),
        is_closed=False,
        listed=listed,
    )


_FIELD_OF = {
    DutyState.MET: "n_met",
    DutyState.NOT_MET: "n_not_met",
    DutyState.NO_TOPIC: "n_no_topic",
    DutyState.NO_DATA: "n_no_data",
    ActivityGrade.EXCELLENT: "n_excellent",
    ActivityGrade.GOOD: "n_good",
    ActivityGrade.FAIR: "n_fair",
    ActivityGrade.POOR: "n_poor",
}


def _add_up(day: date, parts: Iterable[_Sum]) -> DutyTally:
    numbers: Counter[str] = Counter()
    for part in parts:
        numbers["n_groups"] += part.counted.n_groups
        numbers["n_posts"] += part.counted.sum_posts
        numbers["n_relevant"] += part.counted.sum_relevant
        numbers[_FIELD_OF[part.verdict.duty]] += part.counted.n_groups
        if part.verdict.activity is not None:
            numbers[_FIELD_OF[part.verdict.activity]] += part.counted.n_groups
    fields: dict[str, Any] = dict(numbers)
    return DutyTally(day, **fields)

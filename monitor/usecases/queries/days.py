"""Days of groups, complete for showing: many groups of one day, or many days of one group.

A closed day is what its close stored; a day without a stored verdict is judged from the counts as
they stand now, and is 暂定.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from monitor.clock import Period
from monitor.days.counting import DayVerdict, judge_day, observed_count
from monitor.days.readings import GroupDay, ProvenanceCount
from monitor.days.topics import Topic, open_topics
from monitor.store import directory
from monitor.store.days import queries as day_queries
from monitor.store.days.queries import GroupOnDay, PostFigures
from monitor.units import Group, GroupId
from monitor.usecases.queries.asking import Question
from scoring.activity import ActivityGrade
from scoring.duty import DutyState
from scoring.source import ResultStatus, worst_result

LATE_NOTE = "（结算后又有数据变动，待重新结算，暂定）"


def load_group_days(question: Question, groups: Sequence[Group], period: Period) -> list[GroupDay]:
    """Return every day of every group, in the order of groups, then of days."""
    facts = _load_facts(question, groups, period)
    return [_compose(question, facts, group, day) for group in groups for day in period]


def load_day(question: Question, groups: Sequence[Group], day: date) -> list[GroupDay]:
    """Return one day of groups, in their order."""
    return load_group_days(question, groups, Period(day, day))


@dataclass(frozen=True, slots=True)
class _Facts:
    """What is stored about some groups and days."""

    counts: dict[GroupOnDay, tuple[ProvenanceCount, ...]]
    grades: dict[GroupOnDay, Any]
    figures: dict[tuple[GroupId, date, str], PostFigures]
    topics: dict[GroupId, list[Topic]]
    manager_names: dict[GroupId, str]
    last_seen: dict[GroupId, tuple[datetime, str]]


def _load_facts(question: Question, groups: Sequence[Group], period: Period) -> _Facts:
    connection = question.connection
    ids = [group.group_id for group in groups]
    return _Facts(
        counts=day_queries.load_counts(connection, ids, period),
        grades=day_queries.load_grades(connection, ids, period),
        figures=day_queries.load_post_figures(connection, ids, period),
        topics=directory.load_topics(connection, ids),
        manager_names=directory.load_manager_names(connection, ids, period.last_day),
        last_seen=day_queries.load_last_seen(connection, ids),
    )


def _compose(question: Question, facts: _Facts, group: Group, day: date) -> GroupDay:
    key = (group.group_id, day)
    counts = facts.counts.get(key, ())
    topics = open_topics(facts.topics.get(group.group_id, ()), day)
    grade = facts.grades.get(key)
    if grade is not None:
        verdict = _stored_verdict(grade)
        n_members, n_repeats = grade.n_members, grade.n_repeats
    else:
        rules = question.rules_on(day)
        verdict = judge_day(counts, bool(topics), rules.rulebook, is_closed=False, measure=rules.measure)
        n_members, n_repeats = _members_and_repeats(facts, group.group_id, day, counts)
    last_data_at, last_data_by = facts.last_seen.get(group.group_id, (None, ""))
    return GroupDay(
        group=group,
        day=day,
        n_posts=verdict.n_posts,
        n_relevant=verdict.n_relevant,
        n_members=n_members,
        n_repeats=n_repeats,
        activity=verdict.activity,
        duty=verdict.duty,
        status=verdict.status,
        clause=verdict.clause,
        activity_reason=verdict.activity_reason,
        duty_reason=verdict.duty_reason,
        by_provenance=counts,
        topics=tuple(topic.title for topic in topics),
        last_data_at=last_data_at,
        last_data_by=last_data_by,
        manager_name=facts.manager_names.get(group.group_id, ""),
    )


def _stored_verdict(grade: Any) -> DayVerdict:
    """Return the verdict of a closed day; a late event makes it 暂定 until the day is closed again."""
    late = LATE_NOTE if grade.has_late_posts else ""
    statuses = [ResultStatus(grade.status), ResultStatus.PROVISIONAL if late else ResultStatus.FINAL]
    return DayVerdict(
        n_posts=grade.n_posts,
        n_relevant=grade.n_relevant,
        activity=ActivityGrade(grade.activity) if grade.activity else None,
        duty=DutyState(grade.duty),
        status=worst_result(statuses),
        clause=grade.clause,
        activity_reason=grade.activity_reason + late,
        duty_reason=grade.duty_reason + late,
    )


def _members_and_repeats(
    facts: _Facts, group_id: GroupId, day: date, counts: Sequence[ProvenanceCount]
) -> tuple[int | None, int]:
    """Return distinct members and repeats of the source that stands for the day; None without one."""
    observed = observed_count(counts)
    if observed is None:
        return None, 0
    return facts.figures.get((group_id, day, observed.provenance), PostFigures(0, 0))

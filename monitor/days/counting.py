"""From the counts of several sources to the one count and verdict of a group's day. Pure.

Imports no store and no clock. Key types: `EffectiveCount`, `DayVerdict`, `DayJudge`.

Design decision (Source: none; requirements D.5 「今日 4 条……来源：自报 1、采集 3」 and HN-4.1c): what the
sources of one day add up to.

- 采集 and 导入 observe the same messages: the one with more posts stands for both, with its own
  relevant posts. Adding them would count every message of an imported chat export twice.
- 自报 is added: a manager reports what no collector could read.
- 检查 is an inspector's own count: shown beside, never added, never put in place of another count
  ("displayed, not overwritten"). Only when nobody else says anything about the day is it the count,
  because an inspector who has looked is not "no data" (E-04). An inspector files posts, not topics: 0
  relevant of several posts is then "not looked at" and leaves the duty without data.
- No row of any source is no data (无数据): None, which is neither 0 nor 差.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from monitor.days.readings import ProvenanceCount
from monitor.events import Provenance
from scoring.activity import ActivityGrade, grade_activity
from scoring.duty import DutyState, judge_group_duty
from scoring.rulebook import Rulebook
from scoring.source import ResultStatus, worst_result

NO_DATA_REASON = "当日无数据，不评等次"
UNKNOWN_RELEVANCE_REASON = "D-07 只计与主题相关：只有检查所报的总条数，相关条数未报，不评等次"
_OBSERVING = (Provenance.COLLECTED, Provenance.IMPORTED)


class PostMeasure(StrEnum):
    """What counts as 发布信息 for activity (D-07): every post of a member, or those on topic."""

    ALL = "all"
    RELEVANT = "relevant"


MEASURE_CLAUSE = "D-07"
"""Stands in the clause of a verdict that another measure than `ALL` decided."""


class EffectiveCount(NamedTuple):
    """The count of a group's day that is graded. `n_relevant` is None when nobody looked at topics."""

    n_posts: int
    n_relevant: int | None


@dataclass(frozen=True, slots=True)
class DayVerdict:
    """Activity and duty of one group's day, with the reasons; the worst input decides `status`."""

    n_posts: int | None
    n_relevant: int | None
    activity: ActivityGrade | None
    duty: DutyState
    status: ResultStatus
    clause: str
    activity_reason: str
    duty_reason: str


def count_day(counts: Sequence[ProvenanceCount]) -> EffectiveCount | None:
    """Return the effective count (有效条数) of a group's day, or None when there is no data.

    Source: none (design, see the module); E-04, HN-4.1c.

    Args:
        counts: at most one entry per provenance, in any order.
    """
    observed = observed_count(counts)
    reported = _of(counts, Provenance.SELF_REPORTED)
    if observed is None and reported is None:
        inspected = _of(counts, Provenance.INSPECTED)
        return None if inspected is None else _count_of_inspector(inspected)
    parts = [count for count in (observed, reported) if count is not None]
    return EffectiveCount(sum(part.n_posts for part in parts), sum(part.n_relevant for part in parts))


def observed_count(counts: Sequence[ProvenanceCount]) -> ProvenanceCount | None:
    """Return what stands for the messages of the day: the fuller of 采集 and 导入, or None without both."""
    observed: ProvenanceCount | None = None
    for count in counts:
        if count.provenance in _OBSERVING and (
            observed is None or (count.n_posts, count.n_relevant) > (observed.n_posts, observed.n_relevant)
        ):
            observed = count
    return observed


def graded_posts(n_posts: int | None, n_relevant: int | None, clause: str) -> int | None:
    """Return the count that a verdict's activity was graded on; `clause` is the verdict's own.

    Source: HN-4.1d, D-07.
    """
    return n_relevant if MEASURE_CLAUSE in clause.split("、") else n_posts


def judge_day(
    counts: Sequence[ProvenanceCount],
    has_open_topic: bool,
    rulebook: Rulebook,
    *,
    is_closed: bool,
    measure: PostMeasure = PostMeasure.ALL,
) -> DayVerdict:
    """Judge activity (活跃度) and daily duty of one group's day from what its sources counted.

    Source: HN-4.1d, HN-2.1.3b, D-08; E-12: the two measures are independent.

    Args:
        counts: at most one entry per provenance; none at all is no data.
        has_open_topic: a topic was open at any time of that day.
        rulebook: in force that day.
        is_closed: False before the nightly close; the verdict is then 暂定.
        measure: what counts as 发布信息 for activity (D-07); the duty always asks for posts on topic.
    """
    return judge_count(count_day(counts), has_open_topic, rulebook, is_closed=is_closed, measure=measure)


def judge_count(
    count: EffectiveCount | None,
    has_open_topic: bool,
    rulebook: Rulebook,
    *,
    is_closed: bool,
    measure: PostMeasure = PostMeasure.ALL,
) -> DayVerdict:
    """Judge a day whose effective count is known; see `judge_day`."""
    n_posts, n_relevant = count if count is not None else (None, None)
    duty = judge_group_duty(n_relevant, has_open_topic, rulebook.group_duty, day_closed=is_closed)
    graded = n_posts if measure is PostMeasure.ALL else n_relevant
    if graded is None:
        grade, grade_clause = None, rulebook.activity_bands.bands[0].source.clause
        reason = NO_DATA_REASON if n_posts is None else UNKNOWN_RELEVANCE_REASON
        status = ResultStatus.INCOMPLETE
    else:
        activity = grade_activity(graded, rulebook.activity_bands, day_closed=is_closed)
        grade, grade_clause, reason = activity.outcome, activity.clause, activity.arithmetic
        status = worst_result((activity.result_status, duty.result_status))
    if measure is not PostMeasure.ALL and n_posts is not None:
        grade_clause = f"{grade_clause}、{MEASURE_CLAUSE}"
        if graded is not None:
            reason = f"{MEASURE_CLAUSE} 只计与主题相关：全部 {n_posts} 条，计 {graded} 条；{reason}"
    return DayVerdict(
        n_posts=n_posts,
        n_relevant=n_relevant,
        activity=grade,
        duty=duty.outcome,
        status=status,
        clause=f"{grade_clause}、{duty.clause}",
        activity_reason=reason,
        duty_reason=duty.arithmetic,
    )


class DayJudge:
    """Judges many groups of one day: equal counts share one verdict.

    Thousands of groups have a few hundred different counts between them.
    """

    def __init__(
        self, rulebook: Rulebook, *, is_closed: bool, measure: PostMeasure = PostMeasure.ALL
    ) -> None:
        """Judge by the rules in force that day; `is_closed` is False before the nightly close."""
        self._rulebook, self._measure = rulebook, measure
        self._is_closed = is_closed
        self._known: dict[tuple[EffectiveCount | None, bool], DayVerdict] = {}

    def judge_day(self, counts: Sequence[ProvenanceCount], has_open_topic: bool) -> DayVerdict:
        """Judge a day by what its sources counted; see `judge_day`."""
        return self.judge_count(count_day(counts), has_open_topic)

    def judge_count(self, count: EffectiveCount | None, has_open_topic: bool) -> DayVerdict:
        """Judge a day whose effective count is known; see `judge_day`."""
        key = (count, has_open_topic)
        verdict = self._known.get(key)
        if verdict is None:
            verdict = judge_count(
                count, has_open_topic, self._rulebook, is_closed=self._is_closed, measure=self._measure
            )
            self._known[key] = verdict
        return verdict


def _of(counts: Sequence[ProvenanceCount], provenance: Provenance) -> ProvenanceCount | None:
    return next((count for count in counts if count.provenance == provenance), None)


def _count_of_inspector(inspected: ProvenanceCount) -> EffectiveCount:
    is_known = inspected.n_relevant > 0 or inspected.n_posts == 0
    return EffectiveCount(inspected.n_posts, inspected.n_relevant if is_known else None)

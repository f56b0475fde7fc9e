"""Runs of 差 in spot checks (连续差) per 市县 and calendar year: HN-4.1e.

Imports only the standard library and `scoring`. Key types: `CheckFact`, `PoorStreak`, `StreakReading`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from zoneinfo import ZoneInfo

from scoring.activity import ActivityGrade
from scoring.source import ResultStatus, Verdict
from scoring.switches import Switches
from scoring.year import StreakRule

BUSINESS_ZONE = ZoneInfo("Asia/Shanghai")

_GRADE_ORDER = {grade: rank for rank, grade in enumerate(ActivityGrade)}


class StreakReading(Enum):
    """Readings of "连续被抽查有3次" (D-09)."""

    CITY = "city"
    GROUP = "group"
    THREE_OF_N = "three_of_n"


@dataclass(frozen=True, slots=True)
class CheckFact:
    """One spot check (抽查).

    Attributes:
        city: the 市县.
        group: the group drawn.
        checked_at: aware instant; its Shanghai calendar year decides the year.
        grade: activity of that day; None is 无数据 and neither counts nor breaks a run.
        is_void: 作废; the record stays, the run is as if it never was.
        id: 备案号, or empty.
    """

    city: str
    group: str
    checked_at: datetime
    grade: ActivityGrade | None
    is_void: bool = False
    id: str = ""


@dataclass(frozen=True, slots=True)
class PoorStreak:
    """The runs of one 市县 in one year.

    Attributes:
        longest: most 差 in a row (次); under `three_of_n` the most 差 in one window.
        current: 差 in a row up to the last check; under `three_of_n` those in the last window.
        cap: 优秀封顶: the year cannot be graded 优秀.
        capped_by: ids (备案号) of the checks that first completed the run; empty without cap.
    """

    longest: int
    current: int
    cap: bool
    capped_by: tuple[str, ...] = ()


def find_poor_streaks(
    checks: Iterable[CheckFact], rule: StreakRule, switches: Switches
) -> dict[int, dict[str, Verdict[PoorStreak]]]:
    """Find runs of 差 (连续差) of every 市县 in every calendar year (Asia/Shanghai).

    Source: HN-4.1e 载明; the reading D-09 默认. With fewer 差 in the year than the rule's length every
    reading agrees and the verdict is 正式; otherwise it is 暂定 until D-09 is confirmed.

    Args:
        checks: any order; void checks and 无数据 are skipped. Ties go by group, then grade.
        rule: `rulebook.year.streak`.
        switches: D-09 and its `window_checks` (0 = the whole year).

    Returns: year → 市县 → verdict, both ascending; only 市县 with a check that counts.

    Raises: ValueError if an instant is naive.
    """
    by_year: dict[int, dict[str, list[CheckFact]]] = defaultdict(lambda: defaultdict(list))
    for check in checks:
        if check.is_void or check.grade is None:
            continue
        by_year[_shanghai_year(check.checked_at)][check.city].append(check)
    return {
        year: {
            city: _judge(year, sorted(found, key=_order), rule, switches)
            for city, found in sorted(cities.items())
        }
        for year, cities in sorted(by_year.items())
    }


def _shanghai_year(instant: datetime) -> int:
    if instant.tzinfo is None:
        raise ValueError(f"checked_at must carry an offset, got {instant.isoformat()}")
    return instant.astimezone(BUSINESS_ZONE).year


def _order(check: CheckFact) -> tuple[datetime, str, int, str]:
    return (check.checked_at.astimezone(UTC), check.group, _GRADE_ORDER[_grade(check)], check.id)


def _grade(check: CheckFact) -> ActivityGrade:
    assert check.grade is not None  # noqa: S101 - 无数据 was skipped before
    return check.grade


def _judge(year: int, checks: list[CheckFact], rule: StreakRule, switches: Switches) -> Verdict[PoorStreak]:
    switch = switches["D-09"]
    reading = StreakReading(switch.chosen)
    if reading is StreakReading.THREE_OF_N:
        streak = _count_in_windows(checks, rule.run_length, int(switch.parameters["window_checks"]))
    elif reading is StreakReading.GROUP:
        streak = _worst(_find_run(found, rule.run_length) for found in _by_group(checks).values())
    else:
        streak = _find_run(checks, rule.run_length)
    n_poor = sum(1 for check in checks if check.grade is ActivityGrade.POOR)
    word = "最多" if reading is StreakReading.THREE_OF_N else "最长连续"
    sign, effect = ("≥", "年底不能评优秀") if streak.cap else ("<", "不封顶")
    return Verdict(
        name="poor_streak",
        outcome=streak,
        clause=rule.source.clause,
        status=rule.source.status if n_poor < rule.run_length else switch.source.status,
        result_status=ResultStatus.FINAL if n_poor < rule.run_length else switch.result_status,
        figures={"year": year, "n_checks": len(checks), "n_poor": n_poor, "reading": reading.value},
        arithmetic=f"{year} 年有效抽查 {len(checks)} 次，“差” {n_poor} 次，{word} {streak.longest} 次 {sign} "
        f"{rule.run_length} 次 → {effect}（{switch.labels[switch.chosen]}）",
    )


def _by_group(checks: list[CheckFact]) -> Mapping[str, list[CheckFact]]:
    groups: dict[str, list[CheckFact]] = defaultdict(list)
    for check in checks:
        groups[check.group].append(check)
    return groups


def _find_run(checks: list[CheckFact], length: int) -> PoorStreak:
    longest = 0
    run: list[str] = []
    capped_by: tuple[str, ...] = ()
    for check in checks:
        if check.grade is ActivityGrade.POOR:
            run.append(check.id)
            longest = max(longest, len(run))
            if len(run) == length and not capped_by:
                capped_by = tuple(run)
        else:
            run.clear()
    return PoorStreak(longest, len(run), longest >= length, capped_by)


def _worst(streaks: Iterator[PoorStreak]) -> PoorStreak:
    found = list(streaks)
    longest = max(streak.longest for streak in found)
    capped_by = next((streak.capped_by for streak in found if streak.cap), ())
    return PoorStreak(longest, max(s.current for s in found), any(s.cap for s in found), capped_by)


def _count_in_windows(checks: list[CheckFact], length: int, window: int) -> PoorStreak:
    size = window or len(checks)
    longest = current = start = 0
    capped_by: tuple[str, ...] = ()
    for end, check in enumerate(checks):
        current += check.grade is ActivityGrade.POOR
        if end - start >= size:
            current -= checks[start].grade is ActivityGrade.POOR
            start += 1
        longest = max(longest, current)
        if current >= length and not capped_by:
            capped_by = tuple(c.id for c in checks[start : end + 1] if c.grade is ActivityGrade.POOR)
    return PoorStreak(longest, current, longest >= length, capped_by)

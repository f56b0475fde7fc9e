"""Activity (活跃度) of one group on one business day: HN-4.1d.

Imports only `scoring.bands` and `scoring.source`. Key types: `ActivityGrade`, `ActivityBands`.
Activity and daily duty are two measures: see `scoring.duty` for the other one.
"""

from enum import Enum

from scoring.bands import BandTable
from scoring.source import ResultStatus, Verdict


class ActivityGrade(Enum):
    """Grade of one group and day (活跃度等次), best first; not the grade of a year."""

    EXCELLENT = "优秀"
    GOOD = "良好"
    FAIR = "一般"
    POOR = "差"


ActivityBands = BandTable[ActivityGrade]
"""Four half-open bands covering 0…∞ posts (条); from `rulebook.activity_bands`."""


def grade_activity(n_posts: int, bands: ActivityBands, *, day_closed: bool = True) -> Verdict[ActivityGrade]:
    """Grade one group's activity (活跃度) on one business day.

    Source: HN-4.1d 载明; "3条以下 = 0-2" 推定, so a 差 is 暂定 until that reading is confirmed.
    D-08: while the day is open every grade is 暂定.

    Args:
        n_posts: qualifying posts of that day (条), integer ≥ 0. No data is not 0: do not call.
        bands: the bands of the rulebook in force that day.
        day_closed: False before the nightly close of that business day.

    Returns: verdict with the grade, the clause of the band hit and its status. Pure, no rounding.

    Raises: ValueError if n_posts is negative or not an integer.
    """
    if type(n_posts) is not int or n_posts < 0:
        raise ValueError(f"n_posts must be an integer ≥ 0, got {n_posts!r}")
    band = bands.find(n_posts)
    grade = band.outcome
    source = band.source
    line = f"当日发布 {n_posts} 条，{band.label} → {grade.value}"
    return Verdict(
        name="activity",
        outcome=grade,
        clause=source.clause,
        status=source.status,
        result_status=source.result_status if day_closed else ResultStatus.PROVISIONAL,
        figures={"n_posts": n_posts, "day_closed": day_closed},
        arithmetic=line if day_closed else line + "（当日未结束，暂定）",
    )

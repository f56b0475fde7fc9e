"""Counters of videos within their 7-day cycle (7天周期, GD-3.3a). Pure.

They are shown and nothing is computed from them: the formula of the 视听产品 index is 原文未载明. Key types:
`DayCounters`.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from monitor.errors import BadParameter

CYCLE_DAYS = 7
CYCLE_READING = "7天周期自投稿日起（推定）"
NO_FORMULA = "视听产品指数公式原文未载明（GD-3.3a），以下数据只列示，不计算"
_MOST = 2_000_000_000


@dataclass(frozen=True, slots=True)
class DayCounters:
    """Totals of a video up to a day, as the platform showed them; None was not given."""

    day: date
    n_plays: int | None
    n_likes: int | None
    n_adopted: int | None
    source: str
    recorded_at: datetime


def require_in_cycle(sent_on: date, day: date, today: date) -> None:
    """Refuse a day that lies outside the cycle of a video, or ahead.

    Source: GD-3.3a 载明 (7天周期); that it begins with the day of submission is 推定.
    Raises: BadParameter naming the cycle.
    """
    last = sent_on + timedelta(days=CYCLE_DAYS - 1)
    if not sent_on <= day <= last:
        text = f"日期 {day} 不在该投稿的7天周期（{sent_on} 至 {last}）内"
        raise BadParameter(f"day {day} outside the cycle", user_text=text)
    if day > today:
        raise BadParameter(f"day {day} ahead", user_text=f"日期 {day} 尚未到来")


def read_counter(text: str, what: str) -> int | None:
    """Return a counter as a table writes it; empty is None, which is not 0.

    Raises: BadParameter.
    """
    bare = text.strip().replace(",", "")
    if not bare:
        return None
    if not (bare.isascii() and bare.isdigit() and len(bare) <= 10 and int(bare) <= _MOST):
        raise BadParameter(f"{what} {text[:20]!r}", user_text=f"{what}应为 0 以上的整数")
    return int(bare)

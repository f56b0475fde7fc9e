"""Read-only links to figures: big screens (大屏) and badges (徽章). Pure.

Source: none (design). A link shows figures of a unit or group: no message, no name of a person.
Key types: `LinkKind`, `BadgeFigure`, `BadgeReading`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from monitor.days.readings import GroupDay, UnitStatus
from monitor.texts.wording import day_words, duty_words, ratio_words, share_words
from scoring.duty import DutyState

LIVES = {days: timedelta(days=days) for days in (7, 30, 90, 365)}
"""How long a link may live."""
LONGEST_NOTE = 60
WEEK = 7


class LinkKind(StrEnum):
    """What a link opens; the value is stored and shown."""

    SCREEN = "大屏"
    BADGE = "徽章"


class BadgeFigure(StrEnum):
    """What a badge shows; the value is stored and shown."""

    DUTY_RATE = "达标率"
    TODAY = "今日达标"
    ACTIVITY = "活跃度"


@dataclass(frozen=True, slots=True)
class BadgeReading:
    """A badge in words: whose figure, which, its value, over which days. `look` is that of a state."""

    name: str
    label: str
    value: str
    span: str
    look: str = "none"


def read_unit_badge(figure: BadgeFigure, status: UnitStatus) -> BadgeReading:
    """Return the badge of a unit (团组织) from its card of today.

    Source: HN-2.1.3 (duty), HN-4.1d (activity); which figure to show: none (design).
    """
    tally = status.tally
    today = day_words(status.day, status.day)
    if figure is BadgeFigure.DUTY_RATE:
        ratio, span = status.week_ratio, _week_words(status)
        value = DutyState.NO_DATA.value if ratio is None else ratio_words(ratio)
        return BadgeReading(status.unit.name, "群达标率", value, span, _look_of(ratio))
    if not tally.n_with_data:
        return BadgeReading(status.unit.name, figure.value, DutyState.NO_DATA.value, today, "nodata")
    if figure is BadgeFigure.TODAY:
        value = f"{tally.n_met}/{tally.n_with_data} 群"
        look = "met" if tally.n_met == tally.n_with_data else "due"
        return BadgeReading(status.unit.name, figure.value, value, f"{today} 暂定", look)
    lively = share_words(tally.n_excellent + tally.n_good, tally.n_with_data)
    return BadgeReading(status.unit.name, "活跃度良好以上", f"{lively} 的群", f"{today} 暂定", "info")


def read_group_badge(figure: BadgeFigure, days: Sequence[GroupDay]) -> BadgeReading:
    """Return the badge of a group from its days, oldest first, today last.

    Source: HN-2.1.3 (duty), HN-4.1d (activity); which figure to show: none (design).
    """
    last = days[-1]
    name, today = last.group.name, day_words(last.day, last.day)
    if figure is BadgeFigure.DUTY_RATE:
        week = [day for day in days[:-1] if day.duty is not DutyState.NO_DATA][-WEEK:]
        n_met = sum(day.duty is DutyState.MET for day in week)
        ratio = n_met / len(week) if week else None
        value = DutyState.NO_DATA.value if ratio is None else f"{n_met}/{len(week)} 天"
        return BadgeReading(name, "每日达标", value, f"截至昨日近 {WEEK} 日", _look_of(ratio))
    if figure is BadgeFigure.TODAY:
        looks = {DutyState.MET: "met", DutyState.NO_DATA: "nodata"}
        value = duty_words(last.duty, last.day, last.day)
        return BadgeReading(name, figure.value, value, f"{today} 暂定", looks.get(last.duty, "due"))
    value = DutyState.NO_DATA.value if last.activity is None else last.activity.value
    look = "nodata" if last.activity is None else "info"
    return BadgeReading(name, figure.value, value, f"{today} 暂定", look)


def _week_words(status: UnitStatus) -> str:
    first, last = status.day - timedelta(days=WEEK), status.day - timedelta(days=1)
    return f"{day_words(first, status.day)} 至 {day_words(last, status.day)}"


def _look_of(ratio: float | None) -> str:
    if ratio is None:
        return "nodata"
    return "met" if ratio == 1 else "info"

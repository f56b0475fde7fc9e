"""How figures, days and states are put into words. Pure; shared by all pages.

A ratio is cut, never rounded up, so that 100% means all. "No data" (无数据) has a word and a look of its own.
"""

from dataclasses import dataclass
from datetime import date, datetime

from monitor.clock import as_shanghai
from monitor.readings import tenths_of_percent
from scoring.activity import ActivityGrade
from scoring.duty import DutyState

NONE = "—"
_WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True, slots=True)
class Badge:
    """A state as people see it: symbol and word, never colour alone. `look` is the CSS modifier."""

    look: str
    symbol: str
    word: str


DUTY_BADGES = {
    DutyState.MET: Badge("met", "✓", DutyState.MET.value),
    DutyState.NOT_MET: Badge("unmet", "✕", DutyState.NOT_MET.value),
    DutyState.NO_TOPIC: Badge("topic", "!", DutyState.NO_TOPIC.value),
    DutyState.NO_DATA: Badge("nodata", "?", DutyState.NO_DATA.value),
}
NOT_YET = Badge("due", "…", "尚未达标")  # before midnight there is still time: no fault yet (D-08)
NO_GROUPS = Badge("none", "–", "无群")
ACTIVITY_LOOKS = {
    ActivityGrade.EXCELLENT: "g3",
    ActivityGrade.GOOD: "g2",
    ActivityGrade.FAIR: "g1",
    ActivityGrade.POOR: "g0",
}


def duty_badge(duty: DutyState, day: date, today: date) -> Badge:
    """Return the badge of a duty on a day."""
    return NOT_YET if duty is DutyState.NOT_MET and day == today else DUTY_BADGES[duty]


def share_words(part: int, whole: int) -> str:
    """Put a share into words: "83.3%", cut to a tenth; "—" without a base."""
    return _tenths(part * 1000 // whole) if whole else NONE


def ratio_words(ratio: float | None) -> str:
    """Put a ratio 0…1 into words, cut to a tenth of a percent; "—" for None."""
    return NONE if ratio is None else _tenths(tenths_of_percent(ratio))


def day_words(day: date, today: date) -> str:
    """Name a day shortly: "11-20", with the year when it is not this one."""
    return f"{day:%m-%d}" if day.year == today.year else f"{day:%Y-%m-%d}"


def long_day_words(day: date) -> str:
    """Name a day in full: "2026年11月20日 周五"."""
    return f"{day.year}年{day.month}月{day.day}日 周{_WEEKDAYS[day.weekday()]}"


def moment_words(instant: datetime, today: date) -> str:
    """Name an instant on Shanghai's wall clock: "11-20 15:00"."""
    local = as_shanghai(instant)
    return f"{day_words(local.date(), today)} {local:%H:%M}"


def data_time_words(instant: datetime | None, today: date) -> str:
    """Say how fresh figures are: 「数据截至 11-20 15:00」."""
    return "当日尚无数据" if instant is None else f"数据截至 {moment_words(instant, today)}"


def _tenths(n_tenths: int) -> str:
    whole, rest = divmod(n_tenths, 10)
    return f"{whole}.{rest}%" if rest else f"{whole}%"

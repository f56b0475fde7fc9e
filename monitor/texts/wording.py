"""How figures, days and states are put into words, for pages and documents alike. Pure.

A ratio is cut, never rounded up, so that 100% means all. "No data" (无数据) has a word of its own.
"""

from datetime import date, datetime

from monitor.clock import as_shanghai
from monitor.days.readings import GroupDay, tenths_of_percent
from scoring.duty import DutyState

NONE = "—"
NOT_YET = "尚未达标"
"""Unmet before midnight: there is still time, no fault yet (D-08)."""
_WEEKDAYS = "一二三四五六日"


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


def short_time_words(instant: datetime | None, today: date) -> str:
    """Say how fresh one figure is: 「截至 11-20 15:00」."""
    return "当日尚无数据" if instant is None else f"截至 {moment_words(instant, today)}"


def count_words(count: int | None) -> str:
    """Put a count into words; None is 无数据, never 0."""
    return DutyState.NO_DATA.value if count is None else str(count)


def duty_words(duty: DutyState, day: date, today: date) -> str:
    """Return the word of a duty on a day."""
    return NOT_YET if duty is DutyState.NOT_MET and day == today else duty.value


def last_data_words(group_day: GroupDay, today: date) -> str:
    """Say when and by which source a group was last heard of."""
    if group_day.last_data_at is None:
        return "从未有数据"
    return f"{moment_words(group_day.last_data_at, today)} {group_day.last_data_by}".rstrip()


def movement_words(movement: int | None) -> str:
    """Put places gained since the period before into words: ↑2, ↓1, 持平; "—" without a rank then."""
    if movement is None:
        return NONE
    if not movement:
        return "持平"
    return f"{'↑' if movement > 0 else '↓'}{abs(movement)}"


def _tenths(n_tenths: int) -> str:
    whole, rest = divmod(n_tenths, 10)
    return f"{whole}.{rest}%" if rest else f"{whole}%"

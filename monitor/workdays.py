"""Working days (工作日) for due dates: the table of holidays where it knows the year, else Mon–Fri. Pure.

The daily duty knows no holidays (HN-2.1.3a 每天). Key types: `Workdays`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import chinese_calendar

_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Workdays:
    """Tells working days. `exceptions` are imported days that work (True) or rest (False)."""

    exceptions: Mapping[date, bool] = field(default_factory=dict)

    def is_workday(self, day: date) -> bool:
        """Tell whether a day works; never fails, whatever the year."""
        if day in self.exceptions:
            return self.exceptions[day]
        try:
            return bool(chinese_calendar.is_workday(day))
        except NotImplementedError:  # the year's holidays were not published when the library was made
            return day.weekday() < _SATURDAY

    def is_known(self, year: int) -> bool:
        """Tell whether holidays of a year are known, from the library or by an import."""
        if any(day.year == year for day in self.exceptions):
            return True
        try:
            chinese_calendar.is_workday(date(year, 1, 1))
        except NotImplementedError:
            return False
        return True

    def add(self, day: date, n_workdays: int) -> date:
        """Return the last of so many working days after a day; the day itself does not count."""
        while n_workdays > 0:
            day += timedelta(days=1)
            n_workdays -= self.is_workday(day)
        return day

    def next_workday(self, day: date) -> date:
        """Return the first working day after a day."""
        return self.add(day, 1)

    def banner(self, first_day: date, last_day: date) -> str:
        """Return 「节假日表缺 2027 年，按周一至周五」 if a year between two days is unknown, or ""."""
        years = range(first_day.year, last_day.year + 1)
        missing = [str(year) for year in years if not self.is_known(year)]
        return f"节假日表缺 {'、'.join(missing)} 年，按周一至周五" if missing else ""

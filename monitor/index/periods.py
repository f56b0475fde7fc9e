"""Periods of the Guangdong assessment (考核期): months, years, and the weeks of the WCI board. Pure.

Key types: `RunKind`, `RunPeriod`.
"""

import re
import unicodedata
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

_ONE_DAY = timedelta(days=1)
_MONTH = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})|(\d{2}))月?(?:[-/.]0?1(?:T00:00:00)?)?")
_YEAR = re.compile(r"(\d{4})年?")
_DAYS_OF_WEEK, _DAYS_OF_MONTH, _DAYS_OF_YEAR = 7, 30, 365


class RunKind(StrEnum):
    """What a run assesses; the value is shown to people."""

    MONTH = "月度考核"  # GD-4.1, GD-4.2
    YEAR = "年度考核"
    WCI_WEEK = "微信周榜"  # GD-4.3
    WCI_MONTH = "微信月榜"


@dataclass(frozen=True, slots=True)
class RunPeriod:
    """One kind of run over an inclusive run of days."""

    kind: RunKind
    first_day: date
    last_day: date

    @property
    def label(self) -> str:
        """The period as people write it: 2019, 2019-03, or the first and last day of a week."""
        if self.kind is RunKind.YEAR:
            return f"{self.first_day:%Y}"
        if self.kind is RunKind.WCI_WEEK:
            return f"{self.first_day} 至 {self.last_day}"
        return f"{self.first_day:%Y-%m}"

    @property
    def wci_days(self) -> int:
        """The d of the WCI formula: 7, 30 or 365 whatever the calendar says (清博, requirements B.3)."""
        if self.kind is RunKind.WCI_WEEK:
            return _DAYS_OF_WEEK
        return _DAYS_OF_YEAR if self.kind is RunKind.YEAR else _DAYS_OF_MONTH

    @property
    def is_board(self) -> bool:
        """Whether only the WCI is measured."""
        return self.kind in (RunKind.WCI_WEEK, RunKind.WCI_MONTH)

    def months(self) -> tuple[str, ...]:
        """The months of a monthly or yearly period, as 2019-03, in order."""
        last = self.last_day.month
        return tuple(f"{self.first_day.year}-{month:02d}" for month in range(self.first_day.month, last + 1))


def month_period(day: date, kind: RunKind = RunKind.MONTH) -> RunPeriod:
    """Return the calendar month that holds a day."""
    last = monthrange(day.year, day.month)[1]
    return RunPeriod(kind, day.replace(day=1), day.replace(day=last))


def year_period(year: int) -> RunPeriod:
    """Return a calendar year."""
    return RunPeriod(RunKind.YEAR, date(year, 1, 1), date(year, 12, 31))


def week_period(day: date, *, starts_on: str = "sunday") -> RunPeriod:
    """Return the WCI week that holds a day, also across the turn of a year.

    Source: D-16 默认: Sunday to Saturday; switch `monday`.
    """
    since = day.weekday() if starts_on == "monday" else day.isoweekday() % 7
    first = day - timedelta(days=since)
    return RunPeriod(RunKind.WCI_WEEK, first, first + timedelta(days=6))


def weeks_of(period: RunPeriod, *, starts_on: str = "sunday") -> list[RunPeriod]:
    """Return the weeks that end inside a period, in order: each week belongs to exactly one month and year.

    Source: none stated; 推定 (docs/decisions, Guangdong indices).
    """
    weeks = []
    week = week_period(period.first_day, starts_on=starts_on)
    while week.last_day <= period.last_day:
        weeks.append(week)
        week = week_period(week.last_day + _ONE_DAY, starts_on=starts_on)
    return weeks


def read_month(text: str) -> str | None:
    """Read 2019-03, 2019/3, 2019年3月, 201903 or the first day of a month as 2019-03; else None."""
    found = _MONTH.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if found is None:
        return None
    year, month = int(found[1]), int(found[2] or found[3])
    return f"{year}-{month:02d}" if 1 <= month <= 12 and year >= 2000 else None


def read_year(text: str) -> str | None:
    """Read 2019 or 2019年 as 2019; else None."""
    found = _YEAR.fullmatch(unicodedata.normalize("NFKC", text).strip())
    return found[1] if found and int(found[1]) >= 2000 else None


def first_day_of(period_text: str) -> date:
    """Return the first day of a month (2019-03) or year (2019) as stored."""
    return date.fromisoformat(f"{period_text}-01" if "-" in period_text else f"{period_text}-01-01")

"""Weeks from Monday to Sunday, named by ISO year and number, and how people write them. Pure.

Key types: `Week`.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from monitor.errors import BadParameter

_WRITTEN = re.compile(r"(?:(20\d\d)[-年]?)?(?:w|第)?(\d{1,2})周?", re.IGNORECASE)
_RELATIVE = {"本周": 0, "这周": 0, "上周": -1, "上上周": -2}
_ONE_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """A week from Monday to Sunday (D-05), named by its ISO year and number."""

    first_day: date

    @classmethod
    def of(cls, day: date) -> "Week":
        """Return the week in which a day lies."""
        return cls(day - timedelta(days=day.weekday()))

    @property
    def last_day(self) -> date:
        """The Sunday."""
        return self.first_day + timedelta(days=6)

    @property
    def year(self) -> int:
        """The ISO year, that of the Thursday: 2027-01-01 lies in a week of 2026."""
        return self.first_day.isocalendar().year

    @property
    def number(self) -> int:
        """1 to 52 or 53."""
        return self.first_day.isocalendar().week

    @property
    def label(self) -> str:
        """As it is written in commands and addresses: 2026-W47."""
        return f"{self.year}-W{self.number:02}"

    @property
    def words(self) -> str:
        """As it is read: 2026年第47周."""
        return f"{self.year}年第{self.number}周"

    def shift(self, n_weeks: int) -> "Week":
        """Return the week so many weeks later."""
        return Week(self.first_day + n_weeks * _ONE_WEEK)


def weeks_of_year(year: int) -> list[Week]:
    """Return the 52 or 53 ISO weeks of a year in order.

    Source: none (calendar).
    """
    first, end = date.fromisocalendar(year, 1, 1), date.fromisocalendar(year + 1, 1, 1)
    return [Week(first + n * _ONE_WEEK) for n in range((end - first).days // 7)]


def read_week(word: str, today: date) -> Week | None:
    """Return the week that a word names (2026-W47, W47, 第47周, 上周); None if it looks like none.

    A number without a year is the latest such week that has begun.
    Source: requirement D.3 (周报 补报 2013-W45).
    Raises: BadParameter for a week that does not exist or lies ahead.
    """
    if word in _RELATIVE:
        return Week.of(today).shift(_RELATIVE[word])
    match = _WRITTEN.fullmatch(word)
    if match is None or not (match[1] or re.search("[wW第周]", word)):
        return None
    return _existing_week(word, int(match[1]) if match[1] else None, int(match[2]), today)


def _existing_week(word: str, year: int | None, number: int, today: date) -> Week:
    this = Week.of(today)
    years = (year,) if year else (this.year, this.year - 1)
    found = []
    for each in years:
        try:
            found.append(Week(date.fromisocalendar(each, number, 1)))
        except ValueError:
            continue
    if not found:
        raise BadParameter(
            f"no week {word!r}", user_text=f"没有“{word[:12]}”这一周，例：周报 补报 {this.label}"
        )
    begun = [week for week in found if week <= this]
    if not begun:
        raise BadParameter(f"week ahead {word!r}", user_text=f"{found[0].words}尚未开始")
    return begun[0]

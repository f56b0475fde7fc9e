"""Briefs (简报): a unit's duty over a day, week, month or year, for documents. Pure.

A brief of a day says what the console's page of that day says; one of a longer period adds up the roll-ups
of closed days. Key types: `BriefPeriod`, `Brief`, `DutySum`.
"""

import re
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from enum import StrEnum

from monitor.clock import Period
from monitor.days.readings import DutyTally, Overview, RankingRow
from monitor.errors import BadParameter
from monitor.units import Unit
from scoring.explain import RegisterEntry

_ONE_DAY = timedelta(days=1)
_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_WEEK = re.compile(r"(\d{4})-?[Ww](\d{1,2})")
_MONTH = re.compile(r"(\d{4})-(\d{1,2})")
_YEAR = re.compile(r"(\d{4})")
_EARLIEST = 2000


class BriefKind(StrEnum):
    """How long a brief is; the value is shown to people."""

    DAY = "日报"
    WEEK = "周报"
    MONTH = "月报"
    YEAR = "年报"


@dataclass(frozen=True, slots=True)
class BriefPeriod:
    """An inclusive run of days of one kind; weeks run from Monday to Sunday (D-05)."""

    kind: BriefKind
    first_day: date
    last_day: date

    @property
    def label(self) -> str:
        """The period as it is asked for: 2026-11-20, 2026-W47, 2026-11, 2026."""
        if self.kind is BriefKind.DAY:
            return self.first_day.isoformat()
        if self.kind is BriefKind.WEEK:
            year, week, _ = self.first_day.isocalendar()
            return f"{year}-W{week:02d}"
        return f"{self.first_day:%Y-%m}" if self.kind is BriefKind.MONTH else f"{self.first_day:%Y}"

    @property
    def words(self) -> str:
        """The period as it is written on the document."""
        first, last = self.first_day, self.last_day
        if self.kind is BriefKind.DAY:
            return f"{first.year}年{first.month}月{first.day}日"
        if self.kind is BriefKind.WEEK:
            year, week, _ = first.isocalendar()
            return f"{year}年第{week}周（{first:%m-%d} 至 {last:%m-%d}）"
        return f"{first.year}年{first.month}月" if self.kind is BriefKind.MONTH else f"{first.year}年"

    def before(self) -> "BriefPeriod":
        """Return the period of the same kind before."""
        return period_of(self.kind, self.first_day - _ONE_DAY)

    def until(self, day: date) -> Period:
        """Return the days of the period up to a day; it must have begun."""
        return Period(self.first_day, min(self.last_day, day))


def period_of(kind: BriefKind, day: date) -> BriefPeriod:
    """Return the period of a kind that holds a day.

    Source: D-05 默认 for weeks, Monday to Sunday.
    """
    if kind is BriefKind.DAY:
        return BriefPeriod(kind, day, day)
    if kind is BriefKind.WEEK:
        first = day - timedelta(days=day.weekday())
        return BriefPeriod(kind, first, first + timedelta(days=6))
    if kind is BriefKind.MONTH:
        last = monthrange(day.year, day.month)[1]
        return BriefPeriod(kind, day.replace(day=1), day.replace(day=last))
    return BriefPeriod(kind, date(day.year, 1, 1), date(day.year, 12, 31))


def read_period(text: str, today: date) -> BriefPeriod:
    """Return the period that a text names: 2026-11-20, 2026-W47, 2026-11 or 2026.

    Source: none (design).
    Raises: BadParameter for anything else, and for a period that has not begun.
    """
    word = text.strip()
    try:
        found = _read(word)
    except ValueError as error:
        raise _no_period(word) from error
    if found is None or found.first_day.year < _EARLIEST:
        raise _no_period(word)
    if found.first_day > today:
        raise BadParameter(
            f"period {word} has not begun", user_text=f"{found.words}尚未开始，没有可统计的数据"
        )
    return found


def _read(word: str) -> BriefPeriod | None:
    if match := _DAY.fullmatch(word):
        return period_of(BriefKind.DAY, date(int(match[1]), int(match[2]), int(match[3])))
    if match := _WEEK.fullmatch(word):
        return period_of(BriefKind.WEEK, date.fromisocalendar(int(match[1]), int(match[2]), 1))
    if match := _MONTH.fullmatch(word):
        return period_of(BriefKind.MONTH, date(int(match[1]), int(match[2]), 1))
    if match := _YEAR.fullmatch(word):
        return period_of(BriefKind.YEAR, date(int(match[1]), 1, 1))
    return None


def _no_period(word: str) -> BadParameter:
    shown = word[:20]
    text = f"“{shown}”不是日期或期间，例：2026-11-20（日）、2026-W47（周）、2026-11（月）、2026（年）"
    return BadParameter("no period", user_text=text, subject_id="period")


@dataclass(frozen=True, slots=True)
class DutySum:
    """Tallies added up over days: every number counts group-days (群日)."""

    n_groups: int = 0
    n_met: int = 0
    n_not_met: int = 0
    n_no_topic: int = 0
    n_no_data: int = 0
    n_excellent: int = 0
    n_good: int = 0
    n_fair: int = 0
    n_poor: int = 0
    n_posts: int = 0
    n_relevant: int = 0

    @property
    def n_with_data(self) -> int:
        """Group-days about which something is known: the base of the duty rate."""
        return self.n_groups - self.n_no_data

    @property
    def met_ratio(self) -> float | None:
        """Duty rate (达标率) 0…1 over group-days with data; None when there is none."""
        return self.n_met / self.n_with_data if self.n_with_data else None


def sum_tallies(tallies: Iterable[DutyTally]) -> DutySum:
    """Add tallies up, state by state.

    Source: none (design, as the board of 排名 adds them up).
    """
    names = [each.name for each in fields(DutySum)]
    sums = dict.fromkeys(names, 0)
    for tally in tallies:
        for name in names:
            sums[name] += getattr(tally, name)
    return DutySum(**sums)


@dataclass(frozen=True, slots=True)
class IncidentSummary:
    """Incidents (不良信息事件) with a place in the unit's subtree."""

    n_found: int = 0  # found in the period
    n_confirmed: int = 0  # of them, confirmed 不良信息 or further
    n_closed: int = 0  # of them, 办结
    n_false_alarms: int = 0  # of them, 误报
    n_open: int = 0  # of them, alarming and not settled yet
    by_category: tuple[tuple[str, int], ...] = ()  # most first


@dataclass(frozen=True, slots=True)
class Brief:
    """A brief (简报) of a unit.

    Attributes:
        unit: whose brief it is.
        period: as asked for.
        today: business day on which it was read.
        data_at: how fresh the figures are: the last close, for an open day the latest data.
        is_provisional: a day of the period up to today is not closed yet.
        days: one entry per day that counts, oldest first: the closed ones, of a day's brief that day itself.
        open_days: days up to today that do not count yet, because they are not closed.
        before: the period before, over the same number of days.
        units: the children, best first; ties share a rank, those without data last.
        incidents: of the period.
        lost: what the regulation's text does not say (原文残缺清单).
        overview: the console's page of the day; of a day's brief only.
    """

    unit: Unit
    period: BriefPeriod
    today: date
    data_at: datetime | None
    is_provisional: bool
    days: tuple[DutyTally, ...]
    open_days: tuple[date, ...]
    before: DutySum
    units: tuple[RankingRow, ...]
    incidents: IncidentSummary
    lost: tuple[RegisterEntry, ...]
    overview: Overview | None = None

    @property
    def total(self) -> DutySum:
        """All days that count together."""
        return sum_tallies(self.days)

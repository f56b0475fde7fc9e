"""The weekly report (微信周报, HN-4.1a): due dates, states, and what the draft says. Pure.

A draft is filled from the ledger; a person may put a figure right, and what was submitted stays beside what
the ledger says. Imports no store and no clock. Key types: `WeeklyFigure`, `WeeklyReading`,
`UnitWeek`, `UnitYear`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple

from monitor.clock import business_day, shanghai_instant
from monitor.errors import BadParameter
from monitor.units import Unit
from monitor.weeks import Week as Week
from monitor.weeks import read_week as read_week
from monitor.weeks import weeks_of_year as weeks_of_year
from scoring.switches import Switch

CLAUSE = "HN-4.1a"
DUE_SWITCH = "D-05"
MOST_REASON_CHARS = 200
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class WeeklyFigure(StrEnum):
    """A figure of the report; the value is the word by which people change it."""

    GROUPS_OPENED = "新开"
    GROUPS_CLOSED = "停用"
    GROUPS_CHANGED = "变更"
    ACCOUNTS_OPENED = "新开公众号"
    ACCOUNTS_CLOSED = "停用公众号"
    GROUPS = "群数"
    ACCOUNTS = "公众号数"
    MEMBERS = "覆盖"


MOST = {figure: 9_999 for figure in WeeklyFigure} | {WeeklyFigure.MEMBERS: 9_999_999}
"""Largest value that is taken, 人 for 覆盖 and 个 for the others."""


class WeeklyState(StrEnum):
    """How a unit's report of a week stands; the value is shown."""

    DRAFT = "草稿"  # not submitted, not due yet
    SUBMITTED = "已交"
    LATE = "逾期"  # submitted after the due instant (补报)
    MISSING = "未交"
    NOT_CALLED = "未征集"  # nobody was asked for it: before the first reminder of this installation


def due_at(week: Week, switch: Switch) -> datetime:
    """Return the instant until which the report of a week is on time.

    Source: HN-4.1a, D-05 默认 (次周星期一 12:00).

    Args:
        week: that is reported on.
        switch: D-05 as in force on the last day of the week.
    """
    day = week.last_day + timedelta(days=1 + _WEEKDAYS.index(switch.chosen))
    return shanghai_instant(day, time.fromisoformat(str(switch.parameters["due_at"])))


def week_to_report(now: datetime, due_of_last: datetime) -> Week:
    """Return the week that is meant when none is named: the last one until it is due, then the present one.

    Source: none (design): at the hour of handing in, the week that is over is on the desk.

    Args:
        now: the present instant.
        due_of_last: when the report of the week before the present one is due.
    """
    this = Week.of(business_day(now))
    return this.shift(-1) if now < due_of_last else this


def judge_state(
    now: datetime, due: datetime, first_submitted_at: datetime | None, *, is_called: bool
) -> WeeklyState:
    """Judge how a report stands; the first submission decides, a later version changes nothing.

    Source: HN-4.1a, D-05.

    Args:
        now: the present instant.
        due: the last instant on time, exclusive: 12:00:00 itself is late.
        first_submitted_at: of the versions that count; None for none.
        is_called: units were asked for this week's report.
    """
    if first_submitted_at is not None:
        return WeeklyState.SUBMITTED if first_submitted_at < due else WeeklyState.LATE
    if now < due:
        return WeeklyState.DRAFT
    return WeeklyState.MISSING if is_called else WeeklyState.NOT_CALLED


class LedgerFigures(NamedTuple):
    """What the ledger (台账) says of a unit's subtree in a week."""

    numbers: Mapping[WeeklyFigure, int]
    opened: tuple[str, ...]  # code and name of groups
    closed: tuple[str, ...]


class PersonsFigure(NamedTuple):
    """A figure that a person put in place of the ledger's."""

    number: int
    reason: str
    by_name: str
    at: datetime


class SentVersion(NamedTuple):
    """What was submitted once."""

    version: int
    figures: Mapping[str, int]  # by the value of `WeeklyFigure`
    reasons: Mapping[str, str]
    submitted_at: datetime
    by_name: str


@dataclass(frozen=True, slots=True)
class FigureLine:
    """One figure of a report.

    Attributes:
        ledger: as the ledger has it now; None where it knows nothing without an earlier report.
        draft: what a submission would send now; None is shown as 无上期.
        reason: why a person changed it, "" for nobody or no reason.
        is_changed: a person put it in.
        sent: in the latest version; None before the first.
        previous: in the latest report of an earlier week; None without one.
    """

    figure: WeeklyFigure
    ledger: int | None
    draft: int | None
    reason: str
    is_changed: bool
    sent: int | None
    previous: int | None

    @property
    def difference(self) -> int | None:
        """Draft less the earlier report; None without one."""
        return None if self.draft is None or self.previous is None else self.draft - self.previous

    @property
    def has_moved(self) -> bool:
        """Tell whether the draft is no longer what was submitted."""
        return self.draft != self.sent


@dataclass(frozen=True, slots=True)
class WeeklyReading:
    """A unit's report of a week: draft and submitted figures side by side."""

    unit: Unit
    week: Week
    state: WeeklyState
    due: datetime
    lines: tuple[FigureLine, ...]  # one per figure, in order
    opened: tuple[str, ...]
    closed: tuple[str, ...]
    versions: tuple[SentVersion, ...]  # oldest first

    def line(self, figure: WeeklyFigure) -> FigureLine:
        """Return the line of a figure."""
        return next(line for line in self.lines if line.figure is figure)

    @property
    def latest(self) -> SentVersion | None:
        """What counts as submitted."""
        return self.versions[-1] if self.versions else None

    @property
    def moved(self) -> list[FigureLine]:
        """Figures whose draft differs from what was submitted; none before a submission."""
        return [line for line in self.lines if line.has_moved] if self.versions else []

    @property
    def changed(self) -> list[FigureLine]:
        """Figures that a person put in and that differ from the ledger."""
        return [line for line in self.lines if line.is_changed and line.draft != line.ledger]

    def is_over(self, today: date) -> bool:
        """Tell whether the week is over."""
        return today > self.week.last_day


def compose_lines(
    ledger: LedgerFigures,
    persons: Mapping[WeeklyFigure, PersonsFigure],
    sent: SentVersion | None,
    previous: SentVersion | None,
) -> tuple[FigureLine, ...]:
    """Fill a report from the ledger, with what people put in its place.

    Source: HN-4.1a; requirement D.3 (pre-filled, changes since last).

    Args:
        ledger: of the week; the official accounts opened and closed are the difference to `previous`.
        persons: the figures that count now.
        sent: the latest version of this week's report.
        previous: that of an earlier week.
    """
    lines = []
    for figure in WeeklyFigure:
        own = _from_ledger(figure, ledger, previous)
        person = persons.get(figure)
        lines.append(
            FigureLine(
                figure,
                own,
                person.number if person else own,
                person.reason if person else "",
                person is not None,
                sent.figures.get(figure.value) if sent else None,
                previous.figures.get(figure.value) if previous else None,
            )
        )
    return tuple(lines)


def _from_ledger(figure: WeeklyFigure, ledger: LedgerFigures, previous: SentVersion | None) -> int | None:
    if figure in ledger.numbers:
        return ledger.numbers[figure]
    before = previous.figures.get(WeeklyFigure.ACCOUNTS.value) if previous else None
    if before is None:
        return None
    change = ledger.numbers[WeeklyFigure.ACCOUNTS] - before
    return max(0, change if figure is WeeklyFigure.ACCOUNTS_OPENED else -change)


@dataclass(frozen=True, slots=True)
class UnitWeek:
    """How one unit's report of one week stands, for tables; `latest` is what was submitted."""

    unit: Unit
    week: Week
    state: WeeklyState
    latest: SentVersion | None
    first_submitted_at: datetime | None


@dataclass(frozen=True, slots=True)
class WeekSummary:
    """All reporting units of a viewer in one week (周报 汇总), those that are missing first."""

    week: Week
    due: datetime
    rows: tuple[UnitWeek, ...]

    def of(self, state: WeeklyState) -> list[UnitWeek]:
        """Return the units in a state."""
        return [row for row in self.rows if row.state is state]


@dataclass(frozen=True, slots=True)
class UnitYear:
    """The weeks of a unit's year in order; weeks that are not due are drafts."""

    unit: Unit
    weeks: tuple[UnitWeek, ...]

    def count(self, *states: WeeklyState) -> int:
        """Count the weeks in some states."""
        return sum(week.state in states for week in self.weeks)

    @property
    def n_due(self) -> int:
        """Weeks that were asked for and are due, or were submitted."""
        return self.count(WeeklyState.SUBMITTED, WeeklyState.LATE, WeeklyState.MISSING)


def year_words(year: UnitYear, number: int) -> str:
    """Say how a unit reported in a year, as evidence beside HN-A3.1.

    Source: HN-4.1a, HN-4.3.
    """
    if not year.n_due:
        return f"{number} 年微信周报：❔尚未征集（{CLAUSE}）"
    states = (WeeklyState.SUBMITTED, WeeklyState.LATE, WeeklyState.MISSING)
    counts = "、".join(f"{state} {year.count(state)}" for state in states)
    return f"{number} 年微信周报应报 {year.n_due} 周：{counts}（{CLAUSE}，期限 {DUE_SWITCH} 默认）"


_ORDER = (
    WeeklyState.MISSING,
    WeeklyState.LATE,
    WeeklyState.DRAFT,
    WeeklyState.NOT_CALLED,
    WeeklyState.SUBMITTED,
)


def sort_rows(rows: Iterable[UnitWeek]) -> tuple[UnitWeek, ...]:
    """Return rows with those that are missing first, then by code.

    Source: requirement D.0 (problems first).
    """
    return tuple(sorted(rows, key=lambda row: (_ORDER.index(row.state), row.unit.code)))


def read_figure(word: str) -> WeeklyFigure:
    """Return the figure that a word names.

    Source: requirement D.3 (周报 改 停用 2).
    Raises: BadParameter listing the words.
    """
    found = next((figure for figure in WeeklyFigure if figure.value == word), None)
    if found is None:
        words = "、".join(WeeklyFigure)
        raise BadParameter(f"figure {word!r}", user_text=f"可改的项目：{words}。例：周报 改 停用 2 原因")
    return found


def read_amount(figure: WeeklyFigure, word: str) -> int:
    """Return a number that is given for a figure.

    Source: requirement D.1.
    Raises: BadParameter unless it is an integer from 0 to the figure's largest.
    """
    if word.isascii() and word.isdigit() and len(word) <= 7 and int(word) <= MOST[figure]:
        return int(word)
    raise BadParameter(f"amount {word!r}", user_text=f"{figure}应为0–{MOST[figure]}的整数")


def first_submission(versions: Sequence[SentVersion]) -> datetime | None:
    """Return when a report was submitted for the first time.

    Source: D-05: a correction does not make a report late.
    """
    return min((version.submitted_at for version in versions), default=None)

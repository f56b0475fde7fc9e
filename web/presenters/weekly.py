"""Weekly reports as the console shows them: the table of a week, one report, the year. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from monitor.weekly import (
    FigureLine,
    UnitWeek,
    UnitYear,
    Week,
    WeeklyFigure,
    WeeklyReading,
    WeeklyState,
    WeekSummary,
)
from reports.weekly_summary import STATE_WORDS, TABLE_FIGURES, conclude_week, figure_words, row_words
from web.wording import NONE, Badge, day_words, moment_words

BADGES = {
    WeeklyState.DRAFT: Badge("due", "…", STATE_WORDS[WeeklyState.DRAFT]),
    WeeklyState.SUBMITTED: Badge("met", "✓", WeeklyState.SUBMITTED.value),
    WeeklyState.LATE: Badge("topic", "!", WeeklyState.LATE.value),
    WeeklyState.MISSING: Badge("unmet", "✕", WeeklyState.MISSING.value),
    WeeklyState.NOT_CALLED: Badge("nodata", "?", WeeklyState.NOT_CALLED.value),
}
_SYMBOLS = {state: badge.symbol for state, badge in BADGES.items()}
COUNTED = (WeeklyState.MISSING, WeeklyState.LATE, WeeklyState.DRAFT, WeeklyState.SUBMITTED)


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit in the table of a week; `figures` in the order of `TABLE_FIGURES`, 「—」 for not submitted."""

    code: str
    name: str
    badge: Badge
    submitted: str
    figures: tuple[tuple[str, str], ...]  # word and number
    has_reasons: bool  # a person changed figures


@dataclass(frozen=True, slots=True)
class WeekPage:
    """The table of a week."""

    week: Week
    title: str
    days: str
    due: str
    conclusion: str
    counts: tuple[tuple[Badge, int], ...]
    rows: tuple[UnitRow, ...]
    earlier: str
    later: str  # "" when the later week has not begun
    year: int


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One figure of a report with everything beside it."""

    word: str
    ledger: str
    draft: str
    sent: str
    difference: str
    reason: str
    is_changed: bool
    has_moved: bool


@dataclass(frozen=True, slots=True)
class VersionLine:
    """What was submitted once."""

    number: int
    at: str
    by_name: str
    reasons: str


@dataclass(frozen=True, slots=True)
class ReportPage:
    """A unit's report of a week."""

    week: Week
    unit_code: str
    unit_name: str
    badge: Badge
    days: str
    due: str
    conclusion: str
    figures: tuple[FigureRow, ...]
    opened: tuple[str, ...]
    closed: tuple[str, ...]
    versions: tuple[VersionLine, ...]
    needs_submission: bool
    is_running: bool
    is_late: bool
    earlier: str
    later: str


@dataclass(frozen=True, slots=True)
class YearBar:
    """A unit's year: one mark per week, oldest first."""

    code: str
    name: str
    marks: tuple[tuple[str, str, str], ...]  # look, symbol, words
    words: str


def present_week(summary: WeekSummary, now: datetime, today: date) -> WeekPage:
    """Return the table of a week, missing units first."""
    week = summary.week
    return WeekPage(
        week=week,
        title=f"{week.words}周报",
        days=_days(week, today),
        due=moment_words(summary.due, today),
        conclusion=conclude_week(summary, now, today),
        counts=tuple((BADGES[state], len(summary.of(state))) for state in COUNTED),
        rows=tuple(_unit_row(row, today) for row in summary.rows),
        earlier=week.shift(-1).label,
        later=_later(week, today),
        year=week.year,
    )


def present_report(reading: WeeklyReading, now: datetime, today: date) -> ReportPage:
    """Return one report with draft, ledger and what was submitted side by side."""
    week, latest = reading.week, reading.latest
    if latest is None:
        conclusion = "尚未提交；草稿已按台账预填，核对后提交"
        if reading.state is WeeklyState.MISSING:
            conclusion = "已过截止时间，补报将登记为“逾期”"
    elif reading.moved:
        words = "、".join(line.figure.value for line in reading.moved)
        conclusion = f"提交后有变化：{words}。可再次提交，此前的版本保留"
    else:
        conclusion = f"第 {latest.version} 次提交后没有变化，无需再交"
    return ReportPage(
        week=week,
        unit_code=reading.unit.code,
        unit_name=reading.unit.name,
        badge=BADGES[reading.state],
        days=_days(week, today),
        due=moment_words(reading.due, today),
        conclusion=conclusion,
        figures=tuple(_figure_row(line) for line in reading.lines),
        opened=reading.opened,
        closed=reading.closed,
        versions=tuple(
            VersionLine(
                one.version,
                moment_words(one.submitted_at, today),
                one.by_name,
                "；".join(
                    f"{word} {one.figures[word]}：{why or '未写原因'}" for word, why in one.reasons.items()
                ),
            )
            for one in reversed(reading.versions)
        ),
        needs_submission=latest is None or bool(reading.moved),
        is_running=not reading.is_over(today),
        is_late=now >= reading.due,
        earlier=week.shift(-1).label,
        later=_later(week, today),
    )


def sort_years(years: Sequence[UnitYear]) -> list[UnitYear]:
    """Return the years of units, those with most missing weeks first."""
    return sorted(
        years, key=lambda one: (-one.count(WeeklyState.MISSING), -one.count(WeeklyState.LATE), one.unit.code)
    )


def present_year(years: Sequence[UnitYear]) -> tuple[YearBar, ...]:
    """Return a bar per unit, in their order."""
    return tuple(_bar(year) for year in years)


def _bar(year: UnitYear) -> YearBar:
    marks = tuple(
        (BADGES[one.state].look, _SYMBOLS[one.state], f"第{one.week.number}周 {BADGES[one.state].word}")
        for one in year.weeks
    )
    if not year.n_due:
        words = "尚未征集"
    else:
        parts = [f"应报 {year.n_due}"]
        for state in (WeeklyState.SUBMITTED, WeeklyState.LATE, WeeklyState.MISSING):
            parts.append(f"{state} {year.count(state)}")
        words = "，".join(parts)
    return YearBar(year.unit.code, year.unit.name, marks, words)


def _unit_row(row: UnitWeek, today: date) -> UnitRow:
    name, _, submitted = row_words(row, today)
    words = (figure.value for figure in TABLE_FIGURES)
    return UnitRow(
        code=row.unit.code,
        name=name,
        badge=BADGES[row.state],
        submitted=submitted,
        figures=tuple(zip(words, figure_words(row), strict=True)),
        has_reasons=bool(row.latest and row.latest.reasons),
    )


def _figure_row(line: FigureLine) -> FigureRow:
    difference = line.difference
    is_total = line.figure in (WeeklyFigure.GROUPS, WeeklyFigure.ACCOUNTS, WeeklyFigure.MEMBERS)
    return FigureRow(
        word=line.figure.value,
        ledger=_number(line.ledger),
        draft=_number(line.draft),
        sent=_number(line.sent),
        difference=f"{difference:+d}" if difference is not None and is_total else NONE,
        reason=line.reason,
        is_changed=line.is_changed and line.draft != line.ledger,
        has_moved=line.has_moved,
    )


def _number(number: int | None) -> str:
    return NONE if number is None else str(number)


def _days(week: Week, today: date) -> str:
    return f"{day_words(week.first_day, today)} 至 {day_words(week.last_day, today)}"


def _later(week: Week, today: date) -> str:
    return week.shift(1).label if week.last_day < today else ""

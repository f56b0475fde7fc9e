"""The frame of every chat answer and its small phrases: marks, days, shares, data time. Pure.

An answer is at most 600 characters and 2,000 bytes (the platform's passive reply takes 2,048): the
conclusion, the time of the data, at most eight rows, one suggested next command. Key types: `Answer`, `Row`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from monitor.clock import as_shanghai, business_day
from monitor.days.readings import tenths_of_percent
from monitor.people.steps import OpenStep
from scoring.duty import DutyState

MAX_CHARS = 600
MAX_BYTES = 2000
MAX_ROWS = 8
_WARN_FROM_HOUR = 18
_MAX_NAME = 24
_MARKUP = str.maketrans("", "", "<>&[]{}\\`'\"")


@dataclass(frozen=True, slots=True)
class Answer:
    """A text, the command lines that its numbers stand for, and what it waits for."""

    text: str
    choices: tuple[str, ...] = ()
    step: OpenStep | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One line of an answer; with a command line it is numbered and can be chosen."""

    text: str
    choice: str = ""


def compose(
    conclusion: str,
    data_line: str,
    rows: Iterable[Row],
    *,
    n_more: int = 0,
    basis: str = "",
    suggestion: str = "",
    how_to_pick: str = "回复编号查看",
) -> Answer:
    """Return an answer whose rows are cut until it fits.

    Args:
        conclusion: first line.
        data_line: second line.
        rows: the first of what there is to list.
        n_more: how many more there are, counted among what is not listed.
        basis: the last row, never cut.
        suggestion: the next command.
        how_to_pick: said of numbered rows, where their numbers could be taken for others.
    """
    every = list(rows)
    n_kept = min(len(every), MAX_ROWS - bool(basis))
    while True:
        kept, n_hidden = every[:n_kept], len(every) - n_kept + n_more
        if n_hidden and n_kept == MAX_ROWS - bool(basis):
            kept, n_hidden = kept[:-1], n_hidden + 1
        if n_hidden:
            kept.append(Row(f"…… 另 {n_hidden} 项未列出"))
        answer = _render(conclusion, data_line, kept, basis, suggestion, how_to_pick)
        if not n_kept or fits(answer.text):
            return answer
        n_kept -= 1


def fits(text: str) -> bool:
    """Tell whether a text is short enough for one reply."""
    return len(text) <= MAX_CHARS and len(text.encode()) <= MAX_BYTES


def _render(
    conclusion: str, data_line: str, rows: Sequence[Row], basis: str, suggestion: str, how_to_pick: str
) -> Answer:
    choices: list[str] = []
    lines = [conclusion, data_line]
    for row in rows:
        if row.choice:
            choices.append(row.choice)
            lines.append(f"{len(choices)}. {row.text}")
        else:
            lines.append(row.text)
    lines.append(basis)
    if choices and suggestion:
        suggestion = f"{how_to_pick}，或回复：{suggestion}"
    elif choices:
        suggestion = f"{how_to_pick}（5分钟内有效）"
    elif suggestion:
        suggestion = f"可回复：{suggestion}"
    lines.append(suggestion)
    return Answer("\n".join(line for line in lines if line), tuple(choices))


def show_data_time(data_at: datetime | None, day: date, now: datetime, *, is_provisional: bool) -> str:
    """Return the second line: how fresh the data are, and 暂定 while the day is open."""
    if data_at is None:
        line = f"数据截至 {show_instant(now, now)}，尚未收到数据"
    else:
        line = f"数据截至 {show_instant(data_at, now)}"
    return f"{line}（{show_day(day, now)} 暂定）" if is_provisional else line


def show_instant(instant: datetime, now: datetime) -> str:
    """Return a Shanghai time as 11-20 08:05, with the year if it is another one."""
    return f"{show_day(business_day(instant), now)} {as_shanghai(instant):%H:%M}"


def show_day(day: date, now: datetime) -> str:
    """Return a day as 11-20, with the year if it is another one."""
    return f"{day:%m-%d}" if day.year == business_day(now).year else f"{day:%Y-%m-%d}"


def name_day(day: date, now: datetime) -> str:
    """Return 今天 or the day's date."""
    return "今天" if is_today(day, now) else show_day(day, now)


def is_today(day: date, now: datetime) -> bool:
    """Tell whether a day is the present business day."""
    return day == business_day(now)


def mark_duty(duty: DutyState, day: date, now: datetime) -> str:
    """Return the symbol of a duty: an unmet one is only due from 18:00 (⚠️) and failed after midnight (❌)."""
    if duty is DutyState.MET:
        return "✅"
    if duty is DutyState.NO_DATA:
        return "❔"
    if not is_today(day, now):
        return "❌"
    return "⚠️" if as_shanghai(now).hour >= _WARN_FROM_HOUR else ""


def show_ratio(ratio: float | None) -> str:
    """Return a share as 85.7%, cut to a tenth, or 无数据."""
    return "无数据" if ratio is None else f"{tenths_of_percent(ratio) / 10:.1f}%"


def on_day(line: str, day: date, now: datetime) -> str:
    """Return a command line that asks about the same day."""
    return line if is_today(day, now) else f"{line} {day.isoformat()}"


def quote(text: str) -> str:
    """Return what a person wrote, short and without markup, to be shown back."""
    bare = text.translate(_MARKUP)
    return bare if len(bare) <= _MAX_NAME else bare[:_MAX_NAME] + "…"

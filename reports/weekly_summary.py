"""The weekly reports of a week (周报汇总) as document. Pure.

The words of a week and of its units are those of the console's page, which takes them from here.
"""

from dataclasses import dataclass
from datetime import date, datetime

from monitor.texts.wording import NONE, data_time_words, moment_words
from monitor.units import Unit
from monitor.weekly import UnitWeek, WeeklyFigure, WeeklyState, WeekSummary
from reports.document import Column, Document, Part, Table

TABLE_FIGURES = (
    WeeklyFigure.GROUPS_OPENED,
    WeeklyFigure.GROUPS_CLOSED,
    WeeklyFigure.GROUPS_CHANGED,
    WeeklyFigure.GROUPS,
    WeeklyFigure.ACCOUNTS,
    WeeklyFigure.MEMBERS,
)
STATE_WORDS = {state: "待交" if state is WeeklyState.DRAFT else state.value for state in WeeklyState}
_COLUMNS = (
    Column("单位", 12),
    Column("状态", 5),
    Column("提交时间", 8),
    *(Column(figure.value, 5, is_number=True) for figure in TABLE_FIGURES),
    Column("备注", 8),
)


@dataclass(frozen=True, slots=True)
class WeeklyTable:
    """The reports of a week as somebody reads them at an instant."""

    unit: Unit
    summary: WeekSummary
    made_at: datetime


def weekly_document(table: WeeklyTable, today: date) -> Document:
    """Lay out the reports of a week, missing ones first.

    Source: HN-4.1a.
    """
    summary = table.summary
    week = summary.week
    rows = tuple((*row_words(row, today), *figure_words(row), _remark(row)) for row in summary.rows)
    return Document(
        title=f"{table.unit.name}{week.words}周报汇总",
        subtitle=f"{week.first_day} 至 {week.last_day}，截止 {moment_words(summary.due, today)}",
        data_time=data_time_words(table.made_at, today),
        lead=(f"{conclude_week(summary, table.made_at, today)}。应报 {len(rows)} 个单位。",),
        parts=(Part("周报", tables=(Table(_COLUMNS, rows, "周报", "没有需要报送周报的单位"),)),),
        notes=("依据 HN-4.1a，期限 D-05（默认）；未交的单位没有数字，不作 0 计。",),
        is_wide=True,
    )


def conclude_week(summary: WeekSummary, now: datetime, today: date) -> str:
    """Say how the reports of a week stand."""
    missing = [row.unit.name for row in summary.of(WeeklyState.MISSING)]
    if missing:
        return f"未交 {len(missing)} 个：{'、'.join(missing)}"
    if now < summary.due:
        n_open = len(summary.of(WeeklyState.DRAFT))
        return f"待交 {n_open} 个，截止 {moment_words(summary.due, today)}"
    if summary.of(WeeklyState.NOT_CALLED):
        return "该周未征集：系统启用周报之前的周次不计未交"
    return f"全部已交，其中逾期 {len(summary.of(WeeklyState.LATE))} 个"


def row_words(row: UnitWeek, today: date) -> tuple[str, str, str]:
    """Return a unit's name, the state of its report and when it was submitted."""
    at = row.first_submitted_at
    return row.unit.name, STATE_WORDS[row.state], moment_words(at, today) if at else NONE


def figure_words(row: UnitWeek) -> tuple[str, ...]:
    """Return the figures submitted in the order of `TABLE_FIGURES`; 「—」 for not submitted."""
    figures = row.latest.figures if row.latest else {}
    found = (figures.get(figure.value) for figure in TABLE_FIGURES)
    return tuple(NONE if number is None else str(number) for number in found)


def _remark(row: UnitWeek) -> str:
    return "有人工修改" if row.latest and row.latest.reasons else ""

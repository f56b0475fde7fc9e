"""Overview: from the reading to what the template lays out. Pure; no Flask, no clock, no database.

Key types: `OverviewPage`, `UnitLine`, `GroupLine`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from monitor.days.readings import DutyTally, GroupDay, Overview, UnitRow, tenths_of_percent
from monitor.texts.headlines import Headline, present_headlines
from monitor.units import Unit
from scoring.duty import DutyState
from scoring.source import ResultStatus
from web.bars import DayBar, day_bar
from web.presenters.unit_list import UnitFilter
from web.wording import (
    ACTIVITY_LOOKS,
    DUTY_BADGES,
    NO_GROUPS,
    NONE,
    NOT_YET,
    Badge,
    count_words,
    data_time_words,
    day_words,
    duty_badge,
    last_data_words,
    long_day_words,
    ratio_words,
)

PAGE_ROWS = 25  # of units and of groups; keeps the page within 60 kB
_EVERY_UNIT = UnitFilter()
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class UnitLine:
    """A unit of the table."""

    code: str
    name: str
    kind: str
    badge: Badge
    today: str
    gaps: tuple[tuple[str, str], ...]  # which list of its groups, in words with their number
    detail: str
    bar: DayBar
    week: str


@dataclass(frozen=True, slots=True)
class GroupLine:
    """A group of a list."""

    code: str
    name: str
    unit_name: str
    badge: Badge
    is_provisional: bool
    posts: str
    relevant: str
    activity: str
    activity_look: str
    last_data: str


@dataclass(frozen=True, slots=True)
class TrendLine:
    """A day of the trend. `percent` and `unknown_percent` feed the chart; empty text is a gap."""

    day: str
    met: str
    ratio: str
    no_data: str
    posts: str
    percent: str
    unknown_percent: str


@dataclass(frozen=True, slots=True)
class Slice:
    """One page of a long list: which rows, and what lies before and after."""

    first: int
    last: int
    total: int
    page: int
    n_pages: int


@dataclass(frozen=True, slots=True)
class OverviewPage:
    """Everything the overview shows."""

    unit: Unit
    breadcrumb: tuple[Unit, ...]
    day: date
    day_words: str
    is_open: bool  # 暂定 until the close of the day
    before: date
    after: date | None
    data_time: str
    headlines: tuple[Headline, ...]
    trend: tuple[TrendLine, ...]
    units: tuple[UnitLine, ...]
    unit_slice: Slice
    n_units: int  # children, whether listed or not
    groups: tuple[GroupLine, ...]
    group_slice: Slice
    n_unregistered: int
    empty: str  # why there is nothing to see and what to do; empty text when there is


def present_overview(
    overview: Overview,
    today: date,
    *,
    unit_page: int = 1,
    group_page: int = 1,
    chosen: UnitFilter = _EVERY_UNIT,
) -> OverviewPage:
    """Lay out the overview of a unit on a day, with the children that are asked for."""
    unit_rows, unit_slice = cut_page(chosen.choose(overview.rows), unit_page, chosen.size)
    group_rows, group_slice = cut_page(overview.groups, group_page)
    return OverviewPage(
        unit=overview.unit,
        breadcrumb=overview.breadcrumb,
        day=overview.day,
        day_words=long_day_words(overview.day),
        is_open=not overview.is_closed,
        before=overview.day - timedelta(days=1),
        after=overview.day + timedelta(days=1) if overview.day < today else None,
        data_time=data_time_words(overview.data_at, today),
        headlines=present_headlines(overview, today),
        trend=tuple(_trend_line(tally, today) for tally in reversed(overview.history)),
        units=tuple(_unit_line(row, today) for row in unit_rows),
        unit_slice=unit_slice,
        n_units=len(overview.rows),
        groups=tuple(present_group(group_day, today) for group_day in group_rows),
        group_slice=group_slice,
        n_unregistered=overview.n_unregistered,
        empty=_why_empty(overview.tally, overview.data_at),
    )


def present_group(group_day: GroupDay, today: date) -> GroupLine:
    """Lay out one group of a list."""
    return GroupLine(
        code=group_day.group.code,
        name=group_day.group.name,
        unit_name=group_day.group.unit_name,
        badge=duty_badge(group_day.duty, group_day.day, today),
        is_provisional=group_day.status is ResultStatus.PROVISIONAL,
        posts=count_words(group_day.n_posts),
        relevant=count_words(group_day.n_relevant),
        activity=group_day.activity.value if group_day.activity else "",
        activity_look=ACTIVITY_LOOKS[group_day.activity] if group_day.activity else "none",
        last_data=last_data_words(group_day, today),
    )


def unit_badge(tally: DutyTally, today: date) -> Badge:
    """Return a unit's state of a day: the worst of its groups; 无数据 does not hide an unmet duty."""
    if not tally.n_groups:
        return NO_GROUPS
    if tally.n_with_data > tally.n_met:
        return duty_badge(DutyState.NOT_MET, tally.day, today)
    return DUTY_BADGES[DutyState.NO_DATA if tally.n_no_data else DutyState.MET]


def cut_page(rows: Sequence[Row], page: int, size: int = PAGE_ROWS) -> tuple[Sequence[Row], Slice]:
    """Return the rows of one page, numbered from 1; a page beyond the end is the last one."""
    n_pages = max(1, -(-len(rows) // size))
    page = min(max(page, 1), n_pages)
    first = (page - 1) * size
    shown = rows[first : first + size]
    return shown, Slice(first + 1, first + len(shown), len(rows), page, n_pages)


def _unit_line(row: UnitRow, today: date) -> UnitLine:
    tally = row.today
    n_unmet = tally.n_with_data - tally.n_met
    unmet = NOT_YET.word if tally.day == today else DutyState.NOT_MET.value
    gaps = [("unmet", f"{unmet} {n_unmet}")] if n_unmet else []
    gaps += [("nodata", f"无数据 {tally.n_no_data}")] if tally.n_no_data else []
    return UnitLine(
        code=row.unit.code,
        name=row.unit.name,
        kind=row.unit.kind,
        badge=unit_badge(tally, today),
        today=f"{tally.n_met}/{tally.n_with_data}" if tally.n_with_data else NONE,
        gaps=tuple(gaps),
        detail=" · ".join(words for _, words in gaps)
        or (f"共 {tally.n_groups} 群" if tally.n_groups else "未登记群"),
        bar=day_bar(row.history, today),
        week=ratio_words(row.week_ratio),
    )


def _trend_line(tally: DutyTally, today: date) -> TrendLine:
    ratio = tally.met_ratio
    return TrendLine(
        day=day_words(tally.day, today),
        met=f"{tally.n_met}/{tally.n_with_data}",
        ratio=ratio_words(ratio),
        no_data=str(tally.n_no_data),
        posts=str(tally.n_posts) if tally.n_with_data else NONE,
        percent="" if ratio is None else f"{tenths_of_percent(ratio) / 10:g}",
        unknown_percent=f"{tally.n_no_data / tally.n_groups * 100:.4g}" if tally.n_groups else "",
    )


def _why_empty(tally: DutyTally, data_at: datetime | None) -> str:
    if not tally.n_groups:
        return (
            "本单位及下级还没有登记微信群，因此没有可统计的数据。请由单位管理员登记，或请系统运维导入群名单。"
        )
    if tally.n_with_data and data_at is not None:
        return ""
    return (
        f"{tally.n_groups} 个群当日没有采集、自报、检查或导入的记录，因此不计条数、不评等次。"
        "请联系系统运维检查或接入采集；也可提供聊天记录，由系统运维导入。"
    )

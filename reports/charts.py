"""Charts (图) of the rows that documents and chat show: a board as bars, days as a line. Pure until drawn.

Key types: `Chart`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from monitor.days.briefs import Brief, BriefKind
from monitor.days.readings import DutyTally, Ranking, RankingRow
from monitor.texts.wording import data_time_words, day_words, ratio_words
from reports.pictures import Bar, Point, draw_bars, draw_trend

_AT_EACH_END = 10


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart with exactly one of bars and points; `words` is its key number, said before it is seen."""

    title: str
    data_time: str
    words: str
    bars: tuple[Bar, ...] = ()
    points: tuple[Point, ...] = ()


def ranking_chart(ranking: Ranking, today: date) -> Chart:
    """Draw a board; of a long one both ends. Units are compared, no person is named."""
    rows, n_left = _ends(ranking.rows)
    period = f"{day_words(ranking.first_day, today)} 至 {day_words(ranking.last_day, today)}"
    left = f"，中间 {n_left} 个未画" if n_left else ""
    return Chart(
        title=f"{ranking.unit.name}下级单位群达标率{left}",
        data_time=f"{period}，{data_time_words(ranking.data_at, today)}",
        words=_lead_words(ranking.rows),
        bars=tuple(_bar(row) for row in rows),
    )


def brief_chart(brief: Brief) -> Chart:
    """Draw the days of a brief; that of a day stands on the thirty days up to it."""
    is_day = brief.period.kind is BriefKind.DAY
    days = brief.overview.history if is_day and brief.overview else brief.days
    ratio = ratio_words(brief.total.met_ratio)
    title = f"{brief.unit.name}群达标率" + (f"，近 {len(days)} 天" if is_day else f"，{brief.period.label}")
    provisional = "（暂定）" if brief.is_provisional else ""
    return Chart(
        title=title,
        data_time=data_time_words(brief.data_at, brief.today) + provisional,
        words=f"{brief.unit.name}{brief.period.words}群达标率 {ratio}{provisional}",
        points=tuple(_point(tally, brief.today) for tally in days),
    )


def draw(chart: Chart) -> bytes:
    """Return a chart as PNG, 750 px wide; matplotlib is loaded here."""
    if chart.points:
        return draw_trend(chart.title, chart.data_time, chart.points)
    return draw_bars(chart.title, chart.data_time, chart.bars)


def _ends(rows: Sequence[RankingRow]) -> tuple[Sequence[RankingRow], int]:
    n_left = max(0, len(rows) - 2 * _AT_EACH_END)
    return ((*rows[:_AT_EACH_END], *rows[-_AT_EACH_END:]), n_left) if n_left else (rows, 0)


def _bar(row: RankingRow) -> Bar:
    if row.rank is None or row.met_ratio is None:
        return Bar(row.unit.name, None, "无数据")
    words = f"{ratio_words(row.met_ratio)}（{row.n_met}/{row.n_with_data}）"
    return Bar(
        f"{row.rank} {row.unit.name}", row.met_ratio * 100, words, is_good=row.n_met == row.n_with_data
    )


def _point(tally: DutyTally, today: date) -> Point:
    ratio = tally.met_ratio
    return Point(day_words(tally.day, today), None if ratio is None else ratio * 100)


def _lead_words(rows: Sequence[RankingRow]) -> str:
    first = next((row for row in rows if row.rank == 1), None)
    return f"第1 {first.unit.name} {ratio_words(first.met_ratio)}" if first else "各单位均无数据"

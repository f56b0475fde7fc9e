"""Boards (排行): duty rates, WCI and totals, as the template lays them out. Pure.

Key types: `BoardPage`, `PlaceLine`.
"""

from dataclasses import dataclass
from datetime import date

from monitor.days.readings import Ranking
from monitor.index.boards import Board, show_movement
from monitor.units import UnitId
from web.wording import NONE, data_time_words, day_words, ratio_words

SMALL = "样本少"
NO_DATA = "无数据"


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """One place. `share` is 0…100 for the bar, or None where there is nothing to draw."""

    rank: str
    name: str
    code: str
    value: str
    movement: str
    note: str
    share: float | None
    is_own: bool


@dataclass(frozen=True, slots=True)
class BoardPage:
    """A board as a page."""

    title: str
    span: str
    data_time: str
    basis: str
    lines: tuple[PlaceLine, ...]


def present_ranking(ranking: Ranking, own: UnitId, today: date) -> BoardPage:
    """Lay out the duty rates of sibling units over a period."""
    lines = tuple(
        PlaceLine(
            rank=NONE if row.rank is None else str(row.rank),
            name=row.unit.name,
            code=row.unit.code,
            value=NO_DATA if row.met_ratio is None else ratio_words(row.met_ratio),
            movement=_movement(row.movement),
            note="，".join(
                [f"{row.n_met}/{row.n_with_data} 群日", *([SMALL] if row.is_small_sample else [])]
            ),
            share=None if row.met_ratio is None else row.met_ratio * 100,
            is_own=row.unit.unit_id == own,
        )
        for row in ranking.rows
    )
    first, last = day_words(ranking.first_day, today), day_words(ranking.last_day, today)
    return BoardPage(
        title=f"{ranking.unit.name}下级{ranking.kind or '单位'}达标率",
        span=f"{first} 至 {last}",
        data_time=data_time_words(ranking.data_at, today),
        basis="按有数据的群日计算（HN-2.1.3），并列同名次；样本不足 5 个群日的标注样本少",
        lines=lines,
    )


def present_board(board: Board, own: UnitId) -> BoardPage:
    """Lay out a board of the Guangdong assessment."""
    lines = tuple(
        PlaceLine(
            rank=NONE if line.rank is None else str(line.rank),
            name=line.name,
            code=line.unit_code,
            value=line.value,
            movement=show_movement(line),
            note=line.note,
            share=None,
            is_own=line.unit_id == own,
        )
        for line in board.lines
    )
    state = "已发布" if board.is_published else "未发布，可能变动"
    return BoardPage(board.title, state, "", board.basis, lines)


def _movement(places: int | None) -> str:
    if places is None:
        return ""
    return "—" if places == 0 else f"↑{places}" if places > 0 else f"↓{-places}"

"""The bar of days (heartbeat bar): one cell per day, as few SVG paths, with its words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from monitor.days.readings import DutyTally
from web.wording import day_words

HEIGHT = 20
_STEP, _WIDTH = 5, 4  # the style sheet draws strokes of this width


@dataclass(frozen=True, slots=True)
class DayBar:
    """Paths by look (met, unmet, nodata, none), the width of the drawing, and the text alternative."""

    paths: tuple[tuple[str, str], ...]
    width: int
    words: str


def day_bar(history: Sequence[DutyTally], today: date) -> DayBar:
    """Draw one cell per day, oldest first; met fills from below, 无数据 hangs from above.

    Source: none (design). A day on which anything is unmet shows at least a visible piece of it.
    """
    cells: dict[str, list[str]] = {}
    for place, tally in enumerate(history):
        top = 0
        for look, height in _heights(tally):
            cells.setdefault(look, []).append(f"M{place * _STEP + _WIDTH // 2} {top}v{height}")
            top += height
    paths = tuple((look, "".join(pieces)) for look, pieces in cells.items())
    return DayBar(paths, max(len(history) * _STEP - 1, 1), _words(history, today))


def _heights(tally: DutyTally) -> list[tuple[str, int]]:
    """Split a cell from top to bottom into looks and heights."""
    if not tally.n_groups:
        return [("none", HEIGHT)]
    n_unmet = tally.n_groups - tally.n_met - tally.n_no_data
    unknown, unmet = _share(tally.n_no_data, tally.n_groups), _share(n_unmet, tally.n_groups)
    parts = [("nodata", unknown), ("unmet", unmet), ("met", HEIGHT - unknown - unmet)]
    return [(look, height) for look, height in parts if height > 0]


def _share(part: int, whole: int) -> int:
    if part == whole:
        return HEIGHT
    return min(HEIGHT - 3, max(3, round(HEIGHT * part / whole))) if part else 0


def _words(history: Sequence[DutyTally], today: date) -> str:
    known = [tally for tally in history if tally.n_with_data]
    n_blank = sum(not tally.n_groups for tally in history)
    unmet = [tally for tally in known if tally.n_met < tally.n_with_data]
    text = f"近 {len(history)} 天：全部达标 {len(known) - len(unmet)} 天"
    text += f"，有未达标 {len(unmet)} 天，无数据 {len(history) - len(known) - n_blank} 天"
    text += f"，未统计 {n_blank} 天" if n_blank else ""
    return text + (f"；最近一次未达标 {day_words(unmet[-1].day, today)}" if unmet else "")

"""The tree map (树图) of a unit: area by number of groups, look and word by state of duty. Pure."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from monitor.days.briefs import sum_tallies
from monitor.days.readings import DutyTally, UnitRow
from web.presenters.overview import unit_badge
from web.wording import NONE, Badge

MOST_TILES = 40
"""More would be too small to read; the rest share one tile, so that the area stays true."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One child, or all those that are left together; `code` is empty for the latter."""

    code: str
    name: str
    n_groups: int
    badge: Badge
    met: str


def present_tiles(rows: Sequence[UnitRow], day: date, today: date) -> tuple[Tile, ...]:
    """Return the tiles, largest first; none unless at least two children have groups."""
    having = sorted((row for row in rows if row.today.n_groups), key=lambda row: -row.today.n_groups)
    if len(having) < 2:
        return ()
    shown, rest = having[:MOST_TILES], having[MOST_TILES:]
    tiles = [_tile(row.unit.code, row.unit.name, row.today, today) for row in shown]
    if rest:
        together = DutyTally(day, **asdict(sum_tallies(row.today for row in rest)))
        tiles.append(_tile("", f"其余 {len(rest)} 个单位", together, today))
    return tuple(tiles)


def _tile(code: str, name: str, tally: DutyTally, today: date) -> Tile:
    met = f"{tally.n_met}/{tally.n_with_data}" if tally.n_with_data else NONE
    return Tile(code, name, tally.n_groups, unit_badge(tally, today), met)

"""Where units and groups were on an earlier day: moves (划转, 合并) keep their history. Pure.

A day is added up along the tree of that day, also when it is closed again later. Key type: `Move`.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from monitor.days.closing import OpenGroup


class Move(NamedTuple):
    """A subtree, or one group, that was moved; it was at `before` until the day before `effective_on`."""

    number: int
    effective_on: date
    before: str
    after: str
    group_id: int | None = None
    before_unit_id: int = 0  # of a moved group


def place_groups_on(groups: Sequence[OpenGroup], moves: Sequence[Move], day: date) -> list[OpenGroup]:
    """Return groups with the unit and path that they had on a day, in the given order.

    Source: none (decision 0015: a closed day stays where it happened).
    """
    later = list(_later_first(moves, day))
    if not later:
        return list(groups)
    return [_place(group, later) for group in groups]


def _place(group: OpenGroup, later: Sequence[Move]) -> OpenGroup:
    """Go back through the moves, latest first: those of the group itself and those of its unit."""
    unit_id, path = group.unit_id, group.unit_path
    for move in later:
        if move.group_id == group.group_id:
            unit_id, path = move.before_unit_id, move.before
        elif move.group_id is None and path.startswith(move.after):
            path = move.before + path[len(move.after) :]
    return group._replace(unit_id=unit_id, unit_path=path)


def _later_first(moves: Iterable[Move], day: date) -> list[Move]:
    return sorted((move for move in moves if move.effective_on > day), key=lambda move: -move.number)

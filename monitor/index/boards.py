"""Boards (排名) of runs: ranks with ties, movement, notes, and the text that is copied out. Pure.

Key types: `BoardLine`, `Board`.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

K = TypeVar("K", bound=Hashable)
SMALL_BASE = 20
"""A share of fewer people says little; it is marked, not left out."""


@dataclass(frozen=True, slots=True)
class BoardLine:
    """One place. `rank` is None for what cannot be ranked, and `note` says why."""

    rank: int | None
    unit_code: str
    name: str
    value: str
    movement: int | None = None  # places gained since the run before
    note: str = ""
    is_new: bool = False  # had no rank in the run before, which there is
    unit_id: int = 0


@dataclass(frozen=True, slots=True)
class Board:
    """A board: best first, what has no rank last."""

    title: str
    lines: tuple[BoardLine, ...]
    basis: str
    is_published: bool = False

    def as_text(self) -> str:
        """Return the whole board as text to be copied into an article (GD-3.3f)."""
        ranked = [line for line in self.lines if line.rank is not None]
        others = [line for line in self.lines if line.rank is None]
        rows = [
            f"第{line.rank} {line.name} {line.value}{show_movement(line)}{_bracket(line.note)}"
            for line in ranked
        ]
        rows += [f"— {line.name} {line.value}{_bracket(line.note)}".replace("  ", " ") for line in others]
        state = "" if self.is_published else "（未发布）"
        return "\n".join((f"{self.title}{state}", *(rows or ["没有可排名的单位"]), self.basis))


def rank_values(values: Mapping[K, Decimal | Fraction | None]) -> dict[K, int]:
    """Return the rank of each value that is there, 1 for the highest; ties share a rank (1, 1, 3)."""
    ordered = sorted((value for value in values.values() if value is not None), reverse=True)
    places = {value: place for place, value in reversed(list(enumerate(ordered, start=1)))}
    return {key: places[value] for key, value in values.items() if value is not None}


def compare_ranks(ranks: Mapping[K, int], before: Mapping[K, int] | None) -> dict[K, tuple[int | None, bool]]:
    """Return how many places each has gained, and whether it is new; before None is no period before."""
    return {
        key: (before[key] - rank, False) if before and key in before else (None, before is not None)
        for key, rank in ranks.items()
    }


def sort_lines(lines: Iterable[BoardLine]) -> tuple[BoardLine, ...]:
    """Return lines best first, ties by code, what has no rank last."""
    return tuple(
        sorted(lines, key=lambda line: (line.rank is None, line.rank or 0, line.unit_code, line.name))
    )


def note_small_base(bases: Sequence[int]) -> str:
    """Return 样本少 when a share rests on fewer than 20."""
    return "样本少" if any(base < SMALL_BASE for base in bases) else ""


def show_movement(line: BoardLine) -> str:
    """Return ↑2, ↓1, — for no change, 新 for no rank before; nothing where there is no run before."""
    if line.is_new:
        return " 新"
    if line.movement is None:
        return ""
    if not line.movement:
        return " —"
    return f" {'↑' if line.movement > 0 else '↓'}{abs(line.movement)}"


def _bracket(note: str) -> str:
    return f"（{note}）" if note else ""

"""Half-open bands that cover a range without gap or overlap (分档).

Imports only the standard library and `scoring`. Key types: `Band`, `BandTable`.
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from typing import Generic, TypeVar

from scoring.source import Provenance
from scoring.strict import StrictTable

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Band(Generic[T]):
    """One band [lower, upper) and what falls into it.

    Attributes:
        outcome: a grade or points.
        lower: inclusive.
        upper: exclusive; None means no upper bound.
        source: clause and status of this band.
        label: the range in words, as "3-5 条".
    """

    outcome: T
    lower: Decimal
    upper: Decimal | None
    source: Provenance
    label: str = ""


@dataclass(frozen=True, slots=True)
class BandTable(Generic[T]):
    """Bands in ascending order; construction fails on a gap or an overlap.

    Raises: ValueError naming the place, if the bands are empty, leave a gap, overlap, or do not end open.
    """

    bands: tuple[Band[T], ...]
    _lowers: tuple[Decimal, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse bands that do not join."""
        problem = find_band_problem(self.bands)
        if problem:
            raise ValueError(problem)
        object.__setattr__(self, "_lowers", tuple(band.lower for band in self.bands))

    def find(self, value: Decimal | int) -> Band[T]:
        """Tell the band a value falls into; lower bounds belong to their band.

        Source: none (design §4).
        Raises: ValueError if the value lies below the first band.
        """
        index = bisect_right(self._lowers, value) - 1
        if index < 0:
            raise ValueError(f"{value} lies below the first band, which begins at {self._lowers[0]}")
        return self.bands[index]


def find_band_problem(bands: tuple[Band[T], ...]) -> str:
    """Tell why bands do not cover first lower bound … ∞ exactly once; empty text if they do.

    Source: none (design §4).
    """
    if not bands:
        return "no bands"
    for band, following in pairwise(bands):
        if band.upper is None or band.upper > following.lower:
            return f"overlap: one band ends at {band.upper}, the next begins at {following.lower}"
        if band.upper < following.lower:
            return f"gap between {band.upper} and {following.lower}"
    for band in bands:
        if band.upper is not None and band.upper <= band.lower:
            return f"band {band.outcome} is empty: {band.lower} to {band.upper}"
    if bands[-1].upper is not None:
        return f"gap above {bands[-1].upper}"
    return ""


def join_bands(table: StrictTable, key: str, bands: list[Band[T]]) -> BandTable[T]:
    """Order bands and refuse those that leave a gap, overlap, or do not begin at 0.

    Source: none (design §4).
    Raises: RulebookFormatError naming the key of the bands.
    """
    ordered = tuple(sorted(bands, key=lambda band: band.lower))
    try:
        joined = BandTable(ordered)
    except ValueError as error:
        raise table.refuse(key, str(error)) from error
    if ordered[0].lower != 0:
        raise table.refuse(key, f"gap between 0 and {ordered[0].lower}")
    return joined

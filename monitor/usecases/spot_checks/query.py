"""Filed checks as lists, with filters. Reads only. Key type: `Wanted`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

from monitor.store.spot_checks import rows as spot_checks
from monitor.store.spot_checks.figures import count_checks
from monitor.units import Role
from monitor.usecases.spot_checks.desk import SpotReading, SpotSitting, find_city_id
from monitor.usecases.spot_checks.runs import CityRun, load_city_run
from scoring.activity import ActivityGrade

MOST_LISTED = 2_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which checks are asked for; what is None or empty does not narrow.

    Attributes:
        unit_code: of a unit of the subtree.
        is_void: only void ones, or only valid ones.
    """

    unit_code: str = ""
    year: int | None = None
    grade: ActivityGrade | None = None
    is_void: bool | None = None


def list_checks(sitting: SpotSitting, wanted: Wanted, limit: int = MOST_LISTED) -> list[SpotReading]:
    """Return the checks of a subtree, newest first, void ones included.

    Raises: OutOfScope.
    """
    if sitting.viewer.role is Role.GROUP_MANAGER:
        return []
    unit = sitting.find_unit(wanted.unit_code or None)
    is_plain = wanted.grade is None and wanted.is_void is None
    found = spot_checks.load_checks(
        sitting.connection, unit.path, year=wanted.year, limit=limit if is_plain else None
    )
    kept = [
        each
        for each in sitting.read_checks([c for c in found if wanted.is_void in (None, c.is_void)])
        if wanted.grade in (None, each.verdict.outcome)
    ]
    return kept[:limit]


def page_checks(sitting: SpotSitting, wanted: Wanted) -> Sequence[SpotReading]:
    """Return what `list_checks` returns, loading and grading only what is looked at where that is possible.

    Raises: OutOfScope.
    """
    if wanted.grade is not None or wanted.is_void is not None or sitting.viewer.role is Role.GROUP_MANAGER:
        return list_checks(sitting, wanted)
    return _Checks(sitting, sitting.find_unit(wanted.unit_code or None).path, wanted.year)


class _Checks(Sequence[SpotReading]):
    """The checks of a subtree and year, newest first, read by slices."""

    def __init__(self, sitting: SpotSitting, path: str, year: int | None) -> None:
        self._sitting, self._path, self._year = sitting, path, year
        self._length = min(MOST_LISTED, count_checks(sitting.connection, path, year))

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, place: int) -> SpotReading: ...
    @overload
    def __getitem__(self, place: slice) -> list[SpotReading]: ...
    def __getitem__(self, place: int | slice) -> SpotReading | list[SpotReading]:
        if isinstance(place, int):
            return self[place : place + 1][0]
        first, end, _ = place.indices(self._length)
        if end <= first:
            return []
        found = spot_checks.load_checks(
            self._sitting.connection, self._path, year=self._year, limit=end - first, offset=first
        )
        return self._sitting.read_checks(found)


def load_last_of_unit(
    sitting: SpotSitting, unit_code: str | None, n_most: int = 5
) -> tuple[list[SpotReading], CityRun | None]:
    """Return the last valid checks of a unit's subtree, newest first, and the run if the unit is a 市县.

    Raises: OutOfScope.
    """
    unit = sitting.find_unit(unit_code)
    valid = list_checks(sitting, Wanted(unit.code, sitting.today.year, is_void=False), n_most)
    if not valid or unit.depth != 1:
        return valid, None
    return valid, load_city_run(sitting, find_city_id(unit.path), sitting.today.year)

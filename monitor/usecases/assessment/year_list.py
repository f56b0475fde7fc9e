"""The list of a year's sheets (考评表), of which only what is looked at is loaded and scored.

Key type: `SheetsOfYear`.
"""

from collections.abc import Iterator, Sequence
from typing import overload

from monitor.assessment.dossier import Assessment, AssessmentState
from monitor.assessment.sheet import YearSheet, score_dossier
from monitor.store.assessment import sheets as assessments
from monitor.units import Unit
from monitor.usecases.assessment.sheets import load_dossiers, preview_dossiers
from monitor.usecases.assessment.sitting import Sitting, find_to_read, require_year
from scoring.rulebook import load_rulebook


class SheetsOfYear(Sequence[YearSheet]):
    """The scored sheets of a year: those nobody has begun by code, then the slowest, lowest points first.

    Read by slices, as long as the sitting is open. Points are compared within a stage, which is scored alone;
    a sheet that nobody has begun has none to be compared by.
    """

    def __init__(
        self, sitting: Sitting, year: int, unbegun: Sequence[Unit], begun: Sequence[Assessment]
    ) -> None:
        """Keep what is known without any figure."""
        self._sitting = sitting
        self._year = year
        self._unbegun = unbegun
        self._stages = [[sheet for sheet in begun if sheet.state is stage] for stage in AssessmentState]

    def __len__(self) -> int:
        """Return how many units the year's rulebook binds."""
        return len(self._unbegun) + sum(map(len, self._stages))

    @overload
    def __getitem__(self, place: int) -> YearSheet: ...
    @overload
    def __getitem__(self, place: slice) -> list[YearSheet]: ...
    def __getitem__(self, place: int | slice) -> YearSheet | list[YearSheet]:
        """Return the sheets of some places, without steps."""
        if isinstance(place, int):
            return self[place : place + 1][0]
        first, last, _ = place.indices(len(self))
        return list(self._cut(first, last))

    def _cut(self, first: int, last: int) -> Iterator[YearSheet]:
        for dossier in preview_dossiers(self._sitting, self._unbegun[first:last], self._year):
            yield score_dossier(dossier)
        begins = len(self._unbegun)
        for stage in self._stages:
            ends = begins + len(stage)
            if first < ends and begins < last:
                scored = [score_dossier(dossier) for dossier in load_dossiers(self._sitting, stage)]
                scored.sort(key=lambda sheet: sheet.sheet.scored)
                yield from scored[max(first - begins, 0) : last - begins]
            begins = ends


def list_year(sitting: Sitting, year: int) -> SheetsOfYear:
    """Return the list of every unit that a year's rulebook binds in the person's subtree.

    Raises: BadParameter for a year that has not begun.
    """
    require_year(sitting, year)
    begun, unbegun = find_year(sitting, year)
    return SheetsOfYear(sitting, year, unbegun, begun)


def find_year(sitting: Sitting, year: int) -> tuple[list[Assessment], list[Unit]]:
    """Return the sheets begun in the person's subtree, and the units without one, each by code."""
    path = find_to_read(sitting, None).path
    name = sitting.desk.rulebook
    head = load_rulebook(name, folder=sitting.desk.folder).head
    kinds = head.unit_kinds + head.reference_unit_kinds
    begun = assessments.load_assessments(sitting.connection, year, name, path)
    codes = {sheet.unit.code for sheet in begun}
    assessable = assessments.load_assessable(sitting.connection, kinds, path)
    return begun, [unit for unit in assessable if unit.code not in codes]

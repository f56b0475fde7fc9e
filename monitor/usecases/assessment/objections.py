"""Objections to published results (申诉) as lists: what is filed, until when it is answered, what was said.

Filing and answering are in `assess_acts`. Key types: `FiledObjection`.
"""

from dataclasses import dataclass
from datetime import date

from monitor.assessment.dossier import Objection
from monitor.store.assessment import acts as assessment_acts
from monitor.store.assessment import sheets as assessments
from monitor.units import Unit
from monitor.usecases.assessment.sitting import Sitting, find_to_read


@dataclass(frozen=True, slots=True)
class FiledObjection:
    """An objection with the sheet it is about."""

    year: int
    unit: Unit
    objection: Objection

    def is_overdue(self, today: date) -> bool:
        """Tell whether it should have been answered by now."""
        return self.objection.replied_at is None and today > self.objection.due_on


def list_objections(sitting: Sitting, year: int, unit_code: str | None = None) -> list[FiledObjection]:
    """Return the objections of a year in a unit's subtree, open ones first, then by number.

    Source: none (HN states no procedure for 申诉).

    Args:
        sitting: who, when.
        year: of the sheets.
        unit_code: None for the person's own unit and what is below it.

    Raises: OutOfScope.
    """
    path = find_to_read(sitting, unit_code).path
    sheets = assessments.load_assessments(sitting.connection, year, sitting.desk.rulebook, path)
    units = {sheet.assessment_id: sheet.unit for sheet in sheets}
    filed = [
        FiledObjection(year, units[sheet_id], objection)
        for sheet_id, objections in assessment_acts.load_objections(sitting.connection, list(units)).items()
        for objection in objections
    ]
    return sorted(filed, key=lambda each: (each.objection.replied_at is not None, each.objection.number))

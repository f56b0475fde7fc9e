"""The published results of a year (考评结果) as rows: for the export and for lists.

A row is what the publication kept; decisions of the leadership and objections stand beside it as of now.
Key type: `ResultRow`.
"""

from dataclasses import dataclass
from typing import Any

from monitor.assessment.dossier import Decision, Dossier
from monitor.store.assessment import acts as assessment_acts
from monitor.store.assessment import sheets as assessments
from monitor.store.assessment.acts import Publication
from monitor.units import Unit
from monitor.usecases.assessment.sheets import load_dossiers
from monitor.usecases.assessment.sitting import Sitting, find_to_read


@dataclass(frozen=True, slots=True)
class ResultRow:
    """The published result of a unit; `sheet` is `sheet_as_json` as it was published."""

    unit: Unit
    publication: Publication
    decision: Decision | None
    n_open_objections: int

    @property
    def sheet(self) -> dict[str, Any]:
        """Everything as it was shown."""
        return self.publication.sheet

    @property
    def grade(self) -> str:
        """The grade that holds: decided by the leadership (HN-4.4f), else computed, else 待补充."""
        return (self.decision.grade if self.decision else "") or self.sheet["grade"] or "待补充"

    @property
    def eligibility(self) -> str:
        """评优资格 that holds: decided by the leadership, else as published."""
        return (self.decision.eligibility if self.decision else "") or str(self.sheet["eligibility"])


def list_results(sitting: Sitting, year: int) -> list[ResultRow]:
    """Return the published results of the person's subtree in order of unit code; one row per unit.

    Source: HN-4.4a (结果作为依据; the conversion into the total of 重点工作 is 缺失 and not made).
    Raises: OutOfScope.
    """
    path = find_to_read(sitting, None).path
    sheets = assessments.load_assessments(sitting.connection, year, sitting.desk.rulebook, path)
    rows = []
    for dossier in load_dossiers(sitting, sheets):
        publication = assessment_acts.load_publication(sitting.connection, dossier.assessment.assessment_id)
        if publication is not None:
            rows.append(_row(dossier, publication))
    return rows


def _row(dossier: Dossier, publication: Publication) -> ResultRow:
    n_open = sum(each.replied_at is None for each in dossier.objections)
    return ResultRow(dossier.assessment.unit, publication, dossier.decision, n_open)

"""Vacancies (缺位) as a place shows them: those of the unit and its children one by one, deeper ones counted.

Key types: `VacancyReading`, `ChildVacancies`.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from monitor.ledger.reconciliation import Mismatch, MismatchFinding
from monitor.ledger.terms import find_officer_problems
from monitor.store.ledger import queries as ledger_queries
from monitor.store.ledger import vacancies as vacancy_rows
from monitor.units import Unit
from monitor.usecases.ledger.desk import Clerk
from monitor.usecases.ledger.reading import ManagersReading


class ChildVacancies(NamedTuple):
    """What is wrong with the posts below a child, the child itself not counted."""

    unit: Unit
    n_without_officer: int  # units, also those that never had one
    n_with_several: int  # units
    n_without_manager: int  # groups

    @property
    def n_all(self) -> int:
        """All of it."""
        return self.n_without_officer + self.n_with_several + self.n_without_manager


@dataclass(frozen=True, slots=True)
class VacancyReading:
    """The vacancies of a subtree, officers first; `below` leaves out children with nothing wrong."""

    near: tuple[MismatchFinding, ...]
    below: tuple[ChildVacancies, ...]

    @property
    def n_below(self) -> int:
        """How many are deeper than the children."""
        return sum(child.n_all for child in self.below)


def read_vacancies(clerk: Clerk, reading: ManagersReading, children: Sequence[Unit]) -> VacancyReading:
    """Return the vacancies of a unit's subtree, whoever never had an officer included.

    Alerts are narrower: of those that never had one they name the first level only (`find_officer_problems`).

    Source: HN-2.2.2a, HN-2.2.2b.
    """
    near = frozenset(int(unit.unit_id) for unit in (reading.unit, *children))
    posts = [post for post in reading.posts if post.unit.unit_id in near]
    terms = [term for post in posts for term in (*post.in_office, *post.former)]
    officers = find_officer_problems([post.unit for post in posts], terms, clerk.today, near)
    groups = [one for one in reading.vacancies if one.group_id is not None and one.unit_id in near]
    deeper = [one for one in reading.vacancies if one.unit_id not in near]
    return VacancyReading((*officers, *groups), tuple(_count_below(clerk, reading.unit, children, deeper)))


def _count_below(
    clerk: Clerk, unit: Unit, children: Sequence[Unit], deeper: Sequence[MismatchFinding]
) -> list[ChildVacancies]:
    vacant = vacancy_rows.count_without_officer(clerk.connection, unit.path, clerk.today)
    heads = ledger_queries.load_unit_heads(clerk.connection, {one.unit_id for one in deeper})
    found = Counter((_child_of(unit, heads[one.unit_id][2]), one.kind) for one in deeper)
    counted = [
        ChildVacancies(
            child,
            vacant.get(child.unit_id, 0),
            found[child.unit_id, Mismatch.TWO_OFFICERS],
            found[child.unit_id, Mismatch.NO_MANAGER],
        )
        for child in children
    ]
    return [child for child in counted if child.n_all]


def _child_of(unit: Unit, path: str) -> int:
    return int(path[len(unit.path) :].partition("/")[0])

"""What stored facts say about the year of units (考评数据), read with one statement per kind for all of them.

Key type: `UnitFigures`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from monitor.assessment.dossier import BaseKind
from monitor.store.assessment import acts as assessment_acts
from monitor.store.assessment import evidence
from monitor.store.assessment import facts as assessment_facts
from monitor.store.assessment import lower as lower_assessments
from monitor.store.assessment.acts import Base
from monitor.store.assessment.evidence import Meeting
from monitor.store.assessment.facts import AccountFigures, DayFigures, GroupFigures
from monitor.units import Unit
from monitor.usecases.assessment.sitting import Sitting
from monitor.usecases.weekly.reading import judge_all_called
from monitor.weekly import UnitYear


@dataclass(frozen=True, slots=True)
class UnitFigures:
    """The figures of one unit's year; groups are those open on the day `on`."""

    year: int
    on: date
    groups: GroupFigures
    accounts: AccountFigures
    days: DayFigures
    meetings: tuple[Meeting, ...]
    bases: dict[BaseKind, Base]
    lower: tuple[Any, ...]  # rows of `load_lower`
    reported: UnitYear  # the weeks that were asked for


def load_figures(sitting: Sitting, units: Sequence[Unit], year: int) -> list[UnitFigures]:
    """Return what is stored about units in a year until the present day, in their order.

    Source: HN-A1.1, HN-A1.3, HN-A2.1, HN-A2.2a…c, HN-A3.1, HN-A3.2.
    """
    if not units:
        return []
    connection, on = sitting.connection, min(sitting.today, date(year, 12, 31))
    ids = [unit.unit_id for unit in units]
    groups = assessment_facts.count_groups_of(connection, units, on)
    accounts = assessment_facts.count_accounts(connection, ids)
    days = assessment_facts.count_days(connection, ids, year)
    meetings = evidence.load_meetings(connection, ids, year)
    bases = assessment_acts.load_bases_of(connection, ids, year)
    lower: dict[int, list[Any]] = {}
    for row in lower_assessments.load_lower(connection, ids, year):
        lower.setdefault(row.unit_id, []).append(row)
    return [
        UnitFigures(
            year=year,
            on=on,
            groups=groups.get(reported.unit.unit_id, assessment_facts.NO_GROUPS),
            accounts=accounts.get(reported.unit.unit_id, assessment_facts.NO_ACCOUNTS),
            days=days.get(reported.unit.unit_id, assessment_facts.NO_DAYS),
            meetings=tuple(meetings.get(reported.unit.unit_id, ())),
            bases={base.kind: base for base in bases.get(reported.unit.unit_id, ())},
            lower=tuple(lower.get(reported.unit.unit_id, ())),
            reported=reported,
        )
        for reported in judge_all_called(connection, sitting.now, units, year)
    ]

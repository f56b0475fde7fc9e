"""What another reading would change (试算): whose points and whose grade, before anyone selects it.

Imports only the standard library and `scoring`. Key types: `YearFacts`, `GradeChange`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from scoring.rulebook import Rulebook
from scoring.sheet import ScoreSheet, score_sheet
from scoring.source import ResultStatus
from scoring.switches import Switches
from scoring.year import YearGrade, YearResult, judge_year


@dataclass(frozen=True, slots=True)
class YearFacts:
    """Everything the year of one unit rests on; `items` and `supplied` as in `sheet.score_sheet`."""

    items: Mapping[str, object]
    supplied: Mapping[str, object] = field(default_factory=dict)
    excellence_cap: bool = False
    disqualified_for: str = ""


@dataclass(frozen=True, slots=True)
class GradeChange:
    """One unit whose points or grade differ between two readings; a grade is None while 待补充."""

    unit: str
    points_before: Decimal
    points_after: Decimal
    grade_before: YearGrade | None
    grade_after: YearGrade | None


def evaluate_year(
    facts: YearFacts, rules: Rulebook, switches: Switches
) -> tuple[ScoreSheet, YearResult | None]:
    """Score one unit's year (年度考评): the sheet, and the result once the sheet is not 待补充.

    Source: HN-4.1e, HN-4.3, HN-4.4, HN-A1 … HN-A4.
    Raises: InputError, PointsOutOfRange, ReasonRequired, each naming the key path.
    """
    sheet = score_sheet(rules.rubric, facts.items, facts.supplied, switches)
    if sheet.state is ResultStatus.INCOMPLETE:
        return sheet, None
    year = judge_year(
        sheet.scored,
        rules.year,
        switches,
        excellence_cap=facts.excellence_cap,
        disqualified_for=facts.disqualified_for,
        sheet_status=sheet.state,
    )
    return sheet, year


def find_grade_changes(
    units: Mapping[str, YearFacts], rules: Rulebook, before: Switches, after: Switches
) -> tuple[GradeChange, ...]:
    """Tell whose points or grade (等次) would change under another reading (试算).

    Source: none (design §4, what-if).

    Args:
        units: unit → facts of its year.
        rules: one rulebook for both.
        before: the readings in force.
        after: the readings tried.

    Returns: one entry per unit that would change, in the order of `units`.

    Raises: InputError, PointsOutOfRange, ReasonRequired, each naming the key path.
    """
    changes = []
    for unit, facts in units.items():
        old_sheet, old = evaluate_year(facts, rules, before)
        new_sheet, new = evaluate_year(facts, rules, after)
        change = GradeChange(
            unit=unit,
            points_before=old_sheet.scored,
            points_after=new_sheet.scored,
            grade_before=old.grade.outcome if old else None,
            grade_after=new.grade.outcome if new else None,
        )
        if (old_sheet.scored, change.grade_before) != (new_sheet.scored, change.grade_after):
            changes.append(change)
    return tuple(changes)

"""Record how a unit assesses its own lower level (制定对下考核办法, HN-2.2.3): evidence for HN-A1.2.

The unit may copy the rubric or make its own; nothing of it is scored here.
Key types: `LowerResult`, `LowerReading`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from monitor.errors import BadParameter, NotFound, OutOfScope
from monitor.store import directory
from monitor.store.assessment import lower as lower_assessments
from monitor.units import Unit
from monitor.usecases.assessment.sheets import note, open_unpublished, refresh_sheet, view_sheet
from monitor.usecases.assessment.sitting import Sitting, find_own, find_to_read, require_text
from scoring.rubric_rules import Item


@dataclass(frozen=True, slots=True)
class LowerResult:
    """What a child unit got, as the unit itself judged it; points or grade or both."""

    unit_code: str
    points: str = ""
    grade: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class ChildResult:
    """A result as it is stored, with the unit's name."""

    unit_code: str
    unit_name: str
    points: str
    grade: str
    note: str


@dataclass(frozen=True, slots=True)
class LowerReading:
    """One assessment of a lower level; `voided_for` is why it no longer counts."""

    number: int
    unit_code: str
    unit_name: str
    title: str
    document: str
    copies_rubric: bool
    recorded_at: datetime
    voided_for: str
    results: tuple[ChildResult, ...]


def record_lower(
    sitting: Sitting,
    year: int,
    title: str,
    document: str,
    results: Sequence[LowerResult],
    *,
    copies_rubric: bool,
) -> int:
    """Record the unit's own assessment of its lower level with the results; the same one again replaces them.

    Source: HN-2.2.3; evidence for HN-A1.2, which a person scores.

    Args:
        sitting: the unit's administrator.
        year: of the assessment.
        title: what the unit calls it; one record for each title.
        document: 文号, title or file where it can be read.
        results: all of them, of units below the person's own.
        copies_rubric: whether the sheet of the year was taken over as it is.

    Returns: its number.
    Raises: OutOfScope also for a unit that is not below the own one; BadParameter naming the row;
        PeriodLocked once the sheet is published; as `find_own`.
    """
    unit = find_own(sitting, None)
    sheet = open_unpublished(sitting, year, unit)
    named, where = require_text(title, "办法名称"), require_text(document, "文件依据")
    rows = [_to_row(sitting, unit, result) for result in results]
    if len({row["unit_id"] for row in rows}) != len(rows):
        raise BadParameter("a unit twice", user_text="同一单位出现两次")
    number = _find(sitting, unit, year, named)
    if number is None:
        number = lower_assessments.insert_lower(
            sitting.connection,
            {
                "unit_id": unit.unit_id, "year": year, "title": named, "document": where,
                "rulebook": sheet.rulebook if copies_rubric else "",
                "rules_hash": sheet.rules_hash if copies_rubric else "",
                "recorded_at": sitting.now, "recorded_by": sitting.actor,
                "voided_at": None, "voided_by": "", "voided_for": "",
            },
        )  # fmt: skip
    stamp = {"assessment_id": number, "recorded_at": sitting.now, "recorded_by": sitting.actor}
    lower_assessments.replace_results(sitting.connection, number, [row | stamp for row in rows])
    refresh_sheet(sitting, sheet)
    note(sitting, sheet, "assess.lower", {"lower": number, "n_results": len(rows)})
    return number


def list_lower(sitting: Sitting, year: int) -> list[LowerReading]:
    """Return the assessments of the lower level in the viewer's subtree, with their results; void ones stay.

    Source: HN-2.2.3.
    """
    path = find_to_read(sitting, None).path
    found = lower_assessments.load_lower_in(sitting.connection, path, year)
    results: dict[int, list[ChildResult]] = {}
    for row in lower_assessments.load_results_of(sitting.connection, [row.id for row in found]):
        child = ChildResult(row.unit_code, row.unit_name, row.points, row.grade, row.note)
        results.setdefault(row.assessment_id, []).append(child)
    return [
        LowerReading(
            row.id, row.unit_code, row.unit_name, row.title, row.document, bool(row.rulebook),
            row.recorded_at, row.voided_for if row.voided_at else "", tuple(results.get(row.id, ())),
        )
        for row in found
    ]  # fmt: skip


def load_own_level(sitting: Sitting, year: int) -> tuple[list[Unit], list[Item]]:
    """Return the units right below the viewer's own, and the items of the rubric that may be copied.

    Source: HN-2.2.3, annex 《综合考评表》.
    Raises: as `find_own`.
    """
    unit = find_own(sitting, None)
    children = directory.load_children(sitting.connection, unit.unit_id)
    rubric = view_sheet(sitting, year).rules.rulebook.rubric
    return children, [item for item in rubric.items if not item.is_placeholder]


def void_lower(sitting: Sitting, year: int, number: int, reason: str) -> None:
    """Void a record (作废) with a reason; it stays.

    Raises: NotFound for a number that is not the own unit's; BadParameter; PeriodLocked; as `find_own`.
    """
    unit = find_own(sitting, None)
    sheet = open_unpublished(sitting, year, unit)
    text = require_text(reason, "作废原因")
    found = lower_assessments.load_lower(sitting.connection, [unit.unit_id], year)
    if number not in {row.id for row in found}:
        raise NotFound(f"no lower assessment {number}", user_text=f"未找到对下考核 {number}")
    lower_assessments.void_lower(sitting.connection, number, by=sitting.actor, at=sitting.now, reason=text)
    refresh_sheet(sitting, sheet)
    note(sitting, sheet, "assess.lower_void", {"lower": number, "reason": text})


def _find(sitting: Sitting, unit: Unit, year: int, title: str) -> int | None:
    found = lower_assessments.load_lower(sitting.connection, [unit.unit_id], year)
    return next((row.id for row in found if row.title == title), None)


def _to_row(sitting: Sitting, unit: Unit, result: LowerResult) -> dict[str, Any]:
    child = directory.load_unit_by_code(sitting.connection, result.unit_code.strip())
    if child is None or child.unit_id == unit.unit_id or not child.path.startswith(unit.path):
        raise OutOfScope(f"{result.unit_code!r} is not below {unit.code}")
    points, grade = _read_points(result), " ".join(result.grade.split())
    if not points and not grade:
        raise BadParameter(
            "neither points nor grade",
            user_text=f"{child.name}：得分和等次至少填一项",
            subject_id=f"points-{result.unit_code}",
        )
    return {"unit_id": child.unit_id, "points": points, "grade": grade, "note": " ".join(result.note.split())}


def _read_points(result: LowerResult) -> str:
    text = result.points.strip()
    if not text:
        return ""
    try:
        points = Decimal(text)
    except InvalidOperation:
        points = Decimal("NaN")
    if not points.is_finite() or abs(points) > 10_000:
        raise BadParameter(
            f"points {text!r}",
            user_text=f"{result.unit_code} 的得分应为数字，如 8.5",
            subject_id=f"points-{result.unit_code}",
        )
    return format(points, "f")

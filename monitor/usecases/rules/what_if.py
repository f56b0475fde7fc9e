"""What another reading or a supplied figure would change (试算), for all units of a year. Stores nothing.

Key types: `OtherReading`, `SuppliedFigure`, `ConfirmedReading`, `WhatIf`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from monitor.assessment.dossier import Dossier, Entry, EntryKind, Supplied, find_item
from monitor.assessment.frozen_rules import Rules, read_rules
from monitor.assessment.sheet import YearSheet, score_with, with_switch
from monitor.errors import BadParameter
from monitor.units import Unit
from monitor.usecases.assessment.sheets import load_dossiers, preview_dossiers
from monitor.usecases.assessment.sitting import Sitting, require_year
from monitor.usecases.assessment.year_list import find_year
from scoring.errors import ScoringError
from scoring.facts import FactTable
from scoring.rubric import format_points, read_points
from scoring.source import ResultStatus
from scoring.whatif import GradeChange


@dataclass(frozen=True, slots=True)
class OtherReading:
    """One switch chosen otherwise, with figures such as the window of D-09."""

    switch_id: str
    word: str
    figures: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SuppliedFigure:
    """An item whose text is lost, supplied with its points; every unit is given the same share of them."""

    item: str
    max_points: Decimal
    points: Decimal


@dataclass(frozen=True, slots=True)
class ConfirmedReading:
    """A clause or switch whose reading would be confirmed: no points change, 暂定 may become 正式."""

    clause: str


Supposition = OtherReading | SuppliedFigure | ConfirmedReading


@dataclass(frozen=True, slots=True)
class UnitChange:
    """One unit whose points, grade or status would change, and by what."""

    unit: Unit
    change: GradeChange
    state_before: ResultStatus
    state_after: ResultStatus
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The answer: who would change, how many were looked at, and who could not be scored that way."""

    n_units: int
    changes: tuple[UnitChange, ...]
    refused: tuple[tuple[Unit, str], ...]


def try_supposition(sitting: Sitting, year: int, supposition: Supposition) -> WhatIf:
    """Tell what one supposition (试算) would change; see `try_suppositions`."""
    return try_suppositions(sitting, year, [supposition])


def try_suppositions(sitting: Sitting, year: int, suppositions: Sequence[Supposition]) -> WhatIf:
    """Tell what suppositions (试算) together would change for every unit of a year in the person's subtree.

    Sheets that nobody has begun are filled from stored facts for the look.

    Source: design §4 (what-if).
    Returns: changes in order of unit code.
    Raises: OutOfScope; BadParameter for an unknown item; RulebookFormatError for an unknown switch or word.
    """
    require_year(sitting, year)
    changes, refused = [], []
    dossiers = load_year(sitting, year)
    for dossier in dossiers:
        before = score_with(dossier, read_rules(dossier.rules, dossier.confirmed))
        try:
            after = _suppose(dossier, suppositions)
        except ScoringError as error:
            refused.append((dossier.assessment.unit, error.user_text))
            continue
        change = _compare(before, after)
        if change is not None:
            changes.append(change)
    return WhatIf(len(dossiers), tuple(changes), tuple(refused))


def load_year(sitting: Sitting, year: int) -> list[Dossier]:
    """Return the dossiers of every unit that a year's rulebook binds in the person's subtree.

    Raises: BadParameter for a year that has not begun.
    """
    require_year(sitting, year)
    begun, unbegun = find_year(sitting, year)
    dossiers = {dossier.assessment.unit.code: dossier for dossier in load_dossiers(sitting, begun)}
    for dossier in preview_dossiers(sitting, unbegun, year):
        dossiers[dossier.assessment.unit.code] = dossier
    return [dossiers[code] for code in sorted(dossiers)]


def _suppose(dossier: Dossier, suppositions: Sequence[Supposition]) -> YearSheet:
    """Score a unit with everything supposed: confirmations first, because they are read with the rules."""
    clauses = {each.clause for each in suppositions if isinstance(each, ConfirmedReading)}
    dossier = replace(dossier, confirmed=dossier.confirmed | clauses)
    rules = read_rules(dossier.rules, dossier.confirmed)
    for each in suppositions:
        if isinstance(each, OtherReading):
            figures = {each.switch_id: each.figures} if each.figures else {}
            rules = with_switch(rules, {each.switch_id: each.word}, figures)
        elif isinstance(each, SuppliedFigure):
            dossier = _with_item(dossier, rules, each)
    return score_with(dossier, rules)


def _with_item(dossier: Dossier, rules: Rules, figure: SuppliedFigure) -> Dossier:
    item = find_item(rules.rulebook.rubric, figure.item)
    if not item.is_placeholder:
        raise BadParameter(
            f"{item.id} is not lost", user_text=f"{item.id} 原文有项目，试算只能补充原文未载明的项目"
        )
    most = read_points(FactTable({"max": figure.max_points}, item.id), "max", item.max_points)
    points = read_points(FactTable({"panel": figure.points}, item.id), "panel", most)
    now = dossier.assessment.opened_at
    supplied = Supplied(item.id, 0, most, "试算", "", now)
    given = Entry(item.id, EntryKind.PANEL, 0, points, "试算", "", "试算", now)
    others = tuple(e for e in dossier.entries if (e.item, e.kind) != (item.id, EntryKind.PANEL))
    return replace(
        dossier,
        supplied=(*(each for each in dossier.supplied if each.item != item.id), supplied),
        entries=(*others, given),
    )


def _compare(before: YearSheet, after: YearSheet) -> UnitChange | None:
    change = GradeChange(
        unit=before.dossier.assessment.unit.code,
        points_before=before.sheet.scored,
        points_after=after.sheet.scored,
        grade_before=before.result.grade.outcome if before.result else None,
        grade_after=after.result.grade.outcome if after.result else None,
    )
    why = tuple(_differences(before, after))
    same = (change.points_before, change.grade_before, before.state) == (
        change.points_after,
        change.grade_after,
        after.state,
    )
    if same:
        return None
    return UnitChange(before.dossier.assessment.unit, change, before.state, after.state, why)


def _differences(before: YearSheet, after: YearSheet) -> list[str]:
    """Name the lines, the total and the run of 差 that differ."""
    old = {line.line.item: line.line for line in before.lines}
    new = {line.line.item: line.line for line in after.lines}
    found = []
    for item in dict.fromkeys((*old, *new)):
        was, now = (old[item].points if item in old else None), (new[item].points if item in new else None)
        if was != now:
            shown = [("—" if points is None else format_points(points)) for points in (was, now)]
            line = new.get(item) or old[item]
            found.append(f"{item} {line.title}：{shown[0]} → {shown[1]}")
    caps = [bool(sheet.streak and sheet.streak.outcome.cap) for sheet in (before, after)]
    if caps[0] != caps[1] and after.streak:
        found.append(f"连续“差”：{after.streak.arithmetic}")
    if before.result and after.result and before.result.computed is not after.result.computed:
        found.append(f"等次：{after.result.grade.arithmetic}")
    if before.state is not after.state:
        found.append(f"状态：{before.state.value} → {after.state.value}")
    return found

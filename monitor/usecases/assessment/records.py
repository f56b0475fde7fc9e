"""What sheets rest on and people put on record: bases, corrections, supplied items, confirmations.

Everything here is append-only and audited. Bases, supplied items and confirmations hold for a year;
sheets that are published do not move with them.
"""

from decimal import Decimal

from monitor.assessment.dossier import (
    AssessmentState,
    BaseKind,
    EntryKind,
    Fact,
    FactSource,
    Supplied,
    find_item,
)
from monitor.assessment.frozen_rules import freeze_rules, read_rules
from monitor.errors import BadParameter, StateError
from monitor.store.assessment import acts as assessment_acts
from monitor.store.assessment import sheets as assessments
from monitor.store.assessment.acts import Base, Confirmation
from monitor.usecases.assessment.sheets import load_dossiers, note, open_unpublished, refresh_sheet, rule_text
from monitor.usecases.assessment.sitting import (
    Sitting,
    find_for_panel,
    require_province,
    require_text,
    require_year,
)
from scoring.facts import MAX_COUNT, FactTable
from scoring.rubric import format_points, read_points
from scoring.rubric_rules import ComponentKind
from scoring.rulebook import Rulebook, load_rulebook
from scoring.source import SourceStatus
from scoring.strict import StrictTable, parse_toml
from scoring.switches import parse_switches


def set_base(sitting: Sitting, year: int, unit_code: str, kind: BaseKind, number: int, source: str) -> int:
    """Enter a base (基数) of a unit and year with its source; the one before it stays as history.

    A base of 0 is taken and means 无基数: the item is not scored.

    Source: HN-A2.2a…c (2012年底团员青年数、前期上报数、共青数据库等).
    Returns: number of the record.
    Raises: OutOfScope, ReadOnlyRole, CommandError; BadParameter for a negative number or no source;
        PeriodLocked once the unit's sheet is published.
    """
    unit = find_for_panel(sitting, unit_code)
    sheet = open_unpublished(sitting, year, unit)
    _require_count(number, "基数")
    base = Base(kind, number, require_text(source, "来源"), sitting.actor, sitting.now)
    assessment_acts.insert_base(sitting.connection, unit.unit_id, year, base)
    detail = {"kind": kind.value, "number": number, "source": base.source}
    refresh_sheet(sitting, sheet)
    return note(sitting, sheet, "assess.base", detail)


def correct_fact(
    sitting: Sitting, year: int, unit_code: str, item_word: str, key: str, number: int | None, reason: str
) -> int:
    """Put a figure of a sheet right (人工核定); None lets the machine's figure count again.

    Source: HN-A1.3, HN-A2 (机器预填，人工确认).

    Args:
        sitting: who, when.
        year: of the sheet.
        unit_code: of the sheet.
        item_word: 一3 …
        key: name of the fact: document, records, accounts, covered, promoted_document …
        number: a count; 1 or 0 for a document.
        reason: why, kept beside the figure.

    Returns: number of the record.
    Raises: BadParameter, OutOfScope, ReadOnlyRole, CommandError, PeriodLocked.
    """
    unit = find_for_panel(sitting, unit_code)
    sheet = open_unpublished(sitting, year, unit)
    item = find_item(read_rules(rule_text(sitting, sheet)).rulebook.rubric, item_word)
    kinds = {part.key: part.kind for part in item.components if part.kind is not ComponentKind.PANEL}
    if key not in kinds:
        allowed = "、".join(kinds) or "无"
        raise BadParameter(
            f"{item.id} has no {key!r}", user_text=f"{item.id} 没有数据 {key}，可核定：{allowed}"
        )
    if number is not None:
        _require_count(number, "数据")
    if kinds[key] is ComponentKind.FLAG and number not in (None, 0, 1):
        raise BadParameter(f"{key} is a document", user_text="文件一项应为 1（有）或 0（无）")
    text = require_text(reason, "核定理由")
    fact = Fact(item.id, key, number, FactSource.PERSON, text, sitting.now, sitting.actor_name)
    assessments.insert_facts(sitting.connection, sheet.assessment_id, [fact])
    return note(
        sitting, sheet, "assess.fact", {"item": item.id, "key": key, "number": number, "reason": text}
    )


def supply_item(
    sitting: Sitting, year: int, item_word: str, max_points: Decimal | str, reference: str
) -> Supplied:
    """Supply an item whose text is lost, for every sheet of a year: its points and the document (文件依据).

    Source: HN-A3.3, HN-A4 缺失; by 团省委 only.
    Raises: CommandError, ReadOnlyRole, BadParameter; PointsOutOfRange above the lost points;
        StateError below what the panel has given somewhere.
    """
    require_province(sitting)
    require_year(sitting, year)
    item = find_item(_present_rules(sitting).rubric, item_word)
    if not item.is_placeholder:
        text = f"{item.id} 原文有项目，不能补充；补充只用于原文未载明的项目"
        raise BadParameter(f"{item.id} is not lost", user_text=text)
    points = read_points(FactTable({"max": max_points}, item.id), "max", item.max_points)
    text = require_text(reference, "文件依据")
    known = assessment_acts.load_supplied(sitting.connection, year, sitting.desk.rulebook)
    version = next((len(versions) for versions in known if versions[0].item == item.id), 0) + 1
    supplied = Supplied(item.id, version, points, text, sitting.actor, sitting.now)
    _require_above_given(sitting, year, supplied)
    if not assessment_acts.insert_supplied(sitting.connection, year, sitting.desk.rulebook, supplied):
        raise StateError("supplied by somebody else", user_text="该项刚被他人补充，请核对后重试")
    detail = {"item": item.id, "max": str(points), "reference": text, "version": version}
    assessments.record(
        sitting.connection, sitting.now, sitting.actor, "assess.supply", f"year:{year}", detail
    )
    return supplied


def confirm_reading(sitting: Sitting, year: int, clause: str, reference: str) -> bool:
    """Confirm a reading (推定、残缺、默认) for a year by clause or switch id: status changes, no figure does.

    Source: requirement A (确认是记录在案的行为); by 团省委 only.
    Returns: False if it has been confirmed before.
    Raises: CommandError, ReadOnlyRole; BadParameter for a clause without a reading to confirm.
    """
    require_province(sitting)
    require_year(sitting, year)
    folded = clause.strip()
    allowed = confirmable_readings(sitting)
    if folded not in allowed:
        text = f"{folded} 没有可确认的读法，可确认：{'、'.join(sorted(allowed))}"
        raise BadParameter(f"nothing to confirm in {folded!r}", user_text=text)
    made = Confirmation(folded, require_text(reference, "文件依据"), sitting.actor, sitting.now)
    is_new = assessment_acts.insert_confirmation(sitting.connection, year, sitting.desk.rulebook, made)
    if is_new:
        detail = {"clause": folded, "reference": made.reference}
        assessments.record(
            sitting.connection, sitting.now, sitting.actor, "assess.confirm", f"year:{year}", detail
        )
    return is_new


def confirmable_readings(sitting: Sitting) -> frozenset[str]:
    """Return the clauses and switches of the present rules that a confirmation can make 正式."""
    on = sitting.today
    text = freeze_rules(sitting.desk.rulebook, sitting.desk.selection, on, sitting.desk.folder)
    clauses = set(_unsure_clauses(parse_toml(text.rulebook, text.rulebook_text)))
    return frozenset(clauses | {switch.id for switch in parse_switches(text.defaults_text, on=on)})


def _unsure_clauses(table: StrictTable) -> list[str]:
    unsure = [
        status.value for status in SourceStatus if status not in (SourceStatus.STATED, SourceStatus.MISSING)
    ]
    found = [table.text("clause")] if table.has("clause") and table.values.get("status") in unsure else []
    for key, value in table.values.items():
        if isinstance(value, dict):
            found += _unsure_clauses(table.table(key))
        elif isinstance(value, list) and value and isinstance(value[0], dict) and key != "lost_text":
            found += [clause for entry in table.tables(key) for clause in _unsure_clauses(entry)]
    return found


def _present_rules(sitting: Sitting) -> Rulebook:
    return load_rulebook(sitting.desk.rulebook, on=sitting.today, folder=sitting.desk.folder)


def _require_above_given(sitting: Sitting, year: int, supplied: Supplied) -> None:
    """Refuse a maximum below points that stand in a sheet of the year that is not published."""
    path = sitting.viewer.unit_path
    sheets = assessments.load_assessments(sitting.connection, year, sitting.desk.rulebook, path)
    working = [sheet for sheet in sheets if sheet.state is not AssessmentState.PUBLISHED]
    for dossier in load_dossiers(sitting, working):
        for kind in EntryKind:
            entry = dossier.entry(supplied.item, kind)
            if entry and entry.points is not None and entry.points > supplied.max_points:
                name = dossier.assessment.unit.name
                text = f"{name} 的{kind.value}已给 {format_points(entry.points)} 分，分值不能低于它"
                raise StateError(f"{supplied.item} below given points", user_text=text)


def _require_count(number: int, what: str) -> None:
    if not 0 <= number <= MAX_COUNT:
        raise BadParameter(f"{what} {number}", user_text=f"{what}应为 0 或正整数")

"""Entering points into a sheet (自评、考察、考评), handing in, and taking back within ten minutes.

Every version of an entry is kept. Key types: `Entered`, `HandedIn`, `TakenBack`.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from monitor.assessment.dossier import (
    Assessment,
    AssessmentState,
    Entry,
    EntryKind,
    check_entry,
    find_item,
    find_unfilled,
    is_late,
    short_name,
)
from monitor.assessment.frozen_rules import read_rules
from monitor.assessment.sheet import YearSheet, score_dossier
from monitor.errors import PeriodLocked, StateError, VersionConflict
from monitor.store.assessment import sheets as assessments
from monitor.usecases.assessment.sheets import (
    load_dossier,
    note,
    open_sheet,
    open_unpublished,
    refresh_sheet,
    rule_text,
)
from monitor.usecases.assessment.sitting import Sitting, find_for_panel, find_own
from scoring.rubric import format_points
from scoring.rubric_rules import Item

UNDO_WITHIN = timedelta(minutes=10)
ENTERED, HANDED_IN, TAKEN_BACK = "assess.enter", "assess.submit", "assess.undo"
_LOCKED = (AssessmentState.SUBMITTED, AssessmentState.PANEL, AssessmentState.PUBLISHED)


class SelfIncomplete(StateError):
    """Items with a 载明 rule have no 自评 yet; the text lists them."""

    code = "self_incomplete"
    user_text = "自评尚有未填的项目，未提交"


@dataclass(frozen=True, slots=True)
class Entered:
    """What was stored: the entry, the one before it, and the number of the record (0: nothing new)."""

    item: Item
    entry: Entry
    before: Entry | None
    number: int
    sheet: YearSheet


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A self-assessment that was handed in (自评提交)."""

    assessment: Assessment
    number: int
    unfilled: tuple[Item, ...]  # further items without 自评, none of them 载明
    sheet: YearSheet


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What was taken back: words for it, and the number of the new record."""

    what: str
    number: int


def enter(
    sitting: Sitting,
    year: int,
    unit_code: str | None,
    kind: EntryKind,
    item_word: str,
    points: Decimal | str,
    reason: str = "",
    *,
    expected_version: int | None = None,
) -> Entered:
    """Store points for an item: 自评 by the unit's administrator, 考察 and 考评 by inspectors.

    Source: HN-4.0, HN-4.1f, HN-4.2, HN-4.3; D-04 默认.

    Args:
        sitting: who, when.
        year: of the assessment.
        unit_code: None for the person's own unit.
        kind: whose judgement it is.
        item_word: 一3, HN-A1.3 …
        points: 0 to the item's maximum.
        reason: 依据; required where the source is 缺失.
        expected_version: version the person has seen (0: none); None does not compare.

    Returns: the entry; sent again unchanged it is stored once.

    Raises: OutOfScope, ReadOnlyRole, CommandError, PeriodLocked, BadParameter, InputError, PointsOutOfRange,
        ReasonRequired; VersionConflict with both values.
    """
    is_self = kind is EntryKind.SELF
    unit = find_own(sitting, unit_code) if is_self else find_for_panel(sitting, unit_code or "")
    sheet = open_own(sitting, year, unit_code) if is_self else open_unpublished(sitting, year, unit)
    rubric = read_rules(rule_text(sitting, sheet)).rulebook.rubric
    item = find_item(rubric, item_word)
    dossier = load_dossier(sitting, sheet)
    reason = " ".join(reason.split())
    accepted = check_entry(item, kind, points, reason, dossier.supplied_item(item.id))
    before = dossier.entry(item.id, kind)
    entry = Entry(
        item=item.id,
        kind=kind,
        version=before.version + 1 if before else 1,
        points=accepted,
        reason=reason,
        author=sitting.actor,
        author_name=sitting.actor_name,
        at=sitting.now,
    )
    _require_version(before, entry, expected_version)
    if before and (before.points, before.reason, before.author) == (accepted, reason, sitting.actor):
        return Entered(item, before, before, 0, score_dossier(dossier, hides_panel=is_self))
    _insert(sitting, sheet, entry)
    if kind is EntryKind.PANEL and sheet.state is AssessmentState.SUBMITTED:
        assessments.save_state(sitting.connection, sheet.assessment_id, AssessmentState.PANEL)
    detail = {"item": item.id, "kind": kind.value, "version": entry.version, "points": str(accepted)}
    number = note(sitting, sheet, ENTERED, detail)
    refresh_sheet(sitting, sheet)
    scored = score_dossier(load_dossier(sitting, sheet), hides_panel=is_self)
    return Entered(item, entry, before, number, scored)


def open_own(sitting: Sitting, year: int, unit_code: str | None = None) -> Assessment:
    """Return the sheet of the person's own unit while 自评 may be entered.

    Raises: OutOfScope, ReadOnlyRole, CommandError; PeriodLocked once it was handed in.
    """
    unit = find_own(sitting, unit_code)
    sheet = open_sheet(sitting, year, unit)
    if sheet.state in _LOCKED:
        text = f"{year} 年自评已锁定（{sheet.state.value}）；如需更正请联系团省委"
        raise PeriodLocked(f"sheet {sheet.assessment_id} is {sheet.state.name}", user_text=text)
    return sheet


def submit_self(sitting: Sitting, year: int, unit_code: str | None = None) -> HandedIn:
    """Hand in the self-assessment (自评提交); after 12-31 it is taken and marked 逾期.

    Source: HN-4.2; requirement D.3.
    Raises: SelfIncomplete naming the items with a 载明 rule that are empty; as `open_own`.
    """
    sheet = open_own(sitting, year, unit_code)
    rubric = read_rules(rule_text(sitting, sheet)).rulebook.rubric
    entries = load_dossier(sitting, sheet).entries
    missing = find_unfilled(rubric, entries)
    if missing:
        listed = "；".join(f"{short_name(item)} {item.title}（{item.max_points} 分）" for item in missing)
        raise SelfIncomplete(
            f"{len(missing)} items are empty", user_text=f"未提交：以下项目原文有明确标准，自评未填：{listed}"
        )
    late = is_late(sitting.today, year)
    assessments.save_state(
        sitting.connection,
        sheet.assessment_id,
        AssessmentState.SUBMITTED,
        submitted_at=sitting.now,
        submitted_by=sitting.actor,
        is_late=late,
    )
    number = note(sitting, sheet, HANDED_IN, {"is_late": late})
    refresh_sheet(sitting, sheet)
    dossier = load_dossier(sitting, sheet)
    filled = {each.item for each in entries if each.kind is EntryKind.SELF and each.points is not None}
    unfilled = tuple(item for item in rubric.items if item.id not in filled and not item.is_placeholder)
    return HandedIn(dossier.assessment, number, unfilled, score_dossier(dossier, hides_panel=True))


def undo(sitting: Sitting, number: int) -> TakenBack | None:
    """Take back one's own entry or handing-in, at most ten minutes old; None if the number is another's.

    The entry before it counts again; every version stays.

    Source: requirement D.0.
    Raises: StateError if things have changed since.
    """
    found = assessments.load_record(sitting.connection, number)
    if found is None or found.actor != sitting.actor or found.action not in (ENTERED, HANDED_IN):
        return None
    if sitting.now - found.at > UNDO_WITHIN:
        return None
    sheet = assessments.load_assessment_by_id(sitting.connection, int(found.subject.partition(":")[2]))
    if sheet is None:
        return None
    sheet = open_sheet(sitting, sheet.year, sheet.unit)  # again, so that others wait
    if found.action == HANDED_IN:
        what = _undo_handing_in(sitting, sheet)
    else:
        what = _undo_entry(sitting, sheet, EntryKind(found.detail["kind"]), found.detail)
    taken_back = TakenBack(what, note(sitting, sheet, TAKEN_BACK, {"of": number}))
    refresh_sheet(sitting, sheet)
    return taken_back


def _undo_handing_in(sitting: Sitting, sheet: Assessment) -> str:
    if sheet.state is not AssessmentState.SUBMITTED:
        raise StateError("the panel has begun", user_text="考评已开始，自评提交不能撤销，请联系团省委")
    cleared = {"submitted_at": None, "submitted_by": "", "is_late": False}
    assessments.save_state(sitting.connection, sheet.assessment_id, AssessmentState.DRAFT, **cleared)
    return f"{sheet.year} 年自评提交"


def _undo_entry(sitting: Sitting, sheet: Assessment, kind: EntryKind, detail: dict[str, object]) -> str:
    is_locked = sheet.state is AssessmentState.PUBLISHED or (
        kind is EntryKind.SELF and sheet.state is not AssessmentState.DRAFT
    )
    item = str(detail["item"])
    history = assessments.load_entry_history(sitting.connection, sheet.assessment_id, item, kind)
    if is_locked or history[-1].version != detail["version"]:
        raise StateError("changed since", user_text="该项之后又有修改或已锁定，不能撤销")
    before = history[-2] if len(history) > 1 else replace(history[-1], points=None, reason="")
    restored = replace(
        before,
        version=history[-1].version + 1,
        author=sitting.actor,
        author_name=sitting.actor_name,
        at=sitting.now,
    )
    _insert(sitting, sheet, restored)
    was = "未填" if before.points is None else f"{format_points(before.points)} 分"
    return f"{sheet.unit.name} {item} 的{kind.value}，现为{was}"


def _require_version(before: Entry | None, entry: Entry, expected: int | None) -> None:
    if expected is not None and expected != (before.version if before else 0):
        raise _conflict(before, entry)


def _insert(sitting: Sitting, sheet: Assessment, entry: Entry) -> None:
    """Write a version of an entry.

    Raises: VersionConflict if another process has written this version.
    """
    if assessments.insert_entry(sitting.connection, sheet.assessment_id, entry):
        return
    history = assessments.load_entry_history(sitting.connection, sheet.assessment_id, entry.item, entry.kind)
    raise _conflict(history[-1] if history else None, entry)


def _conflict(stored: Entry | None, attempted: Entry) -> VersionConflict:
    return VersionConflict(
        f"{attempted.item} {attempted.kind.name} version {stored.version if stored else 0}",
        stored=_show(stored),
        attempted=_show(attempted),
    )


def _show(entry: Entry | None) -> str:
    if entry is None or entry.points is None:
        return "未填"
    reason = f"（{entry.reason}）" if entry.reason else ""
    return f"{format_points(entry.points)} 分{reason}，{entry.author_name}"

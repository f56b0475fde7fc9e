"""Handing in evidence (佐证材料) and meeting records (会议记录), and reading evidence back.

A file is judged and kept under its hash before anything is written about it; it is read by the number of
its link only, after the reader's rights. Key type: `Shown`.
"""

from dataclasses import dataclass
from datetime import date

from monitor.assessment.dossier import MEETINGS_ITEM, Assessment, AssessmentState, Evidence, find_item
from monitor.assessment.evidence import AcceptedFile, accept_file
from monitor.assessment.frozen_rules import read_rules
from monitor.errors import BadParameter, NotFound, OutOfScope, PeriodLocked, StateError
from monitor.store import directory
from monitor.store.assessment import evidence
from monitor.store.assessment import sheets as assessments
from monitor.store.assessment.evidence import Meeting
from monitor.units import Role, Viewer
from monitor.usecases.assessment.sheets import Assessments, note, open_unpublished, refresh_sheet, rule_text
from monitor.usecases.assessment.sitting import Sitting, find_own_or_for_panel, find_to_read, require_text
from scoring.rubric_rules import ComponentKind


class EvidenceNotFound(NotFound):
    """No evidence of that number, or it is not to be seen: the same text."""

    code = "evidence_not_found"
    user_text = "未找到该佐证材料"


@dataclass(frozen=True, slots=True)
class Shown:
    """A file as it is sent: always as a download, never by a path."""

    name: str
    media_type: str
    content: bytes


def hand_in(
    desk: Assessments,
    viewer: Viewer,
    year: int,
    unit_code: str | None,
    item_word: str,
    slot: str,
    name: str,
    content: bytes,
) -> tuple[Evidence, bool]:
    """Hand in a file for an item; the same file for the same purpose is linked once.

    Source: HN-A1.1 (以文件为准), HN-A1.3 (以记录为准).

    Args:
        desk: with an evidence folder.
        viewer: the unit's administrator, until they have handed in, or an inspector.
        year: of the sheet.
        unit_code: None for the person's own unit.
        item_word: 一1 …
        slot: what it proves: document, promoted_document, complete_document; "" for the item as a whole.
        name: as the person's machine calls it.
        content: bytes.

    Returns: the link, and whether it is new.
    Raises: EvidenceRefused, BadParameter, OutOfScope, ReadOnlyRole, CommandError, PeriodLocked, StorageError.
    """
    desk.read(viewer, lambda sitting: find_own_or_for_panel(sitting, unit_code))
    file = keep_file(desk, name, content)
    return desk.write(viewer, lambda sitting: _link(sitting, year, unit_code, item_word, slot, file))


def keep_file(desk: Assessments, name: str, content: bytes) -> AcceptedFile:
    """Judge a file and keep it in the evidence folder.

    Raises: EvidenceRefused, StorageError; StateError without a folder.
    """
    if desk.folder is None:
        raise StateError("no evidence folder", user_text="未配置佐证材料目录，不能接收文件")
    file = accept_file(name, content)
    desk.folder.put(file)
    return file


def register_meeting(
    desk: Assessments,
    viewer: Viewer,
    unit_code: str | None,
    held_on: date,
    title: str,
    name: str,
    content: bytes,
) -> tuple[int, bool]:
    """Register a meeting (专题会议) with its record; one file proves one meeting.

    Source: HN-A1.3 载明 (召开一次专题会议记录得0.1分，以记录为准).
    Returns: number of the meeting, and whether it is new.
    Raises: EvidenceRefused, BadParameter, OutOfScope, ReadOnlyRole, CommandError, PeriodLocked, StorageError.
    """
    desk.read(viewer, lambda sitting: find_own_or_for_panel(sitting, unit_code))
    file = keep_file(desk, name, content)
    return desk.write(viewer, lambda sitting: _register(sitting, unit_code, held_on, title, file))


def void_meeting(sitting: Sitting, number: int, reason: str) -> Meeting:
    """Void a meeting (作废) with a reason; the record stays.

    Source: HN-A1.3.
    Raises: EvidenceNotFound, BadParameter, OutOfScope, PeriodLocked.
    """
    meeting = evidence.load_meeting(sitting.connection, number)
    unit = _unit_of(sitting, meeting.unit_id) if meeting else None
    if meeting is None or unit is None or meeting.voided_at is not None:
        raise EvidenceNotFound(f"meeting {number}")
    sheet = _open_for_material(sitting, meeting.held_on.year, unit)
    text = require_text(reason, "作废原因")
    evidence.void_meeting(sitting.connection, number, by=sitting.actor, at=sitting.now, reason=text)
    refresh_sheet(sitting, sheet)
    note(sitting, sheet, "assess.meeting_void", {"meeting": number, "reason": text})
    return meeting


def take_out(sitting: Sitting, link_id: int) -> Evidence:
    """Take a file out of a sheet; it stays kept.

    Raises: EvidenceNotFound, OutOfScope, PeriodLocked.
    """
    sheet, file = _find_link(sitting, link_id)
    sheet = _open_for_material(sitting, sheet.year, sheet.unit.code)
    evidence.unlink_file(sitting.connection, link_id, by=sitting.actor, at=sitting.now)
    refresh_sheet(sitting, sheet)
    note(sitting, sheet, "assess.evidence_out", {"item": file.item, "sha256": file.sha256})
    return file


def show_evidence(desk: Assessments, viewer: Viewer, link_id: int) -> Shown:
    """Return a file by the number of its link.

    Raises: EvidenceNotFound also for what lies outside the viewer's scope; StorageError if it was changed.
    """
    _, file = desk.read(viewer, lambda sitting: _find_link(sitting, link_id))
    if desk.folder is None:
        raise EvidenceNotFound("no evidence folder")
    return Shown(file.name, file.media_type, desk.folder.read(file.sha256))


def _link(
    sitting: Sitting, year: int, unit_code: str | None, item_word: str, slot: str, file: AcceptedFile
) -> tuple[Evidence, bool]:
    sheet = _open_for_material(sitting, year, unit_code)
    item = find_item(read_rules(rule_text(sitting, sheet)).rulebook.rubric, item_word)
    slots = [part.key for part in item.components if part.kind is ComponentKind.FLAG]
    if slot and slot not in slots:
        allowed = "、".join(slots) or "（不分）"
        raise BadParameter(
            f"{item.id} has no slot {slot!r}", user_text=f"{item.id} 的材料类别应为：{allowed}"
        )
    evidence.save_file(sitting.connection, file, sitting.now)
    is_new = evidence.link_file(
        sitting.connection, sheet.assessment_id, item.id, slot, file, by=sitting.actor, at=sitting.now
    )
    if is_new:
        refresh_sheet(sitting, sheet)
        note(sitting, sheet, "assess.evidence", {"item": item.id, "slot": slot, "sha256": file.sha256})
    links = evidence.load_evidence(sitting.connection, [sheet.assessment_id])[sheet.assessment_id]
    key = (item.id, slot, file.sha256)
    return next(link for link in links if (link.item, link.slot, link.sha256) == key), is_new


def _register(
    sitting: Sitting, unit_code: str | None, held_on: date, title: str, file: AcceptedFile
) -> tuple[int, bool]:
    if held_on > sitting.today:
        raise BadParameter("in the future", user_text="会议日期不能在今天之后")
    sheet = _open_for_material(sitting, held_on.year, unit_code)
    unit = sheet.unit
    known = evidence.find_meeting_of_file(sitting.connection, unit.unit_id, file.sha256)
    if known and known.held_on == held_on:
        return known.number, False
    if known:
        text = f"该文件已登记为 {known.held_on} 的会议记录，一份记录只计一次"
        raise StateError("the file proves another meeting", user_text=text)
    name = require_text(title, "会议名称", 100)
    evidence.save_file(sitting.connection, file, sitting.now)
    number = evidence.insert_meeting(
        sitting.connection, unit.unit_id, held_on, name, file.sha256, by=sitting.actor, at=sitting.now
    )
    refresh_sheet(sitting, sheet)
    detail = {"meeting": number, "item": MEETINGS_ITEM, "held_on": held_on.isoformat(), "sha256": file.sha256}
    note(sitting, sheet, "assess.meeting", detail)
    return number, True


def _open_for_material(sitting: Sitting, year: int, unit_code: str | None) -> Assessment:
    """Return a sheet to which the person may add material now: the unit until it has handed in."""
    unit = find_own_or_for_panel(sitting, unit_code)
    sheet = open_unpublished(sitting, year, unit)
    if sitting.viewer.role is not Role.INSPECTOR and sheet.state is not AssessmentState.DRAFT:
        text = f"{year} 年自评已提交，材料已锁定；如需补充请联系团省委"
        raise PeriodLocked(f"sheet {sheet.assessment_id} is {sheet.state.name}", user_text=text)
    return sheet


def _find_link(sitting: Sitting, link_id: int) -> tuple[Assessment, Evidence]:
    found = evidence.load_link(sitting.connection, link_id)
    sheet = assessments.load_assessment_by_id(sitting.connection, found[0]) if found else None
    if found is None or sheet is None or not _may_read(sitting, sheet):
        raise EvidenceNotFound(f"evidence {link_id} asked by {sitting.actor}")
    return sheet, found[1]


def _may_read(sitting: Sitting, sheet: Assessment) -> bool:
    try:
        find_to_read(sitting, sheet.unit.code)
    except OutOfScope:
        return False
    return True


def _unit_of(sitting: Sitting, unit_id: int) -> str | None:
    unit = directory.load_unit(sitting.connection, unit_id)
    return unit.code if unit else None

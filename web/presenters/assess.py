"""Sheets of the assessment (考评表): from scored sheets to what the templates lay out. Pure.

Key types: `YearPage`, `SheetPage`, `ItemLine`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from monitor.assessment.dossier import AssessmentState, Dossier, Entry, EntryKind, Evidence, short_name
from monitor.assessment.sheet import NO_CHECKS, SheetLine, YearSheet
from monitor.assessment.view import explain_beside
from monitor.units import Role, Viewer
from scoring.rubric import LineState, format_points
from scoring.source import ResultStatus, SourceStatus
from scoring.year import YearGrade
from web.wording import NONE, Badge, moment_words

STATE_BADGES = {
    LineState.SCORED: Badge("met", "✓", LineState.SCORED.value),
    LineState.PARTIAL: Badge("topic", "…", LineState.PARTIAL.value),
    LineState.OPEN: Badge("due", "…", LineState.OPEN.value),
    LineState.NO_BASE: Badge("nodata", "?", LineState.NO_BASE.value),
    LineState.LOST: Badge("none", "—", LineState.LOST.value),
    LineState.ADJUSTMENT: Badge("info", "±", LineState.ADJUSTMENT.value),
}
RESULT_BADGES = {
    ResultStatus.FINAL: Badge("met", "✓", ResultStatus.FINAL.value),
    ResultStatus.PROVISIONAL: Badge("topic", "!", ResultStatus.PROVISIONAL.value),
    ResultStatus.INCOMPLETE: Badge("nodata", "?", ResultStatus.INCOMPLETE.value),
}
GRADE_LOOKS = {
    YearGrade.EXCELLENT: "g3",
    YearGrade.GOOD: "g2",
    YearGrade.QUALIFIED: "g1",
    YearGrade.UNQUALIFIED: "g0",
}
STAGES = tuple(AssessmentState)


@dataclass(frozen=True, slots=True)
class Points:
    """One of the three columns of an item. `version` is what a change of it has seen (0: nothing yet)."""

    kind: str
    points: str
    reason: str
    by: str
    version: int


@dataclass(frozen=True, slots=True)
class ItemLine:
    """One line of the sheet. `key` is the item id; "" for an adjustment, which nobody edits."""

    key: str
    number: str
    title: str
    max_points: str
    points: str
    badge: Badge
    is_provisional: bool
    source_status: str
    source_note: str
    clause: str
    arithmetic: str
    columns: tuple[Points, ...]
    beside: tuple[str, ...]
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class SectionLines:
    """A section (部分) with its items."""

    title: str
    points: str
    max_points: str
    items: tuple[ItemLine, ...]


@dataclass(frozen=True, slots=True)
class SheetPage:
    """Everything the page of one unit's sheet shows."""

    year: int
    code: str
    unit_name: str
    is_reference: bool
    stage: str
    stages: tuple[tuple[str, str], ...]  # word, look: is-done, is-now, ""
    headline: str
    badge: Badge
    grade: str
    grade_look: str
    grade_reason: str
    converted: str
    sections: tuple[SectionLines, ...]
    adjustments: tuple[ItemLine, ...]
    remarks: tuple[str, ...]
    data_time: str
    rules_version: str
    dossier: Dossier
    hides_panel: bool
    may_self: bool
    may_panel: bool


@dataclass(frozen=True, slots=True)
class YearLine:
    """A unit on the list of a year."""

    code: str
    name: str
    kind: str
    stage: str
    is_late: bool
    scored: str
    badge: Badge
    grade: str
    grade_look: str
    notes: str


def present_year_lines(sheets: Iterable[YearSheet]) -> list[YearLine]:
    """Lay out some units of a year, in their order."""
    return [_year_line(sheet) for sheet in sheets]


def present_sheet(sheet: YearSheet, viewer: Viewer, today: date) -> SheetPage:
    """Lay out one unit's sheet for a viewer."""
    held, result = sheet.dossier.assessment, sheet.result
    lines = [_item_line(line, today, hides_panel=sheet.hides_panel) for line in sheet.lines]
    taken_at = max((fact.taken_at for fact in sheet.dossier.facts), default=held.opened_at)
    is_own = viewer.role is Role.UNIT_ADMIN and held.unit.unit_id == viewer.unit_id
    return SheetPage(
        year=held.year,
        code=held.unit.code,
        unit_name=held.unit.name,
        is_reference=held.is_reference,
        stage=held.state.value if held.assessment_id else "尚未开始，按现有登记试填",
        stages=_stages(sheet),
        headline=sheet.sheet.headline,
        badge=RESULT_BADGES[sheet.state],
        grade=result.grade.outcome.value if result else "",
        grade_look=GRADE_LOOKS[result.grade.outcome] if result else "none",
        grade_reason=result.grade.arithmetic
        if result
        else "尚有未评或原文未载明的项目，等次待补充，不产生奖惩后果",
        converted=f"{sheet.sheet.converted}" if sheet.sheet.scorable < sheet.sheet.full else "",
        sections=tuple(
            SectionLines(
                title=f"{part.id}、{part.title}",
                points=format_points(part.points),
                max_points=format_points(part.max_points),
                items=tuple(
                    shown
                    for shown, line in zip(lines, sheet.lines, strict=True)
                    if line.item is not None and line.line.section == part.id
                ),
            )
            for part in sheet.sheet.sections
        ),
        adjustments=tuple(shown for shown, line in zip(lines, sheet.lines, strict=True) if line.item is None),
        remarks=tuple(_remarks(sheet)),
        data_time=f"数据截至 {moment_words(taken_at, today)}",
        rules_version=held.rules_hash[:12],
        dossier=sheet.dossier,
        hides_panel=sheet.hides_panel,
        may_self=is_own and held.state is AssessmentState.DRAFT,
        may_panel=viewer.role is Role.INSPECTOR and held.state is not AssessmentState.PUBLISHED,
    )


def find_line(page: SheetPage, item: str) -> ItemLine | None:
    """Return the line of an item, or None."""
    return next((line for part in page.sections for line in part.items if line.key == item), None)


def _item_line(line: SheetLine, today: date, *, hides_panel: bool) -> ItemLine:
    item = line.item
    kinds = (EntryKind.SELF,) if hides_panel else tuple(EntryKind)
    return ItemLine(
        key=item.id if item else "",
        number=short_name(item) if item else "",
        title=line.line.title,
        max_points=format_points(line.line.max_points),
        points=NONE if line.line.points is None else format_points(line.line.points),
        badge=STATE_BADGES[line.line.state],
        is_provisional=line.line.result_status is ResultStatus.PROVISIONAL,
        source_status=item.source.status.value if item else line.line.status.value,
        source_note=_source_note(line),
        clause=line.line.clause,
        arithmetic=line.line.arithmetic,
        columns=tuple(_points(kind, line.entry(kind), today) for kind in kinds) if item else (),
        beside=tuple(explain_beside(line)),
        evidence=line.evidence,
    )


def _source_note(line: SheetLine) -> str:
    if line.item is None or line.item.source.status is SourceStatus.STATED:
        return ""
    return line.item.source.note


def _points(kind: EntryKind, entry: Entry | None, today: date) -> Points:
    if entry is None or entry.points is None:
        return Points(kind.value, NONE, "", "", entry.version if entry else 0)
    by = f"{entry.author_name}，{moment_words(entry.at, today)}"
    return Points(kind.value, format_points(entry.points), entry.reason, by, entry.version)


def _stages(sheet: YearSheet) -> tuple[tuple[str, str], ...]:
    now = _stage_number(sheet)
    looks = ["is-done" if n < now else "is-now" if n == now else "" for n in range(len(STAGES))]
    return tuple((stage.value, look) for stage, look in zip(STAGES, looks, strict=True))


def _stage_number(sheet: YearSheet) -> int:
    held = sheet.dossier.assessment
    return STAGES.index(held.state) if held.assessment_id else -1


def _remarks(sheet: YearSheet) -> Iterable[str]:
    yield sheet.streak.arithmetic if sheet.streak else NO_CHECKS
    if sheet.hides_panel:
        yield "考察、考评得分公布前不显示"
    if sheet.dossier.confirmed:
        yield f"已确认的读法：{'、'.join(sorted(sheet.dossier.confirmed))}"
    if sheet.dossier.disqualification:
        declared = sheet.dossier.disqualification
        yield f"评优资格取消：{declared.ground}：{declared.reason}（HN-4.4d）"
    if sheet.dossier.decision:
        decided = sheet.dossier.decision
        about = f"{decided.minutes_no}，{decided.decided_on}"
        yield f"党组会决定（{about}）：{decided.text}（HN-4.4f，计算值保留）"
    if sheet.result:
        yield from (f"后果：{word}（HN-4.4c）" for word in sheet.result.consequences)


def _year_line(sheet: YearSheet) -> YearLine:
    held, result = sheet.dossier.assessment, sheet.result
    return YearLine(
        code=held.unit.code,
        name=held.unit.name,
        kind=held.unit.kind,
        stage=held.state.value if held.assessment_id else "未开始",
        is_late=held.is_late,
        scored=f"{format_points(sheet.sheet.scored)} / {format_points(sheet.sheet.scorable)}",
        badge=RESULT_BADGES[sheet.state],
        grade=result.grade.outcome.value if result else "",
        grade_look=GRADE_LOOKS[result.grade.outcome] if result else "none",
        notes="；".join(_short_notes(sheet)),
    )


def _short_notes(sheet: YearSheet) -> Sequence[str]:
    notes = []
    if sheet.streak and sheet.streak.outcome.cap:
        notes.append("优秀封顶")
    elif sheet.streak and sheet.streak.outcome.current:
        notes.append(f"连续差 {sheet.streak.outcome.current}")
    if sheet.dossier.disqualification:
        notes.append("评优资格取消")
    n_open = sum(1 for objection in sheet.dossier.objections if objection.replied_at is None)
    if n_open:
        notes.append(f"待答复申诉 {n_open}")
    return notes

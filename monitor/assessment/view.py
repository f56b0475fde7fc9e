"""A scored sheet (考评表) as plain JSON and as Chinese lines: every number with where it comes from. Pure.

The JSON is what a publication keeps; its names are those of `python -m scoring evaluate`.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from monitor.assessment.dossier import Entry, EntryKind, Fact
from monitor.assessment.sheet import NO_CHECKS, SheetLine, YearSheet
from monitor.clock import as_shanghai
from scoring.activity import ActivityGrade
from scoring.explain import explain_sheet, explain_verdict
from scoring.rubric import format_points
from scoring.source import plain
from scoring.streak import CheckFact
from scoring.year import Eligibility

_HIDDEN = "考察、考评得分公布前不显示"


def sheet_as_json(year_sheet: YearSheet) -> dict[str, object]:
    """Give everything about a scored sheet as JSON values; points as text, instants as ISO 8601 UTC."""
    dossier, sheet, result = year_sheet.dossier, year_sheet.sheet, year_sheet.result
    held = dossier.assessment
    declared = dossier.disqualification
    return {
        "year": held.year,
        "unit": {"code": held.unit.code, "name": held.unit.name, "kind": held.unit.kind},
        "rulebook": held.rulebook,
        "rules_hash": held.rules_hash,
        "is_reference": held.is_reference,
        "stage": held.state.value,
        "submitted_at": _instant(held.submitted_at),
        "is_late": held.is_late,
        "hides_panel": year_sheet.hides_panel,
        "scored": format_points(sheet.scored),
        "scorable": format_points(sheet.scorable),
        "full": format(sheet.full, "f"),
        "headline": sheet.headline,
        "state": year_sheet.state.value,
        "grade": result.grade.outcome.value if result else None,
        "computed_grade": result.computed.value if result else None,
        "consequences": list(result.consequences) if result else [],
        "excellence_cap": bool(year_sheet.streak and year_sheet.streak.outcome.cap),
        "streak": year_sheet.streak.as_json() | {"outcome": None} if year_sheet.streak else None,
        "checks": [_check_as_json(check) for check in dossier.checks],
        "eligibility": (Eligibility.REVOKED if declared else Eligibility.ELIGIBLE).value,
        "disqualified": declared.reason if declared else None,
        "award_candidate": result.is_award_candidate if result else False,
        "confirmed": sorted(dossier.confirmed),
        "decision": _decision_as_json(year_sheet),
        "sections": [
            {
                "id": part.id,
                "title": part.title,
                "points": format_points(part.points),
                "max": format_points(part.max_points),
            }
            for part in sheet.sections
        ],
        "lines": [_line_as_json(line) for line in year_sheet.lines],
        "explain": explain_year_sheet(year_sheet),
    }


def explain_year_sheet(year_sheet: YearSheet) -> list[str]:
    """Explain a sheet in Chinese: every line with arithmetic and clause, then its figures and entries.

    The points shown add up to the total shown.
    """
    head, *rest = explain_sheet(year_sheet.sheet, year_sheet.result)
    n_lines = len(year_sheet.lines)
    shown = [f"{_title(year_sheet)}：{head}", *_preamble(year_sheet)]
    for text, line in zip(rest[:n_lines], year_sheet.lines, strict=True):
        shown += [text, *(f"    {beside}" for beside in explain_beside(line))]
    return [*shown, *rest[n_lines:], *_after(year_sheet)]


def explain_item(year_sheet: YearSheet, item: str) -> list[str]:
    """Explain one line of a sheet: its arithmetic, clause and status, then figures and entries."""
    texts = explain_sheet(year_sheet.sheet, None)[1:]
    for text, line in zip(texts, year_sheet.lines, strict=False):
        if line.line.item == item:
            return [text, *explain_beside(line)]
    return []


def explain_beside(line: SheetLine) -> list[str]:
    """Return what stands beside one line: figures, the three kinds of points, evidence."""
    shown = [_show_fact(fact) for fact in line.facts]
    shown += [_show_entry(entry) for entry in line.entries]
    if line.supplied:
        made = line.supplied
        shown.append(
            f"团省委补充：分值 {format_points(made.max_points)}，"
            f"依据 {made.reference}（{_day(made.entered_at)}）"
        )
    shown += [
        f"佐证：{file.name}（sha256 {file.sha256[:12]}，{_day(file.added_at)}）" for file in line.evidence
    ]
    return shown


def read_checks(stored: Sequence[Mapping[str, object]]) -> Iterator[CheckFact]:
    """Read the spot checks that a publication kept."""
    for check in stored:
        grade = check["grade"]
        yield CheckFact(
            city=str(check["city"]),
            group=str(check["group"]),
            checked_at=datetime.fromisoformat(str(check["checked_at"])),
            grade=ActivityGrade(grade) if grade else None,
            is_void=bool(check["void"]),
            id=str(check["id"]),
        )


def _title(year_sheet: YearSheet) -> str:
    held = year_sheet.dossier.assessment
    reference = "（参照执行，HN-4.4e）" if held.is_reference else ""
    return f"{held.unit.name} {held.year} 年{reference}"


def _preamble(year_sheet: YearSheet) -> Iterator[str]:
    held = year_sheet.dossier.assessment
    begun = "尚未开始，以下按现有登记试填" if not held.assessment_id else held.state.value
    late = "，逾期（12-31 之后提交，HN-4.2）" if held.is_late else ""
    handed_in = f"，自评提交于 {_day(held.submitted_at)}{late}" if held.submitted_at else ""
    yield f"进度：{begun}{handed_in}；细则 {held.rulebook} 版本 {held.rules_hash[:12]}"
    if year_sheet.hides_panel:
        yield _HIDDEN


def _after(year_sheet: YearSheet) -> Iterator[str]:
    dossier = year_sheet.dossier
    yield explain_verdict(year_sheet.streak) if year_sheet.streak else NO_CHECKS
    if dossier.confirmed:
        yield f"已确认的读法：{'、'.join(sorted(dossier.confirmed))}"
    if dossier.disqualification and year_sheet.result is None:
        yield f"评优资格取消：{dossier.disqualification.ground}：{dossier.disqualification.reason}〔HN-4.4d〕"
    decision = dossier.decision
    if decision:
        decided = "，".join(
            text
            for text in (
                f"等次定为 {decision.grade}" if decision.grade else "",
                f"评优资格定为 {decision.eligibility}" if decision.eligibility else "",
            )
            if text
        )
        yield (
            f"党组会决定（{decision.minutes_no}，{decision.decided_on}）：{decided or '不改变等次'}；"
            f"{decision.text}〔HN-4.4f，计算值如上保留〕"
        )
    for task in dossier.tasks:
        yield f"{task.word}：{task.state}〔{task.clause}〕"
    for objection in dossier.objections:
        answer = (
            f"{objection.outcome}：{objection.reply}"
            if objection.replied_at
            else f"须于 {objection.due_on} 前答复"
        )
        yield f"申诉 {objection.number}（{_day(objection.filed_at)}）：{objection.text}；{answer}"


def _show_fact(fact: Fact) -> str:
    by = f"，{fact.taken_by}" if fact.taken_by else ""
    word = "参考" if fact.is_note else "数据"
    return f"{word}：{fact.text}（{fact.provenance.value}，{_moment(fact.taken_at)}{by}）"


def _show_entry(entry: Entry) -> str:
    points = format_points(entry.points) if entry.points is not None else "—"
    reference = "，仅供参考，不加分" if entry.kind is EntryKind.SITE else ""
    reason = f"，{entry.reason}" if entry.reason else ""
    return f"{entry.kind.value} {points}{reference}{reason}（{entry.author_name}，{_moment(entry.at)}）"


def _line_as_json(line: SheetLine) -> dict[str, object]:
    return {
        **line.line.as_json(),
        "facts": [
            {
                "key": fact.key,
                "number": fact.number,
                "provenance": fact.provenance.value,
                "text": fact.text,
                "is_note": fact.is_note,
                "taken_at": _instant(fact.taken_at),
            }
            for fact in line.facts
        ],
        "entries": [
            {
                "kind": entry.kind.value,
                "points": plain(entry.points),
                "reason": entry.reason,
                "author": entry.author_name,
                "at": _instant(entry.at),
                "version": entry.version,
            }
            for entry in line.entries
        ],
        "evidence": [{"name": file.name, "sha256": file.sha256, "slot": file.slot} for file in line.evidence],
    }


def _decision_as_json(year_sheet: YearSheet) -> dict[str, object] | None:
    decision = year_sheet.dossier.decision
    if decision is None:
        return None
    return {
        "minutes_no": decision.minutes_no,
        "decided_on": decision.decided_on.isoformat(),
        "grade": decision.grade or None,
        "eligibility": decision.eligibility or None,
        "text": decision.text,
    }


def _check_as_json(check: CheckFact) -> dict[str, object]:
    return {
        "city": check.city,
        "group": check.group,
        "checked_at": check.checked_at.isoformat(),
        "grade": check.grade.value if check.grade else None,
        "void": check.is_void,
        "id": check.id,
    }


def _instant(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _moment(at: datetime) -> str:
    return f"{as_shanghai(at):%Y-%m-%d %H:%M}"


def _day(at: datetime) -> str:
    return f"{as_shanghai(at):%Y-%m-%d}"

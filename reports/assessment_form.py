"""The sheet of the annex (2013年微信工作综合考评表) in its printed columns. Pure.

What the source lost is printed as 原文未载明, never filled.
"""

from collections.abc import Iterator
from datetime import date, datetime

from monitor.assessment.dossier import EntryKind, short_name
from monitor.assessment.sheet import NO_CHECKS, SheetLine, YearSheet
from monitor.texts.wording import NONE, moment_words
from reports.document import Column, Document, Part, Table
from scoring.rubric import format_points
from scoring.rubric_rules import Component, Item
from scoring.sheet import SectionTotal
from scoring.source import Provenance, SourceStatus

LOST = "原文未载明"
COLUMNS = (
    Column("考核项目", 8, is_spanning=True),
    Column("主要内容", 10),
    Column("分值", 3, is_number=True),
    Column("考核要求及评分标准", 26),
    Column("自评得分", 4, is_number=True),
    Column("考评得分", 4, is_number=True),
)


def assessment_document(sheet: YearSheet, today: date) -> Document:
    """Lay out a unit's sheet as the annex prints it.

    Source: HN-A1 … HN-A4, HN-4.0, HN-4.3.
    """
    held = sheet.dossier.assessment
    taken_at = max((fact.taken_at for fact in sheet.dossier.facts), default=held.opened_at)
    grade = sheet.result.grade.outcome.value if sheet.result else "待补充"
    reference = "（参照执行）" if held.is_reference else ""
    return Document(
        title=f"{held.year}年微信工作综合考评表{reference}",
        subtitle=f"被考核单位：{held.unit.name}　{today.year}年{today.month}月{today.day}日",
        data_time=_data_time(taken_at, today),
        lead=(f"{sheet.sheet.headline}；等次：{grade}（{sheet.state.value}）。",),
        parts=(Part("考评表", tables=(Table(COLUMNS, tuple(_rows(sheet)), "考评表"),)), *_result(sheet)),
        notes=tuple(_notes(sheet)),
        is_wide=True,
    )


def _data_time(taken_at: datetime, today: date) -> str:
    return f"数据截至 {moment_words(taken_at, today)}"


def _rows(sheet: YearSheet) -> Iterator[tuple[str, ...]]:
    for section in sheet.sheet.sections:
        heading = _heading(section)
        for line in sheet.lines:
            if line.item is not None and line.line.section == section.id:
                yield _row(heading, line, line.item, hides_panel=sheet.hides_panel)
                heading = ""
    total = "" if sheet.hides_panel else format_points(sheet.sheet.scored)
    yield "合计", "", format(sheet.sheet.full, "f"), sheet.sheet.headline, _sum_of_self(sheet), total


def _heading(section: SectionTotal) -> str:
    return f"{section.id}、{section.title}（{format_points(section.max_points)}分）"


def _row(heading: str, line: SheetLine, item: Item, *, hides_panel: bool) -> tuple[str, ...]:
    own = line.entry(EntryKind.SELF)
    is_shown = line.line.points is not None and not hides_panel
    return (
        heading,
        f"{short_name(item)} {LOST if item.is_placeholder else item.title}",
        format_points(item.max_points),
        "；".join(_standard(line, item)),
        NONE if own is None or own.points is None else format_points(own.points),
        format_points(line.line.points) if is_shown and line.line.points is not None else NONE,
    )


def _standard(line: SheetLine, item: Item) -> Iterator[str]:
    """Yield what the cell of the standard says, part by part, with the state of its text."""
    if line.supplied is not None:
        points, reference = format_points(line.supplied.max_points), line.supplied.reference
        yield f"{LOST}；团省委补充：分值 {points}，依据 {reference}"
        return
    if item.is_placeholder or item.source.status is SourceStatus.MISSING:
        yield f"{LOST}（{item.source.note}）"
        return
    for component in item.components:
        yield from _component(component)
    if item.source.status is SourceStatus.DAMAGED:
        yield f"原文残缺：{item.source.note}"


def _component(component: Component) -> Iterator[str]:
    yield _told(component.title, component.source)
    if component.bands is not None:
        for band in reversed(component.bands.bands):
            yield _told(f"{band.label} {format_points(band.outcome)}分", band.source)


def _told(words: str, source: Provenance) -> str:
    if source.status is SourceStatus.STATED:
        return source.note or words  # the note of a stated rule is its printed text
    if source.status is SourceStatus.MISSING:
        return f"{words}：{LOST}"
    return f"{words}（{source.status.value}：{source.note}）"


def _sum_of_self(sheet: YearSheet) -> str:
    own = [line.entry(EntryKind.SELF) for line in sheet.lines if line.item is not None]
    points = [entry.points for entry in own if entry is not None and entry.points is not None]
    return format_points(sum(points[1:], points[0])) if points else NONE


def _result(sheet: YearSheet) -> Iterator[Part]:
    """Yield how the points and the grade came about, line by line."""
    columns = (Column("项目", 6), Column("得分的由来", 34), Column("状态", 5))
    rows = tuple(
        (
            short_name(line.item) if line.item else line.line.title,
            f"{line.line.arithmetic}〔{line.line.clause}〕",
            line.line.state.value,
        )
        for line in sheet.lines
    )
    yield Part("得分说明", tables=(Table(columns, rows, "得分说明"),))


def _notes(sheet: YearSheet) -> Iterator[str]:
    held = sheet.dossier.assessment
    stage = held.state.value if held.assessment_id else "尚未开始，按现有登记试填"
    yield f"进度：{stage}；细则版本 {held.rules_hash[:12]}"
    yield sheet.streak.arithmetic if sheet.streak else NO_CHECKS
    if sheet.hides_panel:
        yield "考察、考评得分公布前不显示"
    lost = sheet.sheet.full - sheet.sheet.scorable
    if lost > 0:
        yield f"{LOST}项目或标准的 {format_points(lost)} 分待团省委补充（HN-4.3），系统不代拟，不折算。"

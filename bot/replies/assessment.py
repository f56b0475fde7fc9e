"""Chat answers about the assessment of the year (考评): from sheets to text. Pure."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from bot.replies.notices import FINAL, UNDO
from bot.replies.phrases import Answer, Row, compose, quote, show_instant
from monitor.assessment.dossier import Assessment, Entry, EntryKind, Objection, short_name
from monitor.assessment.sheet import NO_CHECKS, SheetLine, YearSheet
from monitor.assessment.view import explain_item
from monitor.clock import business_day
from monitor.usecases.assessment.entries import Entered, HandedIn, TakenBack
from monitor.usecases.assessment.objections import FiledObjection
from monitor.usecases.assessment.publish import Published
from monitor.usecases.assessment.risk import RiskReport
from scoring.rubric import LineState, format_points

HIDDEN = "考评分公布前不显示"
_PART_NUMBERS = {"1": "一", "2": "二", "3": "三"}
_BASIS = "依据：HN 附件《综合考评表》，HN-4.3"


def tell_own_sheet(sheet: YearSheet, now: datetime) -> Answer:
    """Answer 自评: every item with maximum, status of its rule, and what has been entered."""
    held = sheet.dossier.assessment
    n_filled = sum(1 for line in sheet.lines if line.entry(EntryKind.SELF))
    n_items = sum(1 for line in sheet.lines if line.item and not _is_lost(line))
    state = held.state.value + ("（逾期）" if held.is_late else "")
    rows = [
        Row(f"{section.id}、{'；'.join(_own_item(line) for line in _lines_of(sheet, section.id))}")
        for section in sheet.sheet.sections
    ]
    return compose(
        f"{held.unit.name} {held.year}年自评：已填 {n_filled}/{n_items} 项，{state}",
        f"{_data_time(sheet, now)}；按登记材料{sheet.sheet.headline}",
        rows,
        basis=f"格式：项号 名称 自评/分值〔原文状态〕；{_BASIS}",
        suggestion="自评 一3 0.7 说明；自评 提交",
    )


def tell_entered(entered: Entered, kind: EntryKind, now: datetime) -> Answer:
    """Answer 自评 or 评分 with points: what is stored, under which number, and how to take it back."""
    held, entry = entered.sheet.dossier.assessment, entered.entry
    most = format_points(_most(entered))
    name = f"{held.unit.name} {held.year}年{kind.value}：{short_name(entered.item)} {entered.item.title}"
    stored = f"{name} {_points(entry)}/{most} 分"
    if not entered.number:
        suggestion = f"为什么 评分 {held.unit.code} {short_name(entered.item)}"
        return Answer(f"已收到，未重复登记。{stored}\n可回复：{suggestion}")
    before = entered.before
    was = f"（原 {_points(before)} 分，已留存）" if before and before.points is not None else ""
    rows = [Row(f"依据：{entry.reason}")] if entry.reason else []
    rows += _beside(entered.sheet, entered.item.id, kind)
    rows.append(Row(f"{entered.sheet.sheet.headline}，{entered.sheet.state.value}"))
    rows.append(Row(UNDO.format(entered.number)))
    return compose(
        f"✅ 已登记 {stored}{was}",
        f"登记时间 {show_instant(now, now)}，编号 {entered.number}",
        rows,
        basis=f"依据：{entered.item.source.clause}（原文{entered.item.source.status.value}）",
        suggestion="自评" if kind is EntryKind.SELF else f"为什么 评分 {held.unit.code}",
    )


def tell_handed_in(handed_in: HandedIn, now: datetime) -> Answer:
    """Answer 自评 提交."""
    held = handed_in.assessment
    rows = [Row(handed_in.sheet.sheet.headline)]
    if handed_in.unfilled:
        names = "、".join(short_name(item) for item in handed_in.unfilled)
        n_items = len(handed_in.unfilled)
        rows.append(Row(f"另有 {n_items} 项没有自评分：{names}（原文标准残缺或缺失，可以不填）"))
    rows.append(Row(UNDO.format(handed_in.number)))
    late = "，逾期（12-31 之后）" if held.is_late else ""
    return compose(
        f"✅ 已提交 {held.unit.name} {held.year}年自评{late}，已锁定",
        f"登记时间 {show_instant(now, now)}，编号 {handed_in.number}",
        rows,
        basis="依据：HN-4.2（12月底前自查自评）",
        suggestion="自评",
    )


def tell_taken_back(taken_back: TakenBack, undone: int, now: datetime) -> Answer:
    """Answer 撤销 of an entry or of handing in."""
    lines = [
        f"✅ 已撤销编号 {undone}：{taken_back.what}",
        f"登记时间 {show_instant(now, now)}，编号 {taken_back.number}",
        "可回复：帮助",
    ]
    return Answer("\n".join(lines))


def tell_before_publishing(sheet: YearSheet, open_items: Sequence[str], choice: str, now: datetime) -> Answer:
    """Answer 公布 before the confirmation: what would be published, and what is open."""
    held = sheet.dossier.assessment
    confirm = "按“待补充”公布，没有等次" if open_items else "确认公布，公布后不再变动"
    rows = [Row(confirm, choice), Row(_grade_line(sheet))]
    rows += [Row(f"待补充：{item}") for item in open_items]
    return compose(
        f"{held.unit.name} {held.year}年考评尚未公布：{sheet.sheet.headline}，{sheet.state.value}",
        _data_time(sheet, now),
        rows,
        basis="依据：HN-4.3；公布后本单位可以申诉",
        suggestion=f"为什么 评分 {held.unit.code}",
        how_to_pick="核对后回复1公布",
    )


def tell_published(published: Published, now: datetime) -> Answer:
    """Answer 公布: what was published, under which number, and how to take it back."""
    sheet = published.sheet
    held = sheet.dossier.assessment
    rows = [Row(_grade_line(sheet))]
    rows += [Row(f"{task.word}：{task.state}（{task.clause}）") for task in sheet.dossier.tasks]
    if published.open_items:
        rows.append(Row(f"待补充 {len(published.open_items)} 项，不产生奖惩后果"))
    rows.append(Row(UNDO.format(published.record)))
    rows.append(Row(f"此后更正须撤回：公布 撤回 {held.year} {held.unit.code} 理由"))
    return compose(
        f"✅ 已公布 {held.unit.name} {held.year}年考评：{sheet.sheet.headline}，{sheet.state.value}",
        f"登记时间 {show_instant(now, now)}，公布编号 {published.number}",
        rows,
        basis="依据：HN-4.3，HN-4.4c",
        suggestion=f"为什么 评分 {held.unit.code}",
    )


def tell_withdrawn(sheet: Assessment, reason: str, now: datetime) -> Answer:
    """Answer 公布 撤回."""
    lines = [
        f"✅ 已撤回 {sheet.unit.name} {sheet.year}年的公布，现为{sheet.state.value}",
        f"登记时间 {show_instant(now, now)}；公布过的表留存",
        f"理由：{quote(reason)}",
        FINAL.format("核对后请重新公布"),
        f"可回复：公布 {sheet.year} {sheet.unit.code}",
    ]
    return Answer("\n".join(lines))


def tell_publication_taken_back(sheet: Assessment, number: int, now: datetime) -> Answer:
    """Answer 撤销 of a publication."""
    lines = [
        f"✅ 已撤销编号 {number}：{sheet.unit.name} {sheet.year}年的公布，现为{sheet.state.value}",
        f"登记时间 {show_instant(now, now)}；公布过的表留存",
        f"可回复：公布 {sheet.year} {sheet.unit.code}",
    ]
    return Answer("\n".join(lines))


def tell_objection(sheet: YearSheet, filed: Objection, n_days: int, now: datetime) -> Answer:
    """Answer 申诉: what was filed, under which number, and until when it is to be answered."""
    held = sheet.dossier.assessment
    return compose(
        f"✅ 已登记申诉 {filed.number}：{held.unit.name} {held.year}年考评 {filed.item or '整张考评表'}",
        f"登记时间 {show_instant(now, now)}，申诉编号 {filed.number}",
        [
            Row(f"理由：{quote(filed.text)}"),
            Row(f"须于 {filed.due_on} 前答复（{n_days} 天，默认；原文没有规定期限）"),
            Row(f"公布的结果在答复前不变：{_grade_line(sheet)}"),
            Row(FINAL.format("申诉已送达，答复期限已起算")),
        ],
        basis="依据：公布后的异议（原文未载明程序，默认）",
        suggestion="申诉 查询",
    )


def tell_objection_row(filed: FiledObjection, now: datetime) -> Row:
    """Return one line of 申诉 查询."""
    made, today = filed.objection, business_day(now)
    what = f"申诉 {made.number} {filed.unit.name} {filed.year}年 {made.item or '整张考评表'}"
    if made.replied_at is not None:
        return Row(f"✅{what}：{made.outcome}，{quote(made.reply)}（{show_instant(made.replied_at, now)}）")
    n_left = (made.due_on - today).days
    due = f"⚠️逾期 {-n_left} 天未答复" if filed.is_overdue(today) else f"须于 {made.due_on} 前答复"
    return Row(f"{what}：待答复，{due}")


def tell_sheet(sheet: YearSheet, now: datetime) -> Answer:
    """Answer 为什么 评分: sections, items and how they add up."""
    held = sheet.dossier.assessment
    rows = []
    for section in sheet.sheet.sections:
        lines = _lines_of(sheet, section.id)
        items = "、".join(f"{short_name(line.item)} {_scored(line)}" for line in lines if line.item)
        total = f"{format_points(section.points)}/{format_points(section.max_points)}"
        rows.append(Row(f"第{section.id}部分 {total}：{items}"))
    adjustments = [line.line for line in sheet.lines if line.line.state is LineState.ADJUSTMENT]
    rows += [Row(f"{line.title}：{line.arithmetic}（{line.clause}）") for line in adjustments]
    rows.append(Row(_grade_line(sheet)))
    rows.append(Row(sheet.streak.arithmetic if sheet.streak else NO_CHECKS))
    if sheet.hides_panel:
        rows.append(Row(HIDDEN))
    begun = held.state.value if held.assessment_id else "尚未开始，按现有登记试填"
    return compose(
        f"{held.unit.name} {held.year}年考评：{sheet.sheet.headline}",
        f"{_data_time(sheet, now)}，{begun}，{sheet.state.value}",
        rows,
        basis=f"{_BASIS}；细则版本 {held.rules_hash[:8]}",
        suggestion=f"为什么 评分 {held.unit.code} 一3",
    )


def tell_year_line(sheet: YearSheet) -> str:
    """Return the line of 状态 about a year that is being assessed."""
    held = sheet.dossier.assessment
    return f"{held.year}年考评（{held.state.value}）：{sheet.sheet.headline}，{sheet.state.value}"


def tell_item(sheet: YearSheet, item: str, now: datetime) -> Answer:
    """Answer 为什么 评分 with an item: arithmetic, clause, figures and entries with provenance and time."""
    held = sheet.dossier.assessment
    first, *beside = explain_item(sheet, item)
    line = next(each for each in sheet.lines if each.line.item == item)
    assert line.item is not None  # noqa: S101 - asked for by item
    number = short_name(line.item)
    hidden = [HIDDEN] if sheet.hides_panel else []
    points = f"{_scored(line)}/{format_points(line.line.max_points)} 分"
    return compose(
        f"{held.unit.name} {held.year}年 {number} {line.line.title}：{points}",
        f"{_data_time(sheet, now)}，{line.line.state.value}，{line.line.result_status.value}",
        [Row(text) for text in (first, *beside, *hidden)],
        basis=f"依据：{line.line.clause}（原文{line.item.source.status.value}）",
        suggestion=f"为什么 评分 {held.unit.code}",
    )


def tell_risks(report: RiskReport, now: datetime, *, may_open_sheets: bool) -> Answer:
    """Answer 风险: units that lose 优秀 or fall below 6 points, worst first; no names of persons."""
    n_at_risk = len({risk.unit.code for risk in report.risks})
    rows = [
        Row(f"{risk.unit.name}：{risk.text}", f"为什么 评分 {risk.unit.code}" if may_open_sheets else "")
        for risk in report.risks
    ]
    unknown = []
    if report.n_without_checks:
        unknown.append(f"{report.n_without_checks} 个单位尚无抽查记录，未判断连续“差”")
    if report.n_units > report.n_begun:
        unknown.append(f"{report.n_units - report.n_begun} 个单位尚未开始考评")
    found = (
        f"风险：{n_at_risk}/{report.n_units} 个单位"
        if n_at_risk
        else f"：{report.n_units} 个单位暂未发现风险"
    )
    return compose(
        f"{report.year}年考评{found}",
        f"数据截至 {show_instant(now, now)}；已评项目按现值、未评的按满分计",
        [*_tell_schools(report), *rows, *([Row(f"❔{'；'.join(unknown)}")] if unknown else [])],
        basis="依据：HN-4.1e，HN-4.3，HN-4.4c、d" + ("；GD-3.1n、GD-3.2f" if report.index_period else ""),
        suggestion="总览",
    )


def _tell_schools(report: RiskReport) -> list[Row]:
    """Return one line for the run, then each school with two failed bottom lines in a part, and which."""
    if not report.index_period:
        return []
    shown = [
        Row(
            f"❌{school.unit_name}："
            + "；".join(f"第{_PART_NUMBERS.get(part, part)}部分 {'、'.join(t)}" for part, t in school.failed),
            f"底线 {school.unit_code}",
        )
        for school in report.schools
    ]
    return [Row(f"高校（{report.index_period}）2 项及以上未达底线：{len(shown)} 所"), *shown]


def _lines_of(sheet: YearSheet, section: str) -> Sequence[SheetLine]:
    return [line for line in sheet.lines if line.item is not None and line.line.section == section]


def _is_lost(line: SheetLine) -> bool:
    return line.line.state is LineState.LOST


def _own_item(line: SheetLine) -> str:
    assert line.item is not None  # noqa: S101 - only lines of items are listed
    own = line.entry(EntryKind.SELF)
    number = short_name(line.item)
    if _is_lost(line):
        return f"{number} 原文未载明"
    points = f"{_points(own)}/{_short(line)}"
    return f"{number} {line.item.title} {points}〔{line.item.source.status.value}〕"


def _short(line: SheetLine) -> str:
    return format(line.line.max_points.normalize(), "f")


def _most(entered: Entered) -> Decimal:
    supplied = entered.sheet.dossier.supplied_item(entered.item.id)
    return supplied.max_points if supplied else entered.item.max_points


def _points(entry: Entry | None) -> str:
    return "—" if entry is None or entry.points is None else format_points(entry.points)


def _scored(line: SheetLine) -> str:
    return "—" if line.line.points is None else format_points(line.line.points)


def _beside(sheet: YearSheet, item: str, kind: EntryKind) -> list[Row]:
    """Show the other kinds of points, and what the sheet now counts for the item."""
    line = next(each for each in sheet.lines if each.line.item == item)
    others = [f"{e.kind.value} {_points(e)}" for e in line.entries if e.kind is not kind]
    shown = [Row(f"并列：{'，'.join(others)}")] if others else []
    counted = "尚不计分" if line.line.points is None else f"计入 {_scored(line)} 分"
    return [*shown, Row(f"{counted}：{line.line.arithmetic}")]


def _data_time(sheet: YearSheet, now: datetime) -> str:
    """Return when the figures of a sheet were taken; of one that nobody has begun it is now."""
    taken = max((fact.taken_at for fact in sheet.dossier.facts), default=now)
    return f"数据截至 {show_instant(taken, now)}"


def _grade_line(sheet: YearSheet) -> str:
    if sheet.result is None:
        return "尚有未评或原文未载明的项目，等次待补充，不产生奖惩后果"
    return sheet.result.grade.arithmetic

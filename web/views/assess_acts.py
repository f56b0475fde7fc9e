"""考评: what is done with a whole sheet — hand in, take up, publish, withdraw, object, decide, set a base.

An act reads its form first and acts afterwards: a form with a problem changes nothing.
"""

from collections.abc import Callable
from datetime import date

from flask import Blueprint, abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from monitor.assessment.dossier import BaseKind
from monitor.usecases.assessment.acts import ObjectionOutcome, answer_objection, object_to, record_decision
from monitor.usecases.assessment.entries import submit_self
from monitor.usecases.assessment.evidence import register_meeting
from monitor.usecases.assessment.publish import publish, start_panel, withdraw
from monitor.usecases.assessment.records import set_base
from monitor.usecases.assessment.sitting import Sitting
from web.auth import allowed, current_viewer
from web.forms import Form
from web.views.assess import SHEET_WRITERS, SheetDesk

Act = Callable[[Sitting, int, str], str]
Reader = Callable[[Form], Act]
_LARGEST_ID = 2**31 - 1
_LARGEST_BASE = 99_999_999


def _hand_in(_form: Form) -> Act:
    def act(sitting: Sitting, year: int, code: str) -> str:
        handed_in = submit_self(sitting, year, code)
        late = "（逾期）" if handed_in.assessment.is_late else ""
        return f"自评已提交并锁定{late}，编号 {handed_in.number}"

    return act


def _take_up(form: Form) -> Act:
    def act(sitting: Sitting, year: int, code: str) -> str:
        start_panel(sitting, year, code, form["reason"])
        return "已开始考评，该单位不能再改自评"

    return act


def _publish(form: Form) -> Act:
    def act(sitting: Sitting, year: int, code: str) -> str:
        published = publish(sitting, year, code, accept_open=form["accept_open"] == "yes")
        left = f"，{len(published.open_items)} 项待补充" if published.open_items else ""
        return f"已公布，编号 {published.number}{left}"

    return act


def _withdraw(form: Form) -> Act:
    def act(sitting: Sitting, year: int, code: str) -> str:
        withdraw(sitting, year, code, form["reason"])
        return "已撤回公布，原公布内容留存"

    return act


def _object(form: Form) -> Act:
    def act(sitting: Sitting, year: int, _code: str) -> str:
        objection = object_to(sitting, year, form["text"], form["item"])
        return f"申诉已登记，编号 {objection.number}，答复期限 {objection.due_on}"

    return act


def _answer(form: Form) -> Act:
    number = form.whole_number("number", "申诉编号", most=_LARGEST_ID)
    outcome = ObjectionOutcome(form.one_of("outcome", "处理结果", ObjectionOutcome))

    def act(sitting: Sitting, year: int, code: str) -> str:
        objection = answer_objection(sitting, year, code, number, outcome, form["reply"])
        return f"申诉 {objection.number} 已答复：{objection.outcome}"

    return act


def _decide(form: Form) -> Act:
    decided_on = form.day("decided_on", "会议日期") or date.min

    def act(sitting: Sitting, year: int, code: str) -> str:
        number = record_decision(
            sitting,
            year,
            code,
            minutes_no=form["minutes_no"],
            decided_on=decided_on,
            text=form["text"],
            grade=form["grade"],
            eligibility=form["eligibility"],
        )
        return f"党组会决定已登记，编号 {number}；计算值保留在旁"

    return act


def _set_base(form: Form) -> Act:
    number = form.whole_number("number", "基数", most=_LARGEST_BASE)
    kind = BaseKind(form.one_of("kind", "基数种类", BaseKind))

    def act(sitting: Sitting, year: int, code: str) -> str:
        record = set_base(sitting, year, code, kind, number, form["source"])
        return f"基数已登记，编号 {record}；原基数留存"

    return act


ACTS: dict[str, Reader] = {
    "hand-in": _hand_in,
    "take-up": _take_up,
    "publish": _publish,
    "withdraw": _withdraw,
    "object": _object,
    "answer": _answer,
    "decide": _decide,
    "base": _set_base,
}


def add_assess_acts(blueprint: Blueprint, desk: SheetDesk) -> None:
    """Add the acts; who may do which, and when, is decided by the use cases."""

    @blueprint.post("/assess/<int:year>/<code>/act/<name>", endpoint="assess_act")
    @allowed(SHEET_WRITERS)
    def _act(year: int, code: str, name: str) -> Response | tuple[str, int]:
        reader, form = ACTS.get(name), Form.of_request()
        if reader is None:
            abort(404)
        act = reader(form)
        if form.is_refused:
            return desk.draw(year, code, form), 400
        with form.refusals():
            flash(desk.assessments.write(current_viewer(), lambda sitting: act(sitting, year, code)))
            return redirect(url_for("console.assess_sheet", year=year, code=code))
        return desk.draw(year, code, form), 400

    @blueprint.post("/assess/<int:year>/<code>/meeting", endpoint="assess_meeting")
    @allowed(SHEET_WRITERS)
    def _meet(year: int, code: str) -> Response | tuple[str, int]:
        form, file = Form.of_request(), request.files.get("file")
        held_on, title = form.day("held_on", "会议日期"), form.required("title", "会议名称")
        if file is None or not file.filename:
            form.refuse("请选择会议记录文件", "file")
        if form.is_refused or held_on is None or file is None:
            return desk.draw(year, code, form), 400
        with form.refusals():
            number, is_new = register_meeting(
                desk.assessments, current_viewer(), code, held_on, title, file.filename or "", file.read()
            )
            flash(f"会议已登记，编号 {number}" if is_new else f"该记录已登记为编号 {number}，未重复登记")
            return redirect(url_for("console.assess_sheet", year=year, code=code))
        return desk.draw(year, code, form), 400

"""台账: what is done on its pages, to groups and units; each act reads its form first."""

from collections.abc import Callable, Mapping

from flask import Blueprint, abort, flash, redirect, url_for
from werkzeug.wrappers import Response as BaseResponse

from monitor.clock import Clock
from monitor.usecases.ledger import groups as ledger_groups
from monitor.usecases.ledger.desk import Acted, Clerk, Ledger
from monitor.usecases.ledger.people import add_manager, end_manager
from monitor.usecases.ledger.topics import close_topic, open_topic
from monitor.usecases.ledger.units import close_unit, merge_units, move_unit
from web.auth import ADMINS, allowed, current_viewer
from web.forms import Form
from web.views.ledger import show_group, show_ledger

Act = Callable[[Clerk], Acted]
_LARGEST_ID = 2**31 - 1
AGAIN = "此前已登记，未重复登记"


def add_ledger_acts(blueprint: Blueprint, ledger: Ledger, clock: Clock) -> None:
    """Add opening a group, the acts on one group, and the acts on one unit."""

    @blueprint.post("/ledger/open", endpoint="ledger_open")
    @allowed(ADMINS)
    def _open() -> BaseResponse | tuple[str, int]:
        form = Form.of_request()
        act = _opening(form)
        if not form.is_refused:
            with form.refusals():
                acted = ledger.write(current_viewer(), act)
                flash(told(acted))
                return redirect(url_for("console.ledger", unit=form["at"] or None))
        return show_ledger(ledger, clock, form), 400

    @blueprint.post("/ledger/group/<code>/<act>", endpoint="ledger_group_act")
    @allowed(ADMINS)
    def _on_group(code: str, act: str) -> BaseResponse | tuple[str, int]:
        form = Form.of_request()
        reader = _GROUP_ACTS.get(act) or abort(404)
        wanted = reader(form, code)
        if not form.is_refused:
            with form.refusals():
                flash(told(ledger.write(current_viewer(), wanted)))
                return redirect(url_for("console.ledger_group", code=code))
        return show_group(ledger, clock, code, form), 400

    @blueprint.post("/ledger/unit/<code>/<act>", endpoint="ledger_unit_act")
    @allowed(ADMINS)
    def _on_unit(code: str, act: str) -> BaseResponse | tuple[str, int]:
        form = Form.of_request()
        reader = _UNIT_ACTS.get(act) or abort(404)
        wanted = reader(form, code)
        if not form.is_refused:
            with form.refusals():
                flash(told(ledger.write(current_viewer(), wanted)))
                return redirect(url_for("console.ledger"))
        return show_ledger(ledger, clock, form), 400


def told(acted: Acted) -> str:
    """Return what is told of an act."""
    if not acted.number or acted.change is None:
        return f"{AGAIN}{'：' + acted.existing if acted.existing else ''}"
    change = acted.change
    return f"{change.kind.value} {change.code} {change.name}：{change.state.value}，编号 {acted.number}"


def _opening(form: Form) -> Act:
    name, members = form.required("name", "群名称"), form.whole_number("members", "人数")
    unit, manager = form["unit"] or None, form["manager"]
    is_confirmed = form["confirmed"] == "yes"
    return lambda clerk: ledger_groups.open_group(
        clerk, name, members, unit, manager=manager, is_confirmed=is_confirmed
    )


def _members(form: Form, code: str) -> Act:
    members, is_confirmed = form.whole_number("members", "人数"), form["confirmed"] == "yes"
    return lambda clerk: ledger_groups.change_members(clerk, code, members, is_confirmed=is_confirmed)


def _close(form: Form, code: str) -> Act:
    reason = form.required("reason", "停用原因")
    return lambda clerk: ledger_groups.close_group(clerk, code, reason)


def _manager(form: Form, code: str) -> Act:
    name = form.required("manager", "管理员姓名")
    return lambda clerk: add_manager(clerk, code, name)


def _end_manager(form: Form, code: str) -> Act:
    name, reason = form.required("former", "管理员"), form.required("why", "卸任原因")
    return lambda clerk: end_manager(clerk, code, name, reason)


def _topic(form: Form, code: str) -> Act:
    title = form.required("title", "话题名称")
    keywords = tuple(form["keywords"].replace("、", " ").replace("，", " ").replace(",", " ").split())
    return lambda clerk: open_topic(clerk, code, title, keywords)


def _end_topic(form: Form, _code: str) -> Act:
    number = form.whole_number("topic", "话题编号", most=_LARGEST_ID)
    return lambda clerk: close_topic(clerk, number)


def _move(form: Form, code: str) -> Act:
    target, reason = form.required("target", "目标单位编号"), form.required("unit_reason", "原因")
    return lambda clerk: move_unit(clerk, code, target, reason)


def _merge(form: Form, code: str) -> Act:
    target, reason = form.required("target", "目标单位编号"), form.required("unit_reason", "原因")
    return lambda clerk: merge_units(clerk, code, target, reason)


def _close_unit(form: Form, code: str) -> Act:
    reason = form.required("unit_reason", "原因")
    return lambda clerk: close_unit(clerk, code, reason)


_GROUP_ACTS: Mapping[str, Callable[[Form, str], Act]] = {
    "members": _members,
    "close": _close,
    "manager": _manager,
    "end-manager": _end_manager,
    "topic": _topic,
    "end-topic": _end_topic,
}
_UNIT_ACTS: Mapping[str, Callable[[Form, str], Act]] = {
    "move": _move,
    "merge": _merge,
    "close": _close_unit,
}

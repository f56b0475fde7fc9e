"""规则: every parameter with clause and source status, changes of readings, trials (试算)."""

from datetime import date

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from monitor.clock import Clock, business_day
from monitor.units import Viewer
from monitor.usecases.assessment.sheets import Assessments
from monitor.usecases.queries.questions import Queries
from monitor.usecases.rules.changes import Ground, RuleChanges
from monitor.usecases.rules.in_force import RuleSource, list_lost_text
from monitor.usecases.rules.suppose import AnySupposition, read_suppositions, tried_lines, try_period
from web.auth import INSPECTORS, allowed, current_viewer
from web.forms import Form
from web.presenters.rules import present_rules

_ACTS = {"select": "选用", "confirm": "确认", "withdraw": "撤销确认"}

_SUPPOSED = ("switch", "figure", "clause")  # the fields of 试算 that suppose something


def add_rules(blueprint: Blueprint, queries: Queries, changes: RuleChanges) -> None:
    """Add the list of all parameters and the form that changes a reading."""

    def _draw(form: Form) -> str:
        page = present_rules(queries.rules(current_viewer()), list_lost_text())
        return render_template("rules.html", page=page, form=form)

    @blueprint.get("/rules", endpoint="rules")
    @allowed(INSPECTORS)
    def _rules() -> str:
        return _draw(Form())

    @blueprint.get("/rules/figures", endpoint="rules_figures")
    @allowed(INSPECTORS)
    def _figures() -> str:
        return render_template("rule_figures.html", page=present_rules(queries.rules(current_viewer()), {}))

    @blueprint.post("/rules", endpoint="rules_change")
    @allowed(INSPECTORS)
    def _change() -> Response | tuple[str, int]:
        form = Form.of_request()
        act = form.one_of("act", "动作", _ACTS)
        subject = form.required("subject", "开关或条款")
        since = form.day("since", "生效日") if form["since"] else None
        if form.is_refused:
            return _draw(form), 400
        with form.refusals():
            flash(_record(changes, current_viewer(), act, subject, form, since))
            return redirect(url_for("console.rules"))
        return _draw(form), 400


def add_trials(
    blueprint: Blueprint, assessments: Assessments, source: RuleSource, queries: Queries, clock: Clock
) -> None:
    """Add the page of trials: nothing is stored."""

    def _draw(form: Form, lines: tuple[tuple[str, ...], ...] = ()) -> str:
        page = present_rules(queries.rules(current_viewer()), {})
        return render_template("trial.html", page=page, form=form, lines=lines)

    @blueprint.get("/rules/trial", endpoint="rules_trial")
    @allowed(INSPECTORS)
    def _ask() -> str:
        return _draw(Form({"period": f"{business_day(clock()):%Y}"}))

    @blueprint.post("/rules/trial", endpoint="rules_try")
    @allowed(INSPECTORS)
    def _try() -> str | tuple[str, int]:
        form = Form.of_request()
        supposed = _read_supposed(source, form)
        if not form.is_refused:
            with form.refusals("period"):
                found = try_period(assessments, source, current_viewer(), form["period"], supposed)
                return _draw(form, tuple(tuple(tried_lines(each)) for each in found))
        return _draw(form), 400


def _read_supposed(source: RuleSource, form: Form) -> list[AnySupposition]:
    """Read each field by itself, so that what is wrong is said beside it."""
    supposed: list[AnySupposition] = []
    if not any(form[name].split() for name in _SUPPOSED):
        form.refuse("请填写要试算什么", _SUPPOSED[0])
    for name in _SUPPOSED:
        if words := form[name].split():
            with form.refusals(name):
                supposed += read_suppositions(source, *(words if name == each else () for each in _SUPPOSED))
    return supposed


def _record(
    changes: RuleChanges, viewer: Viewer, act: str, subject: str, form: Form, since: date | None
) -> str:
    ground = Ground(form["reason"], form["reference"], since)
    if act == "select":
        name, _, word = subject.partition("=")
        recorded = (changes.set_figure if "." in name else changes.select)(viewer, name, word, ground)
    else:
        recorded = (changes.confirm if act == "confirm" else changes.withdraw)(viewer, subject, ground)
    if not recorded.is_new:
        return f"{recorded.change.subject} 已是这样，未作改动"
    closed = f"；其中 {recorded.n_closed_days} 天已日结，不自动改判" if recorded.n_closed_days else ""
    return (
        f"已{_ACTS[act]} {recorded.change.subject}，自 {recorded.change.effective_from} 起生效"
        f"（记录 {recorded.change.number}）{closed}"
    )

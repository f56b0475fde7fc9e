"""数据可信提示, the signals of GD-5.2, and the register of findings 数据异常 that people make from them."""

from dataclasses import replace

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from monitor.clock import Clock, business_day
from monitor.days.signals import SignalKind
from monitor.usecases.days.signals import LIMITS, PAGE_SIGNALS, Signals
from monitor.usecases.index.anomalies import AnomalyDraft
from web.auth import INSPECTORS, allowed, current_viewer
from web.forms import Form
from web.presenters.learning import present_findings, present_signals, with_findings
from web.views.parameters import asked_day, asked_page

_KINDS = frozenset(kind.value for kind in SignalKind)


def add_signals(blueprint: Blueprint, signals: Signals, clock: Clock) -> None:
    """Add the list of signals, with the register below it."""

    def _draw(form: Form) -> str:
        kind = request.args.get("kind", "")
        if kind and kind not in _KINDS:
            abort(404)
        number, viewer = max(1, asked_page("page")), current_viewer()
        found = signals.page(viewer, kind, number)
        register = signals.anomalies.register(viewer)
        page = present_signals(found, kind, number, PAGE_SIGNALS, LIMITS)
        of_schools = signals.anomalies.find_of_schools(found.signals)
        return render_template(
            "signals.html",
            page=replace(page, lines=with_findings(page.lines, found.signals, register, of_schools)),
            findings=present_findings(register, business_day(clock())),
            form=form,
            blank=Form(),
            page_url=lambda _name, page: url_for("console.signals", kind=kind or None, page=page),
        )

    @blueprint.get("/signals", endpoint="signals")
    @allowed(INSPECTORS)
    def _signals() -> str:
        return _draw(Form())

    @blueprint.post("/signals/<int:number>/withdraw", endpoint="signals_withdraw")
    @allowed(INSPECTORS)
    def _withdraw(number: int) -> Response | tuple[str, int]:
        form = Form.of_request()
        form.values["number"] = str(number)
        if form.required("withdrawal", "撤回原因"):
            with form.refusals("withdrawal"):
                signals.anomalies.withdraw(current_viewer(), number, form["withdrawal"])
                flash(f"已撤回数据异常 {number}，记录保留")
                return redirect(url_for("console.signals"))
        return _draw(form), 400


def add_findings(blueprint: Blueprint, signals: Signals, clock: Clock) -> None:
    """Add the page on which a signal becomes a finding."""

    def _asked() -> AnomalyDraft:
        day = asked_day(request.args.get("day"), business_day(clock()))
        code, kind = request.args.get("group", ""), request.args.get("kind", "")
        return signals.anomalies.draft(current_viewer(), code or "-", day, kind)

    @blueprint.get("/signals/declare", endpoint="signals_declare")
    @allowed(INSPECTORS)
    def _page() -> str:
        return render_template("signals_declare.html", draft=_asked(), form=Form())

    @blueprint.post("/signals/declare", endpoint="signals_declared")
    @allowed(INSPECTORS)
    def _declare() -> Response | tuple[str, int]:
        draft, form = _asked(), Form.of_request()
        form.required("reason", "事由")
        form.required("decision", "处理决定")
        if not form.is_refused:
            with form.refusals("reason"):
                number = signals.anomalies.declare(current_viewer(), draft, form["reason"], form["decision"])
                flash(f"已登记数据异常 {number}：{draft.school.name} {draft.period}")
                return redirect(url_for("console.signals"))
        return render_template("signals_declare.html", draft=draft, form=form), 400

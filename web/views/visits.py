"""督导: site visits (plan, cross inspection, findings) and phone checks."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from monitor.clock import Clock, business_day
from monitor.units import Role
from monitor.usecases.spot_checks.desk import SpotChecks, SpotSitting
from monitor.usecases.spot_checks.visits import (
    file_phone_check,
    list_phone_checks,
    list_visitable,
    list_visits,
    plan_cross_visits,
    plan_visit,
    record_findings,
)
from web.auth import INSPECTORS, READERS, allowed, current_viewer
from web.forms import Form
from web.presenters.overview import cut_page
from web.presenters.spot_checks import visit_badge
from web.views.parameters import asked_page, asked_year, page_urls
from web.wording import day_words, moment_words

_ROWS = 15


def add_visits(blueprint: Blueprint, desk: SpotChecks, clock: Clock) -> None:
    """Add the page of visits and phone checks, and what inspectors do there."""

    @blueprint.get("/visits", endpoint="visits")
    @allowed(READERS)
    def _list() -> str:
        return show_visits(desk, clock, Form())

    @blueprint.post("/visits/plan", endpoint="visits_plan")
    @allowed(INSPECTORS)
    def _plan() -> BaseResponse | tuple[str, int]:
        form = Form.of_request()
        day, unit = form.day("planned_on", "督导日期"), form.required("unit", "被督导单位")
        if day is not None and not form.is_refused:
            with form.refusals():
                number = desk.write(
                    current_viewer(), lambda s: plan_visit(s, unit, day, form["team"], form["visitor"])
                )
                return _done(f"已安排，编号 {number}")
        return show_visits(desk, clock, form), 400

    @blueprint.post("/visits/cross", endpoint="visits_cross")
    @allowed(INSPECTORS)
    def _cross() -> BaseResponse | tuple[str, int]:
        form, codes = Form.of_request(), request.form.getlist("units")
        day = form.day("cross_on", "交叉检查日期")
        if day is not None and not form.is_refused:
            with form.refusals():
                numbers = desk.write(current_viewer(), lambda s: plan_cross_visits(s, codes, day))
                return _done(f"已安排交叉检查 {len(numbers)} 项，均不检查本单位")
        return show_visits(desk, clock, form), 400

    @blueprint.post("/visits/findings/<number>", endpoint="visits_findings")
    @allowed(INSPECTORS)
    def _findings(number: str) -> BaseResponse | tuple[str, int]:
        form = Form.of_request()
        day = form.day("visited_on", "实际日期")
        if day is not None and not form.is_refused:
            with form.refusals():
                desk.write(current_viewer(), lambda s: record_findings(s, number, day, form["findings"]))
                return _done(f"{number} 的督导情况已登记")
        return show_visits(desk, clock, form), 400

    @blueprint.post("/visits/phone", endpoint="visits_phone")
    @allowed(INSPECTORS)
    def _phone() -> BaseResponse | tuple[str, int]:
        form = Form.of_request()
        unit = form.required("called", "单位编号")
        if not form.is_refused:
            with form.refusals(place="called"):
                filed = desk.write(
                    current_viewer(),
                    lambda s: file_phone_check(
                        s, unit, form["finding"], form["whom_role"], form["whom_name"]
                    ),
                )
                return _done(f"电话检查已登记，编号 {filed.phone_no}")
        return show_visits(desk, clock, form), 400


def show_visits(desk: SpotChecks, clock: Clock, form: Form) -> str:
    """Show visits of a year and the latest phone checks."""
    viewer, today = current_viewer(), business_day(clock())
    year = asked_year(today)

    def ask(sitting: SpotSitting) -> str:
        visits = list_visits(sitting, year)
        shown, part = cut_page(visits, asked_page("page"), _ROWS)
        waiting, waiting_part = cut_page(
            [visit for visit in visits if visit.visited_on is None], asked_page("waiting"), _ROWS
        )
        calls, calls_part = cut_page(list_phone_checks(sitting), asked_page("phone"), _ROWS)
        units = list_visitable(sitting)
        return render_template(
            "visits.html",
            form=form,
            year=year,
            today=today,
            is_inspector=viewer.role is Role.INSPECTOR,
            visits=[(visit, visit_badge(visit, today)) for visit in shown],
            slice=part,
            n_done=len(visits) - waiting_part.total,
            waiting=waiting,
            waiting_slice=waiting_part,
            units=[(unit.code, unit.name) for unit in units],
            below=[(unit.code, unit.name) for unit in units[1:]],
            phone_checks=calls,
            phone_slice=calls_part,
            page_url=page_urls("visits"),
            day_words=lambda day: day_words(day, today),
            moment_words=lambda at: moment_words(at, today),
        )

    return desk.read(viewer, ask)


def _done(words: str) -> BaseResponse:
    flash(words)
    return redirect(url_for("console.visits"))

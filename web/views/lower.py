"""对下考核: how units assess their own lower level, as evidence for 一2 (HN-2.2.3, HN-A1.2)."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from monitor.clock import Clock, business_day
from monitor.units import Role
from monitor.usecases.assessment.lower import (
    LowerResult,
    list_lower,
    load_own_level,
    record_lower,
    void_lower,
)
from monitor.usecases.assessment.sheets import Assessments
from monitor.usecases.assessment.sitting import Sitting
from web.auth import OWN_ASSESSORS, READERS, allowed, current_viewer
from web.forms import Form
from web.wording import moment_words


def add_lower(blueprint: Blueprint, assessments: Assessments, clock: Clock) -> None:
    """Add the page; what may be recorded is decided by the use cases."""

    def _page(year: int, form: Form) -> str:
        viewer, today = current_viewer(), business_day(clock())
        may_record = viewer.role is Role.UNIT_ADMIN

        def ask(sitting: Sitting) -> str:
            children, items = load_own_level(sitting, year) if may_record else ([], [])
            return render_template(
                "lower.html",
                form=form,
                year=year,
                last_year=today.year,
                readings=list_lower(sitting, year),
                children=children,
                items=items,
                may_record=may_record,
                moment_words=lambda at: moment_words(at, today),
            )

        return assessments.read(viewer, ask)

    @blueprint.get("/lower", endpoint="lower")
    @allowed(READERS - {Role.BRANCH_ADMIN})
    def _show() -> str:
        return _page(_year(request.args.get("year", "")), Form())

    @blueprint.post("/lower/<int:year>", endpoint="lower_record")
    @allowed(OWN_ASSESSORS)
    def _record(year: int) -> BaseResponse | tuple[str, int]:
        form = Form.of_request()
        form.required("title", "办法名称")
        form.required("document", "文号或文件")
        if form.is_refused:
            return _page(year, form), 400
        with form.refusals():
            number = assessments.write(current_viewer(), lambda sitting: _write(sitting, year, form))
            flash(f"对下考核 {number} 已登记，作为 {year} 年考评一2的佐证，由评审人打分")
            return redirect(url_for("console.lower", year=year))
        return _page(year, form), 400

    @blueprint.post("/lower/<int:year>/<int:number>/void", endpoint="lower_void")
    @allowed(OWN_ASSESSORS)
    def _void(year: int, number: int) -> BaseResponse | tuple[str, int]:
        form = Form.of_request()
        with form.refusals():
            assessments.write(
                current_viewer(), lambda sitting: void_lower(sitting, year, number, form["reason"])
            )
            flash(f"对下考核 {number} 已作废，记录保留")
            return redirect(url_for("console.lower", year=year))
        return _page(year, form), 400

    def _year(text: str) -> int:
        known = text.isascii() and text.isdigit() and len(text) == 4
        return int(text) if known else assessments.present_year()


def _write(sitting: Sitting, year: int, form: Form) -> int:
    copies = form["copies_rubric"] == "是"
    return record_lower(sitting, year, form["title"], form["document"], _results(form), copies_rubric=copies)


def _results(form: Form) -> list[LowerResult]:
    """Return the rows of the table in which anything was filled in."""
    codes = [name.removeprefix("points-") for name in form.values if name.startswith("points-")]
    rows = [LowerResult(c, form[f"points-{c}"], form[f"grade-{c}"], form[f"note-{c}"]) for c in codes]
    return [row for row in rows if row.points or row.grade or row.note]

"""微信周报: the table of a week for those above, the own report with its form, the year."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from monitor.clock import Clock, business_day
from monitor.errors import BadParameter
from monitor.units import Role
from monitor.usecases.weekly.desk import (
    NoWeeklyReport,
    WeeklyReports,
    change_figure,
    load_report,
    submit,
)
from monitor.usecases.weekly.reading import load_summary, load_year
from monitor.weekly import Week, WeeklyFigure, read_week
from web.auth import allowed, current_viewer
from web.forms import Form
from web.presenters.overview import cut_page
from web.presenters.weekly import present_report, present_week, present_year, sort_years
from web.views.parameters import asked_page, page_urls

READERS = frozenset((Role.INSPECTOR, Role.UNIT_ADMIN, Role.LEADER))
WRITERS = frozenset((Role.UNIT_ADMIN,))
_ROWS = 50
_YEAR_ROWS = 8


class WeeklyPages:
    """Draws the pages for whoever is signed in."""

    def __init__(self, weekly: WeeklyReports, clock: Clock) -> None:
        """Keep the collaborators."""
        self.weekly, self.clock = weekly, clock

    def find_week(self, label: str) -> Week:
        """Return the week of an address; one that does not exist or lies ahead is not found."""
        try:
            week = read_week(label, business_day(self.clock()))
        except BadParameter:
            week = None
        if week is None or week.label != label:
            abort(404)
        return week

    def draw_table(self, week: Week | None) -> str:
        """Return the table of a week; None is the latest one that is over."""
        now = self.clock()
        summary = self.weekly.read(current_viewer(), lambda desk: load_summary(desk, week))
        page = present_week(summary, now, business_day(now))
        rows, part = cut_page(page.rows, asked_page("page"), _ROWS)
        values = {"week": week.label} if week else {}
        url = page_urls("weekly_week" if week else "weekly", **values)
        return render_template("weekly.html", page=page, rows=rows, slice=part, page_url=url)

    def draw_report(self, week: Week | None, code: str | None, form: Form) -> str:
        """Return a unit's report; None is the usual week, and the viewer's own unit."""
        now = self.clock()
        reading = self.weekly.read(
            current_viewer(),
            lambda desk: load_report(desk, desk.find_reporting(code), week or desk.usual_week()),
        )
        page = present_report(reading, now, business_day(now))
        may_write = current_viewer().role in WRITERS
        words = [(figure.value, figure.value) for figure in WeeklyFigure]
        return render_template("weekly_report.html", page=page, form=form, may_write=may_write, words=words)

    def draw(self, week: Week | None, form: Form) -> str:
        """Return the report to those who have one, or name one by ?unit=, the table to the others."""
        code = request.args.get("unit")
        if code is None and current_viewer().role is not Role.UNIT_ADMIN:
            return self.draw_table(week)
        try:
            return self.draw_report(week, code, form)
        except NoWeeklyReport:  # an administrator further down, who reads what lies in sight: nothing
            return self.draw_table(week)


def add_weekly(blueprint: Blueprint, weekly: WeeklyReports, clock: Clock) -> None:
    """Add the pages; who reports and what may be seen is decided by the use cases."""
    pages = WeeklyPages(weekly, clock)

    @blueprint.get("/weekly", endpoint="weekly")
    @allowed(READERS)
    def _usual() -> str:
        return pages.draw(None, Form())

    @blueprint.get("/weekly/<week>", endpoint="weekly_week")
    @allowed(READERS)
    def _week(week: str) -> str:
        return pages.draw(pages.find_week(week), Form())

    @blueprint.get("/weekly/year/<int:year>", endpoint="weekly_year")
    @allowed(READERS)
    def _year(year: int) -> str:
        this = Week.of(business_day(clock())).year
        if not 2000 <= year <= this:
            abort(404)
        years = weekly.read(current_viewer(), lambda desk: load_year(desk, year))
        bars, part = cut_page(sort_years(years), asked_page("page"), _YEAR_ROWS)
        return render_template(
            "weekly_year.html",
            year=year,
            later=year + 1 if year < this else None,
            bars=present_year(bars),
            slice=part,
            page_url=page_urls("weekly_year", year=year),
        )

    @blueprint.post("/weekly/<week>/figure", endpoint="weekly_figure")
    @allowed(WRITERS)
    def _change(week: str) -> Response | tuple[str, int]:
        chosen, form = pages.find_week(week), Form.of_request()
        figure = WeeklyFigure(form.one_of("figure", "项目", [each.value for each in WeeklyFigure]))
        form.required("number", "数目")
        form.required("reason", "原因")
        if not form.is_refused:
            with form.refusals():
                changed = weekly.write(
                    current_viewer(),
                    lambda desk: change_figure(desk, chosen, figure, form["number"], form["reason"]),
                )
                flash(f"已登记，编号 {changed.number}" if changed.number else "此前已是该数，未重复登记")
                return redirect(url_for("console.weekly_week", week=week))
        return pages.draw(chosen, form), 400

    @blueprint.post("/weekly/<week>/submit", endpoint="weekly_submit")
    @allowed(WRITERS)
    def _submit(week: str) -> Response | tuple[str, int]:
        chosen, form = pages.find_week(week), Form.of_request()
        with form.refusals():
            sent = weekly.write(current_viewer(), lambda desk: submit(desk, chosen))
            state = f"状态“{sent.reading.state}”"
            flash(
                f"已提交，{state}，编号 {sent.number}" if sent.number else f"此前已提交，未重复登记，{state}"
            )
            return redirect(url_for("console.weekly_week", week=week))
        return pages.draw(chosen, form), 400

"""指标: bottom lines and totals of schools, WCI of accounts with the numbers put in."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from monitor.clock import Clock, business_day
from monitor.index.periods import RunKind
from monitor.units import Role
from monitor.usecases.queries.questions import Queries
from web.auth import READERS, allowed, current_viewer
from web.presenters.index import present_account, present_school

_READERS = READERS - {Role.BRANCH_ADMIN}


def add_index(blueprint: Blueprint, queries: Queries, clock: Clock) -> None:
    """Add the list of schools and the page of one; the queries decide about scope."""

    @blueprint.get("/index", endpoint="index")
    @allowed(_READERS)
    def _schools() -> str | Response:
        viewer = current_viewer()
        if viewer.role is Role.UNIT_ADMIN:
            own = queries.unit_status(viewer).unit
            return redirect(url_for("console.index_school", code=own.code))
        unit, run, results = queries.failing_schools(viewer, request.args.get("unit") or None)
        return render_template("index.html", unit=unit, run=run, results=results)

    @blueprint.get("/index/<code>", endpoint="index_school")
    @allowed(_READERS)
    def _school(code: str) -> str:
        viewer, today = current_viewer(), business_day(clock())
        kind = RunKind.WCI_MONTH if request.args.get("span") == "month" else RunKind.WCI_WEEK
        page = present_school(queries.bottom_lines(viewer, code), today)
        accounts = [present_account(each, today) for each in queries.account_index(viewer, code, kind)]
        return render_template(
            "index_school.html", page=page, accounts=accounts, is_month=kind is RunKind.WCI_MONTH
        )

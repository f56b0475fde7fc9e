"""Page of one group, and the drawer that shows the posts of one of its days."""

from datetime import date

from flask import Blueprint, render_template, request

from monitor.clock import Clock, Period, business_day
from monitor.usecases.days.signals import Signals
from monitor.usecases.queries.questions import Queries
from web.auth import current_viewer, signed_in
from web.presenters.group import present_drawer, present_group_page
from web.presenters.learning import present_hints
from web.views.parameters import asked_day, asked_page


def calendar_period(today: date) -> Period:
    """Return twelve calendar months, the present one included, up to today."""
    month = today.year * 12 + today.month - 1 - 11
    return Period(date(month // 12, month % 12 + 1, 1), today)


def add_group(blueprint: Blueprint, queries: Queries, signals: Signals, clock: Clock) -> None:
    """Add the group page and its days; the queries refuse groups outside the viewer's scope."""

    @blueprint.get("/group/<code>", endpoint="group")
    @signed_in
    def _group(code: str) -> str:
        viewer, today = current_viewer(), business_day(clock())
        day = asked_day(request.args.get("day"), today)
        group_day = queries.group_day(viewer, code, day)
        days = queries.group_days(viewer, code, calendar_period(today))
        rulebook = queries.rules_on(group_day.day).rulebook
        page = present_group_page(group_day, days, rulebook, viewer.role, today)
        hints = present_hints(signals.of_group(viewer, code))
        return render_template("group.html", page=page, hints=hints, today=today)

    @blueprint.get("/group/<code>/day", endpoint="group_pick")
    @signed_in
    def _pick(code: str) -> str:
        return _day(code, request.args.get("day", ""))

    @blueprint.get("/group/<code>/day/<day>", endpoint="group_day")
    @signed_in
    def _day(code: str, day: str) -> str:
        viewer, today = current_viewer(), business_day(clock())
        asked = asked_day(day, today)
        group_day = queries.group_day(viewer, code, asked)
        posts = queries.day_posts(viewer, code, asked)
        page = asked_page("page")
        rulebook = queries.rules_on(asked).rulebook
        drawer = present_drawer(group_day, posts, rulebook, viewer.role, today, page=page)
        in_drawer = "HX-Request" in request.headers
        return render_template("_day.html" if in_drawer else "day.html", drawer=drawer, in_drawer=in_drawer)

"""First page: five numbers, units and groups worst first, 30 days of trend; `?unit=` goes down the tree."""

from datetime import date
from functools import partial

from flask import Blueprint, render_template, request, url_for

from monitor.clock import Clock, business_day
from monitor.units import Role
from monitor.usecases.query import Queries
from web.auth import current_viewer, signed_in
from web.presenters import present_group, present_overview
from web.views.parameters import asked_day, asked_page
from web.wording import long_day_words

_KEPT = ("unit", "day", "unit_page", "group_page")


def add_overview(blueprint: Blueprint, queries: Queries, clock: Clock) -> None:
    """Add the overview of the viewer's unit and of those below it."""

    @blueprint.get("/", endpoint="overview")
    @signed_in
    def _overview() -> str:
        today = business_day(clock())
        day = asked_day(request.args.get("day"), today)
        if current_viewer().role is Role.GROUP_MANAGER:
            return _own_groups(queries, day, today)
        overview = queries.overview(current_viewer(), request.args.get("unit") or None, day)
        page = present_overview(
            overview, today, unit_page=asked_page("unit_page"), group_page=asked_page("group_page")
        )
        kept_day = None if page.day == today else page.day.isoformat()
        return render_template(
            "overview.html",
            page=page,
            unit_url=lambda code: url_for("console.overview", unit=code, day=kept_day),
            group_url=lambda code: url_for("console.group", code=code, day=kept_day),
            day_url=partial(_day_url, today),
            page_url=lambda name, number: _with({name: str(number)}),
        )


def _own_groups(queries: Queries, day: date, today: date) -> str:
    """Show a group manager the groups of their own, which is all they may see."""
    groups = queries.managed_groups(current_viewer(), day)
    lines = [present_group(group_day, today) for group_day in groups]
    words = {"day_words": long_day_words(day), "is_open": day == today}
    return render_template("my_groups.html", lines=lines, **words)


def _day_url(today: date, day: date | None) -> str:
    return _with({"day": None if day in (None, today) else str(day)})


def _with(changed: dict[str, str | None]) -> str:
    """Return the address of this page with some parameters changed; the others stay."""
    kept: dict[str, str | None] = {name: request.args.get(name) for name in _KEPT}
    return url_for("console.overview", **(kept | changed))  # type: ignore[arg-type]

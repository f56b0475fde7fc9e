"""First page: five numbers, units and groups worst first, 30 days of trend; `?unit=` goes down the tree."""

from collections.abc import Sequence
from datetime import date
from functools import partial

from flask import Blueprint, render_template, request, url_for

from monitor.clock import Clock, business_day
from monitor.days.readings import UnitRow
from monitor.units import Role
from monitor.usecases.incidents.desk import Incidents
from monitor.usecases.incidents.docket import load_board
from monitor.usecases.queries.questions import Queries
from web.auth import READERS, current_viewer, signed_in
from web.presenters.incidents import present_board
from web.presenters.overview import cut_page, present_group, present_overview
from web.presenters.tree_map import present_tiles
from web.presenters.unit_list import PARAMETERS, SIZES, SORTS, STATES, UnitFilter
from web.views.parameters import asked_day, asked_page
from web.wording import long_day_words, moment_words

_KEPT = ("unit", "day", "unit_page", "group_page", *PARAMETERS)


def add_overview(blueprint: Blueprint, queries: Queries, incidents: Incidents, clock: Clock) -> None:
    """Add the overview of the viewer's unit and of those below it."""

    @blueprint.get("/", endpoint="overview")
    @signed_in
    def _overview() -> str:
        viewer, now = current_viewer(), clock()
        today = business_day(now)
        day = asked_day(request.args.get("day"), today)
        if viewer.role is Role.GROUP_MANAGER:
            return _own_groups(queries, day, today)
        chosen, unit_page = UnitFilter.of(request.args), asked_page("unit_page")

        def shown(rows: Sequence[UnitRow]) -> Sequence[UnitRow]:
            return cut_page(chosen.choose(rows), unit_page, chosen.size)[0]

        overview = queries.overview(viewer, request.args.get("unit") or None, day, choose=shown)
        page = present_overview(
            overview, today, unit_page=unit_page, group_page=asked_page("group_page"), chosen=chosen
        )
        is_own = overview.unit.unit_id == viewer.unit_id and viewer.role in READERS
        due = queries.deadlines(viewer, overview.unit.code) if day == today else ()
        kept_day = None if page.day == today else page.day.isoformat()
        return render_template(
            "overview.html",
            page=page,
            chosen=chosen,
            choices={"state": STATES, "sort": SORTS, "size": {size: f"每页 {size}" for size in SIZES}},
            tiles=present_tiles(overview.rows, day, today),
            board=present_board(incidents.read(viewer, load_board), "", now) if is_own else None,
            deadlines=[(one.label, moment_words(one.due_at, today), one.due_at < now) for one in due],
            unit_url=lambda code: url_for("console.overview", unit=code, day=kept_day),
            group_url=lambda code: url_for("console.group", code=code, day=kept_day),
            rows_url=lambda key, code=page.unit.code: _rows_url(key, code, kept_day),
            day_url=partial(_day_url, today),
            page_url=lambda name, number: _with({name: str(number)}),
        )


def _rows_url(key: str, code: str, day: str | None) -> str:
    """Return the address of the rows that a number counts."""
    if key == "alerts":
        return url_for("console.alerts", unit=code)
    if key == "accounts":
        return url_for("console.accounts", unit=code, state="met", day=day)
    return url_for("console.groups", unit=code, state=key, day=day)


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

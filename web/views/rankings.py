"""排行: duty rates of one's own level over closed days, and the boards of the Guangdong assessment."""

from collections.abc import Callable, Mapping
from datetime import date

from flask import Blueprint, render_template, request

from monitor.clock import Clock, Period, business_day
from monitor.days.briefs import BriefKind, period_of
from monitor.errors import NotFound, OutOfScope
from monitor.index.periods import RunKind
from monitor.periods import last_month, last_week, this_month, this_week
from monitor.units import Viewer
from monitor.usecases.queries.questions import Queries
from web.auth import READERS, allowed, current_viewer
from web.presenters.overview import cut_page
from web.presenters.rankings import BoardPage, present_board, present_ranking
from web.views.parameters import asked_page, page_urls

PERIODS: Mapping[str, tuple[str, Callable[[date], Period]]] = {
    "week": ("本周", this_week),
    "last-week": ("上周", last_week),
    "month": ("本月", this_month),
    "last-month": ("上月", last_month),
}
BOARDS = {"duty": "群达标率", "wci-week": "公众号周榜", "wci-month": "公众号月榜", "total": "高校总分"}

_ROWS = 100


def add_rankings(blueprint: Blueprint, queries: Queries, clock: Clock) -> None:
    """Add the boards; which one a viewer may see is decided by the queries."""

    @blueprint.get("/rankings", endpoint="rankings")
    @allowed(READERS)
    def _rankings() -> str:
        viewer, today = current_viewer(), business_day(clock())
        board = request.args.get("board", "duty")
        board = board if board in BOARDS else "duty"
        chosen = request.args.get("period", "week")
        chosen = chosen if chosen in PERIODS else "week"
        kind = request.args.get("kind", "").strip()[:20]
        page = _duty_page(queries, viewer, today, chosen, kind) if board == "duty" else None
        if page is None:
            page = _school_page(queries, viewer, board)
        own = next((place for place, line in enumerate(page.lines) if line.is_own), 0)
        number = asked_page("page") if "page" in request.args else own // _ROWS + 1
        lines, part = cut_page(page.lines, number, _ROWS)  # at first the page with the own unit
        brief = BriefKind.WEEK if chosen.endswith("week") else BriefKind.MONTH
        return render_template(
            "rankings.html",
            page=page,
            lines=lines,
            slice=part,
            page_url=page_urls("rankings"),
            board=board,
            boards=BOARDS,
            periods=PERIODS,
            chosen=chosen,
            kind=kind,
            export_period=period_of(brief, PERIODS[chosen][1](today).last_day).label,
        )


def _duty_page(queries: Queries, viewer: Viewer, today: date, chosen: str, kind: str) -> BoardPage:
    return present_ranking(queries.ranking(viewer, PERIODS[chosen][1](today), kind), viewer.unit_id, today)


def _school_page(queries: Queries, viewer: Viewer, board: str) -> BoardPage:
    try:
        if board == "total":
            return present_board(queries.sheet_board(viewer), viewer.unit_id)
        kind = RunKind.WCI_WEEK if board == "wci-week" else RunKind.WCI_MONTH
        return present_board(queries.account_board(viewer, kind), viewer.unit_id)
    except (NotFound, OutOfScope) as error:  # nothing published yet is an empty board, not a wrong address
        return BoardPage(BOARDS[board], "", "", error.user_text, ())

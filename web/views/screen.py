"""The big screen (大屏) behind a link: a unit at a glance, on a wall; no session, no cookie, read only."""

from flask import Blueprint, Response, make_response, render_template, request, url_for

from monitor.clock import Clock, business_day
from monitor.console.screens import LinkKind
from monitor.usecases.console.shared_links import SharedLinkNotFound, SharedPages
from monitor.usecases.incidents.desk import Incidents
from monitor.usecases.incidents.docket import OPEN, load_board
from monitor.usecases.queries.questions import Queries
from web.auth import public
from web.limits import LINK, limited
from web.presenters.incidents import BADGES
from web.presenters.overview import present_overview
from web.views.secret_pages import keep_secret
from web.wording import moment_words

SECONDS = 60  # between two looks at the figures
ROWS = 12  # what a screen of 1080 lines shows without moving


def add_screen(
    blueprint: Blueprint, pages: SharedPages, queries: Queries, incidents: Incidents, clock: Clock
) -> None:
    """Add the page; a link that is over, revoked or unknown answers 404 alike."""

    @blueprint.get("/screen/<string(length=32):token>", endpoint="screen")
    @public
    @limited(LINK)
    def _screen(token: str) -> Response:
        theme = "light" if request.args.get("theme") == "light" else "dark"
        try:
            shared = pages.open(token, LinkKind.SCREEN)
        except SharedLinkNotFound as error:
            gone = render_template("screen_gone.html", theme=theme, words=error.user_text)
            return keep_secret(make_response(gone, 404))
        now = clock()
        today = business_day(now)
        board = incidents.read(shared.viewer, load_board)
        page = render_template(
            "screen.html",
            page=present_overview(queries.overview(shared.viewer), today),
            incidents=[(BADGES[one.state], len(one.incidents)) for one in board if one.state in OPEN],
            theme=theme,
            other_theme=url_for("console.screen", token=token, theme=None if theme == "light" else "light"),
            here=url_for("console.screen", token=token, theme="light" if theme == "light" else None),
            seconds=SECONDS,
            n_rows=ROWS,
            now_words=moment_words(now, today),
            until=moment_words(shared.link.expires_at, today),
        )
        return keep_secret(make_response(page))

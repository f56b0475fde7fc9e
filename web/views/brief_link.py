"""The brief (简报) behind a link of 24 hours: no session, no cookie, read only (requirement D.6)."""

from flask import Blueprint, Response, make_response, render_template, request

from monitor.clock import Clock, business_day
from monitor.usecases.oversight.brief_link import BriefPages
from reports.briefs import brief_document
from web.auth import public
from web.limits import LINK, limited
from web.views.secret_pages import keep_secret
from web.wording import moment_words


def add_brief_link(blueprint: Blueprint, pages: BriefPages, clock: Clock) -> None:
    """Add the page; a link that is over, revoked or unknown answers 404 alike."""

    @blueprint.get("/brief/<string(length=32):token>", endpoint="brief_link")
    @public
    @limited(LINK)
    def _page(token: str) -> Response:
        brief, expires_at = pages.open(token, request.args.get("period", ""))
        until = moment_words(expires_at, business_day(clock()))
        page = render_template("brief_link.html", document=brief_document(brief), brief=brief, until=until)
        return keep_secret(make_response(page))

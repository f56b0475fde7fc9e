"""Badges (徽章) behind links: one figure of a unit or group as a small picture for the unit's own page."""

from dataclasses import dataclass
from hashlib import sha256
from unicodedata import east_asian_width

from flask import Blueprint, Response, make_response, render_template, request

from monitor.clock import Clock, business_day, last_days
from monitor.console.screens import (
    WEEK,
    BadgeFigure,
    BadgeReading,
    LinkKind,
    read_group_badge,
    read_unit_badge,
)
from monitor.masking import shorten
from monitor.usecases.console.shared_links import Shared, SharedLinkNotFound, SharedPages
from monitor.usecases.queries.questions import Queries
from web.auth import public
from web.limits import LINK, limited
from web.views.secret_pages import keep_secret

_FRESH = 300  # seconds
_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"
_COLORS = {"met": "#0b6b52", "due": "#7d4f00", "info": "#1f4e8c", "nodata": "#46525f"}
_SYMBOLS = {"met": "✓", "due": "…", "nodata": "?"}
_LONGEST_NAME = 16
_PADDING = 10


@dataclass(frozen=True, slots=True)
class BadgePicture:
    """A badge as it is drawn: two fields of text with their widths, and its words."""

    left: str
    right: str
    left_width: int
    right_width: int
    color: str
    is_no_data: bool
    words: str


def present_badge(reading: BadgeReading) -> BadgePicture:
    """Lay out a badge; state by symbol and word, colour comes third."""
    left = f"{shorten(reading.name, _LONGEST_NAME)} {reading.label}"
    right = f"{_SYMBOLS.get(reading.look, '')} {reading.value} · {reading.span}".strip()
    words = f"{reading.name}{reading.label}：{reading.value}（{reading.span}）"
    color = _COLORS.get(reading.look, _COLORS["nodata"])
    return BadgePicture(left, right, _width(left), _width(right), color, reading.look == "nodata", words)


def add_badges(blueprint: Blueprint, pages: SharedPages, queries: Queries, clock: Clock) -> None:
    """Add the pictures; a link that is over, revoked or unknown answers 404 alike."""

    @blueprint.get("/badge/<string(length=32):token>.svg", endpoint="badge")
    @public
    @limited(LINK)
    def _badge(token: str) -> Response:
        try:
            shared = pages.open(token, LinkKind.BADGE)
        except SharedLinkNotFound as error:
            gone = make_response(error.user_text, 404)
            gone.mimetype = "text/plain"
            return keep_secret(gone)
        reading = _read(queries, shared, clock)
        response = make_response(render_template("badge.svg", badge=present_badge(reading)))
        response.mimetype = "image/svg+xml"
        response.headers["Content-Security-Policy"] = _POLICY
        response.headers["Cache-Control"] = f"public, max-age={_FRESH}"
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"  # units' own pages embed it
        response.set_etag(sha256(response.get_data()).hexdigest()[:32])
        keep_secret(response).make_conditional(request)
        return response


def _read(queries: Queries, shared: Shared, clock: Clock) -> BadgeReading:
    figure, viewer = BadgeFigure(shared.link.figure), shared.viewer
    if not shared.link.group_code:
        return read_unit_badge(figure, queries.unit_status(viewer))
    period = last_days(business_day(clock()), WEEK + 1)
    return read_group_badge(figure, queries.group_days(viewer, shared.link.group_code, period))


def _width(text: str) -> int:
    """Return how wide a text of 12 px is at most, with room on both sides."""
    wide = sum(12.5 if east_asian_width(character) in "WFA" else 7.5 for character in text)
    return round(wide) + 2 * _PADDING

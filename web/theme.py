"""Light, dark, or as the device has it (浅色、深色、跟随系统): a cookie, no script."""

from urllib.parse import urlsplit

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from web.auth import public, safe_next

THEMES = {"auto": "跟随系统", "light": "浅色", "dark": "深色"}
_COOKIE = "qingxun_theme"
_YEAR = 31_536_000  # seconds


def asked_theme() -> str:
    """Return the theme of this browser; "auto" for anything unknown."""
    theme = request.cookies.get(_COOKIE, "")
    return theme if theme in THEMES else "auto"


def add_theme(blueprint: Blueprint) -> None:
    """Add the switch at the foot of every page."""

    @blueprint.post("/theme", endpoint="theme")
    @public
    def _choose() -> Response:
        came_from = urlsplit(request.referrer or "")
        response = redirect(safe_next(f"{came_from.path}?{came_from.query}".rstrip("?")))
        theme = request.form.get("theme", "")
        kept = theme if theme in THEMES else "auto"
        response.set_cookie(_COOKIE, kept, max_age=_YEAR, samesite="Lax", secure=request.is_secure)
        return response

    blueprint.app_context_processor(lambda: {"themes": THEMES})

"""Who may open what: access declared per route, the session cookie, CSRF, the viewer of a request.

Every view carries `@public`, `@signed_in` or `@allowed(roles)`; one without is refused. Role and scope are
read from the database on each request, so a change or a lock takes effect at once.
"""

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    flash,
    g,
    redirect,
    request,
    session,
    url_for,
)
from flask.sessions import SecureCookieSessionInterface
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response as BaseResponse

from monitor.units import Role, Viewer
from monitor.usecases.people.sign_in import ABSOLUTE, Entry, SignIn, Visitor
from web.limits import Buckets

View = TypeVar("View", bound=Callable[..., Any])
COOKIE = "qingxun_session"
Access = frozenset[Role] | None  # the roles that may enter; None lets strangers in
PUBLIC: Access = None
SIGNED_IN: Access = frozenset(Role)
ADMINS = frozenset((Role.INSPECTOR, Role.UNIT_ADMIN, Role.BRANCH_ADMIN))
READERS = ADMINS | {Role.LEADER}
INSPECTORS = frozenset((Role.INSPECTOR,))
PROVINCE = frozenset((Role.INSPECTOR, Role.LEADER))
OPERATORS = frozenset((Role.OPERATOR,))
SCHOOL_ADMINS = frozenset((Role.INSPECTOR, Role.UNIT_ADMIN))
OWN_ASSESSORS = frozenset((Role.UNIT_ADMIN,))
_csrf = CSRFProtect()


def public(view: View) -> View:
    """Declare that a view needs no session."""
    view.access = PUBLIC  # type: ignore[attr-defined]
    return view


def signed_in(view: View) -> View:
    """Declare that a view needs a session; its data still passes the scope of the viewer."""
    view.access = SIGNED_IN  # type: ignore[attr-defined]
    return view


def allowed(roles: frozenset[Role]) -> Callable[[View], View]:
    """Declare that a view needs a session of one of these roles; its data still passes the scope."""

    def _declare(view: View) -> View:
        view.access = roles  # type: ignore[attr-defined]
        return view

    return _declare


def is_declared(view: Callable[..., Any]) -> bool:
    """Tell whether anybody has declared who may open a view."""
    return hasattr(view, "access")


def access_of(view: Callable[..., Any]) -> Access:
    """Return the declared access of a view. Raises: AttributeError if nobody declared it."""
    access: Access = view.access  # type: ignore[attr-defined]
    return access


def may_open(endpoint: str, role: Role | None) -> bool:
    """Tell whether a role, or a stranger (None), may open a view."""
    view = current_app.view_functions.get(endpoint)
    if view is None or not is_declared(view):
        return False
    access = access_of(view)
    return access is None or role in access


def guard(blueprint: Blueprint, sign_in: SignIn, buckets: Buckets) -> None:
    """Put access and CSRF checks and the limits of calls in front of every view of a blueprint."""

    @blueprint.before_request
    def _admit() -> BaseResponse | None:
        _csrf.protect()
        view = current_app.view_functions[request.endpoint or ""]
        if not is_declared(view):
            abort(403)
        token = request.cookies.get(COOKIE, "")
        g.visitor = sign_in.resume(token) if token else None
        access = access_of(view)
        if access is not None and g.visitor is None:
            return _ask_to_sign_in()
        if access is not None and g.visitor.viewer.role not in access:
            abort(403)
        _require_pace(view, buckets)
        return None


def _require_pace(view: Callable[..., Any], buckets: Buckets) -> None:
    """Let a call through its limit, or answer 429 with the time to wait."""
    found = buckets.limit_of(view)
    if found is None:
        return
    name, limit = found
    visitor: Visitor | None = g.visitor
    who = visitor.viewer.identity if limit.by_person and visitor else request.remote_addr or ""
    seconds = buckets.take(name, who)
    if seconds:
        raise TooManyRequests(retry_after=seconds)


def install_csrf(app: Flask) -> None:
    """Prepare CSRF tokens; only guarded blueprints demand them, webhooks have signatures instead."""
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    app.config["WTF_CSRF_TIME_LIMIT"] = None  # a token lives as long as the browser session it is bound to
    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
    app.config["SESSION_COOKIE_NAME"] = "qingxun_form"
    app.session_interface = _FormCookie()
    _csrf.init_app(app)


def current_visitor() -> Visitor | None:
    """Return the signed-in person, or None on public pages."""
    visitor: Visitor | None = g.get("visitor")
    return visitor


def current_viewer() -> Viewer:
    """Return the viewer of a signed-in view."""
    visitor: Visitor = g.visitor
    return visitor.viewer


def begin_session(response: BaseResponse, entry: Entry) -> None:
    """Set the cookie of a fresh session; nothing of the anonymous one survives."""
    session.clear()
    set_cookie(response, COOKIE, entry.token, int(ABSOLUTE.total_seconds()))


def end_session(response: BaseResponse, sign_in: SignIn) -> None:
    """Forget the session in the database and in the browser."""
    sign_in.leave(request.cookies.get(COOKIE, ""))
    session.clear()
    clear_cookie(response, COOKIE)


def set_cookie(response: BaseResponse, name: str, value: str, seconds: int) -> None:
    """Set a cookie that no script reads and no other site sends; Secure whenever the request is https."""
    secure = request.is_secure
    response.set_cookie(name, value, max_age=seconds, httponly=True, samesite="Lax", secure=secure)


def clear_cookie(response: BaseResponse, name: str) -> None:
    """Take a cookie of `set_cookie` back."""
    response.delete_cookie(name, httponly=True, samesite="Lax", secure=request.is_secure)


def here_from() -> dict[str, str]:
    """Return what a session remembers of the browser: its own words, and its address."""
    return {"user_agent": request.headers.get("User-Agent", ""), "address": request.remote_addr or ""}


def safe_next(target: str) -> str:
    """Return a path of this site to go to after sign-in; the overview for anything else."""
    home = url_for("console.overview")
    if not target.startswith("/") or target.startswith("//") or "\\" in target or not target.isprintable():
        return home
    parts = urlsplit(target)
    return home if parts.scheme or parts.netloc else target


def _ask_to_sign_in() -> BaseResponse:
    """Lead to the sign-in page and back; a fragment request moves the whole page.

    Whoever was signed in until now is told once that it ended, or would take it for a fault.
    """
    has_ended = COOKIE in request.cookies
    if has_ended:
        flash("登录已结束（超时、在别处退出或权限已调整），请重新登录")
    response = _to_sign_in()
    if has_ended:
        clear_cookie(response, COOKIE)
    return response


def _to_sign_in() -> BaseResponse:
    if "HX-Request" in request.headers:
        here = urlsplit(request.headers.get("HX-Current-URL", ""))
        target = url_for(
            "console.sign_in_page", next=f"{here.path}?{here.query}" if here.query else here.path
        )
        return Response(status=401, headers={"HX-Redirect": target})
    here_path = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("console.sign_in_page", next=here_path))


class _FormCookie(SecureCookieSessionInterface):
    """Flask's own cookie (CSRF secret, notices of one request), Secure whenever the request is https."""

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure

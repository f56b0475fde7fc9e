"""The console as the composition root sees it: one call that adds pages, sessions and headers to the app.

    register_console(app, ConsoleServices(queries=…, …), secret_key=…)

Behind a proxy the app needs werkzeug's ProxyFix, or cookies are not marked Secure.
"""

from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Flask, request
from werkzeug.wrappers import Response

from monitor.clock import Clock
from monitor.usecases.assess import Assessments
from monitor.usecases.exports import Exports
from monitor.usecases.incident_desk import Incidents
from monitor.usecases.query import Queries
from monitor.usecases.rule_changes import RuleChanges
from monitor.usecases.rules import RuleSource
from monitor.usecases.sign_in import SignIn
from monitor.usecases.spot_check_desk import SpotChecks
from web.auth import current_visitor, guard, install_csrf, may_open
from web.navigation import Section, open_sections
from web.theme import add_theme, asked_theme
from web.views.assess import SheetDesk, add_assess, add_assess_entries
from web.views.assess_acts import add_assess_acts
from web.views.assets import add_assets
from web.views.errors import add_error_pages
from web.views.group import add_group
from web.views.incidents import add_incidents
from web.views.index import add_index
from web.views.overview import add_overview
from web.views.rankings import add_rankings
from web.views.reports import add_brief, add_reports
from web.views.rules import add_rules, add_trials
from web.views.search import add_search
from web.views.sign_in import add_sign_in
from web.views.spot_checks import add_spot_check_acts, add_spot_checks
from web.views.visits import add_visits

_HERE = Path(__file__).parent
# style-src-attr: ECharts and the bars set style attributes; no other inline style or script is let through.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; "
    "img-src 'self' data:; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class ConsoleServices:
    """What the pages need from the rest."""

    queries: Queries
    assessments: Assessments
    incidents: Incidents
    exports: Exports
    spot_checks: SpotChecks
    rules: RuleSource
    rule_changes: RuleChanges
    sign_in: SignIn
    clock: Clock


def register_console(app: Flask, services: ConsoleServices, *, secret_key: str) -> None:
    """Add the console to an app: blueprint `console`, CSRF for its forms, error pages, security headers.

    Args:
        secret_key: signs the cookie of CSRF and notices; the same in every process.
    """
    app.secret_key = secret_key
    install_csrf(app)
    blueprint = Blueprint("console", __name__, template_folder=str(_HERE / "templates"))
    guard(blueprint, services.sign_in)
    add_assets(blueprint, _HERE / "static")
    add_sign_in(blueprint, services.sign_in, services.clock)
    _add_watching(blueprint, services)
    _add_inspecting(blueprint, services)
    _add_assessing(blueprint, services)
    add_reports(blueprint, services.exports, services.clock)
    add_brief(blueprint, services.queries, services.clock)
    _add_rules(blueprint, services)
    add_theme(blueprint)
    add_error_pages(blueprint)
    blueprint.app_context_processor(_frame)
    app.register_blueprint(blueprint)
    app.after_request(_secure)


def _add_inspecting(blueprint: Blueprint, services: ConsoleServices) -> None:
    """Add the rooms of 督导."""
    for add in (add_spot_checks, add_spot_check_acts, add_visits):
        add(blueprint, services.spot_checks, services.clock)


def _add_watching(blueprint: Blueprint, services: ConsoleServices) -> None:
    """Add the rooms of 监测."""
    add_overview(blueprint, services.queries, services.clock)
    add_group(blueprint, services.queries, services.clock)
    add_incidents(blueprint, services.incidents, services.clock)
    add_search(blueprint, services.queries)


def _add_assessing(blueprint: Blueprint, services: ConsoleServices) -> None:
    """Add the rooms of 考评."""
    desk = SheetDesk(services.assessments, services.clock)
    for add in (add_assess, add_assess_entries, add_assess_acts):
        add(blueprint, desk)
    add_index(blueprint, services.queries, services.clock)
    add_rankings(blueprint, services.queries, services.clock)


def _add_rules(blueprint: Blueprint, services: ConsoleServices) -> None:
    """Add the rooms of 规则."""
    add_rules(blueprint, services.queries, services.rule_changes)
    add_trials(blueprint, services.assessments, services.rules, services.queries, services.clock)


def _frame() -> dict[str, object]:
    """Return what the frame of every page shows: who is signed in, their menu, where they are."""
    visitor = current_visitor()
    sections: list[Section] = []
    if visitor:
        role = visitor.viewer.role
        sections = open_sections(lambda endpoint: may_open(f"console.{endpoint}", role))
    here = (request.endpoint or "").removeprefix("console.")
    may_search = visitor is not None and may_open("console.search", visitor.viewer.role)
    frame = {"visitor": visitor, "sections": sections, "here": here, "theme": asked_theme()}
    return {**frame, "may_search": may_search}


def _secure(response: Response) -> Response:
    """Set the security headers; what a view has set itself stays."""
    response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Cache-Control", "no-store")
    return response

"""The console as the composition root sees it: one call that adds pages, sessions and headers to the app.

    register_console(app, ConsoleServices(queries=…, …), secret_key=…)

Behind a proxy the app needs werkzeug's ProxyFix, or cookies are not marked Secure.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from flask import Blueprint, Flask, request
from werkzeug.wrappers import Response

from monitor.clock import Clock
from monitor.usecases.assessment.sheets import Assessments
from monitor.usecases.console.saved_views import SavedViews
from monitor.usecases.console.shared_links import SharedPages
from monitor.usecases.days.self_reporting import SelfReports
from monitor.usecases.days.signals import Signals
from monitor.usecases.delivery.notifications import Notifications
from monitor.usecases.incidents.desk import Incidents
from monitor.usecases.learning.lexicons import Lexicons
from monitor.usecases.learning.override_relevance import RelevanceDesk
from monitor.usecases.learning.versions import ModelDesk
from monitor.usecases.ledger.desk import Ledger
from monitor.usecases.operations.exports import Exports
from monitor.usecases.operations.system_desk import SystemDesk
from monitor.usecases.oversight.brief_link import BriefPages
from monitor.usecases.oversight.desk import Oversight
from monitor.usecases.people.entrances import Entrances
from monitor.usecases.queries.questions import Queries
from monitor.usecases.rules.changes import RuleChanges
from monitor.usecases.rules.in_force import RuleSource
from monitor.usecases.spot_checks.desk import SpotChecks
from monitor.usecases.weekly.desk import WeeklyReports
from web.auth import current_visitor, guard, install_csrf, may_open
from web.limits import LIMITS, Buckets, Limit
from web.navigation import Section, open_sections
from web.theme import add_theme, asked_theme
from web.views.announcements import add_announcement, add_announcements, banner_of
from web.views.assess import SheetDesk, add_assess, add_assess_entries
from web.views.assess_acts import add_assess_acts
from web.views.assets import add_assets
from web.views.badges import add_badges
from web.views.brief_link import add_brief_link
from web.views.contacts import add_contacts, add_feedback
from web.views.dictionaries import add_dictionaries
from web.views.errors import add_error_pages
from web.views.group import add_group
from web.views.incidents import add_incidents
from web.views.index import add_index
from web.views.ledger import add_ledger
from web.views.ledger_acts import add_ledger_acts
from web.views.lexicon import add_lexicon, add_lexicon_acts
from web.views.lists import add_lists
from web.views.lower import add_lower
from web.views.managers import add_approvals, add_managers
from web.views.model import add_model
from web.views.operations import add_operations, add_pushes
from web.views.overview import add_overview
from web.views.parameters import NumberConverter
from web.views.rankings import add_rankings
from web.views.registers import add_register_entry, add_registers
from web.views.relevance import add_relevance
from web.views.reminders import add_reminders
from web.views.reports import add_brief, add_reports
from web.views.rules import add_rules, add_trials
from web.views.saved_views import add_saved_views
from web.views.screen import add_screen
from web.views.search import add_search
from web.views.security import add_own_sessions, add_security
from web.views.self_reports import add_self_reports
from web.views.shares import add_shares
from web.views.sign_in import add_second_step, add_sign_in
from web.views.sign_in_elsewhere import add_chat_sign_in, add_wechat_sign_in
from web.views.signals import add_findings, add_signals
from web.views.spot_checks import add_spot_check_acts, add_spot_check_answers, add_spot_checks
from web.views.system import add_audit, add_system_sessions
from web.views.users import add_user_acts, add_users
from web.views.videos import add_videos
from web.views.visits import add_visits
from web.views.weekly import add_weekly

_HERE = Path(__file__).parent
_HTTPS_ONLY = 31_536_000  # seconds: a browser that came by https once does so for a year
# style-src-attr: ECharts and the bars set style attributes; no other inline style or script is let through.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; "
    "img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class ConsoleServices:
    """What the pages need from the rest."""

    queries: Queries
    assessments: Assessments
    incidents: Incidents
    ledger: Ledger
    exports: Exports
    spot_checks: SpotChecks
    weekly: WeeklyReports
    self_reports: SelfReports
    rules: RuleSource
    rule_changes: RuleChanges
    lexicons: Lexicons
    models: ModelDesk
    signals: Signals
    relevance: RelevanceDesk
    entrances: Entrances
    system: SystemDesk
    oversight: Oversight
    notifications: Notifications
    brief_pages: BriefPages
    shared_pages: SharedPages
    saved_views: SavedViews
    clock: Clock
    public_url: str
    is_dry_run: bool = False
    limits: Mapping[str, Limit] = field(default_factory=lambda: LIMITS)


def register_console(app: Flask, services: ConsoleServices, *, secret_key: str) -> None:
    """Add the console to an app: blueprint `console`, CSRF for its forms, error pages, security headers.

    Args:
        secret_key: signs the cookie of CSRF and notices; the same in every process.
    """
    app.secret_key = secret_key
    app.url_map.converters["int"] = NumberConverter
    install_csrf(app)
    blueprint = Blueprint("console", __name__, template_folder=str(_HERE / "templates"))
    guard(blueprint, services.entrances.sign_in, Buckets(services.clock, services.limits))
    add_saved_views(blueprint, services.saved_views)  # after the guard: a default opens for who may enter
    add_assets(blueprint, _HERE / "static")
    _add_entrances(blueprint, services)
    _add_watching(blueprint, services)
    _add_inspecting(blueprint, services)
    _add_assessing(blueprint, services)
    add_reports(blueprint, services.exports, services.clock)
    add_brief_link(blueprint, services.brief_pages, services.clock)  # before the page of a period
    add_brief(blueprint, services.queries, services.clock)
    _add_shared(blueprint, services)
    _add_rules(blueprint, services)
    _add_learning(blueprint, services)
    _add_system(blueprint, services)
    add_theme(blueprint)
    add_error_pages(blueprint, lambda place, error: services.oversight.errors.keep(place, error))
    blueprint.app_context_processor(_frame)
    unread = banner_of(services.oversight, services.clock)
    blueprint.app_context_processor(lambda: {"unread_announcements": unread})
    app.register_blueprint(blueprint)
    app.after_request(_secure)


def _add_learning(blueprint: Blueprint, services: ConsoleServices) -> None:
    """Add the rooms of 词库, 模型 and 数据可信提示."""
    for add in (add_lexicon, add_lexicon_acts):
        add(blueprint, services.lexicons, services.clock)
    add_model(blueprint, services.models, services.clock, is_dry_run=services.is_dry_run)
    add_signals(blueprint, services.signals, services.clock)
    add_findings(blueprint, services.signals, services.clock)


def _add_inspecting(blueprint: Blueprint, services: ConsoleServices) -> None:
    """Add the rooms of 督导."""
    for add in (add_spot_checks, add_spot_check_acts, add_spot_check_answers, add_visits):
        add(blueprint, services.spot_checks, services.clock)
    add_weekly(blueprint, services.weekly, services.clock)
    for add_register in (add_registers, add_register_entry):
        add_register(blueprint, services.oversight, services.clock)
    add_reminders(blueprint, services.oversight, services.notifications, services.clock)
    add_self_reports(blueprint, services.self_reports, services.clock)
    for add_room in (add_ledger, add_ledger_acts, add_managers, add_approvals):
        add_room(blueprint, services.ledger, services.clock)


def _add_watching(blueprint: Blueprint, services: ConsoleServices) -> None:
    """Add the rooms of 监测."""
    add_overview(blueprint, services.queries, services.incidents, services.clock)
    add_lists(blueprint, services.queries, services.clock)
    add_group(blueprint, services.queries, services.signals, services.clock)
    add_relevance(blueprint, services.relevance, services.clock)
    add_incidents(blueprint, services.incidents, services.clock)
    add_search(blueprint, services.queries)


def _add_assessing(blueprint: Blueprint, services: ConsoleServices) -> None:
    """Add the rooms of 考评."""
    desk = SheetDesk(services.assessments, services.clock)
    for add in (add_assess, add_assess_entries, add_assess_acts):
        add(blueprint, desk)
    add_lower(blueprint, services.assessments, services.clock)
    add_index(blueprint, services.queries, services.clock)
    for add_room in (add_contacts, add_feedback, add_videos):
        add_room(blueprint, services.oversight, services.clock)
    add_rankings(blueprint, services.queries, services.clock)


def _add_shared(blueprint: Blueprint, services: ConsoleServices) -> None:
    """Add what opens by a link, and the room where links are made."""
    pages, queries, clock = services.shared_pages, services.queries, services.clock
    add_screen(blueprint, pages, queries, services.incidents, clock)
    add_badges(blueprint, pages, queries, clock)
    add_shares(blueprint, services.oversight, clock, services.public_url)


def _add_rules(blueprint: Blueprint, services: ConsoleServices) -> None:
    """Add the rooms of 规则."""
    add_rules(blueprint, services.queries, services.rule_changes)
    add_trials(blueprint, services.assessments, services.rules, services.queries, services.clock)


def _add_entrances(blueprint: Blueprint, services: ConsoleServices) -> None:
    """Add the ways in, and the page of one's own account."""
    entrances, clock = services.entrances, services.clock
    for add in (add_sign_in, add_second_step, add_chat_sign_in):
        add(blueprint, entrances, clock)
    add_wechat_sign_in(blueprint, entrances, clock, services.public_url)
    add_security(blueprint, entrances.second_factor, services.system.sessions, clock)
    add_own_sessions(blueprint, services.system.sessions)


def _add_system(blueprint: Blueprint, services: ConsoleServices) -> None:
    """Add the rooms of 系统."""
    for add in (add_users, add_user_acts):
        add(blueprint, services.system.administration, services.queries, services.clock)
    add_system_sessions(blueprint, services.system.sessions, services.clock)
    add_audit(blueprint, services.system.trail, services.clock)
    for add_room in (add_announcements, add_announcement):
        add_room(blueprint, services.oversight, services.clock)
    add_dictionaries(blueprint, services.oversight)
    add_operations(blueprint, services.oversight, services.clock)
    add_pushes(blueprint, services.notifications, services.clock)


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
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Cache-Control", "no-store")
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", f"max-age={_HTTPS_ONLY}")
    return response

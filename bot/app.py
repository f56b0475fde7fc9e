"""The composition root of the web side: Flask application, webhooks, console, read API, health.

Flask serves everything; in front of it the fast lane answers the hot POSTs by the same function.
"""

import os
from hmac import compare_digest
from pathlib import Path
from typing import Any

from flask import Flask, Response, request
from werkzeug.middleware.proxy_fix import ProxyFix

from bot.api.reading import read_api
from bot.fast_lane import FastLane, WsgiApp, answer_environ
from bot.health import add_health
from bot.logs import configure_logs
from bot.services import Services, build_services, retention_of
from bot.settings import CONFIG_VARIABLE, JOBS_VARIABLE, Secrets, load_settings
from bot.webhook import MAX_BATCH_BYTES
from monitor.units import Viewer
from monitor.usecases.console.saved_views import SavedViews
from monitor.usecases.console.shared_links import SharedPages
from monitor.usecases.days.self_reporting import SelfReports
from monitor.usecases.delivery.notifications import Notifications
from monitor.usecases.operations.system_desk import build_system_desk
from monitor.usecases.oversight.brief_link import BriefPages
from monitor.usecases.weekly.desk import WeeklyReports
from web.console import ConsoleServices, register_console


def create_app(services: Services) -> Flask:
    """Return the Flask application."""
    app = Flask("qingxun", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BATCH_BYTES + 1
    _add_webhooks(app, services)
    app.register_blueprint(read_api(services.desks.queries, _viewer_for(services)))
    add_health(app, services)
    console = ConsoleServices(
        queries=services.desks.queries,
        assessments=services.desks.assessments,
        incidents=services.desks.incidents,
        ledger=services.desks.ledger,
        exports=services.desks.exports,
        spot_checks=services.desks.spot_checks,
        weekly=WeeklyReports(services.database, services.clock, services.rules),
        self_reports=SelfReports(services.database, services.clock, services.desks.incidents.folder),
        rules=services.rules,
        rule_changes=services.desks.rule_changes,
        lexicons=services.desks.lexicons,
        models=services.desks.models,
        signals=services.desks.signals,
        relevance=services.desks.relevance,
        is_dry_run=services.settings.classify.dry_run,
        entrances=services.entrances,
        system=build_system_desk(
            services.database, services.clock, services.sign_in, retention_of(services.settings)
        ),
        clock=services.clock,
        oversight=services.oversight,
        notifications=Notifications(services.database, services.clock),
        brief_pages=BriefPages(services.database, services.desks.queries, services.clock),
        shared_pages=SharedPages(services.database, services.clock),
        saved_views=SavedViews(services.database, services.clock),
        public_url=services.settings.server.public_url,
    )
    register_console(app, console, secret_key=services.secret_key)
    return app


def create_wsgi(services: Services) -> WsgiApp:
    """Return what a server runs: Flask behind the proxy's headers, the fast lane in front."""
    app = create_app(services)
    inner: Any = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)
    return FastLane(inner, services.webhooks) if services.settings.server.fast_lane else inner


def build_from_environment() -> WsgiApp:
    """Build what the environment names, with the jobs if it says so: the whole of a worker process."""
    configure_logs()
    settings = load_settings(Path(os.environ.get(CONFIG_VARIABLE, "config.toml")))
    services = build_services(settings, Secrets(settings.mode))
    if os.environ.get(JOBS_VARIABLE) == "1":
        services.jobs.start()
    return create_wsgi(services)


def _add_webhooks(app: Flask, services: Services) -> None:
    """Serve the webhooks through Flask; the same answers as through the fast lane."""

    def callback(**_: str) -> Response:
        answer = answer_environ(services.webhooks, request.environ)
        response = Response(answer.body, answer.status, content_type=answer.content_type)
        if not answer.body:
            response.headers.pop("Content-Type", None)
        return response

    for rule in ("/wechat/<key>", "/wecom/<key>"):
        app.add_url_rule(rule, f"callback {rule}", callback, methods=["GET", "POST"])
    for rule in ("/onebot/<key>", "/bridge/<key>", "/api/v1/posts", "/api/v1/facts"):
        app.add_url_rule(rule, f"callback {rule}", callback, methods=["POST"])


def _viewer_for(services: Services) -> Any:
    def viewer_for(token: str) -> Viewer | None:
        found = None
        for known, viewer in services.api_viewers.items():
            if compare_digest(known.encode(), token.encode("utf-8", "replace")):
                found = viewer
        return found

    return viewer_for

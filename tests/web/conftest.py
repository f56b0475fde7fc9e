"""Fixtures of the console: a filled SQLite database, the app on it, signed-in clients."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from monitor.classify.engine import shared_classifier
from monitor.store.assessment.evidence import EvidenceFolder
from monitor.store.database import Database
from monitor.store.operations.export_folder import ExportFolder
from monitor.usecases.assessment.sheets import Assessments
from monitor.usecases.console.saved_views import SavedViews
from monitor.usecases.console.shared_links import SharedPages
from monitor.usecases.days.self_reporting import SelfReports
from monitor.usecases.days.signals import Signals
from monitor.usecases.delivery.notifications import Notifications
from monitor.usecases.incidents.desk import Incidents
from monitor.usecases.learning.fresh_classifier import FreshClassifier
from monitor.usecases.learning.lexicons import Lexicons
from monitor.usecases.learning.override_relevance import RelevanceDesk
from monitor.usecases.learning.versions import ModelDesk
from monitor.usecases.ledger.desk import Ledger
from monitor.usecases.operations.exports import Exports
from monitor.usecases.operations.premises import Premises
from monitor.usecases.operations.system_desk import build_system_desk
from monitor.usecases.oversight.brief_link import BriefPages
from monitor.usecases.oversight.desk import Office, Oversight
from monitor.usecases.people.entrances import build_entrances
from monitor.usecases.people.sign_in import SignIn
from monitor.usecases.people.wechat_sign_in import WeChatGate
from monitor.usecases.queries.questions import Queries
from monitor.usecases.rules.changes import RuleChanges
from monitor.usecases.rules.in_force import RuleSource
from monitor.usecases.spot_checks.desk import SpotChecks
from monitor.usecases.weekly.desk import WeeklyReports
from scoring.rulebook import Rulebook, load_rulebook
from tests.cast import settle
from tests.conftest import FrozenClock
from tests.web.filling import PASSWORD, fill
from web.console import ConsoleServices, register_console
from web.limits import LIMITS, Limit

# One test each proves the real costs and their timing; the others need not wait for argon2.
QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


@pytest.fixture(scope="session")
def rulebook() -> Rulebook:
    return load_rulebook()


@pytest.fixture(scope="session")
def filled_template(
    sqlite_template: Path, rulebook: Rulebook, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A SQLite file with a year of days, made once and copied by tests."""
    file = tmp_path_factory.mktemp("filled") / "filled.db"
    file.write_bytes(sqlite_template.read_bytes())
    database = Database(f"sqlite:///{file}")
    fill(database, settle(database), SignIn(database, FrozenClock(), QUICK), rulebook)
    with database.reading() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return file


@pytest.fixture
def filled(filled_template: Path, tmp_path: Path) -> Iterator[Database]:
    file = tmp_path / "filled.db"
    file.write_bytes(filled_template.read_bytes())
    database = Database(f"sqlite:///{file}")
    yield database
    database.close()


PATIENT = {name: Limit(1_000_000, 1) for name in LIMITS}  # the limits themselves have tests of their own


def make_app(
    database: Database,
    clock: FrozenClock,
    rulebook: Rulebook,
    folder: Path | None = None,
    *,
    gates: Mapping[str, WeChatGate] | None = None,
    limits: Mapping[str, Limit] = PATIENT,
) -> Flask:
    app = Flask("tests.console")
    sign_in = SignIn(database, clock, QUICK)
    rules = RuleSource()
    queries = Queries(database, rules, clock)
    kept = EvidenceFolder(folder) if folder else None
    premises = Premises(database.url, "hn-2013", shared_classifier)
    services = ConsoleServices(
        queries=queries,
        assessments=Assessments(database, clock, folder=kept),
        incidents=Incidents(database, clock, rules, kept),
        ledger=Ledger(database, clock, rules),
        exports=Exports(database, clock, ExportFolder((folder or Path("var")) / "exports")),
        spot_checks=SpotChecks(database, clock, rules),
        weekly=WeeklyReports(database, clock, rules),
        self_reports=SelfReports(database, clock, kept),
        rules=rules,
        rule_changes=RuleChanges(database, rules, clock),
        lexicons=Lexicons(database, clock, FreshClassifier(database, shared_classifier())),
        models=ModelDesk(database, clock),
        signals=Signals(database, clock),
        relevance=RelevanceDesk(database, clock),
        entrances=build_entrances(database, clock, sign_in, "test-secret", gates or {}),
        system=build_system_desk(database, clock, sign_in),
        clock=clock,
        oversight=Oversight(database, clock, Office(rules, premises=premises)),
        notifications=Notifications(database, clock),
        brief_pages=BriefPages(database, queries, clock),
        shared_pages=SharedPages(database, clock),
        saved_views=SavedViews(database, clock),
        public_url="http://localhost",
        limits=limits,
    )
    register_console(app, services, secret_key="test-secret")
    return app


@pytest.fixture
def app(filled: Database, clock: FrozenClock, rulebook: Rulebook, tmp_path: Path) -> Flask:
    return make_app(filled, clock, rulebook, tmp_path / "evidence")


Login = Callable[..., FlaskClient]


@pytest.fixture
def login(app: Flask) -> Login:
    """Sign a client in as one of the filled users."""

    def _login(name: str, password: str = PASSWORD) -> FlaskClient:
        client = app.test_client()
        response = enter(client, name, password)
        assert response.status_code == 302, response.text
        return client

    return _login


def enter(client: FlaskClient, name: str, password: str, **fields: str) -> TestResponse:
    """Fill in the sign-in form as a browser does."""
    token = csrf_token(client.get("/sign-in").text)
    return client.post("/sign-in", data={"csrf_token": token, "name": name, "password": password, **fields})


def csrf_token(html: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', html)
    assert found
    return found[1]

"""Every route with values that nobody types: an answer in Chinese, never an error of ours, nothing changed.

Made from the route table; the names of parameters are what the views themselves ask for.
"""

import itertools
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from flask import Flask, Request, has_request_context, request
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from monitor.store.database import Database
from monitor.store.tables import Table
from monitor.units import Role
from monitor.usecases.people.sign_in import SignIn
from tests.conftest import FrozenClock
from tests.web.conftest import QUICK, Login, csrf_token
from tests.web.filling import PASSWORD
from web.auth import access_of
from web.forms import Form

HOSTILE = (
    "a%00b", "%ED%A0%80", "%E2%80%AE%E2%81%A6", "%27%20OR%201=1--", "..%2F..%2Fetc%2Fpasswd", "9" * 5000,
    "9223372036854775808", "-1", "0", "NaN", "0001-01-01", "9999-12-31", "2026-02-30", "0001-W01", "9999-W53",
    "9999", "0001-01", "9999-12", "%0D%0AX-Evil:1", "%C2%B2", "%E0%A5%A7", "<script>alert(1)</script>", "",
)  # fmt: skip
"""As written into an address: NUL, a lone surrogate, direction marks, SQL, paths, numbers, dates, lines."""
PART = "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n"
FORM = "application/x-www-form-urlencoded"
BROWSER = {"Accept": "text/html"}
SAMPLES = {"code": "LC0001", "day": "2026-11-19", "year": "2026", "week": "2026-W46", "month": "2026-10"}
_CHINESE = re.compile("[\u4e00-\u9fff]")
_PLACE = re.compile(r"<(?:[^:>]*:)?(\w+)>")


class Listening(ImmutableMultiDict[str, str]):
    """The fields of a request; remembers what each view asks for."""

    asked: ClassVar[dict[str, set[str]]] = defaultdict(set)

    def __getitem__(self, key: Any) -> Any:
        self.asked[request.endpoint or ""].add(key)
        return super().__getitem__(key)

    def get(self, key: Any, *args: Any, **options: Any) -> Any:
        self.asked[request.endpoint or ""].add(key)
        return super().get(key, *args, **options)

    def __contains__(self, key: object) -> bool:
        self.asked[request.endpoint or ""].add(str(key))
        return super().__contains__(key)


class ListeningRequest(Request):
    """A request whose parameters tell which of them are read."""

    parameter_storage_class = Listening


@pytest.fixture
def clients(filled: Database, clock: FrozenClock, login: Login) -> dict[Role, FlaskClient]:
    """The province's inspector, a city, its leader and an operator, signed in."""
    sign_in = SignIn(filled, clock, QUICK)
    sign_in.save_user("operator", PASSWORD, Role.OPERATOR, "QS")
    names = {Role.INSPECTOR: "province", Role.UNIT_ADMIN: "luchuan", Role.OPERATOR: "operator"}
    return {role: login(name) for role, name in names.items()}


def routes_of(
    app: Flask, method: str, clients: dict[Role, FlaskClient]
) -> Iterator[tuple[Rule, FlaskClient]]:
    """Yield the routes of a method, each with somebody whom it admits."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("console.") and method in (rule.methods or ()):
            access = access_of(app.view_functions[rule.endpoint])
            role = next(role for role in clients if access is None or role in access)
            yield rule, clients[role]


def address_of(rule: Rule, **places: str) -> str:
    return _PLACE.sub(lambda found: places.get(found[1], SAMPLES.get(found[1], "1")), rule.rule)


def require_calm(case: tuple[str, ...], response: TestResponse) -> None:
    """Fail for an error of ours, a traceback, or a refusal without Chinese words."""
    said = response.text if (response.mimetype or "").startswith("text/") else ""
    assert (*case, response.status_code < 500) == (*case, True), said[:300]
    assert "Traceback" not in said, case
    assert "X-Evil" not in response.headers, case
    if response.status_code >= 400 and "assets" not in case[0]:
        assert _CHINESE.search(said), (*case, response.status_code, said[:200])


def shuffled(values: tuple[str, ...]) -> Iterator[list[str]]:
    """Deal the values out, a sixth at a time: each place gets some, all places together get all."""
    for start in itertools.count():
        yield list(values[start % 6 :: 6])


def count_rows(database: Database) -> dict[str, int]:
    """Return how many rows each table has, but for what every request writes."""
    tables = [
        one for one in Table.metadata.sorted_tables if one.name not in {"console_session", "error_event"}
    ]
    with database.reading() as connection:
        return {
            one.name: connection.execute(select(func.count()).select_from(one)).scalar_one() for one in tables
        }


def test_no_value_of_an_address_breaks_a_page(app: Flask, clients: dict[Role, FlaskClient]) -> None:
    app.request_class = ListeningRequest
    n_asked, hands = 0, shuffled(HOSTILE)
    for rule, client in routes_of(app, "GET", clients):
        for place in _PLACE.findall(rule.rule):
            for value in filter(None, next(hands)):
                address = address_of(rule, **{place: value})
                require_calm((rule.rule, place, value[:20]), client.get(address, headers=BROWSER))
        client.get(address_of(rule))
        names = sorted(Listening.asked[rule.endpoint])
        n_asked += len(names)
        for name in names:
            for value in next(hands):
                address = f"{address_of(rule)}?{name}={value}&{name}=2"
                require_calm((rule.rule, name, value[:20]), client.get(address, headers=BROWSER))
    assert n_asked > 100


def test_no_form_breaks_a_page(
    app: Flask, clients: dict[Role, FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    app.request_class = ListeningRequest
    plain = Form.__getitem__

    def listen(form: Form, name: str) -> str:
        if has_request_context():  # not in the writer's thread
            Listening.asked[request.endpoint or ""].add(name)
        return plain(form, name)

    monkeypatch.setattr(Form, "__getitem__", listen)
    hands = shuffled(HOSTILE)
    tokens = {role: csrf_token(client.get("/security").text) for role, client in clients.items()}
    for rule, client in routes_of(app, "POST", clients):
        if rule.endpoint in {"console.sign_out", "console.sign_in"} or "/security/" in rule.rule:
            continue
        token = next(tokens[role] for role in clients if clients[role] is client)
        for value in ["1", "2026-11-19", *next(hands)]:
            names = sorted(Listening.asked[rule.endpoint] - {"csrf_token"})
            fields = "&".join([f"csrf_token={token}", *(f"{name}={value}" for name in names)])
            response = client.post(address_of(rule), data=fields, headers=BROWSER, content_type=FORM)
            require_calm((rule.rule, "POST", value[:20]), response)


def test_bodies_of_other_kinds_change_nothing(
    app: Flask, filled: Database, clients: dict[Role, FlaskClient]
) -> None:
    before = count_rows(filled)
    bodies = (
        ("application/json", '{"a":' * 20_000),
        ("text/xml", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
        ("multipart/form-data; boundary=b", "--b\r\n" * 5_000),
        (
            "multipart/form-data; boundary=b",
            "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n" * 3_000,
        ),
        ("multipart/form-data", "x"),
        (FORM, "&".join(f"k{number}=1" for number in range(5_000))),
        (FORM, ""),
    )
    for (rule, client), (kind, body) in zip(
        ((each, whose) for each, whose in routes_of(app, "POST", clients) for _ in range(2)),
        itertools.cycle(bodies),
        strict=False,
    ):
        response = client.post(address_of(rule), data=body, content_type=kind, headers=BROWSER)
        require_calm((rule.rule, kind, body[:20]), response)
        assert (rule.rule, response.status_code in {302, 400, 404, 413}) == (rule.rule, True)
    assert count_rows(filled) == before


def test_an_address_does_not_steer_the_links_of_its_page(
    app: Flask, clients: dict[Role, FlaskClient]
) -> None:
    steering = "_scheme=javascript&_external=1&_method=POST&_anchor=x&endpoint=y&number=3"
    for rule, client in routes_of(app, "GET", clients):
        response = client.get(f"{address_of(rule)}?{steering}", headers=BROWSER)
        require_calm((rule.rule, steering), response)
        if response.mimetype == "text/html":
            assert "javascript:" not in response.text, rule.rule


def test_numbers_no_row_has_are_missing_not_broken(app: Flask, clients: dict[Role, FlaskClient]) -> None:
    client = clients[Role.INSPECTOR]
    for number in ("2147483648", "9223372036854775808", "9" * 5000):
        for address in (
            "/incidents/picture",
            "/registers",
            "/self-reports/pictures",
            "/reports",
            "/announcements",
        ):
            assert client.get(f"{address}/{number}", headers=BROWSER).status_code in {404, 405}
    for address in ("/checks", "/visits"):
        assert client.get(f"{address}?year=9999999999").status_code == 200
    assert "不能早于" in client.get("/?day=0001-01-01").text

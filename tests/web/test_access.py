"""Every route by every role, made from the route table: who may open it is declared, and kept."""

import re
from collections.abc import Iterator
from itertools import product

import pytest
from flask import Flask
from werkzeug.routing import Rule

from monitor.store.database import Database
from monitor.units import Role
from monitor.usecases.people.sign_in import SignIn
from scoring.rulebook import Rulebook
from tests.conftest import FrozenClock
from tests.web.conftest import QUICK, Login, csrf_token, make_app
from tests.web.filling import PASSWORD
from web.auth import access_of, is_declared

SAMPLES = {"code": "LC0001", "day": "2026-11-19", "year": "2026", "name": "console.css"}
UNITS = {Role.INSPECTOR: "QS", Role.LEADER: "QS", Role.OPERATOR: "QS", Role.BRANCH_ADMIN: "LC01"}
SEATED = tuple(role for role in Role if role is not Role.GROUP_MANAGER)  # 群管理员 have the chat only


def routes_of(app: Flask) -> Iterator[Rule]:
    """Yield the routes of the console."""
    return (rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("console."))


def address_of(rule: Rule) -> str:
    """Return an address of a route with sample values in place of its parameters."""
    return fill_in(rule.rule)


def fill_in(text: str) -> str:
    """Put sample values in place of what a written route leaves open."""
    return re.sub(r"<(?:(\w+)[^:>]*:)?(\w+)>", lambda found: SAMPLES.get(found[2], "1"), text)


@pytest.fixture
def seated(filled: Database, clock: FrozenClock) -> Database:
    """The filled database with one user of each role, named after it."""
    sign_in = SignIn(filled, clock, QUICK)
    for role in SEATED:
        sign_in.save_user(role.name.lower(), PASSWORD, role, UNITS.get(role, "LC"))
    return filled


def test_every_route_declares_who_may_use_it(app: Flask) -> None:
    routes = list(routes_of(app))
    assert len(routes) >= 9
    assert [rule.rule for rule in routes if not is_declared(app.view_functions[rule.endpoint])] == []


def test_every_route_that_needs_a_session_refuses_strangers(app: Flask) -> None:
    client = app.test_client()
    for rule in routes_of(app):
        if access_of(app.view_functions[rule.endpoint]) is None or "GET" not in (rule.methods or ()):
            continue
        response = client.get(address_of(rule))
        assert (rule.rule, response.status_code) == (rule.rule, 302)
        assert response.location.startswith("/sign-in")


@pytest.mark.parametrize("role", SEATED)
def test_every_route_admits_the_roles_it_declares_and_no_other(
    seated: Database, clock: FrozenClock, rulebook: Rulebook, login: Login, role: Role
) -> None:
    app = make_app(seated, clock, rulebook)
    for rule in routes_of(app):
        access = access_of(app.view_functions[rule.endpoint])
        if access is None or rule.endpoint == "console.sign_out":
            continue
        for method in ("GET", "POST"):
            if method not in (rule.methods or ()):
                continue
            client = login(role.name.lower())
            fields = {"csrf_token": csrf_token(client.get("/sign-in", follow_redirects=True).text)}
            response = client.open(address_of(rule), method=method, data=fields if method == "POST" else None)
            case = (rule.rule, method, role.name)
            assert (*case, response.status_code < 500) == (*case, True)
            assert (*case, response.status_code == 403) == (*case, role not in access)


def test_a_route_that_declares_nothing_is_closed(
    filled: Database, clock: FrozenClock, rulebook: Rulebook
) -> None:
    app = make_app(filled, clock, rulebook)
    del app.view_functions["console.sign_in_page"].access
    assert app.test_client().get("/sign-in").status_code == 403


def test_headers_leave_a_planted_element_nothing_to_do(app: Flask) -> None:
    client = app.test_client()
    policy = client.get("/sign-in").headers["Content-Security-Policy"]
    for rule in ("object-src 'none'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'"):
        assert rule in policy
    assert "unsafe-inline" not in policy.replace("style-src-attr 'unsafe-inline'", "")
    assert "Strict-Transport-Security" not in client.get("/sign-in").headers
    secure = client.get("/sign-in", base_url="https://qingxun.example").headers
    assert secure["Strict-Transport-Security"] == "max-age=31536000"
    assert secure["Cross-Origin-Opener-Policy"] == "same-origin"


def test_the_menu_shows_only_rooms_that_open(seated: Database, login: Login) -> None:
    for role in SEATED:
        client = login(role.name.lower())
        menu = re.search(r'<nav class="menu".*?</nav>', client.get("/").text, re.S)
        assert menu
        for address in re.findall(r'href="(/[^"]*)"', menu[0]):
            status = client.get(address, follow_redirects=True).status_code
            assert (role.name, address, status) == (role.name, address, 200)


def test_no_page_names_a_person_below_the_unit_to_a_leader(app: Flask, login: Login) -> None:
    """Managers and senders of the filled database, on every page that a leader may open (D.6)."""
    people = re.compile("李群管|团干群管理员|青年群管理员|陈晓|林一凡|王雨|周乐|敬老院")
    named = {}
    for name in ("leader", "luchuan"):
        client, pages = login(name), set()
        for rule, code in product(routes_of(app), ("LC0001", "LC0002", "LC")):
            address = rule.rule.replace("<code>", code) if "<code>" in rule.rule else f"{rule.rule}?unit=LC"
            if "GET" not in (rule.methods or ()):
                continue
            with client.get(fill_in(address)) as page:
                if page.mimetype == "text/html" and people.search(page.text):
                    pages.add(rule.rule)
        named[name] = pages
    assert named["leader"] == set()
    assert {"/ledger", "/ledger/group/<code>", "/managers", "/group/<code>/day"} <= named["luchuan"]


def test_the_chosen_theme_stays(login: Login) -> None:
    client = login("luchuan")
    fields = {"csrf_token": csrf_token(client.get("/").text)}
    here = {"Referer": "http://localhost/?day=2026-11-19"}
    response = client.post("/theme", data=fields | {"theme": "dark"}, headers=here)
    assert response.location == "/?day=2026-11-19"
    assert '<html lang="zh-CN" data-theme="dark">' in client.get("/").text
    client.post("/theme", data=fields | {"theme": "auto"})
    assert '<html lang="zh-CN">' in client.get("/").text

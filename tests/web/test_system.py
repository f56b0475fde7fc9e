"""操作记录 and 数据保留; roles of the desk; many people at once."""

import random
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient

from monitor.store.database import Database
from monitor.store.operations.audit import Connection, insert_audit
from monitor.units import Role
from monitor.usecases.people.sign_in import SignIn
from scoring.rulebook import Rulebook
from tests.conftest import FrozenClock
from tests.web.conftest import QUICK, Login, make_app
from tests.web.entering import bind_person, enter_by_chat
from tests.web.filling import CITIES, PASSWORD
from tests.web.test_access import address_of, routes_of
from web.auth import access_of

N_USERS, N_THREADS, N_REQUESTS = 10, 8, 160  # scaled down from 40, 32 and 20,000 (T-13)


@pytest.fixture
def ops(login: Login, filled: Database, clock: FrozenClock) -> FlaskClient:
    SignIn(filled, clock, QUICK).save_user("ops", PASSWORD, Role.OPERATOR, "QS")
    return login("ops")


def rows_of_audit(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'class="key">(\d+)</th>', page)]


def test_the_audit_is_filtered_and_paged_by_number(
    ops: FlaskClient, filled: Database, clock: FrozenClock
) -> None:
    def note(connection: Connection) -> None:
        for number in range(30):
            detail = {"before": "差", "after": "一般"}
            insert_audit(connection, "cli:li", "grade.changed", f"LC{number:04}", detail, clock())

    filled.write(note)
    first = ops.get("/system/audit?actor=cli:li&action=grade&day=2026-11-20")
    numbers = rows_of_audit(first.text)
    assert len(numbers) == 20
    assert numbers == sorted(numbers, reverse=True)
    assert "前：差；后：一般" in first.text
    older = re.search(r'href="(/system/audit\?[^"]*before=\d+)"', first.text)
    assert older
    rest = rows_of_audit(ops.get(older[1].replace("&amp;", "&")).text)
    assert len(rest) == 10
    assert max(rest) < min(numbers)
    assert rows_of_audit(ops.get("/system/audit?subject=LC0007").text) != []
    assert "没有符合条件的记录" in ops.get("/system/audit?day=2020-01-01").text
    assert ops.get("/system/audit?day=yesterday").status_code == 400
    assert ops.get("/system/audit?before=99999999999999999999").status_code == 200


def test_the_audit_shows_no_message_bodies(ops: FlaskClient, filled: Database, clock: FrozenClock) -> None:
    filled.write(lambda c: insert_audit(c, "x", "post.seen", "1", {"text": "一条私信原文"}, clock()))
    page = ops.get("/system/audit").text
    assert "post.seen" in page
    assert "一条私信原文" not in page


def test_below_the_root_only_entries_of_the_own_people_show(
    login: Login, filled: Database, clock: FrozenClock
) -> None:
    sign_in = SignIn(filled, clock, QUICK)
    sign_in.save_user("lc-ops", PASSWORD, Role.OPERATOR, "LC")
    sign_in.save_user("lc-inspector", PASSWORD, Role.INSPECTOR, "LC")
    login("luchuan")
    login("yunshan")
    page = login("lc-ops").get("/system/audit").text
    assert "luchuan" in page
    assert "yunshan" not in page
    assert login("lc-inspector").get("/system/audit").status_code == 404
    assert "yunshan" in login("province").get("/system/audit").text


def test_retention_says_how_long_and_when(ops: FlaskClient) -> None:
    page = ops.get("/system/retention").text
    assert "1096 天" in page
    assert "下次清理：" in page
    assert "尚未运行" in page


def test_a_group_manager_opens_what_is_declared_and_nothing_else(
    app: Flask, filled: Database, clock: FrozenClock
) -> None:
    bind_person(filled, clock, Role.GROUP_MANAGER, group_id=1)
    client = enter_by_chat(app, filled, clock)
    for rule in routes_of(app):
        access = access_of(app.view_functions[rule.endpoint])
        if access is None or "GET" not in (rule.methods or ()):
            continue
        response = client.get(address_of(rule))
        assert (rule.rule, response.status_code == 403) == (rule.rule, Role.GROUP_MANAGER not in access)
        assert (rule.rule, response.status_code < 500) == (rule.rule, True)
        assert (rule.rule, re.findall("云杉|松坪|文学院", response.text)) == (rule.rule, [])


def test_many_people_at_once_see_no_foreign_row(
    filled: Database, clock: FrozenClock, rulebook: Rulebook
) -> None:
    """T-13: threads alternate between users; a page never shows a unit of somebody else."""
    app, sign_in = make_app(filled, clock, rulebook), SignIn(filled, clock, QUICK)
    tokens = {}
    for number in range(N_USERS):
        sign_in.save_user(f"city{number}", PASSWORD, Role.UNIT_ADMIN, f"C{number:02}")
        tokens[number] = sign_in.enter(f"city{number}", PASSWORD).token
    foreign = {number: [c for c in CITIES if c != CITIES[number]] for number in tokens}

    def ask(turn: int) -> list[str]:
        dice = random.Random(turn)
        mine, other = dice.randrange(N_USERS), dice.randrange(N_USERS)
        client = app.test_client()
        client.set_cookie("qingxun_session", tokens[mine])
        place = (
            "/",
            f"/group/C{mine:02}00",
            f"/?unit=C{other:02}",
            f"/search?q={CITIES[other]}",
            "/security",
        )
        response = client.get(dice.choice(place))
        shown = response.text
        if response.status_code not in (200, 404):
            return [f"status {response.status_code}"]
        return [city for city in foreign[mine] if f"{city}团市委" in shown or f"{city}群" in shown]

    with ThreadPoolExecutor(N_THREADS) as pool:
        found = [city for cities in pool.map(ask, range(N_REQUESTS)) for city in cities]
    assert found == []

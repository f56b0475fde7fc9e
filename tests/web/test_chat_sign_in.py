"""Signing in at a desk by chat: codes, the question in chat, the session of the binding and its end."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from monitor.store.database import Database
from monitor.store.people.bindings import delete_holding
from monitor.store.people.console_tables import ChatSignInRow
from monitor.store.tables import UnitRow, table_of
from monitor.units import Role
from monitor.usecases.people.chat_sign_in import MOST_WAITING, ChatSignIn, Ticket, TooManyDesks
from tests.bot.scene import Scene
from tests.bot.talk import Person
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.web.entering import PERSON, begin_chat, bind_person, confirm_code, enter_by_chat, post

_waiting = table_of(ChatSignInRow)


def test_a_confirmed_browser_gets_the_scope_of_the_binding(
    app: Flask, filled: Database, clock: FrozenClock
) -> None:
    bind_person(filled, clock)
    client = enter_by_chat(app, filled, clock)
    page = client.get("/").text
    assert "单位管理员 · 鹭川团市委" in page
    assert "云杉" not in page
    assert client.get("/group/LC0001").status_code == 200
    assert client.get("/group/YS0001").status_code == 404


def test_a_group_manager_sees_only_the_own_groups(app: Flask, filled: Database, clock: FrozenClock) -> None:
    bind_person(filled, clock, Role.GROUP_MANAGER, group_id=1)
    client = enter_by_chat(app, filled, clock)
    page = client.get("/?unit=QS").text
    assert "我管理的群" in page
    assert re.findall(r'href="/group/(\w+)', page) == ["LC0001"]
    assert client.get("/group/LC0001").status_code == 200
    assert client.get("/group/LC0001/day/2026-11-19").status_code == 200
    assert client.get("/group/LC0002").status_code == 404  # the same unit, another group


def test_a_browser_without_script_waits_by_its_button(
    app: Flask, filled: Database, clock: FrozenClock
) -> None:
    bind_person(filled, clock)
    client = app.test_client()
    code = begin_chat(client)
    early = post(client, "/sign-in/chat", "/sign-in/chat/enter")
    assert early.location.startswith("/sign-in/chat")
    assert client.get("/").status_code == 302
    assert code in client.get("/sign-in/chat").text  # a reload shows it again
    confirm_code(filled, clock, code)
    assert post(client, "/sign-in/chat", "/sign-in/chat/enter", next="/group/LC0001").location == (
        "/group/LC0001"
    )


def test_polling_moves_the_page_when_confirmed_and_stops_when_refused(
    app: Flask, filled: Database, clock: FrozenClock
) -> None:
    bind_person(filled, clock)
    polled = {"HX-Request": "true"}

    def poll(client: FlaskClient) -> TestResponse:
        found = re.search(r'csrf_token" value="([^"]+)"', client.get("/sign-in/chat").text)
        assert found
        return client.post("/sign-in/chat/enter", data={"csrf_token": found[1]}, headers=polled)

    client = app.test_client()
    code = begin_chat(client)
    waiting = poll(client)
    assert (waiting.status_code, "等待您在微信中发送" in waiting.text) == (200, True)
    confirm_code(filled, clock, code)
    done = poll(client)
    assert done.headers["HX-Redirect"] == "/"
    assert client.get("/").status_code == 200
    other = app.test_client()
    confirm_code(filled, clock, begin_chat(other), is_mine=False)
    refused = poll(other)
    assert (refused.status_code, "已在微信中拒绝" in refused.text) == (286, True)
    assert other.get("/").status_code == 302


def test_a_confirmation_is_bound_to_the_browser_and_good_once(
    app: Flask, filled: Database, clock: FrozenClock
) -> None:
    bind_person(filled, clock)
    client, other = app.test_client(), app.test_client()
    confirm_code(filled, clock, begin_chat(client))
    begin_chat(other)
    post(other, "/sign-in/chat", "/sign-in/chat/enter")
    assert other.get("/").status_code == 302
    ticket = client.get_cookie("qingxun_desk")
    assert ticket
    assert ticket.http_only
    assert ticket.same_site == "Lax"
    post(client, "/sign-in/chat", "/sign-in/chat/enter")
    assert client.get("/").status_code == 200
    stolen = app.test_client()
    stolen.set_cookie("qingxun_desk", ticket.value)
    post(stolen, "/sign-in", "/sign-in/chat/enter")
    assert stolen.get("/").status_code == 302


@pytest.mark.parametrize("way", ["unbound", "bound anew", "unit off"])
def test_a_session_ends_with_its_binding(app: Flask, filled: Database, clock: FrozenClock, way: str) -> None:
    bind_person(filled, clock)
    client = enter_by_chat(app, filled, clock)
    assert client.get("/").status_code == 200
    clock.advance(seconds=1)
    if way == "unbound":
        filled.write(lambda c: delete_holding(c, PERSON.account, PERSON.address))
    elif way == "bound anew":
        bind_person(filled, clock, Role.LEADER)
    else:
        unit = table_of(UnitRow)
        filled.write(lambda c: c.execute(update(unit).where(unit.c.id == 2).values(is_active=False)).rowcount)
    assert client.get("/").status_code == 302


def test_codes_are_hashed_expire_and_are_limited_by_address(
    database: Database, cast: Cast, clock: FrozenClock
) -> None:
    chat = ChatSignIn(database, clock, "test-secret")
    ticket = chat.begin(address="192.0.2.7")
    with database.reading() as connection:
        stored = str(connection.execute(select(_waiting)).all())
    assert ticket.code not in stored
    assert ticket.browser not in stored
    for _ in range(MOST_WAITING - 1):
        chat.begin(address="192.0.2.7")
    with pytest.raises(TooManyDesks):
        chat.begin(address="192.0.2.7")
    assert chat.begin(address="192.0.2.8")
    clock.advance(minutes=3)
    assert chat.look(ticket.browser) is None
    assert chat.begin(address="192.0.2.7")
    assert cast


@pytest.fixture
def scene(database: Database, cast: Cast, clock: FrozenClock) -> Scene:
    return Scene(database, cast, clock)


def ticket_of(scene: Scene) -> tuple[ChatSignIn, Ticket]:
    chat = ChatSignIn(scene.database, scene.clock, "")  # the dispatcher of tests has no secret either
    return chat, chat.begin(user_agent="Mozilla/5.0 (Windows NT 10.0) Chrome/140", address="192.0.2.7")


def test_the_chat_names_browser_address_and_time_and_takes_a_number(scene: Scene) -> None:
    chat, ticket = ticket_of(scene)
    person = scene.person(Role.UNIT_ADMIN)
    asked = person.says(f"登录 {ticket.code}")
    assert "Chrome（Windows）" in asked
    assert "192.0.2.7" in asked
    assert "11-20 15:00" in asked
    assert "是本人登录吗" in asked
    assert chat.claim(ticket.browser) is None
    assert "已确认" in person.says("1")
    with scene.database.reading() as connection:
        kept = str(connection.exec_driver_sql("SELECT * FROM chat_message").all())
        kept += str(connection.exec_driver_sql("SELECT * FROM chat_menu").all())
        kept += str(connection.exec_driver_sql("SELECT * FROM audit").all())
    assert ticket.code not in kept
    assert chat.claim(ticket.browser)
    assert chat.claim(ticket.browser) is None


def test_declining_lets_nobody_in(scene: Scene) -> None:
    chat, ticket = ticket_of(scene)
    person = scene.person(Role.UNIT_ADMIN)
    person.says(f"登录 {ticket.code}")
    assert "已拒绝" in person.says("2")
    assert chat.claim(ticket.browser) is None


def test_a_code_that_somebody_was_asked_about_is_nobody_elses(scene: Scene) -> None:
    chat, ticket = ticket_of(scene)
    person, other = scene.person(Role.UNIT_ADMIN), scene.person(Role.LEADER, "o-other")
    person.says(f"登录 {ticket.code}")
    assert "无效或已过期" in other.says(f"登录 {ticket.code}")
    handle = chat_handle(scene)
    assert "无效或已过期" in other.says(f"登录 是 {handle}")
    assert chat.claim(ticket.browser) is None
    assert "是本人登录吗" in person.says(f"登录 {ticket.code}")


def chat_handle(scene: Scene) -> str:
    with scene.database.reading() as connection:
        return str(connection.execute(select(_waiting.c.browser_hash)).scalar_one())[:16]


def test_five_wrong_codes_lock_for_ten_minutes(scene: Scene) -> None:
    _, ticket = ticket_of(scene)
    person = scene.person(Role.UNIT_ADMIN)
    wrong = "000000" if ticket.code != "000000" else "000001"
    for _ in range(5):
        assert "无效或已过期" in person.says(f"登录 {wrong}")
    assert "10分钟后再试" in person.says(f"登录 {ticket.code}")


def test_a_stranger_learns_nothing_about_codes(scene: Scene) -> None:
    _, ticket = ticket_of(scene)
    stranger = Person(scene.dispatcher, scene.clock, "o-stranger")
    assert stranger.says(f"登录 {ticket.code}").startswith("您尚未绑定")

"""Signing in inside WeChat, through the stand-in's authorisation page and exchange, over real sockets."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bot.channels.http import ApiClient
from bot.channels.web_authorization import WebAuthorization
from monitor.store.database import Database
from monitor.units import Role
from monitor.usecases.people.bind import ChatAddress
from scoring.rulebook import Rulebook
from tests.conftest import FrozenClock
from tests.fake_wechat.accounts import DEMO_APP_ID, DEMO_APP_SECRET
from tests.fake_wechat.server import FakeWeChat
from tests.web.conftest import make_app
from tests.web.entering import bind_person

PHONE = {"User-Agent": "Mozilla/5.0 (Linux; Android 14) MicroMessenger/8.0.50"}
PERSON = ChatAddress("demo", "openid-demo")


@pytest.fixture
def platform() -> Iterator[FakeWeChat]:
    with FakeWeChat() as fake:
        yield fake


@pytest.fixture
def app(filled: Database, clock: FrozenClock, rulebook: Rulebook, platform: FakeWeChat) -> Flask:
    gate = WebAuthorization(ApiClient(platform.url), platform.url, DEMO_APP_ID, DEMO_APP_SECRET)
    return make_app(filled, clock, rulebook, gates={"demo": gate})


def authorize(client: FlaskClient, target: str = "/") -> str:
    """Go to the platform's page as the browser does; returns the address it sends the browser back to."""
    gone = client.get(f"/wechat-sign-in/demo?next={target}", headers=PHONE)
    assert gone.status_code == 302
    assert gone.location.endswith("#wechat_redirect")
    answer = requests.get(gone.location, allow_redirects=False, timeout=5)
    assert answer.status_code == 302, answer.text
    back = urlsplit(answer.headers["Location"])
    return f"{back.path}?{back.query}"


def come_back(client: FlaskClient, address: str) -> TestResponse:
    return client.get(address, headers=PHONE)


def test_a_bound_person_enters_silently_and_lands_where_they_wanted(
    app: Flask, filled: Database, clock: FrozenClock
) -> None:
    bind_person(filled, clock, who=PERSON)
    client = app.test_client()
    response = come_back(client, authorize(client, "/group/LC0001"))
    assert response.location == "/group/LC0001"
    assert "单位管理员 · 鹭川团市委" in client.get("/").text
    assert client.get("/group/YS0001").status_code == 404


def test_a_group_manager_enters_with_the_own_groups(app: Flask, filled: Database, clock: FrozenClock) -> None:
    bind_person(filled, clock, Role.GROUP_MANAGER, group_id=1, who=PERSON)
    client = app.test_client()
    come_back(client, authorize(client))
    assert "我管理的群" in client.get("/").text


def test_a_state_is_good_once(app: Flask, filled: Database, clock: FrozenClock) -> None:
    bind_person(filled, clock, who=PERSON)
    client = app.test_client()
    back = authorize(client)
    state = client.get_cookie("qingxun_state")
    assert state
    assert state.http_only
    assert state.same_site == "Lax"
    assert come_back(client, back).status_code == 302
    client.set_cookie("qingxun_state", state.value)
    again = come_back(client, back)
    assert again.status_code == 401
    assert "微信登录未成功" in again.text


def test_a_state_is_over_after_five_minutes(app: Flask, filled: Database, clock: FrozenClock) -> None:
    bind_person(filled, clock, who=PERSON)
    client = app.test_client()
    back = authorize(client)
    clock.advance(minutes=5)
    assert come_back(client, back).status_code == 401
    assert client.get("/").status_code == 302


def test_a_state_of_another_browser_is_refused(app: Flask, filled: Database, clock: FrozenClock) -> None:
    bind_person(filled, clock, who=PERSON)
    victim, attacker = app.test_client(), app.test_client()
    back = authorize(attacker)
    assert come_back(victim, back).status_code == 401
    authorize(victim)  # even one that has begun a sign-in of its own
    assert come_back(victim, back).status_code == 401
    assert victim.get("/").status_code == 302


def test_who_is_not_bound_stays_outside(app: Flask, platform: FakeWeChat) -> None:
    platform.platform.authorization.visitor = "o-stranger"
    client = app.test_client()
    response = come_back(client, authorize(client))
    assert response.status_code == 401
    assert "绑定 邀请码" in response.text
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("kind", ["drop_answer", "500", "html200"])
def test_a_platform_in_trouble_lets_nobody_in(
    app: Flask, filled: Database, clock: FrozenClock, platform: FakeWeChat, kind: str
) -> None:
    bind_person(filled, clock, who=PERSON)
    client = app.test_client()
    back = authorize(client)
    platform.fault("sns/oauth2/access_token", kind)
    assert come_back(client, back).status_code == 401
    assert client.get("/").status_code == 302


def test_a_forged_code_lets_nobody_in(app: Flask, filled: Database, clock: FrozenClock) -> None:
    bind_person(filled, clock, who=PERSON)
    client = app.test_client()
    query = parse_qs(urlsplit(authorize(client)).query)
    forged = f"/wechat-sign-in/demo/back?code=forged&state={query['state'][0]}"
    assert come_back(client, forged).status_code == 401


def test_the_button_shows_in_wechats_browser_only(app: Flask) -> None:
    client = app.test_client()
    assert "微信登录" in client.get("/sign-in", headers=PHONE).text
    assert "/wechat-sign-in/" not in client.get("/sign-in").text


def test_an_account_that_is_not_set_up_is_a_missing_page(app: Flask) -> None:
    assert app.test_client().get("/wechat-sign-in/other").status_code == 404

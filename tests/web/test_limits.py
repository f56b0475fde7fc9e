"""Limits of calls: how much is let through, what is answered beyond, and whom it does not touch."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from monitor.store.database import Database
from scoring.rulebook import Rulebook
from tests.conftest import FrozenClock
from tests.web.conftest import csrf_token, enter, make_app
from tests.web.filling import PASSWORD
from web.limits import EXPORT, LIMITS, SEARCH, SIGN_IN, Buckets


@pytest.fixture
def app(filled: Database, clock: FrozenClock, rulebook: Rulebook) -> Flask:
    return make_app(filled, clock, rulebook, limits=LIMITS)


def try_password(client: FlaskClient, address: str) -> tuple[int, str | None]:
    here = {"REMOTE_ADDR": address}
    token = csrf_token(client.get("/sign-in", environ_base=here).text)
    fields = {"csrf_token": token, "name": "nobody", "password": "wrong password"}
    response = client.post("/sign-in", data=fields, environ_base=here)
    return response.status_code, response.headers.get("Retry-After")


def test_the_21st_sign_in_of_a_minute_waits_and_others_do_not(app: Flask, clock: FrozenClock) -> None:
    client = app.test_client()
    assert {try_password(client, "192.0.2.7") for _ in range(20)} == {(401, None)}
    assert try_password(client, "192.0.2.7") == (429, "3")
    assert try_password(client, "192.0.2.8") == (401, None)
    clock.advance(seconds=3)
    assert try_password(client, "192.0.2.7") == (401, None)
    assert try_password(client, "192.0.2.7")[0] == 429


def test_the_61st_search_of_a_minute_waits(app: Flask) -> None:
    client = app.test_client()
    enter(client, "luchuan", PASSWORD)
    codes = [client.get("/search?q=鹭川").status_code for _ in range(61)]
    assert (codes[:60], codes[60]) == ([200] * 60, 429)
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(("name", "n_calls", "wait"), [(SIGN_IN, 20, 3), (SEARCH, 60, 1), (EXPORT, 10, 360)])
def test_a_bucket_holds_what_is_stated(clock: FrozenClock, name: str, n_calls: int, wait: int) -> None:
    buckets = Buckets(clock)
    assert [buckets.take(name, "a") for _ in range(n_calls)] == [0] * n_calls
    assert buckets.take(name, "a") == wait
    assert buckets.take(name, "b") == 0
    clock.advance(seconds=wait)
    assert buckets.take(name, "a") == 0


def test_a_clock_that_steps_back_gives_nothing_away(clock: FrozenClock) -> None:
    buckets = Buckets(clock)
    for _ in range(20):
        buckets.take(SIGN_IN, "a")
    clock.advance(minutes=-10)
    assert buckets.take(SIGN_IN, "a") > 0


def test_memory_is_bounded(clock: FrozenClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.limits._MOST_BUCKETS", 10)
    buckets = Buckets(clock)
    for number in range(50):
        buckets.take(SIGN_IN, str(number))
    assert len(buckets._levels) <= 11

"""Ways into the console as people use them: chat, authenticator apps."""

import re
from collections.abc import Callable

import pyotp
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from monitor.store.database import Database
from monitor.store.people import bindings
from monitor.store.people.bindings import Holding
from monitor.store.tables import ChatIdentityRow, table_of
from monitor.units import Role
from monitor.usecases.people.bind import ChatAddress
from monitor.usecases.people.chat_sign_in import ChatSignIn, Request
from tests.conftest import FrozenClock
from tests.web.conftest import csrf_token

PERSON = ChatAddress("demo", "o-person")


def bind_person(
    database: Database,
    clock: FrozenClock,
    role: Role = Role.UNIT_ADMIN,
    unit_id: int = 2,
    group_id: int | None = None,
    who: ChatAddress = PERSON,
) -> int:
    """Bind a person as an invitation does; returns the id of the identity."""
    holding = Holding(role.value, unit_id, group_id, "陈晓")
    identity = table_of(ChatIdentityRow)

    def write(connection: bindings.Connection) -> int:
        bindings.save_holding(connection, who.account, who.address, holding, clock())
        query = select(identity.c.id).where(identity.c.address == who.address)
        return int(connection.execute(query).scalar_one())

    return database.write(write)


def confirm_code(
    database: Database, clock: FrozenClock, code: str, *, is_mine: bool = True, who: ChatAddress = PERSON
) -> Request:
    """Send a code and decide, in the use cases that 登录 calls."""
    chat = ChatSignIn(database, clock, "test-secret")

    def write(connection: bindings.Connection) -> Request:
        bound = bindings.load_bound(connection, who.account, who.address, clock().date())
        asked = chat.ask(connection, who, bound, code, clock())
        assert isinstance(asked, Request)
        chat.decide(connection, bound, asked.handle, clock(), is_mine=is_mine)
        return asked

    return database.write(write)


def begin_chat(client: FlaskClient) -> str:
    """Ask for a code on the sign-in page; returns the six digits that the page shows."""
    token = csrf_token(client.get("/sign-in").text)
    response = client.post("/sign-in/chat", data={"csrf_token": token, "next": "/"}, follow_redirects=True)
    found = re.search(r"登录 (\d{6})", response.text)
    assert found, response.text
    return found[1]


def enter_by_chat(app: Flask, database: Database, clock: FrozenClock) -> FlaskClient:
    """Sign the bound person in at a desk, without scripts."""
    client = app.test_client()
    confirm_code(database, clock, begin_chat(client))
    response = post(client, "/sign-in/chat", "/sign-in/chat/enter")
    assert response.status_code == 302, response.text
    return client


def post(client: FlaskClient, page: str, address: str, **fields: str) -> TestResponse:
    """Send a form of a page."""
    return client.post(address, data={"csrf_token": csrf_token(client.get(page).text), **fields})


def enrol(client: FlaskClient, clock: FrozenClock) -> tuple[Callable[[], str], list[str]]:
    """Switch the second factor on; returns what the app shows at a moment, and the recovery codes."""
    post(client, "/security", "/security/factor")
    found = re.search(r"secret=([A-Z2-7]+)", client.get("/security").text)
    assert found
    codes = pyotp.TOTP(found[1])
    page = post(client, "/security", "/security/factor/confirm", code=codes.at(clock()))
    assert page.status_code == 200, page.text
    return lambda: codes.at(clock()), re.findall(r"<li>([A-Z2-7 ]{19})</li>", page.text)

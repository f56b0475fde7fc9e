"""A province on its first day: every room opens to every role and says what to do next.

What a page shows before there is anything is a state of its own: words and a next step, never a bare table.
"""

import re
from html.parser import HTMLParser

import pytest
from flask.testing import FlaskClient

from monitor.ledger.registration import NewUnit
from monitor.store.database import Database
from monitor.units import Role
from monitor.usecases.ledger import register
from monitor.usecases.people.sign_in import SignIn
from scoring.rulebook import Rulebook
from tests.conftest import FrozenClock
from tests.web.conftest import QUICK, enter, make_app
from tests.web.filling import PASSWORD

SEATED = (Role.OPERATOR, Role.INSPECTOR, Role.LEADER, Role.UNIT_ADMIN)


class BareTables(HTMLParser):
    """Counts tables whose body holds no row."""

    def __init__(self) -> None:
        super().__init__()
        self.n_bare, self._rows, self._in_body = 0, 0, False

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag == "tbody":
            self._rows, self._in_body = 0, True
        elif tag == "tr" and self._in_body:
            self._rows += 1

    def handle_endtag(self, tag: str) -> None:
        if tag == "tbody":
            self.n_bare += not self._rows
            self._in_body = False


def rooms_of(client: FlaskClient) -> list[str]:
    menu = re.search(r'<nav class="menu".*?</nav>', client.get("/", follow_redirects=True).text, re.S)
    assert menu
    return re.findall(r'href="(/[^"]*)"', menu[0])


@pytest.mark.parametrize("role", SEATED)
def test_every_room_opens_before_there_is_anything(
    database: Database, clock: FrozenClock, rulebook: Rulebook, role: Role
) -> None:
    def begin(connection: object) -> None:
        register.add_unit(connection, NewUnit("QS", "共青团测试省委", "团省委"))  # type: ignore[arg-type]
        register.add_unit(connection, NewUnit("LC", "鹭川团市委", "市县", "QS"))  # type: ignore[arg-type]

    database.write(begin)
    unit = "LC" if role is Role.UNIT_ADMIN else "QS"
    SignIn(database, clock, QUICK).save_user("first", PASSWORD, role, unit)
    client = make_app(database, clock, rulebook).test_client()
    enter(client, "first", PASSWORD)
    rooms = rooms_of(client)
    assert len(rooms) >= 4
    for room in rooms:
        response = client.get(room, follow_redirects=True)
        tables = BareTables()
        tables.feed(response.text)
        assert (role.value, room, response.status_code, tables.n_bare) == (role.value, room, 200, 0)
        assert "None" not in re.sub(r"<[^>]*>", "", response.text), room

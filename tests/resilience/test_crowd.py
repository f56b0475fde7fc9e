"""Scope under concurrency (T-13): pages, chat and API at once, and nobody sees a row of somebody else.

Threads alternate between users on shared services, sessions, caches and connections. T-13's own size:

    QINGXUN_CROWD_REQUESTS=20000 python -m pytest -s tests/resilience/test_crowd.py
"""

import os
import random
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from flask import Flask
from sqlalchemy import select

from bot.api.reading import read_api
from bot.dispatch import Dispatcher
from monitor.store.database import Database
from monitor.store.tables import GroupRow, UnitRow, table_of
from monitor.units import GroupId, Role, UnitId, Viewer
from monitor.usecases.ledger.register import add_invitation
from monitor.usecases.people.sign_in import SignIn
from monitor.usecases.queries.questions import Queries
from scoring.rulebook import Rulebook
from tests.bot.talk import Person
from tests.conftest import FrozenClock
from tests.web.conftest import QUICK, make_app
from tests.web.filling import CITIES, PASSWORD

N_REQUESTS = int(os.environ.get("QINGXUN_CROWD_REQUESTS", "300"))
N_THREADS, N_USERS = 32, 40
MISSING = "C99"
ROLES = (Role.UNIT_ADMIN, Role.LEADER, Role.GROUP_MANAGER)
PAGES = ("/", "/?unit={code}", "/group/{group}", "/search?q={name}", "/?day=2026-11-19", "/security")
WORDS = (
    "状态", "状态 {code}", "状态 {group}", "未达标", "未达标 {code}", "群 列出", "总览", "{name}",
    "台账 {code}", "提醒",
)  # fmt: skip
CALLS = (
    "/units/{code}/status",
    "/groups/{group}/days?from=2026-11-13&to=2026-11-19",
    "/units/{code}/status?day=2026-11-19",
)
Ask = Callable[[str], str]


class User(NamedTuple):
    """One person with three ways in; a group manager has chat and API only."""

    city: int
    role: Role
    ways: dict[str, Ask]


def test_nobody_in_a_crowd_sees_a_foreign_row(
    filled: Database, clock: FrozenClock, rulebook: Rulebook
) -> None:
    users = make_users(filled, clock, rulebook)
    names = (*CITIES, "鹭川", "云杉")
    foreign_words = {name: (f"{name}团市委", f"{name}群", f"{name}团干群") for name in names}
    seen: Counter[str] = Counter()
    templates = {"page": PAGES, "chat": WORDS, "api": CALLS}

    def ask(turn: int) -> tuple[str, bool, list[str]]:
        dice = random.Random(turn)
        user, other = dice.choice(users), dice.randrange(len(CITIES))
        way = dice.choice(sorted(user.ways))
        other = dice.choice((user.city, other))  # one's own as often as a stranger's
        asked = dice.choice(templates[way]).format(
            code=f"C{other:02}", group=f"C{other:02}0{dice.randrange(3)}", name=CITIES[other]
        )
        shown = user.ways[way](asked)
        mine = CITIES[user.city]
        found = [
            f"{mine} {user.role} saw {word} by {way} {asked}"
            for name, words in foreign_words.items()
            if name != mine
            for word in words
            if word in shown
        ]
        return way, any(word in shown for word in foreign_words[mine]), found

    started = time.monotonic()
    with ThreadPoolExecutor(N_THREADS) as pool:
        answers = list(pool.map(ask, range(N_REQUESTS)))
    seconds = time.monotonic() - started
    foreign = [row for _, _, rows in answers for row in rows]
    for way, saw_own, _ in answers:
        seen[way] += saw_own
    asked = Counter(way for way, *_ in answers)
    print(f"{N_REQUESTS} requests, {N_THREADS} threads, {len(users)} users, {seconds:.0f} s: {dict(asked)}; "
          f"own rows seen {dict(seen)}; foreign rows {len(foreign)}")  # fmt: skip
    assert foreign == []
    assert all(seen[way] > asked[way] / 5 for way in templates), "who may see something does"


def test_in_the_crowd_a_foreign_code_is_answered_like_a_missing_one(
    filled: Database, clock: FrozenClock, rulebook: Rulebook
) -> None:
    user = next(user for user in make_users(filled, clock, rulebook) if user.role is Role.UNIT_ADMIN)
    stranger = (user.city + 1) % len(CITIES)

    def both(way: str, template: str) -> set[str]:
        codes = (f"C{stranger:02}", MISSING)
        return {
            user.ways[way](template.format(code=code, group=f"{code}00")).replace(code, "…") for code in codes
        }

    with ThreadPoolExecutor(8) as pool:
        asked = [("chat", "状态 {code}"), ("chat", "状态 {group}"), ("api", CALLS[0]), ("api", CALLS[1])] * 4
        assert [len(each) for each in pool.map(lambda one: both(*one), asked)] == [1] * len(asked)


def make_users(database: Database, clock: FrozenClock, rulebook: Rulebook) -> list[User]:
    """Settle forty people of twelve cities; of every role but inspectors, who see everything."""
    console = make_app(database, clock, rulebook)
    queries, sign_in = Queries(database, rulebook, clock), SignIn(database, clock, QUICK)
    dispatcher = Dispatcher(database, queries, clock)
    viewers: dict[str, Viewer] = {}
    api = Flask("tests.crowd")
    api.register_blueprint(read_api(queries, viewers.get))
    with database.reading() as connection:
        paths = {row.code: (row.id, row.path) for row in connection.execute(select(table_of(UnitRow)))}
        groups = {row.code: row.id for row in connection.execute(select(table_of(GroupRow)))}
    users = []
    for number in range(N_USERS):
        city = number % len(CITIES)
        role = ROLES[number // len(CITIES) % len(ROLES)]
        code, name = f"C{city:02}", f"person{number}"
        group = f"{code}0{number % 3}" if role is Role.GROUP_MANAGER else ""
        unit_id, path = paths[code]
        own = frozenset({GroupId(groups[group])} if group else ())
        viewers[name] = Viewer(f"api:{name}", role, UnitId(unit_id), path, name, own)
        _invite(database, f"CROWD-{number}", role, code, group)
        person = Person(dispatcher, clock, name)
        bound = person.says(f"绑定 CROWD-{number}")
        assert bound.startswith("✅ 已绑定"), bound
        ways: dict[str, Ask] = {"chat": person.says, "api": _caller(api, name)}
        if not group:
            sign_in.save_user(name, PASSWORD, role, code)
            ways["page"] = _reader(console, sign_in.enter(name, PASSWORD).token)
        users.append(User(city, role, ways))
    return users


def _invite(database: Database, code: str, role: Role, unit: str, group: str) -> None:
    database.write(lambda connection: add_invitation(connection, code, role, unit, group_code=group))


def _caller(api: Flask, token: str) -> Ask:
    def ask(path: str) -> str:
        answer = api.test_client().get(f"/api/v1{path}", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code in (200, 403, 404), f"{path}: {answer.status_code}"
        return answer.text

    return ask


def _reader(console: Flask, token: str) -> Ask:
    def ask(path: str) -> str:
        client = console.test_client()
        client.set_cookie("qingxun_session", token)
        answer = client.get(path)
        assert answer.status_code in (200, 403, 404), f"{path}: {answer.status_code}"
        return answer.text

    return ask

"""Sign-in: passwords, lock-out, sessions, the cookie, CSRF, and where one lands."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Literal

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import select, update

from monitor.errors import BadParameter, UnitNotFound
from monitor.store.database import Database
from monitor.store.tables import ConsoleSessionRow, ConsoleUserRow, table_of
from monitor.store.work_tables import AuditRow
from monitor.units import Role
from monitor.usecases.people.sign_in import SignIn, SignInRefused
from scoring.rulebook import Rulebook
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.web.conftest import QUICK, Login, csrf_token, enter, make_app
from tests.web.filling import PASSWORD

_user = table_of(ConsoleUserRow)
_session = table_of(ConsoleSessionRow)


@pytest.fixture
def sign_in(database: Database, cast: Cast, clock: FrozenClock) -> SignIn:
    made = SignIn(database, clock, QUICK)
    made.save_user("lu", PASSWORD, Role.UNIT_ADMIN, "lc", display_name="小鹭")
    assert cast
    return made


def try_wrong(sign_in: SignIn, times: int, name: str = "lu") -> None:
    for _ in range(times):
        with pytest.raises(SignInRefused):
            sign_in.enter(name, "wrong password")


def test_the_right_password_opens_a_session_with_the_scope_of_the_unit(sign_in: SignIn, cast: Cast) -> None:
    visitor = sign_in.resume(sign_in.enter(" lu ", PASSWORD).token)
    assert visitor
    assert (visitor.unit_name, visitor.viewer.display_name) == ("鹭川团市委", "小鹭")
    assert visitor.viewer == replace(cast.viewer("LC"), identity=visitor.viewer.identity, display_name="小鹭")


def test_only_hashes_of_token_and_password_are_stored(sign_in: SignIn, database: Database) -> None:
    token = sign_in.enter("lu", PASSWORD, user_agent="x" * 999).token
    assert len(token) >= 43  # 256 bits
    with database.reading() as connection:
        stored = str(connection.execute(select(_session)).all() + connection.execute(select(_user)).all())
    assert token not in stored
    assert PASSWORD not in stored
    assert "$argon2id$" in stored


def test_four_wrong_passwords_do_not_lock(sign_in: SignIn) -> None:
    try_wrong(sign_in, 4)
    assert sign_in.enter("lu", PASSWORD).n_failures == 4
    assert sign_in.enter("lu", PASSWORD).n_failures == 0


def test_five_wrong_passwords_lock_for_15_minutes_even_the_right_one(
    sign_in: SignIn, clock: FrozenClock
) -> None:
    try_wrong(sign_in, 5)
    clock.advance(minutes=14, seconds=59)
    with pytest.raises(SignInRefused):
        sign_in.enter("lu", PASSWORD)
    clock.advance(seconds=1)
    assert sign_in.enter("lu", PASSWORD)


def test_after_a_lock_the_count_begins_anew(sign_in: SignIn, clock: FrozenClock) -> None:
    try_wrong(sign_in, 5)
    clock.advance(minutes=15)
    try_wrong(sign_in, 4)
    assert sign_in.enter("lu", PASSWORD)


def test_parallel_guesses_do_not_outrun_the_lock(sign_in: SignIn, database: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        for guess in [pool.submit(sign_in.enter, "lu", f"wrong {number}") for number in range(8)]:
            with pytest.raises(SignInRefused):
                guess.result()
    with database.reading() as connection:
        n_failures, locked_until = connection.execute(select(_user.c.n_failures, _user.c.locked_until)).one()
    assert n_failures == 5
    assert locked_until is not None


def test_unknown_wrong_and_locked_get_the_same_text(sign_in: SignIn) -> None:
    texts = set()
    for name in ("nobody", "lu", "lu", "lu", "lu", "lu", "lu", ""):
        with pytest.raises(SignInRefused) as refusal:
            sign_in.enter(name, "wrong password")
        texts.add(refusal.value.user_text)
    assert len(texts) == 1


class CountingHasher(PasswordHasher):
    """argon2 that remembers the hashes it was asked to verify."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=64, parallelism=1)
        self.verified: list[str] = []

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
        self.verified.append(str(hash).rsplit("$", 2)[0])
        return super().verify(hash, password)


def test_an_unknown_name_costs_the_same_work_as_a_wrong_password(
    sign_in: SignIn, database: Database, clock: FrozenClock
) -> None:
    hasher = CountingHasher()
    watched = SignIn(database, clock, hasher)
    try_wrong(watched, 5)
    try_wrong(watched, 1, "nobody")
    try_wrong(watched, 1)
    assert len(hasher.verified) == 7
    assert len(set(hasher.verified)) == 1  # same algorithm and costs
    audit = table_of(AuditRow)
    with database.reading() as connection:
        assert len(connection.execute(select(audit.c.id)).all()) == 7  # and the same write


@pytest.mark.parametrize(
    ("step", "n_steps", "is_over"), [(29.9, 1, False), (30, 1, True), (25, 28, False), (25, 29, True)]
)
def test_a_session_ends_after_30_idle_minutes_or_12_hours(
    sign_in: SignIn, clock: FrozenClock, step: float, n_steps: int, is_over: bool
) -> None:
    token = sign_in.enter("lu", PASSWORD).token
    for _ in range(n_steps):
        assert sign_in.resume(token)
        clock.advance(minutes=step)
    assert (sign_in.resume(token) is None) is is_over


def test_signing_out_ends_the_session_on_the_server(sign_in: SignIn) -> None:
    token = sign_in.enter("lu", PASSWORD).token
    sign_in.leave(token)
    assert sign_in.resume(token) is None


@pytest.mark.parametrize("change", [{"role": Role.LEADER.value}, {"unit_id": 3}, {"is_active": False}])
def test_role_and_scope_are_those_of_the_moment(
    sign_in: SignIn, database: Database, change: dict[str, object]
) -> None:
    token = sign_in.enter("lu", PASSWORD).token
    database.write(lambda connection: connection.execute(update(_user).values(**change)) and None)
    visitor = sign_in.resume(token)
    if "is_active" in change:
        assert visitor is None
    else:
        assert visitor
        assert {
            "role": visitor.viewer.role.value,
            "unit_id": visitor.viewer.unit_id,
        }.items() >= change.items()


def test_a_new_password_ends_the_sessions_of_the_old_one(sign_in: SignIn) -> None:
    token = sign_in.enter("lu", PASSWORD).token
    sign_in.save_user("lu", "another secret", Role.UNIT_ADMIN, "LC")
    assert sign_in.resume(token) is None
    try_wrong(sign_in, 1)
    assert sign_in.enter("lu", "another secret")


def test_users_without_sense_are_refused(sign_in: SignIn) -> None:
    with pytest.raises(BadParameter):
        sign_in.save_user("a", "short", Role.LEADER, "LC")
    with pytest.raises(BadParameter):
        sign_in.save_user(" ", PASSWORD, Role.LEADER, "LC")
    with pytest.raises(BadParameter):
        sign_in.save_user("a", PASSWORD, Role.GROUP_MANAGER, "LC")
    with pytest.raises(UnitNotFound):
        sign_in.save_user("a", PASSWORD, Role.LEADER, "NOWHERE")


def test_a_hash_of_older_costs_is_renewed_at_sign_in(
    sign_in: SignIn, database: Database, clock: FrozenClock
) -> None:
    def stored() -> str:
        with database.reading() as connection:
            return str(connection.execute(select(_user.c.password_hash)).scalar())

    assert "m=64,t=1,p=1" in stored()
    SignIn(database, clock).enter("lu", PASSWORD)
    assert "m=32768,t=3,p=1" in stored()
    assert sign_in.enter("lu", PASSWORD)


def test_every_attempt_is_audited_and_the_last_entry_is_remembered(
    sign_in: SignIn, database: Database, clock: FrozenClock
) -> None:
    assert sign_in.enter("lu", PASSWORD).last_sign_in_at is None
    first_at = clock.now
    clock.advance(hours=20)
    try_wrong(sign_in, 1)
    try_wrong(sign_in, 1, "nobody")
    assert sign_in.enter("lu", PASSWORD, address="192.0.2.7").last_sign_in_at == first_at
    audit = table_of(AuditRow)
    with database.reading() as connection:
        rows = connection.execute(
            select(audit.c.actor, audit.c.action, audit.c.detail).order_by(audit.c.id)
        ).all()
    assert [(actor, action.removeprefix("console.")) for actor, action, _ in rows] == [
        ("lu", "sign_in"), ("lu", "sign_in_refused"), ("nobody", "sign_in_refused"), ("lu", "sign_in"),
    ]  # fmt: skip
    assert rows[-1].detail == {"address": "192.0.2.7"}


def test_the_cookie_is_closed_to_scripts_and_secure_over_https(app: Flask) -> None:
    def cookie(url: str) -> str:
        client = app.test_client()
        token = csrf_token(client.get("/sign-in", base_url=url).text)
        fields = {"csrf_token": token, "name": "luchuan", "password": PASSWORD}
        headers = {"Referer": f"{url}/sign-in"}
        response = client.post("/sign-in", data=fields, base_url=url, headers=headers)
        return next(
            value for value in response.headers.getlist("Set-Cookie") if value.startswith("qingxun_session=")
        )

    plain, secure = cookie("http://localhost"), cookie("https://localhost")
    assert "HttpOnly" in plain
    assert "SameSite=Lax" in plain
    assert "; Secure" not in plain
    assert "; Secure" in secure


def test_a_session_cookie_planted_before_sign_in_is_replaced(app: Flask) -> None:
    client = app.test_client()
    client.set_cookie("qingxun_session", "planted")
    enter(client, "luchuan", PASSWORD)
    cookie = client.get_cookie("qingxun_session")
    assert cookie
    assert cookie.value != "planted"


def test_the_first_page_says_when_one_was_here_last(login: Login, clock: FrozenClock) -> None:
    assert "首次登录" in login("luchuan").get("/").text
    clock.advance(hours=1)
    client = login("luchuan")
    assert "上次登录：11-20 15:00" in client.get("/").text
    assert "上次登录" not in client.get("/").text


def test_a_refused_sign_in_keeps_the_name_and_never_the_password(app: Flask) -> None:
    response = enter(app.test_client(), "luchuan", "wrong password")
    assert response.status_code == 401
    assert 'value="luchuan"' in response.text
    assert "wrong password" not in response.text
    assert "用户名或密码不正确" in response.text


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out"])
def test_a_post_without_csrf_token_changes_nothing(login: Login, path: str) -> None:
    client = login("luchuan")
    response = client.post(path, data={"name": "province", "password": PASSWORD})
    assert response.status_code == 400
    assert "表单已过期" in response.text
    assert "luchuan 用户" in client.get("/").text


def test_signing_out_leads_back_to_the_form(login: Login) -> None:
    client = login("luchuan")
    response = client.post("/sign-out", data={"csrf_token": csrf_token(client.get("/").text)})
    assert response.location == "/sign-in"
    assert client.get("/").status_code == 302


@pytest.mark.parametrize(
    ("target", "lands_on"),
    [
        ("/group/LC0001?day=2026-11-19", "/group/LC0001?day=2026-11-19"),
        ("", "/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example/", "/"),
        ("/\t/evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("group/LC0001", "/"),
    ],
)
def test_sign_in_leads_on_only_within_the_site(app: Flask, target: str, lands_on: str) -> None:
    assert enter(app.test_client(), "luchuan", PASSWORD, next=target).location == lands_on


def test_a_page_asked_for_without_session_is_reached_after_sign_in(app: Flask) -> None:
    response = app.test_client().get("/group/LC0001?day=2026-11-19")
    assert response.location == "/sign-in?next=/group/LC0001?day%3D2026-11-19"


def test_a_fragment_asked_for_without_session_moves_the_whole_page(app: Flask) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "https://evil.example/group/LC0001"}
    response = app.test_client().get("/group/LC0001/day/2026-11-20", headers=headers)
    assert response.status_code == 401
    assert response.headers["HX-Redirect"] == "/sign-in?next=/group/LC0001"


def test_too_many_at_once_are_told_to_wait(
    filled: Database, clock: FrozenClock, rulebook: Rulebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.usecases.people.sign_in._MAX_WAITING", 0)
    response = enter(make_app(filled, clock, rulebook).test_client(), "luchuan", PASSWORD)
    assert response.status_code == 503
    assert "稍后再试" in response.text

"""The second factor: enrolling, the second step, replay, lock-out, recovery codes, giving it up."""

from concurrent.futures import ThreadPoolExecutor

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select

from monitor.people.sign_in import find_step
from monitor.store.database import Database
from monitor.store.tables import ConsoleUserRow, table_of
from monitor.units import Role, Viewer
from monitor.usecases.people.second_factor import SecondFactor, SecondStepRefused
from monitor.usecases.people.sign_in import SignIn, SignInRefused
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.web.conftest import QUICK, Login, enter
from tests.web.entering import enrol, post
from tests.web.filling import PASSWORD

_user = table_of(ConsoleUserRow)
KEY = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def sign_in(database: Database, cast: Cast, clock: FrozenClock) -> SignIn:
    made = SignIn(database, clock, QUICK)
    made.save_user("lu", PASSWORD, Role.UNIT_ADMIN, "lc")
    assert cast
    return made


@pytest.fixture
def factor(sign_in: SignIn, database: Database, clock: FrozenClock) -> SecondFactor:
    return SecondFactor(database, clock, sign_in, "a secret")


def viewer_of(sign_in: SignIn) -> Viewer:
    visitor = sign_in.resume(sign_in.enter("lu", PASSWORD).token)
    assert visitor
    return visitor.viewer


def switch_on(factor: SecondFactor, viewer: Viewer, clock: FrozenClock) -> tuple[pyotp.TOTP, list[str]]:
    factor.begin(viewer)
    codes = pyotp.TOTP(factor.read(viewer).key)
    return codes, factor.finish(viewer, codes.at(clock()))


def test_the_password_alone_opens_nothing_once_the_factor_is_on(
    sign_in: SignIn, factor: SecondFactor, clock: FrozenClock
) -> None:
    codes, _ = switch_on(factor, viewer_of(sign_in), clock)
    clock.advance(seconds=60)
    half = sign_in.enter("lu", PASSWORD)
    assert half.needs_code
    assert sign_in.resume(half.token) is None
    whole = factor.enter(half.token, codes.at(clock()))
    assert whole.token != half.token
    assert sign_in.resume(whole.token)


def test_the_same_code_is_taken_once(sign_in: SignIn, factor: SecondFactor, clock: FrozenClock) -> None:
    codes, _ = switch_on(factor, viewer_of(sign_in), clock)
    first_code = codes.at(clock())
    with pytest.raises(SecondStepRefused):  # the code of the enrolment
        factor.enter(sign_in.enter("lu", PASSWORD).token, first_code)
    clock.advance(seconds=30)
    code = codes.at(clock())
    assert factor.enter(sign_in.enter("lu", PASSWORD).token, code)
    with pytest.raises(SecondStepRefused):
        factor.enter(sign_in.enter("lu", PASSWORD).token, code)


def test_a_second_step_is_used_up_by_the_right_code(
    sign_in: SignIn, factor: SecondFactor, clock: FrozenClock
) -> None:
    _, recovery = switch_on(factor, viewer_of(sign_in), clock)
    half = sign_in.enter("lu", PASSWORD)
    factor.enter(half.token, recovery[0])
    with pytest.raises(SecondStepRefused):
        factor.enter(half.token, recovery[1])


def test_a_second_step_is_over_after_five_minutes(
    sign_in: SignIn, factor: SecondFactor, clock: FrozenClock
) -> None:
    codes, _ = switch_on(factor, viewer_of(sign_in), clock)
    half = sign_in.enter("lu", PASSWORD)
    clock.advance(minutes=5)
    with pytest.raises(SecondStepRefused):
        factor.enter(half.token, codes.at(clock()))


def test_wrong_passwords_and_wrong_codes_lock_together(
    sign_in: SignIn, factor: SecondFactor, clock: FrozenClock
) -> None:
    codes, _ = switch_on(factor, viewer_of(sign_in), clock)
    clock.advance(seconds=60)
    for _ in range(3):
        with pytest.raises(SignInRefused):
            sign_in.enter("lu", "wrong password")
    half = sign_in.enter("lu", PASSWORD)  # right, and yet it does not begin the count anew
    for _ in range(2):
        with pytest.raises(SecondStepRefused):
            factor.enter(half.token, "000000" if codes.at(clock()) != "000000" else "000001")
    with pytest.raises(SecondStepRefused):
        factor.enter(half.token, codes.at(clock()))
    with pytest.raises(SignInRefused):
        sign_in.enter("lu", PASSWORD)
    clock.advance(minutes=15)
    assert factor.enter(sign_in.enter("lu", PASSWORD).token, codes.at(clock())).n_failures == 5


def test_parallel_guesses_of_codes_do_not_outrun_the_lock(
    sign_in: SignIn, factor: SecondFactor, clock: FrozenClock, database: Database
) -> None:
    codes, _ = switch_on(factor, viewer_of(sign_in), clock)
    clock.advance(seconds=60)
    halves = [sign_in.enter("lu", PASSWORD).token for _ in range(12)]
    right = codes.at(clock())
    wrong = [f"{number:06}" for number in range(20) if f"{number:06}" != right][:12]
    with ThreadPoolExecutor(12) as pool:
        guesses = [pool.submit(factor.enter, *pair) for pair in zip(halves, wrong, strict=True)]
        for guess in guesses:
            with pytest.raises(SecondStepRefused):
                guess.result()
    with database.reading() as connection:
        n_failures, locked_until = connection.execute(select(_user.c.n_failures, _user.c.locked_until)).one()
    assert (n_failures, locked_until is not None) == (5, True)


def test_one_code_in_parallel_opens_one_session(
    sign_in: SignIn, factor: SecondFactor, clock: FrozenClock
) -> None:
    codes, _ = switch_on(factor, viewer_of(sign_in), clock)
    clock.advance(seconds=60)
    halves = [sign_in.enter("lu", PASSWORD).token for _ in range(4)]
    code, n_open = codes.at(clock()), 0
    with ThreadPoolExecutor(4) as pool:
        for attempt in [pool.submit(factor.enter, half, code) for half in halves]:
            try:
                n_open += bool(attempt.result())
            except SecondStepRefused:
                continue
    assert n_open == 1


def test_ten_recovery_codes_each_good_once_and_stored_as_hashes(
    sign_in: SignIn, factor: SecondFactor, clock: FrozenClock, database: Database
) -> None:
    viewer = viewer_of(sign_in)
    _, recovery = switch_on(factor, viewer, clock)
    assert len(set(recovery)) == 10
    typed = " ".join(recovery[0][start : start + 4].lower() for start in range(0, 16, 4))
    assert factor.enter(sign_in.enter("lu", PASSWORD).token, typed)
    with pytest.raises(SecondStepRefused):
        factor.enter(sign_in.enter("lu", PASSWORD).token, recovery[0])
    assert factor.read(viewer).n_recovery_codes == 9
    with database.reading() as connection:
        stored = str(connection.exec_driver_sql("SELECT * FROM console_recovery_code").all())
        stored += str(connection.execute(select(_user)).all())
    assert recovery[1] not in stored
    assert factor.read(viewer).key == ""


def test_the_key_is_stored_sealed(sign_in: SignIn, factor: SecondFactor, database: Database) -> None:
    viewer = viewer_of(sign_in)
    factor.begin(viewer)
    key = factor.read(viewer).key
    factor.begin(viewer)
    assert factor.read(viewer).key == key  # asked again, the same one
    with database.reading() as connection:
        assert key not in str(connection.execute(select(_user)).all())


def test_switching_off_needs_the_password(sign_in: SignIn, factor: SecondFactor, clock: FrozenClock) -> None:
    viewer = viewer_of(sign_in)
    switch_on(factor, viewer, clock)
    with pytest.raises(SignInRefused):
        factor.switch_off(viewer, "wrong password")
    assert factor.read(viewer).is_on
    factor.switch_off(viewer, PASSWORD)
    assert not sign_in.enter("lu", PASSWORD).needs_code


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", "12 34 5", "-12345"])
def test_what_is_no_code_is_refused(clock: FrozenClock, code: str) -> None:
    assert find_step(KEY, code, clock(), 0) is None


@pytest.mark.parametrize(("steps", "is_taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_phone_may_be_half_a_minute_off(clock: FrozenClock, steps: int, is_taken: bool) -> None:
    code = pyotp.TOTP(KEY).at(int(clock().timestamp()) + 30 * steps)
    assert (find_step(KEY, code, clock(), 0) is not None) is is_taken


def test_the_pages_lead_from_enrolment_to_the_second_step(
    app: Flask, login: Login, clock: FrozenClock
) -> None:
    client = login("luchuan")
    shown, recovery = enrol(client, clock)
    assert len(recovery) == 10
    assert "剩余恢复码 10 个" in client.get("/security").text
    other = app.test_client()
    response = enter(other, "luchuan", PASSWORD, next="/group/LC0001")
    assert response.location == "/sign-in/code?next=/group/LC0001"
    step = next(cookie for cookie in response.headers.getlist("Set-Cookie") if "qingxun_step" in cookie)
    assert "HttpOnly" in step
    assert "SameSite=Lax" in step
    assert other.get("/").status_code == 302  # half a sign-in opens no page
    refused = post(other, "/sign-in/code", "/sign-in/code", code="000000", next="/group/LC0001")
    assert refused.status_code == 401
    clock.advance(seconds=30)
    passed = post(other, "/sign-in/code", "/sign-in/code", code=shown(), next="/group/LC0001")
    assert passed.location == "/group/LC0001"
    assert "此后有 1 次密码或验证码错误" in other.get("/").text
    off = post(client, "/security", "/security/factor/off", password=PASSWORD)
    assert off.status_code == 302
    assert enter(app.test_client(), "luchuan", PASSWORD).location == "/"

"""The stand-in's tokens live and die as the platform documents it."""

from collections.abc import Iterator

import pytest

from tests.fake_wechat import DEMO_APP_ID, Accounts, FakeClock, FakeWeChat, Limits, OfficialApp
from tests.fake_wechat.caller import Caller

START = 1_767_225_600.0  # 2026-01-01 08:00 in Shanghai


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(START, rate=0)


@pytest.fixture
def fake(clock: FakeClock) -> Iterator[FakeWeChat]:
    with FakeWeChat(clock, limits=Limits(token_fetches_per_day=3, is_every_window_open=True)) as server:
        yield server


@pytest.fixture
def caller(fake: FakeWeChat) -> Caller:
    return Caller(fake.url)


def test_a_plain_token_lives_7200_seconds(caller: Caller, clock: FakeClock) -> None:
    answer = caller.token()
    assert answer["expires_in"] == 7200
    clock.advance(7199)
    assert caller.custom(answer["access_token"])["errcode"] == 0
    clock.advance(1)
    assert caller.custom(answer["access_token"])["errcode"] == 42001


def test_a_new_plain_token_ends_the_old_one_after_five_minutes(caller: Caller, clock: FakeClock) -> None:
    old, new = caller.token()["access_token"], caller.token()["access_token"]
    assert old != new
    clock.advance(299)
    assert caller.custom(old)["errcode"] == 0
    clock.advance(1)
    assert caller.custom(old)["errcode"] == 40001
    assert caller.custom(new)["errcode"] == 0


def test_plain_tokens_have_a_daily_quota_that_ends_at_midnight_in_shanghai(
    caller: Caller, clock: FakeClock
) -> None:
    assert [caller.token().get("errcode", 0) for _ in range(4)] == [0, 0, 0, 45009]
    clock.advance(16 * 3600 - 1)
    assert caller.token()["errcode"] == 45009
    clock.advance(1)
    assert "access_token" in caller.token()


def test_a_stable_token_stays_the_same_until_five_minutes_before_its_end(
    caller: Caller, clock: FakeClock
) -> None:
    first = caller.stable_token()["access_token"]
    clock.advance(6899)
    again = caller.stable_token()
    assert (again["access_token"], again["expires_in"]) == (first, 301)
    clock.advance(1)
    renewed = caller.stable_token()
    assert renewed["access_token"] != first
    assert renewed["expires_in"] == 7200
    assert caller.custom(first)["errcode"] == 0
    clock.advance(300)
    assert caller.custom(first)["errcode"] in (40001, 42001)


def test_stable_and_plain_tokens_do_not_disturb_each_other(caller: Caller, clock: FakeClock) -> None:
    stable = caller.stable_token()["access_token"]
    caller.token()
    caller.token()
    clock.advance(600)
    assert caller.custom(stable)["errcode"] == 0


def test_a_forced_refresh_ends_the_former_token_at_once(caller: Caller) -> None:
    old = caller.stable_token()["access_token"]
    new = caller.stable_token(force=True)["access_token"]
    assert old != new
    assert caller.custom(old)["errcode"] == 40001
    assert caller.custom(new)["errcode"] == 0


def test_a_forced_refresh_sooner_than_30_seconds_changes_nothing(caller: Caller, clock: FakeClock) -> None:
    first = caller.stable_token(force=True)["access_token"]
    clock.advance(29)
    assert caller.stable_token(force=True)["access_token"] == first
    clock.advance(1)
    assert caller.stable_token(force=True)["access_token"] != first


def test_the_21st_forced_refresh_of_a_day_is_refused(caller: Caller, clock: FakeClock) -> None:
    codes = []
    for _ in range(21):
        codes.append(caller.stable_token(force=True).get("errcode", 0))
        clock.advance(31)
    assert codes == [0] * 20 + [45009]


@pytest.mark.parametrize(("app_id", "secret", "errcode"), [("wxother", "x", 40013), (None, "wrong", 40125)])
def test_wrong_credentials_of_an_official_account_are_named(
    caller: Caller, app_id: str | None, secret: str, errcode: int
) -> None:
    asked = app_id or DEMO_APP_ID
    assert caller.token(asked, secret)["errcode"] == errcode
    assert caller.stable_token(app_id=asked, secret=secret)["errcode"] == errcode


def test_a_wrong_grant_type_is_refused(caller: Caller) -> None:
    assert caller.get("cgi-bin/token", grant_type="password")["errcode"] == 40002


def test_missing_and_unknown_tokens_are_told_apart(caller: Caller) -> None:
    assert caller.custom("")["errcode"] == 41001
    assert caller.custom("made-up")["errcode"] == 40014


def test_a_token_can_be_invalidated_from_outside(fake: FakeWeChat, caller: Caller) -> None:
    token = caller.stable_token()["access_token"]
    fake.platform.official_tokens.invalidate()
    assert caller.custom(token)["errcode"] == 40001
    assert caller.stable_token()["access_token"] != token


def test_stable_token_must_be_posted(caller: Caller) -> None:
    assert caller.get("cgi-bin/stable_token")["errcode"] == 43002


def test_a_token_works_only_for_its_own_account(clock: FakeClock) -> None:
    apps = {"wxa": OfficialApp("s-a"), "wxb": OfficialApp("s-b", grants=frozenset({"template"}))}
    with FakeWeChat(clock, Accounts(official=apps), Limits(is_every_window_open=True)) as fake:
        caller = Caller(fake.url)
        with_custom = caller.token("wxa", "s-a")["access_token"]
        without = caller.token("wxb", "s-b")["access_token"]
        assert caller.custom(with_custom)["errcode"] == 0
        assert caller.custom(without)["errcode"] == 48001


def test_wecom_gives_the_same_token_within_its_life(caller: Caller, clock: FakeClock) -> None:
    first = caller.gettoken()
    clock.advance(7199)
    assert caller.gettoken()["access_token"] == first["access_token"]
    clock.advance(1)
    assert caller.app_message(first["access_token"])["errcode"] == 42001
    assert caller.gettoken()["access_token"] != first["access_token"]


def test_wecom_names_a_wrong_corporation_and_a_wrong_secret(caller: Caller) -> None:
    assert caller.gettoken(corp_id="ww-other")["errcode"] == 40013
    assert caller.gettoken(secret="wrong")["errcode"] == 40001


def test_official_tokens_do_not_open_wecom(caller: Caller) -> None:
    assert caller.app_message(caller.stable_token()["access_token"])["errcode"] == 40014

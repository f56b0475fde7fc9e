"""One refresher per account: early, locked, bounded, and forced at most once in five minutes."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from bot.token import StoredToken, TokenError
from monitor.errors import DeliveryError
from monitor.ports import OutboundMessage
from tests.fake_wechat import FakeClock, FakeWeChat, Limits
from tests.fake_wechat.wiring import Wiring, wire

STABLE, GETTOKEN, CUSTOM = "cgi-bin/stable_token", "cgi-bin/gettoken", "cgi-bin/message/custom/send"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(1_767_225_600.0, rate=0)


@pytest.fixture
def fake(clock: FakeClock) -> Iterator[FakeWeChat]:
    with FakeWeChat(clock, limits=Limits(is_every_window_open=True)) as server:
        yield server


@pytest.fixture
def wiring(fake: FakeWeChat, request: pytest.FixtureRequest) -> Wiring:
    parameters = request.node.callspec.params if hasattr(request.node, "callspec") else {}
    return wire(fake, kind_of_fault=str(parameters.get("kind", "")))


def in_ten_threads(call: Callable[[int], object]) -> list[object]:
    """Call at the same moment from ten threads; an exception counts as a result."""
    barrier = threading.Barrier(10)

    def run(number: int) -> object:
        barrier.wait(5)
        try:
            return call(number)
        except (TokenError, DeliveryError) as error:
            return error

    with ThreadPoolExecutor(10) as pool:
        return list(pool.map(run, range(10)))


def send(wiring: Wiring, number: int) -> object:
    return wiring.customer_service.send(OutboundMessage("o1", "", f"第{number}条", str(number)))


def test_a_token_is_fetched_once_and_then_reused(fake: FakeWeChat, wiring: Wiring) -> None:
    assert len({wiring.official_tokens.token() for _ in range(5)}) == 1
    assert len(fake.calls(STABLE)) == 1


def test_a_token_is_renewed_five_minutes_before_its_end(
    fake: FakeWeChat, wiring: Wiring, clock: FakeClock
) -> None:
    first = wiring.official_tokens.token()
    clock.advance(6899)
    assert wiring.official_tokens.token() == first
    clock.advance(1)
    assert wiring.official_tokens.token() != first
    assert len(fake.calls(STABLE)) == 2


def test_a_failed_early_renewal_goes_on_with_the_old_token(
    fake: FakeWeChat, wiring: Wiring, clock: FakeClock
) -> None:
    first = wiring.official_tokens.token()
    clock.advance(6950)
    fake.fault(STABLE, "500")
    assert wiring.official_tokens.token() == first
    clock.advance(250)
    with pytest.raises(TokenError):
        wiring.official_tokens.token()


def test_ten_cold_threads_fetch_one_token(fake: FakeWeChat, wiring: Wiring) -> None:
    tokens = in_ten_threads(lambda _: wiring.official_tokens.token())
    assert len(set(tokens)) == 1
    assert len(fake.calls(STABLE)) == 1


def test_a_storm_of_refusals_in_ten_threads_costs_two_fetches(fake: FakeWeChat, wiring: Wiring) -> None:
    fake.fault(CUSTOM, "errcode:40001")
    results = in_ten_threads(lambda number: send(wiring, number))
    assert all(isinstance(result, DeliveryError) for result in results)
    assert len(fake.calls(STABLE)) <= 2
    assert len(fake.calls(CUSTOM)) <= 20


def test_ten_threads_with_one_dead_token_all_get_through_with_one_more_fetch(
    fake: FakeWeChat, wiring: Wiring
) -> None:
    wiring.official_tokens.token()
    fake.platform.official_tokens.invalidate()
    in_ten_threads(lambda number: send(wiring, number))
    assert len(fake.received) == 10
    assert len(fake.calls(STABLE)) == 2


def test_an_hour_of_refusals_costs_at_most_one_fetch_in_five_minutes(
    fake: FakeWeChat, wiring: Wiring, clock: FakeClock
) -> None:
    fake.fault(CUSTOM, "errcode:40001", for_seconds=3600)
    for number in range(360):
        with pytest.raises(DeliveryError):
            send(wiring, number)
        clock.advance(10)
    assert len(fake.calls(STABLE)) <= 1 + 3600 / 300
    send(wiring, 999)
    assert len(fake.received) == 1


def test_a_refused_forced_quota_does_not_spoil_a_valid_token(
    fake: FakeWeChat, wiring: Wiring, clock: FakeClock
) -> None:
    token = wiring.official_tokens.token()
    fake.fault(STABLE, "errcode:45009")
    with pytest.raises(TokenError) as error:
        wiring.official_tokens.replace(token)
    assert error.value.retry_after == timedelta(minutes=5)
    assert wiring.official_tokens.token() == token


def test_replacing_a_token_that_others_have_replaced_fetches_nothing(
    fake: FakeWeChat, wiring: Wiring
) -> None:
    old = wiring.official_tokens.token()
    new = wiring.official_tokens.replace(old)
    assert new != old
    assert wiring.official_tokens.replace(old) == new
    assert len(fake.calls(STABLE)) == 2


def test_a_second_refusal_within_five_minutes_fails_without_a_fetch(
    fake: FakeWeChat, wiring: Wiring, clock: FakeClock
) -> None:
    new = wiring.official_tokens.replace(wiring.official_tokens.token())
    clock.advance(100)
    with pytest.raises(TokenError, match="refused, too") as error:
        wiring.official_tokens.replace(new)
    assert error.value.retry_after == timedelta(seconds=200)
    clock.advance(200)
    assert wiring.official_tokens.replace(new) != new


def test_wecom_tokens_cannot_be_forced(fake: FakeWeChat, wiring: Wiring) -> None:
    token = wiring.wecom_tokens.token()
    with pytest.raises(TokenError, match="gives out the token it refuses"):
        wiring.wecom_tokens.replace(token)
    assert len(fake.calls(GETTOKEN)) == 2


def test_wecom_is_asked_once_a_minute_while_it_repeats_an_ending_token(
    fake: FakeWeChat, wiring: Wiring, clock: FakeClock
) -> None:
    first = wiring.wecom_tokens.token()
    clock.advance(6900)
    tokens = set()
    for _ in range(100):
        tokens.add(wiring.wecom_tokens.token())
        clock.advance(2.9)
    assert tokens == {first}
    assert len(fake.calls(GETTOKEN)) <= 1 + 5
    clock.advance(10)
    assert wiring.wecom_tokens.token() != first


def test_an_ordinary_renewal_does_not_make_force_possible_again(
    fake: FakeWeChat, wiring: Wiring, clock: FakeClock
) -> None:
    token = wiring.wecom_tokens.token()
    clock.advance(6950)
    with pytest.raises(TokenError):
        wiring.wecom_tokens.replace(token)
    clock.advance(61)
    assert wiring.wecom_tokens.token() == token
    n_calls = len(fake.calls(GETTOKEN))
    with pytest.raises(TokenError, match="refused, too"):
        wiring.wecom_tokens.replace(token)
    assert len(fake.calls(GETTOKEN)) == n_calls == 3


@pytest.mark.parametrize("kind", ["hang", "500", "refuse", "html200", "errcode:-1"])
def test_after_a_passing_failure_nobody_asks_again_for_ten_seconds(
    fake: FakeWeChat, wiring: Wiring, clock: FakeClock, kind: str
) -> None:
    fake.fault(STABLE, kind)
    results = in_ten_threads(lambda _: wiring.official_tokens.token())
    assert all(isinstance(result, TokenError) and not result.permanent for result in results)
    assert len(fake.calls(STABLE)) == 1
    fake.clear_faults()
    clock.advance(10)
    assert wiring.official_tokens.token()


@pytest.mark.parametrize("code", [40001, 40013, 40125, 40164, 40243, 89503])
def test_a_wrong_configuration_is_permanent_and_asked_about_every_five_minutes(
    fake: FakeWeChat, wiring: Wiring, clock: FakeClock, code: int
) -> None:
    fake.fault(STABLE, f"errcode:{code}")
    for _ in range(3):
        with pytest.raises(TokenError, match=str(code)) as error:
            wiring.official_tokens.token()
        assert error.value.permanent
    assert len(fake.calls(STABLE)) == 1
    clock.advance(300)
    with pytest.raises(TokenError):
        wiring.official_tokens.token()
    assert len(fake.calls(STABLE)) == 2


def test_a_wrong_secret_of_wecom_is_named(fake: FakeWeChat) -> None:
    with pytest.raises(TokenError, match="secret is wrong") as error:
        wire(fake, corp_secret="wrong").wecom_tokens.token()
    assert error.value.permanent


@pytest.mark.parametrize("kind", ["errcode:0", "huge", "truncate"])
def test_an_answer_without_a_token_is_a_passing_failure(fake: FakeWeChat, wiring: Wiring, kind: str) -> None:
    fake.fault(STABLE, kind)
    with pytest.raises(TokenError) as error:
        wiring.official_tokens.token()
    assert not error.value.permanent


def test_accounts_of_one_store_do_not_mix(wiring: Wiring) -> None:
    official, wecom = wiring.official_tokens.token(), wiring.wecom_tokens.token()
    assert official != wecom
    assert wiring.official_tokens.token() == official


def test_a_second_process_with_the_same_store_does_not_fetch(fake: FakeWeChat, wiring: Wiring) -> None:
    token = wiring.official_tokens.token()
    other = wire(fake)
    stored = wiring.store.load("official:wxdemo0000000001")
    assert stored is not None
    other.store.save("official:wxdemo0000000001", stored)
    assert other.official_tokens.token() == token
    assert len(fake.calls(STABLE)) == 1


def test_a_stored_token_does_not_show_itself() -> None:
    assert "hidden" not in repr(StoredToken("hidden", datetime(2026, 1, 1, tzinfo=UTC)))

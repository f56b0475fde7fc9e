"""The stand-in drops, remembers and limits as WeCom does."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.fake_wechat import DEMO_CORP_ID, DEMO_CORP_SECRET, Accounts, Corp, FakeClock, FakeWeChat, Limits
from tests.fake_wechat.caller import Caller

MEMBERS = frozenset({"zhang", "li"})


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(1_767_225_600.0, rate=0)


@pytest.fixture
def fake(clock: FakeClock) -> Iterator[FakeWeChat]:
    corp = Corp({DEMO_CORP_SECRET: 1000002}, members=MEMBERS)
    with FakeWeChat(clock, Accounts(corps={DEMO_CORP_ID: corp}), Limits(member_per_hour=50)) as server:
        yield server


@pytest.fixture
def caller(fake: FakeWeChat) -> Caller:
    return Caller(fake.url)


@pytest.fixture
def token(caller: Caller) -> str:
    return str(caller.gettoken()["access_token"])


def test_the_31st_message_to_a_member_in_a_minute_vanishes_without_an_error(
    fake: FakeWeChat, caller: Caller, token: str
) -> None:
    codes = {caller.app_message(token, text=f"第{number}条")["errcode"] for number in range(31)}
    assert codes == {0}
    assert len(fake.received) == 30
    assert [entry.text for entry in fake.dropped] == ["第30条"]


def test_the_limit_counts_each_member_alone(fake: FakeWeChat, caller: Caller, token: str) -> None:
    for number in range(30):
        caller.app_message(token, text=f"第{number}条")
    caller.app_message(token, user="zhang|li", text="两人")
    assert [entry.recipient for entry in fake.received[-1:]] == ["li"]
    assert [entry.recipient for entry in fake.dropped] == ["zhang"]


def test_a_member_who_got_too_many_is_cut_off_for_a_minute(
    fake: FakeWeChat, caller: Caller, token: str, clock: FakeClock
) -> None:
    for number in range(31):
        caller.app_message(token, text=f"第{number}条")
    clock.advance(59)
    caller.app_message(token, text="太早")
    clock.advance(1)
    caller.app_message(token, text="到了")
    assert fake.received[-1].text == "到了"
    assert [entry.text for entry in fake.dropped] == ["第30条", "太早"]


def test_the_hourly_limit_holds_too(fake: FakeWeChat, caller: Caller, token: str, clock: FakeClock) -> None:
    for number in range(51):
        clock.advance(3)
        caller.app_message(token, text=f"第{number}条")
    assert len(fake.received) == 50
    assert len(fake.dropped) == 1


def test_a_duplicate_within_the_interval_is_not_shown_again(
    fake: FakeWeChat, caller: Caller, token: str, clock: FakeClock
) -> None:
    checked: dict[str, Any] = {"enable_duplicate_check": 1, "duplicate_check_interval": 1800}
    first = caller.app_message(token, **checked)
    clock.advance(1799)
    assert caller.app_message(token, **checked)["msgid"] == first["msgid"]
    assert len(fake.received) == 1
    clock.advance(1)
    caller.app_message(token, **checked)
    assert len(fake.received) == 2


def test_without_the_check_duplicates_are_shown(fake: FakeWeChat, caller: Caller, token: str) -> None:
    caller.app_message(token)
    caller.app_message(token)
    assert len(fake.received) == 2


def test_unknown_members_are_listed_and_the_others_served(
    fake: FakeWeChat, caller: Caller, token: str
) -> None:
    answer = caller.app_message(token, user="zhang|Wang|Zhao")
    assert (answer["errcode"], answer["invaliduser"]) == (0, "wang|zhao")
    assert [entry.recipient for entry in fake.received] == ["zhang"]


def test_a_message_to_nobody_known_fails(caller: Caller, token: str) -> None:
    assert caller.app_message(token, user="wang")["errcode"] == 81013


def test_a_foreign_agent_is_refused(caller: Caller, token: str) -> None:
    assert caller.app_message(token, agentid=7)["errcode"] == 40056


def test_a_long_application_text_is_cut_by_the_platform(fake: FakeWeChat, caller: Caller, token: str) -> None:
    caller.app_message(token, text="团" * 700)
    assert fake.received[0].text == "团" * 682


def test_a_robot_takes_20_messages_a_minute(fake: FakeWeChat, caller: Caller, clock: FakeClock) -> None:
    codes = [caller.robot(f"第{number}条")["errcode"] for number in range(21)]
    assert codes == [0] * 20 + [45009]
    clock.advance(60)
    assert caller.robot()["errcode"] == 0
    assert {entry.recipient for entry in fake.received} == {"督导工作群"}


def test_a_robot_can_be_blocked_for_ten_minutes_instead(clock: FakeClock) -> None:
    with FakeWeChat(clock, limits=Limits(robot_over_limit_code=130101)) as fake:
        caller = Caller(fake.url)
        codes = [caller.robot()["errcode"] for _ in range(21)]
        assert codes[-1] == 130101
        clock.advance(599)
        assert caller.robot()["errcode"] == 130101
        clock.advance(1)
        assert caller.robot()["errcode"] == 0


@pytest.mark.parametrize(("kind", "fits"), [("text", 2048), ("markdown", 4096)])
def test_a_robots_message_has_a_size_limit_in_bytes(caller: Caller, kind: str, fits: int) -> None:
    assert caller.robot("a" * fits, kind)["errcode"] == 0
    assert caller.robot("a" * (fits + 1), kind)["errcode"] == 40058


def test_an_unknown_robot_key_is_refused(caller: Caller) -> None:
    assert caller.robot(key="other")["errcode"] == 93000

"""The stand-in sends for official accounts within the documented windows and limits."""

from collections.abc import Iterator

import pytest
import requests

from tests.fake_wechat import (
    DEMO_APP_ID,
    DEMO_APP_SECRET,
    Accounts,
    FakeClock,
    FakeWeChat,
    Limits,
    OfficialApp,
)
from tests.fake_wechat.caller import Caller


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(1_767_225_600.0, rate=0)


@pytest.fixture
def fake(clock: FakeClock) -> Iterator[FakeWeChat]:
    app = OfficialApp(DEMO_APP_SECRET, template_ids=frozenset({"t1"}))
    limits = Limits(template_sends_per_day=12)
    with FakeWeChat(clock, Accounts(official={DEMO_APP_ID: app}), limits) as server:
        yield server


@pytest.fixture
def caller(fake: FakeWeChat) -> Caller:
    return Caller(fake.url)


@pytest.fixture
def token(caller: Caller) -> str:
    return str(caller.stable_token()["access_token"])


def test_without_a_users_message_no_window_is_open(caller: Caller, token: str) -> None:
    assert caller.custom(token)["errcode"] == 45015


def test_five_messages_fit_a_window_and_the_sixth_does_not(
    fake: FakeWeChat, caller: Caller, token: str
) -> None:
    fake.open_window("o1")
    codes = [caller.custom(token, text=f"第{number}条")["errcode"] for number in range(6)]
    assert codes == [0, 0, 0, 0, 0, 45047]
    assert [entry.text for entry in fake.received] == ["第0条", "第1条", "第2条", "第3条", "第4条"]


def test_a_window_closes_after_48_hours(
    fake: FakeWeChat, caller: Caller, token: str, clock: FakeClock
) -> None:
    fake.open_window("o1")
    clock.advance(48 * 3600)
    fresh = caller.stable_token()["access_token"]
    assert caller.custom(fresh)["errcode"] == 45015


def test_a_new_message_opens_the_window_anew(fake: FakeWeChat, caller: Caller, token: str) -> None:
    fake.open_window("o1")
    for _ in range(5):
        caller.custom(token)
    fake.open_window("o1")
    assert caller.custom(token)["errcode"] == 0


def test_windows_belong_to_one_person(fake: FakeWeChat, caller: Caller, token: str) -> None:
    fake.open_window("o1")
    assert caller.custom(token, openid="o2")["errcode"] == 45015


def test_a_menu_click_allows_three_messages_within_a_minute(
    fake: FakeWeChat, caller: Caller, token: str, clock: FakeClock
) -> None:
    fake.platform.official.open_window("o1", "click")
    assert [caller.custom(token)["errcode"] for _ in range(4)] == [0, 0, 0, 45047]
    fake.platform.official.open_window("o1", "click")
    clock.advance(60)
    assert caller.custom(token)["errcode"] == 45015


def test_refused_people_and_malformed_openids_are_named(fake: FakeWeChat, caller: Caller, token: str) -> None:
    fake.platform.official.refuse_person("gone", 43004)
    assert caller.template(token, openid="gone")["errcode"] == 43004
    assert caller.template(token, openid="不是openid")["errcode"] == 40003


def test_an_empty_or_oversized_text_is_refused(fake: FakeWeChat, caller: Caller, token: str) -> None:
    fake.open_window("o1")
    assert caller.custom(token, text="")["errcode"] == 44004
    assert caller.custom(token, text="团" * 683)["errcode"] == 45002
    assert caller.custom(token, text="团" * 682)["errcode"] == 0


def test_a_template_message_shows_its_fields(fake: FakeWeChat, caller: Caller, token: str) -> None:
    assert caller.template(token)["errcode"] == 0
    assert fake.received[0].text == "thing1：琼海市 活跃度差"
    assert fake.received[0].channel == "模板消息"


def test_a_foreign_template_is_refused(caller: Caller, token: str) -> None:
    assert caller.template(token, template_id="t2")["errcode"] == 40037


def test_a_repeated_client_msg_id_is_shown_once_within_ten_minutes(
    fake: FakeWeChat, caller: Caller, token: str, clock: FakeClock
) -> None:
    first = caller.template(token, client_msg_id="k1")
    clock.advance(599)
    assert caller.template(token, client_msg_id="k1")["msgid"] == first["msgid"]
    assert len(fake.received) == 1
    clock.advance(1)
    assert caller.template(token, client_msg_id="k1")["msgid"] != first["msgid"]
    assert len(fake.received) == 2


def test_the_same_key_for_another_person_is_another_message(
    fake: FakeWeChat, caller: Caller, token: str
) -> None:
    caller.template(token, client_msg_id="k1")
    caller.template(token, openid="o2", client_msg_id="k1")
    assert len(fake.received) == 2


def test_template_messages_have_a_daily_quota(caller: Caller, token: str) -> None:
    codes = [caller.template(token)["errcode"] for _ in range(13)]
    assert codes == [0] * 12 + [45009]


def test_a_menu_has_one_to_three_buttons(fake: FakeWeChat, caller: Caller, token: str) -> None:
    button = {"type": "click", "name": "今日状态", "key": "status"}
    made = caller.post("cgi-bin/menu/create", {"button": [button]}, access_token=token)
    assert made["errcode"] == 0
    assert fake.platform.official.menus[DEMO_APP_ID] == {"button": [button]}
    assert (
        caller.post("cgi-bin/menu/create", {"button": [button] * 4}, access_token=token)["errcode"] == 40016
    )
    nameless = {"button": [{"type": "click"}]}
    assert caller.post("cgi-bin/menu/create", nameless, access_token=token)["errcode"] == 40018


def test_broken_json_and_unknown_addresses_are_refused(fake: FakeWeChat, caller: Caller, token: str) -> None:
    address = f"{fake.url}/cgi-bin/message/custom/send?access_token={token}"
    assert requests.post(address, data=b"{", timeout=2).json()["errcode"] == 47001
    assert caller.get("cgi-bin/nothing")["errcode"] == 40066


def test_the_log_of_calls_carries_no_token(fake: FakeWeChat, caller: Caller, token: str) -> None:
    caller.custom(token)
    assert [call.path for call in fake.calls()] == ["cgi-bin/stable_token", "cgi-bin/message/custom/send"]
    assert token not in repr(fake.calls())

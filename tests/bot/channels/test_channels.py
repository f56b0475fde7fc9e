"""Every channel reaches people through the stand-in, within the platform's sizes and duplicate memory."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot.channels.texts import CUT_MARK
from monitor.delivery.outbox import ChannelKind, SendLimit
from monitor.errors import DeliveryError
from monitor.ports import Channel, OutboundMessage
from tests.fake_wechat import (
    DEMO_CORP_ID,
    DEMO_CORP_SECRET,
    Accounts,
    Corp,
    FakeClock,
    FakeWeChat,
    Limits,
)
from tests.fake_wechat.wiring import Wiring, wire

TARGETS = {
    ChannelKind.WECOM_APP: "zhang",
    ChannelKind.WECOM_ROBOT: "督导工作群",
    ChannelKind.TEMPLATE: "o1",
    ChannelKind.CUSTOMER_SERVICE: "o1",
}


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(1_767_225_600.0, rate=0)


@pytest.fixture
def fake(clock: FakeClock) -> Iterator[FakeWeChat]:
    corps = {DEMO_CORP_ID: Corp({DEMO_CORP_SECRET: 1000002}, members=frozenset({"zhang", "Li"}))}
    with FakeWeChat(clock, Accounts(corps=corps), Limits(is_every_window_open=True)) as server:
        yield server


@pytest.fixture
def wiring(fake: FakeWeChat) -> Wiring:
    return wire(fake)


def channels_of(wiring: Wiring) -> list[Channel]:
    return [wiring.wecom_app, wiring.wecom_robot, wiring.template, wiring.customer_service]


def message(
    target: str, text: str = "琼海市 活跃度差\n今日 1 条", key: str = "k1", url: str = ""
) -> OutboundMessage:
    return OutboundMessage(target, "【预警】活跃度差", text, key, url)


@pytest.mark.parametrize("kind", list(ChannelKind))
def test_a_message_reaches_the_person_and_gives_a_receipt(
    fake: FakeWeChat, wiring: Wiring, kind: ChannelKind
) -> None:
    channel = next(channel for channel in channels_of(wiring) if channel.kind is kind)
    receipt = channel.send(message(TARGETS[kind]))
    assert receipt.channel is kind
    assert [entry.recipient for entry in fake.received] == [TARGETS[kind]]
    assert "琼海市 活跃度差" in fake.received[0].text
    assert "【预警】活跃度差" in fake.received[0].text


def test_receipts_carry_the_platforms_id_where_there_is_one(wiring: Wiring) -> None:
    assert wiring.template.send(message("o1")).platform_id == "1000000001"
    assert wiring.wecom_app.send(message("zhang")).platform_id == "msg-1"
    assert wiring.wecom_robot.send(message("督导工作群")).platform_id == ""


def test_each_channel_declares_its_limits_as_figures(wiring: Wiring) -> None:
    assert wiring.wecom_app.limits == (
        SendLimit(30, timedelta(minutes=1)),
        SendLimit(1000, timedelta(hours=1)),
    )
    assert wiring.wecom_robot.limits == (SendLimit(20, timedelta(minutes=1)),)
    assert wiring.customer_service.limits == (SendLimit(5, timedelta(hours=48)),)
    assert wiring.template.limits == ()
    windows = {channel.kind: channel.duplicate_window for channel in channels_of(wiring)}
    assert windows[ChannelKind.WECOM_APP] == timedelta(minutes=30)
    assert windows[ChannelKind.TEMPLATE] == timedelta(minutes=10)
    assert windows[ChannelKind.WECOM_ROBOT] == windows[ChannelKind.CUSTOMER_SERVICE] == timedelta(0)


@pytest.mark.parametrize(
    "kind", [ChannelKind.WECOM_APP, ChannelKind.WECOM_ROBOT, ChannelKind.CUSTOMER_SERVICE]
)
def test_a_long_text_is_cut_at_a_character_and_keeps_its_address(
    fake: FakeWeChat, wiring: Wiring, kind: ChannelKind
) -> None:
    channel = next(channel for channel in channels_of(wiring) if channel.kind is kind)
    channel.send(message(TARGETS[kind], text="团" * 3000, url="https://console.example/alerts/7"))
    shown = fake.received[0].text
    assert 2000 < len(shown.encode()) <= 2048
    assert f"团{CUT_MARK}\nhttps://console.example/alerts/7" in shown


def test_a_template_shows_title_and_conclusion_in_twenty_characters(fake: FakeWeChat, wiring: Wiring) -> None:
    wiring.template.send(message("o1", text="\n琼海市嘉积镇第一团支部微信群连续三次检查均为差\n第二行"))
    assert (
        fake.received[0].text == "thing1：【预警】活跃度差\nthing2：琼海市嘉积镇第一团支部微信群连续三次检…"
    )


def test_a_template_without_title_or_text_still_goes_out(fake: FakeWeChat, wiring: Wiring) -> None:
    wiring.template.send(OutboundMessage("o1", "", "只有正文", "k1", "https://console.example/"))
    wiring.template.send(OutboundMessage("o1", "只有标题", "", "k2"))
    assert [entry.text for entry in fake.received] == [
        "thing1：只有正文\nthing2：只有正文",
        "thing1：只有标题\nthing2：",
    ]


@pytest.mark.parametrize("kind", [ChannelKind.WECOM_APP, ChannelKind.TEMPLATE])
def test_a_repeat_with_the_same_key_is_not_shown_twice(
    fake: FakeWeChat, wiring: Wiring, clock: FakeClock, kind: ChannelKind
) -> None:
    channel = next(channel for channel in channels_of(wiring) if channel.kind is kind)
    first = channel.send(message(TARGETS[kind]))
    clock.advance(channel.duplicate_window.total_seconds() - 1)
    assert channel.send(message(TARGETS[kind])) == first
    assert len(fake.received) == 1


@pytest.mark.parametrize("kind", [ChannelKind.WECOM_APP, ChannelKind.TEMPLATE])
def test_equal_words_under_another_key_are_shown_again(
    fake: FakeWeChat, wiring: Wiring, kind: ChannelKind
) -> None:
    channel = next(channel for channel in channels_of(wiring) if channel.kind is kind)
    channel.send(message(TARGETS[kind], key="reminder-1"))
    channel.send(message(TARGETS[kind], key="reminder-2"))
    assert len(fake.received) == 2


def test_a_lost_answer_followed_by_a_retry_is_shown_once(fake: FakeWeChat, wiring: Wiring) -> None:
    fake.fault("cgi-bin/message/send", "drop_answer", at_call=1)
    with pytest.raises(DeliveryError) as lost:
        wiring.wecom_app.send(message("zhang"))
    assert lost.value.ambiguous
    wiring.wecom_app.send(message("zhang"))
    assert len(fake.received) == 1


def test_a_member_the_platform_lists_as_invalid_is_not_reached(fake: FakeWeChat, wiring: Wiring) -> None:
    fake.fault("cgi-bin/message/send", "errcode:0", at_call=1)
    assert wiring.wecom_app.send(message("zhang")).platform_id == ""
    with pytest.raises(DeliveryError) as unknown:
        wiring.wecom_app.send(message("wang"))
    assert unknown.value.permanent
    assert not unknown.value.ambiguous


def test_one_invalid_member_beside_a_valid_one_is_an_error_for_the_invalid_one(wiring: Wiring) -> None:
    answer = wiring.client.post(
        "cgi-bin/message/send",
        {"touser": "zhang|Wang", "agentid": 1000002, "msgtype": "text", "text": {"content": "x"}},
        {"access_token": wiring.wecom_tokens.token()},
    )
    assert answer["invaliduser"] == "wang"


def test_a_robot_that_is_not_configured_is_a_permanent_error(fake: FakeWeChat, wiring: Wiring) -> None:
    with pytest.raises(DeliveryError, match="no robot of that name") as error:
        wiring.wecom_robot.send(message("不存在的群"))
    assert error.value.permanent
    assert fake.calls() == []


def test_lone_surrogates_do_not_stop_a_message(fake: FakeWeChat, wiring: Wiring) -> None:
    wiring.customer_service.send(message("o1", text="坏字符\ud83d结束"))
    wiring.template.send(message("o1", text="坏字符\ud83d结束"))
    assert fake.received[0].text.endswith("坏字符?结束")


def test_a_closed_window_makes_customer_service_fall_back(clock: FakeClock) -> None:
    with FakeWeChat(clock) as fake:
        wiring = wire(fake)
        fake.open_window("o1")
        for number in range(5):
            wiring.customer_service.send(message("o1", key=str(number)))
        with pytest.raises(DeliveryError, match="45047") as used_up:
            wiring.customer_service.send(message("o1"))
        clock.advance(48 * 3600)
        with pytest.raises(DeliveryError, match="45015") as closed:
            wiring.customer_service.send(message("o1"))
        assert used_up.value.permanent
        assert closed.value.permanent
        assert len(fake.received) == 5


def test_a_robot_over_its_limit_waits_a_minute(fake: FakeWeChat, wiring: Wiring) -> None:
    for number in range(20):
        wiring.wecom_robot.send(message("督导工作群", key=str(number)))
    with pytest.raises(DeliveryError) as error:
        wiring.wecom_robot.send(message("督导工作群"))
    assert (error.value.permanent, error.value.retry_after) == (False, timedelta(minutes=1))

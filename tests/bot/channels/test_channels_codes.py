"""Every error code of the platforms leads to the action the outbox can follow."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot.channels.codes import OFFICIAL, WECOM, Action, rule_for
from monitor.errors import DeliveryError
from monitor.ports import OutboundMessage
from tests.fake_wechat import FakeClock, FakeWeChat, Limits
from tests.fake_wechat.wiring import Wiring, wire

CUSTOM, TEMPLATE, APP = (
    "cgi-bin/message/custom/send",
    "cgi-bin/message/template/send",
    "cgi-bin/message/send",
)
ROBOT = "cgi-bin/webhook/send"
STALE = (40001, 40014, 42001)


@pytest.fixture
def fake() -> Iterator[FakeWeChat]:
    clock = FakeClock(1_767_225_600.0, rate=0)
    with FakeWeChat(clock, limits=Limits(is_every_window_open=True)) as server:
        yield server


@pytest.fixture
def wiring(fake: FakeWeChat) -> Wiring:
    return wire(fake)


def to(target: str) -> OutboundMessage:
    return OutboundMessage(target, "预警", "琼海市 活跃度差", "k1")


def refusal(fake: FakeWeChat, wiring: Wiring, path: str, code: int) -> DeliveryError:
    fake.fault(path, f"errcode:{code}")
    channel, target = {
        CUSTOM: (wiring.customer_service, "o1"),
        TEMPLATE: (wiring.template, "o1"),
        APP: (wiring.wecom_app, "zhang"),
        ROBOT: (wiring.wecom_robot, "督导工作群"),
    }[path]
    with pytest.raises(DeliveryError) as error:
        channel.send(to(target))  # type: ignore[attr-defined]
    assert not error.value.ambiguous
    assert str(code) in str(error.value) or code in STALE
    return error.value


@pytest.mark.parametrize("path", [CUSTOM, TEMPLATE])
@pytest.mark.parametrize("code", sorted(OFFICIAL))
def test_every_code_of_official_accounts_is_followed(
    fake: FakeWeChat, wiring: Wiring, path: str, code: int
) -> None:
    rule = OFFICIAL[code]
    if rule.action is Action.SENT:
        fake.fault(path, f"errcode:{code}")
        assert wiring.template.send(to("o1")) if path == TEMPLATE else wiring.customer_service.send(to("o1"))
        return
    error = refusal(fake, wiring, path, code)
    assert error.permanent is rule.is_permanent
    assert error.retry_after == rule.wait


@pytest.mark.parametrize("path", [APP, ROBOT])
@pytest.mark.parametrize("code", sorted(WECOM))
def test_every_code_of_wecom_is_followed(fake: FakeWeChat, wiring: Wiring, path: str, code: int) -> None:
    error = refusal(fake, wiring, path, code)
    assert error.permanent is WECOM[code].is_permanent
    assert error.retry_after == WECOM[code].wait


@pytest.mark.parametrize(
    ("code", "permanent", "wait"),
    [
        (-1, False, None),
        (40001, False, timedelta(minutes=5)),
        (40003, True, None),
        (40013, True, None),
        (40125, True, None),
        (43004, True, None),
        (45009, True, None),
        (45011, False, timedelta(minutes=1)),
        (45015, True, None),
        (45047, True, None),
        (48001, True, None),
    ],
)
def test_the_table_says_what_the_platforms_manual_says(
    code: int, permanent: bool, wait: timedelta | None
) -> None:
    rule = OFFICIAL[code]
    assert (rule.is_permanent, rule.wait) == (permanent, wait)


def test_unknown_refusals_fall_back_and_unknown_trouble_is_tried_again() -> None:
    assert rule_for(47003, OFFICIAL).is_permanent
    assert rule_for(99999, WECOM).is_permanent
    assert not rule_for(7, WECOM).is_permanent


@pytest.mark.parametrize("code", STALE)
def test_a_refused_token_is_replaced_once_and_the_message_goes_out(
    fake: FakeWeChat, wiring: Wiring, code: int
) -> None:
    fake.fault(CUSTOM, f"errcode:{code}", at_call=1)
    wiring.customer_service.send(to("o1"))
    assert len(fake.received) == 1
    assert len(fake.calls("cgi-bin/stable_token")) == 2
    assert len(fake.calls(CUSTOM)) == 2


def test_a_message_that_is_refused_with_two_tokens_is_given_back_after_two_sends(
    fake: FakeWeChat, wiring: Wiring
) -> None:
    error = refusal(fake, wiring, CUSTOM, 40001)
    assert not error.permanent
    assert len(fake.calls(CUSTOM)) == 2
    assert len(fake.calls("cgi-bin/stable_token")) == 2


def test_wecom_is_not_asked_again_when_it_gives_out_the_refused_token(
    fake: FakeWeChat, wiring: Wiring
) -> None:
    error = refusal(fake, wiring, APP, 42001)
    assert error.retry_after == timedelta(minutes=5)
    assert len(fake.calls(APP)) == 1


def test_a_token_invalidated_by_the_platform_is_replaced_without_loss(
    fake: FakeWeChat, wiring: Wiring
) -> None:
    wiring.customer_service.send(to("o1"))
    wiring.wecom_app.send(to("zhang"))
    fake.platform.official_tokens.invalidate()
    fake.platform.wecom_tokens.invalidate(40014)
    wiring.customer_service.send(OutboundMessage("o1", "", "第二条", "k2"))
    wiring.wecom_app.send(OutboundMessage("zhang", "", "第二条", "k2"))
    assert len(fake.received) == 4

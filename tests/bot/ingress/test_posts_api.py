"""Post items: signatures, shapes of a delivery, strict types, times around Shanghai's midnight."""

import base64
import hashlib
import hmac
import json
from datetime import date, timedelta
from typing import Any

import pytest

from bot.ingress.posts_api import MAX_ITEMS, NDJSON, decode_many, verify
from bot.ingress.wire import Rejected, verify_bearer
from monitor.clock import business_day
from monitor.errors import BadPayload, BadSignature, TooLarge
from monitor.events import EventKind, InboundEvent, PostKind
from tests.bot.ingress.payloads import NOW, NOW_S

ITEM = {
    "source": "demo",
    "bot_id": "b1",
    "group_id": "10001",
    "message_id": "m1",
    "sender_id": "u1",
    "sender_name": "李明",
    "sent_at": "2026-11-20T15:00:00+08:00",
    "kind": "text",
    "text": "团支部开展志愿服务",
}
KEY = base64.b64encode(b"k" * 24).decode()


def taken(**changed: Any) -> InboundEvent:
    (result,) = decode_many("demo", json.dumps(ITEM | changed).encode(), NOW)
    assert isinstance(result, InboundEvent), result
    return result


def refused(item: object) -> str:
    (result,) = decode_many("demo", json.dumps([item]).encode(), NOW)
    assert isinstance(result, Rejected), result
    assert result.index == 0
    return result.reason


def headers(
    body: bytes, key: bytes, *, at: int = NOW_S, message_id: str = "msg_1", **changed: str
) -> dict[str, str]:
    signed = f"{message_id}.{at}.".encode() + body
    signature = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    names = {"webhook-id": message_id, "webhook-timestamp": str(at), "webhook-signature": f"v1,{signature}"}
    return names | {name.replace("_", "-"): value for name, value in changed.items()}


# who may deliver


@pytest.mark.parametrize("secret", [f"whsec_{KEY}", "k" * 24])
def test_a_standard_webhooks_signature_is_accepted(secret: str) -> None:
    verify(headers(b"[]", b"k" * 24), b"[]", [secret], NOW)


def test_the_published_standard_webhooks_vector_is_accepted() -> None:
    body = b'{"test": 2432232314}'
    published = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    at = NOW - timedelta(seconds=NOW_S - 1614265330)
    verify(published, body, ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], at)


def test_a_previous_key_and_several_signatures_are_accepted() -> None:
    good = headers(b"[]", b"old")
    verify(good, b"[]", ["new", "", "old"], NOW)
    several = good | {"webhook-signature": f"v1a,xx v1,AAAA {good['webhook-signature']}"}
    verify(several, b"[]", ["new", "old"], NOW)


@pytest.mark.parametrize("seconds", [-300, 300])
def test_a_delivery_within_five_minutes_is_fresh(seconds: int) -> None:
    verify(headers(b"[]", b"k", at=NOW_S + seconds), b"[]", ["k"], NOW)


@pytest.mark.parametrize(
    "changed",
    [
        {"at": NOW_S - 301},
        {"at": NOW_S + 301},
        {"webhook_timestamp": str(NOW_S + 1)},
        {"webhook_timestamp": "now"},
        {"webhook_timestamp": ""},
        {"webhook_id": "msg_2"},
        {"webhook_id": ""},
        {"webhook_id": "\ud800"},
        {"webhook_signature": ""},
        {"webhook_signature": "v1,"},
        {"webhook_signature": "v1,签名"},
        {"webhook_signature": "v2," + "A" * 44},
    ],
)
def test_any_other_delivery_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(BadSignature):
        verify(headers(b"[]", b"k", **changed), b"[]", ["k"], NOW)


def test_a_changed_body_or_an_unknown_key_is_refused() -> None:
    with pytest.raises(BadSignature):
        verify(headers(b"[]", b"k"), b"[1]", ["k"], NOW)
    for secrets in ([], [""], ["other"], ["whsec_!"]):
        with pytest.raises(BadSignature):
            verify(headers(b"[]", b"k"), b"[]", secrets, NOW)


def test_a_bearer_token_is_accepted_if_it_is_one_of_the_configured() -> None:
    verify_bearer("Bearer qingxun-demo-api", ("old", "qingxun-demo-api"))
    for given, tokens in (("Bearer x", ("y",)), ("Bearer ", ("",)), ("", ("y",)), ("Bearer y", ())):
        with pytest.raises(BadSignature):
            verify_bearer(given, tokens)


# shapes


def test_an_item_becomes_a_post() -> None:
    post = taken()
    assert (post.kind, post.post_kind, post.source) == (EventKind.POST, PostKind.TEXT, "demo")
    assert (post.place_id, post.sender_id, post.sender_name) == ("10001", "u1", "李明")
    assert (post.text, post.occurred_at, post.is_own) == ("团支部开展志愿服务", NOW, False)
    assert post.fields == {"bot_id": "b1", "message_id": "m1"}


def test_arrays_and_lines_give_one_result_per_item_in_order() -> None:
    items = [ITEM, 5, ITEM | {"message_id": 2}]
    array = decode_many("demo", json.dumps(items).encode(), NOW)
    lines = b"\n\n".join(json.dumps(item).encode() for item in items) + b"\r\n\n"
    assert decode_many("demo", lines, NOW, f"{NDJSON}; charset=utf-8") == array
    assert [type(result) for result in array] == [InboundEvent, Rejected, InboundEvent]
    assert isinstance(array[1], Rejected)
    assert array[1] == Rejected(1, "每一条应为 JSON 对象")


def test_a_broken_line_costs_only_itself() -> None:
    good = json.dumps(ITEM).encode()
    first, second, third = decode_many("demo", good + b"\n{\xff\n" + good, NOW, NDJSON)
    assert first == third
    assert second == Rejected(1, "不是有效的 JSON")


def test_a_long_delivery_is_not_taken_for_a_deep_one() -> None:
    items = [ITEM | {"message_id": number} for number in range(100)] + [[1, {}]]
    results = decode_many("demo", json.dumps(items).encode(), NOW)
    assert [type(result) for result in results] == [InboundEvent] * 100 + [Rejected]


def test_an_empty_array_is_no_item() -> None:
    assert decode_many("demo", b"[]", NOW) == []
    assert decode_many("demo", b"\n", NOW, NDJSON) == []


def test_at_most_five_thousand_items_are_taken_at_once() -> None:
    assert len(decode_many("demo", b"[" + b"1," * (MAX_ITEMS - 1) + b"1]", NOW)) == MAX_ITEMS
    with pytest.raises(TooLarge):
        decode_many("demo", b"[" + b"1," * MAX_ITEMS + b"1]", NOW)
    with pytest.raises(TooLarge):
        decode_many("demo", b"1\n" * (MAX_ITEMS + 1), NOW, NDJSON)


@pytest.mark.parametrize("body", [b"", b"{", b"[{]", b"NaN", b"\xff", b"[" * 1500, b"[" * 100 + b"]" * 100])
def test_a_delivery_that_is_no_json_is_a_bad_payload(body: bytes) -> None:
    with pytest.raises(BadPayload):
        decode_many("demo", body, NOW)


# items


def test_ids_may_be_numbers_and_are_the_same_as_their_text() -> None:
    assert taken(group_id=10001, message_id=1).event_key == taken(message_id="1").event_key


def test_an_item_without_source_belongs_to_the_collector() -> None:
    for absent in (None, ""):
        assert taken(source=absent).event_key == taken().event_key
    assert taken(source="other").source == "other"


@pytest.mark.parametrize("kind", list(PostKind))
def test_every_form_is_taken(kind: PostKind) -> None:
    post = taken(kind=kind.value)
    assert (post.kind, post.post_kind) == (EventKind.POST, kind)


def test_a_recall_item_takes_back_the_message_of_that_id() -> None:
    recall = taken(kind="recall", text="")
    assert (recall.kind, recall.message_key) == (EventKind.RECALL, taken().message_key)
    assert recall.event_key != taken().event_key


def test_a_notice_item_is_a_notice() -> None:
    assert taken(kind="notice").kind is EventKind.NOTICE


def test_a_post_of_the_collectors_own_bot_is_own() -> None:
    assert taken(sender_id="b1").is_own
    assert not taken(bot_id=None, sender_id="").is_own


def test_sender_and_text_may_be_absent() -> None:
    item = {name: ITEM[name] for name in ("group_id", "message_id", "sent_at")}
    (post,) = decode_many("demo", json.dumps(item).encode(), NOW)
    assert isinstance(post, InboundEvent)
    assert (post.sender_id, post.text, post.post_kind) == ("", "", PostKind.TEXT)


def test_a_text_is_cleaned_and_bounded() -> None:
    assert taken(text="a\x00b" + "团" * 5000).text == "ab" + "团" * 3998


@pytest.mark.parametrize(
    "sent_at",
    [
        "2026-11-20T15:00:00+08:00",
        "2026-11-20T07:00:00Z",
        "2026-11-20 01:00:00-06:00",
        NOW_S,
        str(NOW_S),
        NOW_S * 1000,
        str(NOW_S * 1000),
        float(NOW_S),
        NOW_S * 1000.0,
    ],
)
def test_the_same_instant_may_be_written_in_many_ways(sent_at: object) -> None:
    assert taken(sent_at=sent_at).occurred_at == NOW


@pytest.mark.parametrize(
    ("sent_at", "day"),
    [
        ("2026-11-20T23:59:59+08:00", date(2026, 11, 20)),
        ("2026-11-20T23:59:59.999+08:00", date(2026, 11, 20)),
        ("2026-11-21T00:00:00+08:00", date(2026, 11, 21)),
        ("2026-11-20T15:59:59Z", date(2026, 11, 20)),
        ("2026-11-20T16:00:00Z", date(2026, 11, 21)),
        (1795190399, date(2026, 11, 20)),
        (1795190399999, date(2026, 11, 20)),
        (1795190400, date(2026, 11, 21)),
        (1795190400000, date(2026, 11, 21)),
        ("2025-12-31T10:00:00-06:00", date(2026, 1, 1)),
    ],
)
def test_the_last_second_of_a_day_is_that_day_and_midnight_the_next(sent_at: object, day: date) -> None:
    assert business_day(taken(sent_at=sent_at).occurred_at) == day


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"group_id": None}, "group_id"),
        ({"group_id": ""}, "group_id"),
        ({"group_id": 1.5}, "group_id"),
        ({"group_id": True}, "group_id"),
        ({"group_id": ["1"]}, "group_id"),
        ({"group_id": "x" * 129}, "group_id"),
        ({"group_id": "a\tb"}, "group_id"),
        ({"group_id": 10**30}, "group_id"),
        ({"message_id": None}, "message_id"),
        ({"source": 1.5}, "source"),
        ({"bot_id": []}, "bot_id"),
        ({"sender_id": {}}, "sender_id"),
        ({"sender_name": 5}, "sender_name"),
        ({"text": 5}, "text"),
        ({"text": ["a"]}, "text"),
        ({"kind": "poem"}, "kind 应为"),
        ({"kind": None}, "kind 应为"),
        ({"kind": ["text"]}, "kind 应为"),
        ({"kind": "文本"}, "kind 应为"),
        ({"sent_at": None}, "sent_at"),
        ({"sent_at": ""}, "sent_at"),
        ({"sent_at": True}, "sent_at"),
        ({"sent_at": "yesterday"}, "sent_at"),
        ({"sent_at": "2026-11-20T15:00:00"}, "缺少时区"),
        ({"sent_at": "2026-11-20"}, "缺少时区"),
        ({"sent_at": "2026-02-30T15:00:00Z"}, "sent_at"),
        ({"sent_at": "0001-01-01T00:00:00+14:00"}, "sent_at"),
        ({"sent_at": "9999-12-31T23:59:59-14:00"}, "sent_at"),
        ({"sent_at": "1999-12-31T23:59:59Z"}, "时间范围"),
        ({"sent_at": 0}, "时间范围"),
        ({"sent_at": -5}, "时间范围"),
        ({"sent_at": 10**18}, "时间范围"),
        ({"sent_at": 1e300}, "时间范围"),
        ({"sent_at": "1" * 400}, "sent_at"),
        ({"sent_at": "１７９５１５８０００"}, "sent_at"),
        ({"colour": "red"}, "未知字段"),
    ],
)
def test_an_item_of_wrong_types_is_rejected_with_a_reason(changed: dict[str, Any], reason: str) -> None:
    assert reason in refused(ITEM | changed)


def test_a_reason_never_quotes_what_was_sent() -> None:
    assert "机密" not in refused(ITEM | {"sent_at": "机密"}) + refused(ITEM | {"kind": "机密"})

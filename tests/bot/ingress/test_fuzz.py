"""Whatever comes in, every ingress returns events, rejections or an `InboundError`; never anything else."""

import io
import json
from collections.abc import Callable
from datetime import UTC
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.ingress import (
    chat_export,
    gewe,
    official_account,
    onebot_v11,
    onebot_v12,
    posts_api,
    wechatbot_webhook,
    wecom_aibot,
    wecom_archive,
    wecom_callback,
)
from bot.ingress.wire import Rejected
from monitor.errors import InboundError
from monitor.events import EventKind, InboundEvent
from tests.bot.ingress.payloads import NOW, NOW_S, payload_json

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(min_value=-(2**70), max_value=2**70),
    st.floats(allow_nan=False),
    st.text(max_size=8),
    st.sampled_from(
        ["group", "message", "notice", "event", "text", "send", "AddMsg", "x@chatroom", "<msg>", str(NOW_S)]
    ),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)

BASES: dict[str, dict[str, Any]] = {
    "onebot_v11": {
        "time": NOW_S,
        "self_id": 1,
        "post_type": "message",
        "message_type": "group",
        "message_id": 1,
        "group_id": 1,
        "user_id": 2,
        "message": "x",
        "sender": {},
        "notice_type": "group_recall",
        "sub_type": "",
    },
    "onebot_v12": payload_json("onebot_v12_group_message.json"),
    "posts_api": {
        "source": "s",
        "bot_id": "b",
        "group_id": "1",
        "message_id": "2",
        "sender_id": "3",
        "sender_name": "n",
        "sent_at": NOW_S,
        "kind": "text",
        "text": "x",
    },
    "gewe": payload_json("gewe_addmsg_group_text.json") | payload_json("gewe_addmsg_group_text.json")["Data"],
    "wecom_archive": {
        "msgid": "1",
        "action": "send",
        "from": "a",
        "tolist": [],
        "roomid": "r",
        "msgtime": NOW_S * 1000,
        "msgtype": "mixed",
        "mixed": {"item": []},
        "text": {"content": "x"},
        "revoke": {"pre_msgid": "1"},
    },
    "official_account": {
        "ToUserName": "a",
        "FromUserName": "b",
        "CreateTime": NOW_S,
        "MsgType": "event",
        "Event": "PUBLISHJOBFINISH",
        "EventKey": "",
        "MsgID": "1",
        "MsgId": "1",
        "Status": "",
        "Content": "x",
        "ArticleUrlResult": {},
        "PublishEventInfo": {"publish_id": 1, "publish_status": 0},
    },
    "wecom_aibot": payload_json("wecom_aibot_group_text.json")
    | {"create_time": NOW_S, "mixed": {}, "event": {}},
}
BASES["wecom_callback"] = BASES["official_account"]

Decoder = Callable[[dict[str, Any]], object]


def as_bytes(decode: Callable[..., object]) -> Decoder:
    return lambda item: decode("s", json.dumps(item).encode(), NOW)


DECODERS: dict[str, Decoder] = {
    "onebot_v11": as_bytes(onebot_v11.decode),
    "onebot_v12": as_bytes(onebot_v12.decode),
    "posts_api": as_bytes(posts_api.decode_many),
    "gewe": lambda item: as_bytes(gewe.decode)({"TypeName": "AddMsg", "Wxid": "w", "Data": item}),
    "wecom_archive": as_bytes(wecom_archive.decode_many),
    "official_account": lambda item: official_account.decode("s", item, NOW),
    "wecom_callback": lambda item: wecom_callback.decode("s", item, NOW),
    "wecom_aibot": lambda item: wecom_aibot.decode("s", item, NOW),
}


def examine(result: object) -> None:
    """Fail unless the result is an event that every store can hold, or a rejection, or a list of these."""
    if isinstance(result, list):
        for one in result:
            examine(one)
    elif isinstance(result, Rejected):
        assert result.reason
    else:
        assert isinstance(result, InboundEvent)
        assert isinstance(result.kind, EventKind)
        assert result.occurred_at.tzinfo is UTC
        assert -(2**63) <= result.event_key < 2**63
        for text in (result.place_id, result.sender_id, result.sender_name, result.text, result.source):
            assert isinstance(text, str)
            assert "\x00" not in text
            text.encode()


@pytest.mark.parametrize("name", DECODERS)
@settings(deadline=None, max_examples=60)
@given(random=st.randoms(use_true_random=False), values=st.lists(VALUES, min_size=1, max_size=3))
def test_a_real_event_with_some_fields_replaced_is_decoded_or_refused(
    name: str, random: Any, values: list[object]
) -> None:
    item = dict(BASES[name])
    for value in values:
        item[random.choice(sorted(item))] = value
    try:
        examine(DECODERS[name](item))
    except InboundError:
        return


@pytest.mark.parametrize(
    "decode",
    [onebot_v11.decode, onebot_v12.decode, gewe.decode, posts_api.decode_many, wecom_archive.decode_many],
    ids=lambda decode: decode.__module__.rpartition(".")[2],
)
@settings(deadline=None)
@given(st.one_of(st.binary(max_size=80), VALUES.map(lambda value: json.dumps(value).encode())))
@example(b'{"a":' * 5000)
@example(b"[" * 5000 + b"]" * 5000)
@example(b"9" * 5000)
def test_any_body_is_decoded_or_refused(decode: Callable[..., object], body: bytes) -> None:
    try:
        examine(decode("s", body, NOW))
    except InboundError:
        return


CHATTY = st.lists(
    st.sampled_from(
        [
            "李明",
            "2026-11-20",
            " ",
            "08:05",
            ":12",
            "\n",
            ",",
            '"',
            "群编号",
            "时间",
            "\ufeff",
            "\r",
            "[图片]",
        ]
    ),
    max_size=40,
).map("".join)


@settings(deadline=None)
@given(
    st.one_of(
        st.binary(max_size=200), CHATTY.map(str.encode), CHATTY.map(lambda text: text.encode("gb18030"))
    ),
    st.sampled_from(["jsonl", "csv", "txt"]),
)
@example("群编号,时间\n".encode() + b'"' * 50, "csv")
def test_any_file_is_read_or_refused(content: bytes, form: str) -> None:
    try:
        for result in chat_export.read_export("s", io.BytesIO(content), NOW, form, "1"):
            examine(result)
    except InboundError:
        return


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["type", "content", "source", "isMsgFromSelf", "isSystemEvent", "media_type"]),
        st.one_of(
            st.text(max_size=10),
            VALUES.map(json.dumps),
            VALUES.map(lambda value: json.dumps({"room": value, "from": value})),
            st.sampled_from(["text", "file", "urlLink", '{"room":{"topic":"t"},"from":{"id":"i"}}']),
        ),
    )
)
def test_any_form_is_decoded_or_refused(fields: dict[str, str]) -> None:
    try:
        examine(wechatbot_webhook.decode("s", fields, NOW))
    except InboundError:
        return


@settings(deadline=None)
@given(st.text(max_size=60), st.binary(max_size=200))
@example("multipart/form-data; boundary=a", b"--a\r\n\r\n\r\n--a--")
@example(
    "multipart/form-data; boundary=a",
    b'--a\r\nContent-Disposition: form-data; name="\xff"\r\n\r\n\xff\r\n--a--',
)
def test_any_multipart_body_is_read_or_refused(content_type: str, body: bytes) -> None:
    try:
        fields = wechatbot_webhook.form_fields(content_type, body)
        assert all(isinstance(value, str) for value in fields.values())
    except InboundError:
        return

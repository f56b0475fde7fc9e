"""OneBot v12: tokens, float times, segments, recalls."""

import json
from typing import Any

import pytest

from bot.ingress.onebot_v12 import decode, verify
from monitor.errors import BadPayload, BadSignature
from monitor.events import EventKind, InboundEvent, PostKind
from tests.bot.ingress.payloads import NOW, payload_json

MESSAGE = payload_json("onebot_v12_group_message.json")


def seen(**changed: Any) -> InboundEvent:
    return decode("demo", json.dumps(MESSAGE | changed).encode(), NOW)


@pytest.mark.parametrize(
    ("header", "query"),
    [("Bearer t0ken", ""), ("bearer  t0ken", ""), ("", "t0ken"), ("Bearer t0ken", "other")],
)
def test_the_token_is_taken_from_the_header_or_else_from_the_query(header: str, query: str) -> None:
    verify(header, query, "t0ken")


@pytest.mark.parametrize(
    ("header", "query"),
    [("", ""), ("Bearer ", ""), ("t0ken", ""), ("Basic t0ken", ""), ("Bearer 令牌", "t0ken")],
)
def test_any_other_token_is_refused(header: str, query: str) -> None:
    with pytest.raises(BadSignature):
        verify(header, query, "t0ken")


def test_a_source_without_a_token_accepts_nobody() -> None:
    with pytest.raises(BadSignature):
        verify("Bearer ", "", "")


def test_the_recorded_group_message_is_a_post() -> None:
    post = seen()
    assert (post.kind, post.post_kind, post.text) == (EventKind.POST, PostKind.TEXT, "OneBot is not a bot")
    assert (post.place_id, post.sender_id, post.is_own) == ("12345", "123456788", False)
    assert post.occurred_at.timestamp() == pytest.approx(1632847927.599013)
    assert post.fields["message_id"] == "6283"


def test_recorded_meta_events_and_private_messages_are_ignored() -> None:
    for event in payload_json("onebot_v12_adapter_events.json"):
        assert decode("demo", json.dumps(event).encode(), NOW).kind is EventKind.IGNORED


def test_an_event_is_known_by_its_id() -> None:
    assert seen().event_key == seen(time=1.7e9).event_key != seen(id="other").event_key


@pytest.mark.parametrize("detail", ["group_message_delete", "group_message_recall"])
def test_a_deleted_message_is_a_recall_of_it(detail: str) -> None:
    recall = seen(type="notice", detail_type=detail, id="r1")
    assert (recall.kind, recall.message_key) == (EventKind.RECALL, seen().message_key)
    assert recall.event_key != seen().event_key


def test_other_notices_of_a_group_are_notices() -> None:
    notice = seen(type="notice", detail_type="group_member_increase", self=None)
    assert (notice.kind, notice.place_id) == (EventKind.NOTICE, "12345")
    private = seen(type="notice", detail_type="friend_increase", group_id=None)
    assert private.kind is EventKind.IGNORED


def test_a_message_of_the_bot_itself_is_own() -> None:
    assert seen(user_id="123234").is_own


def test_mentions_replies_and_wechat_segments_are_understood() -> None:
    segments = [
        {"type": "reply", "data": {"message_id": "6283", "user_id": "1"}},
        {"type": "mention_all", "data": {}},
        {"type": "mention", "data": {"user_id": "u1"}},
        {"type": "wx.link", "data": {"title": "青年大学习", "url": "u"}},
    ]
    post = seen(message_id="6284", message=segments)
    assert (post.text, post.post_kind) == ("@所有人 @u1 青年大学习", PostKind.TEXT)
    assert post.fields["reply_key"] == seen().message_key
    assert seen(message=segments[3:]).post_kind is PostKind.LINK
    assert seen(message=[{"type": "wx.emoji", "data": {}}]).post_kind is PostKind.OTHER


@pytest.mark.parametrize(
    "changed",
    [
        {"id": None},
        {"time": ""},
        {"time": None},
        {"type": None},
        {"detail_type": 5},
        {"self": None},
        {"self": {}},
        {"group_id": None},
        {"message_id": ""},
        {"user_id": None},
        {"message": "text"},
        {"type": "notice", "detail_type": "group_message_delete", "message_id": None},
    ],
)
def test_an_event_that_lacks_what_it_needs_is_a_bad_payload(changed: dict[str, Any]) -> None:
    with pytest.raises(BadPayload):
        seen(**changed)

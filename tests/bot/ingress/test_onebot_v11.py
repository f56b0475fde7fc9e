"""OneBot v11: signature, CQ codes and segments, recalls, own messages, what is ignored."""

import hashlib
import hmac
import json
from typing import Any

import pytest

from bot.ingress.onebot_v11 import decode, verify
from monitor.errors import BadPayload, BadSignature
from monitor.events import EventKind, InboundEvent, PostKind
from tests.bot.ingress.payloads import NOW, NOW_S, payload_json

SECRET = "qingxun-demo-secret"
MESSAGE = {
    "time": NOW_S,
    "self_id": 1,
    "post_type": "message",
    "message_type": "group",
    "sub_type": "normal",
    "message_id": -7,
    "group_id": 10001,
    "user_id": 99,
    "message": "团支部开展志愿服务",
    "sender": {"user_id": 99, "nickname": "小李", "card": "李明", "role": "admin"},
}


def seen(**changed: Any) -> InboundEvent:
    return decode("demo", json.dumps(MESSAGE | changed).encode(), NOW)


def test_a_body_signed_with_the_shared_secret_is_accepted() -> None:
    body = json.dumps(MESSAGE).encode()
    verify(body, "sha1=" + hmac.new(SECRET.encode(), body, hashlib.sha1).hexdigest(), SECRET)


@pytest.mark.parametrize("signature", ["", "sha1=", "sha1=" + "0" * 40, "0" * 40, "签名", "\ud800"])
def test_any_other_signature_is_refused(signature: str) -> None:
    with pytest.raises(BadSignature):
        verify(b"{}", signature, SECRET)


def test_a_source_without_a_secret_accepts_nobody() -> None:
    with pytest.raises(BadSignature):
        verify(b"{}", "sha1=" + hmac.new(b"", b"{}", hashlib.sha1).hexdigest(), "")


def test_a_group_message_is_a_post_with_all_ids_as_text() -> None:
    post = seen()
    assert (post.kind, post.post_kind, post.text) == (EventKind.POST, PostKind.TEXT, "团支部开展志愿服务")
    assert (post.place_id, post.sender_id, post.sender_name) == ("10001", "99", "李明")
    assert post.fields == {"self_id": "1", "message_id": "-7", "role": "admin"}
    assert (post.occurred_at, post.is_own) == (NOW, False)


def test_recorded_events_are_read_once_their_time_is_real() -> None:
    private, group = payload_json("onebot_v11_adapter_events.json")
    assert decode("demo", json.dumps(private).encode(), NOW).kind is EventKind.IGNORED
    with pytest.raises(BadPayload, match="time"):
        decode("demo", json.dumps(group).encode(), NOW)
    post = decode("demo", json.dumps(group | {"time": NOW_S}).encode(), NOW)
    assert (post.kind, post.text, post.place_id) == (EventKind.POST, "@所有人  Test text", "1")


@pytest.mark.parametrize(
    ("message", "form", "text"),
    [
        ("a&amp;b &#91;c&#93;", PostKind.TEXT, "a&b [c]"),
        ("&amp;#91;", PostKind.TEXT, "&#91;"),
        ("[CQ:image,file=a.jpg]", PostKind.IMAGE, ""),
        ("[CQ:image,file=a.jpg]合影", PostKind.TEXT, "合影"),
        (" [CQ:image,file=a.jpg] ", PostKind.IMAGE, "  "),
        ("[CQ:record,file=a]", PostKind.VOICE, ""),
        ("[CQ:video,file=a]", PostKind.VIDEO, ""),
        ("[CQ:file,file=a]", PostKind.FILE, ""),
        ("[CQ:share,url=u,title=青年&#44;大学习&#91;1&#93;]", PostKind.LINK, "青年,大学习[1]"),
        ('[CQ:json,data={"a":1}]', PostKind.LINK, ""),
        ("[CQ:face,id=1]", PostKind.OTHER, ""),
        ("[CQ:face,id=1]好", PostKind.TEXT, "好"),
        ("[CQ:at,qq=5] 收到", PostKind.TEXT, "@5  收到"),
        ("[CQ:at,qq=5,name=小王]", PostKind.TEXT, "@小王 "),
        ("[CQ:image", PostKind.TEXT, "[CQ:image"),
        ("[CQ:]x", PostKind.TEXT, "[CQ:]x"),
        ("", PostKind.OTHER, ""),
        ([{"type": "text", "data": {"text": "好"}}], PostKind.TEXT, "好"),
        ([{"type": "image", "data": {"file": "a"}}, {"type": "face"}], PostKind.IMAGE, ""),
        ([{"type": "text", "data": {"text": 5}}, {"type": 5}, 5, None], PostKind.OTHER, ""),
        ([{"type": "share", "data": {"title": None}}], PostKind.LINK, ""),
        ([], PostKind.OTHER, ""),
    ],
)
def test_codes_and_segments_fold_into_form_and_text(message: object, form: PostKind, text: str) -> None:
    post = seen(message=message)
    assert (post.post_kind, post.text) == (form, text)


def test_a_reply_points_at_the_message_it_answers() -> None:
    first = seen()
    assert seen(message_id=8, message="[CQ:reply,id=-7]收到").fields["reply_key"] == first.message_key
    segments = [{"type": "reply", "data": {"id": "-7"}}, {"type": "text", "data": {"text": "收到"}}]
    assert seen(message_id=8, message=segments).fields["reply_key"] == first.message_key
    assert "reply_key" not in first.fields


def test_a_repeated_delivery_has_the_same_key_and_a_reused_id_another() -> None:
    assert seen().event_key == seen(sender={}).event_key
    for changed in ({"time": NOW_S + 1}, {"message_id": 8}, {"group_id": 10002}, {"self_id": 2}):
        assert seen().event_key != seen(**changed).event_key


def test_a_recall_finds_the_message_it_takes_back() -> None:
    recall = seen(post_type="notice", notice_type="group_recall", operator_id=99, time=NOW_S + 60)
    assert (recall.kind, recall.place_id) == (EventKind.RECALL, "10001")
    assert recall.message_key == seen().message_key
    assert recall.event_key not in (recall.message_key, seen().event_key)


def test_our_own_messages_are_marked_as_own() -> None:
    assert seen(post_type="message_sent").is_own
    assert seen(user_id="1").is_own


@pytest.mark.parametrize(
    "kind", ["group_increase", "group_decrease", "group_ban", "group_upload", "group_admin"]
)
def test_what_happens_in_a_group_is_a_notice(kind: str) -> None:
    notice = seen(post_type="notice", notice_type=kind, sub_type="approve", message_id=None)
    assert (notice.kind, notice.fields["notice_type"]) == (EventKind.NOTICE, kind)
    assert notice.event_key != seen(post_type="notice", notice_type=kind, sub_type="invite").event_key


@pytest.mark.parametrize(
    "changed",
    [
        {"post_type": "meta_event", "meta_event_type": "heartbeat"},
        {"post_type": "request", "request_type": "group"},
        {"post_type": "notice", "notice_type": "friend_add", "group_id": None},
        {"message_type": "private"},
        {"post_type": "something_new", "time": "x"},
    ],
)
def test_heartbeats_requests_and_private_messages_are_ignored(changed: dict[str, Any]) -> None:
    ignored = seen(**changed)
    assert (ignored.kind, ignored.occurred_at, ignored.text) == (EventKind.IGNORED, NOW, "")


def test_bridged_wechat_ids_stay_text() -> None:
    post = seen(group_id="123@chatroom", user_id="wxid_a", message_id=2**63, self_id="wxid_b")
    assert (post.place_id, post.sender_id, post.fields["message_id"]) == (
        "123@chatroom",
        "wxid_a",
        str(2**63),
    )


def test_a_sender_object_is_best_effort() -> None:
    assert seen(sender=None).sender_name == ""
    assert seen(sender={"card": "", "nickname": "小李"}).sender_name == "小李"
    assert seen(sender={"card": 5, "role": 5}).fields["role"] == ""


@pytest.mark.parametrize(
    "changed",
    [
        {"post_type": None},
        {"group_id": None},
        {"group_id": 1.5},
        {"message_id": None},
        {"user_id": []},
        {"self_id": True},
        {"time": None},
        {"time": "2026-11-20"},
        {"time": 1e300},
        {"time": 10**18},
        {"message": None},
        {"message": {"type": "text"}},
        {"post_type": "notice", "notice_type": None},
        {"post_type": "notice", "notice_type": "group_recall", "message_id": None},
    ],
)
def test_an_event_that_lacks_what_it_needs_is_a_bad_payload(changed: dict[str, Any]) -> None:
    with pytest.raises(BadPayload):
        seen(**changed)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"5", b"null", b"{", b"[" * 2000, b'{"a":' * 500, b"\xff", b'"\\ud800"']
)
def test_a_body_that_is_no_json_object_is_a_bad_payload(body: bytes) -> None:
    with pytest.raises(BadPayload):
        decode("demo", body, NOW)

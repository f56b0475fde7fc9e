"""wechatbot-webhook forms: parts and files, groups by name, the minute that stands for an id."""

import json
from datetime import timedelta
from typing import Any

import pytest

from bot.ingress.wechatbot_webhook import decode, form_fields
from bot.ingress.wire import verify_secret
from monitor.errors import BadPayload, BadSignature
from monitor.events import EventKind, InboundEvent, PostKind
from tests.bot.ingress.payloads import NOW, payload_json

PRIVATE = payload_json("wechatbot_webhook_private_text.formdata.json")["fields"]
ROOM = {"id": "@@1", "topic": "海口市团委工作群", "payload": {"memberList": []}}
BOUNDARY = "----b"


def source(**changed: Any) -> str:
    sender = {"id": "@s1", "payload": {"name": "李明", "alias": ""}}
    return json.dumps({"room": ROOM, "to": "", "from": sender} | changed)


def seen(later: float = 0, **changed: str) -> InboundEvent:
    form = {"type": "text", "content": "收到", "isMentioned": "0", "isMsgFromSelf": "0", "source": source()}
    return decode("hook", form | changed, NOW + timedelta(seconds=later))


def multipart(*parts: tuple[str, bytes]) -> bytes:
    """A form; each part is its header's parameters and its content."""
    body = b"".join(
        f"--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + content + b"\r\n"
        for head, content in parts
    )
    return body + f"--{BOUNDARY}--\r\n".encode()


CONTENT_TYPE = f"multipart/form-data; boundary={BOUNDARY}"


def test_the_recorded_private_text_is_ignored() -> None:
    assert decode("hook", PRIVATE, NOW).kind is EventKind.IGNORED


def test_a_group_text_is_a_post_of_the_group_with_that_name() -> None:
    post = seen()
    assert (post.kind, post.post_kind, post.text) == (EventKind.POST, PostKind.TEXT, "收到")
    assert (post.place_id, post.sender_id, post.sender_name) == ("海口市团委工作群", "李明", "李明")
    assert (post.occurred_at, post.is_own) == (NOW, False)
    assert post.fields["session_id"] == "@s1"


def test_a_form_is_read_part_by_part() -> None:
    body = multipart(
        ('name="type"', b"text"), ('name="content"', "你好".encode()), ('name="source"', source().encode())
    )
    fields = form_fields(CONTENT_TYPE, body)
    assert fields == {"type": "text", "content": "你好", "source": source()}
    assert decode("hook", fields, NOW).text == "你好"


@pytest.mark.parametrize(
    ("media_type", "form", "text"),
    [
        ("image/png", PostKind.IMAGE, ""),
        ("audio/mpeg", PostKind.VOICE, ""),
        ("video/mp4", PostKind.VIDEO, ""),
        ("application/pdf", PostKind.FILE, "a.pdf"),
    ],
)
def test_a_file_has_the_form_of_its_media_type(media_type: str, form: PostKind, text: str) -> None:
    upload = f'name="content"; filename="a.pdf"\r\nContent-Type: {media_type}'
    body = multipart(('name="type"', b"file"), (upload, b"\x00\xff"), ('name="source"', source().encode()))
    post = decode("hook", form_fields(CONTENT_TYPE, body), NOW)
    assert (post.post_kind, post.text) == (form, text)
    other = multipart(('name="type"', b"file"), (upload, b"\x00"), ('name="source"', source().encode()))
    assert decode("hook", form_fields(CONTENT_TYPE, other), NOW).event_key != post.event_key


def test_a_file_under_another_name_is_passed_over() -> None:
    body = multipart(('name="type"', b"text"), ('name="extra"; filename="a"', b"x"))
    assert form_fields(CONTENT_TYPE, body) == {"type": "text"}


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", multipart(('name="type"', b"text"))),
        (CONTENT_TYPE, b"garbage"),
        (CONTENT_TYPE, multipart(*[(f'name="p{number}"', b"") for number in range(21)])),
        (CONTENT_TYPE, multipart(('name="content"', b"x" * (5 << 20)))),
    ],
)
def test_a_broken_or_oversized_form_is_a_bad_payload(content_type: str, body: bytes) -> None:
    with pytest.raises(BadPayload):
        form_fields(content_type, body)


def test_equal_texts_within_a_minute_are_one_and_later_ones_another() -> None:
    assert seen().event_key == seen(59).event_key
    assert seen().event_key != seen(60).event_key
    assert seen().event_key != seen(content="好的").event_key
    assert seen().event_key != seen(source=source(**{"from": {"id": "@s2"}})).event_key


@pytest.mark.parametrize(
    "content",
    [{"title": "青年大学习"}, {"payload": {"title": "青年大学习", "url": "u"}}],
)
def test_a_link_is_a_post_with_its_title(content: dict[str, Any]) -> None:
    post = seen(type="urlLink", content=json.dumps(content))
    assert (post.post_kind, post.text) == (PostKind.LINK, "青年大学习")
    assert seen(type="urlLink", content='[{"payload": 5}]').text == ""
    assert seen(type="urlLink", content='{"payload": 5}').text == ""


def test_what_the_bridge_could_not_read_is_a_notice() -> None:
    assert seen(type="unknown", content="").kind is EventKind.NOTICE


@pytest.mark.parametrize(
    "changed",
    [{"isSystemEvent": "1"}, {"type": "system_event_login"}, {"source": source(room={})}, {"source": ""}],
)
def test_system_events_and_private_chats_are_ignored(changed: dict[str, str]) -> None:
    assert seen(**changed).kind is EventKind.IGNORED


def test_messages_from_self_are_own() -> None:
    assert seen(isMsgFromSelf="1").is_own


def test_names_are_taken_from_the_payload_and_made_fit() -> None:
    room = {"id": "@@1", "payload": {"topic": "海口市\n团委 "}}
    assert seen(source=source(room=room)).place_id == "海口市 团委"
    assert seen(source=source(room={"id": "@@1"})).place_id == "@@1"
    assert seen(source=source(**{"from": ""})).sender_id == ""


@pytest.mark.parametrize(
    "changed",
    [
        {"type": ""},
        {"source": "{"},
        {"source": "[]"},
        {"source": source(room={"topic": 5})},
        {"source": "\ud800"},
        {"type": "urlLink", "content": "x"},
    ],
)
def test_a_form_that_lacks_what_it_needs_is_a_bad_payload(changed: dict[str, str]) -> None:
    with pytest.raises(BadPayload):
        seen(**changed)


def test_the_secret_in_the_address_is_one_of_the_configured() -> None:
    verify_secret("s", ("old", "s"))
    for given, secrets in (("x", ("s",)), ("", ("",)), ("s", ()), ("\ud800密", ("s",))):
        with pytest.raises(BadSignature):
            verify_secret(given, secrets)

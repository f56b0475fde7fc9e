"""GeWe callbacks: group text, app messages, recalls, own messages, replayed history."""

import json
from typing import Any

import pytest

from bot.ingress.gewe import decode
from monitor.errors import BadPayload
from monitor.events import EventKind, InboundEvent, PostKind
from tests.bot.ingress.payloads import NOW, payload_json

TEXT = payload_json("gewe_addmsg_group_text.json")


def seen(**changed: Any) -> InboundEvent:
    return decode("gewe", json.dumps(TEXT | {"Data": TEXT["Data"] | changed}).encode(), NOW)


def app(kind: object, more: str = "") -> InboundEvent:
    xml = f"<msg><appmsg><title>青年大学习</title><type>{kind}</type>{more}</appmsg></msg>"
    return seen(MsgType=49, Content={"string": f"wxid_xxx:\n{xml}"})


def test_the_recorded_group_text_is_a_post_of_the_member_who_wrote_it() -> None:
    post = seen()
    assert (post.kind, post.post_kind, post.text) == (EventKind.POST, PostKind.TEXT, "@name msg_content")
    assert (post.place_id, post.sender_id, post.is_own) == ("xxx@chatroom", "wxid_xxx", False)
    assert post.fields == {"message_id": "8449132831264840264", "MsgType": 1}
    assert post.occurred_at.timestamp() == 1733447040


def test_the_recorded_join_message_is_a_notice_of_nobody() -> None:
    notice = decode("gewe", json.dumps(payload_json("gewe_addmsg_group_sysmsg_join.json")).encode(), NOW)
    assert (notice.kind, notice.sender_id, notice.text) == (EventKind.NOTICE, "", "")


def test_the_64_bit_id_is_the_key_so_replayed_history_is_recognised() -> None:
    assert seen().event_key == seen(MsgSeq=1, MsgId=2).event_key
    assert seen().event_key != seen(NewMsgId=8449132831264840265).event_key
    assert seen().event_key == seen(NewMsgId="8449132831264840264").event_key


@pytest.mark.parametrize(
    ("number", "form"),
    [
        (3, PostKind.IMAGE),
        (34, PostKind.VOICE),
        (43, PostKind.VIDEO),
        (62, PostKind.VIDEO),
        (47, PostKind.OTHER),
        (42, PostKind.OTHER),
    ],
)
def test_media_have_their_form_and_no_text(number: int, form: PostKind) -> None:
    post = seen(MsgType=number, Content={"string": "wxid_xxx:\n<msg><img/></msg>"})
    assert (post.kind, post.post_kind, post.text, post.sender_id) == (EventKind.POST, form, "", "wxid_xxx")


@pytest.mark.parametrize(
    ("kind", "form"), [(5, PostKind.LINK), (6, PostKind.FILE), (33, PostKind.LINK), (2000, PostKind.OTHER)]
)
def test_app_messages_have_the_form_of_their_type_and_their_title(kind: int, form: PostKind) -> None:
    assert (app(kind).post_kind, app(kind).text) == (form, "青年大学习")


def test_a_quote_is_text_and_points_at_what_it_answers() -> None:
    quote = app(57, "<refermsg><svrid>8449132831264840264</svrid></refermsg>")
    assert (quote.post_kind, quote.fields["reply_key"]) == (PostKind.TEXT, seen().message_key)
    assert "reply_key" not in app(57, "<refermsg>x</refermsg>").fields


@pytest.mark.parametrize(
    "content", ["<msg>", "not xml", "", "<msg><appmsg>x</appmsg></msg>", "<!DOCTYPE a><msg/>"]
)
def test_an_app_message_that_cannot_be_read_is_a_post_of_other_form(content: str) -> None:
    post = seen(MsgType=49, Content={"string": f"wxid_xxx:\n{content}"})
    assert (post.kind, post.post_kind, post.text) == (EventKind.POST, PostKind.OTHER, "")


def test_an_app_message_with_repeated_elements_is_a_post_of_other_form() -> None:
    assert app("5</type><type>6").post_kind is PostKind.OTHER
    assert app("5</type><title>b</title><type>5").text == ""


def test_a_recall_finds_the_message_it_takes_back() -> None:
    revoke = (
        "xxx@chatroom:\n<sysmsg type='revokemsg'><revokemsg><msgid>1</msgid>"
        "<newmsgid>8449132831264840264</newmsgid></revokemsg></sysmsg>"
    )
    recall = seen(MsgType=10002, NewMsgId=5, Content={"string": revoke})
    assert (recall.kind, recall.message_key) == (EventKind.RECALL, seen().message_key)
    assert seen(MsgType=10002, Content={"string": revoke.replace("8449", "x")}).kind is EventKind.NOTICE
    assert seen(MsgType=10000, Content={"string": revoke}).kind is EventKind.NOTICE


def test_our_own_message_is_own_and_keeps_its_first_line() -> None:
    own = seen(
        FromUserName={"string": TEXT["Wxid"]},
        ToUserName={"string": "xxx@chatroom"},
        Content={"string": "通知:\n今晚八点开会"},
    )
    assert (own.is_own, own.place_id, own.text) == (True, "xxx@chatroom", "通知:\n今晚八点开会")


@pytest.mark.parametrize(
    "body",
    [
        {"testMsg": "x", "token": "t"},
        {"TypeName": "ModContacts", "Data": {}},
        {"TypeName": "AddMsg"},
        TEXT | {"Data": TEXT["Data"] | {"FromUserName": {"string": "wxid_a"}}},
        TEXT | {"Data": TEXT["Data"] | {"MsgType": 51}},
    ],
)
def test_probes_contacts_private_chats_and_status_messages_are_ignored(body: dict[str, Any]) -> None:
    assert decode("gewe", json.dumps(body).encode(), NOW).kind is EventKind.IGNORED


def test_the_lower_case_spelling_of_some_builds_is_read() -> None:
    body = {"TypeName": "AddMsg", "data": TEXT["Data"], "Wxid": 5}
    assert decode("gewe", json.dumps(body).encode(), NOW).event_key == seen().event_key


@pytest.mark.parametrize(
    "changed",
    [
        {"CreateTime": None},
        {"NewMsgId": None},
        {"NewMsgId": 1.5},
        {"MsgType": "1"},
        {"Content": {"string": 5}},
        {"Content": 5},
        {"FromUserName": {"string": ["x@chatroom"]}},
        {"FromUserName": {"string": "x" * 200 + "@chatroom"}},
    ],
)
def test_a_message_that_lacks_what_it_needs_is_a_bad_payload(changed: dict[str, Any]) -> None:
    with pytest.raises(BadPayload):
        seen(**changed)


def test_a_callback_whose_content_is_no_object_is_a_bad_payload() -> None:
    with pytest.raises(BadPayload):
        decode("gewe", b'{"TypeName":"AddMsg","Data":[]}', NOW)

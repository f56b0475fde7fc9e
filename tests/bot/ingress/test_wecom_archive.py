"""WeCom message archive: all recorded types, recalls, switches, consents, millisecond times."""

import json
from datetime import date
from typing import Any

import pytest

from bot.ingress.wecom_archive import decode, decode_many
from bot.ingress.wire import Rejected
from monitor.clock import business_day
from monitor.errors import BadPayload
from monitor.events import EventKind, InboundEvent, PostKind
from tests.bot.ingress.payloads import INDEX, NOW, NOW_S, payload

ROWS = [json.loads(line) for line in payload("wecom_msgaudit_decrypted.jsonl").splitlines()]
FORMS = {
    "text": (PostKind.TEXT, '这是一条引用/回复消息："\n------\n@nick777'),
    "image": (PostKind.IMAGE, ""),
    "voice": (PostKind.VOICE, ""),
    "video": (PostKind.VIDEO, ""),
    "card": (PostKind.OTHER, ""),
    "location": (PostKind.OTHER, "xxx管理中心"),
    "emotion": (PostKind.OTHER, ""),
    "file": (PostKind.FILE, "资料.docx"),
    "link": (PostKind.LINK, "邀请你加入群聊"),
    "weapp": (PostKind.LINK, "开始聊天前请仔细阅读服务须知事项"),
    "chatrecord": (PostKind.OTHER, "群聊"),
    "collect": (PostKind.OTHER, "这是填表title"),
    "redpacket": (PostKind.OTHER, ""),
    "meeting": (PostKind.OTHER, "夕会"),
    "docmsg": (PostKind.LINK, "测试&演示客户"),
    "markdown": (PostKind.TEXT, "请前往系统查看，谢谢。"),
    "news": (PostKind.LINK, "service "),
    "calendar": (PostKind.OTHER, "xxx业绩复盘会"),
    "mixed": (PostKind.TEXT, "你好[微笑]\n"),
}


def row(form: str, **changed: Any) -> dict[str, Any]:
    (found,) = [one for one in ROWS if one["msgtype"] == form]
    return found | {"roomid": "wr1", "msgtime": NOW_S * 1000} | changed


def seen(form: str, **changed: Any) -> InboundEvent:
    return decode("archive", row(form, **changed), NOW)


def test_the_recording_holds_the_types_its_index_names() -> None:
    assert [one["msgtype"] for one in ROWS] == INDEX["wecom_msgaudit_decrypted.jsonl"]["expect"]["msgtypes"]


def test_the_recording_replays_as_it_stands_with_single_chats_ignored() -> None:
    results = decode_many("archive", payload("wecom_msgaudit_decrypted.jsonl"), NOW)
    kinds = [result.kind for result in results if isinstance(result, InboundEvent)]
    assert len(kinds) == 22
    assert [kind is EventKind.POST for kind in kinds] == [bool(one["roomid"]) for one in ROWS]


@pytest.mark.parametrize("form", FORMS)
def test_every_type_sent_in_a_group_is_a_post_of_its_form(form: str) -> None:
    post = seen(form)
    assert (post.kind, post.post_kind, post.text) == (EventKind.POST, *FORMS[form])
    assert (post.place_id, post.sender_id, post.occurred_at) == ("wr1", row(form)["from"], NOW)
    assert post.fields == {"message_id": row(form)["msgid"], "msgtype": form}


@pytest.mark.parametrize("form", ["agree", "disagree"])
def test_consents_are_notices(form: str) -> None:
    assert seen(form).kind is EventKind.NOTICE


def test_a_recall_finds_the_message_it_takes_back() -> None:
    recall = seen("revoke")
    taken_back = seen("text", msgid="14822339130656386894_1603875600")
    assert (recall.kind, recall.message_key) == (EventKind.RECALL, taken_back.message_key)
    assert recall.event_key != taken_back.event_key


def test_a_switch_row_has_another_shape_and_is_ignored() -> None:
    switch = {"msgid": "1", "action": "switch", "time": NOW_S * 1000, "user": "a"}
    assert decode("archive", switch, NOW).kind is EventKind.IGNORED


def test_a_message_is_known_by_its_id() -> None:
    assert seen("text").event_key == seen("text", msgtime=NOW_S * 1000 + 1).event_key
    assert seen("text").event_key != seen("text", msgid="other").event_key


def test_group_robots_are_no_members() -> None:
    assert seen("text", **{"from": "wb123"}).is_own
    assert not seen("text", **{"from": "wm123"}).is_own


def test_an_unknown_type_is_a_post_of_other_form() -> None:
    assert seen("text", msgtype="sphfeed").post_kind is PostKind.OTHER


@pytest.mark.parametrize(
    ("items", "form", "text"),
    [
        ([{"type": "image", "content": "{}"}], PostKind.IMAGE, ""),
        (
            [{"type": "emotion", "content": "{}"}, {"type": "file", "content": '{"filename":"a"}'}],
            PostKind.FILE,
            "a",
        ),
        (
            [{"type": "text", "content": '{"content":" "}'}, {"type": "image", "content": "{}"}],
            PostKind.TEXT,
            " ",
        ),
        ([{"type": 5, "content": "{}"}, {"type": "text"}, "x"], PostKind.OTHER, ""),
        ({"type": "markdown", "content": '{"content":"好"}'}, PostKind.TEXT, "好"),
        ([], PostKind.OTHER, ""),
    ],
)
def test_a_mixed_message_has_the_form_and_text_of_its_items(items: object, form: PostKind, text: str) -> None:
    post = seen("mixed", mixed={"item": items})
    assert (post.post_kind, post.text) == (form, text)


@pytest.mark.parametrize(
    ("msgtime", "day"), [(1795190399999, date(2026, 11, 20)), (1795190400000, date(2026, 11, 21))]
)
def test_the_last_millisecond_of_a_day_is_that_day_and_midnight_the_next(msgtime: int, day: date) -> None:
    assert business_day(seen("text", msgtime=msgtime).occurred_at) == day


@pytest.mark.parametrize(
    "changed",
    [
        {"action": None},
        {"action": "delete"},
        {"action": ["send"]},
        {"roomid": 1.5},
        {"msgid": ""},
        {"msgtype": None},
        {"from": None},
        {"msgtime": 0},
        {"msgtime": NOW_S},
        {"msgtime": "x"},
        {"text": None},
        {"text": "plain"},
        {"msgtype": "mixed", "mixed": {"item": [{"type": "text", "content": "{"}]}},
        {"msgtype": "mixed", "mixed": {"item": [{"type": "text", "content": "5"}]}},
        {"action": "recall", "msgtype": "revoke"},
        {"action": "recall", "msgtype": "revoke", "revoke": {}},
    ],
)
def test_a_row_that_lacks_what_it_needs_is_a_bad_payload(changed: dict[str, Any]) -> None:
    with pytest.raises(BadPayload):
        seen("text", **changed)


def test_a_broken_row_costs_only_itself() -> None:
    good = json.dumps(row("text")).encode()
    results = decode_many("archive", b"\n".join([good, b"", b"{", b"5", good]), NOW)
    assert [type(result) for result in results] == [InboundEvent, Rejected, Rejected, InboundEvent]
    assert results[1] == Rejected(1, "不是有效的 JSON")

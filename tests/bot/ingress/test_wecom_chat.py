"""WeCom application callbacks and the AI bot."""

from typing import Any

import pytest

from bot.ingress import wecom_aibot, wecom_callback
from bot.ingress.xml_body import read_xml
from monitor.errors import BadPayload
from monitor.events import EventKind, InboundEvent, PostKind
from tests.bot.ingress.payloads import NOW, NOW_S, payload, payload_json

NOTIFY = read_xml(payload("wecom_event_msgaudit_notify.xml"))
ASKED = payload_json("wecom_aibot_group_text.json")


def callback(**changed: Any) -> InboundEvent:
    return wecom_callback.decode("corp", NOTIFY | changed, NOW)


def asked(**changed: Any) -> InboundEvent:
    return wecom_aibot.decode("bot", ASKED | changed, NOW)


def test_the_recorded_archive_hint_is_an_account_event() -> None:
    hint = callback()
    assert (hint.kind, hint.fields["Event"]) == (EventKind.ACCOUNT, "msgaudit_notify")
    assert (hint.place_id, hint.occurred_at.timestamp()) == ("CorpID", 1629101687)


def test_a_message_to_the_application_is_chat() -> None:
    chat = callback(MsgType="text", Content="状态", MsgId="1", Event="")
    assert (chat.kind, chat.text, chat.fields["AgentID"]) == (EventKind.CHAT, "状态", "2000004")
    assert chat.event_key == callback(MsgType="text", Content="状态", MsgId="1", AgentID="9").event_key


def test_changes_of_two_groups_within_one_second_are_two_events() -> None:
    def change(chat_id: str) -> int:
        return callback(Event="change_external_chat", ChangeType="update", ChatId=chat_id).event_key

    assert change("wr1") == change("wr1") != change("wr2")


def test_a_finished_send_under_another_name_is_no_article_of_wecom() -> None:
    assert callback(Event="masssendjobfinish", MsgID="1", Status="x").kind is EventKind.ACCOUNT


def test_a_question_to_the_bot_is_chat_without_the_mention() -> None:
    chat = asked()
    assert (chat.kind, chat.post_kind, chat.text) == (EventKind.CHAT, PostKind.TEXT, "hello robot")
    assert (chat.place_id, chat.sender_id, chat.occurred_at) == ("AIBOTID", "USERID", NOW)
    assert chat.fields == {"chatid": "CHATID", "chattype": "group", "response_url": "RESPONSEURL"}


def test_only_a_leading_mention_in_a_group_is_taken_off() -> None:
    assert asked(text={"content": "问 @RobotA 好"}).text == "问 @RobotA 好"
    assert asked(text={"content": "@RobotA"}).text == "@RobotA"
    assert asked(chattype="single").text == "@RobotA hello robot"


def test_mixed_voice_and_pictures_are_understood() -> None:
    items = [{"msgtype": "text", "text": {"content": "@R 看"}}, {"msgtype": "image", "image": {"url": "u"}}]
    assert asked(msgtype="mixed", mixed={"msg_item": items}).text == "看"
    assert asked(msgtype="mixed", mixed=None).text == ""
    assert asked(msgtype="voice", voice={"content": "状态"}).post_kind is PostKind.VOICE
    assert asked(msgtype="image", image={"url": "u"}).text == ""
    assert asked(msgtype="poem").post_kind is PostKind.OTHER


def test_an_event_of_the_bot_is_an_account_event_with_its_own_time() -> None:
    entered = asked(msgtype="event", event={"eventtype": "enter_chat"}, create_time=NOW_S - 5)
    assert (entered.kind, entered.fields["event"]) == (EventKind.ACCOUNT, {"eventtype": "enter_chat"})
    assert entered.occurred_at.timestamp() == NOW_S - 5


def test_polling_a_streamed_answer_is_ignored() -> None:
    assert asked(msgtype="stream", stream={"id": "1"}).kind is EventKind.IGNORED


@pytest.mark.parametrize(
    "changed",
    [{"msgtype": None}, {"from": None}, {"from": {}}, {"msgid": None}, {"aibotid": []}, {"create_time": "x"}],
)
def test_a_callback_that_lacks_what_it_needs_is_a_bad_payload(changed: dict[str, Any]) -> None:
    with pytest.raises(BadPayload):
        asked(**changed)

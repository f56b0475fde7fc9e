"""Passive replies: no text escapes its element, and a reply is sealed as its push was."""

import json
import string
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import wechat_codec
from bot.chat_platforms import OFFICIAL_ACCOUNT
from bot.ingress.xml_body import read_xml
from bot.wechat_codec import BodyMode, OpenedBody
from tests.bot.ingress.payloads import (
    APP,
    KEY,
    NOW_S,
    TEXT,
    TOKEN,
    codec,
    open_plain,
    sealed_push,
    sha1_over,
)
from tests.fake_wechat.signing import Envelope

# replies


def test_a_reply_swaps_sender_and_receiver_and_carries_our_time() -> None:
    subject = codec()
    reply = read_xml(subject.seal_reply(open_plain(TEXT, subject), "活跃度：优秀").encode())
    assert reply == {
        "ToUserName": "o1",
        "FromUserName": "gh_demo",
        "CreateTime": str(NOW_S),
        "MsgType": "text",
        "Content": "活跃度：优秀",
    }


@pytest.mark.parametrize(
    "text", ["]]>", "a]]></Content><Content>b", "]]]]>>", "]]", "<b>&amp;</b>", "]]><![CDATA[", "]]>" * 100]
)
def test_no_text_can_leave_the_content_element(text: str) -> None:
    subject = codec()
    assert read_xml(subject.seal_reply(open_plain(TEXT, subject), text).encode())["Content"] == text


def test_no_sender_name_can_leave_its_element() -> None:
    subject = codec()
    opened = open_plain(json.dumps({"FromUserName": "a]]><x>", "ToUserName": "b"}), subject)
    reply = wechat_codec._xml_reply(str(opened.fields["FromUserName"]), "b", 1, "c")
    assert read_xml(reply.encode())["ToUserName"] == "a]]><x>"


def test_characters_that_xml_cannot_carry_are_left_out_of_a_reply() -> None:
    subject = codec()
    reply = subject.seal_reply(open_plain(TEXT, subject), "a\x00\x08\x0b\x1f\ufffe\uffff\ud800b\n\t")
    assert read_xml(reply.encode())["Content"] == "ab\n\t"


@settings(deadline=None)
@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from("]>[<!&")), max_size=60))
def test_every_reply_is_well_formed(text: str) -> None:
    reply = read_xml(codec().seal_reply(OpenedBody({"FromUserName": "o1"}, BodyMode.PLAIN), text).encode())
    assert set(reply) == {"ToUserName", "FromUserName", "CreateTime", "MsgType", "Content"}


def test_a_reply_longer_than_the_platform_takes_is_cut_between_characters() -> None:
    subject = codec()
    opened = open_plain(TEXT, subject)
    content = read_xml(subject.seal_reply(opened, "团" * 700).encode())["Content"]
    assert content == "团" * 681 + "…"
    assert len(content.encode()) <= OFFICIAL_ACCOUNT.longest_reply_bytes
    exact = "a" * OFFICIAL_ACCOUNT.longest_reply_bytes
    assert read_xml(subject.seal_reply(opened, exact).encode())["Content"] == exact


def test_a_sealed_reply_is_signed_and_opens_with_the_same_key() -> None:
    subject = codec(KEY)
    opened = subject.open(*sealed_push(TEXT))
    first, second = (read_xml(subject.seal_reply(opened, "好]]>").encode()) for _ in range(2))
    sealed, timestamp, nonce = first["Encrypt"], first["TimeStamp"], first["Nonce"]
    assert first["MsgSignature"] == sha1_over(TOKEN, timestamp, nonce, sealed)
    assert timestamp == str(NOW_S)
    assert read_xml(Envelope(KEY, APP).decrypt(sealed).encode())["Content"] == "好]]>"
    assert (first["Nonce"], first["Encrypt"]) != (second["Nonce"], second["Encrypt"])


def test_a_push_in_json_gets_its_reply_in_json() -> None:
    subject = codec(KEY)
    message = json.dumps({"ToUserName": "gh_demo", "FromUserName": "o1"})
    envelope = json.loads(subject.seal_reply(subject.open(*sealed_push(message, as_json=True)), "好"))
    inner = json.loads(Envelope(KEY, APP).decrypt(envelope["Encrypt"]))
    assert (inner["ToUserName"], inner["Content"]) == ("o1", "好")
    assert envelope["TimeStamp"] == NOW_S
    plain = json.loads(subject.seal_reply(open_plain(message, codec()), "好"))
    assert plain["FromUserName"] == "gh_demo"


def test_an_ai_bot_has_no_appid_and_small_envelope_names() -> None:
    subject = codec(KEY, app_id="")
    sealed = Envelope(KEY, "").encrypt('{"msgid":"1"}')
    query = {
        "timestamp": str(NOW_S),
        "nonce": "n",
        "msg_signature": sha1_over(TOKEN, str(NOW_S), "n", sealed),
    }
    opened = subject.open(query, json.dumps({"encrypt": sealed}).encode())
    assert opened.fields == {"msgid": "1"}
    envelope = json.loads(subject.seal(opened, '{"msgtype":"text"}'))
    assert set(envelope) == {"encrypt", "msgsignature", "timestamp", "nonce"}
    assert Envelope(KEY, "").decrypt(envelope["encrypt"]) == '{"msgtype":"text"}'


@pytest.mark.parametrize(
    ("msgtype", "reply"),
    [
        ("text", {"msgtype": "stream", "stream": {"id": "m1", "finish": True, "content": "好"}}),
        ("event", {"msgtype": "text", "text": {"content": "好"}}),
    ],
)
def test_an_ai_bot_answers_in_its_own_form(msgtype: str, reply: dict[str, object]) -> None:
    fields = {"aibotid": "b", "msgid": "m1", "msgtype": msgtype}
    assert json.loads(codec().seal_reply(OpenedBody(fields, BodyMode.PLAIN, None, True), "好")) == reply


def test_the_filling_of_a_sealed_reply_is_not_guessable() -> None:
    def fillings() -> Iterator[str]:
        for _ in range(20):
            yield wechat_codec._Prp(bytes(32)).get_random_string()

    seen = set(fillings())
    assert len(seen) == 20
    assert all(len(filling) == 16 and set(filling) <= set(string.hexdigits) for filling in seen)

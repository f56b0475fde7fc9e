"""Broken and hostile bodies: whatever wechatpy, expat and orjson would raise has one ending here."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.wechat_codec import MAX_BODY_BYTES
from monitor.errors import BadPayload, InboundError, TooLarge
from tests.bot.ingress.payloads import (
    KEY,
    NOW_S,
    TEXT,
    codec,
    junk,
    open_plain,
    sealed_with,
)

# the exception zoo of the wechatpy measurements, now with one ending each

ZOO: dict[str, bytes] = {
    "nothing": b"",
    "whitespace": b" \n\t ",
    "truncated": b"<xml><ToUserName><![CDATA[gh",
    "control character": b"<xml><Content>\x01</Content></xml>",
    "root not xml": b"<root><MsgType>text</MsgType></root>",
    "root of a client message": b"<msg><MsgType>text</MsgType></msg>",
    "two roots": b"<xml></xml><xml></xml>",
    "GBK": "<xml><Content>团员活跃度</Content></xml>".encode("gbk"),
    "declared GBK": '<?xml version="1.0" encoding="GBK"?><xml><Content>团员活跃度</Content></xml>'.encode(
        "gbk"
    ),
    "UTF-16": "<xml><Content>a</Content></xml>".encode("utf-16"),
    "binary": bytes(range(256)),
    "entities": b'<!DOCTYPE x [<!ENTITY a "b">]><xml><Content>&a;</Content></xml>',
    "external entity": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><xml><Content>&a;</Content></xml>',
    "doctype after declaration": b'<?xml version="1.0"?><!DOCTYPE xml><xml></xml>',
    "doctype behind a comment": b"<!-- --><!DOCTYPE xml><xml></xml>",
    "billion laughs": b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><xml>&b;</xml>',
    "undefined entity": b"<xml><Content>&nbsp;</Content></xml>",
    "deep tags": b"<xml>" + b"<a>" * 9000 + b"</a>" * 9000 + b"</xml>",
    "deep unclosed tags": b"<xml>" + b"<a>" * 15000,
    "broken JSON": b'{"MsgType": ',
    "JSON array": b"[1,2]",
    "JSON NaN": b'{"CreateTime": NaN}',
    "JSON infinity": b'{"CreateTime": 1e999}',
    "JSON huge integer": b'{"CreateTime": ' + b"9" * 5000 + b"}",
    "JSON lone surrogate": b'{"Content": "\\ud800"}',
    "JSON not UTF-8": b'{"Content": "\xff"}',
    "deep JSON arrays": b'{"a":' + b"[" * 20000 + b"]" * 20000 + b"}",
    "deep JSON objects": b'{"a":' * 900 + b"1" + b"}" * 900,
    "JSON deeper than any payload": b'{"a":' * 30 + b"1" + b"}" * 30,
}


@pytest.mark.parametrize("body", ZOO.values(), ids=ZOO.keys())
def test_a_hostile_or_broken_body_is_a_bad_payload(body: bytes) -> None:
    with pytest.raises(BadPayload):
        open_plain(body)


def test_a_byte_order_mark_and_a_declaration_are_no_harm() -> None:
    body = b'\xef\xbb\xbf<?xml version="1.0" encoding="utf-8"?>\n' + TEXT.encode()
    assert open_plain(body).fields["FromUserName"] == "o1"


def test_a_member_may_write_about_document_types() -> None:
    body = TEXT.replace(" 状态 ", "<!DOCTYPE html> <!ENTITY>")
    assert open_plain(body).fields["Content"] == "<!DOCTYPE html> <!ENTITY>"


def test_outer_spaces_of_a_text_are_kept() -> None:
    assert open_plain(TEXT).fields["Content"] == " 状态 "


def test_repeated_elements_become_a_list_and_both_spellings_of_msgid_stay() -> None:
    body = "<xml><a>1</a><a>2</a><a><b>3</b></a><MsgID>4</MsgID><MsgId>5</MsgId><c/></xml>"
    expected = {"a": ["1", "2", {"b": "3"}], "MsgID": "4", "MsgId": "5", "c": ""}
    assert open_plain(body).fields == expected


def test_nesting_is_taken_over_down_to_eight_levels() -> None:
    def nested(levels: int) -> str:
        return "<xml>" + "<a>" * levels + "x" + "</a>" * levels + "</xml>"

    assert open_plain(nested(8)).fields
    with pytest.raises(BadPayload):
        open_plain(nested(9))


def test_a_nul_hidden_in_json_is_taken_out() -> None:
    body = b'{"Content": "a\\u0000b", "k\\u0000": ["\\u0000", {"x": 1}]}'
    assert open_plain(body).fields == {"Content": "ab", "k": ["", {"x": 1}]}


def test_a_body_beyond_the_limit_is_too_large_before_anything_else() -> None:
    with pytest.raises(TooLarge):
        codec().open({}, b"x" * (MAX_BODY_BYTES + 1))


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_opened_or_refused(body: bytes) -> None:
    with contextlib.suppress(InboundError):
        assert isinstance(open_plain(body).fields, dict)


XMLISH = st.lists(
    st.sampled_from(
        ["<xml>", "</xml>", "<a>", "</a>", "<a/>", "<![CDATA[", "]]>", "&amp;", "&#0;", "&#x1F600;", "&x;",
         "<?xml", "?>", "<!--", "-->", "<!DOCTYPE", "<!ENTITY", ">", "x", " ", "\x00", "\ufeff", "=", "xmlns"]
    ),
    max_size=30,
).map("".join)  # fmt: skip


@settings(deadline=None)
@given(XMLISH)
def test_anything_like_xml_is_opened_or_refused(body: str) -> None:
    for whole in (body, f"<xml>{body}</xml>"):
        with contextlib.suppress(InboundError):
            assert isinstance(open_plain(whole).fields, dict)


@settings(deadline=None)
@given(st.binary(min_size=0, max_size=96).filter(lambda plain: len(plain) % 16 == 0))
def test_anything_sealed_with_our_key_is_opened_or_refused(plain: bytes) -> None:
    with contextlib.suppress(InboundError):
        codec(KEY).open(*sealed_with(junk(plain)))


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["signature", "timestamp", "nonce", "msg_signature", "echostr", "encrypt_type"]),
        st.one_of(st.text(max_size=20), st.just(str(NOW_S)), st.just("aes")),
    )
)
def test_any_query_is_refused_unless_it_is_signed(query: dict[str, str]) -> None:
    with pytest.raises(InboundError):
        codec(KEY).open(query, TEXT.encode())
    with pytest.raises(InboundError):
        codec(KEY).verify_url(query)

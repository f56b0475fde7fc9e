"""The codec: who may push, which keys and modes open what, published vectors."""

import contextlib
import json
import re
import struct
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import wechat_codec
from bot.ingress.xml_body import read_xml
from bot.wechat_codec import BodyMode, WeChatCodec
from monitor.errors import BadPayload, BadSignature, InboundError
from tests.bot.ingress.payloads import (
    APP,
    INDEX,
    KEY,
    NOW,
    NOW_S,
    OLD_KEY,
    TEXT,
    TOKEN,
    codec,
    junk,
    open_plain,
    payload,
    payload_json,
    plain_query,
    sealed_push,
    sealed_with,
    sha1_over,
)
from tests.fake_wechat.signing import Envelope

VECTORS = json.loads(payload("crypto_vectors.json"))


# settings


def test_an_empty_token_is_refused_because_every_signature_would_be_valid() -> None:
    with pytest.raises(ValueError, match="token"):
        codec(token="")


def test_requiring_encryption_without_a_key_is_refused() -> None:
    with pytest.raises(ValueError, match="EncodingAESKey"):
        codec(require_encryption=True)


@pytest.mark.parametrize("key", ["", "a" * 42, "a" * 44, "ä" * 43, "-" * 43])
def test_a_key_that_is_no_encoding_aes_key_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="EncodingAESKey"):
        codec(key)


# published vectors


@pytest.mark.parametrize("vector", VECTORS["sha1"], ids=lambda vector: vector["id"])
def test_published_signatures_are_accepted(vector: dict[str, str]) -> None:
    at = datetime.fromtimestamp(int(vector["timestamp"]), UTC)
    subject = codec(token=vector["token"], at=at)
    query = {name: vector[name] for name in ("timestamp", "nonce")}
    if "encrypt" in vector:
        query["msg_signature"] = vector["msg_signature"]
        body = f"<xml><Encrypt>{vector['encrypt']}</Encrypt></xml>".encode()
        with pytest.raises(
            BadPayload, match="no EncodingAESKey"
        ):  # the signature passed, the key is not published
            subject.open(query, body)
        with pytest.raises(BadSignature):
            subject.open(query | {"msg_signature": "0" * 40}, body)
    else:
        assert subject.verify_url(query | {"signature": vector["signature"], "echostr": "42"}) == "42"


@pytest.mark.parametrize("vector", VECTORS["aes"], ids=lambda vector: vector["id"])
def test_published_ciphertexts_are_opened(vector: dict[str, Any]) -> None:
    token = vector["token"] or TOKEN
    timestamp, nonce = vector.get("timestamp", str(NOW_S)), vector.get("nonce", "1")
    at = datetime.fromtimestamp(int(timestamp), UTC)
    subject = codec(vector["encoding_aes_key"], app_id=vector["appid"], token=token, at=at)
    signature = vector.get("msg_signature") or sha1_over(token, timestamp, nonce, vector["encrypt"])
    query = {"msg_signature": signature, "timestamp": timestamp, "nonce": nonce}
    if vector["kind"] == "decrypt-xml" or vector.get("plaintext", "").startswith("<xml>"):
        opened = subject.open(
            query, f"<xml><Encrypt><![CDATA[{vector['encrypt']}]]></Encrypt></xml>".encode()
        )
        assert opened.mode is BodyMode.SAFE
        assert opened.key_index == 0
        if plaintext := vector.get("plaintext"):
            assert opened.fields == read_xml(plaintext.encode())
        expected = vector.get("expect", {})
        assert {name: opened.fields[name] for name in expected} == expected
    else:
        echo = subject.verify_url(query | {"echostr": vector["encrypt"]})
        assert echo == vector.get("plaintext", echo)
        assert echo


def test_the_documented_json_push_is_opened() -> None:
    sample = payload_json("oa_json_debug_demo.json")["request"]
    at = datetime.fromtimestamp(int(sample["query"]["timestamp"]), UTC)
    body = json.dumps(sample["body"]).encode()
    opened = codec(token=sample["token"], at=at).open(sample["query"], body)
    assert opened.is_json
    assert opened.fields == sample["body"]


@pytest.mark.parametrize(
    "name", sorted(name for name in INDEX if name.startswith("oa_") and name.endswith(".xml"))
)
def test_recorded_pushes_open_with_every_expected_field(name: str) -> None:
    fields = open_plain(payload(name)).fields
    flat = fields | fields.get("PublishEventInfo", {}) | fields.get("CopyrightCheckResult", {})
    for field, value in INDEX[name]["expect"].items():
        if field == "has_msgid":
            assert ("MsgId" in fields or "MsgID" in fields) is value
        elif field == "copyright_items":
            assert len(fields["CopyrightCheckResult"]["ResultList"]["item"]) == value
        elif field != "articles":
            assert flat[field] == value, field


# who may push


def test_the_access_test_of_an_official_account_gets_its_echo_back() -> None:
    assert codec().verify_url(plain_query(TOKEN, NOW_S) | {"echostr": "5927"}) == "5927"


def test_an_access_test_with_a_wrong_or_missing_signature_is_refused() -> None:
    query = plain_query(TOKEN, NOW_S) | {"echostr": "5927"}
    with pytest.raises(BadSignature):
        codec().verify_url(query | {"signature": "0" * 40})
    del query["signature"]
    with pytest.raises(BadSignature):
        codec().verify_url(query)


def test_an_encrypted_echo_for_another_corporation_is_refused() -> None:
    sealed = Envelope(KEY, "ww_other").encrypt("123")
    query = {"timestamp": str(NOW_S), "nonce": "n", "echostr": sealed}
    query["msg_signature"] = sha1_over(TOKEN, str(NOW_S), "n", sealed)
    with pytest.raises(BadSignature, match="another AppID"):
        codec(KEY).verify_url(query)


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_a_timestamp_within_five_minutes_is_fresh(seconds: int) -> None:
    assert codec().open(plain_query(TOKEN, NOW_S + seconds), TEXT.encode()).mode is BodyMode.PLAIN


@pytest.mark.parametrize(
    "timestamp", [NOW_S - 301, NOW_S + 301, "", "abc", "-1", "1.5", "１７９５１５８０００", "9" * 13]
)
def test_any_other_timestamp_is_refused_though_signed(timestamp: object) -> None:
    with pytest.raises(BadSignature, match="timestamp"):
        codec().open(plain_query(TOKEN, timestamp), TEXT.encode())


@pytest.mark.parametrize("signature", ["", "0" * 40, "签名", None])
def test_a_plain_push_with_a_wrong_signature_is_refused(signature: str | None) -> None:
    query: dict[str, Any] = plain_query(TOKEN, NOW_S) | {"signature": signature}
    with pytest.raises(BadSignature):
        codec().open(query, TEXT.encode())


def test_a_push_without_any_parameter_is_refused() -> None:
    with pytest.raises(BadSignature):
        codec().open({}, TEXT.encode())


def test_a_nonce_that_is_no_text_is_refused() -> None:
    with pytest.raises(BadSignature, match="no text"):
        codec().open({"signature": "0" * 40, "timestamp": str(NOW_S), "nonce": "\ud800"}, b"")


def test_the_same_push_again_is_accepted_because_the_platform_retries() -> None:
    subject = codec()
    assert open_plain(TEXT, subject) == open_plain(TEXT, subject)


def test_a_used_nonce_with_another_body_is_refused() -> None:
    subject = codec()
    open_plain(TEXT, subject)
    with pytest.raises(BadSignature, match="another body"):
        open_plain(TEXT.replace("状态", "排名"), subject)


def test_a_retry_that_was_encrypted_anew_is_the_same_push() -> None:
    subject = codec(KEY)
    assert subject.open(*sealed_push(TEXT)).fields == subject.open(*sealed_push(TEXT)).fields


def test_an_unreadable_body_does_not_use_up_the_nonce() -> None:
    subject = codec()
    with pytest.raises(BadPayload):
        open_plain("<xml>", subject)
    assert open_plain(TEXT, subject).fields["MsgId"] == "6260957665266699303"


def test_the_memory_of_nonces_is_bounded_and_forgets_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wechat_codec, "_REMEMBERED", 2)
    subject = codec()
    for nonce in ("a", "b", "c"):
        subject.open(plain_query(TOKEN, NOW_S, nonce), TEXT.encode())
    other = TEXT.replace("状态", "排名").encode()
    assert subject.open(plain_query(TOKEN, NOW_S, "a"), other).fields["Content"] == " 排名 "
    with pytest.raises(BadSignature):
        subject.open(plain_query(TOKEN, NOW_S, "c"), other)


def test_nonces_that_are_too_old_to_be_used_again_are_forgotten() -> None:
    instants = [NOW]
    subject = WeChatCodec(TOKEN, APP, (), lambda: instants[-1])
    for minute in range(30):
        instants.append(NOW + timedelta(minutes=minute))
        subject.open(plain_query(TOKEN, NOW_S + 60 * minute), TEXT.encode())
    assert len(subject._seen._bodies) == 11


def test_one_nonce_with_many_bodies_at_once_is_accepted_for_one_of_them() -> None:
    subject, accepted, gate = codec(), [], threading.Barrier(8)

    def push(number: int) -> None:
        gate.wait()
        with contextlib.suppress(BadSignature):
            accepted.append(open_plain(TEXT.replace("状态", f"状态{number}"), subject))

    threads = [threading.Thread(target=push, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(accepted) == 1


# modes and keys


def test_safe_mode_opens_and_names_the_key() -> None:
    opened = codec(KEY).open(*sealed_push(TEXT))
    assert (opened.mode, opened.key_index, opened.is_json) == (BodyMode.SAFE, 0, False)
    assert opened.fields["Content"] == " 状态 "


def test_in_compatible_mode_only_the_decrypted_copy_counts() -> None:
    twin = "<FromUserName>forged</FromUserName><Content>forged</Content>"
    opened = codec(KEY).open(*sealed_push(TEXT, twin=twin))
    assert opened.mode is BodyMode.COMPATIBLE
    assert (opened.fields["FromUserName"], opened.fields["Content"]) == ("o1", " 状态 ")


def test_a_json_envelope_with_a_json_message_is_opened() -> None:
    opened = codec(KEY).open(*sealed_push('{"MsgType":"text"}', as_json=True))
    assert (opened.fields, opened.is_json) == ({"MsgType": "text"}, True)


def test_the_previous_key_still_opens_and_the_reply_uses_it() -> None:
    subject = codec(KEY, OLD_KEY)
    opened = subject.open(*sealed_push(TEXT, key=OLD_KEY))
    assert opened.key_index == 1
    reply = read_xml(subject.seal_reply(opened, "好").encode())
    assert "好" in Envelope(OLD_KEY, APP).decrypt(reply["Encrypt"])


def test_a_key_that_is_no_longer_configured_opens_nothing() -> None:
    with pytest.raises(InboundError):
        codec(KEY).open(*sealed_push(TEXT, key=OLD_KEY))


def test_an_account_that_requires_encryption_refuses_a_plain_push() -> None:
    subject = codec(KEY, require_encryption=True)
    with pytest.raises(BadSignature, match="plain push"):
        open_plain(TEXT, subject)
    assert subject.open(*sealed_push(TEXT)).mode is BodyMode.SAFE


def test_leaving_out_the_signature_of_an_encrypted_push_is_no_way_round_it() -> None:
    query, body = sealed_push(TEXT)
    del query["msg_signature"]
    with pytest.raises(BadSignature):
        codec(KEY).open(query, body)
    del query["encrypt_type"]
    with pytest.raises(BadSignature, match="without msg_signature"):
        codec(KEY).open(query, body)


def test_a_changed_ciphertext_is_refused_before_it_is_decrypted() -> None:
    query, body = sealed_push(TEXT)
    with pytest.raises(BadSignature):
        codec(KEY).open(query, body.replace(b"<Encrypt><![CDATA[", b"<Encrypt><![CDATA[A"))


def test_a_message_sealed_for_another_account_is_refused() -> None:
    with pytest.raises(BadSignature, match="another AppID"):
        codec(KEY, OLD_KEY).open(*sealed_push(TEXT, app_id="wxother"))
    with pytest.raises(BadSignature, match="another AppID"):
        codec(OLD_KEY, KEY).open(*sealed_push(TEXT, app_id="wxother"))


@pytest.mark.parametrize(
    "sealed",
    [
        "AAAA",  # no whole block
        "!!!!",  # no base64: empty
        "A",  # broken base64
        "密文",
        junk(bytes(32)),  # padding 0
        junk(bytes(31) + b"\x20"),  # padding longer than what stands there
        junk(bytes(16) + struct.pack(">I", 4) + b"\xff\xfe\xfd\xfc" + b"\x08" * 8),  # no UTF-8
        junk(bytes(16) + struct.pack(">I", 2**31) + b"ab" + b"\x0a" * 10),  # a length beyond the end
    ],
)
def test_validly_signed_junk_is_a_bad_payload_or_signature(sealed: str) -> None:
    with pytest.raises((BadPayload, BadSignature)) as caught:
        codec(KEY).open(*sealed_with(sealed))
    assert caught.value.__cause__ is not None


@pytest.mark.parametrize("message", ["", "hello", "<xml>", "{", "[1]", "\x00"])
def test_a_sealed_message_that_cannot_be_read_is_a_bad_payload(message: str) -> None:
    with pytest.raises(BadPayload):
        codec(KEY).open(*sealed_push(message))


@pytest.mark.parametrize(
    "body",
    [
        b"<xml><ToUserName>x</ToUserName></xml>",
        b"<xml><Encrypt></Encrypt></xml>",
        b"<xml><Encrypt>a</Encrypt><Encrypt>b</Encrypt></xml>",
        b"<xml><Encrypt><a>b</a></Encrypt></xml>",
        b'{"Encrypt": 5}',
        b"",
    ],
)
def test_an_encrypted_push_without_one_encrypt_text_is_a_bad_payload(body: bytes) -> None:
    with pytest.raises(BadPayload):
        codec(KEY).open(sealed_push(TEXT)[0], body)


def test_only_the_codec_knows_wechatpy() -> None:
    source = re.compile(r"^\s*(?:from|import) wechatpy", re.MULTILINE)
    root = Path(wechat_codec.__file__).parents[1]
    importers = {
        path.relative_to(root).as_posix()
        for package in ("bot", "monitor", "scoring", "web", "reports")
        for path in (root / package).rglob("*.py")
        if source.search(path.read_text("utf-8"))
    }
    assert importers == {"bot/wechat_codec.py"}

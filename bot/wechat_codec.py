"""Opens what WeChat and WeCom push and seals what we answer; the only importer of wechatpy.

One `WeChatCodec` per official account (公众号) or WeCom application (企业微信应用). Verification comes before
everything else, decryption before parsing, and whatever a hostile body makes a library raise leaves
here as `BadSignature`, `BadPayload` or `TooLarge`. Must not import Flask, stores or use cases.
"""

import re
import secrets
import struct
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hmac import compare_digest
from threading import Lock
from typing import Any

import orjson
from wechatpy.crypto import PrpCrypto, WeChatCrypto
from wechatpy.exceptions import InvalidAppIdException, WeChatException
from wechatpy.utils import WeChatSigner

from bot.chat_platforms import OFFICIAL_ACCOUNT, WECOM_BOT, ChatPlatform
from bot.ingress.wire import load_object
from bot.ingress.xml_body import read_xml
from monitor.clock import Clock
from monitor.errors import BadPayload, BadSignature, InboundError, TooLarge

MAX_BODY_BYTES = 64 * 1024
"""Longest body taken; the longest documented push is about 3 KiB."""
WINDOW_SECONDS = 300
"""Furthest distance of a request's timestamp from our clock, in either direction."""

_KEY = re.compile(r"[A-Za-z0-9]{43}")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REMEMBERED = 1 << 15


class BodyMode(StrEnum):
    """How a push was protected (明文 / 兼容 / 安全)."""

    PLAIN = "plain"
    COMPATIBLE = "compatible"
    SAFE = "safe"


@dataclass(frozen=True, slots=True)
class OpenedBody:
    """A verified, decrypted and parsed push.

    `fields` keeps documented names and raw texts: leaves are text (numbers in JSON bodies), parents
    are dicts, repeated elements are lists. `key_index` names the AES key that worked, None if plain.
    """

    fields: dict[str, Any]
    mode: BodyMode
    key_index: int | None = None
    is_json: bool = False


class _Prp(PrpCrypto):  # type: ignore[misc]  # wechatpy has no types
    """wechatpy's AES with a filling from `secrets` instead of `random`."""

    def get_random_string(self) -> str:
        return secrets.token_hex(8)


class WeChatCodec:
    """Opens pushes and seals passive replies of one account.

    Args:
        token: the account's Token; an empty one would accept anybody.
        app_id: AppID, CorpID of a WeCom application, empty for a WeCom AI bot.
        aes_keys: EncodingAESKeys, current first, then previous ones still in use.
        clock: tells the present instant.
        require_encryption: refuse plain pushes (安全模式).
        platform: whose facts hold: whether pushes are always encrypted, how long a reply may be.
    Raises: ValueError if a setting cannot protect anything.
    """

    def __init__(
        self,
        token: str,
        app_id: str,
        aes_keys: Sequence[str],
        clock: Clock,
        *,
        require_encryption: bool = False,
        platform: ChatPlatform = OFFICIAL_ACCOUNT,
    ) -> None:
        require_encryption = require_encryption or platform.is_always_encrypted
        if not token:
            raise ValueError("the token is empty: every signature would be valid")
        if require_encryption and not aes_keys:
            raise ValueError("encryption is required but there is no EncodingAESKey")
        if not all(_KEY.fullmatch(key) for key in aes_keys):
            raise ValueError("an EncodingAESKey has 43 letters and digits")
        self._token, self._app_id, self._clock = token, app_id, clock
        self._ciphers = tuple(_Prp(WeChatCrypto(token, key, app_id).key) for key in aes_keys)
        self._require_encryption = require_encryption
        self._platform = platform
        self._seen = _ReplayCache(_REMEMBERED)

    def verify_url(self, query: Mapping[str, str]) -> str:
        """Return the text that proves to the platform that this address is ours (接入验证).

        Args:
            query: signature, timestamp, nonce, echostr; WeCom sends msg_signature and an encrypted echostr.
        Raises: BadSignature, or BadPayload if an encrypted echostr cannot be opened.
        """
        timestamp, nonce = self._fresh(query)
        echo = query.get("echostr") or ""
        if "signature" in query or "msg_signature" not in query:
            self._match(query.get("signature"), timestamp, nonce)
            return echo
        self._match(query["msg_signature"], timestamp, nonce, echo)
        return self._decrypt(echo)[0]

    def open(self, query: Mapping[str, str], body: bytes) -> OpenedBody:
        """Return the verified, decrypted and parsed content of a push.

        Args:
            query: the URL's parameters as text.
            body: the raw body, XML or JSON.
        Raises: BadSignature, BadPayload, TooLarge; nothing else.
        """
        if len(body) > MAX_BODY_BYTES:
            raise TooLarge(f"a push of {len(body)} bytes")
        timestamp, nonce = self._fresh(query)
        if "msg_signature" in query or query.get("encrypt_type") == "aes":
            return self._open_encrypted(query, body, timestamp, nonce)
        if self._require_encryption:
            raise BadSignature("a plain push to an account that requires encryption")
        self._match(query.get("signature"), timestamp, nonce)
        fields, is_json = _parse(body)
        if "Encrypt" in fields:
            raise BadSignature("an encrypted push without msg_signature")
        self._seen.refuse_other(timestamp, nonce, body)
        return OpenedBody(fields, BodyMode.PLAIN, None, is_json)

    def _open_encrypted(
        self, query: Mapping[str, str], body: bytes, timestamp: str, nonce: str
    ) -> OpenedBody:
        """Open a push of compatible or safe mode; the unsigned plain twin is never looked at."""
        outer, _ = _parse(body)
        sealed = outer.get("Encrypt") or outer.get("encrypt")
        if type(sealed) is not str:
            raise BadPayload("an encrypted push holds one Encrypt text")
        self._match(query.get("msg_signature"), timestamp, nonce, sealed)
        plain, key_index = self._decrypt(sealed)
        inner = plain.encode()
        fields, is_json = _parse(inner)
        self._seen.refuse_other(timestamp, nonce, inner)
        mode = BodyMode.COMPATIBLE if "FromUserName" in outer else BodyMode.SAFE
        return OpenedBody(fields, mode, key_index, is_json)

    def seal_reply(self, opened: OpenedBody, text: str) -> str:
        """Return the body of a passive text reply (被动回复) to a push, sealed as the push was.

        Args:
            opened: the push; its sender becomes the receiver, its format and key are kept.
            text: what to say; control characters go, more than the platform takes is cut.
        Returns: XML; JSON for a push that came as JSON, in a WeCom AI bot's own form if one sent it.
        """
        now = int(self._clock().timestamp())
        receiver = str(opened.fields.get("FromUserName", ""))
        sender = str(opened.fields.get("ToUserName", ""))
        content = _NOT_IN_XML.sub("", text)
        if "aibotid" in opened.fields:
            said = _cut(content, WECOM_BOT.longest_reply_bytes)
            return self.seal(opened, _bot_reply(opened.fields, said))
        content = _cut(content, self._platform.longest_reply_bytes)
        write = _json_reply if opened.is_json else _xml_reply
        return self.seal(opened, write(receiver, sender, now, content))

    def seal(self, opened: OpenedBody, reply: str) -> str:
        """Return a finished reply body sealed with the key that opened the push; as it is if plain."""
        if opened.key_index is None:
            return reply
        timestamp, nonce = str(int(self._clock().timestamp())), secrets.token_hex(8)
        sealed = self._ciphers[opened.key_index].encrypt(reply, self._app_id).decode()
        signature = self._sign(timestamp, nonce, sealed)
        if not opened.is_json:
            return _xml_envelope(sealed, signature, timestamp, nonce)
        values = (sealed, signature, int(timestamp), nonce)
        return orjson.dumps(dict(zip(self._envelope_names(), values, strict=True))).decode()

    def _envelope_names(self) -> tuple[str, ...]:
        """Return the names of a JSON envelope; a WeCom AI bot, which has no AppID, writes them small."""
        if self._app_id:
            return "Encrypt", "MsgSignature", "TimeStamp", "Nonce"
        return "encrypt", "msgsignature", "timestamp", "nonce"

    def _fresh(self, query: Mapping[str, str]) -> tuple[str, str]:
        """Return timestamp and nonce of a request if it was made just now."""
        timestamp, nonce = query.get("timestamp") or "", query.get("nonce") or ""
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
            raise BadSignature("the timestamp is no epoch time")
        if abs(self._clock().timestamp() - int(timestamp)) > WINDOW_SECONDS:
            raise BadSignature("the timestamp is too far from our clock")
        return timestamp, nonce

    def _match(self, given: str | None, *signed: str) -> None:
        """Refuse a signature that is not the one over token and the signed parts."""
        if not given or not given.isascii() or not compare_digest(given, self._sign(*signed)):
            raise BadSignature("the signature does not match")

    def _sign(self, *parts: str) -> str:
        signer = WeChatSigner()
        try:
            signer.add_data(self._token, *parts)
        except UnicodeEncodeError as error:
            raise BadSignature("a signed part is no text") from error
        signature: str = signer.signature
        return signature

    def _decrypt(self, sealed: str) -> tuple[str, int]:
        """Return the plain text and the index of the key that opened it; tries every key."""
        refusal: InboundError = BadPayload("encrypted push, but no EncodingAESKey is configured")
        for index, cipher in enumerate(self._ciphers):
            try:
                return cipher.decrypt(sealed, self._app_id), index
            except InvalidAppIdException as error:
                refusal = BadSignature("the push is sealed for another AppID")
                refusal.__cause__ = error
            except (ValueError, IndexError, TypeError, struct.error, WeChatException) as error:
                if not isinstance(refusal, BadSignature):
                    refusal = BadPayload("the push cannot be decrypted with any configured key")
                    refusal.__cause__ = error
        raise refusal


class _ReplayCache:
    """Remembers which body came with a timestamp and nonce; the same body may come again."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._bodies: OrderedDict[tuple[str, str], int] = OrderedDict()
        self._lock = Lock()

    def refuse_other(self, timestamp: str, nonce: str, body: bytes) -> None:
        """Refuse a body other than the one that came first with this timestamp and nonce."""
        # Python's keyed hash of bytes: an attacker can neither see it nor aim at it.
        fingerprint = hash(body)
        # This timestamp is at most one window ahead of our clock: what is older cannot get here again.
        stale_before = int(timestamp) - 2 * WINDOW_SECONDS
        with self._lock:
            if self._bodies.setdefault((timestamp, nonce), fingerprint) != fingerprint:
                raise BadSignature("the nonce was used before with another body")
            while len(self._bodies) > self._capacity or int(next(iter(self._bodies))[0]) < stale_before:
                self._bodies.popitem(last=False)


def _parse(body: bytes) -> tuple[dict[str, Any], bool]:
    """Return the fields of an XML or JSON body, and whether it was JSON; the first byte decides."""
    if body.lstrip()[:1] == b"{":
        return load_object(body), True
    return read_xml(body), False


def _cut(text: str, n_bytes: int) -> str:
    """Return at most the bytes a passive reply may have, whole characters only."""
    encoded = text.encode()
    if len(encoded) <= n_bytes:
        return text
    return encoded[: n_bytes - 3].decode("utf-8", "ignore") + "…"


def _cdata(text: str) -> str:
    """Return text as CDATA that it cannot leave."""
    return "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"


def _xml_reply(receiver: str, sender: str, created_at: int, content: str) -> str:
    return (
        f"<xml><ToUserName>{_cdata(receiver)}</ToUserName><FromUserName>{_cdata(sender)}</FromUserName>"
        f"<CreateTime>{created_at}</CreateTime><MsgType>{_cdata('text')}</MsgType>"
        f"<Content>{_cdata(content)}</Content></xml>"
    )


def _json_reply(receiver: str, sender: str, created_at: int, content: str) -> str:
    reply = {"ToUserName": receiver, "FromUserName": sender, "CreateTime": created_at}
    return orjson.dumps({**reply, "MsgType": "text", "Content": content}).decode()


def _bot_reply(fields: Mapping[str, Any], content: str) -> str:
    """Return a WeCom AI bot's answer: a stream that ends at once, plain text only as welcome to an event."""
    if fields.get("msgtype") == "event":
        return orjson.dumps({"msgtype": "text", "text": {"content": content}}).decode()
    stream = {"id": str(fields.get("msgid", "")), "finish": True, "content": content}
    return orjson.dumps({"msgtype": "stream", "stream": stream}).decode()


def _xml_envelope(sealed: str, signature: str, timestamp: str, nonce: str) -> str:
    return (
        f"<xml><Encrypt>{_cdata(sealed)}</Encrypt><MsgSignature>{_cdata(signature)}</MsgSignature>"
        f"<TimeStamp>{timestamp}</TimeStamp><Nonce>{_cdata(nonce)}</Nonce></xml>"
    )

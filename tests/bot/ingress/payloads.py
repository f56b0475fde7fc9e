"""Recorded payloads (tests/fixtures/wechat, licences and sources in INDEX.json) and how to sign them."""

import base64
import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.wechat_codec import OpenedBody, WeChatCodec
from tests.fake_wechat.signing import Envelope

FOLDER = Path(__file__).parents[2] / "fixtures" / "wechat"
INDEX: dict[str, Any] = {
    entry["file"]: entry for entry in json.loads((FOLDER / "INDEX.json").read_text("utf-8"))["files"]
}
NOW = datetime(2026, 11, 20, 7, 0, tzinfo=UTC)
NOW_S = int(NOW.timestamp())
TOKEN = "qingxun-demo-token"
APP = "wxdemo0000000001"
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
OLD_KEY = "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR"
TEXT = (
    "<xml><ToUserName><![CDATA[gh_demo]]></ToUserName><FromUserName><![CDATA[o1]]></FromUserName>"
    "<CreateTime>1795158000</CreateTime><MsgType><![CDATA[text]]></MsgType>"
    "<Content><![CDATA[ 状态 ]]></Content><MsgId>6260957665266699303</MsgId></xml>"
)


def payload(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


def payload_json(name: str) -> Any:
    return json.loads(payload(name))


def sha1_over(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()  # noqa: S324 (the platform's choice)


def plain_query(token: str, timestamp: object, nonce: str = "1320562132") -> dict[str, str]:
    signature = sha1_over(token, str(timestamp), nonce)
    return {"signature": signature, "timestamp": str(timestamp), "nonce": nonce}


def codec(*keys: str, app_id: str = APP, token: str = TOKEN, at: datetime = NOW, **more: bool) -> WeChatCodec:
    return WeChatCodec(token, app_id, keys, lambda: at, **more)


def sealed_push(
    message: str,
    *,
    key: str = KEY,
    app_id: str = APP,
    nonce: str = "n1",
    twin: str = "",
    as_json: bool = False,
) -> tuple[dict[str, str], bytes]:
    """Query and body of an encrypted push; `twin` makes it compatible mode."""
    return sealed_with(Envelope(key, app_id).encrypt(message), nonce, twin, as_json)


def sealed_with(
    sealed: str, nonce: str = "n1", twin: str = "", as_json: bool = False
) -> tuple[dict[str, str], bytes]:
    query = plain_query(TOKEN, NOW_S, nonce) | {"encrypt_type": "aes"}
    query["msg_signature"] = sha1_over(TOKEN, str(NOW_S), nonce, sealed)
    if as_json:
        return query, json.dumps({"ToUserName": "gh_demo", "Encrypt": sealed}).encode()
    head = twin or "<ToUserName><![CDATA[gh_demo]]></ToUserName>"
    return query, f"<xml>{head}<Encrypt><![CDATA[{sealed}]]></Encrypt></xml>".encode()


def open_plain(body: bytes | str, subject: WeChatCodec | None = None) -> OpenedBody:
    raw = body.encode() if isinstance(body, str) else body
    return (subject or codec()).open(plain_query(TOKEN, NOW_S), raw)


def junk(plain: bytes) -> str:
    """Validly sealed nonsense: 16-byte aligned plain bytes under our key."""
    encryptor = Envelope(KEY, APP)._cipher().encryptor()
    return base64.b64encode(encryptor.update(plain) + encryptor.finalize()).decode()

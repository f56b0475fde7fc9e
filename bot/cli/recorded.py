"""Recorded requests (留存的请求): read them, and decode them as their endpoint would have.

The operator vouches for the file, so signatures and time windows are not asked for again; a WeChat or
WeCom body is opened by its own account's key. Key types: `Recorded`.
"""

import base64
import binascii
import hashlib
import secrets as chance
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.chat_platforms import wecom_source
from bot.ingress import gewe, official_account, onebot_v11, onebot_v12, posts_api, wecom_callback
from bot.ingress.wire import Rejected, load_object
from bot.ingress.xml_body import read_xml
from bot.settings import AccountSection, Secrets, Settings, WeComSection
from bot.wechat_codec import WeChatCodec
from monitor.clock import Clock
from monitor.errors import BadPayload, InboundError
from monitor.events import InboundEvent


@dataclass(frozen=True, slots=True)
class Recorded:
    """A request as it came: path and raw body. `number` names it in messages; `refused` says why not."""

    path: str
    body: bytes
    received_at: datetime
    number: str
    refused: str = ""


def read_recorded(file: Path, now: datetime) -> list[Recorded]:
    """Return the requests of a file of JSON lines; an unreadable line is one with a refusal."""
    found = []
    for number, line in enumerate(file.read_bytes().splitlines(), start=1):
        if not line.strip():
            continue
        name = f"第 {number} 行"
        try:
            found.append(_recorded(line, now, name))
        except InboundError as error:
            found.append(Recorded("", b"", now, name, str(error.args[0])))
    return found


def _recorded(line: bytes, now: datetime, name: str) -> Recorded:
    row = load_object(line)
    path, body = row.get("path"), row.get("body")
    if type(path) is not str or type(body) is not str:
        raise BadPayload("缺少 path 或 body")
    try:
        return Recorded(path, base64.b64decode(body, validate=True), now, name)
    except binascii.Error as error:
        raise BadPayload("body 不是 base64") from error


def decode_recorded(
    settings: Settings, secrets: Secrets, request: Recorded, clock: Clock
) -> Sequence[InboundEvent | Rejected]:
    """Return what a request holds, by the same decoders as at its endpoint.

    Raises: InboundError if the path has no endpoint here or the body cannot be read.
    """
    kind, _, key = request.path.strip("/").partition("/")
    at = request.received_at
    if request.path == "/api/v1/posts":
        is_lines = request.body.strip().startswith(b"{") and b"\n" in request.body.strip()
        content_type = posts_api.NDJSON if is_lines else "application/json"
        source = next((known.key for known in settings.sources), "")
        return posts_api.decode_many(source, request.body, at, content_type)
    if kind == "onebot" and any(known.key == key for known in settings.sources):
        is_newer = "detail_type" in load_object(request.body)
        decode = onebot_v12.decode if is_newer else onebot_v11.decode
        return [decode(key, request.body, at)]
    if kind == "bridge" and any(known.key == key and known.protocol == "gewe" for known in settings.sources):
        return [gewe.decode(key, request.body, at)]
    for account in settings.accounts if kind == "wechat" else ():
        if account.key == key:
            fields = _open(secrets, "account", account, account.app_id, request.body, clock)
            return [official_account.decode(key, fields, at)]
    for app in settings.wecom if kind == "wecom" else ():
        if app.key == key:
            fields = _open(secrets, "wecom", app, app.corp_id, request.body, clock)
            return [wecom_callback.decode(wecom_source(key), fields, at)]
    raise BadPayload(f"{request.path} 不是可以重放的地址")


def _open(
    secrets: Secrets,
    kind: str,
    entry: AccountSection | WeComSection,
    app_id: str,
    body: bytes,
    clock: Clock,
) -> dict[str, object]:
    """Open a body by signing it again: its own signature was not kept, and its time is over."""
    token = secrets.require(kind, entry.key, "token")
    names = ("aes_key", "aes_key_previous")
    keys = [key for key in (secrets.get(kind, entry.key, name) for name in names) if key]
    outer = load_object(body) if body.lstrip()[:1] == b"{" else read_xml(body)
    sealed = outer.get("Encrypt") or outer.get("encrypt")
    timestamp, nonce = str(int(clock().timestamp())), chance.token_hex(8)
    signed = sorted([token, timestamp, nonce, *([sealed] if type(sealed) is str else [])])
    signature = hashlib.sha1("".join(signed).encode()).hexdigest()  # noqa: S324  the platform's own scheme
    name = "msg_signature" if sealed else "signature"
    query = {"timestamp": timestamp, "nonce": nonce, name: signature}
    return WeChatCodec(token, app_id, keys, clock).open(query, body).fields

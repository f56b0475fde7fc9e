"""OneBot v11 events by HTTP POST (communication/http-post).

The sender signs the raw body; ids are numbers or text; a message is a string with CQ codes or an
array of segments. Answer 204 without a body: a JSON answer would be carried out as an operation.
"""

import hmac
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from bot.ingress.segments import Folded, array_segments, cq_segments, fold
from bot.ingress.wire import ignored, instant_of, load_object, optional_id, same_secret, wire_id
from monitor.errors import BadPayload, BadSignature
from monitor.events import EventKind, InboundEvent, clean_text, stable_key


def verify(body: bytes, signature: str, secret: str) -> None:
    """Accept a body whose `X-Signature` is `sha1=` and the HMAC-SHA1 under the shared secret.

    Raises: BadSignature otherwise, also when no secret is configured.
    """
    if not secret:
        raise BadSignature("no secret is configured for this source")
    expected = _keyed(secret).copy()
    expected.update(body)
    if not same_secret(signature, "sha1=" + expected.hexdigest()):
        raise BadSignature("X-Signature does not match")


@lru_cache(maxsize=64)
def _keyed(secret: str) -> hmac.HMAC:
    """Return an HMAC to copy; `hmac.digest` would let another thread run in the middle of every request."""
    return hmac.new(secret.encode(), digestmod="sha1")


def decode(source: str, wire: bytes, received_at: datetime) -> InboundEvent:
    """Return the event of one POST body.

    Args:
        source: configured key of the bridge.
        wire: raw JSON body.
        received_at: our instant, for what is ignored; every other event carries its time.
    Returns: POST, RECALL or NOTICE of a group; IGNORED for private messages, requests and heartbeats.
    Raises: BadPayload.
    """
    event = load_object(wire)
    post_type = event.get("post_type")
    if type(post_type) is not str:
        raise BadPayload("post_type 缺失")
    if post_type in ("message", "message_sent") and event.get("message_type") == "group":
        return _message(source, event, post_type == "message_sent")
    if post_type == "notice" and event.get("group_id") is not None:
        return _notice(source, event)
    return ignored(source, received_at)


def _message(source: str, event: Mapping[str, Any], is_sent: bool) -> InboundEvent:
    bot_id = wire_id(event.get("self_id"), "self_id")
    occurred_at = instant_of(event.get("time"), "time")
    group_id = wire_id(event.get("group_id"), "group_id")
    message_id = wire_id(event.get("message_id"), "message_id")
    sender_id = wire_id(event.get("user_id"), "user_id")
    folded = _fold(event.get("message"))
    sender = event.get("sender")
    name, role = _person(sender) if type(sender) is dict else ("", "")
    fields: dict[str, Any] = {"self_id": bot_id, "message_id": message_id, "role": role}
    if folded.reply_to:
        fields["reply_key"] = stable_key(source, bot_id, group_id, folded.reply_to)
    return InboundEvent(
        EventKind.POST,
        source,
        stable_key(source, bot_id, group_id, message_id, str(event["time"])),
        occurred_at,
        group_id,
        sender_id,
        name,
        folded.post_kind,
        clean_text(folded.text),
        stable_key(source, bot_id, group_id, message_id),
        is_sent or sender_id == bot_id,
        fields=fields,
    )


def _fold(message: object) -> Folded:
    if type(message) is str:
        return fold(cq_segments(message))
    if type(message) is list:
        return fold(array_segments(message))
    raise BadPayload("message 应为文本或消息段数组")


def _person(sender: Mapping[str, Any]) -> tuple[str, str]:
    """Return group name card or nickname, and the role, of a best-effort sender object."""
    name, role = sender.get("card") or sender.get("nickname"), sender.get("role")
    return clean_text(name) if type(name) is str else "", role if type(role) is str else ""


def _notice(source: str, event: Mapping[str, Any]) -> InboundEvent:
    """Return RECALL for a message taken back, NOTICE for everything else that happens in a group."""
    bot_id = wire_id(event.get("self_id"), "self_id")
    occurred_at = instant_of(event.get("time"), "time")
    kind = event.get("notice_type")
    if type(kind) is not str:
        raise BadPayload("notice_type 缺失")
    group_id = wire_id(event.get("group_id"), "group_id")
    user_id = optional_id(event.get("user_id"), "user_id")
    is_recall = kind == "group_recall"
    message_id = wire_id(event.get("message_id"), "message_id") if is_recall else ""
    sub_type = event.get("sub_type")
    key = stable_key(source, bot_id, group_id, kind, str(sub_type), user_id, message_id, str(event["time"]))
    return InboundEvent(
        EventKind.RECALL if is_recall else EventKind.NOTICE,
        source,
        key,
        occurred_at,
        group_id,
        user_id,
        message_key=stable_key(source, bot_id, group_id, message_id) if is_recall else key,
        fields={"self_id": bot_id, "notice_type": kind, "sub_type": sub_type}
        | ({"message_id": message_id} if is_recall else {}),
    )

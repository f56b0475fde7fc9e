"""Post items (发布信息) of any collector: `POST /api/v1/posts` and files of the same shape.

An item is `{"source","bot_id","group_id","message_id","sender_id","sender_name","sent_at","kind","text"}`.
One object, an array, or NDJSON; each item is taken or rejected for itself. Signed after Standard
Webhooks, or with a bearer token.
"""

import base64
import binascii
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from bot.ingress.wire import (
    Rejected,
    instant_of,
    load_json,
    optional_id,
    post_key,
    reason_of,
    recall_key,
    same_secret,
    wire_id,
    wire_text,
)
from monitor.errors import BadPayload, BadSignature, TooLarge
from monitor.events import EventKind, InboundEvent, PostKind, clean_text

MAX_ITEMS = 5000
"""Most items of one delivery."""
WINDOW_SECONDS = 300
NDJSON = "application/x-ndjson"

_NAMES = frozenset(
    {"source", "bot_id", "group_id", "message_id", "sender_id", "sender_name", "sent_at", "kind", "text"}
)
_FORMS: Mapping[str, PostKind] = {form.value: form for form in PostKind}
_NOTICE, _RECALL = "notice", "recall"
_FIRST_MILLISECOND = 100_000_000_000  # epoch seconds of year 5138: larger numbers are milliseconds


def verify(headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: datetime) -> None:
    """Accept a Standard Webhooks signature (v1, HMAC-SHA256) by any of the configured secrets.

    Args:
        headers: with lower-case names `webhook-id`, `webhook-timestamp`, `webhook-signature`.
        body: the raw body.
        secrets: `whsec_` and base64, or any other text taken as it is; current first.
        now: our clock's instant; the timestamp may differ by 300 s either way.
    Raises: BadSignature otherwise.
    """
    message_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not message_id or not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise BadSignature("webhook-id or webhook-timestamp is missing")
    if abs(now.timestamp() - int(timestamp)) > WINDOW_SECONDS:
        raise BadSignature("webhook-timestamp is too far from our clock")
    signed = f"{message_id}.{timestamp}.".encode("utf-8", "replace") + body
    expected = [_signature(secret, signed) for secret in secrets if secret]
    given = [part[3:] for part in headers.get("webhook-signature", "").split(" ") if part.startswith("v1,")]
    if not any([same_secret(one, other) for one in given[:10] for other in expected]):
        raise BadSignature("webhook-signature does not match")


def _signature(secret: str, signed: bytes) -> str:
    key = secret.encode()
    if secret.startswith("whsec_"):
        try:
            key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except binascii.Error as error:
            raise BadSignature("a configured whsec_ secret is not base64") from error
    return base64.b64encode(hmac.digest(key, signed, "sha256")).decode()


def decode_many(
    source: str, wire: bytes, received_at: datetime, content_type: str = "application/json"
) -> list[InboundEvent | Rejected]:
    """Return one event or rejection per item, in order.

    Args:
        source: key of the authenticated collector; an item without `source` belongs to it.
        wire: raw body, one object, an array of objects, or NDJSON by content type.
        received_at: not used: every item carries `sent_at`.
        content_type: value of the header, parameters allowed.
    Raises: BadPayload if the body as a whole cannot be read, TooLarge above 5,000 items.
    """
    if content_type.partition(";")[0].strip().lower() == NDJSON:
        return _lines(source, wire)
    value = load_json(wire)
    items = value if type(value) is list else [value]
    if len(items) > MAX_ITEMS:
        raise TooLarge(f"一次最多 {MAX_ITEMS} 条")
    return [decode_item(source, item, index) for index, item in enumerate(items)]


def _lines(source: str, wire: bytes) -> list[InboundEvent | Rejected]:
    """Return one result per non-empty line; a broken line costs only itself."""
    lines = [line for line in wire.split(b"\n") if line.strip()]
    if len(lines) > MAX_ITEMS:
        raise TooLarge(f"一次最多 {MAX_ITEMS} 条")
    return [decode_line(source, line, index) for index, line in enumerate(lines)]


def decode_line(source: str, line: bytes, index: int) -> InboundEvent | Rejected:
    """Return the event of one NDJSON line, or why not."""
    try:
        item = load_json(line)
    except BadPayload as error:
        return Rejected(index, reason_of(error))
    return decode_item(source, item, index)


def decode_item(source: str, item: object, index: int) -> InboundEvent | Rejected:
    """Return the event of one post item, or why not."""
    try:
        return _event(source, item)
    except BadPayload as error:
        return Rejected(index, reason_of(error))


def _event(source: str, item: object) -> InboundEvent:
    if type(item) is not dict:
        raise BadPayload("每一条应为 JSON 对象")
    if not item.keys() <= _NAMES:
        raise BadPayload("含有未知字段")
    named = item.get("source")
    if named is not None and named != "":
        source = wire_id(named, "source")
    group_id = wire_id(item.get("group_id"), "group_id")
    message_id = wire_id(item.get("message_id"), "message_id")
    bot_id = optional_id(item.get("bot_id"), "bot_id")
    sender_id = optional_id(item.get("sender_id"), "sender_id")
    sent_at = instant_in(item.get("sent_at"))
    word = item.get("kind", "text")
    kind, form = _kind(word)
    key = post_key(source, group_id, message_id)
    return InboundEvent(
        kind,
        source,
        key if kind is not EventKind.RECALL else recall_key(source, group_id, message_id),
        sent_at,
        group_id,
        sender_id,
        clean_text(wire_text(item.get("sender_name"), "sender_name")),
        form,
        clean_text(wire_text(item.get("text"), "text")),
        key,
        bool(bot_id) and sender_id == bot_id,
        fields={"bot_id": bot_id, "message_id": message_id},
    )


def _kind(word: object) -> tuple[EventKind, PostKind]:
    """Return event kind and form of an item's `kind`: a form, `notice` or `recall`."""
    form = _FORMS.get(word) if type(word) is str else None
    if form is not None:
        return EventKind.POST, form
    if word == _NOTICE:
        return EventKind.NOTICE, PostKind.OTHER
    if word == _RECALL:
        return EventKind.RECALL, PostKind.OTHER
    raise BadPayload(f"kind 应为 {'、'.join([*_FORMS, _NOTICE, _RECALL])} 之一")


def instant_in(value: object) -> datetime:
    """Return the UTC instant of ISO 8601 text with an offset, or of epoch seconds or milliseconds.

    Raises: BadPayload, in particular for a wall-clock time without offset.
    """
    if type(value) is str and not value.isdigit():
        try:
            instant = datetime.fromisoformat(value)
            if instant.tzinfo is None:
                raise BadPayload("sent_at 缺少时区")
            return instant_of(instant.astimezone(UTC).timestamp(), "sent_at")
        except (ValueError, OverflowError) as error:
            raise BadPayload("sent_at 不是有效的时间") from error
    if type(value) is str and value.isascii() and len(value) <= 16:
        value = int(value)
    is_milliseconds = type(value) in (int, float) and value >= _FIRST_MILLISECOND  # type: ignore[operator]
    return instant_of(value, "sent_at", 1000 if is_milliseconds else 1)

"""OneBot v12 events by HTTP webhook: bearer token, text ids, float seconds, segments only."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.ingress.segments import array_segments, fold
from bot.ingress.wire import ignored, instant_of, load_object, optional_id, verify_bearer, wire_id
from monitor.errors import BadPayload
from monitor.events import EventKind, InboundEvent, clean_text, stable_key

_RECALLS = frozenset({"group_message_delete", "group_message_recall"})


def verify(authorization: str, access_token: str, token: str) -> None:
    """Accept the configured token in the Authorization header, or else in the query.

    Args:
        authorization: value of the header, empty if absent.
        access_token: query parameter of that name, empty if absent.
        token: what the source is configured with.
    Raises: BadSignature otherwise, also when no token is configured.
    """
    verify_bearer(authorization or f"Bearer {access_token}", (token,))


def decode(source: str, wire: bytes, received_at: datetime) -> InboundEvent:
    """Return the event of one webhook body.

    Args:
        source: configured key of the bridge.
        wire: raw JSON body.
        received_at: our instant, for what is ignored; every other event carries its time.
    Returns: POST, RECALL or NOTICE of a group; IGNORED for everything else.
    Raises: BadPayload.
    """
    event = load_object(wire)
    kind, detail = event.get("type"), event.get("detail_type")
    if type(kind) is not str or type(detail) is not str:
        raise BadPayload("type 或 detail_type 缺失")
    if kind == "message" and detail == "group":
        return _message(source, event)
    if kind == "notice" and event.get("group_id") is not None:
        return _notice(source, event, detail)
    return ignored(source, received_at)


def _bot_id(event: Mapping[str, Any]) -> str:
    """Return the id of the bot an event came to."""
    own = event.get("self")
    return wire_id(own.get("user_id") if type(own) is dict else None, "self.user_id")


def _message(source: str, event: Mapping[str, Any]) -> InboundEvent:
    event_id = wire_id(event.get("id"), "id")
    occurred_at = instant_of(event.get("time"), "time")
    bot_id = _bot_id(event)
    group_id = wire_id(event.get("group_id"), "group_id")
    message_id = wire_id(event.get("message_id"), "message_id")
    sender_id = wire_id(event.get("user_id"), "user_id")
    message = event.get("message")
    if type(message) is not list:
        raise BadPayload("message 应为消息段数组")
    folded = fold(array_segments(message))
    fields: dict[str, Any] = {"id": event_id, "self_id": bot_id, "message_id": message_id}
    if folded.reply_to:
        fields["reply_key"] = stable_key(source, bot_id, group_id, folded.reply_to)
    return InboundEvent(
        EventKind.POST,
        source,
        stable_key(source, event_id),
        occurred_at,
        group_id,
        sender_id,
        "",
        folded.post_kind,
        clean_text(folded.text),
        stable_key(source, bot_id, group_id, message_id),
        sender_id == bot_id,
        fields=fields,
    )


def _notice(source: str, event: Mapping[str, Any], detail: str) -> InboundEvent:
    """Return RECALL for a deleted group message, NOTICE for everything else in a group."""
    event_id = wire_id(event.get("id"), "id")
    occurred_at = instant_of(event.get("time"), "time")
    group_id = wire_id(event.get("group_id"), "group_id")
    key = message_key = stable_key(source, event_id)
    fields = {"id": event_id, "detail_type": detail, "sub_type": event.get("sub_type")}
    is_recall = detail in _RECALLS
    if is_recall:
        fields["message_id"] = message_id = wire_id(event.get("message_id"), "message_id")
        message_key = stable_key(source, _bot_id(event), group_id, message_id)
    return InboundEvent(
        EventKind.RECALL if is_recall else EventKind.NOTICE,
        source,
        key,
        occurred_at,
        group_id,
        optional_id(event.get("user_id"), "user_id"),
        message_key=message_key,
        fields=fields,
    )

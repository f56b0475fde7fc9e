"""WeCom message archive (会话内容存档): decrypted msgaudit JSON, one object per line."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.ingress.wire import (
    Rejected,
    ignored,
    instant_of,
    load_json,
    objects_of,
    optional_id,
    post_key,
    reason_of,
    recall_key,
    wire_id,
)
from monitor.errors import BadPayload
from monitor.events import EventKind, InboundEvent, PostKind, clean_text

_FORMS: Mapping[str, PostKind] = {
    "text": PostKind.TEXT,
    "markdown": PostKind.TEXT,
    "image": PostKind.IMAGE,
    "voice": PostKind.VOICE,
    "video": PostKind.VIDEO,
    "file": PostKind.FILE,
    "link": PostKind.LINK,
    "weapp": PostKind.LINK,
    "docmsg": PostKind.LINK,
    "news": PostKind.LINK,
}
_CONSENTS = frozenset({"agree", "disagree"})
# Where a type keeps its body when not under its own name, and what of it is text.
_BODIES: Mapping[str, str] = {"markdown": "info", "news": "info", "docmsg": "doc"}
_TEXTS: Mapping[str, str] = {
    "text": "content",
    "markdown": "content",
    "file": "filename",
    "link": "title",
    "weapp": "title",
    "docmsg": "title",
    "chatrecord": "title",
    "collect": "title",
    "location": "title",
    "meeting": "topic",
    "calendar": "title",
}
_ROBOT = "wb"


def decode_many(source: str, wire: bytes, received_at: datetime) -> list[InboundEvent | Rejected]:
    """Return one event or rejection per non-empty line, in order.

    Args:
        source: configured key of the archive.
        wire: decrypted rows, one JSON object per line.
        received_at: our instant, for rows that are ignored.
    """
    lines = (line for line in wire.split(b"\n") if line.strip())
    return [decode_line(source, line, received_at, index) for index, line in enumerate(lines)]


def decode_line(source: str, line: bytes, received_at: datetime, index: int) -> InboundEvent | Rejected:
    """Return the event of one row, or why not."""
    try:
        return decode(source, load_json(line), received_at)
    except BadPayload as error:
        return Rejected(index, reason_of(error))


def decode(source: str, wire: object, received_at: datetime) -> InboundEvent:
    """Return the event of one row.

    Args:
        source: configured key of the archive.
        wire: the row as JSON object.
        received_at: our instant, for rows that are ignored.
    Returns: POST, RECALL or NOTICE (consents) of a group; IGNORED for single chats and `switch` rows.
    Raises: BadPayload.
    """
    if type(wire) is not dict:
        raise BadPayload("每一行应为 JSON 对象")
    action = wire.get("action")
    if action not in ("send", "recall", "switch"):
        raise BadPayload("action 应为 send、recall 或 switch")
    room = optional_id(wire.get("roomid"), "roomid")
    if action == "switch" or not room:
        return ignored(source, received_at)
    form = wire.get("msgtype")
    if type(form) is not str:
        raise BadPayload("msgtype 缺失")
    message_id = wire_id(wire.get("msgid"), "msgid")
    sender_id = wire_id(wire.get("from"), "from")
    occurred_at = instant_of(wire.get("msgtime"), "msgtime", 1000)
    fields = {"message_id": message_id, "msgtype": form}
    if action == "recall" or form == "revoke":
        recalled = wire_id(_body(wire, form).get("pre_msgid"), "pre_msgid")
        return InboundEvent(
            EventKind.RECALL,
            source,
            recall_key(source, room, recalled),
            occurred_at,
            room,
            sender_id,
            message_key=post_key(source, room, recalled),
            fields=fields,
        )
    post_kind, text = (
        _mixed(wire) if form == "mixed" else (_FORMS.get(form, PostKind.OTHER), _text(wire, form))
    )
    key = post_key(source, room, message_id)
    return InboundEvent(
        EventKind.NOTICE if form in _CONSENTS else EventKind.POST,
        source,
        key,
        occurred_at,
        room,
        sender_id,
        "",
        post_kind,
        clean_text(text),
        key,
        sender_id.startswith(_ROBOT),  # group robots (wb…) are no members
        fields=fields,
    )


def _body(row: Mapping[str, Any], form: str) -> Mapping[str, Any]:
    """Return the object that carries a row's content."""
    body = row.get(_BODIES.get(form, form))
    if type(body) is not dict:
        raise BadPayload(f"{form} 的内容缺失")
    return body


def _text(row: Mapping[str, Any], form: str) -> str:
    """Return the text of a row: what was written, a title or a file name; empty for pictures and sound."""
    if form == "news":
        titles = (item.get("title") for item in objects_of(_body(row, form).get("item")))
        return "\n".join(title for title in titles if type(title) is str)
    name = _TEXTS.get(form)
    text = _body(row, form).get(name) if name else None
    return text if type(text) is str else ""


def _mixed(row: Mapping[str, Any]) -> tuple[PostKind, str]:
    """Return form and text of a mixed message, whose items carry JSON inside text."""
    texts: list[str] = []
    forms: list[PostKind] = []
    for item in objects_of(_body(row, "mixed").get("item")):
        form, content = item.get("type"), item.get("content")
        if type(form) is not str or type(content) is not str:
            continue
        forms.append(_FORMS.get(form, PostKind.OTHER))
        inner = load_json(content.encode())
        texts.append(_text({_BODIES.get(form, form): inner}, form))
    text = "".join(texts)
    if text.strip() and PostKind.TEXT in forms:
        return PostKind.TEXT, text
    return next((form for form in forms if form is not PostKind.OTHER), PostKind.OTHER), text

"""Callbacks of GeWe bridges (个人号桥接, off by default).

They sign nothing: the caller checks a secret in the URL with `wire.verify_secret`. History comes again
after every login and is recognised by its key.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.ingress.wire import ignored, instant_of, load_object, post_key, recall_key, wire_id, wire_text
from bot.ingress.xml_body import read_xml
from monitor.errors import BadPayload
from monitor.events import EventKind, InboundEvent, PostKind, clean_text

_FORMS: Mapping[int, PostKind] = {
    1: PostKind.TEXT,
    3: PostKind.IMAGE,
    34: PostKind.VOICE,
    43: PostKind.VIDEO,
    62: PostKind.VIDEO,
}
_APP, _SYSTEM, _SYSTEM_XML, _STATUS = 49, 10000, 10002, 51
_APP_FORMS: Mapping[str, PostKind] = {
    "3": PostKind.LINK,  # music
    "4": PostKind.LINK,  # video page
    "5": PostKind.LINK,  # article
    "6": PostKind.FILE,
    "33": PostKind.LINK,  # mini program
    "36": PostKind.LINK,
    "51": PostKind.LINK,  # 视频号
    "57": PostKind.TEXT,  # quote: the title is what was written
}
_QUOTE = "57"
_SENDER = re.compile(r"([^\s:]{1,128}):\n")
_ROOM = "@chatroom"


def decode(source: str, wire: bytes, received_at: datetime) -> InboundEvent:
    """Return the event of one callback body.

    Args:
        source: configured key of the bridge.
        wire: raw JSON body.
        received_at: our instant, for what is ignored; group messages carry CreateTime.
    Returns: POST, RECALL or NOTICE of a group; IGNORED for the probe, private chats and all else.
    Raises: BadPayload.
    """
    event = load_object(wire)
    message = event.get("Data", event.get("data"))
    if event.get("TypeName") != "AddMsg" or message is None:
        return ignored(source, received_at)
    if type(message) is not dict:
        raise BadPayload("Data 应为对象")
    sender, receiver = _inner(message, "FromUserName"), _inner(message, "ToUserName")
    form = message.get("MsgType")
    room = sender if sender.endswith(_ROOM) else receiver
    if not room.endswith(_ROOM) or form == _STATUS:
        return ignored(source, received_at)
    if type(form) is not int:
        raise BadPayload("MsgType 应为整数")
    return _of_group(
        source, message, wire_id(room, "FromUserName"), form, sender, str(event.get("Wxid") or "")
    )


def _of_group(
    source: str, message: Mapping[str, Any], room: str, form: int, sender: str, bot_id: str
) -> InboundEvent:
    occurred_at = instant_of(message.get("CreateTime"), "CreateTime")
    message_id = wire_id(message.get("NewMsgId"), "NewMsgId")
    content = _inner(message, "Content")
    # What members write comes from the room with its writer in front; our own comes from us, bare.
    if sender == room and (named := _SENDER.match(content)):
        sender, content = named[1], content[named.end() :]
    kind, post_kind, text = EventKind.POST, _FORMS.get(form, PostKind.OTHER), ""
    fields: dict[str, Any] = {"message_id": message_id, "MsgType": form}
    key = message_key = post_key(source, room, message_id)
    if form == _APP:
        post_kind, text, answered = _app(content)
        if answered:
            fields["reply_key"] = post_key(source, room, answered)
    elif form in (_SYSTEM, _SYSTEM_XML):
        kind, recalled = EventKind.NOTICE, _recalled(content) if form == _SYSTEM_XML else ""
        if recalled:
            kind = EventKind.RECALL
            key, message_key = recall_key(source, room, recalled), post_key(source, room, recalled)
    elif post_kind is PostKind.TEXT:
        text = content
    return InboundEvent(
        kind,
        source,
        key,
        occurred_at,
        room,
        "" if sender.endswith(_ROOM) else wire_id(sender, "FromUserName"),
        "",
        post_kind,
        clean_text(text),
        message_key,
        bool(bot_id) and sender == bot_id,
        fields=fields,
    )


def _inner(message: Mapping[str, Any], name: str) -> str:
    """Return the text of a field that GeWe wraps in {"string": …}."""
    value = message.get(name)
    return wire_text(value.get("string") if type(value) is dict else value, name)


def _app(content: str) -> tuple[PostKind, str, str]:
    """Return form, title and answered message's id of an app message; members write it: never refused."""
    app = _children(content).get("appmsg")
    if type(app) is not dict:
        return PostKind.OTHER, "", ""
    form, title, quoted = app.get("type"), app.get("title"), app.get("refermsg")
    answered = quoted.get("svrid") if form == _QUOTE and type(quoted) is dict else None
    known = _APP_FORMS.get(form, PostKind.OTHER) if type(form) is str else PostKind.OTHER
    return known, title if type(title) is str else "", answered if type(answered) is str else ""


def _recalled(content: str) -> str:
    """Return the id of the message that a system message takes back, empty for any other."""
    recall = _children(content).get("revokemsg")
    message_id = recall.get("newmsgid") if type(recall) is dict else None
    return message_id if type(message_id) is str and message_id.isdigit() else ""


def _children(content: str) -> dict[str, Any]:
    try:
        return read_xml(content.encode(), is_inner=True)
    except BadPayload:
        return {}

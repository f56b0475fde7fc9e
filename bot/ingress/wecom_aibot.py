"""WeCom AI bot (智能机器人): messages that mention the bot, as chat.

Takes the JSON that `bot.wechat_codec` opened (AppID empty). Such messages serve questions and answers;
they say nothing about how active a group is, because nobody else's messages arrive.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.ingress.wire import ignored, instant_of, objects_of, optional_id, wire_id
from monitor.errors import BadPayload
from monitor.events import EventKind, InboundEvent, PostKind, clean_text, stable_key

_FORMS: Mapping[str, PostKind] = {
    "text": PostKind.TEXT,
    "mixed": PostKind.TEXT,
    "image": PostKind.IMAGE,
    "voice": PostKind.VOICE,
    "file": PostKind.FILE,
    "video": PostKind.VIDEO,
}
_MENTION = re.compile(r"\s*@\S+\s+")


def decode(source: str, wire: Mapping[str, Any], received_at: datetime) -> InboundEvent:
    """Return the event of one opened callback.

    Args:
        source: configured key of the bot.
        wire: opened fields.
        received_at: our instant; used when the callback carries no time.
    Returns: CHAT for a message with the mention taken off its front, ACCOUNT for an event, IGNORED for
        the polling of a streamed answer. `fields` holds chatid, chattype and response_url for the answer.
    Raises: BadPayload.
    """
    form = wire.get("msgtype")
    if type(form) is not str:
        raise BadPayload("msgtype 缺失")
    if form == "stream":
        return ignored(source, received_at)
    sender = wire.get("from")
    sender_id = wire_id(sender.get("userid") if type(sender) is dict else None, "from.userid")
    bot_id = optional_id(wire.get("aibotid"), "aibotid")
    key = stable_key(source, bot_id, wire_id(wire.get("msgid"), "msgid"))
    sent = wire.get("create_time")
    text = _text(wire, form)
    if wire.get("chattype") == "group":
        text = _MENTION.sub("", text, count=1) if _MENTION.match(text) else text
    return InboundEvent(
        EventKind.ACCOUNT if form == "event" else EventKind.CHAT,
        source,
        key,
        instant_of(sent, "create_time") if sent else received_at,
        bot_id,
        sender_id,
        post_kind=_FORMS.get(form, PostKind.OTHER),
        text=clean_text(text),
        message_key=key,
        fields={name: wire[name] for name in ("chatid", "chattype", "response_url", "event") if name in wire},
    )


def _text(wire: Mapping[str, Any], form: str) -> str:
    """Return what was written or spoken."""
    if form == "mixed":
        mixed = wire.get("mixed")
        items = objects_of(mixed.get("msg_item")) if type(mixed) is dict else []
        return "".join(_text(item, "text") for item in items if item.get("msgtype") == "text")
    body = wire.get(form)
    content = body.get("content") if type(body) is dict else None
    return content if type(content) is str else ""

"""Callbacks of danni-cool/wechatbot-webhook (个人号桥接, off by default): a multipart form.

No id, no time, no signature: the caller checks a secret in the URL with `wire.verify_secret`; a content
hash within the minute of receipt stands for the id, so equal short posts of one member within a minute
count once. Ids of groups and members change with every login: a group is known by its name.
Answer 204 without a body: a JSON answer would be posted into the group.
"""

from collections.abc import Mapping
from datetime import datetime
from hashlib import blake2b
from io import BytesIO
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header

from bot.ingress.wire import ignored, load_json, load_object
from monitor.errors import BadPayload
from monitor.events import EventKind, InboundEvent, PostKind, clean_text, stable_key

WINDOW_SECONDS = 60
_MAX_PARTS = 20
_MAX_FORM_BYTES = 4 * 1024 * 1024  # `source` lists every member of the group


def form_fields(content_type: str, body: bytes) -> dict[str, str]:
    """Return the parts of a multipart form; of a file its media type, name and hash under `content`.

    Raises: BadPayload.
    """
    media_type, options = parse_options_header(content_type)
    parser = FormDataParser(max_form_memory_size=_MAX_FORM_BYTES, max_form_parts=_MAX_PARTS, silent=False)
    try:
        _, form, files = parser.parse(BytesIO(body), media_type, len(body), options)
    except (ValueError, HTTPException) as error:
        raise BadPayload("不是有效的表单") from error
    fields = form.to_dict()
    for name, upload in files.items(multi=True):
        if name == "content":
            digest = blake2b(upload.read(), digest_size=16).hexdigest()
            fields |= {"content": f"{upload.filename}\n{digest}", "media_type": upload.mimetype}
        upload.close()
    return fields


def decode(source: str, wire: Mapping[str, str], received_at: datetime) -> InboundEvent:
    """Return the event of one form.

    Args:
        source: configured key of the bridge.
        wire: parts as `form_fields` returns them.
        received_at: our instant; stands for the time of sending.
    Returns: POST of a group, NOTICE for what the bridge could not read; IGNORED for private chats and
        system events. `fields` holds the group's name and the member's session id.
    Raises: BadPayload.
    """
    form, content = wire.get("type", ""), wire.get("content", "")
    if not form:
        raise BadPayload("type 缺失")
    origin = load_object(wire.get("source", "").encode("utf-8", "replace")) if wire.get("source") else {}
    room, sender = origin.get("room"), origin.get("from")
    if (
        wire.get("isSystemEvent") == "1"
        or form.startswith("system_event")
        or type(room) is not dict
        or not room
    ):
        return ignored(source, received_at)
    group = _name(room, "topic") or _text_in(room, "id")
    member = sender if type(sender) is dict else {}
    name, session_id = _name(member, "name"), _text_in(member, "id")
    if not group:
        raise BadPayload("source.room 没有群名称")
    post_kind, text = _content(form, content, wire.get("media_type", ""))
    minute = int(received_at.timestamp()) // WINDOW_SECONDS
    key = stable_key(source, group, session_id, form, content, str(minute))
    return InboundEvent(
        EventKind.POST if post_kind is not PostKind.OTHER else EventKind.NOTICE,
        source,
        key,
        received_at,
        group,
        name or session_id,
        name,
        post_kind,
        clean_text(text),
        key,
        wire.get("isMsgFromSelf") == "1",
        fields={"topic": group, "session_id": session_id},
    )


def _name(holder: Mapping[str, Any], name: str) -> str:
    """Return a name of an object or of its payload, fit to be an id."""
    payload = holder.get("payload")
    found = _text_in(holder, name) or (_text_in(payload, name) if type(payload) is dict else "")
    return " ".join(clean_text(found).split())[:128]


def _text_in(holder: Mapping[str, Any], name: str) -> str:
    value = holder.get(name)
    return value if type(value) is str else ""


def _content(form: str, content: str, media_type: str) -> tuple[PostKind, str]:
    """Return form and text of a message; of a file its media type decides."""
    if form == "text":
        return PostKind.TEXT, content
    if form == "urlLink":
        link = load_json(content.encode("utf-8", "replace"))
        payload = link.get("payload", link) if type(link) is dict else {}
        return PostKind.LINK, _text_in(payload, "title") if type(payload) is dict else ""
    if form != "file":
        return PostKind.OTHER, ""
    family = media_type.partition("/")[0]
    known = {"image": PostKind.IMAGE, "audio": PostKind.VOICE, "video": PostKind.VIDEO}
    post_kind = known.get(family, PostKind.FILE)
    return post_kind, content.partition("\n")[0] if post_kind is PostKind.FILE else ""

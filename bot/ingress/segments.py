"""Message segments of both OneBot versions folded into one form and one text."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from monitor.events import PostKind

_FORMS: Mapping[str, PostKind] = {
    "image": PostKind.IMAGE,
    "share": PostKind.LINK,
    "music": PostKind.LINK,
    "json": PostKind.LINK,
    "xml": PostKind.LINK,
    "wx.link": PostKind.LINK,
    "wx.app": PostKind.LINK,
    "file": PostKind.FILE,
    "record": PostKind.VOICE,
    "voice": PostKind.VOICE,
    "audio": PostKind.VOICE,
    "video": PostKind.VIDEO,
}
_TITLED = frozenset({"share", "music", "wx.link", "location"})
_CQ = re.compile(r"\[CQ:([A-Za-z0-9_.-]+)((?:,[^\[\],]+)*)\]")

Segment = tuple[str, Mapping[str, Any]]


class Folded(NamedTuple):
    """What a message amounts to."""

    post_kind: PostKind
    text: str
    reply_to: str  # id of the message that this one answers (引用), or empty


def fold(segments: Iterable[Segment]) -> Folded:
    """Return form, text and answered message of a message's segments.

    Text decides over pictures when both are there; a message of stickers or cards alone is OTHER.
    """
    texts: list[str] = []
    form: PostKind | None = None
    reply_to = ""
    written = False
    for kind, values in segments:
        if kind == "text":
            text = values.get("text")
            if isinstance(text, str):
                texts.append(text)
                written = written or bool(text.strip())
        elif kind in ("at", "mention", "mention_all"):
            texts.append(_mention(values))
            written = True
        elif kind == "reply":
            reply_to = reply_to or str(values.get("message_id") or values.get("id") or "")
        else:
            form = form or _FORMS.get(kind)
            if kind in _TITLED and isinstance(title := values.get("title"), str):
                texts.append(title)
    return Folded(PostKind.TEXT if written else form or PostKind.OTHER, "".join(texts), reply_to)


def _mention(values: Mapping[str, Any]) -> str:
    """Return `@name` as WeChat shows it, with a space behind."""
    who = values.get("name") or values.get("qq") or values.get("user_id") or "all"
    return "@所有人 " if who == "all" else f"@{who} "


def cq_segments(message: str) -> list[Segment]:
    """Return the segments of a OneBot v11 string message; broken codes stay text."""
    if "[CQ:" not in message:
        return [("text", {"text": _unescape(message)})]
    segments: list[Segment] = []
    end = 0
    for code in _CQ.finditer(message):
        if code.start() > end:
            segments.append(("text", {"text": _unescape(message[end : code.start()])}))
        segments.append((code[1], _cq_values(code[2])))
        end = code.end()
    if end < len(message):
        segments.append(("text", {"text": _unescape(message[end:])}))
    return segments


def _cq_values(written: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in written.split(",") if part)
    return {name: _unescape(value.replace("&#44;", ",")) for name, _, value in pairs}


def _unescape(text: str) -> str:
    if "&" not in text:
        return text
    return text.replace("&#91;", "[").replace("&#93;", "]").replace("&amp;", "&")


def array_segments(message: list[Any]) -> list[Segment]:
    """Return the well-formed segments of an array message; others are left out."""
    segments: list[Segment] = []
    for item in message:
        if type(item) is dict and type(item.get("type")) is str:
            values = item.get("data")
            segments.append((item["type"], values if type(values) is dict else {}))
    return segments

"""WeChat's own copied or exported chat (聊天记录文本): a header line per message, then its text.

Headers are `昵称 2026-11-20 08:05:12` or `2026-11-20 08:05 昵称`. The first header of a file decides
which of the two it uses, so that a text which mentions a time is not taken for the other one.
"""

import re
from collections.abc import Iterator
from typing import Any

from bot.ingress.rows import Line, wall_clock
from bot.ingress.wire import MAX_ID_CHARS, Rejected
from monitor.events import MAX_TEXT_CHARS

_DAY = r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?"
_TIME = r"\d{1,2}[:：]\d{2}(?:[:：]\d{2})?"
_NAME_FIRST = re.compile(rf"(?P<name>\S.{{0,{MAX_ID_CHARS - 2}}}?)[ \t　]+(?P<at>{_DAY}[ 　]+{_TIME})\s*")
_TIME_FIRST = re.compile(rf"(?P<at>{_DAY}[ 　]+{_TIME})[ \t　]+(?P<name>\S.{{0,{MAX_ID_CHARS - 2}}}?)\s*")
_LONGEST_HEADER = MAX_ID_CHARS + 40
_PLACEHOLDERS = re.compile(r"\[(图片|视频|语音|文件|链接|动画表情|表情)\]")
_KINDS = {"图片": "image", "视频": "video", "语音": "voice", "文件": "file", "链接": "link"}
_RECALLED = re.compile(r".{0,80}撤回了一条消息")

Found = tuple[int, dict[str, Any]] | Rejected


def read_chat(lines: Iterator[Line], group_id: str) -> Iterator[Found]:
    """Yield row number of the header and post item of each message, or what was rejected.

    Args:
        lines: numbered lines of the file.
        group_id: group that the chat belongs to.
    """
    style: re.Pattern[str] | None = None
    message: _Message | None = None
    is_lost = False  # inside a run of lines that belong to no message: one rejection for all of them
    for line in lines:
        if line.text is None:
            yield line.unreadable()
            continue
        header, style = _header(line.text, style)
        if header is not None:
            if message is not None:
                yield message.item(group_id)
            message = _Message(line.number, header["name"].strip(), header["at"])
        elif message is not None:
            message.add(line.text)
        elif line.text.strip() and not is_lost:
            is_lost = True
            yield Rejected(line.number, "第一条消息之前的内容，没有发送人和时间")
    if message is not None:
        yield message.item(group_id)


def _header(text: str, style: re.Pattern[str] | None) -> tuple[re.Match[str] | None, re.Pattern[str] | None]:
    """Return the match of a header line and the style of the file, as far as it is known."""
    if len(text) > _LONGEST_HEADER:
        return None, style
    for known in (style,) if style else (_TIME_FIRST, _NAME_FIRST):
        if found := known.fullmatch(text):
            return found, known
    return None, style


class _Message:
    """A message whose lines are being gathered."""

    def __init__(self, number: int, name: str, sent_at: str) -> None:
        self._number, self._name, self._sent_at = number, name, sent_at
        self._lines: list[str] = []
        self._room = MAX_TEXT_CHARS

    def add(self, text: str) -> None:
        """Take one more line; what no post can hold is not kept."""
        if self._room > 0:
            self._lines.append(text)
            self._room -= len(text) + 1

    def item(self, group_id: str) -> Found:
        """Return the finished message as a post item."""
        text = "\n".join(self._lines).strip("\n \t\r")
        if not text:
            return Rejected(self._number, "消息没有内容")
        item = {"group_id": group_id, "sender_id": self._name, "sender_name": self._name}
        return self._number, item | {"sent_at": wall_clock(self._sent_at), "kind": _kind(text), "text": text}


def _kind(text: str) -> str:
    """Return the kind of a message that the export shows by a placeholder."""
    if _RECALLED.fullmatch(text):
        return "notice"
    shown = _PLACEHOLDERS.match(text)
    return "text" if shown is None else _KINDS.get(shown[1], "text" if shown.end() < len(text) else "other")

"""What the readers of imported files share: numbered lines, wall-clock times, keys of nameless rows."""

import re
from typing import Any, NamedTuple

from bot.ingress.wire import Rejected
from monitor.events import stable_key

_WALL_CLOCK = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?[ T　]+(\d{1,2})[:：](\d{2})(?:[:：](\d{2}))?"
)
_SHANGHAI_OFFSET = "+08:00"


class Line(NamedTuple):
    """One line of a file."""

    number: int  # 1-based
    text: str | None  # None if it could not be decoded or is too long

    def unreadable(self) -> Rejected:
        """Return the rejection of a line without text."""
        return Rejected(self.number, "这一行过长，或不是 UTF-8、GB18030 编码")


def wall_clock(written: str) -> str:
    """Return a wall-clock time as ISO 8601 with Shanghai's offset; anything else as it is.

    People's files write `2026-11-20 08:05`, `2026/11/20 8:05:12` or `2026年11月20日 8:05`.
    """
    found = _WALL_CLOCK.fullmatch(written)
    if found is None:
        return written
    year, month, day, hour, minute, second = found.groups(default="00")
    return f"{year}-{month:0>2}-{day:0>2}T{hour:0>2}:{minute}:{second}{_SHANGHAI_OFFSET}"


class ItemKeys:
    """Names rows without a message id by group, sender, time, text, and which of several equal rows.

    The same file read again gives the same names; two members' equal texts, or one member's 「收到」
    twice within a minute, stay two posts.
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self._n_equal: dict[int, int] = {}

    def complete(self, item: dict[str, Any]) -> dict[str, Any]:
        """Return the item, with a message id if it has none; a recall without one cannot be helped."""
        if item.get("message_id") not in (None, "") or item.get("kind") == "recall":
            return item
        names = ("source", "group_id", "sender_id", "sender_name", "sent_at", "kind", "text")
        base = stable_key(self._source, *(str(item.get(name, "")) for name in names))
        occurrence = self._n_equal[base] = self._n_equal.get(base, 0) + 1
        return item | {"message_id": f"row-{base & (1 << 64) - 1:016x}-{occurrence}"}

"""Chat answers of announcements (公告). Pure."""

from collections.abc import Sequence
from datetime import datetime

from bot.replies.phrases import MAX_BYTES, MAX_CHARS, Answer, Row, compose, show_day, show_instant
from monitor.usecases.console.announce import Shown

_ROOM_CHARS, _ROOM_BYTES = MAX_CHARS - 130, MAX_BYTES - 420  # what the title and the last lines take
_CUT = "……（余下见控制台“公告”）"


def tell_announcements(shown: Sequence[Shown], now: datetime) -> Answer:
    """Answer 公告 with the list, unread ones marked."""
    if not shown:
        return Answer(f"当前没有公告\n数据截至 {show_instant(now, now)}")
    rows = [
        Row(
            f"{'' if one.is_read else '● '}【{one.announcement.level.value}】{one.announcement.title}"
            f"（{one.announcement.unit_name}，至 {show_day(one.announcement.last_day, now)}）",
            f"公告 {one.announcement.announcement_id}",
        )
        for one in shown
    ]
    n_unread = sum(not one.is_read for one in shown)
    return compose(
        f"公告 {len(shown)} 条，未读 {n_unread} 条（●）", f"数据截至 {show_instant(now, now)}", rows
    )


def tell_announcement(one: Shown, now: datetime) -> Answer:
    """Answer 公告 编号 with its text, cut to what a reply holds."""
    it = one.announcement
    head = f"【{it.level.value}】{it.title}"
    foot = (
        f"{it.published_by_name} {show_instant(it.published_at, now)}，{it.unit_name}及下级，"
        f"至 {show_day(it.last_day, now)}"
    )
    return Answer("\n".join((head, _cut(it.text), foot)))


def _cut(text: str) -> str:
    """Return a text that leaves room for the other lines."""
    if len(text) <= _ROOM_CHARS and len(text.encode()) <= _ROOM_BYTES:
        return text
    kept = text[: _ROOM_CHARS - len(_CUT)]
    while len((kept + _CUT).encode()) > _ROOM_BYTES:
        kept = kept[:-1]
    return kept + _CUT

"""Announcements (公告): what offices tell everybody in a subtree, for a time. Pure.

A unit below never sees who read; counts of 已读 and 应读 are of accounts, never names. Key types:
`Announcement`, `NewAnnouncement`, `Level`, `Reading`.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from monitor.errors import BadParameter

MOST_TITLE_CHARS = 40
MOST_TEXT_CHARS = 2000
MOST_DAYS = 366


class Level(StrEnum):
    """How urgent an announcement is; sorts the list, changes nothing else."""

    NOTICE = "通知"
    IMPORTANT = "重要"
    URGENT = "紧急"


class Standing(StrEnum):
    """Where an announcement stands on a day."""

    COMING = "未开始"
    SHOWING = "展示中"
    OVER = "已到期"
    WITHDRAWN = "已撤回"


@dataclass(frozen=True, slots=True)
class NewAnnouncement:
    """What a person types; `unit_code` names the unit whose whole subtree is told."""

    unit_code: str
    level: Level
    title: str
    text: str
    first_day: date
    last_day: date  # inclusive


@dataclass(frozen=True, slots=True)
class Announcement:
    """An announcement as stored."""

    announcement_id: int
    unit_code: str
    unit_name: str
    unit_path: str
    level: Level
    title: str
    text: str
    first_day: date
    last_day: date
    published_at: datetime
    published_by_name: str
    withdrawn_at: datetime | None

    def standing(self, today: date) -> Standing:
        """Return where it stands."""
        if self.withdrawn_at is not None:
            return Standing.WITHDRAWN
        if today < self.first_day:
            return Standing.COMING
        return Standing.SHOWING if today <= self.last_day else Standing.OVER


@dataclass(frozen=True, slots=True)
class Reading:
    """How many accounts (console users and bound people) of a unit's subtree have read, of how many."""

    unit_code: str
    unit_name: str
    n_read: int
    n_due: int


def clean_announcement(new: NewAnnouncement, today: date) -> NewAnnouncement:
    """Return an announcement without stray blanks and control characters.

    Raises: BadParameter whose `field` names what is wrong.
    """
    title, text = " ".join(new.title.split()), _clean_lines(new.text)
    _require(0 < len(title) <= MOST_TITLE_CHARS, "title", f"标题应为 1–{MOST_TITLE_CHARS} 字")
    _require(0 < len(text) <= MOST_TEXT_CHARS, "text", f"正文应为 1–{MOST_TEXT_CHARS} 字")
    _require(new.last_day >= new.first_day, "last_day", "结束日期不能早于开始日期")
    _require(new.last_day >= today, "last_day", "结束日期已经过去")
    longest = timedelta(days=MOST_DAYS)
    _require(new.first_day - today <= longest, "first_day", "开始日期应在一年以内")
    _require(new.last_day - new.first_day < longest, "last_day", "公告期限不超过一年")
    return replace(new, title=title, text=text)


class BadAnnouncement(BadParameter):
    """Something of an announcement cannot stand; `field` says which part."""

    code = "bad_announcement"
    user_text = "公告内容有误，请检查标题、正文和起止日期"

    def __init__(self, field: str, text: str) -> None:
        """Keep the part and what to say about it."""
        super().__init__(f"announcement: {field}", user_text=text)
        self.field = field


def _require(holds: bool, field: str, text: str) -> None:  # the condition is the point
    if not holds:
        raise BadAnnouncement(field, text)


def _clean_lines(text: str) -> str:
    """Return text with its lines kept, without characters that do not print."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept = ["".join(letter for letter in line if letter.isprintable()).strip() for line in lines]
    return "\n".join(kept).strip()

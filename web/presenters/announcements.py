"""公告: from announcements to what the templates lay out. Pure.

Key types: `AnnouncementLine`.
"""

from dataclasses import dataclass
from datetime import date

from monitor.console.announcements import Announcement, Level, Standing
from web.wording import Badge, day_words, moment_words

_LEVELS = {
    Level.NOTICE: Badge("info", "i", Level.NOTICE.value),
    Level.IMPORTANT: Badge("due", "!", Level.IMPORTANT.value),
    Level.URGENT: Badge("unmet", "‼", Level.URGENT.value),
}
_STANDINGS = {
    Standing.COMING: Badge("due", "…", Standing.COMING.value),
    Standing.SHOWING: Badge("met", "✓", Standing.SHOWING.value),
    Standing.OVER: Badge("none", "–", Standing.OVER.value),
    Standing.WITHDRAWN: Badge("none", "–", Standing.WITHDRAWN.value),
}


@dataclass(frozen=True, slots=True)
class AnnouncementLine:
    """An announcement as shown; `paragraphs` are its lines that say something."""

    number: int
    level: Badge
    standing: Badge
    title: str
    paragraphs: tuple[str, ...]
    unit_name: str
    period: str
    by: str
    published_at: str
    is_read: bool


def announcement_line(one: Announcement, today: date, *, is_read: bool = False) -> AnnouncementLine:
    """Lay out an announcement."""
    period = f"{day_words(one.first_day, today)} 至 {day_words(one.last_day, today)}"
    return AnnouncementLine(
        number=one.announcement_id,
        level=_LEVELS[one.level],
        standing=_STANDINGS[one.standing(today)],
        title=one.title,
        paragraphs=tuple(line for line in one.text.split("\n") if line),
        unit_name=one.unit_name,
        period=period,
        by=one.published_by_name,
        published_at=moment_words(one.published_at, today),
        is_read=is_read,
    )

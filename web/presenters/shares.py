"""Links of big screens and badges (大屏、徽章): from the stored link to the row of the list. Pure."""

from dataclasses import dataclass
from datetime import date, datetime

from monitor.usecases.console.shared_links import SharedLink
from web.wording import NONE, Badge, moment_words

_OPEN = Badge("met", "✓", "有效")
_OVER = Badge("none", "–", "已过期")
_REVOKED = Badge("none", "✕", "已撤销")


@dataclass(frozen=True, slots=True)
class ShareLine:
    """A row of the list."""

    number: int
    kind: str
    place: str
    badge: Badge
    note: str
    made: str
    until: str
    opened: str
    is_open: bool


def present_share(link: SharedLink, now: datetime, today: date) -> ShareLine:
    """Lay out a link."""
    is_open = link.revoked_at is None and link.expires_at > now
    return ShareLine(
        number=link.link_id,
        kind=f"{link.kind} · {link.figure}" if link.figure else link.kind,
        place=link.group_name or link.unit_name,
        badge=_OPEN if is_open else _OVER if link.revoked_at is None else _REVOKED,
        note=link.note or NONE,
        made=moment_words(link.made_at, today),
        until=moment_words(link.expires_at, today),
        opened=moment_words(link.opened_at, today) if link.opened_at else "从未打开",
        is_open=is_open,
    )

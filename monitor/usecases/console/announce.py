"""Announcements (公告): publish to a subtree, show, read, withdraw. Functions of a chair.

Inspectors and operators publish; whoever sits at or below the unit sees it and may say that they have read
it, leaders too. Key types: `Published`, `Shown`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from monitor.console.announcements import (
    Announcement,
    BadAnnouncement,
    NewAnnouncement,
    Reading,
    Standing,
    clean_announcement,
)
from monitor.errors import CommandError, NotFound, OutOfScope
from monitor.store.console import announcements
from monitor.units import Role
from monitor.usecases.oversight.desk import Chair

PUBLISHERS = frozenset((Role.INSPECTOR, Role.OPERATOR))
MOST_LISTED = 50


class AnnouncementNotFound(NotFound):
    """No announcement of that number that concerns the holder."""

    code = "announcement_not_found"
    user_text = "没有该公告，或已撤回、到期。可回复：公告"


@dataclass(frozen=True, slots=True)
class Published:
    """An announcement as stored; `number` is that of the record, 0 if the same stands already."""

    announcement: Announcement
    number: int


@dataclass(frozen=True, slots=True)
class Shown:
    """An announcement to the viewer, and whether they have read it."""

    announcement: Announcement
    is_read: bool


def publish(chair: Chair, new: NewAnnouncement) -> Published:
    """Publish to a unit of the viewer's subtree and everything below it; the same again is kept once.

    Source: none (design); scope HN-1.2.
    Raises: OutOfScope; BadAnnouncement; CommandError for others than inspectors and operators.
    """
    _require_publisher(chair)
    cleaned = clean_announcement(new, chair.today)
    try:
        unit = chair.unit(cleaned.unit_code)
    except OutOfScope as error:
        raise BadAnnouncement("unit", "没有该单位，或不在您的范围内") from error
    known = announcements.find_twin(chair.connection, unit.unit_id, cleaned)
    if known is not None:
        return Published(_load(chair, known), 0)
    name = chair.viewer.signature
    number = announcements.insert_announcement(
        chair.connection,
        {
            "unit_id": unit.unit_id, "level": cleaned.level.value, "title": cleaned.title,
            "text": cleaned.text, "first_day": cleaned.first_day, "last_day": cleaned.last_day,
            "published_at": chair.now, "published_by": chair.viewer.identity, "published_by_name": name,
            "withdrawn_by": "",
        },
    )  # fmt: skip
    if chair.viewer.unit_path.startswith(unit.path):  # who wrote it has read it
        announcements.insert_receipts(chair.connection, [number], chair.viewer.identity, chair.now)
    record = chair.record(
        "announcement.published", f"announcement:{number}", unit=unit.code, level=cleaned.level.value,
        title=cleaned.title, first_day=str(cleaned.first_day), last_day=str(cleaned.last_day),
    )  # fmt: skip
    return Published(_load(chair, number), record)


def withdraw(chair: Chair, number: int) -> bool:
    """Withdraw an announcement to a unit of the viewer's subtree; False if it is withdrawn already.

    Raises: AnnouncementNotFound; CommandError for others than inspectors and operators.
    """
    _require_publisher(chair)
    found = _load(chair, number)
    if not chair.viewer.may_see_unit(found.unit_path):
        raise AnnouncementNotFound(f"announcement {number} asked by {chair.viewer.identity}")
    is_new = announcements.withdraw(chair.connection, number, chair.viewer.identity, chair.now)
    if is_new:
        chair.record("announcement.withdrawn", f"announcement:{number}", unit=found.unit_code)
    return is_new


def list_showing(chair: Chair) -> list[Shown]:
    """Return what is announced to the viewer today, the most urgent first."""
    found = announcements.load_showing(
        chair.connection, chair.viewer.unit_path, chair.viewer.identity, chair.today
    )
    return [Shown(one, is_read) for one, is_read in found]


def list_published(chair: Chair) -> list[tuple[Announcement, int, int]]:
    """Return the announcements to the publisher's subtree with 已读 and 应读, the newest first."""
    if chair.viewer.role not in PUBLISHERS:
        return []
    found = announcements.load_published(chair.connection, chair.viewer.unit_path, MOST_LISTED)
    lines = []
    for one in found:
        readings = announcements.count_readers(chair.connection, one.announcement_id, one.unit_path)
        lines.append((one, sum(each.n_read for each in readings), sum(each.n_due for each in readings)))
    return lines


def read_announcement(chair: Chair, number: int) -> tuple[Shown, Sequence[Reading]]:
    """Return an announcement that concerns the viewer; with counts by unit for publishers above it.

    Raises: AnnouncementNotFound.
    """
    for shown in list_showing(chair):
        if shown.announcement.announcement_id == number:
            return shown, _readings(chair, shown.announcement)
    found = _load(chair, number)
    if not _is_overseen(chair, found):
        raise AnnouncementNotFound(f"announcement {number} asked by {chair.viewer.identity}")
    return Shown(found, is_read=True), _readings(chair, found)


def acknowledge(chair: Chair, numbers: Collection[int]) -> int:
    """Note that the viewer has read announcements that are shown to them; returns how many are new."""
    shown = {one.announcement.announcement_id for one in list_showing(chair)}
    mine = sorted(shown & set(numbers))
    return announcements.insert_receipts(chair.connection, mine, chair.viewer.identity, chair.now)


def may_withdraw(chair: Chair, announcement: Announcement) -> bool:
    """Tell whether the viewer may withdraw an announcement that still stands."""
    standing = announcement.standing(chair.today)
    return _is_overseen(chair, announcement) and standing in (Standing.COMING, Standing.SHOWING)


def _readings(chair: Chair, announcement: Announcement) -> Sequence[Reading]:
    if not _is_overseen(chair, announcement):
        return ()
    path = announcement.unit_path
    return announcements.count_readers(chair.connection, announcement.announcement_id, path)


def _is_overseen(chair: Chair, announcement: Announcement) -> bool:
    return chair.viewer.role in PUBLISHERS and chair.viewer.may_see_unit(announcement.unit_path)


def _load(chair: Chair, number: int) -> Announcement:
    found = announcements.find_announcement(chair.connection, number)
    if found is None:
        raise AnnouncementNotFound(f"announcement {number} asked by {chair.viewer.identity}")
    return found


def _require_publisher(chair: Chair) -> None:
    if chair.viewer.role not in PUBLISHERS:
        raise CommandError("role may not publish", user_text="公告由督导检查和系统运维发布")

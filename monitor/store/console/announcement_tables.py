"""Tables of announcements (公告) with their read receipts, and of dictionary entries (字典)."""

from datetime import date, datetime

from sqlmodel import Field

from monitor.store.tables import Table


class AnnouncementRow(Table, table=True):
    """An announcement (公告) to a unit and everything below it; withdrawn, never deleted.

    `level` is a value of `monitor.console.announcements.Level`; both days are inclusive.
    """

    __tablename__ = "announcement"

    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    level: str
    title: str
    text: str
    first_day: date
    last_day: date = Field(index=True)
    published_at: datetime
    published_by: str
    published_by_name: str
    withdrawn_at: datetime | None = None
    withdrawn_by: str = ""


class AnnouncementReceiptRow(Table, table=True):
    """That somebody has read an announcement (已读); `reader` is the identity of a viewer."""

    __tablename__ = "announcement_receipt"

    announcement_id: int = Field(primary_key=True, foreign_key="announcement.id")
    reader: str = Field(primary_key=True)
    read_at: datetime


class DictionaryEntryRow(Table, table=True):
    """What was decided about a word of an open list (字典); a word without a row is in use.

    `dictionary` is a value of `monitor.console.dictionaries.Dictionary`.
    """

    __tablename__ = "dictionary_entry"

    dictionary: str = Field(primary_key=True)
    word: str = Field(primary_key=True)
    is_on: bool
    changed_at: datetime
    changed_by: str

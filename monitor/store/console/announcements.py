"""Announcements (公告) and their receipts in the store. Functions of a connection."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection as Connection
from sqlalchemy import Select, String, and_, cast, func, insert, literal, select, union_all, update

from monitor.console.announcements import Announcement, Level, NewAnnouncement, Reading
from monitor.store.console.announcement_tables import AnnouncementReceiptRow, AnnouncementRow
from monitor.store.directory import in_subtree
from monitor.store.subtree import child_id
from monitor.store.tables import ChatIdentityRow, ConsoleUserRow, UnitRow, table_of
from monitor.store.upsert import upserting
from monitor.units import ancestor_ids

_one = table_of(AnnouncementRow)
_receipt = table_of(AnnouncementReceiptRow)
_unit = table_of(UnitRow)
_user = table_of(ConsoleUserRow)
_identity = table_of(ChatIdentityRow)
_MOST_ID = 2_147_483_647
_ORDER = {Level.URGENT: 0, Level.IMPORTANT: 1, Level.NOTICE: 2}


def insert_announcement(connection: Connection, values: Mapping[str, Any]) -> int:
    """Insert an announcement; returns its number."""
    return int(connection.execute(insert(_one).values(dict(values)).returning(_one.c.id)).scalar_one())


def find_twin(connection: Connection, unit_id: int, new: NewAnnouncement) -> int | None:
    """Return the number of a standing announcement that says the same to the same unit."""
    query = select(_one.c.id).where(
        _one.c.unit_id == unit_id, _one.c.title == new.title, _one.c.text == new.text,
        _one.c.level == new.level.value, _one.c.first_day == new.first_day,
        _one.c.last_day == new.last_day, _one.c.withdrawn_at.is_(None),
    )  # fmt: skip
    return connection.execute(query.order_by(_one.c.id).limit(1)).scalar()


def load_showing(
    connection: Connection, path: str, reader: str, today: date
) -> list[tuple[Announcement, bool]]:
    """Return what is announced today to a place of the tree, each with whether the reader has read it.

    The most urgent first, then the newest.
    """
    mine = and_(_receipt.c.announcement_id == _one.c.id, _receipt.c.reader == reader)
    query = _announcements().add_columns(_receipt.c.reader.is_not(None)).outerjoin(_receipt, mine)
    query = query.where(
        _one.c.unit_id.in_(ancestor_ids(path)), _one.c.withdrawn_at.is_(None),
        _one.c.first_day <= today, _one.c.last_day >= today,
    )  # fmt: skip
    rows = connection.execute(query.order_by(_one.c.id.desc()))
    found = [(_to_announcement(row[:-1]), bool(row[-1])) for row in rows]
    return sorted(found, key=lambda pair: _ORDER[pair[0].level])


def load_published(connection: Connection, path: str, limit: int) -> list[Announcement]:
    """Return the announcements to units of a subtree, the newest first."""
    query = _announcements().where(in_subtree(path)).order_by(_one.c.id.desc()).limit(limit)
    return [_to_announcement(row) for row in connection.execute(query)]


def find_announcement(connection: Connection, announcement_id: int) -> Announcement | None:
    """Return one announcement, wherever it was made."""
    if not 0 < announcement_id <= _MOST_ID:
        return None
    row = connection.execute(_announcements().where(_one.c.id == announcement_id)).one_or_none()
    return None if row is None else _to_announcement(row)


def insert_receipts(connection: Connection, numbers: Iterable[int], reader: str, at: datetime) -> int:
    """Note that somebody has read announcements; returns how many they had not read before."""
    rows = [{"announcement_id": number, "reader": reader, "read_at": at} for number in numbers]
    if not rows:
        return 0
    statement = upserting(connection)(_receipt).values(rows).on_conflict_do_nothing()
    return connection.execute(statement).rowcount


def withdraw(connection: Connection, announcement_id: int, by: str, at: datetime) -> bool:
    """Withdraw an announcement; False if it is withdrawn already."""
    standing = (_one.c.id == announcement_id, _one.c.withdrawn_at.is_(None))
    values = {"withdrawn_at": at, "withdrawn_by": by}
    return connection.execute(update(_one).where(*standing).values(values)).rowcount == 1


def count_readers(connection: Connection, announcement_id: int, path: str) -> list[Reading]:
    """Return 已读 and 应读 by child of a unit; the unit's own accounts have no code.

    Accounts are console users in use and people bound in chat. A receipt of an account that has gone since
    counts for neither.
    """
    people = _accounts()
    mine = and_(_receipt.c.announcement_id == announcement_id, _receipt.c.reader == people.c.reader)
    place = child_id(path)
    query = (
        select(place, func.count(_receipt.c.reader), func.count())
        .select_from(people)
        .join(_unit, _unit.c.id == people.c.unit_id)
        .outerjoin(_receipt, mine)
        .where(in_subtree(path))
        .group_by(place)
    )
    counts = {row[0]: (row[1], row[2]) for row in connection.execute(query)}
    query_names = select(_unit.c.id, _unit.c.code, _unit.c.name).where(_unit.c.id.in_(counts))
    names = {row[0]: (row[1], row[2]) for row in connection.execute(query_names.order_by(_unit.c.code))}
    places = [0] * (0 in counts) + list(names)
    return [Reading(*names.get(place, ("", "")), *counts[place]) for place in places]


def _accounts() -> Any:
    def named(kind: str, table: Any) -> Any:
        return select((literal(f"{kind}:") + cast(table.c.id, String)).label("reader"), table.c.unit_id)

    return union_all(named("chat", _identity), named("console", _user).where(_user.c.is_active)).subquery()


def _announcements() -> Select[Any]:
    return select(
        _one.c.id, _unit.c.code, _unit.c.name, _unit.c.path, _one.c.level, _one.c.title, _one.c.text,
        _one.c.first_day, _one.c.last_day, _one.c.published_at, _one.c.published_by_name, _one.c.withdrawn_at,
    ).join(_unit, _unit.c.id == _one.c.unit_id)  # fmt: skip


def _to_announcement(row: Sequence[Any]) -> Announcement:
    code, name, path, level, *rest = row[1:]
    return Announcement(row[0], code, name, path, Level(level), *rest)

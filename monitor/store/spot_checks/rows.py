"""Draws and spot checks (抽查): numbers, writing, reading. Functions of a connection.

Key types: `StoredCheck`, `StoredDraw`, `NewCheck`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection as Connection
from sqlalchemy import Select, and_, delete, func, insert, select, update

from monitor.clock import day_interval
from monitor.events import Provenance
from monitor.spot_checks import Draw, DrawMethod, FrameEntry, NumberKind, format_number
from monitor.store.days.posts import mark_late
from monitor.store.days.tables import DayCountRow, PostRow
from monitor.store.directory import in_subtree
from monitor.store.spot_checks.tables import (
    SpotCheckRow,
    SpotDrawGroupRow,
    SpotDrawRow,
    SpotNumberRow,
)
from monitor.store.tables import GroupRow, UnitRow, table_of
from monitor.store.upsert import upserting
from monitor.units import GroupId

_number = table_of(SpotNumberRow)
_draw = table_of(SpotDrawRow)
_drawn = table_of(SpotDrawGroupRow)
_check = table_of(SpotCheckRow)
_group = table_of(GroupRow)
_unit = table_of(UnitRow)
_city = _unit.alias("city")
_count = table_of(DayCountRow)
_post = table_of(PostRow)


class NewCheck(NamedTuple):
    """A spot check to be filed, field for field as stored."""

    filing_no: str
    year: int
    unit_id: int
    city_id: int
    group_id: int
    business_day: date
    n_posts: int
    n_system: int | None
    n_later: int | None
    n_later_relevant: int | None
    note: str
    draw_id: int | None
    actor: str
    actor_name: str
    at: datetime
    filed_at: datetime


@dataclass(frozen=True, slots=True)
class StoredCheck:
    """A spot check with the names that people know; `unit_path` is that of the group's unit then."""

    check_id: int
    filing_no: str
    year: int
    group_id: GroupId
    group_code: str
    group_name: str
    unit_id: int
    unit_name: str
    unit_path: str
    city_id: int
    city_code: str
    city_name: str
    day: date
    n_posts: int
    n_system: int | None
    n_later: int | None
    n_later_relevant: int | None
    note: str
    draw_number: str
    actor: str
    actor_name: str
    at: datetime
    filed_at: datetime
    voided_at: datetime | None
    voided_by: str
    void_reason: str

    @property
    def is_void(self) -> bool:
        """Whether it was declared void (作废)."""
        return self.voided_at is not None


@dataclass(frozen=True, slots=True)
class StoredDraw:
    """A draw as stored. `drawn` are (group id, code) in the order of the draw."""

    draw_id: int
    number: str
    unit_id: int
    unit_name: str
    unit_path: str
    draw: Draw
    drawn: tuple[tuple[GroupId, str], ...]
    n_resting: int
    actor: str
    actor_name: str
    at: datetime


def take_number(connection: Connection, kind: NumberKind, year: int) -> str:
    """Return the next number of a kind and year; a number is never given twice."""
    insertion = upserting(connection)(_number).values(prefix=kind.value, year=year, last=1)
    counting = insertion.on_conflict_do_update(
        index_elements=["prefix", "year"], set_={"last": _number.c.last + 1}
    )
    return format_number(kind, year, connection.execute(counting.returning(_number.c.last)).scalar_one())


def insert_draw(
    connection: Connection,
    number: str,
    unit_id: int,
    draw: Draw,
    drawn: Sequence[tuple[int, str]],
    *,
    n_resting: int,
    asked: str,
    actor: str,
    actor_name: str,
    at: datetime,
) -> int:
    """Store a draw with its frame and its groups; return its id."""
    values = {
        "number": number,
        "unit_id": unit_id,
        "method": draw.method.value,
        "seed": draw.seed,
        "frame": [list(entry) for entry in draw.frame],
        "n_frame": len(draw.frame),
        "quotas": dict(draw.quotas),
        "n_resting": n_resting,
        "asked": asked,
        "actor": actor,
        "actor_name": actor_name,
        "at": at,
    }
    draw_id = int(connection.execute(insert(_draw).values(**values).returning(_draw.c.id)).scalar_one())
    pools = {entry.code: entry.pool for entry in draw.frame}
    rows = [
        {"draw_id": draw_id, "place": place, "group_id": group_id, "code": code, "pool": pools.get(code, "")}
        for place, (group_id, code) in enumerate(drawn, start=1)
    ]
    if rows:
        connection.execute(insert(_drawn), rows)
    return draw_id


def find_same_draw(connection: Connection, actor: str, asked: str, since: datetime) -> str | None:
    """Return the number of a draw that the same person asked for in the same words since an instant."""
    query = select(_draw.c.number).where(_draw.c.actor == actor, _draw.c.asked == asked, _draw.c.at >= since)
    found: str | None = connection.execute(query.order_by(_draw.c.id.desc()).limit(1)).scalar()
    return found


def load_draws(connection: Connection, path: str, limit: int, number: str = "") -> list[StoredDraw]:
    """Return the draws about units of a subtree, newest first; only that of a number if one is given."""
    query = select(_draw, _unit.c.name.label("unit_name"), _unit.c.path.label("unit_path"))
    query = query.join(_unit, _unit.c.id == _draw.c.unit_id).where(in_subtree(path))
    if number:
        query = query.where(_draw.c.number == number)
    rows = connection.execute(query.order_by(_draw.c.id.desc()).limit(limit)).all()
    listed = select(_drawn.c.draw_id, _drawn.c.group_id, _drawn.c.code)
    listed = listed.where(_drawn.c.draw_id.in_([row.id for row in rows]))
    drawn: dict[int, list[tuple[GroupId, str]]] = {}
    for draw_id, group_id, code in connection.execute(listed.order_by(_drawn.c.draw_id, _drawn.c.place)):
        drawn.setdefault(draw_id, []).append((GroupId(group_id), code))
    return [_to_draw(row, tuple(drawn.get(row.id, ()))) for row in rows]


def find_open_draw(connection: Connection, group_id: int, since: datetime) -> int | None:
    """Return the newest draw since an instant that holds a group without a valid check for it."""
    done = select(_check.c.id).where(
        _check.c.draw_id == _drawn.c.draw_id, _check.c.group_id == group_id, _check.c.voided_at.is_(None)
    )
    query = select(_drawn.c.draw_id).join(_draw, _draw.c.id == _drawn.c.draw_id)
    query = query.where(_drawn.c.group_id == group_id, _draw.c.at >= since, ~done.exists())
    found: int | None = connection.execute(query.order_by(_drawn.c.draw_id.desc()).limit(1)).scalar()
    return found


def insert_check(connection: Connection, check: NewCheck) -> int:
    """File a spot check; return its id."""
    filing = insert(_check).values(**check._asdict(), voided_by="", void_reason="")
    return int(connection.execute(filing.returning(_check.c.id)).scalar_one())


def change_check(connection: Connection, check_id: int, **values: Any) -> None:
    """Write what becomes of a check after its filing: void, or the posts after it."""
    connection.execute(update(_check).where(_check.c.id == check_id).values(**values))


def lock_check(connection: Connection, check_id: int) -> None:
    """Keep others from changing a check until the end of the transaction."""
    connection.execute(select(_check.c.id).where(_check.c.id == check_id).with_for_update())


def lock_group(connection: Connection, group_id: int) -> None:
    """Let one filing after the other look at a group, until the end of the transaction."""
    connection.execute(select(_group.c.id).where(_group.c.id == group_id).with_for_update())


def find_check(connection: Connection, path: str, filing_no: str) -> StoredCheck | None:
    """Return a check of a subtree by its filing number (备案号)."""
    found = _load(connection, _checks().where(in_subtree(path), _check.c.filing_no == filing_no))
    return found[0] if found else None


def load_checks(
    connection: Connection,
    path: str,
    *,
    year: int | None = None,
    city_id: int | None = None,
    draw_id: int | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> list[StoredCheck]:
    """Return checks of a subtree, newest first, void ones included."""
    query = _checks().where(in_subtree(path))
    wanted = ((_check.c.year, year), (_check.c.city_id, city_id), (_check.c.draw_id, draw_id))
    for column, value in wanted:
        if value is not None:
            query = query.where(column == value)
    query = query.order_by(_check.c.at.desc(), _check.c.id.desc())
    return _load(connection, query.limit(limit).offset(offset) if limit else query)


def load_of_group(connection: Connection, group_id: int, day: date) -> list[StoredCheck]:
    """Return the valid checks of a group's day, oldest first."""
    here = (_check.c.group_id == group_id, _check.c.business_day == day, _check.c.voided_at.is_(None))
    return _load(connection, _checks().where(*here).order_by(_check.c.id))


def load_of_day(connection: Connection, day: date) -> list[StoredCheck]:
    """Return the checks of a day, void ones included: a void one may be restored."""
    return _load(connection, _checks().where(_check.c.business_day == day).order_by(_check.c.id))


def load_resting(connection: Connection, path: str, since: date) -> frozenset[str]:
    """Return the codes of the subtree's groups with a valid check since a day."""
    query = select(_group.c.code).join(_check, _check.c.group_id == _group.c.id)
    query = query.join(_unit, _unit.c.id == _group.c.unit_id).where(
        in_subtree(path), _check.c.business_day >= since, _check.c.voided_at.is_(None)
    )
    return frozenset(connection.execute(query).scalars())


def load_last_days(connection: Connection, group_ids: Collection[int]) -> dict[int, date]:
    """Return the day of each group's last valid check; a group never checked is absent."""
    query = select(_check.c.group_id, func.max(_check.c.business_day)).where(
        _check.c.group_id.in_(group_ids), _check.c.voided_at.is_(None)
    )
    return {row[0]: row[1] for row in connection.execute(query.group_by(_check.c.group_id))}


def count_later(connection: Connection, group_id: int, day: date, after: datetime) -> tuple[int, int]:
    """Return the posts of a group's day that came after an instant, all and on topic, that count (D-07).

    The fuller of 采集 and 导入, which observe the same messages.
    """
    first, end = (
        int(at.timestamp() * 1000) for at in (max(after, day_interval(day)[0]), day_interval(day)[1])
    )
    relevant = func.count().filter(_post.c.is_relevant)
    query = select(func.count(), relevant).where(
        _post.c.group_id == group_id,
        _post.c.business_day == day,
        _post.c.occurred_ms > first,
        _post.c.occurred_ms < end,
        _post.c.counts,
        _post.c.is_recalled.is_(False),
    )
    rows = connection.execute(query.group_by(_post.c.provenance)).all()
    return max(((row[0], row[1]) for row in rows), default=(0, 0))


def save_count(
    connection: Connection, group_id: int, day: date, n_posts: int | None, at: datetime, now: datetime
) -> None:
    """Put an inspector's count (检查) beside the other counts of a day, or take it away (None).

    A closed day becomes provisional and is closed again.
    """
    key = and_(
        _count.c.group_id == group_id,
        _count.c.business_day == day,
        _count.c.provenance == Provenance.INSPECTED.value,
    )
    connection.execute(delete(_count).where(key))
    if n_posts is not None:
        values = {"group_id": group_id, "business_day": day, "provenance": Provenance.INSPECTED.value}
        counted = {"n_posts": n_posts, "n_relevant": 0, "last_ms": int(at.timestamp() * 1000)}
        connection.execute(insert(_count).values(**values, **counted))
    mark_late(connection, {(group_id, day)}, int(now.timestamp() * 1000))


def _checks() -> Select[Any]:
    """Return the query of checks with group, unit, city and draw; `in_subtree` narrows it to units."""
    return (
        select(
            _check,
            _group.c.code.label("group_code"),
            _group.c.name.label("group_name"),
            _unit.c.name.label("unit_name"),
            _unit.c.path.label("unit_path"),
            _city.c.code.label("city_code"),
            _city.c.name.label("city_name"),
            _draw.c.number.label("draw_number"),
        )
        .join(_group, _group.c.id == _check.c.group_id)
        .join(_unit, _unit.c.id == _check.c.unit_id)
        .join(_city, _city.c.id == _check.c.city_id)
        .outerjoin(_draw, _draw.c.id == _check.c.draw_id)
    )


def _load(connection: Connection, query: Select[Any]) -> list[StoredCheck]:
    return [
        StoredCheck(
            check_id=row.id,
            filing_no=row.filing_no,
            year=row.year,
            group_id=GroupId(row.group_id),
            group_code=row.group_code,
            group_name=row.group_name,
            unit_id=row.unit_id,
            unit_name=row.unit_name,
            unit_path=row.unit_path,
            city_id=row.city_id,
            city_code=row.city_code,
            city_name=row.city_name,
            day=row.business_day,
            n_posts=row.n_posts,
            n_system=row.n_system,
            n_later=row.n_later,
            n_later_relevant=row.n_later_relevant,
            note=row.note,
            draw_number=row.draw_number or "",
            actor=row.actor,
            actor_name=row.actor_name,
            at=row.at,
            filed_at=row.filed_at,
            voided_at=row.voided_at,
            voided_by=row.voided_by,
            void_reason=row.void_reason,
        )
        for row in connection.execute(query)
    ]


def _to_draw(row: Any, drawn: tuple[tuple[GroupId, str], ...]) -> StoredDraw:
    frame = tuple(FrameEntry(*entry) for entry in row.frame)
    return StoredDraw(
        row.id,
        row.number,
        row.unit_id,
        row.unit_name,
        row.unit_path,
        Draw(row.seed, DrawMethod(row.method), frame, row.quotas),
        drawn,
        row.n_resting,
        row.actor,
        row.actor_name,
        row.at,
    )

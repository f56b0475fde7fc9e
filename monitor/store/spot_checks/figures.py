"""Spot checks (抽查) in numbers and short rows, for lists and runs. Reads only; functions of a connection.

Key types: `DrawLine`, `RunCheck`.
"""

from collections.abc import Collection
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select

from monitor.store.directory import in_subtree
from monitor.store.spot_checks.tables import SpotCheckRow, SpotDrawGroupRow, SpotDrawRow
from monitor.store.subtree import child_id, joined_in_subtree
from monitor.store.tables import GroupRow, UnitRow, table_of

_draw = table_of(SpotDrawRow)
_drawn = table_of(SpotDrawGroupRow)
_check = table_of(SpotCheckRow)
_group = table_of(GroupRow)
_unit = table_of(UnitRow)
_city = _unit.alias("city")


class DrawLine(NamedTuple):
    """A draw of a list: how large its frame was and how many groups it gave, without their names."""

    number: str
    unit_name: str
    n_frame: int
    n_drawn: int
    actor_name: str
    at: datetime


class RunCheck(NamedTuple):
    """What a run of 差 needs of a check; a year has thousands."""

    filing_no: str
    city_id: int
    city_code: str
    group_code: str
    day: date
    at: datetime
    n_posts: int
    n_later: int | None
    n_later_relevant: int | None
    is_void: bool


def load_draw_lines(connection: Connection, path: str, limit: int) -> list[DrawLine]:
    """Return the draws about units of a subtree as lines of a list, newest first."""
    n_drawn = select(func.count()).where(_drawn.c.draw_id == _draw.c.id).scalar_subquery()
    columns = (_draw.c.number, _unit.c.name, _draw.c.n_frame, n_drawn, _draw.c.actor_name, _draw.c.at)
    query = select(*columns).join(_unit, _unit.c.id == _draw.c.unit_id).where(in_subtree(path))
    return [DrawLine(*row) for row in connection.execute(query.order_by(_draw.c.id.desc()).limit(limit))]


def count_checks(connection: Connection, path: str, year: int | None = None) -> int:
    """Return how many checks `load_checks` would return."""
    query = select(func.count()).select_from(_check).join(_unit, _unit.c.id == _check.c.unit_id)
    query = query.where(joined_in_subtree(path))
    found: int = connection.execute(query.where(_check.c.year == year) if year else query).scalar_one()
    return found


def load_of_cities(connection: Connection, city_ids: Collection[int], year: int) -> list[RunCheck]:
    """Return the checks of units right below the province in a year, void ones included."""
    return _load_for_runs(connection, year, _check.c.city_id.in_(city_ids))


def load_of_year(connection: Connection, path: str, year: int) -> list[RunCheck]:
    """Return the checks of a subtree in a year, void ones included."""
    return _load_for_runs(connection, year, joined_in_subtree(path))


def _load_for_runs(connection: Connection, year: int, where: ColumnElement[bool]) -> list[RunCheck]:
    columns = (
        _check.c.filing_no,
        _check.c.city_id,
        _city.c.code,
        _group.c.code,
        _check.c.business_day,
        _check.c.at,
        _check.c.n_posts,
        _check.c.n_later,
        _check.c.n_later_relevant,
        _check.c.voided_at.is_not(None),
    )
    query = select(*columns).join(_group, _group.c.id == _check.c.group_id)
    query = query.join(_unit, _unit.c.id == _check.c.unit_id).join(_city, _city.c.id == _check.c.city_id)
    rows = connection.execute(query.where(_check.c.year == year, where).order_by(_check.c.id))
    return [RunCheck(*row) for row in rows]


def count_frame(connection: Connection, path: str, today: date, since: date) -> dict[str, tuple[int, int]]:
    """Return by 市县 how many open groups of a subtree there are, and how many of them are not resting.

    Keys are codes of units right below the root, or that of the root for its own groups; closed units give
    no group. Resting are groups with a valid check since a day.
    """
    root = path[: path.index("/", 1) + 1]
    city = select(child_id(root).label("city_id"), func.count().label("n_groups"))
    checked = select(_check.c.group_id).where(_check.c.business_day >= since, _check.c.voided_at.is_(None))
    n_free = func.count(case((_group.c.id.not_in(checked), 1)))
    is_closed = _group.c.closed_on < today
    is_open = and_(_group.c.opened_on <= today, or_(_group.c.closed_on.is_(None), ~is_closed))
    query = (
        city.add_columns(n_free)
        .join_from(_group, _unit, _unit.c.id == _group.c.unit_id)
        .where(_unit.c.is_active, joined_in_subtree(path), is_open)
        .group_by("city_id")
    )
    found = {row[0] or int(root.strip("/")): (row[1], row[2]) for row in connection.execute(query)}
    codes = select(_unit.c.id, _unit.c.code).where(_unit.c.id.in_(found), _unit.c.is_active)
    return {code: found[unit_id] for unit_id, code in connection.execute(codes)}

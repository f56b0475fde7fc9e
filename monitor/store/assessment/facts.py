"""Figures for the sheet (考评表) out of what is stored anyway, each in one statement. Reads only."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from monitor.store.assessment.sheets import Connection
from monitor.store.days.tables import UnitDayRow
from monitor.store.subtree import child_id, joined_in_subtree
from monitor.store.tables import GroupManagerRow, GroupRow, OfficialAccountRow, UnitRow, table_of
from monitor.units import Unit

_unit = table_of(UnitRow)
_group = table_of(GroupRow)
_account = table_of(OfficialAccountRow)
_manager = table_of(GroupManagerRow)
_unit_day = table_of(UnitDayRow)
_top = _unit.alias("top")  # a unit asked about, whose subtree a statement over many adds up
_BELOW_TOP = and_(
    _unit.c.path >= _top.c.path,
    _unit.c.path < func.substr(_top.c.path, 1, func.length(_top.c.path) - 1).concat("0"),
)


class AccountFigures(NamedTuple):
    """Official accounts (公众号) in use."""

    n_own: int  # of the unit itself
    n_below: int  # of the units under it


class GroupFigures(NamedTuple):
    """Groups of a subtree that are open on a day."""

    n_groups: int
    n_members: int
    n_organisations: int  # units that have at least one of these groups themselves
    n_managed: int  # with a group manager in office


class DayFigures(NamedTuple):
    """Closed days of a unit's subtree in a year."""

    n_days: int
    n_active_days: int  # with at least one post
    n_met: int  # group-days
    n_with_data: int  # group-days


NO_ACCOUNTS, NO_GROUPS, NO_DAYS = AccountFigures(0, 0), GroupFigures(0, 0, 0, 0), DayFigures(0, 0, 0, 0)


def count_accounts(connection: Connection, unit_ids: Collection[int]) -> dict[int, AccountFigures]:
    """Count official accounts in use of units and of those under each; a unit without any is absent."""
    is_own = case((_account.c.unit_id == _top.c.id, 1))
    query = (
        select(_top.c.id, func.count(is_own), func.count())
        .select_from(_account)
        .join(_unit, _unit.c.id == _account.c.unit_id)
        .join(_top, _BELOW_TOP)
        .where(_account.c.is_active, _top.c.id.in_(unit_ids))
        .group_by(_top.c.id)
    )
    return {row[0]: AccountFigures(row[1], row[2] - row[1]) for row in connection.execute(query)}


def count_groups(connection: Connection, unit: Unit, day: date) -> GroupFigures:
    """Count groups, members and organisations of a subtree on a day."""
    query = (
        select(*_group_figures(day))
        .select_from(_group)
        .join(_unit, _unit.c.id == _group.c.unit_id)
        .where(_unit.c.is_active, joined_in_subtree(unit.path), _is_open(day))
    )
    return GroupFigures(*(int(figure) for figure in connection.execute(query).one()))


def count_groups_of(connection: Connection, units: Iterable[Unit], day: date) -> dict[int, GroupFigures]:
    """Count what `count_groups` counts for many units: one statement for all children of a parent.

    A unit without an open group below may be absent.
    """
    siblings: dict[str, list[Unit]] = defaultdict(list)
    for unit in units:
        siblings[unit.path.removesuffix(f"{unit.unit_id}/")].append(unit)
    found: dict[int, GroupFigures] = {}
    for parent, children in siblings.items():
        if len(children) == 1 or parent == "/":
            found |= {unit.unit_id: count_groups(connection, unit, day) for unit in children}
        else:
            found |= _count_below(connection, parent, [unit.unit_id for unit in children], day)
    return found


def _count_below(
    connection: Connection, parent: str, unit_ids: Collection[int], day: date
) -> dict[int, GroupFigures]:
    """Count groups of children of a parent, from the groups up: most units have none."""
    place = child_id(parent)
    query = (
        select(place.label("child_id"), *_group_figures(day))
        .select_from(_group)
        .join(_unit, _unit.c.id == _group.c.unit_id)
        .where(_unit.c.is_active, joined_in_subtree(parent), place.in_(unit_ids), _is_open(day))
        .group_by("child_id")
    )
    return {row[0]: GroupFigures(*(int(figure) for figure in row[1:])) for row in connection.execute(query)}


def _is_open(day: date) -> ColumnElement[bool]:
    return and_(_group.c.opened_on <= day, or_(_group.c.closed_on.is_(None), _group.c.closed_on >= day))


def _group_figures(day: date) -> tuple[ColumnElement[Any], ...]:
    """Return the columns of `GroupFigures` over groups."""
    is_managed = (
        select(_manager.c.id)
        .where(
            _manager.c.group_id == _group.c.id,
            _manager.c.since <= day,
            or_(_manager.c.until.is_(None), _manager.c.until >= day),
        )
        .exists()
    )
    return (
        func.count(),
        func.coalesce(func.sum(_group.c.member_count), 0),
        func.count(_group.c.unit_id.distinct()),
        func.count(case((is_managed, 1))),
    )


def count_days(connection: Connection, unit_ids: Collection[int], year: int) -> dict[int, DayFigures]:
    """Add up the closed days of units in a year; a unit without any is absent."""
    query = select(
        _unit_day.c.unit_id,
        func.count(),
        func.count(case((_unit_day.c.n_posts > 0, 1))),
        func.coalesce(func.sum(_unit_day.c.n_met), 0),
        func.coalesce(func.sum(_unit_day.c.n_groups - _unit_day.c.n_no_data), 0),
    ).where(
        _unit_day.c.unit_id.in_(unit_ids),
        _unit_day.c.business_day >= date(year, 1, 1),
        _unit_day.c.business_day <= date(year, 12, 31),
    )
    rows = connection.execute(query.group_by(_unit_day.c.unit_id))
    return {row[0]: DayFigures(*(int(figure) for figure in row[1:])) for row in rows}

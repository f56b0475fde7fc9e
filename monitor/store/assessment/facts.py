"""Figures for the sheet (考评表) out of what is stored anyway, each in one statement. Reads only."""

from datetime import date
from typing import NamedTuple

from sqlalchemy import and_, case, func, or_, select

from monitor.store.assessment.sheets import Connection
from monitor.store.days.tables import UnitDayRow
from monitor.store.directory import in_subtree
from monitor.store.subtree import joined_in_subtree
from monitor.store.tables import GroupManagerRow, GroupRow, OfficialAccountRow, UnitRow, table_of
from monitor.units import Unit

_unit = table_of(UnitRow)
_group = table_of(GroupRow)
_account = table_of(OfficialAccountRow)
_manager = table_of(GroupManagerRow)
_unit_day = table_of(UnitDayRow)


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


def count_accounts(connection: Connection, unit: Unit) -> AccountFigures:
    """Count official accounts in use of a unit and of those under it."""
    is_own = case((_account.c.unit_id == unit.unit_id, 1))
    query = (
        select(func.count(is_own), func.count())
        .select_from(_account)
        .join(_unit, _unit.c.id == _account.c.unit_id)
        .where(_account.c.is_active, in_subtree(unit.path))
    )
    n_own, n_all = connection.execute(query).one()
    return AccountFigures(n_own, n_all - n_own)


def count_groups(connection: Connection, unit: Unit, day: date) -> GroupFigures:
    """Count groups, members and organisations of a subtree on a day."""
    is_managed = (
        select(_manager.c.id)
        .where(
            _manager.c.group_id == _group.c.id,
            _manager.c.since <= day,
            or_(_manager.c.until.is_(None), _manager.c.until >= day),
        )
        .exists()
    )
    is_open = and_(_group.c.opened_on <= day, or_(_group.c.closed_on.is_(None), _group.c.closed_on >= day))
    query = (
        select(
            func.count(),
            func.coalesce(func.sum(_group.c.member_count), 0),
            func.count(_group.c.unit_id.distinct()),
            func.count(case((is_managed, 1))),
        )
        .select_from(_group)
        .join(_unit, _unit.c.id == _group.c.unit_id)
        .where(_unit.c.is_active, joined_in_subtree(unit.path), is_open)
    )
    return GroupFigures(*(int(figure) for figure in connection.execute(query).one()))


def count_days(connection: Connection, unit: Unit, year: int) -> DayFigures:
    """Add up the closed days of a unit's year."""
    query = select(
        func.count(),
        func.count(case((_unit_day.c.n_posts > 0, 1))),
        func.coalesce(func.sum(_unit_day.c.n_met), 0),
        func.coalesce(func.sum(_unit_day.c.n_groups - _unit_day.c.n_no_data), 0),
    ).where(
        _unit_day.c.unit_id == unit.unit_id,
        _unit_day.c.business_day >= date(year, 1, 1),
        _unit_day.c.business_day <= date(year, 12, 31),
    )
    return DayFigures(*(int(figure) for figure in connection.execute(query).one()))

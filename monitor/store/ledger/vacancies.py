"""Counting units without a designated officer (专责缺位) in the store. Functions of a connection."""

from datetime import date

from sqlalchemy import ColumnElement, func, or_, select

from monitor.store.ledger.rows import Connection
from monitor.store.subtree import child_id, joined_in_subtree
from monitor.store.tables import DesignatedOfficerRow, UnitRow, table_of
from monitor.units import subtree_bounds

_unit = table_of(UnitRow)
_officer = table_of(DesignatedOfficerRow)


def count_without_officer(connection: Connection, path: str, day: date) -> dict[int, int]:
    """Return how many active units below each child of a unit have no officer on a day, by the child's id.

    All units less those that are closed or have one: the former are counted in the index of paths alone.

    Source: HN-2.2.2a.
    """
    held = select(_officer.c.unit_id).where(
        _officer.c.since <= day, or_(_officer.c.until.is_(None), _officer.c.until >= day)
    )
    low, high = subtree_bounds(path)
    every = _count(connection, path, _unit.c.path >= low, _unit.c.path < high)
    others = _count(
        connection, path, joined_in_subtree(path), or_(_unit.c.is_active.is_(False), _unit.c.id.in_(held))
    )
    return {child: n - others.get(child, 0) for child, n in every.items()}


def _count(connection: Connection, path: str, *conditions: ColumnElement[bool]) -> dict[int, int]:
    child = child_id(path)
    query = select(child.label("child_id"), func.count()).where(*conditions)
    query = query.where(child != 0, child != _unit.c.id).group_by("child_id")
    return {row[0]: row[1] for row in connection.execute(query)}

"""Subtrees in SQL: ranges of materialised paths, and the child of a unit that a path leads through."""

from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, func
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from monitor.store.tables import UnitRow, table_of
from monitor.units import subtree_bounds

_unit = table_of(UnitRow)


class leading_id(GenericFunction[int]):
    """The unit id at the beginning of a piece of a materialised path, 0 where there is none."""

    type = Integer()
    inherit_cache = True


@compiles(leading_id, "sqlite")
def _leading_id_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **options)} AS INTEGER)"


@compiles(leading_id, "postgresql")
def _leading_id_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    piece = compiler.process(element.clauses, **options)
    return f"COALESCE(CAST(NULLIF(split_part({piece}, '/', 1), '') AS INTEGER), 0)"


class unindexed(GenericFunction[str]):
    """A column that SQLite shall not search by index: its planner cannot know that a range is everything."""

    inherit_cache = True


@compiles(unindexed)
def _unindexed(element: Any, compiler: Any, **options: Any) -> str:
    return str(compiler.process(element.clauses, **options))


@compiles(unindexed, "sqlite")
def _unindexed_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"+{compiler.process(element.clauses, **options)}"


def is_root(path: str) -> bool:
    """Tell whether a path is that of a tree's root, whose subtree is everything."""
    return path.count("/") == 2


def joined_in_subtree(path: str) -> ColumnElement[bool]:
    """Return the condition that a unit joined to something else lies in a subtree, its root included.

    For the root the something else is searched first, otherwise the units of the subtree.
    """
    low, high = subtree_bounds(path)
    place = unindexed(_unit.c.path) if is_root(path) else _unit.c.path
    return and_(place >= low, place < high)


def child_id(path: str) -> ColumnElement[int]:
    """Return the id of the child of a unit under which a joined unit lies; 0 for the unit itself."""
    return leading_id(func.substr(_unit.c.path, len(path) + 1))

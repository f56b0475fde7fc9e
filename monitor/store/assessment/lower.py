"""A unit's own assessments of its lower level (HN-2.2.3) in the store. Functions of a connection."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection as Connection
from sqlalchemy import Row, delete, func, insert, select, update

from monitor.store.index.work_tables import LowerAssessmentRow, LowerResultRow
from monitor.store.subtree import joined_in_subtree
from monitor.store.tables import UnitRow, table_of

_unit = table_of(UnitRow)
_lower = table_of(LowerAssessmentRow)
_result = table_of(LowerResultRow)


def insert_lower(connection: Connection, values: Mapping[str, Any]) -> int:
    """Insert an assessment with the columns of `lower_assessment`; returns its number."""
    return int(connection.execute(insert(_lower).values(dict(values)).returning(_lower.c.id)).scalar_one())


def load_lower(connection: Connection, unit_ids: Collection[int], year: int) -> Sequence[Row[Any]]:
    """Return the assessments of units and a year that are not void, each with its number of results."""
    n_results = (
        select(func.count())
        .where(_result.c.assessment_id == _lower.c.id)
        .scalar_subquery()
        .label("n_results")
    )
    query = select(_lower, n_results).where(
        _lower.c.unit_id.in_(unit_ids), _lower.c.year == year, _lower.c.voided_at.is_(None)
    )
    return connection.execute(query.order_by(_lower.c.id)).all()


def load_lower_in(connection: Connection, path: str, year: int) -> Sequence[Row[Any]]:
    """Return the assessments of a subtree and year, void ones included, with code and name of the unit."""
    query = select(_lower, _unit.c.code.label("unit_code"), _unit.c.name.label("unit_name"))
    query = query.join(_unit, _unit.c.id == _lower.c.unit_id)
    here = (joined_in_subtree(path), _lower.c.year == year)
    return connection.execute(query.where(*here).order_by(_unit.c.code, _lower.c.id)).all()


def load_results_of(connection: Connection, numbers: Sequence[int]) -> Sequence[Row[Any]]:
    """Return the results of assessments with code and name of the unit assessed, in order of code."""
    query = select(_result, _unit.c.code.label("unit_code"), _unit.c.name.label("unit_name"))
    query = query.join(_unit, _unit.c.id == _result.c.unit_id)
    return connection.execute(query.where(_result.c.assessment_id.in_(numbers)).order_by(_unit.c.code)).all()


def replace_results(connection: Connection, number: int, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store the results of child units in place of all earlier ones of the assessment."""
    connection.execute(delete(_result).where(_result.c.assessment_id == number))
    if rows:
        connection.execute(insert(_result), [dict(row) for row in rows])


def load_results(connection: Connection, number: int) -> Sequence[Row[Any]]:
    """Return the results of an assessment in order of unit."""
    query = select(_result).where(_result.c.assessment_id == number)
    return connection.execute(query.order_by(_result.c.unit_id)).all()


def void_lower(connection: Connection, number: int, *, by: str, at: datetime, reason: str) -> None:
    """Void an assessment; it stays with its results."""
    values = {"voided_at": at, "voided_by": by, "voided_for": reason}
    connection.execute(update(_lower).where(_lower.c.id == number).values(**values))

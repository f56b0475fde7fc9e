"""Findings (认定) about schools as a register: those that stand and those taken back."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from monitor.store.index.tables import IndexDeclarationRow
from monitor.store.subtree import joined_in_subtree
from monitor.store.tables import UnitRow, table_of

_declaration = table_of(IndexDeclarationRow)
_unit = table_of(UnitRow)


def load_findings(connection: Connection, unit_path: str, kind: str, n_most: int) -> Sequence[Row[Any]]:
    """Return findings of a kind in a subtree with `unit_name`, withdrawn ones included, newest first."""
    query = (
        select(_declaration, _unit.c.name.label("unit_name"))
        .join(_unit, _unit.c.id == _declaration.c.unit_id)
        .where(_declaration.c.kind == kind, joined_in_subtree(unit_path))
        .order_by(_declaration.c.id.desc())
    )
    return connection.execute(query.limit(n_most)).all()


def find_standing(
    connection: Connection, kind: str, unit_id: int, period: str, reason: str, evidence: str
) -> int | None:
    """Return the number of a finding that stands and says the same, None without one."""
    query = select(_declaration.c.id).where(
        _declaration.c.kind == kind,
        _declaration.c.unit_id == unit_id,
        _declaration.c.period == period,
        _declaration.c.reason == reason,
        _declaration.c.evidence == evidence,
        _declaration.c.withdrawn_at.is_(None),
    )
    return connection.execute(query.limit(1)).scalar()

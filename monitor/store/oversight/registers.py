"""Entries of the registers 通报, 约谈, 调整要求 in the store. Functions of a connection."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection as Connection
from sqlalchemy import Select, insert, select, update

from monitor.registers import OPEN_STATES, EntryState, RegisterEntry, RegisterKind
from monitor.store.oversight.tables import RegisterEntryRow
from monitor.store.subtree import joined_in_subtree
from monitor.store.tables import UnitRow, table_of

_entry = table_of(RegisterEntryRow)
_unit = table_of(UnitRow)


def insert_entry(connection: Connection, values: Mapping[str, Any]) -> int:
    """Insert an entry; returns its number."""
    statement = insert(_entry).values(dict(values)).returning(_entry.c.id)
    return int(connection.execute(statement).scalar_one())


def find_twin(
    connection: Connection, kind: RegisterKind, unit_id: int, person: str, reason: str
) -> int | None:
    """Return the number of an open entry that says the same about the same unit."""
    query = select(_entry.c.id).where(
        _entry.c.kind == kind.value, _entry.c.unit_id == unit_id, _entry.c.reason == reason,
        _entry.c.state.in_([state.value for state in OPEN_STATES]),
    )  # fmt: skip
    if kind is RegisterKind.ADJUSTMENT:
        query = query.where(_entry.c.person == person)
    return connection.execute(query.order_by(_entry.c.id).limit(1)).scalar()


def find_entry(connection: Connection, entry_id: int, path: str) -> RegisterEntry | None:
    """Return an entry about a unit of a subtree, or None."""
    query = _entries(path).where(_entry.c.id == entry_id)
    row = connection.execute(query).one_or_none()
    return None if row is None else _to_entry(row)


def load_entries(
    connection: Connection, path: str, kinds: Collection[RegisterKind], *, only_open: bool, limit: int
) -> list[RegisterEntry]:
    """Return the entries of a subtree: open ones first, those due earliest first, then newest."""
    query = _entries(path).where(_entry.c.kind.in_([kind.value for kind in kinds]))
    is_open = _entry.c.state.in_([state.value for state in OPEN_STATES])
    if only_open:
        query = query.where(is_open)
    order = (is_open.desc(), _entry.c.due_on.is_(None), _entry.c.due_on, _entry.c.id.desc())
    return [_to_entry(row) for row in connection.execute(query.order_by(*order).limit(limit))]


def change_entry(
    connection: Connection, entry_id: int, expected: EntryState, values: Mapping[str, Any]
) -> bool:
    """Change an entry that still stands where it was read; False if somebody was quicker."""
    here = (_entry.c.id == entry_id, _entry.c.state == expected.value)
    return connection.execute(update(_entry).where(*here).values(dict(values))).rowcount == 1


def _entries(path: str) -> Select[Any]:
    query = select(
        _entry,
        _unit.c.code.label("unit_code"),
        _unit.c.name.label("unit_name"),
        _unit.c.path.label("unit_path"),
    )
    return query.join(_unit, _unit.c.id == _entry.c.unit_id).where(joined_in_subtree(path))


def _to_entry(row: Any) -> RegisterEntry:
    return RegisterEntry(
        row.id, RegisterKind(row.kind), EntryState(row.state), row.unit_code, row.unit_name, row.unit_path,
        row.person, row.reason, row.held_on, row.due_on, row.basis, row.reply, row.replied_at, row.outcome,
        row.closed_at, row.recorded_at, row.recorded_by_name,
    )  # fmt: skip


def load_recorder(connection: Connection, entry_id: int) -> str:
    """Return who made an entry, as the audit names people."""
    query = select(_entry.c.recorded_by).where(_entry.c.id == entry_id)
    return str(connection.execute(query).scalar_one())

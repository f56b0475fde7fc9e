"""Writing the directory: units, groups with their sources, topics, terms of office, accounts, audit.

Functions of a connection; what may be written is decided by `monitor.usecases.ledger.register`. `Connection`
is exported for the signatures of use cases, which only pass it on.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection as Connection
from sqlalchemy import Table, bindparam, func, insert, or_, select, update

from monitor.store.tables import (
    DesignatedOfficerRow,
    GroupManagerRow,
    GroupRow,
    GroupSourceRow,
    OfficialAccountRow,
    TopicRow,
    UnitRow,
    UnregisteredGroupRow,
    table_of,
)
from monitor.store.work_tables import AuditRow
from monitor.units import child_path

_unit = table_of(UnitRow)
_group = table_of(GroupRow)
_source = table_of(GroupSourceRow)
_unregistered = table_of(UnregisteredGroupRow)
_account = table_of(OfficialAccountRow)
_IN_ONE_STATEMENT = 5_000


def load_unit_paths(connection: Connection, codes: Collection[str] | None = None) -> dict[str, str]:
    """Return the paths of units by code, those that are switched off included.

    Args:
        connection: of the transaction that writes.
        codes: only these; None for all.
    """
    if codes is None:
        return {code: path for code, path in connection.execute(select(_unit.c.code, _unit.c.path))}
    rows = _where_in(connection, (_unit.c.code, _unit.c.path), _unit.c.code, codes)
    return {row[0]: row[1] for row in rows}


def has_units(connection: Connection) -> bool:
    """Tell whether any unit is registered."""
    return connection.execute(select(_unit.c.id).limit(1)).first() is not None


def load_group_codes(connection: Connection, codes: Collection[str]) -> set[str]:
    """Return which of the group codes are in use."""
    return {row[0] for row in _where_in(connection, (_group.c.code,), _group.c.code, codes)}


def load_source_pairs(connection: Connection, external_ids: Collection[str]) -> set[tuple[str, str]]:
    """Return the (source, external id) pairs in use among some external ids."""
    rows = _where_in(
        connection, (_source.c.source, _source.c.external_id), _source.c.external_id, external_ids
    )
    return {(row[0], row[1]) for row in rows}


def is_account_taken(connection: Connection, key: str, original_id: str) -> bool:
    """Tell whether an official account has this key or original id."""
    query = select(_account.c.id).where(or_(_account.c.key == key, _account.c.original_id == original_id))
    return connection.execute(query).first() is not None


def insert_units(connection: Connection, units: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Insert units with `code`, `name`, `kind`, `pinyin` and the `parent_path` ("/" for the root).

    Returns: ids by code.
    """
    rows = [
        {
            "code": unit["code"],
            "name": unit["name"],
            "kind": unit["kind"],
            "pinyin": unit["pinyin"],
            "parent_id": _last_id(unit["parent_path"]),
            "path": f"new:{unit['code']}",  # replaced below: the path holds the id, and is unique
            "is_active": True,
        }
        for unit in units
    ]
    ids = _insert_coded(connection, _unit, rows)
    paths = [
        {"of": ids[unit["code"]], "at": child_path(unit["parent_path"], ids[unit["code"]])} for unit in units
    ]
    connection.execute(update(_unit).where(_unit.c.id == bindparam("of")).values(path=bindparam("at")), paths)
    return ids


def insert_groups(connection: Connection, groups: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Insert groups with the columns of `wechat_group`; returns ids by code."""
    return _insert_coded(connection, _group, groups)


def insert_sources(connection: Connection, rows: Sequence[tuple[str, str, int]]) -> None:
    """Insert (source, external id, group id); such a group is no longer listed as unregistered."""
    _insert(
        connection,
        _source,
        [dict(zip(("source", "external_id", "group_id"), row, strict=True)) for row in rows],
    )
    gone = _unregistered.delete().where(
        _unregistered.c.source == bindparam("by"), _unregistered.c.external_id == bindparam("its_id")
    )
    if rows:
        connection.execute(gone, [{"by": row[0], "its_id": row[1]} for row in rows])


def insert_topics(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert topics (微话题) with the columns of `topic`."""
    _insert(connection, table_of(TopicRow), rows)


def insert_managers(connection: Connection, rows: Iterable[tuple[int, str, date]]) -> None:
    """Insert terms of group managers: (group id, name, first day)."""
    values = [{"group_id": group_id, "name": name, "since": since} for group_id, name, since in rows]
    _insert(connection, table_of(GroupManagerRow), values)


def insert_officers(connection: Connection, rows: Iterable[tuple[int, str, date]]) -> None:
    """Insert terms of designated officers (专责人员): (unit id, name, first day)."""
    values = [{"unit_id": unit_id, "name": name, "since": since} for unit_id, name, since in rows]
    _insert(connection, table_of(DesignatedOfficerRow), values)


def insert_account(connection: Connection, key: str, original_id: str, name: str, unit_id: int) -> int:
    """Insert an official account (公众号) and return its id."""
    values = {"key": key, "original_id": original_id, "name": name, "unit_id": unit_id, "is_active": True}
    return int(connection.execute(insert(_account).values(values).returning(_account.c.id)).scalar_one())


def has_open_term(connection: Connection, unit_id: int, day: date) -> bool:
    """Tell whether a unit has a designated officer on a day (exactly one is wanted, HN-2.2.2a)."""
    term = table_of(DesignatedOfficerRow)
    is_open = or_(term.c.until.is_(None), term.c.until >= day)
    query = select(func.count()).where(term.c.unit_id == unit_id, term.c.since <= day, is_open)
    return bool(connection.execute(query).scalar_one())


def write_audit(
    connection: Connection, at: datetime, actor: str, action: str, subject: str, detail: Mapping[str, Any]
) -> None:
    """Write who did what to what."""
    values = {"at": at, "actor": actor, "action": action, "subject": subject, "detail": dict(detail)}
    connection.execute(insert(table_of(AuditRow)).values(**values))


def load_audit_detail(connection: Connection, action: str) -> dict[str, Any] | None:
    """Return what the latest audit entry of an action says, or None if there is none."""
    audit = table_of(AuditRow)
    query = select(audit.c.detail).where(audit.c.action == action).order_by(audit.c.id.desc()).limit(1)
    return connection.execute(query).scalar()


def _insert_coded(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Insert rows of a table with unique codes in few statements; returns ids by code."""
    if not rows:
        return {}
    inserted = connection.execute(
        insert(table).returning(table.c.code, table.c.id), [dict(row) for row in rows]
    )
    return {code: row_id for code, row_id in inserted}


def _insert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), [dict(row) for row in rows])


def _where_in(
    connection: Connection, columns: Sequence[Any], column: Any, wanted: Collection[str]
) -> Iterable[Any]:
    """Yield rows whose column is one of many texts, a few thousand to a statement."""
    texts = sorted(wanted)
    for start in range(0, len(texts), _IN_ONE_STATEMENT):
        some = texts[start : start + _IN_ONE_STATEMENT]
        yield from connection.execute(select(*columns).where(column.in_(some)))


def _last_id(path: str) -> int | None:
    return int(path.rstrip("/").rpartition("/")[2]) if path != "/" else None

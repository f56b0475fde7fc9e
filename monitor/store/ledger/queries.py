"""Reading the ledger: changes, groups of a period, terms, unregistered groups, moves. Reads only."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, func, or_, select

from monitor.incidents.course import SETTLED, IncidentState
from monitor.ledger.ledger import ChangeKind, ChangeState, LedgerAccount, LedgerChange, LedgerGroup
from monitor.ledger.reconciliation import UnknownGroup
from monitor.ledger.terms import Place, Term
from monitor.ledger.unit_moves import Move
from monitor.store.directory import load_manager_names
from monitor.store.incidents.tables import IncidentPlaceRow
from monitor.store.ledger.rows import Connection
from monitor.store.ledger.tables import LedgerChangeRow
from monitor.store.subtree import joined_in_subtree
from monitor.store.tables import (
    DesignatedOfficerRow,
    GroupManagerRow,
    GroupRow,
    GroupSourceRow,
    OfficialAccountRow,
    UnitRow,
    UnregisteredGroupRow,
    table_of,
)
from monitor.units import GroupId

_change = table_of(LedgerChangeRow)
_unit = table_of(UnitRow)
_group = table_of(GroupRow)
_account = table_of(OfficialAccountRow)
_source = table_of(GroupSourceRow)
_unknown = table_of(UnregisteredGroupRow)
_manager = table_of(GroupManagerRow)
_officer = table_of(DesignatedOfficerRow)
_place = table_of(IncidentPlaceRow)
_OVER = [state.value for state in (*SETTLED, IncidentState.REVIEW)]
_MOVES = [kind.value for kind in (ChangeKind.MOVE_UNIT, ChangeKind.MOVE_GROUP)]
_MOST_ID = 2_147_483_647
_IN_ONE_STATEMENT = 10_000


def load_change(connection: Connection, number: int) -> LedgerChange | None:
    """Return one change by its number."""
    if not 0 < number <= _MOST_ID:
        return None
    return next(iter(_load(connection, _changes().where(_change.c.id == number))), None)


def load_changes(
    connection: Connection,
    path: str,
    first_day: date,
    last_day: date,
    kinds: Collection[ChangeKind] = (),
    limit: int = 500,
) -> list[LedgerChange]:
    """Return the changes of a subtree that took effect in a period, newest first; what is pending is none."""
    done = _change.c.state == ChangeState.DONE.value
    query = _changes().where(
        joined_in_subtree(path), done, _change.c.effective_on >= first_day, _change.c.effective_on <= last_day
    )
    if kinds:
        query = query.where(_change.c.kind.in_([kind.value for kind in kinds]))
    return _load(connection, query.order_by(_change.c.id.desc()).limit(limit))


def load_changes_of_group(connection: Connection, group_id: int, limit: int = 50) -> list[LedgerChange]:
    """Return the changes of one group in any state, newest first."""
    query = _changes().where(_change.c.group_id == group_id)
    return _load(connection, query.order_by(_change.c.id.desc()).limit(limit))


def load_sources(connection: Connection, group_id: int) -> list[str]:
    """Return the sources that know a group."""
    query = select(_source.c.source).where(_source.c.group_id == group_id).distinct()
    return list(connection.execute(query.order_by(_source.c.source)).scalars())


def load_later_members(connection: Connection, path: str, day: date) -> dict[int, list[LedgerChange]]:
    """Return the changes of members after a day, by group."""
    query = _changes().where(
        joined_in_subtree(path),
        _change.c.kind == ChangeKind.MEMBERS.value,
        _change.c.state == ChangeState.DONE.value,
        _change.c.effective_on > day,
    )
    found: dict[int, list[LedgerChange]] = {}
    for change in _load(connection, query):
        found.setdefault(change.group_id or 0, []).append(change)
    return found


def load_pending(connection: Connection, path: str, limit: int = 200) -> list[LedgerChange]:
    """Return what a subtree waits for (待审批), oldest first."""
    query = _changes().where(joined_in_subtree(path), _change.c.state == ChangeState.PENDING.value)
    return _load(connection, query.order_by(_change.c.id).limit(limit))


def count_pending(connection: Connection, path: str) -> int:
    """Return how much of a subtree waits for approval."""
    query = (
        select(func.count())
        .select_from(_change)
        .join(_unit, _unit.c.id == _change.c.unit_id)
        .where(joined_in_subtree(path), _change.c.state == ChangeState.PENDING.value)
    )
    return int(connection.execute(query).scalar_one())


def find_pending_opening(connection: Connection, unit_id: int, name: str) -> LedgerChange | None:
    """Return the opening of a group of that name that a unit waits for."""
    query = _changes().where(
        _change.c.unit_id == unit_id,
        _change.c.name == name,
        _change.c.kind == ChangeKind.OPEN.value,
        _change.c.state == ChangeState.PENDING.value,
    )
    return next(iter(_load(connection, query.order_by(_change.c.id))), None)


def load_codes_like(connection: Connection, stem: str) -> set[str]:
    """Return the codes in use or asked for that begin with a text."""
    groups = select(_group.c.code).where(_group.c.code.startswith(stem, autoescape=True))
    asked = select(_change.c.code).where(
        _change.c.code.startswith(stem, autoescape=True), _change.c.kind == ChangeKind.OPEN.value
    )
    return set(connection.execute(groups.union(asked)).scalars())


def load_ledger_groups(
    connection: Connection, path: str, first_day: date, last_day: date, limit: int = 20_000
) -> list[LedgerGroup]:
    """Return the groups of a subtree that were open at some time of a period, in order of code.

    A group that never was open (its last day is before its first) is none.
    """
    query = (
        select(
            _group.c.id, _group.c.code, _group.c.name, _unit.c.code, _unit.c.name,
            _group.c.member_count, _group.c.opened_on, _group.c.closed_on,
        )
        .join(_unit, _unit.c.id == _group.c.unit_id)
        .where(
            joined_in_subtree(path),
            _group.c.opened_on <= last_day,
            or_(
                _group.c.closed_on.is_(None),
                and_(_group.c.closed_on >= first_day, _group.c.closed_on >= _group.c.opened_on),
            ),
        )
        .order_by(_group.c.code)
        .limit(limit)
    )  # fmt: skip
    rows = connection.execute(query).all()
    names = load_manager_names(connection, [GroupId(row[0]) for row in rows], last_day)
    return [LedgerGroup(*row, names.get(GroupId(row[0]), "")) for row in rows]


def find_group_of_name(connection: Connection, unit_id: int, name: str, day: date) -> str | None:
    """Return the code of the open group of that name in a unit."""
    still_open = or_(_group.c.closed_on.is_(None), _group.c.closed_on >= day)
    query = select(_group.c.code).where(_group.c.unit_id == unit_id, _group.c.name == name, still_open)
    return connection.execute(query.order_by(_group.c.id).limit(1)).scalar()


def load_group_days(connection: Connection, group_id: int) -> tuple[date, date | None, int]:
    """Return first day, last day and members of a group."""
    query = select(_group.c.opened_on, _group.c.closed_on, _group.c.member_count)
    row = connection.execute(query.where(_group.c.id == group_id)).one()
    return row.opened_on, row.closed_on, row.member_count


def load_groups_of_unit(connection: Connection, unit_id: int) -> list[tuple[int, str, str]]:
    """Return id, code and name of every group of one unit, closed ones included."""
    query = select(_group.c.id, _group.c.code, _group.c.name).where(_group.c.unit_id == unit_id)
    return [(row[0], row[1], row[2]) for row in connection.execute(query.order_by(_group.c.code))]


def load_ledger_accounts(connection: Connection, path: str) -> list[LedgerAccount]:
    """Return the official accounts in use of a subtree."""
    query = (
        select(_account.c.key, _account.c.name, _unit.c.code, _unit.c.name)
        .join(_unit, _unit.c.id == _account.c.unit_id)
        .where(_account.c.is_active, joined_in_subtree(path))
        .order_by(_unit.c.code, _account.c.key)
    )
    return [LedgerAccount(*row) for row in connection.execute(query)]


def count_units(connection: Connection, path: str) -> int:
    """Return the number of active units of a subtree."""
    query = select(func.count()).select_from(_unit).where(_unit.c.is_active, joined_in_subtree(path))
    return int(connection.execute(query).scalar_one())


def load_unknown(connection: Connection, limit: int = 500) -> list[UnknownGroup]:
    """Return the groups that sources reported and nobody registered, the busiest first."""
    query = select(
        _unknown.c.source, _unknown.c.external_id, _unknown.c.first_seen_at, _unknown.c.last_seen_at,
        _unknown.c.n_events,
    )  # fmt: skip
    order = (_unknown.c.n_events.desc(), _unknown.c.source, _unknown.c.external_id)
    return [UnknownGroup(*row) for row in connection.execute(query.order_by(*order).limit(limit))]


def find_unknown(connection: Connection, external_id: str, source: str = "") -> list[UnknownGroup]:
    """Return the unregistered groups of an external id, of one source or of all."""
    query = select(
        _unknown.c.source, _unknown.c.external_id, _unknown.c.first_seen_at, _unknown.c.last_seen_at,
        _unknown.c.n_events,
    ).where(_unknown.c.external_id == external_id)  # fmt: skip
    if source:
        query = query.where(_unknown.c.source == source)
    return [UnknownGroup(*row) for row in connection.execute(query.order_by(_unknown.c.source))]


def count_open_incidents(connection: Connection, group_id: int) -> int:
    """Return how many incidents of a group are open and alarming."""
    query = select(func.count()).where(_place.c.group_id == group_id, _place.c.state.not_in(_OVER))
    return int(connection.execute(query).scalar_one())


def load_unit_places(connection: Connection, path: str, parent_id: int) -> list[Place]:
    """Return the active units of a subtree that anybody asks about (HN-2.2.2a), in order of path.

    A parent, the units right below it, and those that ever had an officer: few of 120,000.
    """
    is_staffed = _unit.c.id.in_(select(_officer.c.unit_id))
    query = select(_unit.c.id, _unit.c.id, _unit.c.code, _unit.c.name)
    query = query.where(_unit.c.is_active, joined_in_subtree(path))
    query = query.where(or_(is_staffed, _unit.c.id == parent_id, _unit.c.parent_id == parent_id))
    return [Place(*row) for row in connection.execute(query.order_by(_unit.c.path))]


def load_unit_heads(connection: Connection, unit_ids: Collection[int]) -> dict[int, tuple[str, str, str]]:
    """Return code, name and path of units by id."""
    found: dict[int, tuple[str, str, str]] = {}
    wanted = sorted(unit_ids)
    for start in range(0, len(wanted), _IN_ONE_STATEMENT):
        query = select(_unit.c.id, _unit.c.code, _unit.c.name, _unit.c.path)
        some = wanted[start : start + _IN_ONE_STATEMENT]
        rows = connection.execute(query.where(_unit.c.id.in_(some)))
        found |= {row[0]: (row[1], row[2], row[3]) for row in rows}
    return found


def load_group_places(
    connection: Connection, path: str, day: date, *, only_vacant: bool = False
) -> list[Place]:
    """Return the open groups of a subtree as places of managers, in order of code.

    `only_vacant` leaves out those with a manager in office (HN-2.2.2b).
    """
    query = (
        select(_group.c.id, _group.c.unit_id, _group.c.code, _group.c.name)
        .join(_unit, _unit.c.id == _group.c.unit_id)
        .where(
            _unit.c.is_active,
            joined_in_subtree(path),
            _group.c.opened_on <= day,
            or_(_group.c.closed_on.is_(None), _group.c.closed_on >= day),
        )
        .order_by(_group.c.code)
    )
    if only_vacant:
        query = query.where(_group.c.id.not_in(select(_manager.c.group_id).where(_in_office(day))))
    return [Place(*row) for row in connection.execute(query)]


def load_officers(connection: Connection, path: str) -> list[Term]:
    """Return every term of officers of a subtree, ended ones included, oldest first."""
    return _terms(connection, _officer, _officer.c.unit_id, _unit.c.id == _officer.c.unit_id, path)


def count_managers(connection: Connection, path: str, day: date) -> tuple[int, int]:
    """Return how many managers of a subtree's groups are in office, and how many of them are bound."""
    query = (
        select(func.count(), func.count(_manager.c.identity_id))
        .select_from(_manager)
        .join(_group, _group.c.id == _manager.c.group_id)
        .join(_unit, _unit.c.id == _group.c.unit_id)
        .where(joined_in_subtree(path), _in_office(day))
    )
    n_managers, n_bound = connection.execute(query).one()
    return int(n_managers), int(n_bound)


def load_terms_of_groups(connection: Connection, group_ids: Collection[int]) -> list[Term]:
    """Return every term of managers of some groups, ended ones included, oldest first."""
    found: list[Term] = []
    wanted = sorted(group_ids)
    for start in range(0, len(wanted), _IN_ONE_STATEMENT):
        query = select(
            _manager.c.id, _manager.c.group_id, _manager.c.name, _manager.c.since, _manager.c.until,
            _manager.c.identity_id.is_not(None),
        ).where(_manager.c.group_id.in_(wanted[start : start + _IN_ONE_STATEMENT]))  # fmt: skip
        rows = connection.execute(query)
        found += [Term(row[0], row[1], row[2], row[3], row[4], bool(row[5])) for row in rows]
    return sorted(found, key=lambda term: term.term_id)


def load_terms_of_group(connection: Connection, group_id: int) -> list[Term]:
    """Return every term of one group's managers, oldest first."""
    return load_terms_of_groups(connection, [group_id])


def _in_office(day: date) -> Any:
    """Return the condition that a manager's term holds on a day, as `Term.holds_on` says it."""
    return and_(_manager.c.since <= day, or_(_manager.c.until.is_(None), _manager.c.until >= day))


def load_moves(connection: Connection, day: date) -> list[Move]:
    """Return the moves of units and groups after a day."""
    query = select(_change).where(
        _change.c.effective_on > day,
        _change.c.kind.in_(_MOVES),
        _change.c.state == ChangeState.DONE.value,
    )
    return [
        Move(
            row.id, row.effective_on, row.before["path"], row.after["path"],
            row.group_id, int(row.before.get("unit_id", 0)),
        )
        for row in connection.execute(query)
    ]  # fmt: skip


def _terms(connection: Connection, table: Any, place: Any, joined: Any, path: str) -> list[Term]:
    query = (
        select(
            table.c.id, place, table.c.name, table.c.since, table.c.until, table.c.identity_id.is_not(None)
        )
        .join(_unit, joined)
        .where(joined_in_subtree(path))
        .order_by(table.c.id)
    )
    return [Term(row[0], row[1], row[2], row[3], row[4], bool(row[5])) for row in connection.execute(query)]


def _changes() -> Select[Any]:
    unit = (_unit.c.name.label("unit_name"), _unit.c.path.label("unit_path"))
    return select(_change, *unit).join(_unit, _unit.c.id == _change.c.unit_id)


def _load(connection: Connection, query: Select[Any]) -> list[LedgerChange]:
    return list(_to_changes(connection.execute(query)))


def _to_changes(rows: Iterable[Any]) -> Iterable[LedgerChange]:
    return (
        LedgerChange(
            number=row.id,
            kind=ChangeKind(row.kind),
            state=ChangeState(row.state),
            unit_id=row.unit_id,
            unit_name=row.unit_name,
            unit_path=row.unit_path,
            group_id=row.group_id,
            code=row.code,
            name=row.name,
            before=row.before,
            after=row.after,
            reason=row.reason,
            effective_on=row.effective_on,
            asked_at=row.asked_at,
            asked_by=row.asked_by,
            asked_by_name=row.asked_by_name,
            decided_by_name=row.decided_by_name,
            decided_at=row.decided_at,
            note=row.note,
        )
        for row in rows
    )

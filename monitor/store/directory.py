"""Look-ups of the directory: units, groups, accounts, topics, identities. Functions of a connection."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Select, and_, or_, select

from monitor.days.topics import Topic
from monitor.store.tables import (
    ChatIdentityRow,
    GroupManagerRow,
    GroupRow,
    GroupSourceRow,
    OfficialAccountRow,
    TopicRow,
    UnitRow,
    table_of,
)
from monitor.units import AccountId, Group, GroupId, Unit, UnitId, ancestor_ids, subtree_bounds

_unit = table_of(UnitRow)
_group = table_of(GroupRow)
_group_source = table_of(GroupSourceRow)
_account = table_of(OfficialAccountRow)
_topic = table_of(TopicRow)
_manager = table_of(GroupManagerRow)
_identity = table_of(ChatIdentityRow)
_MOST_ID = 2_147_483_647
_UNIT = (_unit.c.id, _unit.c.code, _unit.c.name, _unit.c.kind, _unit.c.path, _unit.c.parent_id)
_GROUP = (
    _group.c.id,
    _group.c.code,
    _group.c.name,
    _group.c.unit_id,
    _unit.c.path.label("unit_path"),
    _unit.c.name.label("unit_name"),
    _group.c.member_count,
)


@dataclass(frozen=True, slots=True)
class Account:
    """A registered official account (公众号)."""

    account_id: AccountId
    key: str
    name: str
    original_id: str
    unit: Unit


def units() -> Select[Any]:
    """Return the query of active units, to be narrowed by the caller."""
    return select(*_UNIT).where(_unit.c.is_active)


def groups(on_day: date | None = None) -> Select[Any]:
    """Return the query of groups with their unit, optionally only those open on a day, to be narrowed."""
    query = select(*_GROUP).join(_unit, _unit.c.id == _group.c.unit_id)
    if on_day is not None:
        query = query.where(
            _group.c.opened_on <= on_day, or_(_group.c.closed_on.is_(None), _group.c.closed_on >= on_day)
        )
    return query


def in_subtree(path: str) -> Any:
    """Return the condition that a joined unit lies in the subtree of a path, its root included."""
    low, high = subtree_bounds(path)
    return and_(_unit.c.path >= low, _unit.c.path < high)


def load_units(connection: Connection, query: Select[Any]) -> list[Unit]:
    """Run a query made by `units()`."""
    return [_to_unit(row) for row in connection.execute(query)]


def load_groups(connection: Connection, query: Select[Any]) -> list[Group]:
    """Run a query made by `groups()`."""
    rows = connection.execute(query)
    return [Group(GroupId(row[0]), row[1], row[2], UnitId(row[3]), *row[4:]) for row in rows]


def load_unit(connection: Connection, unit_id: int) -> Unit | None:
    """Return one unit by id."""
    return next(iter(load_units(connection, units().where(_unit.c.id == unit_id))), None)


def load_units_by_id(connection: Connection, unit_ids: Iterable[int]) -> list[Unit]:
    """Return active units by id, in no order."""
    wanted = list(unit_ids)
    return [
        unit
        for start in range(0, len(wanted), 10_000)
        for unit in load_units(connection, units().where(_unit.c.id.in_(wanted[start : start + 10_000])))
    ]


def load_unit_by_code(connection: Connection, code: str) -> Unit | None:
    """Return one unit by code, whatever its case."""
    return next(iter(load_units(connection, units().where(_unit.c.code == code.upper()))), None)


def load_children(connection: Connection, unit_id: int) -> list[Unit]:
    """Return the direct children of a unit in order of code."""
    return load_units(connection, units().where(_unit.c.parent_id == unit_id).order_by(_unit.c.code))


def load_ancestors(connection: Connection, path: str) -> list[Unit]:
    """Return the units on a path from the root down, the unit itself last."""
    return load_units(connection, units().where(_unit.c.id.in_(ancestor_ids(path))).order_by(_unit.c.path))


def load_group_by_code(connection: Connection, code: str) -> Group | None:
    """Return one group by code, whatever its case."""
    return next(iter(load_groups(connection, groups().where(_group.c.code == code.upper()))), None)


def load_group_by_source(connection: Connection, source: str, external_id: str) -> Group | None:
    """Return the group that a source knows by an external id, or None if nobody registered it."""
    query = groups().join(_group_source, _group_source.c.group_id == _group.c.id)
    query = query.where(_group_source.c.source == source, _group_source.c.external_id == external_id)
    return next(iter(load_groups(connection, query)), None)


def load_topics(connection: Connection, group_ids: Iterable[GroupId]) -> dict[GroupId, list[Topic]]:
    """Return all topics of groups, open or closed; a group without topics is absent."""
    found: dict[GroupId, list[Topic]] = {}
    for wanted in _slices(list(group_ids)):
        query = select(_topic).where(_topic.c.group_id.in_(wanted)).order_by(_topic.c.id)
        for row in connection.execute(query):
            topic = Topic(row.id, row.group_id, row.title, tuple(row.keywords), row.opened_on, row.closed_on)
            found.setdefault(topic.group_id, []).append(topic)
    return found


def load_topic(connection: Connection, topic_id: int) -> Topic | None:
    """Return one topic by id, open or closed; no topic has an id that the database cannot hold."""
    if not 0 < topic_id <= _MOST_ID:
        return None
    row = connection.execute(select(_topic).where(_topic.c.id == topic_id)).one_or_none()
    if row is None:
        return None
    return Topic(row.id, row.group_id, row.title, tuple(row.keywords), row.opened_on, row.closed_on)


def load_manager_names(connection: Connection, group_ids: Iterable[GroupId], day: date) -> dict[GroupId, str]:
    """Return the names of the managers in office on a day, joined by 「、」."""
    found: dict[GroupId, list[str]] = {}
    for wanted in _slices(list(group_ids)):
        query = select(_manager.c.group_id, _manager.c.name).where(
            _manager.c.group_id.in_(wanted),
            _manager.c.since <= day,
            or_(_manager.c.until.is_(None), _manager.c.until >= day),
        )
        for group_id, name in connection.execute(query.order_by(_manager.c.id)):
            found.setdefault(group_id, []).append(name)
    return {group_id: "、".join(names) for group_id, names in found.items()}


def load_accounts(connection: Connection, condition: Any) -> list[Account]:
    """Return active official accounts that fulfil a condition over accounts joined with units."""
    query = (
        select(_account.c.id, _account.c.key, _account.c.name,
               _account.c.original_id, *_UNIT)
        .join(_unit, _unit.c.id == _account.c.unit_id)
        .where(_account.c.is_active, condition)
        .order_by(_account.c.key)
    )  # fmt: skip
    rows = connection.execute(query)
    return [Account(AccountId(row[0]), row[1], row[2], row[3], _to_unit(row[4:])) for row in rows]


def load_account(connection: Connection, key: str) -> Account | None:
    """Return one official account by the key of its configuration."""
    return next(iter(load_accounts(connection, _account.c.key == key)), None)


def _to_unit(row: Any) -> Unit:
    return Unit(UnitId(row[0]), row[1], row[2], row[3], row[4], row[5])


def _slices(ids: list[GroupId], size: int = 10_000) -> Iterable[list[GroupId]]:
    """Cut a list of ids to what one statement may hold."""
    return (ids[start : start + size] for start in range(0, len(ids), size))

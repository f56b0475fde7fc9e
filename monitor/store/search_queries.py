"""Finding units and groups by code, name or pinyin initials (拼音首字母), inside a viewer's scope."""

from collections.abc import Callable, Collection
from typing import Any, NamedTuple

from sqlalchemy import case, func, literal, or_, select

from monitor.pinyin import has_initials
from monitor.store import directory
from monitor.store.days.queries import Connection
from monitor.store.subtree import joined_in_subtree
from monitor.store.tables import GroupRow, OfficialAccountRow, UnitRow, table_of
from monitor.units import Group, GroupId, Unit

_account = table_of(OfficialAccountRow)
_unit = table_of(UnitRow)
_group = table_of(GroupRow)


class FoundAccount(NamedTuple):
    """An official account (公众号) that a text means."""

    key: str
    name: str
    unit_code: str
    unit_name: str


def find_units(connection: Connection, path: str, text: str, limit: int) -> list[Unit]:
    """Return the active units of a subtree that a text means: the best kind of match there is.

    Code, then whole name, then part of the name, then initials; short names first.
    """
    by_initials = None
    if _is_latin(text):  # of several readings each begins after a space
        pinyin, wanted = _unit.c.pinyin, text.lower()
        by_initials = or_(pinyin.startswith(wanted, autoescape=True), pinyin.contains(f" {wanted}"))
    rank, is_match = _match(_unit, text, by_initials)
    here = joined_in_subtree(path)  # for the root: one pass over the units, not one by the index of paths
    ranks = select(func.min(rank)).where(_unit.c.is_active, here, is_match)
    best = connection.execute(ranks).scalar()
    if best is None:
        return []
    query = directory.units().where(here, is_match, rank == best)
    query = query.order_by(func.length(_unit.c.name), _unit.c.code)
    return directory.load_units(connection, query.limit(limit))


def find_groups(
    connection: Connection, path: str, only: Collection[GroupId] | None, text: str, limit: int
) -> list[Group]:
    """Return the groups of a subtree, or of a list of ids, that a text means; order as `find_units`."""
    scope = directory.in_subtree(path) if only is None else _group.c.id.in_(only)
    rank, is_match = _match(_group, text, None)
    query = directory.groups().where(scope, is_match).add_columns(rank.label("rank"))
    rows = connection.execute(query.order_by("rank", func.length(_group.c.name), _group.c.code).limit(limit))
    ranked = [(row[0], row.rank) for row in rows]
    ids = [GroupId(group_id) for group_id, rank in ranked if rank == ranked[0][1]]
    if not ids and _is_latin(text):
        ids = _groups_by_initials(connection, scope, text.lower())[:limit]
    return load_groups_by_id(connection, ids)


def find_accounts(connection: Connection, path: str, text: str, limit: int) -> list[FoundAccount]:
    """Return the active official accounts of a subtree that a text means; order as `find_units`.

    An account has no code of ours: its key takes the place of one.
    """
    query = select(_account.c.key, _account.c.name, _unit.c.code, _unit.c.name)
    query = query.join(_unit, _unit.c.id == _account.c.unit_id)
    query = query.where(_account.c.is_active, directory.in_subtree(path))
    query = query.order_by(func.length(_account.c.name), _account.c.key)
    accounts = [FoundAccount(*row) for row in connection.execute(query)]
    wanted = text.lower()
    tiers: list[Callable[[FoundAccount], bool]] = [
        lambda one: one.key.lower() == wanted,
        lambda one: one.name == text,
        lambda one: wanted in one.name.lower(),
        lambda one: _is_latin(text) and has_initials(one.name, wanted),
    ]
    found = (list(filter(tier, accounts)) for tier in tiers)
    return next((some for some in found if some), [])[:limit]


def load_groups_by_id(connection: Connection, group_ids: Collection[GroupId]) -> list[Group]:
    """Return groups in the order of their ids' list."""
    query = directory.groups().where(_group.c.id.in_(group_ids))
    by_id = {group.group_id: group for group in directory.load_groups(connection, query)}
    return [by_id[group_id] for group_id in group_ids if group_id in by_id]


def _groups_by_initials(connection: Connection, scope: Any, wanted: str) -> list[GroupId]:
    """Return the groups whose initials begin with a text; groups have no column of them."""
    query = select(_group.c.id, _group.c.name).join(_unit, _unit.c.id == _group.c.unit_id).where(scope)
    rows = connection.execute(query.order_by(func.length(_group.c.name), _group.c.code))
    return [GroupId(row[0]) for row in rows if has_initials(row[1], wanted)]


def _match(table: Any, text: str, by_initials: Any) -> tuple[Any, Any]:
    """Return the rank of a match, 0 best, and the condition that there is one."""
    tiers = [
        table.c.code == text.upper(),
        table.c.name == text,
        func.lower(table.c.name).contains(text.lower(), autoescape=True),
    ]
    if by_initials is not None:
        tiers.append(by_initials)
    rank = case(*((tier, literal(number)) for number, tier in enumerate(tiers)), else_=literal(len(tiers)))
    return rank, or_(*tiers)


def _is_latin(text: str) -> bool:
    return len(text) >= 2 and text.isascii() and text.isalpha()

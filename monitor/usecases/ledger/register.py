"""Registering (登记) units, groups, accounts, people and invitations.

All functions run in the caller's transaction. `refuse_units` and `refuse_groups` decide about many rows
without writing, so that an import can show its bad rows first; `add_accepted_…` write the good ones,
`add_…` raise for the first bad one. Values are in `monitor.ledger.registration`. A console user is saved by
`monitor.usecases.people.sign_in.SignIn.save_user`.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from monitor.console.dictionaries import UNIT_KIND
from monitor.errors import BadParameter, GroupNotFound, UnitNotFound
from monitor.ledger.registration import (
    NewGroup,
    NewTopic,
    NewUnit,
    Refused,
    Sorted,
    clean_code,
    clean_external_id,
    clean_group,
    clean_key,
    clean_name,
    clean_unit,
    fold_code,
    sort_groups,
    sort_units,
)
from monitor.pinyin import all_initials
from monitor.store import directory
from monitor.store.console.dictionaries import load_retired
from monitor.store.ledger import registry
from monitor.store.ledger.registry import Connection
from monitor.store.people import bindings
from monitor.store.people.bindings import Holding
from monitor.units import AccountId, Group, GroupId, Role, Unit, UnitId
from monitor.usecases.people.bind import invitation_hash


def refuse_units(connection: Connection, units: Sequence[NewUnit]) -> Sorted:
    """Decide which of many units can be registered now; writes nothing."""
    retired = load_retired(connection, UNIT_KIND)
    return sort_units(units, registry.load_unit_paths(connection).keys(), retired)


def refuse_groups(connection: Connection, groups: Sequence[NewGroup]) -> Sorted:
    """Decide which of many groups can be registered now; writes nothing."""
    codes = {fold_code(group.code) for group in groups}
    its_ids = {its_id.strip() for group in groups for _, its_id in group.sources}
    return sort_groups(
        groups,
        registry.load_unit_paths(connection).keys(),
        registry.load_group_codes(connection, codes),
        registry.load_source_pairs(connection, its_ids),
    )


def add_units(connection: Connection, units: Sequence[NewUnit]) -> dict[str, Unit]:
    """Register units, parents in any order; returns them by code.

    Source: HN-1.1, HN-1.2.
    Raises: BadParameter for the first that cannot be registered; then none is.
    """
    return _write_units(connection, units, _all_or_nothing(refuse_units(connection, units)))


def add_unit(connection: Connection, unit: NewUnit) -> Unit:
    """Register one unit; see `add_units`."""
    return next(iter(add_units(connection, [unit]).values()))


def add_groups(connection: Connection, groups: Sequence[NewGroup], opened_on: date) -> dict[str, GroupId]:
    """Register groups that are open from a day, with sources, topics and managers; returns ids by code.

    Source: HN-2.1.1 (台账), HN-2.1.3b (微话题), HN-2.2.2b (管理员).
    Raises: BadParameter for the first that cannot be registered; then none is.
    """
    _all_or_nothing(refuse_groups(connection, groups))
    return _write_groups(connection, [clean_group(group) for group in groups], opened_on)


def add_group(connection: Connection, group: NewGroup, opened_on: date) -> Group:
    """Register one group; see `add_groups`, also for what it raises."""
    add_groups(connection, [group], opened_on)
    found = directory.load_group_by_code(connection, clean_code(group.code))
    if found is None:
        raise GroupNotFound(f"group {group.code!r} was not written")
    return found


def add_accepted_units(connection: Connection, units: Sequence[NewUnit]) -> list[Refused]:
    """Register the units that can be registered and return the others."""
    found = refuse_units(connection, units)
    _write_units(connection, units, found.accepted)
    return found.refused


def add_accepted_groups(connection: Connection, groups: Sequence[NewGroup], opened_on: date) -> list[Refused]:
    """Register the groups that can be registered and return the others."""
    found = refuse_groups(connection, groups)
    _write_groups(connection, [clean_group(groups[index]) for index in found.accepted], opened_on)
    return found.refused


def add_account(connection: Connection, key: str, original_id: str, name: str, unit_code: str) -> AccountId:
    """Register an official account (公众号) under the key of its configuration.

    Source: HN-A2.1.
    Raises: BadParameter, UnitNotFound.
    """
    key, original_id = clean_key(key, "公众号标识"), clean_external_id(original_id)
    unit = _unit(connection, unit_code)
    if registry.is_account_taken(connection, key, original_id):
        raise BadParameter("account", user_text=f"公众号 {key} 或原始ID {original_id} 已登记")
    return AccountId(registry.insert_account(connection, key, original_id, clean_name(name), unit.unit_id))


def add_manager(connection: Connection, group_code: str, name: str, since: date) -> None:
    """Begin a term of a group manager (群管理员); a group may have several.

    Source: HN-2.2.2b.
    Raises: BadParameter, GroupNotFound.
    """
    group = directory.load_group_by_code(connection, clean_code(group_code))
    if group is None:
        raise GroupNotFound(f"no group {group_code!r}")
    registry.insert_managers(connection, [(group.group_id, clean_name(name, "管理员"), since)])


def add_officer(connection: Connection, unit_code: str, name: str, since: date) -> None:
    """Begin the term of a unit's designated officer (专责人员); there is only one at a time.

    Source: HN-2.2.2a.
    Raises: BadParameter if there is one already, UnitNotFound.
    """
    unit = _unit(connection, unit_code)
    if registry.has_open_term(connection, unit.unit_id, since):
        raise BadParameter("officer", user_text=f"{unit.name}已有专责人员，请先办理交接")
    registry.insert_officers(connection, [(unit.unit_id, clean_name(name, "专责人员"), since)])


def add_invitation(
    connection: Connection,
    code: str,
    role: Role,
    unit_code: str,
    *,
    group_code: str = "",
    display_name: str = "",
    is_reusable: bool = False,
    expires_at: datetime | None = None,
) -> None:
    """Store an invitation (邀请码) by its hash; an existing one of the same code becomes as good as new.

    Source: HN-2.2.2b.
    Raises: BadParameter for a group manager without a group, UnitNotFound, GroupNotFound.
    """
    group = directory.load_group_by_code(connection, clean_code(group_code)) if group_code else None
    if group_code and group is None:
        raise GroupNotFound(f"no group {group_code!r}")
    if (role is Role.GROUP_MANAGER) != (group is not None):
        raise BadParameter("group", user_text="群管理员的邀请码须指明群，其他角色不指明")
    unit = _unit(connection, unit_code)
    holding = Holding(role.value, unit.unit_id, group.group_id if group else None, display_name)
    bindings.save_invitation(
        connection, invitation_hash(code), holding, is_reusable=is_reusable, expires_at=expires_at
    )


def _all_or_nothing(found: Sorted) -> list[int]:
    if found.refused:
        first = min(found.refused, key=lambda refused: refused.index)
        raise BadParameter("refused", user_text=first.reason)
    return found.accepted


def _write_units(connection: Connection, units: Sequence[NewUnit], order: Sequence[int]) -> dict[str, Unit]:
    """Insert units level by level, because a path holds the ids above it."""
    cleaned = [clean_unit(units[index]) for index in order]
    parents = {unit.parent_code for unit in cleaned if unit.parent_code}
    paths = registry.load_unit_paths(connection, parents)
    written: dict[str, Unit] = {}
    while cleaned:
        level = [unit for unit in cleaned if not unit.parent_code or unit.parent_code in paths]
        ids = registry.insert_units(connection, [_unit_row(unit, paths) for unit in level])
        for unit in level:
            above = paths.get(unit.parent_code, "/")
            path = f"{above}{ids[unit.code]}/"
            written[unit.code] = Unit(
                UnitId(ids[unit.code]), unit.code, unit.name, unit.kind, path, _id_of(above)
            )
        paths |= {unit.code: written[unit.code].path for unit in level}
        cleaned = [unit for unit in cleaned if unit.code not in written]
    return written


def _unit_row(unit: NewUnit, paths: Mapping[str, str]) -> dict[str, str]:
    return {
        "code": unit.code,
        "name": unit.name,
        "kind": unit.kind,
        "pinyin": all_initials(unit.name),
        "parent_path": paths.get(unit.parent_code, "/"),
    }


def _write_groups(connection: Connection, groups: Sequence[NewGroup], opened_on: date) -> dict[str, GroupId]:
    unit_ids = {
        code: _id_of(path)
        for code, path in registry.load_unit_paths(connection, {group.unit_code for group in groups}).items()
    }
    rows = [
        {
            "code": group.code,
            "name": group.name,
            "unit_id": unit_ids[group.unit_code],
            "member_count": group.member_count,
            "opened_on": opened_on,
        }
        for group in groups
    ]
    ids = registry.insert_groups(connection, rows)
    of_group = [(ids[group.code], group) for group in groups]
    registry.insert_sources(connection, [(*pair, id_) for id_, group in of_group for pair in group.sources])
    topics = [_topic_row(id_, topic, opened_on) for id_, group in of_group for topic in group.topics]
    registry.insert_topics(connection, topics)
    registry.insert_managers(
        connection, [(id_, name, opened_on) for id_, group in of_group for name in group.managers]
    )
    return {code: GroupId(id_) for code, id_ in ids.items()}


def _topic_row(group_id: int, topic: NewTopic, opened_on: date) -> dict[str, object]:
    return {
        "group_id": group_id,
        "title": topic.title,
        "keywords": list(topic.keywords),
        "opened_on": topic.opened_on or opened_on,
    }


def _unit(connection: Connection, code: str) -> Unit:
    unit = directory.load_unit_by_code(connection, clean_code(code))
    if unit is None:
        raise UnitNotFound(f"no unit {code!r}")
    return unit


def _id_of(path: str) -> UnitId | None:
    return UnitId(int(path.rstrip("/").rpartition("/")[2])) if path != "/" else None

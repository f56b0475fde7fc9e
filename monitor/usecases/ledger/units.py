"""Units in the ledger: move (划转), merge (合并), close (撤销). Nothing of their past is lost or moved.

The paths of a subtree are rewritten; closed days stay attributed to where they happened, and a day that is
closed again is added up along the tree of that day (`monitor.ledger.unit_moves`). Functions of a clerk.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from monitor.delivery.alerts import AlertKind
from monitor.errors import BadParameter, CommandError, StateError
from monitor.ledger.ledger import ChangeKind, ChangeState
from monitor.store import directory
from monitor.store.delivery import alerts as alert_rows
from monitor.store.ledger import queries as ledger_queries
from monitor.store.ledger import rows as ledger_rows
from monitor.store.ledger.rows import NewChange
from monitor.units import Role, Unit, child_path
from monitor.usecases.ledger.desk import Acted, Clerk, require_reason


class BadMove(BadParameter):
    """A unit cannot be put below itself, and the root stays."""

    code = "bad_move"
    user_text = "不能划转到本单位或其下级，最上级单位不能划转"


class UnitInUse(StateError):
    """A unit with subordinate units, open groups or accounts is not closed."""

    code = "unit_in_use"
    user_text = "该单位还有下级单位、在用的群或公众号，未撤销"


def move_unit(clerk: Clerk, code: str, parent_code: str, reason: str) -> Acted:
    """Put a unit with everything below it under another unit.

    Source: HN-1.1, HN-1.2 (the tree changes); decision 0015.
    Raises: BadMove, BadParameter without a reason, OutOfScope, ReadOnlyRole, CommandError.
    """
    unit, parent = _find_pair(clerk, code, parent_code)
    remark = require_reason(reason)
    if unit.parent_id == parent.unit_id:
        return Acted(None, 0, unit.code)
    return _move(clerk, unit, parent, remark)


def merge_units(clerk: Clerk, code: str, target_code: str, reason: str) -> Acted:
    """Merge a unit into another: its groups, accounts and lower units go there, it is switched off.

    Its group managers go with their groups; its administrators keep a role in a unit that is empty: rights
    over the target are given anew, by invitation, never by a merger.

    Source: HN-1.1; decision 0015.
    Raises: as `move_unit`.
    """
    unit, target = _find_pair(clerk, code, target_code)
    remark = require_reason(reason)
    for child in directory.load_children(clerk.connection, unit.unit_id):
        if target.path.startswith(child.path):
            raise BadMove(f"{target.code} lies below {unit.code}")
        _move(clerk, child, target, remark)
    for group in ledger_queries.load_groups_of_unit(clerk.connection, unit.unit_id):
        before = {"unit_id": unit.unit_id, "path": unit.path}
        after = {"unit_id": target.unit_id, "path": target.path}
        values = (target.unit_id, group[0], group[1], group[2], before, after, remark, clerk.today)
        clerk.write(NewChange(ChangeKind.MOVE_GROUP, ChangeState.DONE, *values))
    ledger_rows.move_groups(clerk.connection, unit.unit_id, target.unit_id)
    ledger_rows.hand_over_to(clerk.connection, unit.unit_id, target.unit_id)
    _switch_off(clerk, unit)
    after = {"into": target.code, "into_name": target.name}
    return _write(clerk, ChangeKind.MERGE_UNIT, unit, {"path": unit.path}, after, remark)


def close_unit(clerk: Clerk, code: str, reason: str) -> Acted:
    """Switch a unit off that has nothing left; its history stays to be read.

    Source: HN-1.1.
    Raises: UnitInUse, BadMove for the root, BadParameter without a reason, OutOfScope, ReadOnlyRole.
    """
    unit = _find(clerk, code)
    remark = require_reason(reason)
    path, day = unit.path, clerk.today
    n_units = ledger_queries.count_units(clerk.connection, path) - 1
    n_groups = len(ledger_queries.load_group_places(clerk.connection, path, day))
    n_accounts = len(ledger_queries.load_ledger_accounts(clerk.connection, path))
    if n_units or n_groups or n_accounts:
        text = f"{unit.name}还有下级单位 {n_units} 个、在用的群 {n_groups} 个、公众号 {n_accounts} 个，未撤销"
        raise UnitInUse(f"{unit.code} is in use", user_text=text)
    _switch_off(clerk, unit)
    return _write(clerk, ChangeKind.CLOSE_UNIT, unit, {"path": unit.path}, {}, remark)


def _move(clerk: Clerk, unit: Unit, parent: Unit, reason: str) -> Acted:
    if parent.path.startswith(unit.path):
        raise BadMove(f"{parent.code} lies below {unit.code}")
    after = child_path(parent.path, unit.unit_id)
    ledger_rows.move_subtree(clerk.connection, unit.unit_id, parent.unit_id, unit.path, after)
    if parent.depth > 0:
        _end_run_alerts(clerk, unit, after)
    above = directory.load_unit(clerk.connection, unit.parent_id or 0)
    before = {"path": unit.path, "parent": above.name if above else ""}
    return _write(clerk, ChangeKind.MOVE_UNIT, unit, before, {"path": after, "parent": parent.name}, reason)


def _switch_off(clerk: Clerk, unit: Unit) -> None:
    """Switch a unit off and end the terms of its officers with yesterday, and what is told of its run."""
    for term in ledger_queries.load_officers(clerk.connection, unit.path):
        if term.place_id == unit.unit_id and term.holds_on(clerk.today):
            ledger_rows.end_officer(clerk.connection, term.term_id, clerk.today - timedelta(days=1))
    ledger_rows.switch_unit(clerk.connection, unit.unit_id, is_active=False)
    _end_run_alerts(clerk, unit, unit.path)


def _end_run_alerts(clerk: Clerk, unit: Unit, path: str) -> None:
    """End the open alerts 连续差 of a unit that is no 市县 any more: no grade is left to cap (HN-4.1e)."""
    own = f"poor_streak:{unit.unit_id}:"
    kinds = (AlertKind.POOR_STREAK.value,)
    standing = alert_rows.load_standing(clerk.connection, kinds, path, clerk.today)
    ended = [alert.alert_id for alert in standing if alert.key.startswith(own)]
    alert_rows.resolve_alerts(clerk.connection, ended, clerk.now)


def _find_pair(clerk: Clerk, code: str, other_code: str) -> tuple[Unit, Unit]:
    unit, other = _find(clerk, code), clerk.find_unit(other_code.strip() or "-")
    if other.path.startswith(unit.path):
        raise BadMove(f"{other.code} is {unit.code} or lies below it")
    return unit, other


def _find(clerk: Clerk, code: str) -> Unit:
    """Return a unit that the person may reorganise: strictly below their own, never the root."""
    clerk.require_writer()
    if clerk.viewer.role is Role.BRANCH_ADMIN:
        raise CommandError("a branch reorganises", user_text="单位划转、合并、撤销由市县、高校或团省委办理")
    ledger_rows.own_tree(clerk.connection)
    unit = clerk.find_unit(code.strip() or "-")
    if unit.parent_id is None or unit.path == clerk.viewer.unit_path:
        raise BadMove(f"{unit.code} is the root or one's own")
    return unit


def _write(
    clerk: Clerk,
    kind: ChangeKind,
    unit: Unit,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    reason: str,
) -> Acted:
    return clerk.write(
        NewChange(
            kind,
            ChangeState.DONE,
            unit.unit_id,
            None,
            unit.code,
            unit.name,
            before,
            after,
            reason,
            clerk.today,
        )
    )

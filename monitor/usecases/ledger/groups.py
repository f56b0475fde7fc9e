"""Groups in the ledger: open (开通), change members (变更), close (停用), claim (认领), and their approval.

What a unit opens or claims waits for the unit above; whoever has nobody above decides alone. Functions of
a clerk, in the caller's transaction.
"""

from typing import Any

from monitor.errors import BadParameter, NotFound, StateError
from monitor.ledger.ledger import USUAL_MOST_MEMBERS, ChangeKind, ChangeState, LedgerChange, next_group_code
from monitor.ledger.reconciliation import UnknownGroup
from monitor.ledger.registration import (
    MAX_MEMBERS,
    NewGroup,
    clean_external_id,
    clean_group,
    clean_key,
    clean_name,
)
from monitor.store import directory
from monitor.store.ledger import queries as ledger_queries
from monitor.store.ledger import registry
from monitor.store.ledger import rows as ledger_rows
from monitor.store.ledger.rows import NewChange
from monitor.units import Group, Unit
from monitor.usecases.ledger import register
from monitor.usecases.ledger.desk import Acted, Clerk, require_reason


class MembersUnusual(BadParameter):
    """0 members, or more than a WeChat group holds: to be confirmed (requirement D.4)."""

    code = "members_unusual"
    user_text = f"微信群人数通常不超过{USUAL_MOST_MEMBERS}，确认？"


class GroupHasIncident(StateError):
    """A group with an open incident cannot be closed."""

    code = "group_has_incident"
    user_text = "该群有未办结的不良信息事件，未停用。请先办结"


class NeedsSuperior(StateError):
    """A unit's own request is decided by the unit above."""

    code = "needs_superior"
    user_text = "本单位的申请由上级审批"


class AlreadyDecided(StateError):
    """Somebody else has decided the request otherwise."""

    code = "already_decided"
    user_text = "该申请已由他人审批"


class UnknownGroupNotFound(NotFound):
    """No unregistered group of that external id."""

    code = "unknown_group_not_found"
    user_text = "未登记的群中没有该编号，可回复 认领 查看"


class SeveralSources(BadParameter):
    """Several sources know a group by the same external id."""

    code = "several_sources"
    user_text = "多个来源都有该编号，请写明来源"

    def __init__(self, found: list[UnknownGroup]) -> None:
        """Keep what was found, so that it can be offered."""
        names = "、".join(group.source for group in found)
        super().__init__("several sources", user_text=f"多个来源都有该编号，请写明来源：{names}")
        self.found = found


def open_group(
    clerk: Clerk,
    name: str,
    members: int,
    unit_code: str | None = None,
    *,
    manager: str = "",
    is_confirmed: bool = False,
) -> Acted:
    """Open a group (开通群): its code is given at once, the unit above approves.

    An open or pending group of the same name in the same unit is offered instead of a second one.

    Source: HN-2.1.1, HN-2.2.2b; requirement D.4.
    Raises: BadParameter, MembersUnusual, OutOfScope, ReadOnlyRole.
    """
    clerk.require_writer()
    unit = clerk.find_unit(unit_code)
    managers = (manager,) if manager.strip() else ()
    new = clean_group(NewGroup("X", name, unit.code, members, managers=managers))
    ledger_rows.lock_unit(clerk.connection, unit.unit_id)
    existing = ledger_queries.find_group_of_name(clerk.connection, unit.unit_id, new.name, clerk.today)
    if existing:
        return Acted(None, 0, existing)
    asked = ledger_queries.find_pending_opening(clerk.connection, unit.unit_id, new.name)
    if asked:
        return Acted(asked, 0, asked.code)
    _require_usual(members, is_confirmed=is_confirmed)
    taken = ledger_queries.load_codes_like(clerk.connection, f"{unit.code[:26]}Q")
    code = next_group_code(unit.code, taken)
    after = {"members": members, "managers": list(new.managers)}
    is_done = _is_above(clerk, unit.path)
    group_id = _register(clerk, code, new.name, unit, after) if is_done else None
    state = ChangeState.DONE if is_done else ChangeState.PENDING
    return clerk.write(
        NewChange(ChangeKind.OPEN, state, unit.unit_id, group_id, code, new.name, {}, after, "", clerk.today)
    )


def change_members(clerk: Clerk, code: str, members: int, *, is_confirmed: bool = False) -> Acted:
    """Change the number of members (变更人数) of a group; the same number again stores nothing.

    Source: HN-2.1.1 (覆盖团员青年底数); requirement D.4.
    Raises: BadParameter, MembersUnusual, OutOfScope, ReadOnlyRole, StateError for a closed group.
    """
    clerk.require_writer()
    group = clerk.find_group(code)
    if not 0 <= members <= MAX_MEMBERS:
        raise BadParameter("members", user_text=f"人数应为0–{MAX_MEMBERS}的整数")
    ledger_rows.lock_group(clerk.connection, group.group_id)
    _, closed_on, before = ledger_queries.load_group_days(clerk.connection, group.group_id)
    if closed_on is not None:
        raise StateError("closed", user_text=f"群 {group.code} 已停用（{closed_on}），不能变更")
    if before == members:
        return Acted(None, 0, group.code)
    _require_usual(members, is_confirmed=is_confirmed)
    ledger_rows.change_group(clerk.connection, group.group_id, member_count=members)
    return clerk.write(_of(clerk, ChangeKind.MEMBERS, group, {"members": before}, {"members": members}))


def close_group(clerk: Clerk, code: str, reason: str) -> Acted:
    """Close a group (停用): today is its last day; refused while an incident is open.

    Source: HN-2.1.1; requirement D.4.
    Raises: BadParameter without a reason, GroupHasIncident, OutOfScope, ReadOnlyRole.
    """
    clerk.require_writer()
    group = clerk.find_group(code)
    remark = require_reason(reason, "停用原因")
    ledger_rows.lock_group(clerk.connection, group.group_id)
    _, closed_on, members = ledger_queries.load_group_days(clerk.connection, group.group_id)
    if closed_on is not None:
        return Acted(None, 0, group.code)
    n_open = ledger_queries.count_open_incidents(clerk.connection, group.group_id)
    if n_open:
        text = f"群 {group.code} 有 {n_open} 件未办结的不良信息事件，未停用。请先办结：回复 事件"
        raise GroupHasIncident(f"{n_open} open incidents", user_text=text)
    ledger_rows.change_group(clerk.connection, group.group_id, closed_on=clerk.today)
    after = {"closed_on": clerk.today.isoformat()}
    return clerk.write(_of(clerk, ChangeKind.CLOSE, group, {"members": members}, after, remark))


def claim_group(clerk: Clerk, external_id: str, code: str, source: str = "") -> Acted:
    """Claim an unregistered group (认领) for a registered one.

    Who sees the whole tree claims at once. Others cannot see the list, because an unregistered group belongs
    to no unit: they ask by the id they know, and the unit above approves; whether it exists is not told.

    Source: design §3 (未登记的群).
    Raises: BadParameter, OutOfScope, ReadOnlyRole; UnknownGroupNotFound, SeveralSources for the root.
    """
    clerk.require_writer()
    its_id = clean_external_id(external_id)
    source = clean_key(source, "来源") if source.strip() else ""
    group = clerk.find_group(code)
    after: dict[str, Any] = {"source": source, "external_id": its_id}
    if not clerk.is_of_root:
        asked = _find_same_claim(clerk, group, after)
        return asked or clerk.write(_of(clerk, ChangeKind.CLAIM, group, {}, after, state=ChangeState.PENDING))
    known = directory.load_group_by_source(clerk.connection, source, its_id) if source else None
    if known is not None and known.group_id == group.group_id:
        return Acted(None, 0, group.code)
    before, after = _claim(clerk, group.group_id, source, its_id)
    return clerk.write(_of(clerk, ChangeKind.CLAIM, group, before, after))


def decide_request(clerk: Clerk, number: int, *, is_approved: bool, note: str = "") -> Acted:
    """Approve (同意) or return (退回) what a unit below asked for; of two at once exactly one counts.

    Source: HN-2.2.2b (逐层向下); requirement D.4.
    Raises: ChangeNotFound, NeedsSuperior, AlreadyDecided, BadParameter for returning without a reason,
        ReadOnlyRole.
    """
    clerk.require_writer()
    change = clerk.find_change(number)
    if not _is_above(clerk, change.unit_path):
        raise NeedsSuperior(f"{clerk.viewer.identity} decides change {number}")
    remark = " ".join(note.split())[:500] if is_approved else require_reason(note, "退回原因")
    wanted = ChangeState.DONE if is_approved else ChangeState.RETURNED
    if not clerk.decide(number, ChangeState.PENDING, wanted, remark):
        return _tell_decided(clerk, number, wanted)
    if is_approved:
        _apply(clerk, change)
    act = "approve" if is_approved else "return"
    return Acted(clerk.find_change(number), clerk.record(act, number))


def _tell_decided(clerk: Clerk, number: int, wanted: ChangeState) -> Acted:
    """Answer who comes second: the same decision is no news, another one is refused."""
    now = clerk.find_change(number)
    if now.state is wanted:
        return Acted(now, 0)
    who = f"由 {now.decided_by_name} " if now.decided_by_name else ""
    text = f"申请 {number} {now.state.value}（{who}处理），未再登记"
    raise AlreadyDecided(f"change {number} is {now.state.name}", user_text=text)


def _apply(clerk: Clerk, change: LedgerChange) -> None:
    """Let an approved request take effect today."""
    values: dict[str, Any] = {"effective_on": clerk.today}
    if change.kind is ChangeKind.OPEN:
        unit = directory.load_unit(clerk.connection, change.unit_id)
        if unit is None:
            raise StateError("unit gone", user_text="该单位已撤销，请退回")
        if change.group_id is not None:  # approved before, and taken back
            ledger_rows.change_group(clerk.connection, change.group_id, opened_on=clerk.today, closed_on=None)
        else:
            code = change.code
            if registry.load_group_codes(clerk.connection, [code]):  # an import took it meanwhile
                taken = ledger_queries.load_codes_like(clerk.connection, f"{unit.code[:26]}Q")
                values["code"] = code = next_group_code(unit.code, taken)
            values["group_id"] = _register(clerk, code, change.name, unit, change.after)
    elif change.kind is ChangeKind.CLAIM and change.group_id is not None:
        before, after = _claim(
            clerk, change.group_id, str(change.after["source"]), str(change.after["external_id"])
        )
        values |= {"before": before, "after": after}
    ledger_rows.write_change(clerk.connection, change.number, values)


def _claim(
    clerk: Clerk, group_id: int, source: str, external_id: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Tie a source's id to a group; return what stands before and after."""
    found = ledger_queries.find_unknown(clerk.connection, external_id, source)
    if not found:
        raise UnknownGroupNotFound(f"no unregistered group {external_id!r}")
    if len(found) > 1:
        raise SeveralSources(found)
    one = found[0]
    if not ledger_rows.take_unknown(clerk.connection, one.source, one.external_id):
        raise UnknownGroupNotFound(f"{external_id!r} was claimed by somebody else")
    registry.insert_sources(clerk.connection, [(one.source, one.external_id, group_id)])
    before = {"first_seen_at": one.first_seen_at.isoformat(), "n_events": one.n_events}
    return before, {"source": one.source, "external_id": one.external_id}


def _find_same_claim(clerk: Clerk, group: Group, after: dict[str, Any]) -> Acted | None:
    for change in ledger_queries.load_pending(clerk.connection, clerk.viewer.unit_path):
        if change.kind is ChangeKind.CLAIM and change.group_id == group.group_id and change.after == after:
            return Acted(change, 0)
    return None


def _register(clerk: Clerk, code: str, name: str, unit: Unit, after: Any) -> int:
    managers = tuple(clean_name(one, "管理员") for one in after.get("managers", ()))
    new = NewGroup(code, name, unit.code, int(after["members"]), managers=managers)
    return int(register.add_group(clerk.connection, new, clerk.today).group_id)


def _is_above(clerk: Clerk, unit_path: str) -> bool:
    """Tell whether a person stands above a unit, or has nobody above themselves."""
    viewer = clerk.viewer
    return clerk.is_of_root or (unit_path.startswith(viewer.unit_path) and unit_path != viewer.unit_path)


def _require_usual(members: int, *, is_confirmed: bool) -> None:
    if not is_confirmed and not 0 < members <= USUAL_MOST_MEMBERS:
        text = "人数为 0 时该群不计入覆盖率，确认？" if not members else MembersUnusual.user_text
        raise MembersUnusual(f"{members} members", user_text=text)


def _of(
    clerk: Clerk,
    kind: ChangeKind,
    group: Group,
    before: dict[str, Any],
    after: dict[str, Any],
    reason: str = "",
    state: ChangeState = ChangeState.DONE,
) -> NewChange:
    return NewChange(
        kind, state, group.unit_id, group.group_id, group.code, group.name, before, after, reason, clerk.today
    )

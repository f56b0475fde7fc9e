"""Terms of office in the ledger: designated officers (专责人员), group managers (群管理员), invitations.

Whoever leaves keeps the term with its last day. Functions of a clerk, in the caller's transaction.
Key type: `Invited`.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from monitor.errors import BadParameter, NotFound
from monitor.ledger.ledger import ChangeKind, ChangeState
from monitor.ledger.registration import clean_name
from monitor.ledger.terms import Term
from monitor.store import directory
from monitor.store.ledger import queries as ledger_queries
from monitor.store.ledger import rows as ledger_rows
from monitor.store.ledger.rows import NewChange
from monitor.units import Group, Role, Unit
from monitor.usecases.ledger import register
from monitor.usecases.ledger.desk import Acted, Clerk, require_reason
from monitor.usecases.ledger.staffing import end_cured
from monitor.usecases.people.bind import invitation_hash

INVITATION_HOURS = 72


class NotDownward(BadParameter):
    """Administrators are invited from above, layer by layer."""

    code = "not_downward"
    user_text = "本单位的管理员由上级邀请；您可邀请下级单位的管理员和所辖群的群管理员"


class TermNotFound(NotFound):
    """Nobody of that name is in office there."""

    code = "term_not_found"
    user_text = "该群没有这位在任的管理员"


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation: the code, told once; whom it binds, until when; the number of the record."""

    code: str
    role: Role
    place: str
    name: str
    expires_at: datetime
    number: int


def set_officer(clerk: Clerk, unit_code: str | None, name: str) -> Acted:
    """Make somebody the designated officer of a unit; whoever was before leaves with yesterday.

    Exactly one is in office afterwards. The same name again stores nothing.

    Source: HN-2.2.2a.
    Raises: BadParameter, OutOfScope, ReadOnlyRole.
    """
    clerk.require_writer()
    unit = clerk.find_unit(unit_code)
    person = clean_name(name, "专责人员")
    ledger_rows.lock_unit(clerk.connection, unit.unit_id)
    held = _officers_of(clerk, unit)
    if [term.name for term in held] == [person]:
        return Acted(None, 0, unit.code)
    kept = next((term for term in held if term.name == person), None)
    ended = [term for term in held if term is not kept]
    for term in ended:
        ledger_rows.end_officer(clerk.connection, term.term_id, clerk.today - timedelta(days=1))
    new_id = kept.term_id if kept else 0
    if kept is None:
        new_id = ledger_rows.insert_officer(clerk.connection, unit.unit_id, person, clerk.today)
    before = {"names": [term.name for term in ended], "terms": [term.term_id for term in ended]}
    after = {"name": person, "term": new_id, "is_new": kept is None}
    acted = clerk.write(
        NewChange(
            ChangeKind.OFFICER, ChangeState.DONE, unit.unit_id, None, unit.code, unit.name, before, after, "",
            clerk.today,
        )
    )  # fmt: skip
    end_cured(clerk.connection, unit.path, clerk.now)
    return acted


def add_manager(clerk: Clerk, group_code: str, name: str) -> Acted:
    """Begin a term of a group manager today; the same name in office stores nothing.

    Source: HN-2.2.2b.
    Raises: BadParameter, OutOfScope, ReadOnlyRole.
    """
    clerk.require_writer()
    group = clerk.find_group(group_code)
    person = clean_name(name, "管理员")
    ledger_rows.lock_group(clerk.connection, group.group_id)
    if any(term.name == person for term in _managers_of(clerk, group)):
        return Acted(None, 0, group.code)
    term_id = ledger_rows.insert_manager(clerk.connection, group.group_id, person, clerk.today)
    acted = clerk.write(_of_group(clerk, group, {}, {"name": person, "term": term_id}))
    end_cured(clerk.connection, group.unit_path, clerk.now)
    return acted


def end_manager(clerk: Clerk, group_code: str, name: str, reason: str) -> Acted:
    """End a manager's term (卸任) with today; the term stays in the register.

    Source: HN-2.1.4 (及时调整): a person decides, with a reason.
    Raises: TermNotFound, BadParameter without a reason, OutOfScope, ReadOnlyRole.
    """
    clerk.require_writer()
    group = clerk.find_group(group_code)
    remark = require_reason(reason, "卸任原因")
    ledger_rows.lock_group(clerk.connection, group.group_id)
    term = next((one for one in _managers_of(clerk, group) if one.name == name.strip()), None)
    if term is None:
        raise TermNotFound(f"no manager {name!r} of {group.code}")
    if term.until is not None:
        return Acted(None, 0, group.code)
    ledger_rows.end_manager(clerk.connection, term.term_id, clerk.today)
    before = {"name": term.name, "term": term.term_id}
    after = {"until": clerk.today.isoformat()}
    return clerk.write(_of_group(clerk, group, before, after, remark))


def invite_manager(clerk: Clerk, place: Unit | Group, name: str) -> Invited:
    """Invite somebody to administer a unit below, or to manage a group; the code holds for 72 hours, once.

    Who is invited for a group is its manager from today, bound or not.

    Source: HN-2.2.2b (层级性、逐层向下); requirement D.3.
    Raises: NotDownward for one's own unit, BadParameter, OutOfScope, ReadOnlyRole.
    """
    clerk.require_writer()
    person = clean_name(name, "姓名")
    if isinstance(place, Group):
        group = clerk.find_group(place.code)
        add_manager(clerk, group.code, person)
        role, unit_id, unit_code, label = (
            Role.GROUP_MANAGER,
            group.unit_id,
            _unit_code(clerk, group),
            group.name,
        )
    else:
        unit = clerk.find_unit(place.code)
        if unit.path == clerk.viewer.unit_path:
            raise NotDownward(f"{clerk.viewer.identity} invites for their own unit")
        role = Role.UNIT_ADMIN if unit.depth == 1 else Role.BRANCH_ADMIN
        unit_id, unit_code, label = unit.unit_id, unit.code, unit.name
    code, expires_at = secrets.token_hex(5).upper(), clerk.now + timedelta(hours=INVITATION_HOURS)
    group_code = place.code if isinstance(place, Group) else ""
    register.add_invitation(
        clerk.connection, code, role, unit_code,
        group_code=group_code, display_name=person, expires_at=expires_at,
    )  # fmt: skip
    after = {"role": role.value, "name": person, "invitation": invitation_hash(code)}
    group_id = place.group_id if isinstance(place, Group) else None
    before: dict[str, Any] = {}
    values = (unit_id, group_id, place.code, label, before, after, "", clerk.today)
    acted = clerk.write(NewChange(ChangeKind.INVITE, ChangeState.DONE, *values))
    return Invited(code, role, label, person, expires_at, acted.number)


def _officers_of(clerk: Clerk, unit: Unit) -> list[Term]:
    return [
        term
        for term in ledger_queries.load_officers(clerk.connection, unit.path)
        if term.place_id == unit.unit_id and term.holds_on(clerk.today)
    ]


def _managers_of(clerk: Clerk, group: Group) -> list[Term]:
    terms = ledger_queries.load_terms_of_group(clerk.connection, group.group_id)
    return [term for term in terms if term.holds_on(clerk.today)]


def _unit_code(clerk: Clerk, group: Group) -> str:

    unit = directory.load_unit(clerk.connection, group.unit_id)
    return unit.code if unit else ""


def _of_group(
    clerk: Clerk, group: Group, before: Mapping[str, Any], after: Mapping[str, Any], reason: str = ""
) -> NewChange:
    values = (group.unit_id, group.group_id, group.code, group.name, before, after, reason, clerk.today)
    return NewChange(ChangeKind.MANAGER, ChangeState.DONE, *values)

"""Invitations (邀请码), who is bound to which role, and the audit of both. Functions of a connection.

Key types: `Invitation`, `Holding`, `Bound`.
"""

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection as Connection
from sqlalchemy import and_, bindparam, delete, insert, or_, select, update

from monitor.store.reminders.leaves import load_absent
from monitor.store.tables import (
    ChatIdentityRow,
    DesignatedOfficerRow,
    GroupManagerRow,
    GroupRow,
    InvitationRow,
    UnitRow,
    table_of,
)
from monitor.store.work_tables import AuditRow
from monitor.units import GroupId, IdentityId, Role, UnitId, Viewer

_identity = table_of(ChatIdentityRow)
_invitation = table_of(InvitationRow)
_manager = table_of(GroupManagerRow)
_officer = table_of(DesignatedOfficerRow)
_group = table_of(GroupRow)
_unit = table_of(UnitRow)
_audit = table_of(AuditRow)

BOUND = "chat.bind"
UNBOUND = "chat.unbind"
REFUSED = "chat.bind_refused"
UNDONE = "chat.undo"
_NOBODY = {"identity_id": None}
_FIND_BOUND = (  # built once: a stranger's message costs little else
    select(_identity, _unit.c.path, _unit.c.name.label("unit_name"))
    .join(_unit, _unit.c.id == _identity.c.unit_id)
    .where(_identity.c.account == bindparam("account"), _identity.c.address == bindparam("address"))
)


@dataclass(frozen=True, slots=True)
class Holding:
    """What a person holds: a role in a unit, for a group manager with the group."""

    role: str
    unit_id: int
    group_id: int | None = None
    display_name: str = ""


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation of an active unit, by whose hash it was found."""

    code_hash: str
    holding: Holding
    is_reusable: bool
    expires_at: datetime | None
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Bound:
    """A bound person: what they hold, and what they may see because of it."""

    identity_id: IdentityId
    holding: Holding
    viewer: Viewer
    unit_name: str
    group_names: tuple[str, ...]
    last_chat_at: datetime | None


@dataclass(frozen=True, slots=True)
class Change:
    """One recorded binding or unbinding: its number, and what was held before and after."""

    number: int
    action: str
    at: datetime
    before: Holding | None
    after: Holding | None


def load_bound(connection: Connection, account: str, address: str, today: date) -> Bound | None:
    """Return who a chat address is, with the groups of a manager in office today; None if not bound."""
    row = connection.execute(_FIND_BOUND, {"account": account, "address": address}).one_or_none()
    if row is None:
        return None
    holding = Holding(row.role, row.unit_id, row.group_id, row.display_name)
    role = Role(row.role)
    groups: dict[GroupId, str] = {}
    if role is Role.GROUP_MANAGER:
        groups = _load_groups_of(connection, row.id, row.group_id, today)
        groups |= _load_groups_of_absent(connection, row.id, today)
    viewer = Viewer(
        identity=f"chat:{row.id}",
        role=role,
        unit_id=UnitId(row.unit_id),
        unit_path=row.path,
        display_name=row.display_name,
        group_ids=frozenset(groups),
    )
    names = tuple(groups.values())
    return Bound(IdentityId(row.id), holding, viewer, row.unit_name, names, row.last_chat_at)


def load_invitation(connection: Connection, code_hash: str) -> Invitation | None:
    """Return the invitation of a hash, or None; one of a unit that is switched off is none."""
    query = select(_invitation).join(_unit, _unit.c.id == _invitation.c.unit_id)
    row = connection.execute(
        query.where(_invitation.c.code_hash == code_hash, _unit.c.is_active)
    ).one_or_none()
    if row is None:
        return None
    holding = Holding(row.role, row.unit_id, row.group_id, row.display_name)
    return Invitation(code_hash, holding, row.is_reusable, row.expires_at, row.used_at)


def use_invitation(connection: Connection, code_hash: str, at: datetime) -> bool:
    """Use up an invitation; False if somebody was faster."""
    where = (_invitation.c.code_hash == code_hash, _invitation.c.used_at.is_(None))
    return connection.execute(update(_invitation).where(*where).values(used_at=at)).rowcount == 1


def save_invitation(
    connection: Connection,
    code_hash: str,
    holding: Holding,
    *,
    is_reusable: bool,
    expires_at: datetime | None,
) -> None:
    """Store a new invitation, or make an existing one as good as new."""
    values = {**asdict(holding), "is_reusable": is_reusable, "expires_at": expires_at, "used_at": None}
    known = _invitation.c.code_hash == code_hash
    if connection.execute(update(_invitation).where(known).values(**values)).rowcount == 0:
        connection.execute(insert(_invitation).values(code_hash=code_hash, **values))


def save_holding(connection: Connection, account: str, address: str, holding: Holding, at: datetime) -> None:
    """Bind a chat address to a role; what it held before is replaced."""
    values = {**asdict(holding), "bound_at": at, "last_chat_at": at}
    changed = connection.execute(update(_identity).where(*_of(account, address)).values(**values))
    if changed.rowcount == 0:
        connection.execute(insert(_identity).values(account=account, address=address, **values))


def leave_terms(connection: Connection, account: str, address: str) -> None:
    """Note on this person's terms of office as group manager that nobody can be reached here any more."""
    connection.execute(
        update(_manager).where(_manager.c.identity_id == _id_of(account, address)).values(_NOBODY)
    )


def delete_holding(connection: Connection, account: str, address: str) -> None:
    """Unbind a chat address; terms of office stay, without a person to reach."""
    leave_terms(connection, account, address)
    connection.execute(
        update(_officer).where(_officer.c.identity_id == _id_of(account, address)).values(_NOBODY)
    )
    connection.execute(delete(_identity).where(*_of(account, address)))


def take_up_term(connection: Connection, account: str, address: str, holding: Holding, today: date) -> None:
    """Note on the term of office of the same name that this person can be reached here."""
    where = (_manager.c.group_id == holding.group_id, _manager.c.name == holding.display_name)
    vacant = (_manager.c.identity_id.is_(None), *_in_office(today))
    person = _id_of(account, address)
    connection.execute(update(_manager).where(*where, *vacant).values(identity_id=person))


def record(
    connection: Connection,
    action: str,
    account: str,
    address: str,
    at: datetime,
    before: Holding | None = None,
    after: Holding | None = None,
) -> int:
    """Write a change, or a refused attempt, into the audit; return its number."""
    detail = {"before": before and asdict(before), "after": after and asdict(after)}
    subject = _subject(account, address)
    values = {"at": at, "actor": subject, "action": action, "subject": subject, "detail": detail}
    written = connection.execute(insert(_audit).values(**values).returning(_audit.c.id))
    return int(written.scalar_one())


def load_refusals(
    connection: Connection, account: str, address: str, since: datetime, action: str = REFUSED
) -> list[datetime]:
    """Return when a chat address sent wrong codes of a kind, latest first."""
    query = select(_audit.c.at).where(
        _audit.c.at >= since, _audit.c.action == action, _audit.c.subject == _subject(account, address)
    )
    return list(connection.execute(query.order_by(_audit.c.at.desc())).scalars())


def load_last_change(
    connection: Connection, account: str, address: str, at: datetime, within: timedelta
) -> Change | None:
    """Return the latest binding, unbinding or undoing of a chat address within some time."""
    query = select(_audit).where(
        _audit.c.at > at - within,
        _audit.c.action.in_((BOUND, UNBOUND, UNDONE)),
        _audit.c.subject == _subject(account, address),
    )
    row = connection.execute(query.order_by(_audit.c.id.desc()).limit(1)).one_or_none()
    if row is None:
        return None
    before, after = row.detail["before"], row.detail["after"]
    return Change(row.id, row.action, row.at, before and Holding(**before), after and Holding(**after))


def _of(account: str, address: str) -> tuple[Any, Any]:
    return _identity.c.account == account, _identity.c.address == address


def _id_of(account: str, address: str) -> Any:
    return select(_identity.c.id).where(*_of(account, address)).scalar_subquery()


def _subject(account: str, address: str) -> str:
    return f"chat:{account}:{address}"


def _in_office(today: date) -> tuple[Any, Any]:
    return _manager.c.since <= today, or_(_manager.c.until.is_(None), _manager.c.until >= today)


def _load_groups_of(
    connection: Connection, identity_id: int, group_id: int | None, today: date
) -> dict[GroupId, str]:
    """Return the open groups a person manages, by id: the one they were invited for and their terms."""
    term = and_(_manager.c.identity_id == identity_id, *_in_office(today))
    managed = select(_manager.c.group_id).where(term)
    query = select(_group.c.id, _group.c.name).where(or_(_group.c.id == group_id, _group.c.id.in_(managed)))
    still_open = or_(_group.c.closed_on.is_(None), _group.c.closed_on >= today)
    rows = connection.execute(query.where(still_open).order_by(_group.c.code))
    return {GroupId(row.id): row.name for row in rows}


def _load_groups_of_absent(connection: Connection, deputy_id: int, today: date) -> dict[GroupId, str]:
    """Return the groups of the managers for whom a deputy stands in today (休假、代管人), by id."""
    found: dict[GroupId, str] = {}
    for identity_id in load_absent(connection, deputy_id, today):
        query = select(_identity.c.group_id).where(_identity.c.id == identity_id)
        found |= _load_groups_of(connection, identity_id, connection.execute(query).scalar(), today)
    return found

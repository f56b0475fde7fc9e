"""Binding (绑定): a chat address takes up a role by an invitation code, gives it up, takes it back.

All functions run in the caller's transaction, because the answer is stored in the same one.
Key types: `ChatAddress`, `Binding`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from monitor.clock import business_day
from monitor.errors import BadParameter, NotBound
from monitor.store.people import bindings
from monitor.store.people.bindings import Bound, Connection, Holding, Invitation
from monitor.units import Role

MAX_REFUSALS = 5
REFUSAL_WINDOW = timedelta(minutes=10)
LOCK = timedelta(minutes=10)
UNDO_WITHIN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class ChatAddress:
    """Where a person writes from: key of the account or application, and openid or user id there."""

    account: str
    address: str


@dataclass(frozen=True, slots=True)
class Binding:
    """What a person holds now (None: nothing) and the number of the record; 0 when nothing changed."""

    bound: Bound | None
    number: int


class CodeRefused(BadParameter):
    """The code is unknown, used or expired: the same text for all three."""

    code = "code_refused"
    user_text = "邀请码无效，请核对后重发，或向上级管理员索取新码"


class TooManyCodes(BadParameter):
    """Too many wrong codes; even a right one is refused for a while."""

    code = "too_many_codes"
    user_text = "邀请码错误次数过多，请10分钟后再试"


class NothingToUndo(BadParameter):
    """There is no such record of this person, or it is older than ten minutes."""

    code = "nothing_to_undo"
    user_text = "没有可撤销的记录：编号有误，或已超过10分钟"


def invitation_hash(code: str) -> str:
    """Return the hash under which an invitation is stored; case and outer spaces do not matter."""
    return sha256(code.strip().upper().encode("utf-8", "replace")).hexdigest()


def is_locked(refusals: Sequence[datetime], now: datetime) -> bool:
    """Tell whether wrong codes lock an address: five within ten minutes lock it for ten minutes.

    Source: none (design, guessing of codes).

    Args:
        refusals: when wrong codes were sent, latest first, at least those of the last 20 minutes.
    """
    if len(refusals) < MAX_REFUSALS:
        return False
    latest, fifth = refusals[0], refusals[MAX_REFUSALS - 1]
    return latest - fifth < REFUSAL_WINDOW and now - latest < LOCK


def bind(connection: Connection, who: ChatAddress, code: str, now: datetime) -> Binding | CodeRefused:
    """Bind a chat address by an invitation code; a role held before is replaced, both are audited.

    The same invitation sent again changes nothing. A group manager who is invited for a further group
    keeps the groups of their terms of office.

    Source: HN-2.2.2b (层级性管理员体系).
    Returns: the binding; a refusal is a value, because the attempt itself is written down.
    Raises: TooManyCodes.
    """
    at = (who.account, who.address)
    if is_locked(bindings.load_refusals(connection, *at, now - REFUSAL_WINDOW - LOCK), now):
        raise TooManyCodes("locked after wrong codes")
    today = business_day(now)
    held = bindings.load_bound(connection, *at, today)
    invitation = bindings.load_invitation(connection, invitation_hash(code))
    if invitation and held and held.holding == invitation.holding:
        return Binding(held, 0)
    if invitation is None or not _take(connection, invitation, now):
        bindings.record(connection, bindings.REFUSED, *at, now)
        return CodeRefused("unknown, used or expired code")
    number = _replace(connection, who, held, invitation.holding, now, bindings.BOUND)
    return Binding(bindings.load_bound(connection, *at, today), number)


def unbind(connection: Connection, who: ChatAddress, now: datetime) -> Binding:
    """Give up the role; it can be taken back within ten minutes.

    Source: none (design).
    Raises: NotBound.
    """
    held = bindings.load_bound(connection, who.account, who.address, business_day(now))
    if held is None:
        raise NotBound("nothing to unbind")
    return Binding(None, _replace(connection, who, held, None, now, bindings.UNBOUND))


def undo(connection: Connection, who: ChatAddress, number: int, now: datetime) -> Binding:
    """Take back the latest binding or unbinding of a chat address, at most ten minutes old.

    A used invitation stays used.
    Source: requirement D.0.
    Raises: NothingToUndo if the number is not that of the latest change, or things have changed since.
    """
    at, today = (who.account, who.address), business_day(now)
    change = bindings.load_last_change(connection, *at, now, UNDO_WITHIN)
    if change is None or change.number != number or change.action == bindings.UNDONE:
        raise NothingToUndo(f"no record {number} to undo")
    held = bindings.load_bound(connection, *at, today)
    if (held.holding if held else None) != change.after:
        raise NothingToUndo("the role has been changed since")
    record = _replace(connection, who, held, change.before, now, bindings.UNDONE)
    return Binding(bindings.load_bound(connection, *at, today), record)


def _take(connection: Connection, invitation: Invitation, now: datetime) -> bool:
    """Tell whether an invitation is good now, and use it up unless it is reusable."""
    if invitation.expires_at is not None and invitation.expires_at <= now:
        return False
    return invitation.is_reusable or bindings.use_invitation(connection, invitation.code_hash, now)


def _replace(
    connection: Connection,
    who: ChatAddress,
    held: Bound | None,
    after: Holding | None,
    now: datetime,
    action: str,
) -> int:
    """Put one holding in place of another and record it."""
    at = (who.account, who.address)
    if after is None:
        bindings.delete_holding(connection, *at)
    else:
        bindings.save_holding(connection, *at, after, now)
        if after.role == Role.GROUP_MANAGER:
            bindings.take_up_term(connection, *at, after, business_day(now))
        else:
            bindings.leave_terms(connection, *at)
    return bindings.record(connection, action, *at, now, held.holding if held else None, after)

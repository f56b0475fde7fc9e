"""撤销 of what was written into the ledger: at most ten minutes old, by its author, if nothing came after it.

The change keeps its row as 已撤销. Key type: `TakenBack`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.errors import StateError
from monitor.ledger.ledger import ChangeKind, ChangeState, LedgerChange
from monitor.store.assessment import sheets as assessments
from monitor.store.ledger import queries as ledger_queries
from monitor.store.ledger import rows as ledger_rows
from monitor.usecases.ledger.desk import ACTION, UNDO_WITHIN, Clerk
from monitor.usecases.ledger.staffing import refresh_staffing

_DECISIONS = (f"{ACTION}approve", f"{ACTION}return")
_UNDO = f"{ACTION}undo"
_NEVER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A change that was taken back, and the number of the new record."""

    change: LedgerChange
    number: int


class ChangedSince(StateError):
    """Somebody has changed the thing since."""

    code = "changed_since"
    user_text = "该项此后已有变动，未撤销"


def undo(clerk: Clerk, number: int) -> TakenBack | None:
    """Take back one's own record; None if the number is not that of one that can be taken back.

    Source: requirement D.0.
    Raises: ChangedSince.
    """
    found = assessments.load_record(clerk.connection, number)
    if found is None or found.actor != clerk.viewer.identity or not found.action.startswith(ACTION):
        return None
    change = ledger_queries.load_change(clerk.connection, int(found.detail["change"]))
    if change is None or found.action == _UNDO or clerk.now - found.at > UNDO_WITHIN:
        return None
    if found.action in _DECISIONS:
        _undo_decision(clerk, change)
    else:
        _undo_change(clerk, change)
    refresh_staffing(clerk.connection, change.unit_path, clerk.now)
    after = ledger_queries.load_change(clerk.connection, change.number)
    return TakenBack(after or change, clerk.record("undo", change.number))


def _undo_decision(clerk: Clerk, change: LedgerChange) -> None:
    """Let a request wait again."""
    state = change.state
    if state is ChangeState.DONE:
        _REVERSE[change.kind](clerk, change)
    elif state is not ChangeState.RETURNED:
        raise ChangedSince(f"change {change.number} is {state.name}")
    if not clerk.decide(change.number, state, ChangeState.PENDING):
        raise ChangedSince(f"change {change.number} moved on")


def _undo_change(clerk: Clerk, change: LedgerChange) -> None:
    if change.kind not in _REVERSE or change.state not in (ChangeState.PENDING, ChangeState.DONE):
        raise ChangedSince(f"change {change.number} is {change.state.name}")
    if change.decided_at is not None and change.state is ChangeState.DONE:
        raise ChangedSince("approved", user_text=f"申请 {change.number} 已审批，不能由申请人撤销")
    if not clerk.decide(change.number, change.state, ChangeState.WITHDRAWN):
        raise ChangedSince(f"change {change.number} moved on")
    if change.state is ChangeState.DONE:
        _REVERSE[change.kind](clerk, change)


def _reopen_never(clerk: Clerk, change: LedgerChange) -> None:
    """A group that was opened by mistake never was open: its last day lies before its first."""
    group_id = change.group_id or 0
    opened_on, closed_on, _ = ledger_queries.load_group_days(clerk.connection, group_id)
    if closed_on is not None:
        raise ChangedSince("closed since")
    ledger_rows.change_group(clerk.connection, group_id, closed_on=opened_on - _NEVER)


def _restore_members(clerk: Clerk, change: LedgerChange) -> None:
    group_id = change.group_id or 0
    ledger_rows.lock_group(clerk.connection, group_id)
    _, _, members = ledger_queries.load_group_days(clerk.connection, group_id)
    if members != change.after["members"]:
        raise ChangedSince("members changed since")
    ledger_rows.change_group(clerk.connection, group_id, member_count=change.before["members"])


def _reopen(clerk: Clerk, change: LedgerChange) -> None:
    ledger_rows.change_group(clerk.connection, change.group_id or 0, closed_on=None)


def _release(clerk: Clerk, change: LedgerChange) -> None:
    at = datetime.fromisoformat(change.before["first_seen_at"])
    its = (str(change.after["source"]), str(change.after["external_id"]))
    ledger_rows.put_unknown_back(clerk.connection, *its, at, int(change.before["n_events"]))


def _drop_topic(clerk: Clerk, change: LedgerChange) -> None:
    ledger_rows.close_topic(clerk.connection, int(change.after["topic"]), change.effective_on - _NEVER)


def _reopen_topic(clerk: Clerk, change: LedgerChange) -> None:
    ledger_rows.close_topic(clerk.connection, int(change.after["topic"]), None)


def _restore_officer(clerk: Clerk, change: LedgerChange) -> None:
    if change.after["is_new"]:
        ledger_rows.delete_officer(clerk.connection, int(change.after["term"]))
    for term_id in change.before["terms"]:
        ledger_rows.end_officer(clerk.connection, int(term_id), None)


def _restore_manager(clerk: Clerk, change: LedgerChange) -> None:
    if "term" in change.after:
        ledger_rows.delete_manager(clerk.connection, int(change.after["term"]))
    else:
        ledger_rows.end_manager(clerk.connection, int(change.before["term"]), None)


def _revoke(clerk: Clerk, change: LedgerChange) -> None:
    if not ledger_rows.expire_invitation(clerk.connection, str(change.after["invitation"]), clerk.now):
        raise ChangedSince("used", user_text="邀请码已被使用，不能撤销")


_REVERSE: Mapping[ChangeKind, Callable[[Clerk, LedgerChange], None]] = {
    ChangeKind.OPEN: _reopen_never,
    ChangeKind.MEMBERS: _restore_members,
    ChangeKind.CLOSE: _reopen,
    ChangeKind.CLAIM: _release,
    ChangeKind.TOPIC_OPEN: _drop_topic,
    ChangeKind.TOPIC_CLOSE: _reopen_topic,
    ChangeKind.OFFICER: _restore_officer,
    ChangeKind.MANAGER: _restore_manager,
    ChangeKind.INVITE: _revoke,
}

"""Registers of oversight: 通报, 约谈 (HN-2.1.2) and 调整要求 (HN-2.1.4, HN-2.2.2c). Pure.

Whether to enter anything is a person's decision; the software keeps who, when, why and what came of it.
Key types: `RegisterEntry`, `RegisterKind`, `EntryState`, `Suggestion`.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from monitor.errors import BadParameter, StateError
from monitor.workdays import Workdays

DEFAULT_WORKDAYS = 10
"""Due date of a 调整要求 without one of its own (default, no source)."""
_MOST_CHARS = 500
_MOST_PERSON = 40
_DAYS = re.compile(r"(\d{1,3})(个?工作日|天|日内|天内)")


class RegisterKind(StrEnum):
    """Which register an entry belongs to."""

    CIRCULAR = "通报"
    TALK = "约谈"
    ADJUSTMENT = "调整要求"


class EntryState(StrEnum):
    """Where an entry stands."""

    INCOMPLETE = "待补充"  # day or person are missing
    RECORDED = "已登记"
    WAITING = "待答复"
    REPLIED = "已答复"
    CLOSED = "已办结"
    WITHDRAWN = "已撤销"


OPEN_STATES = (EntryState.INCOMPLETE, EntryState.RECORDED, EntryState.WAITING, EntryState.REPLIED)
CLAUSES = {
    RegisterKind.CIRCULAR: "HN-2.1.2",
    RegisterKind.TALK: "HN-2.1.2",
    RegisterKind.ADJUSTMENT: "HN-2.1.4",
}


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """One entry as shown."""

    entry_id: int
    kind: RegisterKind
    state: EntryState
    unit_code: str
    unit_name: str
    unit_path: str
    person: str
    reason: str
    held_on: date | None
    due_on: date | None
    basis: str
    reply: str
    replied_at: datetime | None
    outcome: str
    closed_at: datetime | None
    recorded_at: datetime
    recorded_by_name: str

    @property
    def is_open(self) -> bool:
        """Tell whether something is left to do."""
        return self.state in OPEN_STATES

    def is_late(self, today: date) -> bool:
        """Tell whether an answer is due and has not come."""
        return self.state is EntryState.WAITING and self.due_on is not None and self.due_on < today


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A group manager whom the ledger suggests to change (D-02); nothing happens before a person decides."""

    unit_code: str
    unit_name: str
    name: str
    reason: str


def clean_text(text: str, what: str) -> str:
    """Return a text on one line.

    Raises: BadParameter if it is empty or longer than 500 characters.
    """
    said = " ".join(text.split())
    if not said:
        raise BadParameter(f"{what} is empty", user_text=f"请写明{what}")
    if len(said) > _MOST_CHARS:
        raise BadParameter(f"{what} is too long", user_text=f"{what}不能超过 {_MOST_CHARS} 字")
    return said


def clean_person(text: str, what: str) -> str:
    """Return a name or post.

    Raises: BadParameter.
    """
    said = clean_text(text, what)
    if len(said) > _MOST_PERSON:
        raise BadParameter(f"{what} is too long", user_text=f"{what}不能超过 {_MOST_PERSON} 字")
    return said


def first_state(kind: RegisterKind, person: str, held_on: date | None) -> EntryState:
    """Return where a new entry stands."""
    if kind is RegisterKind.ADJUSTMENT:
        return EntryState.WAITING
    return EntryState.RECORDED if person and held_on else EntryState.INCOMPLETE


def require_due(due_on: date, today: date) -> date:
    """Return a due date that lies ahead.

    Raises: BadParameter.
    """
    if due_on <= today:
        raise BadParameter("due in the past", user_text="期限应在今天之后")
    if due_on - today > timedelta(days=366):
        raise BadParameter("due too late", user_text="期限不超过一年")
    return due_on


def read_term(word: str, today: date, workdays: Workdays) -> date | None:
    """Return the due date that 「10个工作日」 or 「14天」 means, or None for another word."""
    found = _DAYS.fullmatch(word)
    if found is None or not int(found[1]):
        return None
    if found[2].endswith("工作日"):
        return workdays.add(today, int(found[1]))
    return today + timedelta(days=int(found[1]))


def require_reply(entry: RegisterEntry) -> None:
    """Let a reply pass.

    Raises: StateError.
    """
    if entry.kind is not RegisterKind.ADJUSTMENT or entry.state is not EntryState.WAITING:
        raise StateError(
            f"entry {entry.entry_id} waits for no reply", user_text=f"该件{entry.state.value}，无需答复"
        )


def require_closable(entry: RegisterEntry) -> None:
    """Let an outcome pass.

    Raises: StateError.
    """
    if entry.state is EntryState.INCOMPLETE:
        raise StateError("incomplete", user_text="该件日期或对象未补充，请先补充")
    if not entry.is_open:
        raise StateError("closed", user_text=f"该件{entry.state.value}，不能重复登记结果")

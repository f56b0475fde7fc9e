"""The registers 通报, 约谈 (HN-2.1.2) and 调整要求 (HN-2.1.4): enter, complete, answer, close, take back.

Inspectors and administrators enter for units below their own. A 调整要求 goes to the unit that has to answer
it. Suggestions come from the ledger (D-02) and do nothing by themselves. Everything runs in the caller's
transaction.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from monitor.delivery.alerts import admins_by_path, nearest_admins
from monitor.delivery.outbox import MessageKind, NewMessage, identity_recipient
from monitor.errors import BadParameter, CommandError, NotFound, StateError
from monitor.registers import (
    DEFAULT_WORKDAYS,
    EntryState,
    RegisterEntry,
    RegisterKind,
    clean_person,
    clean_text,
    first_state,
    require_closable,
    require_due,
    require_reply,
)
from monitor.store.assessment import sheets as assessments
from monitor.store.delivery import alerts
from monitor.store.delivery.outbox import enqueue
from monitor.store.operations.audit import load_audit
from monitor.store.oversight import registers
from monitor.store.reminders.settings import load_workdays
from monitor.texts.oversight import adjustment_text, reply_text, withdrawn_text
from monitor.units import Role, Unit
from monitor.usecases.oversight.desk import Chair, require_writer

RECORDED = "register.recorded"
UNDO_WITHIN = timedelta(minutes=10)
MOST_LISTED = 200
_STEPS = ("register.completed", "register.closed")
_KEPT = ("state", "held_on", "person", "outcome")
"""What a 撤销 of a step brings back."""
_BY_PERSON = "人工登记"
_RECORDERS = (Role.INSPECTOR, Role.UNIT_ADMIN, Role.BRANCH_ADMIN)


class EntryNotFound(NotFound):
    """No entry of that number in the holder's subtree."""

    code = "register_entry_not_found"
    user_text = "没有该编号的登记，可回复 通报、约谈 或 调整要求 列出"


@dataclass(frozen=True, slots=True)
class NewEntry:
    """What a person enters. `unit_code` names the unit concerned."""

    kind: RegisterKind
    unit_code: str
    reason: str
    person: str = ""
    held_on: date | None = None
    due_on: date | None = None
    basis: str = _BY_PERSON


@dataclass(frozen=True, slots=True)
class Recorded:
    """An entry as stored. `number` is that of the record, 0 if the same stands already.

    `n_told` is how many people of the unit were told; `banner` says when a due date rests on an unknown
    year of holidays.
    """

    entry: RegisterEntry
    number: int
    n_told: int = 0
    banner: str = ""


def record_entry(chair: Chair, new: NewEntry) -> Recorded:
    """Enter a 通报, 约谈 or 调整要求 about a unit below the viewer's own; the same again is kept once.

    Raises: OutOfScope; BadParameter, also for the viewer's own unit; CommandError; ReadOnlyRole.
    """
    unit = _unit_below(chair, new.unit_code)
    reason = clean_text(new.reason, "原因")
    person = clean_person(new.person, "对象") if new.person.strip() else ""
    due_on, banner = _due_of(chair, new)
    _require_whole(new.kind, person, new.held_on, chair.today)
    known = registers.find_twin(chair.connection, new.kind, unit.unit_id, person, reason)
    if known is not None:
        return Recorded(find_entry(chair, known), 0)
    number = registers.insert_entry(
        chair.connection,
        {
            "kind": new.kind.value, "state": first_state(new.kind, person, new.held_on).value,
            "unit_id": unit.unit_id, "person": person, "reason": reason, "held_on": new.held_on,
            "due_on": due_on, "basis": new.basis, "reply": "", "replied_by": "", "outcome": "",
            "closed_by": "", "recorded_at": chair.now, "recorded_by": chair.viewer.identity,
            "recorded_by_name": chair.viewer.signature,
        },
    )  # fmt: skip
    entry = find_entry(chair, number)
    n_told = _tell_unit(chair, entry, "new", *adjustment_text(entry)) if due_on else 0
    record = chair.record(RECORDED, f"register:{number}", kind=new.kind.value, unit=unit.code)
    return Recorded(entry, record, n_told, banner)


def complete_entry(
    chair: Chair, entry_id: int, *, held_on: date | None = None, person: str = ""
) -> RegisterEntry:
    """Add the day or the person that an entry lacks.

    Raises: EntryNotFound; StateError if it is complete already.
    """
    entry = find_own(chair, entry_id)
    if entry.state is not EntryState.INCOMPLETE:
        raise StateError(
            f"entry {entry_id} is complete", user_text=f"编号 {entry_id} {entry.state.value}，不能补充"
        )
    held, who = held_on or entry.held_on, clean_person(person, "对象") if person else entry.person
    state = first_state(entry.kind, who, held)
    _change(chair, entry, {"held_on": held, "person": who, "state": state.value}, "register.completed")
    return find_entry(chair, entry_id)


def reply_to(chair: Chair, entry_id: int, text: str) -> RegisterEntry:
    """Answer a 调整要求 as the unit concerned or one above it, below who asked; who asked is told.

    Raises: EntryNotFound; StateError; BadParameter.
    """
    require_writer(chair.viewer)
    entry = find_entry(chair, entry_id)
    require_reply(entry)
    values = {
        "reply": clean_text(text, "答复内容"), "replied_at": chair.now, "replied_by": chair.viewer.identity,
        "state": EntryState.REPLIED.value,
    }  # fmt: skip
    by = registers.load_recorder(chair.connection, entry_id)
    _change(chair, entry, values, "register.replied")
    replied = find_entry(chair, entry_id)
    if by.startswith("chat:"):
        recipient = identity_recipient(int(by.removeprefix("chat:")))
        message = NewMessage(
            f"register:{entry_id}:reply", MessageKind.REMINDER, recipient, *reply_text(replied)
        )
        enqueue(chair.connection, [message], chair.now, chair.office.quiet)
    return replied


def close_entry(chair: Chair, entry_id: int, outcome: str) -> RegisterEntry:
    """Note what came of an entry and close it.

    Raises: EntryNotFound; StateError; BadParameter.
    """
    entry = find_own(chair, entry_id)
    require_closable(entry)
    values = {
        "outcome": clean_text(outcome, "结果"), "closed_at": chair.now, "closed_by": chair.viewer.identity,
        "state": EntryState.CLOSED.value,
    }  # fmt: skip
    _change(chair, entry, values, "register.closed")
    return find_entry(chair, entry_id)


def withdraw_entry(chair: Chair, number: int) -> RegisterEntry | None:
    """Take back the viewer's own entry within ten minutes (撤销); None if the record is not one.

    Raises: StateError if it has gone on meanwhile.
    """
    record = load_audit(chair.connection, number, chair.viewer.identity, RECORDED)
    if record is None or record.at <= chair.now - UNDO_WITHIN:
        return None
    entry = find_entry(chair, int(record.subject.partition(":")[2]))
    if entry.state not in (EntryState.INCOMPLETE, EntryState.RECORDED, EntryState.WAITING):
        raise StateError(
            f"entry is {entry.state}", user_text=f"编号 {entry.entry_id} {entry.state.value}，不能撤销"
        )
    _change(chair, entry, {"state": EntryState.WITHDRAWN.value}, "register.withdrawn")
    if entry.kind is RegisterKind.ADJUSTMENT:
        _tell_unit(chair, entry, "withdrawn", *withdrawn_text(entry))
    return find_entry(chair, entry.entry_id)


def take_back_step(chair: Chair, number: int) -> RegisterEntry | None:
    """Take back the viewer's own 补充 or 结果 within ten minutes (撤销); None if the record is neither.

    Raises: StateError if the entry has gone on meanwhile; EntryNotFound.
    """
    records = (load_audit(chair.connection, number, chair.viewer.identity, step) for step in _STEPS)
    record = next((one for one in records if one is not None), None)
    if record is None or record.at <= chair.now - UNDO_WITHIN or "before" not in record.detail:
        return None
    entry = find_own(chair, int(record.subject.partition(":")[2]))
    before, after = record.detail["before"], record.detail["after"]
    if any(_as_json(getattr(entry, name)) != value for name, value in after.items()):
        text = f"编号 {entry.entry_id} 此后已有变动（{entry.state.value}），不能撤销"
        raise StateError(f"entry {entry.entry_id} went on", user_text=text)
    values: dict[str, object] = dict(before)
    if before.get("held_on"):
        values["held_on"] = date.fromisoformat(before["held_on"])
    if entry.state is EntryState.CLOSED:
        values |= {"closed_at": None, "closed_by": ""}
    _change(chair, entry, values, "register.step_undone")
    return find_entry(chair, entry.entry_id)


def last_record(chair: Chair) -> int:
    """Return the number of the latest record that the viewer made in this transaction's instant."""
    return assessments.find_last_record(chair.connection, chair.viewer.identity, chair.now)


def find_entry(chair: Chair, entry_id: int) -> RegisterEntry:
    """Return an entry about a unit of the viewer's subtree.

    Raises: EntryNotFound.
    """
    entry = registers.find_entry(chair.connection, entry_id, chair.viewer.unit_path)
    if entry is None or not chair.viewer.may_see_unit(entry.unit_path) or _hides(chair, entry):
        raise EntryNotFound(f"entry {entry_id} asked by {chair.viewer.identity}")
    return entry


def find_own(chair: Chair, entry_id: int) -> RegisterEntry:
    """Return an entry that the viewer may change: one about a unit below the viewer's own.

    Raises: EntryNotFound; ReadOnlyRole.
    """
    require_writer(chair.viewer)
    entry = find_entry(chair, entry_id)
    if entry.unit_path == chair.viewer.unit_path and chair.viewer.role is not Role.INSPECTOR:
        raise EntryNotFound(f"entry {entry_id} is about the own unit of {chair.viewer.identity}")
    return entry


def list_entries(
    chair: Chair, kinds: Collection[RegisterKind], *, only_open: bool = False, limit: int = MOST_LISTED
) -> list[RegisterEntry]:
    """Return the entries of the viewer's subtree, open ones first.

    The unit itself sees what it has to answer and what was announced, not talks that are being prepared.
    """
    path = chair.viewer.unit_path
    found = registers.load_entries(chair.connection, path, kinds, only_open=only_open, limit=limit)
    return [entry for entry in found if not _hides(chair, entry)]


def _hides(chair: Chair, entry: RegisterEntry) -> bool:
    is_own = entry.unit_path == chair.viewer.unit_path and chair.viewer.role is not Role.INSPECTOR
    return is_own and entry.state is EntryState.INCOMPLETE


def _unit_below(chair: Chair, code: str) -> Unit:
    require_writer(chair.viewer)
    if chair.viewer.role not in _RECORDERS:
        raise CommandError("role may not", user_text="您的角色不能登记通报、约谈和调整要求")
    unit = chair.unit(code)
    if unit.path == chair.viewer.unit_path:
        raise BadParameter("own unit", user_text="只能对下级单位登记，不能对本单位登记")
    return unit


def _require_whole(kind: RegisterKind, person: str, held_on: date | None, today: date) -> None:
    if kind is RegisterKind.ADJUSTMENT and not person:
        raise BadParameter("no person", user_text="请写明要调整的管理员姓名")
    if held_on and abs((held_on - today).days) > 366:
        raise BadParameter("day too far", user_text="日期应在前后一年以内")


def _due_of(chair: Chair, new: NewEntry) -> tuple[date | None, str]:
    if new.kind is not RegisterKind.ADJUSTMENT:
        return None, ""
    workdays = load_workdays(chair.connection)
    due_on = new.due_on or workdays.add(chair.today, DEFAULT_WORKDAYS)
    banner = workdays.banner(chair.today, due_on)
    if not workdays.is_workday(due_on):
        banner = f"{banner}；期限 {due_on:%m-%d} 不是工作日".lstrip("；")
    return require_due(due_on, chair.today), banner


def _change(chair: Chair, entry: RegisterEntry, values: dict[str, object], action: str) -> int:
    if not registers.change_entry(chair.connection, entry.entry_id, entry.state, values):
        raise StateError(
            f"entry {entry.entry_id} changed meanwhile", user_text="该件刚被他人更改，请重新查看"
        )
    kept = {name: _as_json(getattr(entry, name)) for name in values if name in _KEPT}
    after = {name: _as_json(value) for name, value in values.items() if name in _KEPT}
    return chair.record(action, f"register:{entry.entry_id}", unit=entry.unit_code, before=kept, after=after)


def _as_json(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _tell_unit(chair: Chair, entry: RegisterEntry, occasion: str, title: str, text: str) -> int:
    """Tell the administrators of the unit concerned, else the nearest above; return how many."""
    admins = admins_by_path(alerts.load_watchers(chair.connection, chair.today))
    recipients: Sequence[str] = nearest_admins(entry.unit_path, admins)
    messages = [
        NewMessage(f"register:{entry.entry_id}:{occasion}:{one}", MessageKind.REMINDER, one, title, text)
        for one in recipients
    ]
    return enqueue(chair.connection, messages, chair.now, chair.office.quiet)

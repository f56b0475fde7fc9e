"""Feed back a problem of the platforms and get an answer (反馈, GD-5.3).

Everything runs in the transaction of the chat's answer. Key type: `Feedback`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from monitor.delivery.outbox import MessageKind, NewMessage
from monitor.errors import BadParameter, CommandError, NotFound, StateError
from monitor.store.delivery.outbox import enqueue
from monitor.store.index import feedback
from monitor.store.index.feedback import Connection
from monitor.store.ledger import registry
from monitor.texts.index_reports import answer_text
from monitor.units import Role, Viewer

_MOST_CHARS = 500
MOST_LISTED = 50


@dataclass(frozen=True, slots=True)
class Feedback:
    """One feedback, answered or not."""

    number: int
    unit_code: str
    unit_name: str
    text: str
    sent_at: datetime
    answer: str
    answered_at: datetime | None


def send_feedback(
    connection: Connection, viewer: Viewer, recipient: str, text: str, now: datetime
) -> tuple[int, bool]:
    """Store a feedback for the viewer's unit; the same words again, still open, are stored once.

    Source: GD-5.3 载明 (反馈平台问题).

    Args:
        connection: of the transaction.
        viewer: who feeds back.
        recipient: where the answer goes, as the outbox names people.
        text: what is wrong.
        now: the present instant.

    Returns: its number, and whether it is new.
    Raises: BadParameter for no text or more than 500 characters.
    """
    said = _clean(text, "反馈内容")
    known = feedback.find_open_twin(connection, viewer.identity, said)
    if known is not None:
        return known, False
    values = {
        "unit_id": viewer.unit_id, "text": said, "sent_at": now, "sent_by": viewer.identity,
        "recipient": recipient, "answer": "", "answered_at": None, "answered_by": "",
    }  # fmt: skip
    number = feedback.insert_feedback(connection, values)
    registry.write_audit(connection, now, viewer.identity, "feedback.send", str(number), {})
    return number, True


def answer_feedback(
    connection: Connection, viewer: Viewer, number: int, text: str, now: datetime
) -> Feedback:
    """Answer a feedback of the inspector's subtree and tell who sent it.

    Source: GD-5.3.
    Raises: CommandError for anybody but an inspector; NotFound also outside the subtree; StateError if it
        is answered; BadParameter.
    """
    if viewer.role is not Role.INSPECTOR:
        raise CommandError("not an inspector", user_text="反馈由督导检查答复")
    said = _clean(text, "答复内容")
    row = feedback.load_feedback(connection, number, viewer.unit_path)
    if row is None:
        raise NotFound(f"no feedback {number}", user_text=f"未找到反馈 {number}")
    if not feedback.save_answer(connection, number, said, viewer.identity, now):
        raise StateError(f"feedback {number} is answered", user_text=f"反馈 {number} 已答复")
    title, message = answer_text(number, row.text, said)
    key = f"feedback:{number}"
    enqueue(connection, [NewMessage(key, MessageKind.REMINDER, row.recipient, title, message)], now)
    registry.write_audit(connection, now, viewer.identity, "feedback.answer", str(number), {})
    return _to_feedback(row)


def list_feedback(connection: Connection, viewer: Viewer) -> Sequence[Feedback]:
    """Return what waits for an answer in an inspector's subtree; to others what they sent themselves."""
    if viewer.role is Role.INSPECTOR:
        rows = feedback.load_open_feedback(connection, viewer.unit_path, MOST_LISTED)
    else:
        rows = feedback.load_own_feedback(connection, viewer.identity, MOST_LISTED)
    return [_to_feedback(row) for row in rows]


def _to_feedback(row: Any) -> Feedback:
    return Feedback(row.id, row.unit_code, row.unit_name, row.text, row.sent_at, row.answer, row.answered_at)


def _clean(text: str, what: str) -> str:
    said = " ".join(text.split())
    if not said:
        raise BadParameter(f"{what} is empty", user_text=f"请写明{what}")
    if len(said) > _MOST_CHARS:
        raise BadParameter(f"{what} is too long", user_text=f"{what}不能超过 {_MOST_CHARS} 字")
    return said

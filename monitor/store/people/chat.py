"""Private messages, the answers they got, and the numbered choices last offered.

The answer to an event is stored once; whoever comes second, a retry of the platform or an overlapping
delivery, gets the stored one. `Connection` is exported for the signatures of use cases, which only
pass it on. Key types: `ChatMessage`, `Menu`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection as Connection
from sqlalchemy import bindparam, select, text, update

from monitor.errors import AppError, StorageError
from monitor.people.steps import OpenStep
from monitor.store.people.steps import end_step, save_step
from monitor.store.tables import ChatIdentityRow, ChatMenuRow, ChatMessageRow, table_of

_message = table_of(ChatMessageRow)
_menu = table_of(ChatMenuRow)
_identity = table_of(ChatIdentityRow)
MENU_LIFE = timedelta(minutes=5)

# Plain text: both databases spell it alike, and it costs a third of a compiled construct.
_INSERT = text(
    "INSERT INTO chat_message (account, event_key, address, received_at, text, reply)"
    " VALUES (:account, :event_key, :address, :received_at, :text, :reply) ON CONFLICT DO NOTHING"
).bindparams(bindparam("received_at", type_=_message.c.received_at.type))
_OFFER = text(
    "INSERT INTO chat_menu (account, address, commands, expires_at)"
    " VALUES (:account, :address, :commands, :expires_at) ON CONFLICT (account, address)"
    " DO UPDATE SET commands = excluded.commands, expires_at = excluded.expires_at"
).bindparams(
    bindparam("commands", type_=_menu.c.commands.type), bindparam("expires_at", type_=_menu.c.expires_at.type)
)
_OPEN_WINDOW = (
    update(_identity)
    .where(_identity.c.id == bindparam("identity"))
    .values(last_chat_at=bindparam("seen_at", type_=_identity.c.last_chat_at.type))
)
_FIND = select(_message.c.reply, _message.c.received_at).where(
    _message.c.account == bindparam("account"), _message.c.event_key == bindparam("event_key")
)


@dataclass(frozen=True, slots=True)
class Menu:
    """Numbered choices: the command lines they stand for, and how to get back (「0」).

    `here` is the command line that offered the choices; `back` the one before it, "" for the main menu.
    """

    choices: tuple[str, ...]
    here: str = ""
    back: str = ""


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """A private message and its answer.

    `text` is empty unless it was a command of a bound person. `menu` replaces the choices last offered,
    None leaves them. `seen_identity` is the person whose 48 h window the message opens, None for nobody.
    `step` opens a step in place of the one before; `ends_step` says that there was one and it is over.
    """

    account: str
    event_key: int
    address: str
    received_at: datetime
    text: str
    reply: str
    menu: Menu | None = None
    seen_identity: int | None = None
    step: OpenStep | None = None
    ends_step: bool = False


def save_answers(connection: Connection, messages: Sequence[ChatMessage]) -> list[str]:
    """Store messages with their answers; return for each the answer that counts, its own or an earlier one.

    A bulk function of `Database.write_bulk`.
    """
    first: dict[tuple[str, int], ChatMessage] = {}
    for message in messages:
        first.setdefault((message.account, message.event_key), message)
    fresh = [first[key] for key in sorted(first)]  # in one order in every process: no deadlock
    inserted = connection.execute(_INSERT, [_values(message) for message in fresh])
    answers = {key: message.reply for key, message in first.items()}
    if inserted.rowcount != len(fresh):
        fresh = _tell_apart(connection, first, answers)
    _save_consequences(connection, fresh)
    return [answers[message.account, message.event_key] for message in messages]


def answer_once(
    connection: Connection,
    message: ChatMessage,
    change: Callable[[], ChatMessage],
    refuse: Callable[[AppError], ChatMessage],
) -> str:
    """Make a change and store its answer, unless the event has been answered before.

    The row of the message is claimed first, so that an overlapping delivery waits for this commit. An
    expected failure undoes what the change wrote and is answered by `refuse`.
    Returns: the answer that counts, its own or the earlier one.
    Raises: StorageError of the change, which leaves the event unanswered.
    """
    if connection.execute(_INSERT, _values(message)).rowcount == 0:
        return _stored_answer(connection, message)[0]
    try:
        with connection.begin_nested():
            answered = change()
    except StorageError:
        raise
    except AppError as error:
        answered = refuse(error)
    where = (_message.c.account == message.account, _message.c.event_key == message.event_key)
    connection.execute(update(_message).where(*where).values(text=answered.text, reply=answered.reply))
    _save_consequences(connection, [answered])
    return answered.reply


def load_texts(connection: Connection, account: str, address: str, since: datetime) -> list[str]:
    """Return the commands that a person wrote since an instant, newest first, at most ten."""
    query = select(_message.c.text).where(
        _message.c.received_at > since,
        _message.c.account == account,
        _message.c.address == address,
        _message.c.text != "",
    )
    return list(connection.execute(query.order_by(_message.c.received_at.desc()).limit(10)).scalars())


def load_menu(connection: Connection, account: str, address: str) -> tuple[Menu, datetime] | None:
    """Return the choices last offered to a person and when they expire, or None if there were never any."""
    query = select(_menu.c.commands, _menu.c.expires_at)
    row = connection.execute(
        query.where(_menu.c.account == account, _menu.c.address == address)
    ).one_or_none()
    if row is None:
        return None
    back, here, *choices = row.commands
    return Menu(tuple(choices), here, back), row.expires_at


def _tell_apart(
    connection: Connection, first: dict[tuple[str, int], ChatMessage], answers: dict[tuple[str, int], str]
) -> list[ChatMessage]:
    """Put stored answers in place of those that came second; return the messages that came first."""
    fresh = []
    for key, message in sorted(first.items(), key=lambda pair: pair[0]):
        answers[key], received_at = _stored_answer(connection, message)
        if (answers[key], received_at) == (message.reply, message.received_at):
            fresh.append(message)
    return fresh


def _stored_answer(connection: Connection, message: ChatMessage) -> tuple[str, datetime]:
    key = {"account": message.account, "event_key": message.event_key}
    row = connection.execute(_FIND, key).one()
    return row.reply, row.received_at


def _save_consequences(connection: Connection, messages: Sequence[ChatMessage]) -> None:
    """Offer the new choices and open the 48 h windows, rows in one order in every process."""
    offers = [_offer(message, message.menu) for message in messages if message.menu is not None]
    if offers:
        connection.execute(_OFFER, sorted(offers, key=lambda offer: (offer["account"], offer["address"])))
    seen = {m.seen_identity: m.received_at for m in messages if m.seen_identity is not None}
    if seen:
        rows = [{"identity": identity, "seen_at": seen[identity]} for identity in sorted(seen)]
        connection.execute(_OPEN_WINDOW, rows)
    for message in messages:
        if message.step is not None:
            save_step(connection, message.account, message.address, message.step, message.received_at)
        elif message.ends_step:
            end_step(connection, message.account, message.address)


def _offer(message: ChatMessage, menu: Menu) -> dict[str, Any]:
    return {
        "account": message.account,
        "address": message.address,
        "commands": [menu.back, menu.here, *menu.choices],
        "expires_at": message.received_at + MENU_LIFE,
    }


def _values(message: ChatMessage) -> dict[str, object]:
    return {
        "account": message.account,
        "event_key": message.event_key,
        "address": message.address,
        "received_at": message.received_at,
        "text": message.text,
        "reply": message.reply,
    }

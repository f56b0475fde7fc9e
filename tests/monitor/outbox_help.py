"""Bound people, queued messages and a look at the outbox, for the tests of sending."""

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from monitor.delivery.addresses import AddressBook
from monitor.delivery.outbox import MessageKind, NewMessage, QuietHours
from monitor.store.database import Database
from monitor.store.delivery.outbox import enqueue
from monitor.store.tables import ChatIdentityRow, table_of
from monitor.store.work_tables import OutboxRow
from monitor.units import Role

BOOK = AddressBook(
    official_accounts=frozenset({"demo"}),
    templates=frozenset({"demo"}),
    wecom_apps=frozenset({"corp"}),
    robots=frozenset({"inspectors"}),
)
outbox = table_of(OutboxRow)
identity = table_of(ChatIdentityRow)


def bind(
    database: Database,
    unit_id: int,
    role: Role = Role.UNIT_ADMIN,
    *,
    account: str = "corp",
    group_id: int | None = None,
    last_chat_at: datetime | None = None,
    bound_at: datetime,
) -> str:
    """Bind a person and return their recipient name."""

    def work(connection: Any) -> int:
        n_bound = len(connection.execute(select(identity.c.id)).all())
        row = {
            "account": account, "address": f"person{n_bound + 1}", "role": role.value, "unit_id": unit_id,
            "group_id": group_id, "display_name": "", "bound_at": bound_at, "last_chat_at": last_chat_at,
        }  # fmt: skip
        return connection.execute(insert(identity).values(row).returning(identity.c.id)).scalar_one()

    return f"identity:{database.write(work)}"


def queue(
    database: Database,
    recipient: str,
    now: datetime,
    n_messages: int = 1,
    kind: MessageKind = MessageKind.ALERT,
    quiet: QuietHours | None = None,
) -> None:
    """Queue messages 「G0001 某群 未达标」 … for a recipient."""
    with database.reading() as connection:
        first = len(connection.execute(select(outbox.c.id)).all()) + 1
    messages = [
        NewMessage(f"test:{n}", kind, recipient, f"G{n:04} 第{n}群 未达标", f"G{n:04} 第{n}群 未达标\n请处理")
        for n in range(first, first + n_messages)
    ]
    database.write(lambda connection: enqueue(connection, messages, now, quiet))


def states(database: Database) -> list[str]:
    """Return the states of all rows in order of their ids."""
    with database.reading() as connection:
        return list(connection.execute(select(outbox.c.state).order_by(outbox.c.id)).scalars())


def rows(database: Database) -> list[Any]:
    """Return all outbox rows in order of their ids."""
    with database.reading() as connection:
        return list(connection.execute(select(outbox).order_by(outbox.c.id)).all())

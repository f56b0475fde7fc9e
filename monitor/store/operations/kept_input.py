"""Rows of input that failed on our side. `Connection` is exported for the signatures of use cases."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection as Connection
from sqlalchemy import delete, insert, select

from monitor.store.tables import table_of
from monitor.store.work_tables import KeptInputRow


def insert_kept_input(
    connection: Connection, number: str, received_at: datetime, source: str, error: str, body: bytes
) -> None:
    """Store one piece of input under its number."""
    row = {"id": number, "received_at": received_at, "source": source, "error": error, "body": body}
    connection.execute(insert(table_of(KeptInputRow)).values(row))


@dataclass(frozen=True, slots=True)
class KeptInput:
    """One request that was kept: its number, when it came, its path and its body."""

    number: str
    received_at: datetime
    path: str
    body: bytes


def load_kept_input(connection: Connection) -> list[KeptInput]:
    """Return everything that is kept, oldest first."""
    kept = table_of(KeptInputRow)
    query = select(kept.c.id, kept.c.received_at, kept.c.source, kept.c.body)
    return [KeptInput(*row) for row in connection.execute(query.order_by(kept.c.received_at, kept.c.id))]


def drop_kept_input(connection: Connection, number: str) -> None:
    """Forget one piece of input that has been replayed."""
    kept = table_of(KeptInputRow)
    connection.execute(delete(kept).where(kept.c.id == number))

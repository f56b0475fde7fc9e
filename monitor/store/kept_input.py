"""Rows of input that failed on our side. `Connection` is exported for the signatures of use cases."""

from datetime import datetime

from sqlalchemy import Connection as Connection
from sqlalchemy import insert

from monitor.store.tables import table_of
from monitor.store.work_tables import KeptInputRow


def insert_kept_input(
    connection: Connection, number: str, received_at: datetime, source: str, error: str, body: bytes
) -> None:
    """Store one piece of input under its number."""
    row = {"id": number, "received_at": received_at, "source": source, "error": error, "body": body}
    connection.execute(insert(table_of(KeptInputRow)).values(row))

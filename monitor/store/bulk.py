"""Many rows in one call of the driver, for the nightly jobs: 20,000 verdicts in a few tenths of a second.

Rows are plain tuples in the driver's own form; `bound` gives that form for the odd date or instant.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table


def bound(connection: Connection, table: Table, column: str, value: Any) -> Any:
    """Return a value as the driver stores it in a column (SQLite keeps dates as text)."""
    to_driver = table.c[column].type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
    return to_driver(value) if to_driver is not None else value


def put_rows(
    connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]], key: str
) -> None:
    """Insert rows; what differs under an existing key is replaced.

    Args:
        connection: of an open transaction.
        table: where to.
        columns: names in the order of the tuples.
        rows: values in the driver's form.
        key: columns of the unique key, separated by commas.
    """
    if not rows:
        return
    place = "?" if connection.dialect.name == "sqlite" else "%s"
    keys = set(key.split(", "))
    changes = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in keys)
    sql = (
        f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({', '.join([place] * len(columns))}) "  # noqa: S608
        f"ON CONFLICT ({key}) DO UPDATE SET {changes}"
    )
    connection.exec_driver_sql(sql, list(rows))

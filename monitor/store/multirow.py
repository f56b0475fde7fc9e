"""One statement for many rows, on the hot path.

SQLite's driver lets other threads run at every step of a statement, and with sixty requests waiting
each step costs a context switch. An executemany, or RETURNING, is one step a row; a statement with
many rows of VALUES is one step. A few sizes are used, so that drivers keep the statements prepared.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine import CursorResult, Dialect

Statement = Callable[[Dialect], Any]
"""Builds an insert for a dialect; a module-level function, so that its text is made once."""
_SIZES = (128, 64, 32, 16, 8, 4, 2, 1)


def write_rows(
    connection: Connection, statement: Statement, rows: Sequence[tuple[Any, ...]]
) -> Iterator[CursorResult[Any]]:
    """Run an insert for all rows, in as few statements as the sizes allow; yields each one's result.

    Args:
        connection: of an open transaction.
        statement: INSERT … VALUES … ON CONFLICT … of all columns of the table.
        rows: values in the driver's form, in the order of the columns.
    """
    start = 0
    for size in _SIZES:
        while len(rows) - start >= size:
            values = tuple(value for row in rows[start : start + size] for value in row)
            yield connection.exec_driver_sql(_text(connection.dialect, statement, size), values)
            start += size


@lru_cache(maxsize=64)
def _text(dialect: Dialect, statement: Statement, n_rows: int) -> str:
    """Return the driver's own text, so that SQLAlchemy need not build it again."""
    text = str(statement(dialect).compile(dialect=dialect))
    start = text.index("VALUES ") + len("VALUES ")
    end = text.index(" ON CONFLICT")
    n_columns = text[start:end].count(",") + 1
    place = "?" if dialect.name == "sqlite" else "%s"
    one_row = f"({', '.join([place] * n_columns)})"
    return text[:start] + ", ".join([one_row] * n_rows) + text[end:]

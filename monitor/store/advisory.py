"""Keeps the close of day and late posts apart when several processes write to PostgreSQL.

SQLite has one writer at a time and needs nothing of this. On PostgreSQL a late post takes the lock
shared and the close takes it alone, so that neither can miss what the other is about to commit.
"""

from sqlalchemy import Connection

_DAY_CLOSE = 7_302_013  # any number, the same in every process


def share_day_close(connection: Connection) -> None:
    """Hold off a close of day until the end of this transaction."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock_shared({_DAY_CLOSE})")


def own_day_close(connection: Connection) -> None:
    """Wait for late posts in flight, and hold off others until the end of this transaction."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_DAY_CLOSE})")

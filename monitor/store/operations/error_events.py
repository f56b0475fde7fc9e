"""Failures on our side (编号 E-…) in the store. Functions of a connection."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection as Connection
from sqlalchemy import insert, select, update

from monitor.store.tables import table_of
from monitor.store.work_tables import ErrorEventRow

_error = table_of(ErrorEventRow)


class ErrorEvent(NamedTuple):
    """A failure, how often and when it happened."""

    number: str
    place: str
    error: str
    n_times: int
    first_at: datetime
    last_at: datetime


def note_error(
    connection: Connection, number: str, place: str, error: str, at: datetime, since: datetime
) -> str:
    """Note a failure; one that has happened at that place since an instant is counted on.

    Returns: the number under which it is known.
    """
    same = (_error.c.place == place, _error.c.error == error, _error.c.last_at >= since)
    known: str | None = connection.execute(
        select(_error.c.id).where(*same).order_by(_error.c.last_at.desc()).limit(1)
    ).scalar()
    if known is not None:
        again = {"n_times": _error.c.n_times + 1, "last_at": at}
        connection.execute(update(_error).where(_error.c.id == known).values(again))
        return known
    values = {"id": number, "place": place, "error": error, "n_times": 1, "first_at": at, "last_at": at}
    connection.execute(insert(_error).values(values))
    return number


def load_error_events(connection: Connection, limit: int) -> list[ErrorEvent]:
    """Return the latest failures first."""
    query = select(_error).order_by(_error.c.last_at.desc(), _error.c.id).limit(limit)
    return [ErrorEvent(*row) for row in connection.execute(query)]

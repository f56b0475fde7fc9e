"""Keep failures on our side under the number that people are given (编号 E-…), for the operator to look up.

Key types: `ErrorKeeper`. Key functions: `new_fault_number`.
"""

import secrets
from datetime import datetime, timedelta

import structlog

from monitor.clock import Clock, as_shanghai
from monitor.errors import StorageError
from monitor.store.database import Database
from monitor.store.operations.error_events import note_error

_SAME_WITHIN = timedelta(hours=1)
_MOST_PLACE, _MOST_ERROR = 80, 200
_log = structlog.get_logger(__name__)


def new_fault_number(now: datetime) -> str:
    """Return a number for a failure, such as E-1120-3F9A2C: month and day, then chance.

    Source: none (design). The one form in chat, console, jobs and logs.
    """
    return f"E-{as_shanghai(now):%m%d}-{secrets.token_hex(3).upper()}"


class ErrorKeeper:
    """Notes failures; never fails itself. Thread-safe."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Write to `database`."""
        self._database, self._clock = database, clock

    def keep(self, place: str, error: BaseException) -> str:
        """Note where what kind of error happened and return its number, also when that cannot be written.

        The same at the same place within an hour has one number and is counted.
        """
        now = self._clock()
        number = new_fault_number(now)
        where, what = place[:_MOST_PLACE], _name(error)[:_MOST_ERROR]
        try:
            return self._database.write(lambda c: note_error(c, number, where, what, now, now - _SAME_WITHIN))
        except StorageError:
            _log.exception("error could not be kept", number=number, place=where)
        return number


def _name(error: BaseException) -> str:
    """Return the classes of an error and of what caused it; messages may hold what people wrote."""
    names, seen = [], 0
    each: BaseException | None = error
    while each is not None and seen < 5:
        names.append(type(each).__name__)
        each, seen = each.__cause__, seen + 1
    return " ← ".join(names)

"""Keep input that failed on our side, under a number that the answer names."""

import structlog

from monitor.clock import Clock, as_shanghai
from monitor.delivery.outbox import MessageKind, NewMessage
from monitor.errors import StorageError
from monitor.store.database import Database
from monitor.store.delivery.outbox import enqueue, load_operators
from monitor.store.operations.kept_input import Connection, insert_kept_input
from monitor.texts.notices import kept_input_notice
from monitor.usecases.operations.keep_errors import new_fault_number

_log = structlog.get_logger(__name__)


class InputKeeper:
    """Stores what could not be handled, for the operator to replay, and tells the operators of it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Write to `database`."""
        self._database = database
        self._clock = clock

    def keep(self, source: str, body: bytes, error: str = "") -> str:
        """Store input and return its number (编号 E-…); the number is returned even if storing fails.

        Every operator is told, at most once an hour (requirements D.1): a defect strikes often.
        """
        now = self._clock()
        number = new_fault_number(now)
        title, text = kept_input_notice(number, source)
        hour = as_shanghai(now).strftime("%Y-%m-%dT%H")

        def work(connection: Connection) -> None:
            insert_kept_input(connection, number, now, source, error, body)
            messages = [
                NewMessage(f"kept:{hour}:{operator}", MessageKind.OPERATOR, operator, title, text)
                for operator in load_operators(connection)
            ]
            enqueue(connection, messages, now)

        try:
            self._database.write(work)
        except StorageError:
            _log.exception("input could not be kept", number=number, source=source)
        return number

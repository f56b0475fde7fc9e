"""Keep input that failed on our side, under a number that the answer names."""

import secrets

import structlog

from monitor.clock import Clock, as_shanghai
from monitor.errors import StorageError
from monitor.store.database import Database
from monitor.store.kept_input import Connection, insert_kept_input

_log = structlog.get_logger(__name__)


class InputKeeper:
    """Stores what could not be handled, for the operator to replay."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Write to `database`."""
        self._database = database
        self._clock = clock

    def keep(self, source: str, body: bytes, error: str = "") -> str:
        """Store input and return its number (编号 E-…); the number is returned even if storing fails."""
        now = self._clock()
        number = f"E-{as_shanghai(now):%m%d}-{secrets.token_hex(3).upper()}"

        def work(connection: Connection) -> None:
            insert_kept_input(connection, number, now, source, error, body)

        try:
            self._database.write(work)
        except StorageError:
            _log.exception("input could not be kept", number=number, source=source)
        return number

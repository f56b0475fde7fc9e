"""Group commit: one thread writes, every caller waits for the commit that holds its work.

Callers hand in items for a bulk function. The thread takes everything that waits, calls each bulk
function once with the merged items, commits once, and lets the callers go. Under load many events
share one flush to disk; without load an event waits for its own.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, Generic, Protocol, TypeVar

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from monitor.errors import StorageError

I = TypeVar("I", contravariant=True)  # noqa: E741
R = TypeVar("R")
T = TypeVar("T")
_log = structlog.get_logger(__name__)


class BulkWrite(Protocol[I, R]):
    """Writes many items in the open transaction and returns one result per item, in order."""

    def __call__(self, connection: Connection, items: Sequence[I], /) -> list[R]:
        """Write the items."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """Value or exception of one piece of work."""

    value: T | None = None
    error: BaseException | None = None

    def unwrap(self) -> T:
        """Return the value or raise the exception."""
        if self.error is not None:
            raise self.error
        return self.value  # type: ignore[return-value]


def run_each(connection: Connection, works: Sequence[Callable[[Connection], T]]) -> list[Outcome[T]]:
    """Run functions one after the other, each in a savepoint of its own."""
    outcomes: list[Outcome[T]] = []
    for work in works:
        savepoint = connection.begin_nested()
        try:
            outcomes.append(Outcome(value=work(connection)))
            savepoint.commit()
        except SQLAlchemyError:
            raise  # the transaction itself is in doubt: every caller is told, none is acknowledged
        except Exception as error:  # noqa: BLE001  handed to the caller, who raises it
            savepoint.rollback()
            outcomes.append(Outcome(error=error))
    return outcomes


class _Ticket:
    """One caller's items, and the lock on which it waits for their commit."""

    __slots__ = ("bulk", "done", "error", "items", "results")

    def __init__(self, bulk: BulkWrite[Any, Any], items: Sequence[Any]) -> None:
        self.bulk = bulk
        self.items = items
        self.results: list[Any] = []
        self.error: BaseException | None = None
        self.done = threading.Lock()
        self.done.acquire()


class GroupCommitWriter:
    """The writer thread of the process; started by the first submission."""

    def __init__(self, engine: Engine, *, flush_delay: float = 0.0) -> None:
        """Write through `engine`; `flush_delay` seconds are added to every commit (measurements only)."""
        self._engine = engine
        self._flush_delay = flush_delay
        self._queue: SimpleQueue[_Ticket | None] = SimpleQueue()
        self._connection: Connection | None = None
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    @property
    def depth(self) -> int:
        """Callers that wait at this moment."""
        return self._queue.qsize()

    def submit(self, bulk: BulkWrite[I, R], items: Sequence[I]) -> list[R]:
        """Return the results of the items after their commit.

        Raises: StorageError if the commit failed; then nothing of these items is stored.
        """
        if self._thread is None:
            self._start()
        ticket = _Ticket(bulk, items)
        self._queue.put(ticket)
        ticket.done.acquire()
        if ticket.error is not None:
            raise ticket.error
        return ticket.results

    def close(self) -> None:
        """Finish what waits and stop the thread."""
        with self._starting:
            if self._thread is not None:
                self._queue.put(None)
                self._thread.join()
                self._thread = None

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="group-commit", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            tickets, is_last = self._take()
            if tickets:
                self._serve(tickets)
                for ticket in tickets:
                    ticket.done.release()
            if is_last:
                self._disconnect()
                return

    def _take(self) -> tuple[list[_Ticket], bool]:
        """Wait for a ticket, then take all that have gathered."""
        tickets: list[_Ticket] = []
        ticket = self._queue.get()
        while ticket is not None:
            tickets.append(ticket)
            if self._queue.empty():
                return tickets, False
            ticket = self._queue.get()
        return tickets, True

    def _serve(self, tickets: list[_Ticket]) -> None:
        try:
            self._commit(tickets)
        except Exception as error:  # noqa: BLE001  one bad item must not take its neighbours along
            self._disconnect()
            if len(tickets) == 1:
                tickets[0].error = _as_storage_error(error)
                return
            for ticket in tickets:
                self._serve([ticket])

    def _commit(self, tickets: list[_Ticket]) -> None:
        merged: dict[BulkWrite[Any, Any], list[_Ticket]] = {}
        for ticket in tickets:
            merged.setdefault(ticket.bulk, []).append(ticket)
        connection = self._connect()
        with connection.begin():
            answers = [
                (group, bulk(connection, [item for ticket in group for item in ticket.items]))
                for bulk, group in merged.items()
            ]
            if self._flush_delay:
                time.sleep(self._flush_delay)
        for group, results in answers:
            _hand_out(group, results)

    def _connect(self) -> Connection:
        if self._connection is None:
            self._connection = self._engine.connect()
        return self._connection

    def _disconnect(self) -> None:
        """Drop the connection; the next commit opens a new one."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            connection.invalidate()
            connection.close()
        except SQLAlchemyError as error:
            _log.warning("connection could not be closed", error=type(error).__name__)


def _hand_out(tickets: list[_Ticket], results: list[Any]) -> None:
    start = 0
    for ticket in tickets:
        ticket.results = results[start : start + len(ticket.items)]
        start += len(ticket.items)


def _as_storage_error(error: Exception) -> Exception:
    if isinstance(error, SQLAlchemyError):
        wrapped = StorageError("the write was not committed")
        wrapped.__cause__ = error
        return wrapped
    return error

"""The database: engines for reading and writing, the writer, and the schema's version.

SQLite runs in WAL mode with synchronous=FULL, so a commit that was answered survives a crash. Its
writes all go through the group-commit writer of the process; readers see a consistent snapshot and
never wait for it. PostgreSQL uses the same calls.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import orjson
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool

from monitor.errors import StorageError
from monitor.store.writer import BulkWrite, GroupCommitWriter, run_each

I = TypeVar("I")  # noqa: E741
R = TypeVar("R")
_READERS = 64
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "wal_autocheckpoint=4000",  # pages, 16 MB: busy pages are written back once instead of ten times
)


class Database:
    """One database of one process.

    `reading()` gives a snapshot, `write()` runs a function in a transaction and returns after the
    commit, `write_bulk()` merges items of many callers into one statement and one commit.
    """

    def __init__(self, url: str, *, flush_delay: float = 0.0) -> None:
        """Connect lazily to a SQLAlchemy address (`sqlite:////…/x.db`, `postgresql://…`).

        Args:
            flush_delay: seconds added to every commit, to measure a slow disk (bench/ only).
        """
        self.url = with_driver(url)
        self.is_sqlite = self.url.startswith("sqlite")
        self._readers = _engine(self.url, immediate=False)
        self._writers = _engine(self.url, immediate=True)
        self._writer = GroupCommitWriter(self._writers, flush_delay=flush_delay)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a read-only snapshot.

        Raises: StorageError if the database is away.
        """
        try:
            with self._readers.connect() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise StorageError("the database could not be read") from error

    def write(self, work: Callable[[Connection], R]) -> R:
        """Run `work` in a transaction of the writer and return its value after the commit.

        An exception of `work` undoes only its own changes and is raised here.
        Raises: StorageError if nothing could be committed.
        """
        return self._writer.submit(run_each, [work])[0].unwrap()

    def write_bulk(self, bulk: BulkWrite[I, R], items: Sequence[I]) -> list[R]:
        """Write items together with those of other callers; return one result per item, after the commit.

        Raises: StorageError if nothing could be committed.
        """
        return self._writer.submit(bulk, items)

    @property
    def queue_depth(self) -> int:
        """Callers that wait for the writer at this moment."""
        return self._writer.depth

    def close(self) -> None:
        """Finish what waits, then close all connections."""
        self._writer.close()
        self._readers.dispose()
        self._writers.dispose()


def with_driver(url: str) -> str:
    """Return a database address that names the driver of this project."""
    if url.startswith("postgres"):
        return "postgresql+psycopg" + url[url.index("://") :]
    return url


def _engine(url: str, *, immediate: bool) -> Engine:
    if not url.startswith("sqlite"):
        n_connections = 1 if immediate else 16
        return create_engine(
            url,
            pool_size=n_connections,
            max_overflow=16,
            pool_pre_ping=not immediate,
            hide_parameters=True,
            json_deserializer=orjson.loads,
        )
    file = url.removeprefix("sqlite:///")
    if file not in ("", ":memory:"):
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        module=sqlite_module(),
        poolclass=QueuePool,
        pool_size=1 if immediate else _READERS,
        max_overflow=0,
        json_deserializer=orjson.loads,
        hide_parameters=True,  # an error's text must not carry what people wrote into the log
        connect_args={"check_same_thread": False, "timeout": 30},
    )
    begin = "BEGIN IMMEDIATE" if immediate else "BEGIN"

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy begins, not the driver
        # the writer touches pages all over the file; sixty readers with as much would fill the memory
        cache = "cache_size=-32000" if immediate else "cache_size=-2000"
        for pragma in (*_PRAGMAS, cache):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def sqlite_module() -> ModuleType:
    """Return the SQLite driver: the bundled newer library, or Python's own where there is no wheel."""
    if os.environ.get("QINGXUN_SQLITE") != "system":
        try:
            import pysqlite3

            return pysqlite3  # type: ignore[no-any-return]
        except ImportError:
            pass
    return sqlite3


def has_wal_reset_bug(version: tuple[int, int, int]) -> bool:
    """Tell whether a SQLite version can corrupt a WAL database with several connections.

    Fixed in 3.51.3 and in the back-ports 3.44.6 and 3.50.7.
    """
    if version >= (3, 51, 3) or version < (3, 7, 0):
        return False
    fixed = {(3, 44): 6, (3, 50): 7}
    return version[2] < fixed.get((version[0], version[1]), 1_000)

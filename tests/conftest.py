"""Fixtures of the whole suite: a standing clock, both databases, a small fixed cast."""

import os
from collections.abc import Generator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from monitor.store.database import Database, with_driver
from monitor.store.migrate import upgrade_schema
from tests.cast import Cast, settle

POSTGRES = os.environ.get("QINGXUN_TEST_POSTGRES", "postgresql://127.0.0.1:5432/postgres")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a skipped test whose service QINGXUN_REQUIRE says is here (postgres, browser)."""
    report = yield
    required = set(os.environ.get("QINGXUN_REQUIRE", "").split())
    if report.skipped and any(marker.name in required for marker in item.iter_markers()):
        report.outcome = "failed"
        report.longrepr = f"its service is here, so it may not be skipped: {report.longrepr}"
    return report


class FrozenClock:
    """A clock that stands still until a test moves it. Starts on Friday 2026-11-20 at 15:00 Shanghai."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, 7, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **delta: float) -> None:
        self.now += timedelta(**delta)


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A migrated database of its own on the PostgreSQL of this machine, dropped at the end."""
    name = f"qingxun_test_{os.getpid()}"
    server = create_engine(with_driver(POSTGRES), isolation_level="AUTOCOMMIT")
    try:
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
            connection.execute(text(f"CREATE DATABASE {name}"))
    except SQLAlchemyError:
        pytest.skip("no PostgreSQL server answers")
    url = POSTGRES.rsplit("/", 1)[0] + "/" + name
    upgrade_schema(url)
    yield url
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
    server.dispose()


@pytest.fixture(scope="session")
def sweeper(postgres_url: str) -> Iterator[Engine]:
    """The kept connection that empties the PostgreSQL database between two tests."""
    engine = create_engine(with_driver(postgres_url), pool_size=1, pool_pre_ping=True)
    yield engine
    engine.dispose()


def _empty(engine: Engine) -> None:
    """Delete all rows of a PostgreSQL database and start its numbers anew, in some five milliseconds.

    Small tables empty faster row by row than by TRUNCATE, which makes new files; one connection is kept for
    all tests, because a new one reads the descriptions of a hundred tables first.
    """
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))  # past the audit's triggers
        if connection.scalar(text("SELECT to_regproc('pg_temp.empty_tables')")) is None:
            connection.exec_driver_sql(_function(connection))
        connection.execute(text("SELECT pg_temp.empty_tables()"))


def _function(connection: Connection) -> str:
    tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
    deletes = "".join(
        f"IF EXISTS (SELECT FROM {name}) THEN DELETE FROM {name}; END IF;\n"  # noqa: S608 — our own names
        for name in connection.scalars(text(tables))
    )
    restart = "PERFORM setval(quote_ident(sequencename)::regclass, 1, false) FROM pg_sequences"
    used = "WHERE schemaname = 'public' AND last_value IS NOT NULL;"
    body = f"BEGIN {deletes} {restart} {used} END"
    return f"CREATE FUNCTION pg_temp.empty_tables() RETURNS void LANGUAGE plpgsql AS $${body}$$"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file that tests copy."""
    file = tmp_path_factory.mktemp("schema") / "template.db"
    upgrade_schema(f"sqlite:///{file}")
    return file


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty, migrated database, once of each kind."""
    if request.param == "sqlite":
        file = tmp_path / "qingxun.db"
        file.write_bytes(request.getfixturevalue("sqlite_template").read_bytes())
        yield f"sqlite:///{file}"
        return
    url = request.getfixturevalue("postgres_url")
    _empty(request.getfixturevalue("sweeper"))
    yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty, migrated database, once of each kind."""
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def cast(database: Database) -> Cast:
    """The fixed cast of the suite, settled in the database: see `tests.cast`."""
    return settle(database)

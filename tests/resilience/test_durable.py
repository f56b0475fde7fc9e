"""What is acknowledged survives: the commit comes before the answer, and the disk before the commit (T-26).

`tests/resilience/test_kill.py` kills the process; power that fails cannot be tried, so the settings that
guard against it are looked at.
"""

import threading
from datetime import date

import pytest
from sqlalchemy import Connection, insert, select

from monitor.store.database import Database
from monitor.store.days.tables import DayCountRow
from monitor.store.tables import table_of
from tests.cast import Cast

_ON_DISK = {"sqlite": ("PRAGMA synchronous", "2"), "postgresql": ("SHOW synchronous_commit", "on")}


@pytest.mark.parametrize("is_writer", [True, False])
def test_a_commit_is_on_disk_before_it_is_done(database: Database, is_writer: bool) -> None:
    statement, wanted = _ON_DISK["sqlite" if database.is_sqlite else "postgresql"]

    def ask(connection: Connection) -> str:
        return str(connection.exec_driver_sql(statement).scalar())

    if is_writer:
        found = database.write(ask)
    else:
        with database.reading() as connection:
            found = ask(connection)
    assert found == wanted


def test_nobody_is_answered_before_the_commit(database_url: str, database: Database, cast: Cast) -> None:
    """Others see what was written as soon as its writer is told, however slow the disk is."""
    slow = Database(database_url, flush_delay=0.2)
    table = table_of(DayCountRow)
    group_id = cast.groups["LC0001"]
    values = {"group_id": group_id, "provenance": "采集", "n_posts": 1, "n_relevant": 0, "last_ms": 1}
    missed: list[str] = []

    def write(day: str) -> None:
        row = values | {"business_day": date.fromisoformat(day)}
        slow.write(lambda connection: connection.execute(insert(table).values(row)))
        with database.reading() as connection:
            query = select(table).where(table.c.business_day == row["business_day"])
            if connection.execute(query).first() is None:
                missed.append(day)

    threads = [threading.Thread(target=write, args=(f"2026-11-0{n}",)) for n in range(1, 4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    slow.close()
    assert missed == []

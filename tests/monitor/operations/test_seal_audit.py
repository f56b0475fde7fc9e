"""The audit: append-only by triggers, sealed day by day, purged only with its seal."""

from datetime import date, timedelta

import pytest
from sqlalchemy import delete, insert, text, update

from monitor.clock import day_interval
from monitor.errors import StorageError
from monitor.store.database import Database
from monitor.store.operations.audit import insert_audit
from monitor.store.operations.audit_queries import Connection, digest_of, load_seals
from monitor.store.people.console_tables import AuditSealRow
from monitor.store.tables import table_of
from monitor.store.work_tables import AuditRow
from monitor.usecases.operations.purge import Retention, purge
from monitor.usecases.operations.seal_audit import (
    SEAL_AUDIT,
    purge_audit,
    seal_audit,
    seal_days,
    verify_seals,
)
from scoring.rulebook import load_rulebook
from tests.cast import Cast
from tests.conftest import FrozenClock

_audit = table_of(AuditRow)
_seal = table_of(AuditSealRow)


def note(database: Database, clock: FrozenClock, subject: str = "LC") -> int:
    detail = {"before": "差", "after": "一般", "points": 0.1, "note": None}
    return database.write(lambda c: insert_audit(c, "cli:x", "grade.changed", subject, detail, clock()))


def seal(database: Database, clock: FrozenClock) -> int:
    return database.write(lambda c: seal_days(c, clock()))


def without_triggers(database: Database, statement: str) -> None:
    """Change the database as somebody does who has it whole."""

    def write(connection: Connection) -> None:
        if database.is_sqlite:
            connection.exec_driver_sql("DROP TRIGGER IF EXISTS audit_no_update")
            connection.exec_driver_sql("DROP TRIGGER IF EXISTS audit_no_delete")
        else:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(statement))

    database.write(write)


@pytest.mark.parametrize("is_sealed", [False, True])
def test_entries_are_neither_changed_nor_removed(
    database: Database, clock: FrozenClock, is_sealed: bool
) -> None:
    note(database, clock)
    if is_sealed:
        clock.advance(days=1)
        seal(database, clock)
    for statement in (update(_audit).values(subject="YS"), delete(_audit)):
        with pytest.raises(StorageError):
            database.write(lambda c, s=statement: c.execute(s).rowcount)
    with database.reading() as connection:
        assert connection.execute(_audit.select()).one().subject == "LC"


def test_every_finished_day_is_sealed_once_days_without_entries_included(
    database: Database, clock: FrozenClock
) -> None:
    note(database, clock)
    clock.advance(days=2)
    note(database, clock)
    assert seal(database, clock) == 2
    assert seal(database, clock) == 0
    with database.reading() as connection:
        seals = load_seals(connection)
    assert [(one.day, one.n_rows) for one in seals] == [(date(2026, 11, 20), 1), (date(2026, 11, 21), 0)]
    report = verify_seals(database)
    assert (report.is_good, report.n_days, report.last_day) == (True, 2, date(2026, 11, 21))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET subject = 'YS' WHERE id = 2",
        "UPDATE audit SET detail = '{\"points\": 9}' WHERE id = 2",
        "DELETE FROM audit WHERE id = 2",
        "UPDATE audit SET id = 99 WHERE id = 2",
    ],
)
def test_a_change_past_the_triggers_breaks_the_seal_of_its_day(
    database: Database, clock: FrozenClock, statement: str
) -> None:
    for _ in range(3):
        note(database, clock)
        clock.advance(days=1)
    seal(database, clock)
    assert verify_seals(database).is_good
    without_triggers(database, statement)
    assert verify_seals(database).broken == (date(2026, 11, 21),)


def test_a_seal_that_is_made_anew_does_not_fit_the_next_one(database: Database, clock: FrozenClock) -> None:
    for _ in range(3):
        note(database, clock)
        clock.advance(days=1)
    seal(database, clock)
    without_triggers(database, "UPDATE audit SET subject = 'YS' WHERE id = 1")
    with database.reading() as connection:
        first = load_seals(connection)[0]
    with database.reading() as connection:
        _, forged = digest_of(connection, first.starts_at, first.ends_at, "")
    database.write(
        lambda c: c.execute(update(_seal).where(_seal.c.day == first.day).values(digest=forged)).rowcount
    )
    assert verify_seals(database).broken == (date(2026, 11, 21),)
    without_triggers(database, "DELETE FROM audit_seal WHERE day = '2026-11-21'")
    assert date(2026, 11, 22) in verify_seals(database).broken


def test_old_days_are_purged_with_their_seal_kept(database: Database, clock: FrozenClock) -> None:
    note(database, clock)
    clock.advance(days=200)
    note(database, clock)
    assert purge_audit(database, clock, 184) == 0  # not sealed yet, so not removed
    seal(database, clock)
    assert purge(database, clock, Retention(audit_days=184)).n_audits == 1
    assert purge_audit(database, clock, 184) == 0
    with database.reading() as connection:
        assert len(connection.execute(_audit.select()).all()) == 1
    assert verify_seals(database).is_good
    starts_at, _ = day_interval(date(2026, 11, 20))
    values = {"at": starts_at, "actor": "x", "action": "x", "subject": "x", "detail": {}}
    database.write(lambda c: c.execute(insert(_audit).values(**values)).rowcount)
    assert verify_seals(database).broken == (date(2026, 11, 20),)  # a purged day stays empty


def test_a_day_is_kept_until_its_retention_is_over(database: Database, clock: FrozenClock) -> None:
    note(database, clock)
    clock.advance(days=184)
    seal(database, clock)
    assert purge_audit(database, clock, 184) == 0
    clock.advance(days=1)
    assert purge_audit(database, clock, 184) == 1


def test_the_nightly_job_seals_once_per_slot(database: Database, clock: FrozenClock, cast: Cast) -> None:
    note(database, clock)
    clock.advance(days=1)
    slot = clock() - timedelta(hours=1)
    assert seal_audit(database, load_rulebook(), clock, slot) == "封存 1 天"
    assert seal_audit(database, load_rulebook(), clock, slot) is None
    assert SEAL_AUDIT.name == "seal-audit"
    assert cast

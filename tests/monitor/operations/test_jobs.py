"""The job runner by itself: each slot once, outages, stepping clocks, several processes; both databases."""

import threading
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from monitor.clock import as_shanghai, business_day
from monitor.delivery.outbox import ChannelKind, MessageKind
from monitor.events import EventKind, InboundEvent, stable_key
from monitor.jobs import JobRunner
from monitor.store.database import Database
from monitor.store.days.tables import DayCountRow, DayGradeRow
from monitor.store.tables import table_of
from monitor.store.work_tables import JobSlotRow
from monitor.units import Role
from monitor.usecases.days.receive import Receiver
from monitor.usecases.delivery.send_alerts import AlertSender
from scoring.rulebook import load_rulebook
from tests.cast import SOURCE, Cast
from tests.channels import MemoryChannel
from tests.conftest import FrozenClock
from tests.monitor.outbox_help import BOOK, bind, rows

RULEBOOK = load_rulebook()


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}+08:00")


def runner(
    database: Database, clock: Callable[[], datetime], *channels: MemoryChannel, robots: tuple[str, ...] = ()
) -> JobRunner:
    sender = AlertSender(database, {channel.kind: channel for channel in channels}, BOOK, clock)
    return JobRunner(database, RULEBOOK, clock, sender, robots=robots)


def count(database: Database, group_id: int, day: date, n_posts: int = 3) -> None:
    row = {
        "group_id": group_id, "business_day": day, "provenance": "采集", "n_posts": n_posts,
        "n_relevant": 0, "last_ms": 1_795_150_000_000,
    }  # fmt: skip
    database.write(lambda connection: connection.execute(insert(table_of(DayCountRow)).values(row)))


def slots(database: Database, job: str | None = None) -> list[Any]:
    table = table_of(JobSlotRow)
    query = select(table.c.job, table.c.slot).order_by(table.c.ran_at, table.c.slot)
    with database.reading() as connection:
        return [row for row in connection.execute(query).all() if job in (None, row[0])]


def closed_days(database: Database) -> list[date]:
    """Return the closed days in the order of their closes."""
    return [business_day(slot) - timedelta(days=1) for _, slot in slots(database, "close_day")]


def run(work: JobRunner, clock: FrozenClock, until: str, **step: float) -> None:
    """Let time pass in steps, as the alarm clock would."""
    while clock() < at(until):
        work.run_due()
        clock.advance(**step)


def test_an_empty_database_closes_nothing_and_sends_nothing(
    database: Database, clock: FrozenClock, cast: Cast
) -> None:
    bind(database, cast.units["LC"], bound_at=clock())
    work = runner(database, clock)
    run(work, clock, "11-22T10:00:00", minutes=20)
    assert closed_days(database) == []
    assert rows(database) == []


def test_the_first_close_is_that_of_the_first_day_with_data(
    database: Database, clock: FrozenClock, cast: Cast
) -> None:
    count(database, cast.groups["LC0001"], date(2026, 11, 20))
    work = runner(database, clock)
    run(work, clock, "11-21T00:10:00", minutes=5)
    assert closed_days(database) == []
    work.run_due()
    assert closed_days(database) == [date(2026, 11, 20)]


def test_a_day_in_the_life_runs_every_slot_once_wherever_the_machine_stands(
    database: Database, clock: FrozenClock, cast: Cast, host_zone: str
) -> None:
    assert host_zone
    count(database, cast.groups["LC0001"], date(2026, 11, 20))
    run(runner(database, clock), clock, "11-22T00:00:00", minutes=10)
    assert [(job, as_shanghai(slot).strftime("%d %H:%M")) for job, slot in slots(database)] == [
        ("purge", "20 03:30"),
        ("reminders", "20 18:00"),
        ("reminders", "20 21:00"),
        ("close_day", "21 00:10"),
        ("purge", "21 03:30"),
        ("digest", "21 08:00"),
        ("reminders", "21 12:00"),
        ("reminders", "21 18:00"),
        ("reminders", "21 21:00"),
    ]


def test_after_an_outage_of_days_each_day_is_closed_in_order_and_one_digest_goes_out(
    database: Database, clock: FrozenClock, cast: Cast
) -> None:
    inspector = bind(database, cast.units["QS"], Role.INSPECTOR, bound_at=clock())
    admin = bind(database, cast.units["LC"], bound_at=clock())
    count(database, cast.groups["LC0001"], date(2026, 11, 20))
    work = runner(database, clock)
    run(work, clock, "11-21T09:00:00", minutes=10)
    before = len(rows(database))
    clock.now = at("11-24T09:30:00")
    runner(database, clock).run_due()
    assert closed_days(database) == [date(2026, 11, day) for day in (20, 21, 22, 23)]
    later = rows(database)[before:]
    digests = [row for row in later if row.kind == MessageKind.DIGEST]
    assert sorted(row.recipient for row in digests) == sorted([inspector, admin])
    assert all("11-23" in row.title for row in digests)
    assert len([row for row in later if row.kind == MessageKind.ALERT]) <= 1, "not one per missed day"
    assert not [row for row in later if row.kind == MessageKind.REMINDER]


def test_back_at_night_nothing_is_sent_before_the_morning(
    database: Database, clock: FrozenClock, cast: Cast
) -> None:
    channel = MemoryChannel(ChannelKind.WECOM_APP)
    bind(database, cast.units["LC"], bound_at=clock())
    bind(database, cast.units["QS"], Role.INSPECTOR, bound_at=clock())
    count(database, cast.groups["LC0001"], date(2026, 11, 20))
    clock.now = at("11-23T23:00:00")
    sender = AlertSender(database, {channel.kind: channel}, BOOK, clock)
    work = JobRunner(database, RULEBOOK, clock, sender)
    while clock() < at("11-24T07:30:00"):
        work.run_due()
        sender.drain()
        clock.advance(minutes=15)
    assert channel.received == []
    while clock() < at("11-24T09:00:00"):
        work.run_due()
        sender.drain()
        clock.advance(minutes=15)
    assert channel.received
    assert all("11-23" in message.title for message in channel.received)


def test_a_clock_that_steps_back_runs_no_slot_twice(
    database: Database, clock: FrozenClock, cast: Cast
) -> None:
    bind(database, cast.units["LC"], bound_at=clock())
    count(database, cast.groups["LC0001"], date(2026, 11, 20))
    work = runner(database, clock)
    for until in ("11-21T00:15:00", "11-21T08:05:00", "11-21T12:05:00"):
        run(work, clock, until, minutes=5)
        n_slots, n_messages = len(slots(database)), len(rows(database))
        clock.advance(minutes=-10)
        run(work, clock, until, minutes=5)
        assert (len(slots(database)), len(rows(database))) == (n_slots, n_messages)


def test_a_clock_that_steps_three_days_forward_and_back_closes_each_day_once(
    database: Database, clock: FrozenClock, cast: Cast, receiver: Receiver
) -> None:
    count(database, cast.groups["LC0001"], date(2026, 11, 20))
    work = runner(database, clock)
    clock.now = at("11-24T00:30:00")
    work.run_due()
    work.run_due()
    assert closed_days(database) == [date(2026, 11, day) for day in (20, 21, 22, 23)]
    clock.now = at("11-21T12:00:00")
    run(work, clock, "11-22T00:00:00", minutes=30)
    event = InboundEvent(EventKind.POST, SOURCE, stable_key("x"), at("11-21T12:00:00"), "10001", text="早")
    clock.now = at("11-22T00:30:00")
    receiver.receive([event])
    run(work, clock, "11-25T01:00:00", minutes=30)
    assert sorted(closed_days(database)) == [date(2026, 11, day) for day in (20, 21, 22, 23, 24)]
    grades = table_of(DayGradeRow)
    query = select(grades.c.n_posts).where(
        grades.c.group_id == 1, grades.c.business_day == date(2026, 11, 21)
    )
    with database.reading() as connection:
        assert connection.execute(query).scalar_one() == 1, (
            "closed too early, and made good by the late close"
        )


def test_imported_history_is_closed_without_filling_the_days_between(
    database: Database, clock: FrozenClock, cast: Cast
) -> None:
    count(database, cast.groups["LC0001"], date(2026, 11, 19))
    work = runner(database, clock)
    work.run_due()
    count(database, cast.groups["LC0001"], date(2026, 9, 1))
    count(database, cast.groups["LC0001"], date(2026, 9, 3))
    clock.advance(minutes=10)
    work.run_due()
    assert sorted(closed_days(database)) == [date(2026, 9, 1), date(2026, 9, 3), date(2026, 11, 19)]


def test_several_processes_run_each_slot_once(
    database: Database, database_url: str, clock: FrozenClock, cast: Cast
) -> None:
    for unit in ("LC", "YS", "QD"):
        bind(database, cast.units[unit], bound_at=clock())
    for day in (18, 19, 20):
        count(database, cast.groups["LC0001"], date(2026, 11, day))
    clock.now = at("11-21T08:30:00")
    others = [Database(database_url) for _ in range(3)]
    start = threading.Barrier(3)
    did: list[str] = []

    def work(own: Database) -> None:
        mine = runner(own, clock)
        start.wait()
        for _ in range(3):
            did.extend(mine.run_due())

    threads = [threading.Thread(target=work, args=(own,)) for own in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for own in others:
        own.close()
    assert closed_days(database) == [date(2026, 11, day) for day in (18, 19, 20)]
    assert did.count("digest") == did.count("purge") == 1
    keys = [row.idempotency_key for row in rows(database)]
    assert len(keys) == len(set(keys))
    assert len([row for row in rows(database) if row.kind == MessageKind.DIGEST]) == 3


def test_a_job_that_fails_does_not_stop_the_others_and_is_tried_again(
    database: Database, clock: FrozenClock, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    count(database, cast.groups["LC0001"], date(2026, 11, 19))
    work = runner(database, clock)

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("boom")

    with monkeypatch.context() as patch:
        patch.setattr("monitor.jobs.close_day", fail)
        assert work.run_due() == ["purge"]
    assert "close_day" in work.run_due()


def test_the_digest_waits_for_the_close(
    database: Database, clock: FrozenClock, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    inspector = bind(database, cast.units["QS"], Role.INSPECTOR, bound_at=clock())
    count(database, cast.groups["LC0001"], date(2026, 11, 20))
    clock.now = at("11-21T08:00:00")
    work = runner(database, clock, robots=("inspectors",))
    with monkeypatch.context() as patch:
        patch.setattr("monitor.jobs.close_day", lambda *_, **__: None)
        work.run_due()
    assert rows(database) == []
    work.run_due()
    digests = {row.recipient: row for row in rows(database) if row.kind == MessageKind.DIGEST}
    assert set(digests) == {inspector, "robot:inspectors"}
    lines = digests[inspector].text.splitlines()
    assert lines[0].startswith("11-20 青屿团省委早报：")
    assert lines[1] == "数据截至 11-21 08:00"
    assert any("鹭川团市委" in line for line in lines[2:])
    assert lines[-1] == "回复“未达标 昨日”查看名单"
    assert len(digests[inspector].text) <= 600


def test_started_it_runs_and_sends_by_itself_and_stops(
    database: Database, clock: FrozenClock, cast: Cast
) -> None:
    channel = MemoryChannel(ChannelKind.WECOM_APP)
    bind(database, cast.units["LC"], bound_at=clock())
    count(database, cast.groups["LC0001"], date(2026, 11, 19))
    arrived = threading.Event()
    channel.script = iter([arrived.set])
    work = runner(database, clock, channel)
    work.start()
    try:
        assert arrived.wait(10)
    finally:
        work.stop()
    assert closed_days(database) == [date(2026, 11, 19)]
    assert not [thread.name for thread in threading.enumerate() if thread.name == "outbox"]

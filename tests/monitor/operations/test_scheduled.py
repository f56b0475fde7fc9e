"""Scheduled tasks through the runner: once for each slot, again after an error; both databases."""

from datetime import datetime, time, timedelta

import pytest

from monitor.clock import Clock
from monitor.jobs import JobRunner
from monitor.schedule import Job
from monitor.store.database import Database
from monitor.store.operations import job_slots
from monitor.usecases.delivery.send_alerts import AlertSender
from monitor.usecases.operations.scheduled import ScheduledTask, claim_and_do, require_distinct
from scoring.rulebook import Rulebook, load_rulebook
from tests.conftest import FrozenClock
from tests.monitor.outbox_help import BOOK

MONDAY = Job("monday_note", (time(9, 0),), timedelta(days=2), weekdays=(0,))


class Notes:
    """A task that notes its slots, and fails on demand."""

    def __init__(self) -> None:
        self.slots: list[datetime] = []
        self.is_broken = False

    def __call__(self, database: Database, rulebook: Rulebook, clock: Clock, slot: datetime, /) -> str | None:
        def effect(_: object) -> str:
            if self.is_broken:
                raise RuntimeError("boom")
            self.slots.append(slot)
            return "已记"

        return claim_and_do(database, MONDAY, slot, clock(), effect)


def runner(database: Database, clock: FrozenClock, notes: Notes) -> JobRunner:
    sender = AlertSender(database, {}, BOOK, clock)
    return JobRunner(database, load_rulebook(), clock, sender, tasks=[ScheduledTask(MONDAY, notes)])


def test_a_task_runs_once_for_each_slot_whatever_process_wakes_first(
    database: Database, clock: FrozenClock
) -> None:
    notes = Notes()
    first, second = runner(database, clock, notes), runner(database, clock, notes)
    clock.now = datetime.fromisoformat("2026-11-22T00:00:00+08:00")  # a Sunday
    for _ in range(8 * 24):
        first.run_due()
        second.run_due()
        clock.advance(hours=1)
    assert [slot.astimezone(clock.now.tzinfo).isoformat() for slot in notes.slots] == [
        "2026-11-23T09:00:00+08:00"
    ]


def test_a_task_that_fails_keeps_its_slot_free(database: Database, clock: FrozenClock) -> None:
    notes = Notes()
    notes.is_broken = True
    clock.now = datetime.fromisoformat("2026-11-23T09:00:00+08:00")
    work = runner(database, clock, notes)
    assert "monday_note" not in work.run_due()
    with database.reading() as connection:
        assert not job_slots.has_run(connection, "monday_note", clock.now)
    notes.is_broken = False
    assert "monday_note" in work.run_due()
    assert "monday_note" not in work.run_due()


def test_two_tasks_of_one_name_are_refused() -> None:
    task = ScheduledTask(MONDAY, Notes())
    with pytest.raises(ValueError, match="monday_note"):
        require_distinct([task, task])

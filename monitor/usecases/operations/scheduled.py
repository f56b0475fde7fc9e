"""What a scheduled job (定时任务) is made of: when it is due, and what it does for a slot.

A new job is one module beside the others with a `Job` and a `SlotWork`, and one line in
`bot/scheduled.py`. The runner asks for the newest slot that is due and has not run, and calls the work;
whether it ran is a row of `job_slot`, written by the work in the transaction of its effect.
Key types: `SlotWork`, `ScheduledTask`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter
from typing import Protocol

from monitor.clock import Clock
from monitor.schedule import Job
from monitor.store.database import Database
from monitor.store.operations import job_slots
from monitor.store.operations.job_slots import Connection
from monitor.usecases.rules.in_force import AnyRules


class SlotWork(Protocol):
    """What a job does for one slot."""

    def __call__(self, database: Database, rules: AnyRules, clock: Clock, slot: datetime, /) -> object | None:
        """Do the work of a slot once; returns a report, or None if it has run or cannot run yet.

        Exactly one call among any number of processes has an effect: see `claim_and_do`. An error
        leaves the slot free, and it is tried again.
        """


@dataclass(frozen=True, slots=True)
class ScheduledTask:
    """A job and its work."""

    job: Job
    work: SlotWork


def claim_and_do(
    database: Database, job: Job, slot: datetime, now: datetime, effect: Callable[[Connection], str]
) -> str | None:
    """Run an effect in the transaction that claims its slot; returns its outcome, None if it has run.

    Args:
        effect: writes with the connection and returns the outcome in words, kept with the slot.
    """
    started = perf_counter()

    def write(connection: Connection) -> str | None:
        if not job_slots.claim_slot(connection, job.name, slot, now):
            return None
        outcome = effect(connection)
        n_ms = int((perf_counter() - started) * 1000)
        job_slots.finish_slot(connection, job.name, slot, outcome, n_ms)
        return outcome

    return database.write(write)


def require_distinct(tasks: Iterable[ScheduledTask]) -> tuple[ScheduledTask, ...]:
    """Return the tasks.

    Raises: ValueError if two have one name: they would take each other's slots.
    """
    found = tuple(tasks)
    names = [task.job.name for task in found]
    if len(names) != len(set(names)):
        raise ValueError(f"two jobs of one name: {sorted(names)}")
    return found

"""Runs what is due: closes, late closes, digest, reminders, purge, scheduled tasks, and the outbox.

APScheduler is an alarm clock only: it wakes `run_due`, and rows of `job_slot` decide what runs, in the
transaction of its effect. Any number of processes may run side by side. Key types: `JobRunner`.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from time import perf_counter
from typing import Any

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from monitor.clock import SHANGHAI, Clock, business_day, system_clock
from monitor.delivery.outbox import QuietHours
from monitor.reminders.policies import has_policy
from monitor.schedule import (
    DIGEST,
    MOST_DAYS_BACK,
    PURGE,
    REMINDERS,
    Job,
    find_days_to_close,
    find_due_slot,
)
from monitor.store.database import Database
from monitor.store.days import grades
from monitor.store.days.queries import CLOSE_JOB, close_slot
from monitor.store.operations import job_slots
from monitor.store.operations.job_slots import Connection
from monitor.store.reminders.settings import load_policy
from monitor.usecases.days.close_day import close_day, close_late_groups
from monitor.usecases.delivery.send_alerts import AlertSender
from monitor.usecases.operations.keep_errors import ErrorKeeper
from monitor.usecases.operations.purge import PurgeReport, Retention, purge
from monitor.usecases.operations.scheduled import ScheduledTask
from monitor.usecases.reminders.digest import send_digest
from monitor.usecases.reminders.remind import remind
from monitor.usecases.rules.in_force import AnyRules

WAKE_SECONDS = 20
_LATE_EVERY = timedelta(minutes=10)
_IDLE_SECONDS = 1.0
_ROWS_PER_DRAIN = 100
_MONDAY = 0
_ONE_DAY = timedelta(days=1)
_log = structlog.get_logger(__name__)


class JobRunner:
    """The jobs of one process: `start` and `stop` for good, `run_due` once."""

    def __init__(
        self,
        database: Database,
        rules: AnyRules,
        clock: Clock,
        sender: AlertSender,
        *,
        retention: Retention | None = None,
        robots: Sequence[str] = (),
        quiet: QuietHours | None = None,
        tasks: Sequence[ScheduledTask] = (),
        watches: Mapping[str, Callable[[], int]] | None = None,
    ) -> None:
        """Keep the collaborators.

        Args:
            retention: how long things are kept.
            robots: names of group robots that get the province's digest.
            quiet: hours in which only incidents go out; the sender keeps them too.
            tasks: further jobs, run after the closes in this order.
            watches: by name, what is done at every wake before all jobs; returns how much that was.
        """
        self._database = database
        self._rules = rules
        self._clock = clock
        self._sender = sender
        self._retention = retention or Retention()
        self._robots = tuple(robots)
        self._quiet = quiet or QuietHours()
        self._tasks = tuple(tasks)
        self._watches = dict(watches or {})
        self._late_done_at: datetime | None = None
        self._stopping = threading.Event()
        self._scheduler: Any = None
        self._drainer: threading.Thread | None = None

    def start(self) -> None:
        """Begin to run what is due and to send what waits, in threads of this process."""
        self._stopping.clear()
        self._scheduler = BackgroundScheduler(
            timezone=SHANGHAI,
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
        )
        self._scheduler.add_job(self.run_due, "interval", seconds=WAKE_SECONDS, next_run_time=system_clock())
        self._scheduler.start()
        self._drainer = threading.Thread(target=self._drain_forever, name="outbox", daemon=True)
        self._drainer.start()

    def stop(self) -> None:
        """Finish what is under way and stop."""
        self._stopping.set()
        if self._scheduler is not None:
            self._scheduler.shutdown(wait=True)
            self._scheduler = None
        if self._drainer is not None:
            self._drainer.join()
            self._drainer = None

    def run_due(self) -> list[str]:
        """Run every job that is due now; returns the names of those that did something.

        A job that fails is logged with a number, keeps its slot free and is tried again at the next call.
        """
        built_in: dict[str, Callable[[datetime], bool]] = {
            CLOSE_JOB: self._close_days,
            "close_late": self._close_late,
            DIGEST.name: self._send_digest,
            REMINDERS.name: self._remind,
            PURGE.name: self._purge,
        }
        watched = {name: partial(_run_watch, watch) for name, watch in self._watches.items()}
        scheduled = {task.job.name: partial(self._run_task, task) for task in self._tasks}
        return [name for name, task in (watched | built_in | scheduled).items() if self._guard(name, task)]

    def _guard(self, name: str, task: Callable[[datetime], bool]) -> bool:
        try:
            return task(self._clock())
        except Exception as error:  # noqa: BLE001  logged with its number; the other jobs go on
            number = ErrorKeeper(self._database, self._clock).keep(f"job {name}", error)
            _log.exception("job failed", job=name, error_id=number)
            return False

    def _close_days(self, now: datetime) -> bool:
        """Close every day that is over, in order; a day that fails stops the later ones."""
        return self._close_all(self._load_days_to_close(now, with_history=False))

    def _close_late(self, now: datetime) -> bool:
        """Every ten minutes: days with late posts, and imported days that were never closed."""
        if self._late_done_at is not None and timedelta() <= now - self._late_done_at < _LATE_EVERY:
            return False
        reports = close_late_groups(self._database, self._rules, self._clock)
        for report in reports:
            _log.info("day closed again", day=str(report.day), n_written=report.n_written)
        has_closed = self._close_all(self._load_days_to_close(now, with_history=True))
        self._late_done_at = now
        return bool(reports) or has_closed

    def _close_all(self, days: Sequence[date]) -> bool:
        n_closed = 0
        for day in days:
            if self._stopping.is_set():
                break
            report = close_day(
                self._database, self._rules, self._clock, day, quiet=self._quiet, only_once=True
            )
            if report is not None:
                n_closed += 1
                _log.info("day closed", day=str(day), n_groups=report.n_groups, n_alerts=report.n_alerts)
        return n_closed > 0

    def _load_days_to_close(self, now: datetime, *, with_history: bool) -> list[date]:
        last_day = business_day(now) - _ONE_DAY
        if close_slot(last_day) > now:
            last_day -= _ONE_DAY
        earliest = last_day - timedelta(days=MOST_DAYS_BACK)
        with self._database.reading() as connection:
            slots = job_slots.load_slots(connection, CLOSE_JOB, close_slot(earliest))
            closed = {business_day(slot) - _ONE_DAY for slot in slots}
            with_data: list[date] = []
            if with_history or not closed:
                with_data = grades.load_days_with_data(connection, earliest, last_day + _ONE_DAY)
        return find_days_to_close(max(closed, default=None), with_data, closed, last_day)

    def _send_digest(self, now: datetime) -> bool:
        slot = self._find_open_slot(DIGEST, now)
        if slot is None:
            return False
        return (
            send_digest(self._database, self._clock, slot, robots=self._robots, quiet=self._quiet) is not None
        )

    def _remind(self, now: datetime) -> bool:
        slot = self._find_open_slot(REMINDERS, now)
        if slot is None:
            return False
        return remind(self._database, self._rules, self._clock, slot, quiet=self._quiet) is not None

    def _purge(self, now: datetime) -> bool:
        """Purge; the slot is taken first, because the work is many small transactions and may be repeated."""
        slot = self._find_open_slot(PURGE, now)
        if slot is None or not self._database.write(lambda c: job_slots.claim_slot(c, PURGE.name, slot, now)):
            return False
        started = perf_counter()
        is_monday = slot.astimezone(SHANGHAI).weekday() == _MONDAY
        report = purge(self._database, self._clock, self._retention, thorough=is_monday)
        self._database.write(lambda c: _finish_purge(c, slot, report, started))
        return True

    def _run_task(self, task: ScheduledTask, now: datetime) -> bool:
        slot = self._find_open_slot(task.job, now)
        if slot is None:
            return False
        report = task.work(self._database, self._rules, self._clock, slot)
        if report is None:
            return False
        _log.info("job done", job=task.job.name, slot=str(slot), report=str(report))
        return True

    def _find_open_slot(self, job: Job, now: datetime) -> datetime | None:
        if has_policy(job.name):
            return self._find_slot_by_policy(job, now)
        slot = find_due_slot(job, now)
        if slot is None:
            return None
        with self._database.reading() as connection:
            has_run = job_slots.has_run(connection, job.name, slot)
        return None if has_run else slot

    def _find_slot_by_policy(self, job: Job, now: datetime) -> datetime | None:
        """Return the open slot of a job whose times people may change (提醒策略)."""
        with self._database.reading() as connection:
            policy = load_policy(connection, job.name)
            adapted = policy.adapt(job)
            slot = adapted and find_due_slot(adapted, now)
            if not slot or (policy.changed_at and slot <= policy.changed_at):
                return None  # a time set in the past is not made up
            return None if job_slots.has_run(connection, job.name, slot) else slot

    def _drain_forever(self) -> None:
        while not self._stopping.is_set():
            n_sent = 0
            try:
                n_sent = self._sender.drain(_ROWS_PER_DRAIN)
            except Exception as error:  # noqa: BLE001  logged; what was claimed comes back by its lease
                number = ErrorKeeper(self._database, self._clock).keep("outbox", error)
                _log.exception("outbox failed", error_id=number)
            if not n_sent:
                self._stopping.wait(_IDLE_SECONDS)


def _run_watch(watch: Callable[[], int], _now: datetime) -> bool:
    return watch() > 0


def _finish_purge(connection: Connection, slot: datetime, report: PurgeReport, started: float) -> None:
    n_ms = int((perf_counter() - started) * 1000)
    job_slots.finish_slot(connection, PURGE.name, slot, str(report), n_ms)

"""重跑: let a job run again for a day. An operator asks, the job runner does it at its next wake.

A message whose key exists is not sent again, so that a rerun repeats results, never pushes. Key types:
`Reruns`.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from monitor.clock import Clock, business_day
from monitor.delivery.outbox import MessageKind, NewMessage, QuietHours
from monitor.errors import AppError, BadParameter, MissingParameter
from monitor.schedule import DIGEST, PURGE, REMINDERS, Job, slots_between
from monitor.store.database import Database
from monitor.store.days.queries import CLOSE_JOB, close_slot
from monitor.store.delivery.outbox import enqueue
from monitor.store.operations import job_slots, operations
from monitor.store.operations.operations import Rerun
from monitor.texts.operations import find_job_name, job_title
from monitor.texts.oversight import rerun_text
from monitor.usecases.days.close_day import close_day
from monitor.usecases.operations.operations import all_jobs, require_operator
from monitor.usecases.operations.purge import Retention, purge
from monitor.usecases.oversight.desk import Chair, Connection, Office
from monitor.usecases.reminders.digest import send_digest
from monitor.usecases.reminders.remind import remind

_ASKED = "执行中断，见日志"


def ask_rerun(chair: Chair, word: str, day: date, reason: str, recipient: str) -> tuple[int, str]:
    """Ask for a rerun of a job on a business day; the same, still waiting, is asked once.

    Returns: the number of the record, 0 if it waits already, and the job's title.
    Raises: BadParameter for an unknown job or a day without a slot; MissingParameter without a reason where
        the slot has run or the day is closed; CommandError for others than operators.
    """
    require_operator(chair)
    jobs = {job.name: job for job in all_jobs(chair)}
    name = find_job_name(word, tuple(jobs))
    if name is None:
        known = "、".join(job_title(one) for one in jobs)
        raise BadParameter(f"no job {word!r}", user_text=f"没有任务“{word[:20]}”。可选：{known}")
    slot = slot_on(jobs[name], day, chair.now)
    if slot is None:
        raise BadParameter("no slot", user_text=f"{job_title(name)} 在 {day:%m-%d} 没有已到时间的班次")
    if job_slots.has_run(chair.connection, name, slot) and not reason.strip():
        text = (
            f"{day:%m-%d} 的{job_title(name)}已完成并锁定，重跑须写明原因：重跑 {job_title(name)} {day} 原因"
        )
        raise MissingParameter("locked", user_text=text)
    if operations.load_reruns(chair.connection, name, day):
        return 0, job_title(name)
    asked = Rerun(0, name, day, reason.strip()[:500], recipient, chair.viewer.identity)
    number = operations.insert_rerun(chair.connection, asked, chair.now)
    detail = {"job": name, "day": str(day), "reason": asked.reason}
    return chair.record("job.rerun_asked", f"rerun:{number}", **detail), job_title(name)


def slot_on(job: Job, day: date, now: datetime) -> datetime | None:
    """Return the slot that a rerun for a day means: of the close the night after, else the day's last."""
    if job.name == CLOSE_JOB:
        slot = close_slot(day)
        return slot if slot <= now else None
    found = [slot for slot in slots_between(job, now - timedelta(days=400), now) if business_day(slot) == day]
    return found[-1] if found else None


class Reruns:
    """Does what operators asked for. One per process; several processes take turns."""

    def __init__(
        self, database: Database, clock: Clock, office: Office, *, retention: Retention | None = None
    ) -> None:
        """Keep the collaborators; `office.tasks` are the jobs besides those that are built in."""
        self._database, self._clock, self._office = database, clock, office
        self._retention = retention or Retention()

    def run_asked(self) -> int:
        """Do every rerun that waits; returns how many."""
        with self._database.reading() as connection:
            waiting = operations.load_reruns(connection)
        return sum(self._run(one) for one in waiting)

    def _run(self, asked: Rerun) -> bool:
        now = self._clock()
        is_ours = self._database.write(
            lambda connection: operations.finish_rerun(connection, asked.rerun_id, _ASKED, now)
        )
        if not is_ours:
            return False
        try:
            outcome = self._do(asked, now)
        except AppError as error:
            outcome = f"未完成：{error.user_text}"
        title, text = rerun_text(job_title(asked.job), asked.business_day, outcome)
        message = NewMessage(f"rerun:{asked.rerun_id}", MessageKind.OPERATOR, asked.recipient, title, text)

        def note(connection: Connection) -> None:
            operations.note_outcome(connection, asked.rerun_id, outcome)
            if asked.recipient:  # who asked in the console looks at the page
                enqueue(connection, [message], now, self._office.quiet)

        self._database.write(note)
        return True

    def _do(self, asked: Rerun, now: datetime) -> str:
        day = asked.business_day
        if asked.job == CLOSE_JOB:
            return str(
                close_day(self._database, self._office.rules, self._clock, day, quiet=self._office.quiet)
            )
        task = next((one for one in self._office.tasks if one.job.name == asked.job), None)
        built_in = next((job for job in (DIGEST, REMINDERS, PURGE) if job.name == asked.job), None)
        job = task.job if task else built_in
        slot = slot_on(job, day, now) if job else None
        if slot is None:
            return "未完成：该任务已不存在"
        self._database.write(lambda connection: operations.free_slot(connection, asked.job, slot))
        if task is not None:
            return str(task.work(self._database, self._office.rules, self._clock, slot) or "无需执行")
        return self._built_in(slot)[asked.job]()

    def _built_in(self, slot: datetime) -> dict[str, Callable[[], str]]:
        database, clock, quiet = self._database, self._clock, self._office.quiet
        return {
            DIGEST.name: lambda: (
                f"早报 {send_digest(database, clock, slot, quiet=quiet) or 0} 份（已发过的不重发）"
            ),
            REMINDERS.name: lambda: self._remind(slot, quiet),
            PURGE.name: lambda: str(purge(database, clock, self._retention, thorough=False)),
        }

    def _remind(self, slot: datetime, quiet: QuietHours) -> str:
        n_messages = remind(self._database, self._office.rules, self._clock, slot, quiet=quiet)
        return f"提醒 {n_messages or 0} 人（已发过的不重发）"

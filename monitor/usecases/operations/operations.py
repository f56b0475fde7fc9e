"""What operators look at and do: jobs, sources, pushes, silence, test messages (requirement D.7).

Everything runs in the caller's transaction. Key types: `SystemReading`, `JobReading`, `GroupCollection`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.delivery.outbox import MessageKind, NewMessage, OutboxState
from monitor.errors import BadParameter, CommandError
from monitor.learning.readings import DriftReading
from monitor.reminders.policies import has_policy
from monitor.schedule import DIGEST, PURGE, REMINDERS, Job, next_slots, slots_between
from monitor.store.days.queries import CLOSE_AT, CLOSE_JOB
from monitor.store.delivery import outbox as outbox_rows
from monitor.store.learning.model_figures import load_drift
from monitor.store.operations import operations
from monitor.store.operations.audit import load_audit, load_last_at
from monitor.store.operations.error_events import ErrorEvent as ErrorEvent
from monitor.store.operations.error_events import load_error_events
from monitor.store.operations.operations import JobRun
from monitor.store.operations.operations import SourceReading as SourceReading
from monitor.store.reminders.settings import load_policy
from monitor.units import Group, Role
from monitor.usecases.learning.versions import DRIFT_DAYS
from monitor.usecases.oversight.desk import Chair

BACKED_UP = "database.backed_up"
SILENCED = "push.silenced"
CLOSE = Job(CLOSE_JOB, (CLOSE_AT,), timedelta(days=400))
BUILT_IN = (CLOSE, DIGEST, REMINDERS, PURGE)
LONGEST_SILENCE = timedelta(hours=24)
UNDO_WITHIN = timedelta(minutes=10)
MOST_ERRORS = 20
LEAST_DECIDED = 10  # findings of people before the precision of the classifier is doubted
_LOOK_BACK = timedelta(days=7)
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class JobReading:
    """A job with its last run, its next slots and those of the last week that did not run."""

    job: Job
    last: JobRun | None
    next_slots: tuple[datetime, ...]
    missed: tuple[datetime, ...]


@dataclass(frozen=True, slots=True)
class SystemReading:
    """The state of the installation. `messages` counts by state: unfinished ones, and those of a day."""

    messages: Mapping[str, int]
    last_chat_at: datetime | None
    last_post_at: datetime | None
    n_kept_inputs: int
    n_unregistered: int
    n_bytes: int
    backed_up_at: datetime | None
    silent_until: datetime | None
    jobs: tuple[JobReading, ...]
    due_since: datetime | None = None  # of the message that has been due longest
    error_events: tuple[ErrorEvent, ...] = ()
    drift: DriftReading | None = None  # of the classifier in the last 30 days
    precision_floor: float = 0.0

    @property
    def is_imprecise(self) -> bool:
        """Tell whether too few of the classifier's findings were confirmed; a handful proves nothing."""
        drift = self.drift
        if drift is None or drift.precision is None:
            return False
        n_decided = drift.n_confirmed + drift.n_false
        return n_decided >= LEAST_DECIDED and drift.precision < self.precision_floor

    @property
    def n_waiting(self) -> int:
        """Messages that wait or are on the way."""
        return self.messages.get(OutboxState.WAITING, 0) + self.messages.get(OutboxState.SENDING, 0)

    @property
    def n_failed(self) -> int:
        """Messages of the last day that were given up or whose fate is unknown."""
        return self.messages.get(OutboxState.DEAD, 0) + self.messages.get(OutboxState.UNKNOWN, 0)


@dataclass(frozen=True, slots=True)
class GroupCollection:
    """How a group is collected: its adapters, and when each kind of source last brought something."""

    group: Group
    sources: tuple[tuple[str, str], ...]
    last_seen: tuple[tuple[str, datetime], ...]

    @property
    def last_at(self) -> datetime | None:
        """The latest of all."""
        return max((at for _, at in self.last_seen), default=None)


@dataclass(frozen=True, slots=True)
class PushTest:
    """A test message. `channels` are the ways by which it can go, none if it waits to be asked for."""

    number: int
    is_new: bool
    channels: tuple[str, ...]


def require_operator(chair: Chair) -> None:
    """Let only operators pass.

    Raises: CommandError.
    """
    if chair.viewer.role is not Role.OPERATOR:
        raise CommandError("not an operator", user_text="该功能由系统运维使用")


def all_jobs(chair: Chair) -> tuple[Job, ...]:
    """Return every job of this installation, the built-in ones first."""
    return (*BUILT_IN, *(task.job for task in chair.office.tasks))


def read_system(chair: Chair) -> SystemReading:
    """Return the state of the installation.

    Raises: CommandError for others than operators.
    """
    require_operator(chair)
    connection, since = chair.connection, chair.now - _A_DAY
    last_chat_at, last_post_at = operations.load_last_input(connection, chair.today - _LOOK_BACK)
    return SystemReading(
        messages=operations.count_messages(connection, since),
        last_chat_at=last_chat_at,
        last_post_at=last_post_at,
        n_kept_inputs=operations.count_kept_inputs(connection),
        n_unregistered=operations.count_unregistered(connection),
        n_bytes=operations.load_database_bytes(connection),
        backed_up_at=load_last_at(connection, BACKED_UP),
        silent_until=operations.load_silence_end(connection, chair.now),
        jobs=tuple(read_jobs(chair)),
        due_since=operations.load_oldest_due(connection, chair.now),
        error_events=tuple(load_error_events(connection, MOST_ERRORS)),
        drift=load_drift(connection, chair.viewer.unit_path, chair.now, DRIFT_DAYS),
        precision_floor=chair.office.precision_floor,
    )


def read_jobs(chair: Chair) -> list[JobReading]:
    """Return every job with its runs.

    Raises: CommandError for others than operators.
    """
    require_operator(chair)
    last = operations.load_last_runs(chair.connection)
    return [_read_job(chair, job, last.get(job.name)) for job in all_jobs(chair)]


def read_sources(chair: Chair) -> Sequence[SourceReading]:
    """Return every adapter with the freshness of its groups, the stalest first.

    Raises: CommandError for others than operators.
    """
    require_operator(chair)
    return operations.load_sources(chair.connection, chair.now, chair.today - _LOOK_BACK)


def read_collection(chair: Chair, group_code: str) -> GroupCollection:
    """Return how a group is collected (采集).

    Raises: OutOfScope; CommandError for others than operators.
    """
    require_operator(chair)
    group = chair.group(group_code)
    return GroupCollection(
        group,
        tuple(operations.load_group_sources(chair.connection, group.group_id)),
        tuple(operations.load_group_last_seen(chair.connection, group.group_id)),
    )


def begin_silence(chair: Chair, length: timedelta) -> tuple[datetime, int]:
    """Let only urgent messages (不良信息) go out for a while; ends by itself.

    Returns: until when, and the number of the record.
    Raises: BadParameter for more than 24 hours; CommandError for others than operators.
    """
    require_operator(chair)
    if not timedelta(minutes=1) <= length <= LONGEST_SILENCE:
        raise BadParameter("silence too long", user_text="静默时长应为 1 分钟至 24 小时，如：静默 2h")
    until = chair.now + length
    operations.end_silences(chair.connection, chair.now)
    silence_id = operations.insert_silence(chair.connection, chair.now, until, chair.viewer.identity)
    return until, chair.record(SILENCED, f"silence:{silence_id}", until=until.isoformat())


def end_silence(chair: Chair) -> bool:
    """End the silence; False if there is none.

    Raises: CommandError for others than operators.
    """
    require_operator(chair)
    n_ended = operations.end_silences(chair.connection, chair.now)
    if n_ended:
        chair.record("push.silence_ended", "silence", ended=n_ended)
    return n_ended > 0


def take_back_silence(chair: Chair, number: int) -> bool | None:
    """Take back a silence by the number of its record (撤销); None if the record is not one."""
    record = load_audit(chair.connection, number, chair.viewer.identity, SILENCED)
    if record is None or record.at <= chair.now - UNDO_WITHIN:
        return None
    return end_silence(chair)


def send_test(chair: Chair, recipient: str) -> PushTest:
    """Queue a test message to the operator; once a minute.

    Raises: CommandError for others than operators.
    """
    require_operator(chair)
    key = f"test:{recipient}:{int(chair.now.timestamp()) // 60}"
    title = "【推送测试】收到即表示推送正常"
    message = NewMessage(key, MessageKind.OPERATOR, recipient, title, f"{title}\n无需回复")
    n_new = outbox_rows.enqueue(chair.connection, [message], chair.now, chair.office.quiet)
    known = outbox_rows.load_addresses(chair.connection, [recipient])
    targets = chair.office.address_book.find_targets(recipient, known, chair.now)
    channels = tuple(kind.value for kind in targets if kind in chair.office.channels)
    number = chair.record("push.tested", recipient) if n_new else 0
    return PushTest(number, n_new > 0, channels)


def _read_job(chair: Chair, job: Job, last: JobRun | None) -> JobReading:
    adapted: Job | None = job
    if has_policy(job.name):
        adapted = load_policy(chair.connection, job.name).adapt(job)
    if adapted is None:
        return JobReading(job, last, (), ())
    missed: tuple[datetime, ...] = ()
    if last is not None:
        missed = tuple(_find_missed(chair, adapted))
    return JobReading(adapted, last, tuple(next_slots(adapted, chair.now)), missed)


def _find_missed(chair: Chair, job: Job) -> list[datetime]:
    """Return the slots of a week that did not run and will not run any more, from the first run on."""
    runs = operations.load_runs(chair.connection, job.name, chair.now - _LOOK_BACK)
    if not runs:
        return slots_between(job, chair.now - _LOOK_BACK, chair.now - min(job.longest_delay, _LOOK_BACK))
    ran = {run.slot for run in runs}
    until = chair.now - min(job.longest_delay, timedelta(hours=1))
    return [slot for slot in slots_between(job, runs[0].slot, until) if slot not in ran]

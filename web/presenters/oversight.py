"""Registers, reminders and operations: from readings to what the templates lay out. Pure.

Key types: `EntryLine`, `UrgeLine`, `JobLine`, `PushLine`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from monitor.clock import business_day
from monitor.delivery.outbox import ChannelKind, MessageKind, OutboxState
from monitor.registers import CLAUSES, EntryState, RegisterEntry
from monitor.texts.operations import delivery_words, job_title
from monitor.usecases.delivery.notifications import MessageReading
from monitor.usecases.operations.operations import JobReading
from monitor.usecases.reminders.urge import UrgeReading
from web.wording import NONE, Badge, day_words, moment_words

_STATES = {
    EntryState.INCOMPLETE: Badge("topic", "!", EntryState.INCOMPLETE.value),
    EntryState.RECORDED: Badge("info", "→", EntryState.RECORDED.value),
    EntryState.WAITING: Badge("due", "…", EntryState.WAITING.value),
    EntryState.REPLIED: Badge("info", "→", EntryState.REPLIED.value),
    EntryState.CLOSED: Badge("met", "✓", EntryState.CLOSED.value),
    EntryState.WITHDRAWN: Badge("none", "–", EntryState.WITHDRAWN.value),
}
_LATE = Badge("unmet", "✕", "逾期未答复")
_PUSHES = {
    OutboxState.SENT: "met",
    OutboxState.WAITING: "due",
    OutboxState.SENDING: "due",
    OutboxState.DEAD: "unmet",
    OutboxState.UNKNOWN: "topic",
}
_SYMBOLS = {"met": "✓", "due": "…", "unmet": "✕", "topic": "?", "none": "–"}
CHANNELS = {
    ChannelKind.WECOM_APP.value: "企业微信应用",
    ChannelKind.WECOM_ROBOT.value: "企业微信群机器人",
    ChannelKind.TEMPLATE.value: "模板消息",
    ChannelKind.CUSTOMER_SERVICE.value: "客服消息",
}


@dataclass(frozen=True, slots=True)
class EntryLine:
    """An entry of a register; `when` is the day held or the due date."""

    entry_id: int
    badge: Badge
    unit: str
    person: str
    reason: str
    when: str
    by: str
    recorded_at: str
    reply: str
    outcome: str
    clause: str
    state: str
    basis: str


@dataclass(frozen=True, slots=True)
class UrgeLine:
    """A 催办 of today with its delivery."""

    at: str
    about: str
    matter: str
    by: str
    delivery: str
    channels: str


@dataclass(frozen=True, slots=True)
class JobLine:
    """A job of the table."""

    name: str
    title: str
    badge: Badge
    last: str
    outcome: str
    duration: str
    coming: str
    missed: str


@dataclass(frozen=True, slots=True)
class PushLine:
    """A message of the outbox; what an incident says is not shown."""

    message_id: int
    badge: Badge
    kind: str
    title: str
    recipient: str
    channel: str
    fallback: str
    error: str
    attempts: int
    created_at: str
    may_resend: bool


def entry_line(entry: RegisterEntry, today: date) -> EntryLine:
    """Lay out an entry."""
    when = entry.due_on or entry.held_on
    return EntryLine(
        entry_id=entry.entry_id,
        badge=_LATE if entry.is_late(today) else _STATES[entry.state],
        unit=entry.unit_name,
        person=entry.person or NONE,
        reason=entry.reason,
        when=day_words(when, today) if when else "待补充",
        by=entry.recorded_by_name,
        recorded_at=moment_words(entry.recorded_at, today),
        reply=entry.reply,
        outcome=entry.outcome,
        clause=CLAUSES[entry.kind],
        state=entry.state.value,
        basis=entry.basis,
    )


def urge_line(urge: UrgeReading, today: date) -> UrgeLine:
    """Lay out a 催办."""
    return UrgeLine(
        at=moment_words(urge.made_at, today),
        about=urge.group_code or urge.unit_name,
        matter=urge.matter or "每日发布",
        by=urge.by,
        delivery=delivery_words(urge.states),
        channels="、".join(CHANNELS.get(channel, channel) for channel in urge.channels) or NONE,
    )


def job_lines(jobs: Sequence[JobReading], now: datetime) -> list[JobLine]:
    """Lay out jobs: those that missed a slot first."""
    return [_job_line(job, now) for job in sorted(jobs, key=lambda job: not job.missed)]


def _job_line(job: JobReading, now: datetime) -> JobLine:
    today = business_day(now)
    badge = Badge("none", "–", "已停用") if not job.next_slots else Badge("met", "✓", "正常")
    if job.missed:
        badge = Badge("unmet", "!", f"漏跑 {len(job.missed)} 次")
    elif job.last is None and job.next_slots:
        badge = Badge("nodata", "?", "未运行过")
    return JobLine(
        name=job.job.name,
        title=job_title(job.job.name),
        badge=badge,
        last=moment_words(job.last.ran_at, today) if job.last else NONE,
        outcome=job.last.outcome[:120] if job.last else NONE,
        duration=f"{job.last.duration_ms} 毫秒" if job.last and job.last.duration_ms else NONE,
        coming="；".join(moment_words(slot, today) for slot in job.next_slots) or NONE,
        missed="；".join(moment_words(slot, today) for slot in job.missed[-3:]),
    )


def push_line(message: MessageReading, today: date) -> PushLine:
    """Lay out a message."""
    look = _PUSHES.get(OutboxState(message.state), "none")
    return PushLine(
        message_id=message.message_id,
        badge=Badge(look, _SYMBOLS[look], message.state),
        kind=message.kind,
        title="（不显示）" if message.kind == MessageKind.INCIDENT else message.title,
        recipient=message.recipient_name or message.recipient,
        channel=CHANNELS.get(message.channel, message.channel) or NONE,
        fallback="、".join(CHANNELS.get(word, word) for word in message.exhausted) or NONE,
        error=message.last_error[:160] or NONE,
        attempts=message.attempts,
        created_at=moment_words(message.created_at, today),
        may_resend=message.state in (OutboxState.DEAD, OutboxState.UNKNOWN, OutboxState.PULL_ONLY),
    )

"""Outbox decisions: when to try again, which channel next, when to give up. Pure.

A state change writes an outbox row in its own transaction; a worker claims, sends and finishes it.
`monitor.delivery.sending` plans what a worker does with the rows that are due.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from monitor.clock import as_shanghai, shanghai_instant


class OutboxState(StrEnum):
    """State of one outbox row; the values are shown on the notification page."""

    WAITING = "待发送"
    SENDING = "发送中"
    SENT = "已送达"
    FOLDED = "已并入汇总"  # named in a digest because the channel's limit was reached
    UNKNOWN = "送达未知"  # the answer was lost and the platform's duplicate window is over
    PULL_ONLY = "待拉取"  # no channel reaches the person: waits under 「提醒」
    DEAD = "失败"


class ChannelKind(StrEnum):
    """A way to reach people; the value is the configured and stored name."""

    WECOM_APP = "wecom_app"
    WECOM_ROBOT = "wecom_robot"
    TEMPLATE = "template"
    CUSTOMER_SERVICE = "customer_service"


class MessageKind(StrEnum):
    """Why a message is sent; the value is stored and filtered by on the notification page."""

    INCIDENT = "不良信息"
    ALERT = "预警"
    DIGEST = "早报"
    REMINDER = "提醒"
    FOLD = "汇总"  # names the messages that a channel's limit held back
    OPERATOR = "运维通知"
    REPORT = "考核通报"  # of a run (GD-4.1)
    CHART = "图"  # asked for by its recipient; the picture is the made export of the key


PERISHABLE = {
    MessageKind.REMINDER: timedelta(hours=1),
    MessageKind.DIGEST: timedelta(hours=12),
    MessageKind.CHART: timedelta(hours=1),
}
"""After this age a message waits to be asked for (待拉取) instead of arriving late."""

URGENT_PRIORITY = 1
"""Incidents, and what a person has just asked for: the only messages that go out in quiet hours."""

PRIORITY = {
    MessageKind.INCIDENT: URGENT_PRIORITY,
    MessageKind.CHART: URGENT_PRIORITY,
    MessageKind.OPERATOR: 2,
    MessageKind.ALERT: 3,
    MessageKind.REMINDER: 3,
    MessageKind.DIGEST: 4,
    MessageKind.FOLD: 2,
    MessageKind.REPORT: 4,
}

CHANNEL_ORDER = (
    ChannelKind.WECOM_APP,
    ChannelKind.WECOM_ROBOT,
    ChannelKind.TEMPLATE,
    ChannelKind.CUSTOMER_SERVICE,
)
"""Fallback order of the channels that a recipient has."""

LEASE = timedelta(seconds=60)
GIVE_UP_AFTER = timedelta(hours=24)
_BACKOFF = (5, 30, 120, 480, 1800)  # seconds; then hourly
_HOURLY = 3600
_CALL_MARGIN = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class SendLimit:
    """A platform's limit that is ours to keep: at most `n_messages` per `window` and target."""

    n_messages: int
    window: timedelta


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to be put into the outbox. A second one with the same `key` is dropped.

    `text` begins with `title`, which is its conclusion.
    """

    key: str
    kind: MessageKind
    recipient: str
    title: str
    text: str
    url: str = ""
    alert_id: int | None = None

    @property
    def priority(self) -> int:
        """1 is sent first."""
        return PRIORITY[self.kind]


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Hours of Shanghai's wall clock in which only incidents are sent (静默时段)."""

    begins: time = time(22, 0)
    ends: time = time(7, 30)

    def holds(self, instant: datetime) -> bool:
        """Tell whether an instant lies in the quiet hours; their end does not."""
        at = as_shanghai(instant).time()
        if self.begins <= self.ends:
            return self.begins <= at < self.ends
        return at >= self.begins or at < self.ends

    def next_end(self, instant: datetime) -> datetime:
        """Return the first instant at or after a given one that is not quiet, aware UTC."""
        if not self.holds(instant):
            return instant
        local = as_shanghai(instant)
        day = local.date() if local.time() < self.ends else local.date() + timedelta(days=1)
        return shanghai_instant(day, self.ends)

    def send_at(self, instant: datetime, priority: int) -> datetime:
        """Return when a message that is ready at an instant may go out."""
        return instant if priority <= URGENT_PRIORITY else self.next_end(instant)


def identity_recipient(identity_id: int) -> str:
    """Name a bound person as recipient."""
    return f"identity:{identity_id}"


def robot_recipient(name: str) -> str:
    """Name a group robot as recipient."""
    return f"robot:{name}"


def count_free(limits: Sequence[SendLimit], sent_at: Sequence[datetime], now: datetime) -> int | None:
    """Return how many messages the limits of a channel still allow to one target; None is no limit.

    Args:
        limits: all of them hold at once.
        sent_at: instants of earlier messages to that target by that channel, sent or under way.
        now: the present instant.
    """
    free = [limit.n_messages - sum(instant > now - limit.window for instant in sent_at) for limit in limits]
    return max(0, min(free)) if free else None


def next_free_at(limits: Sequence[SendLimit], sent_at: Sequence[datetime], now: datetime) -> datetime:
    """Return when the limits of a channel next allow a message to a target; `now` if they do already."""
    instants = [now]
    for limit in limits:
        recent = sorted(instant for instant in sent_at if instant > now - limit.window)
        if len(recent) >= limit.n_messages:
            instants.append(recent[-limit.n_messages] + limit.window)
    return max(instants)


def may_repeat(first_try_at: datetime, at: datetime, duplicate_window: timedelta) -> bool:
    """Tell whether a doubtful message may be tried again without a person seeing it twice.

    The window counts from the first doubtful try; the margin covers the call itself.
    """
    return at + _CALL_MARGIN < first_try_at + duplicate_window


def retry_at(now: datetime, attempts: int, jitter: float, retry_after: timedelta | None = None) -> datetime:
    """Return when to try a row again.

    Args:
        attempts: tries made so far, ≥ 1.
        jitter: uniform in 0…1; spreads the delay by ±20 %.
        retry_after: the platform's own demand, which wins when it is longer.
    """
    seconds = _BACKOFF[attempts - 1] if attempts <= len(_BACKOFF) else _HOURLY
    delay = timedelta(seconds=seconds * (0.8 + 0.4 * jitter))
    return now + max(delay, retry_after or timedelta())


def has_expired(created_at: datetime, now: datetime) -> bool:
    """Tell whether a row has been tried for a day and is given up."""
    return now - created_at >= GIVE_UP_AFTER


def next_channel(available: tuple[ChannelKind, ...], exhausted: frozenset[ChannelKind]) -> ChannelKind | None:
    """Return the first channel of the fallback order that is available and not exhausted."""
    for kind in CHANNEL_ORDER:
        if kind in available and kind not in exhausted:
            return kind
    return None

"""Outbox decisions: when to try again, which channel next, when to give up. Pure.

A state change writes an outbox row in its own transaction; a worker claims, sends and finishes it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class OutboxState(StrEnum):
    """State of one outbox row; the values are shown on the notification page."""

    WAITING = "待发送"
    SENDING = "发送中"
    SENT = "已送达"
    UNKNOWN = "送达未知"  # the answer was lost and the platform's duplicate window is over
    PULL_ONLY = "待拉取"  # no channel reaches the person: waits under 「提醒」
    DEAD = "失败"


class ChannelKind(StrEnum):
    """A way to reach people; the value is the configured and stored name."""

    WECOM_APP = "wecom_app"
    WECOM_ROBOT = "wecom_robot"
    TEMPLATE = "template"
    CUSTOMER_SERVICE = "customer_service"


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


@dataclass(frozen=True, slots=True)
class SendLimit:
    """A platform's limit that is ours to keep: at most `n_messages` per `window` and target."""

    n_messages: int
    window: timedelta


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

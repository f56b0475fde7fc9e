"""What people really received, and what the platform threw away without a word."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Received:
    """One message on somebody's screen.

    Args:
        recipient: openid, member id, or the robot's group name.
        channel: 客服消息, 模板消息, 企业微信应用, 企业微信群机器人 or 被动回复.
        text: what the person reads.
        at: instant in epoch seconds of the stand-in's clock.
        number: 1 for the first message of this stand-in.
        title: first line of a message that has one.
        key: duplicate key that the sender gave, if any.
    """

    recipient: str
    channel: str
    text: str
    at: float
    number: int
    title: str = ""
    key: str = ""

    def as_json(self) -> dict[str, Any]:
        """Give the entry as plain JSON values."""
        return dict(vars(self))


class People:
    """The log of screens. Safe to use from several threads."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Start with empty screens."""
        self._clock = clock
        self._lock = threading.Lock()
        self._received: list[Received] = []
        self._dropped: list[Received] = []

    def receive(self, recipient: str, channel: str, text: str, title: str = "", key: str = "") -> None:
        """Show a message to a person."""
        self._append(self._received, recipient, channel, text, title, key)

    def drop(self, recipient: str, channel: str, text: str, title: str = "", key: str = "") -> None:
        """Note a message that the platform accepted and showed to nobody."""
        self._append(self._dropped, recipient, channel, text, title, key)

    def received(self) -> list[Received]:
        """List what was shown, oldest first."""
        with self._lock:
            return list(self._received)

    def dropped(self) -> list[Received]:
        """List what was accepted and silently dropped, oldest first."""
        with self._lock:
            return list(self._dropped)

    def clear(self) -> None:
        """Empty both lists."""
        with self._lock:
            self._received.clear()
            self._dropped.clear()

    def _append(self, log: list[Received], *what: str) -> None:
        recipient, channel, text, title, key = what
        with self._lock:
            log.append(Received(recipient, channel, text, self._clock(), len(log) + 1, title, key))

"""A platform in memory: channels that keep the protocol and log what people really received."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from monitor.delivery.outbox import ChannelKind, SendLimit
from monitor.errors import DeliveryError
from monitor.ports import DeliveryReceipt, OutboundMessage


@dataclass
class MemoryChannel:
    """Delivers at once; remembers keys when it has a duplicate window; fails as scripted.

    `script` yields per call: None to deliver, an error to raise before delivery, or a callable that
    runs after delivery (for a lost answer or a worker killed at that moment).
    """

    kind: ChannelKind
    limits: tuple[SendLimit, ...] = ()
    duplicate_window: timedelta = timedelta()
    script: Iterator[BaseException | Callable[[], None] | None] = field(default_factory=lambda: iter(()))
    received: list[OutboundMessage] = field(default_factory=list)
    n_calls: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, message: OutboundMessage) -> DeliveryReceipt:
        with self._lock:
            self.n_calls += 1
            step = next(self.script, None)
            if isinstance(step, BaseException):
                raise step
            known = {seen.idempotency_key for seen in self.received} if self.duplicate_window else set()
            if message.idempotency_key not in known:
                self.received.append(message)
        if step is not None:
            step()
        return DeliveryReceipt(self.kind)

    @property
    def texts(self) -> list[str]:
        return [message.text for message in self.received]


def lost_answer(kind: ChannelKind) -> Callable[[], None]:
    def lose() -> None:
        raise DeliveryError("answer lost", channel=kind, ambiguous=True)

    return lose


def refused(kind: ChannelKind, *, permanent: bool = False) -> DeliveryError:
    return DeliveryError("refused", channel=kind, permanent=permanent)

"""Counters behind the platform's limits."""

from collections import defaultdict, deque
from collections.abc import Callable, Hashable
from datetime import datetime
from zoneinfo import ZoneInfo

from .answers import ApiError

Clock = Callable[[], float]
SHANGHAI = ZoneInfo("Asia/Shanghai")


class SlidingCounter:
    """Counts events of each key within a moving span, and may block a key that went over."""

    def __init__(self, clock: Clock, limit: int, span_seconds: float, block_seconds: float = 0) -> None:
        """Allow `limit` events of one key in `span_seconds`."""
        self._clock = clock
        self._limit = limit
        self._span = span_seconds
        self._block = block_seconds
        self._events: defaultdict[Hashable, deque[float]] = defaultdict(deque)
        self._blocked_until: dict[Hashable, float] = {}

    def admits(self, key: Hashable) -> bool:
        """Tell whether one more event of this key is within the limit; it is counted if so."""
        now = self._clock()
        if self._blocked_until.get(key, now) > now:
            return False
        events = self._events[key]
        while events and events[0] <= now - self._span:
            events.popleft()
        if len(events) >= self._limit:
            self._blocked_until[key] = now + self._block
            return False
        events.append(now)
        return True


class DailyQuota:
    """A quota that starts anew at midnight in Shanghai."""

    def __init__(self, clock: Clock) -> None:
        """Start with nothing used."""
        self._clock = clock
        self._used: dict[tuple[str, str, str], int] = {}

    def use(self, owner: str, interface: str, limit: int) -> None:
        """Count one call, or refuse it with 45009 when the day's quota is used up."""
        day = datetime.fromtimestamp(self._clock(), SHANGHAI).date().isoformat()
        key = (owner, interface, day)
        if self._used.get(key, 0) >= limit:
            raise ApiError(45009)
        self._used[key] = self._used.get(key, 0) + 1


class Memory:
    """Remembers answers for a while: the platform's duplicate checks."""

    def __init__(self, clock: Clock) -> None:
        """Start empty."""
        self._clock = clock
        self._entries: dict[Hashable, tuple[float, object]] = {}

    def recall(self, key: Hashable) -> object | None:
        """Give what was remembered under the key, or None when it is unknown or too old."""
        until, value = self._entries.get(key, (0.0, None))
        return value if until > self._clock() else None

    def remember(self, key: Hashable, value: object, seconds: float) -> None:
        """Keep a value for some seconds."""
        self._entries[key] = (self._clock() + seconds, value)

"""How often one address or one person may ask (限流): token buckets in the memory of the process.

Several processes count each for themselves, so that n processes together let n times as much through.
Key types: `Limit`, `Buckets`.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any, TypeVar

from monitor.clock import Clock

View = TypeVar("View", bound=Callable[..., Any])
SIGN_IN, SEARCH, EXPORT, LINK, EXAMINE = "sign_in", "search", "export", "link", "examine"
_MOST_BUCKETS = 20_000


@dataclass(frozen=True, slots=True)
class Limit:
    """So many calls in so many seconds, by address or by person; a bucket fills evenly."""

    n_calls: int
    seconds: int
    by_person: bool = False


LIMITS: Mapping[str, Limit] = {
    SIGN_IN: Limit(20, 60),
    SEARCH: Limit(60, 60),
    EXPORT: Limit(10, 3600, by_person=True),
    LINK: Limit(120, 60),
    EXAMINE: Limit(3, 60, by_person=True),
}


def limited(name: str) -> Callable[[View], View]:
    """Declare that a view is asked at most as often as a limit says."""

    def _declare(view: View) -> View:
        view.limit_name = name  # type: ignore[attr-defined]
        return view

    return _declare


class Buckets:
    """Counts calls. Thread-safe; one per process."""

    def __init__(self, clock: Clock, limits: Mapping[str, Limit] = LIMITS) -> None:
        """Start with full buckets."""
        self._clock = clock
        self._limits = limits
        self._lock = threading.Lock()
        self._levels: dict[tuple[str, str], tuple[float, float]] = {}

    def limit_of(self, view: Callable[..., Any]) -> tuple[str, Limit] | None:
        """Return the limit that a view declares, or None."""
        name: str | None = getattr(view, "limit_name", None)
        return (name, self._limits[name]) if name else None

    def take(self, name: str, who: str) -> int:
        """Take a call; returns 0, or after how many seconds the next one is let through."""
        limit, now = self._limits[name], self._clock().timestamp()
        per_second = limit.n_calls / limit.seconds
        with self._lock:
            level, since = self._levels.get((name, who), (float(limit.n_calls), now))
            level = min(limit.n_calls, level + max(0.0, now - since) * per_second)
            if len(self._levels) >= _MOST_BUCKETS:
                self._drop_full(now)
            if level < 1:
                self._levels[name, who] = level, now
                return max(1, ceil((1 - level) / per_second))
            self._levels[name, who] = level - 1, now
        return 0

    def _drop_full(self, now: float) -> None:
        """Forget who has not asked for long; if everybody has just asked, forget all."""
        kept = {
            key: seen for key, seen in self._levels.items() if now - seen[1] < self._limits[key[0]].seconds
        }
        self._levels = kept if len(kept) < _MOST_BUCKETS else {}

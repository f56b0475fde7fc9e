"""Scripted faults: what goes wrong on which path, at which call or for how long."""

import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

KINDS = frozenset(
    {
        "refuse",
        "500",
        "502",
        "504",
        "html200",
        "hang",
        "hang_after",
        "drop_answer",
        "truncate",
        "echo",
        "huge",
    }
)


@dataclass
class Fault:
    """One scripted fault.

    Args:
        path: API path without leading slash; `*` stands for every path.
        kind: one of `KINDS`, or `errcode:<number>`, or `redirect:<url>`.
        at_call: first call of that path that is hit, 1 = the next one; None hits from the start.
        times: how many calls are hit; None has no end.
        from_at: instant from which it works.
        until_at: instant at which it ends; None has no end.
    """

    path: str
    kind: str
    at_call: int | None
    times: int | None
    from_at: float
    until_at: float | None
    n_seen: int = 0
    n_hit: int = 0

    def strikes(self, path: str, now: float) -> bool:
        """Tell whether this call is hit, and count it."""
        if self.path not in ("*", path) or now < self.from_at:
            return False
        if self.until_at is not None and now >= self.until_at:
            return False
        self.n_seen += 1
        if self.at_call is not None and self.n_seen < self.at_call:
            return False
        if self.times is not None and self.n_hit >= self.times:
            return False
        self.n_hit += 1
        return True


class FaultScript:
    """All faults in force; the earliest scripted one that fits a call wins."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Start without faults."""
        self._clock = clock
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._hits: defaultdict[str, int] = defaultdict(int)
        self._released = threading.Event()

    def add(
        self,
        path: str,
        kind: str,
        *,
        at_call: int | None = None,
        times: int | None = None,
        after_seconds: float = 0,
        for_seconds: float | None = None,
    ) -> Fault:
        """Script one fault; `at_call` without `times` or `for_seconds` hits exactly that call."""
        if kind not in KINDS and not kind.startswith(("errcode:", "redirect:")):
            raise ValueError(f"unknown kind of fault: {kind}")
        if at_call is not None and times is None and for_seconds is None:
            times = 1
        starts = self._clock() + after_seconds
        ends = None if for_seconds is None else starts + for_seconds
        fault = Fault(path.strip("/"), kind, at_call, times, starts, ends)
        with self._lock:
            self._faults.append(fault)
        return fault

    def take(self, path: str) -> str | None:
        """Answer which kind of fault hits this call, if any."""
        with self._lock:
            now = self._clock()
            for fault in self._faults:
                if fault.strikes(path, now):
                    self._hits[fault.kind] += 1
                    return fault.kind
        return None

    def n_hits(self, *kinds: str) -> int:
        """Count the calls that were hit, by kind or all together."""
        with self._lock:
            return sum(n for kind, n in self._hits.items() if not kinds or kind in kinds)

    def clear(self) -> None:
        """End all faults and let hanging calls go."""
        with self._lock:
            self._faults.clear()
            self._released.set()
            self._released = threading.Event()

    def wait_hanging(self, longest_seconds: float = 30) -> None:
        """Hold a call until the faults are cleared."""
        with self._lock:
            released = self._released
        released.wait(longest_seconds)

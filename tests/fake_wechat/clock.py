"""The stand-in's clock: frozen, running, or running fast, and always movable."""

import threading
import time


class FakeClock:
    """Epoch seconds that a test can freeze, move and accelerate.

    Args:
        start: first reading; the machine's time when absent.
        rate: how many fake seconds one real second lasts (0 freezes the clock).
    """

    def __init__(self, start: float | None = None, rate: float = 1.0) -> None:
        """Start the clock."""
        self._lock = threading.Lock()
        self._rate = rate
        self._base = time.time() if start is None else start
        self._started = time.monotonic()

    def __call__(self) -> float:
        """Answer the present fake time in epoch seconds."""
        with self._lock:
            return self._reading()

    def advance(self, seconds: float) -> None:
        """Move the clock by some seconds; a negative figure steps back."""
        with self._lock:
            self._base += seconds

    def set(self, at: float) -> None:
        """Put the clock to an instant."""
        with self._lock:
            self._base += at - self._reading()

    def _reading(self) -> float:
        return self._base + (time.monotonic() - self._started) * self._rate

"""Leaves a channel in trouble alone for a while: fewer calls, and fewer messages drawn into doubt.

Every try of a hanging platform makes one more message 送达未知; so after a few failures in a row one
message at a time goes ahead, and the others wait for it. Known to one process only.
"""

from datetime import datetime, timedelta

from monitor.delivery.outbox import ChannelKind

_FIRST_PAUSE = timedelta(seconds=30)
_LONGEST_PAUSE = timedelta(minutes=5)
_MOST_FAILURES = 3  # in a row, of a channel that worked so far


class ChannelHealth:
    """Which channels are in trouble, and until when they rest."""

    def __init__(self) -> None:
        """Begin with all channels well."""
        self._pauses: dict[ChannelKind, timedelta] = {}
        self._resting: dict[ChannelKind, datetime] = {}

    def resting(self, now: datetime) -> dict[ChannelKind, datetime]:
        """Return the channels that are not to be used now, with the end of their rest."""
        return {kind: until for kind, until in self._resting.items() if until > now}

    def most_failures(self, kind: ChannelKind) -> int:
        """Return after how many failures in a row a channel gets a rest."""
        return 1 if kind in self._pauses else _MOST_FAILURES

    def rest(self, kind: ChannelKind, now: datetime) -> datetime:
        """Begin a rest, each longer than the last; return its end."""
        pause = min(2 * self._pauses[kind], _LONGEST_PAUSE) if kind in self._pauses else _FIRST_PAUSE
        self._pauses[kind] = pause
        self._resting[kind] = now + pause
        return now + pause

    def recover(self, kind: ChannelKind) -> None:
        """Note that a channel works."""
        self._pauses.pop(kind, None)
        self._resting.pop(kind, None)

"""Who writes: bound people by chat address, remembered for half a minute. Thread-safe."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.clock import business_day
from monitor.store.database import Database
from monitor.store.people.bindings import Bound, load_bound
from monitor.usecases.people.bind import ChatAddress

_KNOWN = timedelta(seconds=30)  # a role changed in another process is noticed after this time
_UNKNOWN = timedelta(seconds=5)
_OPEN_WINDOW_EVERY = timedelta(minutes=1)
_MOST_ENTRIES = 50_000


@dataclass(slots=True)
class _Entry:
    bound: Bound | None
    until: datetime
    seen_at: datetime | None


class People:
    """Finds who is bound to a chat address."""

    def __init__(self, database: Database) -> None:
        """Read from `database`."""
        self._database = database
        self._entries: dict[ChatAddress, _Entry] = {}
        self._n_changes = 0

    def find(self, who: ChatAddress, now: datetime) -> Bound | None:
        """Return the bound person, or None for a stranger."""
        entry = self._entries.get(who)
        if entry is None or not now < entry.until:
            entry = self._load(who, now)
        return entry.bound

    def forget(self, who: ChatAddress) -> None:
        """Read this address again: its role has changed."""
        self._n_changes += 1
        self._entries.pop(who, None)

    def window_to_open(self, who: ChatAddress, now: datetime) -> int | None:
        """Return whose 48 h window a message opens, at most once a minute for one person; else None."""
        entry = self._entries.get(who)
        if entry is None or entry.bound is None:
            return None
        if entry.seen_at is not None and now - entry.seen_at < _OPEN_WINDOW_EVERY:
            return None
        entry.seen_at = now
        return entry.bound.identity_id

    def _load(self, who: ChatAddress, now: datetime) -> _Entry:
        n_changes = self._n_changes
        with self._database.reading() as connection:
            bound = load_bound(connection, who.account, who.address, business_day(now))
        entry = _Entry(bound, now + (_KNOWN if bound else _UNKNOWN), bound.last_chat_at if bound else None)
        if n_changes == self._n_changes:  # otherwise what was read may be older than a change
            if len(self._entries) >= _MOST_ENTRIES:
                self._entries = {}
            self._entries[who] = entry
        return entry

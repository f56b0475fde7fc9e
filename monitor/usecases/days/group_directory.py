"""The hot path's cached look-up: from a source's id of a group to what judging a post needs."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from time import monotonic

from monitor.days.topics import Topic, open_topics
from monitor.store import directory
from monitor.store.database import Database
from monitor.store.learning.examples import Connection, load_topic_texts
from monitor.units import Group, GroupId
from monitor.usecases.learning.learn import OFF_TOPIC, RELEVANT

_KNOWN_SECONDS = 60.0  # a topic opened in another process is seen after this time
_UNKNOWN_SECONDS = 5.0
_MOST_ENTRIES = 200_000
_MOST_EXAMPLES = 60  # of a group: the newest, so that learning from them takes milliseconds


@dataclass(slots=True)
class _Entry:
    group: Group | None
    topics: tuple[Topic, ...]
    until: float
    day: date | None = None
    open_on_day: tuple[Topic, ...] = ()


class GroupDirectory:
    """Finds registered groups and their open topics; remembers both for a minute."""

    def __init__(self, database: Database, seconds: Callable[[], float] = monotonic) -> None:
        """Read from `database`; `seconds` is a monotonic clock."""
        self._database = database
        self._seconds = seconds
        self._entries: dict[tuple[str, str], _Entry] = {}
        self._loading = threading.Lock()

    def find(self, source: str, external_id: str, day: date) -> tuple[Group, tuple[Topic, ...]] | None:
        """Return the group and its topics open on a day, or None if nobody registered it."""
        entry = self._entries.get((source, external_id))
        if entry is None or entry.until < self._seconds():
            self.load([(source, external_id)])
            entry = self._entries[source, external_id]
        if entry.group is None:
            return None
        if entry.day != day:
            entry.open_on_day, entry.day = open_topics(entry.topics, day), day
        return entry.group, entry.open_on_day

    def load(self, wanted: Iterable[tuple[str, str]]) -> None:
        """Read groups again, known or not."""
        with self._loading, self._database.reading() as connection:
            if len(self._entries) > _MOST_ENTRIES:
                self._entries = {}
            now = self._seconds()
            for source, external_id in wanted:
                group = directory.load_group_by_source(connection, source, external_id)
                if group is None:
                    self._entries[source, external_id] = _Entry(None, (), now + _UNKNOWN_SECONDS)
                    continue
                topics = _load_topics(connection, group.group_id)
                self._entries[source, external_id] = _Entry(group, topics, now + _KNOWN_SECONDS)

    def forget(self) -> None:
        """Drop everything, after groups or topics were changed in this process."""
        self._entries = {}


def _load_topics(connection: Connection, group_id: GroupId) -> tuple[Topic, ...]:
    """Return a group's topics with what people called 有关 and 无关 there; it speaks of all of its topics."""
    topics = directory.load_topics(connection, [group_id]).get(group_id, [])
    said = load_topic_texts(connection, [group_id], _MOST_EXAMPLES).get(group_id, []) if topics else []
    if not said:
        return tuple(topics)
    liked = tuple(one.text for one in said if one.label == RELEVANT)
    disliked = tuple(one.text for one in said if one.label == OFF_TOPIC)
    return tuple(replace(topic, examples=liked, counter_examples=disliked) for topic in topics)

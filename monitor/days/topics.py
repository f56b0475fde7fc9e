"""Topics (微话题): what a group was opened to talk about (HN-2.1.3b)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from monitor.units import GroupId


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic of one group with the words by which its posts are recognised."""

    topic_id: int
    group_id: GroupId
    title: str
    keywords: tuple[str, ...]
    opened_on: date
    closed_on: date | None = None  # last day on which it is open
    examples: tuple[str, ...] = ()  # posts that people called 有关
    counter_examples: tuple[str, ...] = ()  # posts that people called 无关

    def is_open_on(self, day: date) -> bool:
        """Tell whether the topic is open on a business day, first and last day included."""
        return self.opened_on <= day and (self.closed_on is None or day <= self.closed_on)


def open_topics(topics: Iterable[Topic], day: date) -> tuple[Topic, ...]:
    """Return the topics that are open on a business day, in the given order."""
    return tuple(topic for topic in topics if topic.is_open_on(day))

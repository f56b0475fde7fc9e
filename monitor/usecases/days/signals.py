"""Signals of days (数据可信提示, GD-5.2): found every night for the day before, read by those in charge.

They are figures for a person to look at; no count and no grade changes. Key types: `Signals`, `SignalsPage`.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from monitor.clock import Clock, business_day
from monitor.days.signals import DayPost, Signal, SignalLimits, find_signals
from monitor.learning.readings import SignalReading
from monitor.schedule import Job
from monitor.store.database import Database
from monitor.store.days import signals as day_signals
from monitor.units import Viewer
from monitor.usecases import scope
from monitor.usecases.index.anomalies import Anomalies
from monitor.usecases.operations.scheduled import ScheduledTask, claim_and_do
from monitor.usecases.rules.in_force import AnyRules

SIGNALS = Job("signals", (time(0, 50),), timedelta(hours=20))
LIMITS = SignalLimits()
SHOWN_DAYS = 30
PAGE_SIGNALS = 50
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SignalsPage:
    """Signals of a subtree in the last 30 days: how many of each kind, and one page of them."""

    first_day: date
    last_day: date
    by_kind: dict[str, int]
    signals: tuple[SignalReading, ...]


class Signals:
    """Serves console and group page. Thread-safe; one per process."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Keep the collaborators."""
        self._database, self._clock = database, clock
        self.anomalies = Anomalies(database, clock)

    def page(self, viewer: Viewer, kind: str = "", page: int = 1) -> SignalsPage:
        """Return one page of the signals in the viewer's subtree."""
        last = business_day(self._clock())
        first = last - timedelta(days=SHOWN_DAYS)
        with self._database.reading() as connection:
            by_kind = day_signals.count_by_kind(connection, viewer.unit_path, first, last)
            n_skipped = (page - 1) * PAGE_SIGNALS
            found = day_signals.load_signals(
                connection, viewer.unit_path, first, last, kind, PAGE_SIGNALS, n_skipped
            )
        return SignalsPage(first, last, by_kind, tuple(found))

    def of_group(self, viewer: Viewer, group_code: str) -> tuple[SignalReading, ...]:
        """Return the signals of one group in the last 30 days, newest first.

        Raises: OutOfScope for a group out of scope, and for none.
        """
        last = business_day(self._clock())
        with self._database.reading() as connection:
            group = scope.find_group(connection, viewer, group_code)
            first = last - timedelta(days=SHOWN_DAYS)
            return tuple(day_signals.load_group_signals(connection, group.group_id, first, last))


def find_day_signals(database: Database, day: date, limits: SignalLimits = LIMITS) -> dict[int, list[Signal]]:
    """Return what stands out on a day by group; groups without anything are absent."""
    with database.reading() as connection:
        by_group = dict(day_signals.load_day_posts(connection, day))
    n_groups = _count_groups(by_group)
    found = {}
    for group_id, posts in by_group.items():
        others = {post.content_key: n_groups[post.content_key] - 1 for post in posts if post.has_text}
        if signals := find_signals(posts, day, others, limits):
            found[group_id] = signals
    return found


def run_signals(database: Database, _rules: AnyRules, clock: Clock, slot: datetime) -> str | None:
    """Find and store the signals of the day before a slot; None if the slot has run."""
    day = business_day(slot) - _ONE_DAY
    found = find_day_signals(database, day)

    def write(connection: day_signals.Connection) -> str:
        n_signals = day_signals.replace_signals(connection, day, found)
        return f"{day}：{n_signals} 条提示，{len(found)} 个群"

    return claim_and_do(database, SIGNALS, slot, clock(), write)


SIGNALS_TASK = ScheduledTask(SIGNALS, run_signals)


def _count_groups(by_group: dict[int, list[DayPost]]) -> dict[int, int]:
    """Return in how many groups each text stands."""
    counts: dict[int, int] = defaultdict(int)
    for posts in by_group.values():
        for key in {post.content_key for post in posts if post.has_text}:
            counts[key] += 1
    return counts

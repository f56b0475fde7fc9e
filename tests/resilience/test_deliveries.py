"""Three deliveries of everything (T-02): the first two overlap in two processes, the third comes late.

T-02's own size: `QINGXUN_DELIVERIES=1000 python -m pytest tests/resilience/test_deliveries.py`.
"""

import os
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from monitor.classify.relevance import RelevanceModel
from monitor.events import EventKind, InboundEvent
from monitor.store.database import Database
from monitor.store.days.tables import DayCountRow, PostRow
from monitor.store.tables import ChatMessageRow, table_of
from monitor.units import Role
from monitor.usecases.days.receive import Receipt, Receiver
from tests.bot.talk import Person, dispatcher_of, invite_everyone
from tests.cast import GROUPS, SOURCE, Cast
from tests.conftest import FrozenClock

N_MESSAGES = int(os.environ.get("QINGXUN_DELIVERIES", "40"))
PAIRS = N_MESSAGES // 5


@pytest.fixture
def other(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


def test_posts_are_stored_and_counted_once_in_whatever_batches_they_come(
    database: Database, other: Database, judge: RelevanceModel, cast: Cast, clock: FrozenClock
) -> None:
    """Pairs of one second, one sender and one text are two posts: the key is the message's."""
    assert cast
    events = [_post(key, GROUPS[key % 4][3], clock) for key in range(1, N_MESSAGES + 1)]
    twins = [_post(10_000 + n, GROUPS[0][3], clock) for n in range(2 * PAIRS)]
    receivers = [Receiver(each, judge, clock, pepper="p") for each in (database, other)]
    start, found = threading.Barrier(2), Counter[Receipt]()

    def deliver(receiver: Receiver, step: int) -> None:
        own = (events + twins)[::step]  # one from the front, one from the back
        start.wait()
        for first in range(0, len(own), 7):
            found.update(receiver.receive(own[first : first + 7]))

    threads = [threading.Thread(target=deliver, args=pair) for pair in zip(receivers, (1, -1), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    clock.advance(seconds=10)
    found.update(receivers[1].receive(events + twins))
    n_events = len(events) + len(twins)
    assert found == {Receipt.ACCEPTED: n_events, Receipt.DUPLICATE: 2 * n_events}
    post, count = table_of(PostRow), table_of(DayCountRow)
    with database.reading() as connection:
        stored = connection.scalar(select(func.count()).select_from(post))
        counted = connection.scalar(select(func.sum(count.c.n_posts)))
        per_group = connection.execute(select(post.c.group_id, func.count()).group_by(post.c.group_id))
        counts = connection.execute(select(count.c.group_id, count.c.n_posts))
        assert {tuple(row) for row in per_group} == {tuple(row) for row in counts}
    assert stored == counted == n_events


def test_chat_messages_get_one_answer_and_one_row(
    database: Database, other: Database, cast: Cast, clock: FrozenClock
) -> None:
    assert cast
    invite_everyone(database)
    dispatchers = [dispatcher_of(each, clock) for each in (database, other)]
    person = Person(dispatchers[0], clock).bound_as(Role.UNIT_ADMIN)
    words = ("状态", "未达标", "群 列出", "提醒", "周报", "台账")
    events = [person.event(words[n % len(words)]) for n in range(N_MESSAGES)]
    n_before = _count(database)
    start = threading.Barrier(2)
    answers: dict[int, list[str]] = {}

    def deliver(place: int) -> None:
        start.wait()
        answers[place] = [dispatchers[place].reply(event) for event in events]

    threads = [threading.Thread(target=deliver, args=(place,)) for place in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    clock.advance(seconds=10)
    third = [dispatchers[1].reply(event) for event in events]
    assert answers[0] == answers[1] == third
    assert all(third)
    assert _count(database) == n_before + N_MESSAGES
    pairs = [person.event("状态") for _ in range(2)]
    twins = [pairs[0], replace(pairs[1], occurred_at=pairs[0].occurred_at)]  # in one second, two messages
    assert all(dispatchers[0].reply(each) for each in twins)
    assert _count(database) == n_before + N_MESSAGES + 2


def _post(key: int, place: str, clock: FrozenClock) -> InboundEvent:
    return InboundEvent(EventKind.POST, SOURCE, key, clock(), place, sender_id="m", text="志愿服务报名")


def _count(database: Database) -> int:
    with database.reading() as connection:
        return int(
            connection.execute(select(func.count()).select_from(table_of(ChatMessageRow))).scalar_one()
        )

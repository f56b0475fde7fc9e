"""The sender of the outbox: leases, retries, fallbacks, limits, quiet hours; on both databases."""

import re
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest

from monitor.delivery.outbox import ChannelKind, MessageKind, OutboxState, SendLimit
from monitor.errors import DeliveryError
from monitor.store.database import Database
from monitor.store.operations.error_events import load_error_events
from monitor.units import Role
from monitor.usecases.delivery.send_alerts import AlertSender
from tests.cast import Cast
from tests.channels import MemoryChannel, lost_answer, refused
from tests.conftest import FrozenClock
from tests.monitor.outbox_help import BOOK, bind, queue, rows, states

APP, ROBOT = ChannelKind.WECOM_APP, ChannelKind.WECOM_ROBOT
TEMPLATE, SERVICE = ChannelKind.TEMPLATE, ChannelKind.CUSTOMER_SERVICE
MINUTE = timedelta(minutes=1)


class Killed(BaseException):
    """The worker dies in the middle of a call: nothing after it runs."""


def killed() -> None:
    raise Killed


def app(**more: object) -> MemoryChannel:
    limits = (SendLimit(30, MINUTE), SendLimit(1000, timedelta(hours=1)))
    return MemoryChannel(APP, limits, timedelta(minutes=30), **more)  # type: ignore[arg-type]


def service(**more: object) -> MemoryChannel:
    return MemoryChannel(SERVICE, (SendLimit(5, timedelta(hours=48)),), **more)  # type: ignore[arg-type]


def template(**more: object) -> MemoryChannel:
    return MemoryChannel(TEMPLATE, (), timedelta(minutes=10), **more)  # type: ignore[arg-type]


def sender(database: Database, clock: FrozenClock, *channels: MemoryChannel) -> AlertSender:
    by_kind: Mapping[ChannelKind, MemoryChannel] = {channel.kind: channel for channel in channels}
    return AlertSender(database, by_kind, BOOK, clock)


@pytest.fixture
def member(database: Database, cast: Cast, clock: FrozenClock) -> str:
    return bind(database, cast.units["LC"], bound_at=clock())


@pytest.fixture
def follower(database: Database, cast: Cast, clock: FrozenClock) -> str:
    """A follower of the official account who wrote an hour ago."""
    earlier = clock() - timedelta(hours=1)
    return bind(database, cast.units["LC"], account="demo", last_chat_at=earlier, bound_at=earlier)


def test_a_waiting_row_is_sent_once(database: Database, clock: FrozenClock, member: str) -> None:
    channel = app()
    queue(database, member, clock())
    work = sender(database, clock, channel)
    assert (work.drain(), work.drain()) == (1, 0)
    assert [(message.target, message.idempotency_key) for message in channel.received] == [
        ("corp/person1", "test:1")
    ]
    assert states(database) == [OutboxState.SENT]


def test_priority_goes_before_age(database: Database, clock: FrozenClock, member: str) -> None:
    channel = app()
    queue(database, member, clock(), 2, MessageKind.DIGEST)
    queue(database, member, clock(), 1, MessageKind.INCIDENT)
    queue(database, member, clock(), 1, MessageKind.ALERT)
    sender(database, clock, channel).drain()
    assert [message.idempotency_key for message in channel.received] == [
        "test:3",
        "test:4",
        "test:1",
        "test:2",
    ]


def test_a_worker_killed_during_the_call_is_made_good_after_the_lease(
    database: Database, clock: FrozenClock, member: str
) -> None:
    channel = app(script=iter([killed]))
    queue(database, member, clock())
    with pytest.raises(Killed):
        sender(database, clock, channel).drain()
    successor = sender(database, clock, channel)
    clock.advance(seconds=59)
    assert successor.drain() == 0
    clock.advance(seconds=1)
    assert successor.drain() == 1
    assert len(channel.received) == 1, "the platform knows the key and shows it once"
    assert states(database) == [OutboxState.SENT]


def test_a_worker_killed_before_the_call_loses_nothing_on_a_channel_without_memory(
    database: Database, clock: FrozenClock, follower: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = service()
    queue(database, follower, clock())
    doomed = sender(database, clock, channel)
    monkeypatch.setattr(doomed, "_send_all", lambda *_: killed())
    with pytest.raises(Killed):
        doomed.drain()
    clock.advance(seconds=60)
    assert sender(database, clock, channel).drain() == 1
    assert len(channel.received) == 1


def test_a_worker_killed_during_the_call_on_a_channel_without_memory_is_shown_as_unknown(
    database: Database, clock: FrozenClock, follower: str
) -> None:
    channel = service(script=iter([killed]))
    queue(database, follower, clock())
    with pytest.raises(Killed):
        sender(database, clock, channel).drain()
    clock.advance(seconds=60)
    assert sender(database, clock, channel).drain() == 0
    assert states(database) == [OutboxState.UNKNOWN]
    assert len(channel.received) == 1


def test_a_late_answer_cannot_overwrite_the_successor(
    database: Database, clock: FrozenClock, member: str
) -> None:
    slow = app()

    def overtake() -> None:
        clock.advance(seconds=61)
        assert sender(database, clock, app()).drain() == 1
        raise DeliveryError("too late", channel=APP)

    slow.script = iter([overtake])
    queue(database, member, clock())
    sender(database, clock, slow).drain()
    assert states(database) == [OutboxState.SENT]


@pytest.mark.parametrize("n_workers", [4])
def test_several_senders_never_send_a_row_twice(
    database: Database, database_url: str, clock: FrozenClock, cast: Cast, n_workers: int
) -> None:
    channel = MemoryChannel(APP)
    for code in ("LC", "YS", "QD"):
        queue(database, bind(database, cast.units[code], bound_at=clock()), clock(), 20)
    others = [Database(database_url) for _ in range(n_workers)]
    threads = [
        threading.Thread(target=lambda own=own: [sender(own, clock, channel).drain(7) for _ in range(10)])
        for own in others
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for own in others:
        own.close()
    assert sorted(m.idempotency_key for m in channel.received) == sorted(f"test:{n}" for n in range(1, 61))
    assert set(states(database)) == {OutboxState.SENT}


def test_a_definite_failure_is_retried_with_growing_delay_until_a_day_is_over(
    database: Database, clock: FrozenClock, cast: Cast, member: str
) -> None:
    operator = bind(database, cast.units["QS"], Role.OPERATOR, bound_at=clock())
    channel = app(script=iter([refused(APP)] * 1000))
    work = sender(database, clock, channel)
    queue(database, member, clock())
    queue(database, member, clock())
    tries: list[datetime] = []
    for _ in range(25 * 12):
        before = channel.n_calls
        work.drain()
        tries += [clock()] * (channel.n_calls - before)
        clock.advance(minutes=5)
    assert 2 * 20 < len(tries) < 2 * 400
    table = {row.recipient: row for row in rows(database)}
    assert [row.state for row in rows(database)][:2] == [OutboxState.DEAD] * 2
    notices = [row for row in rows(database) if row.recipient == operator]
    assert len({notice.idempotency_key for notice in notices}) == len(notices)
    assert len(notices) <= 2, "one notice an hour, however many messages die"
    assert "未能送达" in table[operator].title


def test_a_channel_that_comes_back_is_used_within_ten_minutes(
    database: Database, clock: FrozenClock, member: str
) -> None:
    came_back = clock() + timedelta(hours=1)
    channel = app()

    def away():  # type: ignore[no-untyped-def]
        while True:
            yield refused(APP) if clock() < came_back else None

    channel.script = away()
    queue(database, member, clock(), 25)
    work = sender(database, clock, channel)
    while clock() < came_back + timedelta(minutes=10):
        work.drain()
        clock.advance(seconds=60)
    assert len(channel.received) == 25
    assert set(states(database)) == {OutboxState.SENT}


def test_a_permanent_error_moves_on_to_the_next_channel(
    database: Database, clock: FrozenClock, follower: str
) -> None:
    first, second = template(script=iter([refused(TEMPLATE, permanent=True)])), service()
    work = sender(database, clock, first, second)
    queue(database, follower, clock())
    work.drain()
    assert work.drain() == 1
    assert len(second.received) == 1
    (row,) = rows(database)
    assert (row.state, row.channel, row.exhausted) == (OutboxState.SENT, SERVICE, [TEMPLATE])


def test_without_a_channel_left_a_message_waits_to_be_asked_for(
    database: Database, clock: FrozenClock, follower: str
) -> None:
    clock.advance(hours=48)
    work = sender(database, clock, template(script=iter([refused(TEMPLATE, permanent=True)])), service())
    queue(database, follower, clock())
    work.drain()
    work.drain()
    assert states(database) == [OutboxState.PULL_ONLY]


def test_an_unknown_recipient_waits_to_be_asked_for(
    database: Database, clock: FrozenClock, cast: Cast
) -> None:
    assert cast
    queue(database, "identity:99", clock())
    queue(database, "robot:nobody", clock())
    sender(database, clock, app()).drain()
    assert states(database) == [OutboxState.PULL_ONLY] * 2


def test_a_lost_answer_is_repeated_with_the_same_key_inside_the_window(
    database: Database, clock: FrozenClock, follower: str
) -> None:
    channel = template(script=iter([lost_answer(TEMPLATE)] * 3))
    work = sender(database, clock, channel)
    queue(database, follower, clock())
    for _ in range(60):
        work.drain()
        clock.advance(seconds=10)
    assert channel.n_calls == 4
    assert len(channel.received) == 1
    assert states(database) == [OutboxState.SENT]


@pytest.mark.parametrize(("channel", "n_most"), [(template(), 5), (service(), 1)])
def test_a_lost_answer_is_not_repeated_outside_the_window(
    database: Database, clock: FrozenClock, follower: str, channel: MemoryChannel, n_most: int
) -> None:
    channel = MemoryChannel(channel.kind, channel.limits, channel.duplicate_window)
    channel.script = iter([lost_answer(channel.kind)] * 100)
    work = sender(database, clock, channel)
    queue(database, follower, clock())
    for _ in range(140):
        work.drain()
        clock.advance(seconds=10)
    assert states(database) == [OutboxState.UNKNOWN]
    assert 1 <= channel.n_calls <= n_most
    assert len(channel.received) == 1


def test_an_unexpected_failure_of_a_channel_is_shown_with_a_number_and_stops_nothing(
    database: Database, clock: FrozenClock, follower: str
) -> None:
    channel = service(script=iter([ValueError("bug")]))
    queue(database, follower, clock(), 2)
    assert sender(database, clock, channel).drain() == 1
    broken, sound = rows(database)
    assert (broken.state, sound.state) == (OutboxState.UNKNOWN, OutboxState.SENT)
    assert re.fullmatch(r"E-\d{4}-[0-9A-F]{6}", broken.last_error)
    with database.reading() as connection:
        (kept,) = load_error_events(connection, 9)
    assert (kept.number, kept.error) == (broken.last_error, "ValueError")


def test_200_alerts_for_one_member_in_a_minute_become_at_most_30_messages_that_name_all(
    database: Database, clock: FrozenClock, member: str
) -> None:
    channel = app()
    work = sender(database, clock, channel)
    for _ in range(20):
        queue(database, member, clock(), 10)
        work.drain()
        clock.advance(seconds=3)
    assert len(channel.received) <= 30
    for _ in range(4):
        work.drain()
        clock.advance(seconds=30)
    named = "\n".join(channel.texts)
    assert all(f"G{n:04}" in named for n in range(1, 201))
    assert len(channel.received) <= 31
    assert {OutboxState.SENT, OutboxState.FOLDED} == set(states(database))
    assert max(len(text.encode()) for text in channel.texts) <= 1850


def test_200_alerts_at_once_send_29_and_one_digest_of_171(
    database: Database, clock: FrozenClock, member: str
) -> None:
    channel = app()
    queue(database, member, clock(), 200)
    assert sender(database, clock, channel).drain() == 30
    assert "171" in channel.texts[-1]
    assert all(f"G{n:04}" in "\n".join(channel.texts) for n in range(1, 201))
    assert states(database).count(OutboxState.FOLDED) == 171


def test_two_processes_together_keep_the_limit_of_a_robot(
    database: Database, database_url: str, clock: FrozenClock, cast: Cast
) -> None:
    assert cast
    robot = MemoryChannel(ROBOT, (SendLimit(20, MINUTE),))
    other = Database(database_url)
    queue(database, "robot:inspectors", clock(), 25)
    threads = [
        threading.Thread(target=lambda own=own: [sender(own, clock, robot).drain(5) for _ in range(8)])
        for own in (database, other)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert len(robot.received) <= 20
    assert all(f"G{n:04}" in "\n".join(robot.texts) for n in range(1, 26))


def test_the_sixth_customer_service_message_waits_to_be_asked_for(
    database: Database, clock: FrozenClock, follower: str
) -> None:
    channel = service()
    work = sender(database, clock, channel)
    for _ in range(6):
        queue(database, follower, clock())
        work.drain()
        clock.advance(minutes=1)
    assert len(channel.received) == 5
    assert states(database) == [OutboxState.SENT] * 5 + [OutboxState.PULL_ONLY]


@pytest.mark.parametrize(
    ("kind", "sent_at_night"), [(MessageKind.ALERT, 0), (MessageKind.DIGEST, 0), (MessageKind.INCIDENT, 1)]
)
def test_in_quiet_hours_only_incidents_go_out(
    database: Database, clock: FrozenClock, member: str, kind: MessageKind, sent_at_night: int
) -> None:
    clock.now = datetime.fromisoformat("2026-11-20T22:00:00+08:00")
    channel = app()
    work = sender(database, clock, channel)
    queue(database, member, clock(), kind=kind)
    for _ in range(19):
        work.drain()
        clock.advance(minutes=29)
    assert len(channel.received) == sent_at_night
    clock.now = datetime.fromisoformat("2026-11-21T07:30:00+08:00")
    work.drain()
    assert len(channel.received) == 1


def test_a_reminder_older_than_an_hour_is_not_sent_any_more(
    database: Database, clock: FrozenClock, member: str
) -> None:
    channel = app()
    queue(database, member, clock(), kind=MessageKind.REMINDER)
    clock.advance(minutes=60)
    sender(database, clock, channel).drain()
    assert states(database) == [OutboxState.PULL_ONLY]
    assert channel.received == []


def test_a_slow_or_broken_channel_does_not_hold_up_the_others(
    database: Database, clock: FrozenClock, member: str, follower: str
) -> None:
    broken, sound = app(script=iter([refused(APP)] * 100)), template()
    queue(database, member, clock(), 20)
    queue(database, follower, clock(), 20)
    assert sender(database, clock, broken, sound).drain() == 20
    assert broken.n_calls == 3, "after three failures in a row the channel is left alone"

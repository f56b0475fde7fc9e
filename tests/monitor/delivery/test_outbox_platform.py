"""The outbox against a platform that fails in every documented way, over real sockets (T-08, T-09).

What people received is read from the stand-in, not from our own table.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count

import pytest

from bot.channels.by_account import ByAccount
from monitor.delivery.outbox import ChannelKind, MessageKind, OutboxState
from monitor.ports import Channel, DeliveryReceipt, OutboundMessage
from monitor.store.database import Database
from monitor.usecases.delivery.send_alerts import AlertSender
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.fake_wechat import (
    DEMO_CORP_ID,
    DEMO_CORP_SECRET,
    Accounts,
    Corp,
    FakeClock,
    FakeWeChat,
    Limits,
)
from tests.fake_wechat.wiring import Wiring, wire
from tests.monitor.outbox_help import BOOK, bind, queue, rows

APP, SERVICE = ChannelKind.WECOM_APP, ChannelKind.CUSTOMER_SERVICE
N_PEOPLE = 6
HOUR = 3600


class Killed(BaseException):
    """The worker dies in the middle of a call."""


class Deadly:
    """A channel in a process that is killed at certain calls: before the call, or after it."""

    def __init__(self, channel: Channel, deaths: dict[int, str]) -> None:
        self.kind, self.limits, self.duplicate_window = (
            channel.kind,
            channel.limits,
            channel.duplicate_window,
        )
        self._channel, self._deaths, self._calls = channel, deaths, count(1)

    def send(self, message: OutboundMessage) -> DeliveryReceipt:
        death = self._deaths.get(next(self._calls))
        if death == "before":
            raise Killed
        receipt = self._channel.send(message)
        if death == "after":
            raise Killed
        return receipt


@pytest.fixture
def fake_clock(clock: FrozenClock) -> FakeClock:
    return FakeClock(clock().timestamp(), rate=0)


@pytest.fixture
def fake(fake_clock: FakeClock) -> Iterator[FakeWeChat]:
    corps = {DEMO_CORP_ID: Corp({DEMO_CORP_SECRET: 1000002})}
    with FakeWeChat(fake_clock, Accounts(corps=corps), Limits()) as server:
        yield server


def now_of(fake: FakeWeChat) -> datetime:
    return datetime.fromtimestamp(fake.clock(), UTC)


def channels(wiring: Wiring) -> list[Channel]:
    return [
        ByAccount(APP, {"corp": wiring.wecom_app}),
        ByAccount(SERVICE, {"demo": wiring.customer_service}),
        wiring.wecom_robot,
    ]


def sender(database: Database, fake: FakeWeChat, *some: Channel) -> AlertSender:
    by_kind = {channel.kind: channel for channel in some}
    return AlertSender(database, by_kind, BOOK, lambda: now_of(fake))


def drain(work: AlertSender) -> bool:
    """Drain once; True when the worker died over it."""
    try:
        while work.drain(50):
            pass
    except Killed:
        return True
    return False


@pytest.mark.parametrize(
    "kind",
    [
        "refused", "500", "html200", "drop_answer", "truncate", "errcode:-1", "errcode:40001",
        pytest.param("hang", marks=pytest.mark.slow),
    ],
)  # fmt: skip
def test_an_hour_of_failing_calls_and_five_kills_lose_nothing_and_duplicate_nothing(
    database: Database, fake: FakeWeChat, cast: Cast, kind: str
) -> None:
    people = [bind(database, cast.units["LC"], bound_at=now_of(fake)) for _ in range(N_PEOPLE)]
    wiring = wire(fake, kind_of_fault=kind)
    deaths = {3: "before", 5: "after", 8: "before", 13: "after", 21: "before"}
    channel = Deadly(channels(wiring)[0], deaths)
    if kind == "refused":
        fake.stop()
    else:
        fake.fault("cgi-bin/message/send", kind, for_seconds=HOUR)
    for person in people:
        queue(database, person, now_of(fake), 2)
    work, n_deaths = sender(database, fake, channel), 0
    for _ in range(HOUR // 60 + 10):
        if drain(work):
            n_deaths += 1
            work = sender(database, fake, channel)
        fake.clock.advance(60)
        if kind == "refused" and now_of(fake).minute == 0:
            fake.start()
    states = Counter(row.state for row in rows(database))
    assert set(states) <= {OutboxState.SENT, OutboxState.UNKNOWN, OutboxState.FOLDED}
    seen = Counter(entry.text for entry in fake.received)
    assert set(seen.values()) <= {1}, "nobody sees a message twice"
    known = {row.title for row in rows(database) if row.state == OutboxState.SENT}
    assert len(known) == len(seen) or states[OutboxState.UNKNOWN]
    assert states[OutboxState.SENT] + states[OutboxState.UNKNOWN] == 2 * N_PEOPLE
    may_doubt = kind in ("hang", "drop_answer", "truncate", "html200")
    assert states[OutboxState.UNKNOWN] <= (fake.n_lost_answers if may_doubt else 0) + n_deaths
    assert n_deaths >= 3
    n_tokens = sum(call.path == "cgi-bin/gettoken" for call in fake.calls())
    assert n_tokens <= 16, "at most one token every five minutes"


def test_200_alerts_for_one_member_arrive_as_30_messages_that_name_all(
    database: Database, fake: FakeWeChat, cast: Cast
) -> None:
    person = bind(database, cast.units["LC"], bound_at=now_of(fake))
    queue(database, person, now_of(fake), 200)
    drain(sender(database, fake, *channels(wire(fake))))
    assert len(fake.received) == 30
    assert fake.dropped == []
    shown = "\n".join(entry.text for entry in fake.received)
    assert all(f"G{number:04}" in shown for number in range(1, 201))


def test_25_messages_to_a_robot_stay_within_its_20_a_minute(
    database: Database, fake: FakeWeChat, cast: Cast
) -> None:
    assert cast
    wiring = wire(fake)
    robots = AlertSender(
        database,
        {ChannelKind.WECOM_ROBOT: wiring.wecom_robot},
        type(BOOK)(robots=frozenset({"督导工作群"})),
        lambda: now_of(fake),
    )
    queue(database, "robot:督导工作群", now_of(fake), 25)
    drain(robots)
    assert len(fake.received) == 20
    assert all(call.errcode == 0 for call in fake.calls("cgi-bin/webhook/send"))
    assert all(f"G{number:04}" in "\n".join(e.text for e in fake.received) for number in range(1, 26))


def test_the_sixth_customer_service_message_is_not_even_tried(
    database: Database, fake: FakeWeChat, cast: Cast
) -> None:
    person = bind(
        database, cast.units["LC"], account="demo", last_chat_at=now_of(fake), bound_at=now_of(fake)
    )
    fake.open_window("person1")
    work = sender(database, fake, *channels(wire(fake)))
    for _ in range(6):
        queue(database, person, now_of(fake))
        drain(work)
        fake.clock.advance(60)
    assert len(fake.received) == len(fake.calls("cgi-bin/message/custom/send")) == 5
    assert [row.state for row in rows(database)][-1] == OutboxState.PULL_ONLY


def test_a_closed_reply_window_leaves_the_message_to_be_asked_for(
    database: Database, fake: FakeWeChat, cast: Cast
) -> None:
    """We believe the window open, the platform does not: 45015."""
    person = bind(
        database, cast.units["LC"], account="demo", last_chat_at=now_of(fake), bound_at=now_of(fake)
    )
    queue(database, person, now_of(fake), kind=MessageKind.INCIDENT)
    work = sender(database, fake, *channels(wire(fake)))
    drain(work)
    drain(work)
    (row,) = rows(database)
    assert (row.state, row.exhausted) == (OutboxState.PULL_ONLY, [SERVICE])
    assert fake.received == []

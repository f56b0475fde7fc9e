"""Every instant lies in exactly one business day, week and month, wherever the machine stands (T-06)."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import func, select

from monitor.clock import business_day, day_interval, shanghai_instant
from monitor.delivery.outbox import ChannelKind
from monitor.events import EventKind, InboundEvent
from monitor.index.periods import RunKind, RunPeriod, month_period, week_period, weeks_of
from monitor.jobs import JobRunner
from monitor.store.database import Database
from monitor.store.days.tables import DayCountRow
from monitor.store.tables import table_of
from monitor.store.work_tables import JobSlotRow
from monitor.usecases.days.receive import Receiver
from monitor.usecases.delivery.send_alerts import AlertSender
from monitor.weekly import Week
from scoring.rulebook import load_rulebook
from tests.cast import SOURCE, Cast
from tests.channels import MemoryChannel
from tests.conftest import FrozenClock
from tests.monitor.outbox_help import BOOK, bind

MS = timedelta(milliseconds=1)
TURNS = (  # the last day before a week, month, quarter or year begins, and both sides of 29 February
    "2026-11-22", "2026-11-30", "2026-09-30", "2026-12-31", "2024-02-28", "2024-02-29",
    "2027-02-28", "2025-12-31",
)  # fmt: skip
SUMMERS = range(1986, 1992)  # Shanghai kept summer time: days of 23 and 25 hours


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def test_the_intervals_of_days_leave_no_gap_and_do_not_overlap(host_zone: str) -> None:
    assert host_zone
    hours: dict[int, set[float]] = {}
    for day in days(date(1985, 12, 30), date(1992, 1, 2)) + days(date(2023, 12, 30), date(2028, 3, 2)):
        start, end = day_interval(day)
        assert end == day_interval(day + timedelta(days=1))[0]
        found = [business_day(each) for each in (start - MS, start, end - MS, end)]
        assert found == [day - timedelta(days=1), day, day, day + timedelta(days=1)]
        hours.setdefault(day.year, set()).add((end - start) / timedelta(hours=1))
    assert all(hours[year] == ({23.0, 24.0, 25.0} if year in SUMMERS else {24.0}) for year in hours)


def test_every_day_has_one_week_one_month_and_one_wci_week(host_zone: str) -> None:
    assert host_zone
    for starts_on in ("sunday", "monday"):
        for day in days(date(2023, 12, 20), date(2028, 3, 10)):
            week = week_period(day, starts_on=starts_on)
            assert (week.last_day - week.first_day).days == 6
            assert week.first_day <= day <= week.last_day
            assert week.first_day.isoweekday() == (1 if starts_on == "monday" else 7)
            report, month = Week.of(day), month_period(day)
            assert report.first_day <= day <= report.last_day
            assert month.first_day <= day <= month.last_day
        months = [month_period(date(2023 + n // 12, n % 12 + 1, 15)) for n in range(12, 60)]
        of_months = [week for month in months for week in weeks_of(month, starts_on=starts_on)]
        whole = RunPeriod(RunKind.YEAR, months[0].first_day, months[-1].last_day)
        assert of_months == weeks_of(whole, starts_on=starts_on), "each week in exactly one month"
        assert all(
            later.first_day - week.last_day == timedelta(days=1) for week, later in pairwise(of_months)
        )


def test_a_millisecond_around_midnight_decides_the_day_and_the_days_add_up(
    database: Database, receiver: Receiver, clock: FrozenClock, host_zone: str
) -> None:
    assert host_zone
    clock.now = datetime(2028, 1, 1, tzinfo=UTC)
    wanted: dict[date, int] = {}
    events = []
    for text in TURNS:
        day = date.fromisoformat(text)
        midnight = shanghai_instant(day + timedelta(days=1))
        for n, at in enumerate((midnight - MS, midnight, midnight + MS, midnight - timedelta(seconds=1))):
            there = day if at < midnight else day + timedelta(days=1)
            wanted[there] = wanted.get(there, 0) + 1
            key = len(events) + 1
            zoned = at.astimezone(UTC) if n % 2 else at
            events.append(InboundEvent(EventKind.POST, SOURCE, key, zoned, "10001", text="志愿服务"))
    receiver.receive(events)
    count = table_of(DayCountRow)
    with database.reading() as connection:
        rows = connection.execute(select(count.c.business_day, count.c.n_posts)).all()
        total = connection.scalar(select(func.sum(count.c.n_posts)))
    assert {row.business_day: row.n_posts for row in rows} == wanted
    assert total == len(events) == 4 * len(TURNS)


@pytest.mark.parametrize("asleep_at", ["20:55", "23:59", "00:09"])
def test_a_machine_asleep_for_nine_hours_closes_once_and_wakes_nobody(
    database: Database, clock: FrozenClock, cast: Cast, receiver: Receiver, asleep_at: str
) -> None:
    """Suspended over the evening's reminder or the close: what is made up waits for the morning."""
    channel = MemoryChannel(ChannelKind.WECOM_APP)
    bind(database, cast.units["LC"], bound_at=clock())
    sender = AlertSender(database, {channel.kind: channel}, BOOK, clock)
    work = JobRunner(database, load_rulebook(), clock, sender)
    receiver.receive([InboundEvent(EventKind.POST, SOURCE, 1, clock(), "10001", text="今天晚饭到底吃什么")])
    day = date(2026, 11, 20) if asleep_at > "12" else date(2026, 11, 21)
    hour, minute = map(int, asleep_at.split(":"))
    clock.now = shanghai_instant(day) + timedelta(hours=hour, minutes=minute)
    work.run_due()
    sender.drain()
    n_before = len(channel.received)
    clock.advance(hours=9)
    assert (clock.now < shanghai_instant(date(2026, 11, 21)) + timedelta(hours=7.5)) == (asleep_at == "20:55")
    while clock.now < shanghai_instant(date(2026, 11, 21)) + timedelta(hours=10):
        work.run_due()
        sender.drain()
        is_quiet = clock.now < shanghai_instant(date(2026, 11, 21)) + timedelta(hours=7.5)
        assert not is_quiet or len(channel.received) == n_before
        clock.advance(minutes=20)
    slot = table_of(JobSlotRow)
    with database.reading() as connection:
        ran = connection.execute(select(slot.c.job, slot.c.slot)).all()
    assert [row.slot for row in ran if row.job == "close_day"] == [
        shanghai_instant(date(2026, 11, 21)) + timedelta(minutes=10)
    ]
    assert len(channel.received) > n_before
    told = [message.title for message in channel.received]
    assert len(told) == len(set(told))

"""When jobs are due; nothing here touches a database."""

from datetime import date, datetime, time, timedelta

import pytest

from monitor.delivery.outbox import QuietHours
from monitor.schedule import DIGEST, PURGE, REMINDERS, Job, find_days_to_close, find_due_slot


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}+08:00")


def days(*numbers: int) -> list[date]:
    return [date(2026, 11, number) for number in numbers]


@pytest.mark.parametrize(
    ("job", "now", "slot"),
    [
        (DIGEST, "11-20T07:59:59", None),
        (DIGEST, "11-20T08:00:00", "11-20T08:00:00"),
        (DIGEST, "11-20T19:59:00", "11-20T08:00:00"),
        (DIGEST, "11-20T20:00:01", None),
        (REMINDERS, "11-20T11:59:59", None),
        (REMINDERS, "11-20T12:30:00", "11-20T12:00:00"),
        (REMINDERS, "11-20T13:00:01", None),
        (REMINDERS, "11-20T18:00:00", "11-20T18:00:00"),
        (REMINDERS, "11-20T21:59:00", "11-20T21:00:00"),
        (REMINDERS, "11-21T00:00:00", None),
        (PURGE, "11-20T03:29:59", "11-19T03:30:00"),
        (PURGE, "11-20T03:30:00", "11-20T03:30:00"),
    ],
)
def test_only_the_newest_slot_that_is_not_too_old_is_due(job: Job, now: str, slot: str | None) -> None:
    assert find_due_slot(job, at(now)) == (at(slot) if slot else None)


MONDAY = Job("monday", (time(9, 0),), timedelta(days=2), weekdays=(0,))
FIRST = Job("first", (time(6, 0),), timedelta(days=20), month_days=(1,))
DECEMBER = Job("december", (time(9, 0),), timedelta(days=3), month_days=(1, 15, 25), months=(12,))


@pytest.mark.parametrize(
    ("job", "now", "slot"),
    [
        (MONDAY, "11-23T08:59:59", None),
        (MONDAY, "11-23T09:00:00", "11-23T09:00:00"),
        (MONDAY, "11-25T09:00:00", "11-23T09:00:00"),
        (MONDAY, "11-25T09:00:01", None),
        (FIRST, "11-01T05:59:59", None),
        (FIRST, "11-01T06:00:00", "11-01T06:00:00"),
        (FIRST, "11-21T06:00:00", "11-01T06:00:00"),
        (FIRST, "11-21T06:00:01", None),
        (DECEMBER, "11-15T09:00:00", None),
        (DECEMBER, "12-01T09:00:00", "12-01T09:00:00"),
        (DECEMBER, "12-14T23:59:00", None),
        (DECEMBER, "12-17T08:00:00", "12-15T09:00:00"),
        (DECEMBER, "12-25T09:00:00", "12-25T09:00:00"),
    ],
)
def test_a_job_has_slots_on_its_days_only(job: Job, now: str, slot: str | None) -> None:
    assert find_due_slot(job, at(now)) == (at(slot) if slot else None)


@pytest.mark.parametrize(
    ("last_closed", "with_data", "closed", "due"),
    [
        (None, [], [], []),
        (None, [17, 19], [], [17, 19]),
        (16, [16], [16], [17, 18, 19]),
        (19, [16, 17, 18, 19], [16, 17, 18, 19], []),
        (18, [10, 18], [18], [10, 19]),
        (25, [20], [25], []),
    ],
)
def test_every_day_after_the_last_close_is_due_and_before_it_only_days_with_data(
    last_closed: int | None, with_data: list[int], closed: list[int], due: list[int]
) -> None:
    last = date(2026, 11, last_closed) if last_closed else None
    assert find_days_to_close(last, days(*with_data), days(*closed), date(2026, 11, 19)) == days(*due)


def test_a_stray_date_of_long_ago_is_not_closed() -> None:
    assert find_days_to_close(None, [date(2001, 1, 1)], [], date(2026, 11, 19)) == []
    assert len(find_days_to_close(date(2001, 1, 1), [], [], date(2026, 11, 19))) == 401


@pytest.mark.parametrize(
    ("now", "send_at"),
    [
        ("11-20T21:59:59", "11-20T21:59:59"),
        ("11-20T22:00:00", "11-21T07:30:00"),
        ("11-21T00:10:00", "11-21T07:30:00"),
        ("11-21T07:29:59", "11-21T07:30:00"),
        ("11-21T07:30:00", "11-21T07:30:00"),
    ],
)
def test_quiet_hours_end_at_half_past_seven_and_hold_back_all_but_incidents(now: str, send_at: str) -> None:
    hours = QuietHours()
    assert hours.send_at(at(now), 3) == at(send_at)
    assert hours.send_at(at(now), 1) == at(now)


def test_quiet_hours_within_one_day_work_too() -> None:
    hours = QuietHours(at("11-20T12:00:00").time(), at("11-20T14:00:00").time())
    assert hours.next_end(at("11-20T13:00:00")) == at("11-20T14:00:00")
    assert hours.next_end(at("11-20T14:00:00") + timedelta(hours=3)) == at("11-20T17:00:00")

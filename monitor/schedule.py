"""When jobs are due (定时任务). Pure: instants in, slots out.

A slot is the instant for which a job runs; whether it has run is a row in the database, so that any
number of processes, a clock that steps and an outage of days all come to the same end.
Key types: `Job`.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice

from monitor.clock import as_shanghai, business_day, shanghai_instant

MOST_DAYS_BACK = 400
"""Days for which a close is made up after an outage or an import."""


@dataclass(frozen=True, slots=True)
class Job:
    """A job with slots at fixed times of Shanghai's wall clock.

    Of several missed slots only the newest is made up, and only up to `longest_delay` after its time:
    yesterday's digest is of no use to anybody.

    Attributes:
        weekdays: 0 is Monday; empty for every day of the week.
        month_days: days of the month; empty for every day.
        months: 1 to 12; empty for every month.
    """

    name: str
    times: tuple[time, ...]
    longest_delay: timedelta
    weekdays: tuple[int, ...] = ()
    month_days: tuple[int, ...] = ()
    months: tuple[int, ...] = ()

    def is_on(self, day: date) -> bool:
        """Tell whether the job has slots on a day."""
        return all(
            not wanted or value in wanted
            for value, wanted in (
                (day.weekday(), self.weekdays),
                (day.day, self.month_days),
                (day.month, self.months),
            )
        )


DIGEST = Job("digest", (time(8, 0),), timedelta(hours=12))
REMINDERS = Job("reminders", (time(12, 0), time(18, 0), time(21, 0)), timedelta(hours=1))
PURGE = Job("purge", (time(3, 30),), timedelta(hours=24))


def find_due_slot(job: Job, now: datetime) -> datetime | None:
    """Return the newest slot of a job that is not in the future and not too old, or None."""
    today = business_day(now)
    days = (today - timedelta(days=n) for n in range(job.longest_delay.days + 2))
    slots = (
        shanghai_instant(day, at) for day in days if job.is_on(day) for at in sorted(job.times, reverse=True)
    )
    newest = next((slot for slot in slots if slot <= now), None)
    if newest is None or now - newest > job.longest_delay:
        return None
    return newest


def next_slots(job: Job, now: datetime, n_slots: int = 3) -> list[datetime]:
    """Return the next slots of a job after an instant, at most so many, within a year."""
    today = business_day(now)
    days = (today + timedelta(days=n) for n in range(367))
    slots = (shanghai_instant(day, at) for day in days if job.is_on(day) for at in sorted(job.times))
    return list(islice((slot for slot in slots if slot > now), n_slots))


def slots_between(job: Job, since: datetime, until: datetime) -> list[datetime]:
    """Return the slots of a job from an instant on and before another, in order."""
    first, last = business_day(since), business_day(until)
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    slots = (shanghai_instant(day, at) for day in days if job.is_on(day) for at in sorted(job.times))
    return [slot for slot in slots if since <= slot < until]


def slot_time(slot: datetime) -> time:
    """Return the wall-clock time of a slot in Shanghai."""
    return as_shanghai(slot).time()


def find_days_to_close(
    last_closed: date | None, days_with_data: Iterable[date], closed: Collection[date], last_day: date
) -> list[date]:
    """Return the business days whose close is due, in order.

    After the latest closed day every day is due, data or not: an outage is 无数据 and must be seen.
    Before it, and before the first close ever, only days with data are: imported history.

    Args:
        last_closed: the latest day that was closed; None before the first close.
        days_with_data: days on which anything was counted.
        closed: days that were closed.
        last_day: the latest day that is over.
    """
    earliest = last_day - timedelta(days=MOST_DAYS_BACK)
    due = {day for day in days_with_data if day not in closed}
    if last_closed is not None:
        first = max(last_closed + timedelta(days=1), earliest)
        due |= {first + timedelta(days=n) for n in range((last_day - first).days + 1)}
    return sorted(day for day in due if earliest <= day <= last_day)

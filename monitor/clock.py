"""Instants and business days.

Stored and compared instants are aware UTC; days are calendar days of Asia/Shanghai. A `Clock` is a
plain callable that every use case receives and reads once, so that tests can stand still.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]

SHANGHAI = ZoneInfo("Asia/Shanghai")
EARLIEST_DAY = date(2000, 1, 1)  # nothing here is older; whatever names an earlier day is mistaken
LATEST_DAY = date(2199, 12, 31)
_ONE_DAY = timedelta(days=1)


def system_clock() -> datetime:
    """Return the present instant, aware UTC. The only place that reads the machine's clock."""
    return datetime.now(UTC)


def business_day(instant: datetime) -> date:
    """Return the calendar day (当日) of Asia/Shanghai an instant falls on.

    Source: D-08 默认.
    Raises: ValueError if the instant is naive.
    """
    if instant.tzinfo is None:
        raise ValueError("a naive datetime names no instant")
    return instant.astimezone(SHANGHAI).date()


def day_interval(day: date) -> tuple[datetime, datetime]:
    """Return the half-open UTC interval [start, end) of a business day."""
    return shanghai_instant(day), shanghai_instant(day + _ONE_DAY)


def shanghai_instant(day: date, at: time = time()) -> datetime:
    """Return the UTC instant of a wall-clock time of Asia/Shanghai on a day."""
    return datetime.combine(day, at, SHANGHAI).astimezone(UTC)


def from_epoch(seconds: float) -> datetime:
    """Return the UTC instant of an epoch time in seconds.

    Raises: ValueError if it lies outside years 2000 to 2199, which no event here can.
    """
    if not 946_684_800 <= seconds < 7_258_118_400:
        raise ValueError(f"epoch time out of range: {seconds!r}")
    return datetime.fromtimestamp(seconds, UTC)


def as_shanghai(instant: datetime) -> datetime:
    """Return the same instant on Shanghai's wall clock, for showing to people."""
    return instant.astimezone(SHANGHAI)


@dataclass(frozen=True, slots=True)
class Period:
    """An inclusive run of business days."""

    first_day: date
    last_day: date

    def __post_init__(self) -> None:
        if self.last_day < self.first_day:
            raise ValueError("a period ends before it begins")

    def __iter__(self) -> Iterator[date]:
        day = self.first_day
        while day <= self.last_day:
            yield day
            day += _ONE_DAY

    def __len__(self) -> int:
        return (self.last_day - self.first_day).days + 1


def last_days(last_day: date, n_days: int) -> Period:
    """Return the period of `n_days` days that ends with `last_day`, inclusive."""
    return Period(last_day - timedelta(days=n_days - 1), last_day)

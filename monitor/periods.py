"""The closed days that people mean by this week, last week, this month, last month. Pure.

Weeks run from Monday to Sunday (D-05). The present week or month ends yesterday; on its first day it has no
closed day yet, and the one before is meant.
"""

from datetime import date, timedelta

from monitor.clock import Period, last_days

_ONE_DAY = timedelta(days=1)


def this_week(today: date) -> Period:
    """Return Monday to yesterday. Source: D-05 默认."""
    yesterday = today - _ONE_DAY
    return last_days(yesterday, yesterday.weekday() + 1)


def last_week(today: date) -> Period:
    """Return the seven days from Monday to Sunday before this week. Source: D-05 默认."""
    sunday = today - timedelta(days=today.weekday() + 1)
    return last_days(sunday, sunday.weekday() + 1)


def this_month(today: date) -> Period:
    """Return the first of the month to yesterday. Source: none (calendar)."""
    yesterday = today - _ONE_DAY
    return Period(yesterday.replace(day=1), yesterday)


def last_month(today: date) -> Period:
    """Return the calendar month before this one. Source: none (calendar)."""
    last = today.replace(day=1) - _ONE_DAY
    return Period(last.replace(day=1), last)

"""Parameters of page addresses, read strictly."""

from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import request, url_for
from werkzeug.routing import IntegerConverter

from monitor.clock import EARLIEST_DAY, LATEST_DAY
from monitor.errors import BadParameter

_MOST_NUMBER = 2_147_483_647  # what a column of numbers holds; a larger one names nothing
_MOST_PAGES = 1_000_000


class NumberConverter(IntegerConverter):
    """`<int:…>` of an address: a number that no row can have is an unknown address, not an error of ours."""

    def __init__(self, *args: Any, **limits: Any) -> None:
        """Keep what the route itself limits."""
        super().__init__(*args, **({"max": _MOST_NUMBER} | limits))


def asked_day(text: str | None, today: date) -> date:
    """Return the business day a page is asked for; today without one.

    Raises: BadParameter for what is no date, or lies in the future or before any record.
    """
    if not text:
        return today
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise BadParameter("day", user_text=f"日期无效，应为 {today} 的形式。") from error
    if day < EARLIEST_DAY:
        raise BadParameter("day", user_text=f"日期不能早于 {EARLIEST_DAY}。")
    if day > today:
        raise BadParameter("day", user_text=f"日期不能晚于今天（{today}）。")
    return day


def asked_page(name: str) -> int:
    """Return the number of a page of rows; 1 for anything that is no number, and never beyond a million."""
    return min(asked_number(name) or 1, _MOST_PAGES)


def page_urls(endpoint: str, **values: object) -> Callable[[str, int], str]:
    """Return what gives the address of another page of rows, for the pager; the other filters stay.

    Args:
        endpoint: of the page itself, without the blueprint: an answer to a form has another address.
        values: parts of its path.
    """

    def url(name: str, number: int) -> str:
        # never as keywords of url_for: `_scheme`, `_method` or `endpoint` in an address would be obeyed
        return f"{url_for(f'console.{endpoint}', **values)}?{urlencode({**request.args, name: number})}"  # type: ignore[arg-type]

    return url


def asked_number(name: str) -> int | None:
    """Return a whole number that a row or year may have; None for anything else."""
    text = request.args.get(name, "")
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(_MOST_NUMBER))):
        return None
    return number if (number := int(text)) <= _MOST_NUMBER else None


def asked_year(today: date) -> int:
    """Return the year a page is asked for; this one for anything that is no year of records."""
    year = asked_number("year") or today.year
    return year if EARLIEST_DAY.year <= year <= LATEST_DAY.year else today.year

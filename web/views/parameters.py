"""Parameters of page addresses, read strictly."""

from datetime import date

from flask import request

from monitor.errors import BadParameter


def asked_day(text: str | None, today: date) -> date:
    """Return the business day a page is asked for; today without one.

    Raises: BadParameter for what is no date, or lies in the future.
    """
    if not text:
        return today
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise BadParameter("day", user_text=f"日期无效，应为 {today} 的形式。") from error
    if day > today:
        raise BadParameter("day", user_text=f"日期不能晚于今天（{today}）。")
    return day


def asked_page(name: str) -> int:
    """Return the number of a page of rows; 1 for anything that is no number."""
    return request.args.get(name, 1, type=int)

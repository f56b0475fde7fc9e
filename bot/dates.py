"""Days as people write them in chat: 昨天, 11-20, 11月20日, 2026-11-20, 20261120. Pure."""

import re
from datetime import date, timedelta

from monitor.errors import BadParameter

_RELATIVE = {
    "今日": 0, "今天": 0, "当日": 0, "昨日": -1, "昨天": -1, "前日": -2, "前天": -2,
    "明日": 1, "明天": 1, "后天": 2,
}  # fmt: skip
_WRITTEN = r"(?:(?P<year>\d{4})[-/.年])?(?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})[日号]?"
_FORMS = (re.compile(_WRITTEN), re.compile(r"(?P<year>20\d\d)(?P<month>\d\d)(?P<day>\d\d)"))
_WORDS = "|".join(_RELATIVE)
DATE_HEAD = re.compile(rf"{_WORDS}|(?:\d{{4}}年)?\d{{1,2}}月\d{{1,2}}[日号]?|\d{{4}}-\d\d-\d\d|20\d{{6}}")
"""A day at the beginning of a word that goes on: 昨天未达标."""

_HALF_A_YEAR = timedelta(days=183)


def read_day(word: str, today: date) -> date | None:
    """Return the day a word names, or None if it does not look like a day.

    A day without a year is this year's, or last year's when this year's lies more than half a year ahead:
    in January 「12-31」 is the past one.
    Raises: BadParameter if the day does not exist or lies in the future.
    """
    if word in _RELATIVE:
        day = today + timedelta(days=_RELATIVE[word])
    else:
        match = next((found for form in _FORMS if (found := form.fullmatch(word))), None)
        if match is None:
            return None
        day = _existing_day(word, match, today)
    if day > today:
        raise BadParameter(
            f"future day {day}", user_text=f"日期 {day:%m-%d} 尚未到来，请输入今天或以前的日期"
        )
    return day


def read_coming_day(word: str, today: date) -> date | None:
    """Return the day a word names, past or coming, or None if it does not look like a day.

    A day without a year is the one nearest to today: in December 「01-05」 is the coming one.
    Raises: BadParameter if the day does not exist.
    """
    if word in _RELATIVE:
        return today + timedelta(days=_RELATIVE[word])
    match = next((found for form in _FORMS if (found := form.fullmatch(word))), None)
    if match is None:
        return None
    day = _existing_day(word, match, today)
    if match["year"]:
        return day
    years = (today.year - 1, today.year, today.year + 1)
    same = [date(year, day.month, day.day) for year in years if (day.month, day.day) != (2, 29)] or [day]
    return min(same, key=lambda one: abs(one - today))


def _existing_day(word: str, match: re.Match[str], today: date) -> date:
    year, month, day = match["year"], int(match["month"]), int(match["day"])
    try:
        found = date(int(year or today.year), month, day)
        if not year and found - today > _HALF_A_YEAR:
            found = date(today.year - 1, month, day)
    except ValueError as error:
        text = f"“{word}”不是有效日期，例：11-20、昨天、2026-11-20"
        raise BadParameter(f"no such day: {word}", user_text=text) from error
    if found.year < 2000:
        raise BadParameter(f"day too early: {word}", user_text=f"“{word}”早于系统记录范围")
    return found

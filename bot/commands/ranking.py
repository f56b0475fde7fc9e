"""排名: the board of one's own level over closed days, and the boards of the Guangdong assessment."""

from datetime import date

from bot.commands.command import Ask, Command
from bot.commands.parameters import at_most
from bot.permissions import ADMINS_AND_LEADERS
from bot.replies.days import tell_ranking
from bot.replies.index import tell_board
from bot.replies.phrases import Answer
from monitor.clock import Period
from monitor.errors import BadParameter
from monitor.index.periods import (
    RunKind,
    RunPeriod,
    first_day_of,
    month_period,
    read_month,
    read_year,
    year_period,
)
from monitor.periods import last_month, last_week, this_month, this_week

_WEEK = ("周", "本周", "这周", "周排名")
_LAST_WEEK = ("上周",)
_MONTH = ("月", "本月", "这个月", "月排名")
_LAST_MONTH = ("上月", "上个月")
_ACCOUNTS = ("公众号", "WCI", "wci", "微信")
_TOTALS = ("总分", "考核", "高校总分")
_INDICATOR = "GD-"
WEEKS, MONTHS = (*_WEEK, *_LAST_WEEK), (*_MONTH, *_LAST_MONTH)
_PERIODS = frozenset((*WEEKS, *MONTHS))


def _answer(ask: Ask) -> Answer:
    first = ask.arguments[0] if ask.arguments else ""
    if first in _ACCOUNTS:
        return _rank_accounts(ask)
    if first in _TOTALS or first.upper().startswith(_INDICATOR):
        return _rank_schools(ask)
    words = [word for word in ask.arguments if word not in _PERIODS]
    periods = [word for word in ask.arguments if word in _PERIODS]
    at_most(ask, words, 1)
    at_most(ask, periods, 1)
    period = choose_period(periods[0] if periods else "周", ask.today)
    board = ask.queries.ranking(ask.viewer, period, words[0] if words else "")
    return tell_ranking(board, ask.viewer.unit_id, ask.now)


def _rank_accounts(ask: Ask) -> Answer:
    """Answer 排名 公众号 [周/月] (GD-3.3f, GD-4.3)."""
    periods = ask.arguments[1:]
    at_most(ask, periods, 1)
    is_month = bool(periods) and (periods[0] in _MONTH or periods[0] in _LAST_MONTH)
    if periods and periods[0] not in _PERIODS:
        raise BadParameter(f"period {periods[0]!r}", user_text=f"期间应为 周 或 月。{ask.command.usage_line}")
    board = ask.queries.account_board(ask.viewer, RunKind.WCI_MONTH if is_month else RunKind.WCI_WEEK)
    return tell_board(board, ask.viewer, "排名 公众号 周" if is_month else "排名 公众号 月")


def _rank_schools(ask: Ask) -> Answer:
    """Answer 排名 总分 or 排名 GD-3.1c, with a month (2019-03) or a year (GD-2.0, GD-4.1)."""
    first, *periods = ask.arguments
    word = "" if first in _TOTALS else first
    at_most(ask, periods, 1)
    period = _read_sheet_period(ask, periods[0]) if periods else None
    return tell_board(ask.queries.sheet_board(ask.viewer, word, period), ask.viewer, "底线")


def _read_sheet_period(ask: Ask, text: str) -> RunPeriod:
    month, year = read_month(text), read_year(text)
    if month:
        return month_period(first_day_of(month))
    if year:
        return year_period(int(year))
    raise BadParameter(f"period {text!r}", user_text=f"期间应写作 2019-03 或 2019。{ask.command.usage_line}")


def choose_period(word: str, today: date) -> Period:
    """Return the closed days of the week or month that a word names."""
    if word in _LAST_MONTH:
        return last_month(today)
    if word in _MONTH:
        return this_month(today)
    return last_week(today) if word in _LAST_WEEK else this_week(today)


RANKING = Command(
    name="排名",
    key="ranking",
    purpose="同级单位达标率排名",
    usage="排名 [周/月] [类别]，或 排名 公众号 [周/月]",
    example="排名 月 市县",
    roles=ADMINS_AND_LEADERS,
    aliases=("排行", "排行榜", "榜单"),
    answer=_answer,
)

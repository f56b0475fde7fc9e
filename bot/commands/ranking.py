"""排名: the board of one's own level over a week or a month of closed days."""

from datetime import date, timedelta

from bot.commands.command import Ask, Command
from bot.commands.parameters import at_most
from bot.permissions import ADMINS_AND_LEADERS
from bot.phrases import Answer
from bot.replies import tell_ranking
from monitor.clock import Period, last_days

_WEEK = ("周", "本周", "这周", "周排名")
_LAST_WEEK = ("上周",)
_MONTH = ("月", "本月", "这个月", "月排名")
_LAST_MONTH = ("上月", "上个月")
_PERIODS = frozenset((*_WEEK, *_LAST_WEEK, *_MONTH, *_LAST_MONTH))


def _answer(ask: Ask) -> Answer:
    words = [word for word in ask.arguments if word not in _PERIODS]
    periods = [word for word in ask.arguments if word in _PERIODS]
    at_most(ask, words, 1)
    at_most(ask, periods, 1)
    period = choose_period(periods[0] if periods else "周", ask.today)
    board = ask.queries.ranking(ask.viewer, period, words[0] if words else "")
    return tell_ranking(board, ask.viewer.unit_id, ask.now)


def choose_period(word: str, today: date) -> Period:
    """Return the closed days of the week (Monday to Sunday, D-05) or month that a word names.

    The present week or month ends yesterday; on its first day it has no closed day yet, and the one
    before is meant.
    """
    yesterday = today - timedelta(days=1)
    if word in _MONTH or word in _LAST_MONTH:
        last = today.replace(day=1) - timedelta(days=1) if word in _LAST_MONTH else yesterday
        return Period(last.replace(day=1), last)
    last = today - timedelta(days=today.weekday() + 1) if word in _LAST_WEEK else yesterday
    return last_days(last, last.weekday() + 1)


RANKING = Command(
    name="排名",
    key="ranking",
    purpose="同级单位达标率排名",
    usage="排名 [周/月] [类别]",
    example="排名 月 市县",
    roles=ADMINS_AND_LEADERS,
    aliases=("排行", "排行榜", "榜单"),
    answer=_answer,
)

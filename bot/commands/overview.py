"""总览: five lines for leaders."""

from bot.commands.command import Ask, Command
from bot.commands.parameters import at_most, take_day
from bot.permissions import PROVINCE
from bot.replies.days import tell_overview
from bot.replies.phrases import Answer


def _answer(ask: Ask) -> Answer:
    words, day = take_day(ask)
    at_most(ask, words, 0)
    lines = ask.queries.overview_lines(ask.viewer, day)
    return tell_overview(ask.queries.overview(ask.viewer, None, day, n_days=1), ask.now, lines)


OVERVIEW = Command(
    name="总览",
    key="overview",
    purpose="全局五行摘要",
    usage="总览 [日期]",
    example="总览 昨天",
    roles=PROVINCE,
    aliases=("总体情况", "全局"),
    answer=_answer,
)

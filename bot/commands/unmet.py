"""未达标: who has not met the daily duty."""

from bot.commands.command import Ask, Command
from bot.commands.parameters import at_most, find_unit, take_day
from bot.permissions import ADMINS
from bot.replies.days import tell_unmet
from bot.replies.phrases import Answer


def _answer(ask: Ask) -> Answer:
    words, day = take_day(ask)
    at_most(ask, words, 1)
    code = find_unit(ask, words[0]).code if words else None
    return tell_unmet(ask.queries.unmet(ask.viewer, code, day), ask.now)


UNMET = Command(
    name="未达标",
    key="unmet",
    purpose="未完成每日职责的群和公众号",
    usage="未达标 [单位] [日期]",
    example="未达标 昨天",
    roles=ADMINS,
    aliases=("不达标", "没达标", "缺报"),
    answer=_answer,
)

"""群: the list of groups, one group in full, or the groups of a unit."""

from bot.commands.command import Ask, Command
from bot.commands.parameters import at_most, find_unit_or_group, take_day
from bot.permissions import ADMINS_AND_MANAGERS
from bot.replies.days import tell_group, tell_groups
from bot.replies.phrases import Answer
from monitor.units import Group

_LIST = ("列出", "列表", "全部", "清单")


def _answer(ask: Ask) -> Answer:
    words, day = take_day(ask)
    at_most(ask, words, 1)
    if not words or words[0] in _LIST:
        return tell_groups("所辖微信群", ask.queries.groups(ask.viewer, None, day), ask.now)
    found = find_unit_or_group(ask, words[0])
    if isinstance(found, Group):
        group_day = ask.queries.group_day(ask.viewer, found.code, day)
        return tell_group(group_day, ask.now, with_manager=True)
    return tell_groups(found.name, ask.queries.groups(ask.viewer, found.code, day), ask.now)


GROUPS = Command(
    name="群",
    key="groups",
    purpose="微信群列表或单群详情",
    usage="群 [列出/群编号/单位] [日期]",
    example="群 列出",
    roles=ADMINS_AND_MANAGERS,
    aliases=("微信群", "群列表"),
    answer=_answer,
)

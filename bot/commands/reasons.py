"""为什么: how a group's day got its grade and duty, or a unit's year its points."""

from bot.commands.assessing import ABOUT_SCORES, explain_scores
from bot.commands.command import Ask, Command, Undecided
from bot.commands.parameters import at_most, find_group, require, take_day
from bot.permissions import ADMINS_AND_MANAGERS
from bot.replies.days import tell_reasons
from bot.replies.notices import ask_which
from bot.replies.phrases import Answer, Row, on_day
from monitor.units import Role


def _answer(ask: Ask) -> Answer:
    if ask.arguments and ask.arguments[0] in ABOUT_SCORES:
        return explain_scores(ask, ask.arguments[1:])
    words, day = take_day(ask)
    at_most(ask, words, 1)
    code = find_group(ask, words[0]).code if words else _own_group(ask)
    return tell_reasons(ask.queries.explain(ask.viewer, code, day), ask.now)


def _own_group(ask: Ask) -> str:
    """Return the code of a manager's only group; anybody else has to name one.

    Raises: Undecided if the manager has several; MissingParameter.
    """
    if ask.viewer.role is not Role.GROUP_MANAGER:
        return require(ask, ())
    day = take_day(ask)[1]
    groups = [group_day.group for group_day in ask.queries.managed_groups(ask.viewer, day)]
    if len(groups) > 1:
        lines = [on_day(f"{ask.command.name} {group.code}", day or ask.today, ask.now) for group in groups]
        rows = [Row(f"{group.code} {group.name}", line) for group, line in zip(groups, lines, strict=True)]
        raise Undecided(ask_which(ask.command.name, rows))
    return groups[0].code if groups else require(ask, ())


REASONS = Command(
    name="为什么",
    key="reasons",
    purpose="等次和达标的依据与算式",
    usage="为什么 群编号 [日期]",
    example="为什么 HK0312 昨天",
    roles=ADMINS_AND_MANAGERS,
    aliases=("原因", "依据", "为啥"),
    answer=_answer,
)

"""今日: a group manager's groups today (requirement D.5)."""

from bot.commands.command import Ask, Command
from bot.commands.parameters import at_most, find_group
from bot.permissions import MANAGERS
from bot.replies.days import tell_today
from bot.replies.phrases import Answer
from monitor.usecases.reminders.deadlines import deadline_line


def _answer(ask: Ask) -> Answer:
    at_most(ask, ask.arguments, 1)
    if ask.arguments:
        group = find_group(ask, ask.arguments[0])
        return tell_today([ask.queries.group_day(ask.viewer, group.code)], ask.now)
    due_line = deadline_line(ask.queries.deadlines(ask.viewer), ask.now)
    return tell_today(ask.queries.managed_groups(ask.viewer), ask.now, due_line)


TODAY = Command(
    name="今日",
    key="today",
    purpose="本群今天的条数和达标情况",
    usage="今日 [群编号]",
    example="今日",
    roles=MANAGERS,
    aliases=("今天", "今日情况"),
    answer=_answer,
)

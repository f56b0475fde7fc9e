"""帮助: the commands of one's role, or one command in full."""

from bot.commands.command import Ask, Command
from bot.notices import describe_command, list_commands
from bot.permissions import EVERYONE, may_use
from bot.phrases import Answer


def _answer(ask: Ask) -> Answer:
    role = ask.viewer.role
    mine = [command for command in ask.table if may_use(command, role)]
    for command in mine:
        if ask.arguments and ask.arguments[0] in (command.name, *command.aliases):
            return describe_command(command)
    return list_commands([command for command in mine if command is not ask.command], role)


HELP = Command(
    name="帮助",
    key="help",
    purpose="查看可用指令",
    usage="帮助 [指令]",
    example="帮助 状态",
    roles=EVERYONE,
    aliases=("菜单", "主菜单", "指令", "使用说明", "怎么用", "help"),
    answer=_answer,
)

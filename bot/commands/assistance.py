"""帮助: the commands of one's role in groups, one group, or one command in full."""

from bot.commands.command import Ask, Command
from bot.help import describe_command, describe_section, list_sections
from bot.permissions import EVERYONE, may_use
from bot.replies.phrases import Answer
from monitor.units import Role


def _answer(ask: Ask) -> Answer:
    role = ask.viewer.role
    mine = [command.for_role(role) for command in ask.table if may_use(command, role)]
    listed = [command for command in mine if command.key != ask.command.key]
    if ask.arguments:
        word = ask.arguments[0].lower()
        for command in mine:
            if word in (name.lower() for name in (command.name, *command.aliases)):
                return describe_command(command)
        if section := describe_section(listed, ask.arguments[0]):
            return section
    return list_sections(listed, role)


HELP = Command(
    name="帮助",
    key="help",
    purpose="查看可用指令",
    usage="帮助 [指令]",
    example="帮助 状态",
    examples={Role.OPERATOR: "帮助 系统", Role.GROUP_MANAGER: "帮助 今日"},
    roles=EVERYONE,
    aliases=("菜单", "主菜单", "指令", "使用说明", "怎么用", "help"),
    answer=_answer,
)

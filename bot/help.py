"""帮助: a role's own commands in groups, one group in full, one command in full. Made from the table. Pure.

Key type: `Section`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from bot.commands.command import Command
from bot.replies.phrases import Answer, fits
from monitor.units import Role


@dataclass(frozen=True, slots=True)
class Section:
    """A group of commands: its name, which 帮助 understands, and the keys of its commands in order."""

    title: str
    keys: tuple[str, ...]


OTHER = "其他"
SECTIONS: tuple[Section, ...] = (
    Section("查询", ("overview", "today", "status", "unmet", "groups", "ranking", "reasons", "chart")),
    Section("预警提醒", ("alerts", "reminders", "acknowledge", "urge", "leave")),
    Section(
        "信息处置",
        ("incidents", "report_incident", "dispose_incident", "handled_incident", "false_alarm"),
    ),
    Section("抽查检查", ("draw", "file_spot_check", "void_spot_check", "phone_check")),
    Section(
        "数据报送",
        (
            "self_report",
            "verify_self_report",
            "weekly_report",
            "post_relevant",
            "post_off_topic",
            "submit_video",
        ),
    ),
    Section(
        "群务台账",
        ("ledger", "topic", "open_group", "change_group", "close_group", "approve", "claim_group"),
    ),
    Section("人员督办", ("managers", "officer", "circular", "talk", "adjustment", "reply_adjustment")),
    Section(
        "年度考评",
        ("self_assessment", "score", "objection", "publish", "risks", "bottom_lines", "wci", "rules"),
    ),
    Section("系统运维", ("system", "jobs", "collection", "rerun", "silence", "push_test")),
)
"""In the order of 帮助. A command that no section names is found under 其他."""


def sections_of(commands: Sequence[Command]) -> list[tuple[str, list[Command]]]:
    """Return titles with the commands given, in order; sections without any are left out."""
    by_key = {command.key: command for command in commands}
    found = [
        (section.title, [by_key.pop(key) for key in section.keys if key in by_key]) for section in SECTIONS
    ]
    return [(title, own) for title, own in (*found, (OTHER, list(by_key.values()))) if own]


def list_sections(commands: Sequence[Command], role: Role) -> Answer:
    """Answer 帮助: every command of a role by name, in groups, with one filled example each."""
    sections = sections_of(commands)
    lines = [f"您的角色：{role.value}，可用指令 {len(commands)} 条，按类如下"]
    for number, (title, own) in enumerate(sections, start=1):
        names = "、".join(command.name for command in own)
        lines.append(f"{number}. {title}：{names}，例：{own[0].example}")
    lines.append("直接发指令，或回复编号看该类用法；回复“帮助 指令”看一条")
    return Answer("\n".join(lines), tuple(f"帮助 {title}" for title, _ in sections))


def describe_section(commands: Sequence[Command], title: str) -> Answer | None:
    """Answer 帮助 with a group's name: usage and example of each; None if the role has none of it.

    A number calls a reading command; of a writing one it shows the usage, so that nothing is written.
    """
    own = dict(sections_of(commands)).get(title)
    if own is None:
        return None
    answer = Answer("")
    for with_purpose, with_usage in product((True, False), repeat=2):
        lines = [f"{title}类指令 {len(own)} 条"]
        for number, command in enumerate(own, start=1):
            said = command.usage if with_usage else command.name
            purpose = f"：{command.purpose}" if with_purpose else ""
            lines.append(f"{number}. {said}{purpose}，例：{command.example}")
        lines.append("回复编号办理或看用法，0 返回（5分钟内有效）")
        choices = tuple(f"帮助 {one.name}" if one.writes else one.name for one in own)
        answer = Answer("\n".join(lines), choices)
        if fits(answer.text):
            break
    return answer


def describe_command(command: Command) -> Answer:
    """Answer 帮助 with a command's name."""
    also = f"\n也可写作：{'、'.join(command.aliases)}" if command.aliases else ""
    return Answer(f"{command.name}：{command.purpose}\n{command.usage_line}{also}")

"""Who may use which command: the sets of roles that commands declare, and the one place that compares.

What a command may show is a second question, answered by the queries: the asker's subtree (HN-1.2).
"""

from typing import TYPE_CHECKING

from monitor.errors import CommandError, NotBound, ReadOnlyRole
from monitor.store.people.bindings import Bound
from monitor.units import Role

if TYPE_CHECKING:
    from bot.commands.command import Command

EVERYONE = frozenset(Role)
ADMINS = frozenset((Role.INSPECTOR, Role.UNIT_ADMIN, Role.BRANCH_ADMIN))
ADMINS_AND_LEADERS = ADMINS | {Role.LEADER}
ADMINS_AND_MANAGERS = ADMINS | {Role.GROUP_MANAGER}
MANAGERS = frozenset((Role.GROUP_MANAGER,))
SCHOOL_ADMINS = frozenset((Role.INSPECTOR, Role.UNIT_ADMIN))
ASSESSORS = frozenset((Role.INSPECTOR,))
SELF_ASSESSORS = frozenset((Role.UNIT_ADMIN,))
REMINDED = frozenset((Role.UNIT_ADMIN, Role.BRANCH_ADMIN, Role.GROUP_MANAGER, Role.LEADER))
RESPONSIBLE = REMINDED - {Role.LEADER}
PROVINCE = frozenset((Role.INSPECTOR, Role.LEADER))
OPERATORS = frozenset((Role.OPERATOR,))


def may_use(command: "Command", role: Role | None) -> bool:
    """Tell whether a role, or somebody without one (None), may use a command."""
    return command.for_strangers if role is None else role in command.roles


def require_permission(command: "Command", bound: Bound | None) -> None:
    """Let a call pass, or say why not.

    Raises: NotBound for a stranger, ReadOnlyRole for a leader who sends a writing command, CommandError
        for any other role that does not have the command.
    """
    role = bound.viewer.role if bound else None
    if may_use(command, role):
        return
    if role is None:
        raise NotBound("a stranger sent a command")
    if role is Role.LEADER and command.writes:
        raise ReadOnlyRole(f"{role.name} sent {command.key}")
    text = f"您的角色（{role.value}）不能使用“{command.name}”，回复“帮助”查看可用指令"
    raise CommandError(f"{role.name} sent {command.key}", user_text=text)

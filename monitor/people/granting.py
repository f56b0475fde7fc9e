"""Who may administer whom (系统运维): nobody gives, or takes over, more than they hold. Pure."""

from monitor.units import Role, Viewer

GRANTED_BY_THE_ROOT = frozenset((Role.INSPECTOR,))
"""督导检查 rules over settings of the whole province, so only an operator of its root gives it."""
WITHOUT_PAGES = frozenset((Role.GROUP_MANAGER,))
"""群管理员 sign in by chat and have no password."""


def is_at_root(viewer: Viewer) -> bool:
    """Tell whether a viewer's scope is the whole tree."""
    return viewer.unit_path.count("/") == 2


def may_grant(operator: Viewer, role: Role, unit_path: str) -> bool:
    """Tell whether an operator may give a role in a unit, or change somebody who holds it.

    Source: none (design): a scope is never wider than the giver's own.
    """
    if operator.role is not Role.OPERATOR or role in WITHOUT_PAGES:
        return False
    if not unit_path.startswith(operator.unit_path):
        return False
    return role not in GRANTED_BY_THE_ROOT or is_at_root(operator)


def grantable_roles(operator: Viewer) -> tuple[Role, ...]:
    """Return the roles that an operator may give in their own subtree."""
    return tuple(role for role in Role if may_grant(operator, role, operator.unit_path))


def may_read_audit(viewer: Viewer) -> bool:
    """Tell whether somebody may read the audit: operators theirs, inspectors at the root all."""
    return viewer.role is Role.OPERATOR or (viewer.role is Role.INSPECTOR and is_at_root(viewer))

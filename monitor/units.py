"""Units (单位、团组织), roles and scope.

A unit is a node of the tree 团省委 → 市县/高校 → 乡镇/院系 → 村/班级. Its materialised path
("/1/12/130/") makes "inside the subtree of" a prefix test here and a range in SQL.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

UnitId = NewType("UnitId", int)
GroupId = NewType("GroupId", int)
AccountId = NewType("AccountId", int)
IdentityId = NewType("IdentityId", int)


class Role(StrEnum):
    """What a person may do; the value is shown to people."""

    INSPECTOR = "督导检查"  # 领导小组办公室
    UNIT_ADMIN = "单位管理员"  # 市县、高校
    BRANCH_ADMIN = "基层管理员"  # 乡镇、院系
    GROUP_MANAGER = "群管理员"
    LEADER = "领导"  # read-only
    OPERATOR = "系统运维"


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of the tree. `kind` is free text (市县, 高校, 乡镇 …): kinds are data (HN-1.1)."""

    unit_id: UnitId
    code: str
    name: str
    kind: str
    path: str
    parent_id: UnitId | None = None

    @property
    def depth(self) -> int:
        """Distance from the root, which has depth 0."""
        return self.path.count("/") - 2


@dataclass(frozen=True, slots=True)
class Group:
    """A registered WeChat group (微信群) of a unit."""

    group_id: GroupId
    code: str
    name: str
    unit_id: UnitId
    unit_path: str
    unit_name: str = ""
    member_count: int = 0


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person asking, in chat or console, with the subtree they may see (HN-1.2).

    `unit_path` is the root of their subtree. A group manager additionally sees only `group_ids`.
    """

    identity: str  # stable text for the audit, such as "chat:7" or "console:1"
    role: Role
    unit_id: UnitId
    unit_path: str
    display_name: str = ""
    group_ids: frozenset[GroupId] = frozenset()

    @property
    def signature(self) -> str:
        """How records name the person: role and name."""
        return f"{self.role.value} {self.display_name}".strip()

    def may_see_unit(self, unit_path: str) -> bool:
        """Tell whether a unit lies in the viewer's subtree; a group manager sees groups only."""
        return self.role is not Role.GROUP_MANAGER and unit_path.startswith(self.unit_path)

    def may_see_group(self, group: Group) -> bool:
        """Tell whether a group belongs to the viewer."""
        if self.role is Role.GROUP_MANAGER:
            return group.group_id in self.group_ids
        return group.unit_path.startswith(self.unit_path)


def child_path(parent_path: str, unit_id: int) -> str:
    """Return the materialised path of a unit below a parent; the root's parent path is "/"."""
    return f"{parent_path}{unit_id}/"


def subtree_bounds(path: str) -> tuple[str, str]:
    """Return the half-open text range [low, high) that holds exactly the paths of a subtree.

    Paths end in "/", and "0" is the character after it.
    """
    return path, path[:-1] + "0"


def ancestor_ids(path: str) -> list[UnitId]:
    """Return the ids on a path from the root down to the unit itself."""
    return [UnitId(int(part)) for part in path.strip("/").split("/")]

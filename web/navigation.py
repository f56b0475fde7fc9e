"""The menu: rooms by section, in the order that offices know. A room shows only to roles that may open it.

A page belongs to the room whose endpoint is its own or begins it: `spot_checks_draw` lies in `spot_checks`.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Room:
    """A page of the menu. `endpoint` is that of its view, without the blueprint."""

    endpoint: str
    title: str

    def holds(self, endpoint: str) -> bool:
        """Tell whether a page lies in this room."""
        return endpoint == self.endpoint or endpoint.startswith(f"{self.endpoint}_")


@dataclass(frozen=True, slots=True)
class Section:
    """A group of rooms under one heading."""

    title: str
    rooms: tuple[Room, ...]


SECTIONS = (
    Section(
        "监测",
        (
            Room("overview", "总览"),
            Room("groups", "群"),
            Room("accounts", "公众号"),
            Room("alerts", "待处理预警"),
            Room("incidents", "预警与处置"),
        ),
    ),
    Section(
        "督导",
        (
            Room("spot_checks", "抽查"),
            Room("visits", "现场督导"),
            Room("weekly", "微信周报"),
            Room("self_reports", "自报核实"),
            Room("registers", "督导登记"),
            Room("reminders", "提醒与催办"),
            Room("ledger", "台账"),
            Room("managers", "专责与管理员"),
            Room("approvals", "审批"),
            Room("unregistered", "未登记的群"),
        ),
    ),
    Section(
        "考评",
        (
            Room("assess", "年度考评"),
            Room("lower", "对下考核"),
            Room("index", "考核指标"),
            Room("videos", "视听产品"),
            Room("contacts", "高校联络"),
            Room("rankings", "排行"),
        ),
    ),
    Section("报表", (Room("reports", "报表与导出"),)),
    Section(
        "规则与词库",
        (
            Room("rules", "规则与试算"),
            Room("lexicon", "词库"),
            Room("model", "模型"),
            Room("signals", "数据可信提示"),
        ),
    ),
    Section(
        "系统",
        (
            Room("announcements", "公告"),
            Room("ops", "运行状态"),
            Room("pushes", "推送"),
            Room("users", "用户管理"),
            Room("sessions", "在线会话"),
            Room("dictionaries", "字典与节假日"),
            Room("audit", "操作记录"),
            Room("retention", "数据保留"),
            Room("shares", "大屏与徽章"),
            Room("security", "账号安全"),
        ),
    ),
)


def open_sections(may_open: Callable[[str], bool]) -> list[Section]:
    """Return the sections with the rooms that may be opened; a section without any is left out."""
    found = []
    for section in SECTIONS:
        rooms = tuple(room for room in section.rooms if may_open(room.endpoint))
        if rooms:
            found.append(Section(section.title, rooms))
    return found

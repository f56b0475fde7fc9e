"""The fixed cast: one fictional province, two cities and a university that must not see each other.

    QS 青屿团省委
    ├── LC 鹭川团市委 ── LC01 临河镇团委 ── LC0101 柳岸村团支部    groups LC0001, LC0101
    ├── YS 云杉团市委 ── YS01 松坪镇团委                           groups YS0001, YS0101
    └── QD 青屿大学团委 ── QD01 文学院团委                         group  QD0101

`settle` writes them; ids are looked up by code through the returned `Cast`.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, insert, text

from monitor.store.database import Database
from monitor.store.tables import (
    GroupManagerRow,
    GroupRow,
    GroupSourceRow,
    OfficialAccountRow,
    TopicRow,
    UnitRow,
    table_of,
)
from monitor.units import GroupId, Role, UnitId, Viewer, child_path

SOURCE = "demo"
OPENED = date(2026, 1, 1)

UNITS = (  # code, name, kind, parent
    ("QS", "青屿团省委", "团省委", None),
    ("LC", "鹭川团市委", "市县", "QS"),
    ("YS", "云杉团市委", "市县", "QS"),
    ("QD", "青屿大学团委", "高校", "QS"),
    ("LC01", "临河镇团委", "乡镇", "LC"),
    ("LC0101", "柳岸村团支部", "村", "LC01"),
    ("YS01", "松坪镇团委", "乡镇", "YS"),
    ("QD01", "文学院团委", "院系", "QD"),
)
GROUPS = (  # code, name, unit, external id, topic
    ("LC0001", "鹭川团干群", "LC", "10001", "志愿服务"),
    ("LC0101", "柳岸青年群", "LC0101", "10002", "青年大学习"),
    ("YS0001", "云杉团干群", "YS", "10003", "志愿服务"),
    ("YS0101", "松坪青年群", "YS01", "10004", None),
    ("QD0101", "文学院团员群", "QD01", "10005", "主题团日"),
)


ACCOUNTS = (  # key, name, unit; the original id is gh_ + key
    ("demo", "青春青屿", "QS"),
    ("lcqn", "鹭川青年", "LC"),
)


@dataclass(frozen=True)
class Cast:
    """Ids and paths of the cast by code."""

    units: dict[str, UnitId]
    paths: dict[str, str]
    groups: dict[str, GroupId]
    accounts: dict[str, int]

    def viewer(self, unit: str, role: Role = Role.UNIT_ADMIN, *groups: str) -> Viewer:
        """Return a viewer of a unit, for example `cast.viewer("LC")` or a group manager of groups."""
        return Viewer(
            identity=f"chat:{unit}",
            role=role,
            unit_id=self.units[unit],
            unit_path=self.paths[unit],
            display_name=f"{unit}管理员",
            group_ids=frozenset(self.groups[code] for code in groups),
        )


def settle(database: Database) -> Cast:
    """Write the cast into an empty database."""
    return database.write(_settle)


def _settle(connection: Connection) -> Cast:
    units: dict[str, UnitId] = {}
    paths: dict[str, str] = {}
    rows: dict[type[Any], list[dict[str, Any]]] = defaultdict(list)
    for number, (code, name, kind, parent) in enumerate(UNITS, start=1):
        paths[code] = child_path(paths[parent] if parent else "/", number)
        unit = {"id": number, "code": code, "name": name, "kind": kind, "path": paths[code]}
        rows[UnitRow].append(
            unit | {"parent_id": units[parent] if parent else None, "pinyin": "", "is_active": True}
        )
        units[code] = UnitId(number)
    groups: dict[str, GroupId] = {}
    for number, (code, name, unit_code, external_id, topic) in enumerate(GROUPS, start=1):
        group = {"id": number, "code": code, "name": name, "unit_id": units[unit_code], "member_count": 40}
        rows[GroupRow].append(group | {"opened_on": OPENED})
        rows[GroupSourceRow].append({"source": SOURCE, "external_id": external_id, "group_id": number})
        rows[GroupManagerRow].append({"group_id": number, "name": f"{name}管理员", "since": OPENED})
        if topic:
            rows[TopicRow].append(
                {"group_id": number, "title": topic, "keywords": [topic], "opened_on": OPENED}
            )
        groups[code] = GroupId(number)
    accounts = {}
    for number, (key, name, unit_code) in enumerate(ACCOUNTS, start=1):
        account = {"id": number, "key": key, "original_id": f"gh_{key}", "name": name}
        rows[OfficialAccountRow].append(account | {"unit_id": units[unit_code], "is_active": True})
        accounts[key] = number
    for row, many in rows.items():  # one round trip for each table
        connection.execute(insert(table_of(row)), many)
    if connection.dialect.name == "postgresql":  # whose numbers do not notice the ids given here
        for name in ("unit", "wechat_group", "official_account"):
            query = f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), (SELECT max(id) FROM {name}))"  # noqa: S608
            connection.execute(text(query))
    return Cast(units, paths, groups, accounts)

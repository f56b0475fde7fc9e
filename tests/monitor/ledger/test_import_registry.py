"""Importing units and groups from tables: as people make them, with bad rows named and none half written."""

import io
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import select

from monitor.errors import BadPayload, TooLarge
from monitor.ledger.registration import NewUnit
from monitor.store import directory
from monitor.store.database import Database
from monitor.store.tables import GroupRow, GroupSourceRow, UnitRow, table_of
from monitor.store.work_tables import AuditRow
from monitor.usecases.ledger import import_tables, register
from monitor.usecases.ledger.import_registry import (
    GROUP_COLUMNS,
    UNIT_COLUMNS,
    RegistryImport,
    import_groups,
    import_units,
)
from monitor.usecases.ledger.import_tables import TableRow, read_table
from tests.conftest import FrozenClock
from tests.monitor.days.test_receive import rows

UNITS = [
    ["编号", "名称", "类别", "上级编号"],
    ["LC01", "临河镇团委", "乡镇", "LC"],  # its parent comes later
    ["LC", "鹭川团市委", "市县", "QY"],
    ["lc", "重复的", "市县", "QY"],
    ["YS", "=1+1", "市县", "QY"],
    ["ZZ", "没有上级的", "市县", "NONE"],
]
GROUPS = [
    ["编号", "名称", "单位编号", "人数", "来源", "外部编号", "话题", "话题关键词", "管理员"],
    ["LC0001", "鹭川团干群", "LC", 87, "demo", 10001, "志愿服务", "净滩行动、河湖巡护", "小舟，阿禾"],
    ["LC0002", "公式人数", "LC", "=SUM(A1:A3)", "demo", "10002", "", "", ""],
    ["LC0003", "未知单位", "ZZ", 5, "demo", "10003", "", "", ""],
    ["LC0004", "被改坏的编号", "LC", 5, "demo", 12345678901234567890, "", "", ""],
    ["LC0005", "外部编号重复", "LC", 5, "demo", "10001", "", "", ""],
    ["LC0006", "只有名称", "LC", None, None, None, None, None, None],
    ["LC0007", "没有话题", "LC", None, None, None, None, "关键词", None],
]


def xlsx(file: Path, table: list[list[Any]]) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in table:
        sheet.append(row)
    book.save(file)
    return file


def as_csv(file: Path, table: list[list[Any]], encoding: str = "utf-8") -> Path:
    lines = [",".join("" if cell is None else str(cell) for cell in row) for row in table]
    file.write_bytes("\r\n".join(lines).encode(encoding))
    return file


def root(database: Database) -> Database:
    database.write(lambda c: register.add_unit(c, NewUnit("QY", "共青团青屿省委", "团省委")))
    return database


def reasons(found: RegistryImport) -> dict[int, str]:
    return {row.number: row.reason for row in found.bad}


def unit_names(database: Database) -> dict[str, str]:
    return {row.code: row.name for row in rows(database, UnitRow)}


@pytest.mark.parametrize("form", ["xlsx", "utf-8", "utf-8-sig", "gb18030"])
def test_units_come_in_from_every_kind_of_table(
    database: Database, clock: FrozenClock, tmp_path: Path, form: str
) -> None:
    file = tmp_path / "units"
    table = xlsx(file, UNITS) if form == "xlsx" else as_csv(file, UNITS, form)
    found = import_units(root(database), clock, read_table(table, UNIT_COLUMNS), "test")
    assert found.n_added == 3
    assert reasons(found) == {4: "编号 LC 在文件中重复", 6: "上级编号 NONE 不存在，或该上级未能登记"}
    names = unit_names(database)
    assert names["YS"] == "=1+1"  # text, not 2
    with database.reading() as connection:
        town, city = (directory.load_unit_by_code(connection, code) for code in ("LC01", "LC"))
    assert town is not None
    assert city is not None
    assert town.parent_id == city.unit_id
    audit = rows(database, AuditRow)[0]
    assert (audit.action, audit.detail) == ("registry.import_units", {"n_added": 3, "n_bad": 2})


def test_groups_come_in_with_sources_topics_and_managers(
    database: Database, clock: FrozenClock, tmp_path: Path
) -> None:
    database.write(
        lambda c: register.add_units(
            c, [NewUnit("QY", "共青团青屿省委", "团省委"), NewUnit("LC", "鹭川团市委", "市县", "QY")]
        )
    )
    file = xlsx(tmp_path / "groups.xlsx", GROUPS)
    found = import_groups(database, clock, read_table(file, GROUP_COLUMNS), "test")
    assert found.n_added == 2
    assert reasons(found) == {
        3: "人数应为 0–9999 的整数",
        4: "单位编号 ZZ 不存在",
        5: "外部编号已被表格软件改成科学计数，请将该列设为文本后重填",
        6: "外部编号 10001 已属于另一个群",
        8: "有话题关键词而没有话题",
    }
    with database.reading() as connection:
        group = directory.load_group_by_source(connection, "demo", "10001")
        assert group is not None
        topic = directory.load_topics(connection, [group.group_id])[group.group_id][0]
        names = directory.load_manager_names(connection, [group.group_id], date(2026, 11, 20))
    assert (group.code, group.member_count) == ("LC0001", 87)
    assert (topic.title, topic.keywords) == ("志愿服务", ("净滩行动", "河湖巡护"))
    assert names[group.group_id] == "小舟、阿禾"


def test_a_check_says_the_same_and_writes_nothing(
    database: Database, clock: FrozenClock, tmp_path: Path
) -> None:
    file = as_csv(tmp_path / "units.csv", UNITS)
    checked = import_units(root(database), clock, read_table(file, UNIT_COLUMNS), "test", is_check=True)
    assert unit_names(database) == {"QY": "共青团青屿省委"}
    assert rows(database, AuditRow) == []
    assert checked == import_units(database, clock, read_table(file, UNIT_COLUMNS), "test")


def test_a_refused_group_leaves_no_source_behind(
    database: Database, clock: FrozenClock, tmp_path: Path
) -> None:
    bad = [GROUPS[0], ["LC0001", "人数不对", "QY", 10000, "demo", "10001", "话题", "", "小舟"]]
    file = as_csv(tmp_path / "groups.csv", bad)
    found = import_groups(root(database), clock, read_table(file, GROUP_COLUMNS), "test")
    assert reasons(found) == {2: "人数应为 0–9999 的整数"}
    assert rows(database, GroupRow) == []
    assert rows(database, GroupSourceRow) == []


def test_rows_without_source_take_the_given_one(
    database: Database, clock: FrozenClock, tmp_path: Path
) -> None:
    file = as_csv(tmp_path / "g.csv", [["编号", "名称", "单位编号", "外部编号"], ["G1", "群", "QY", "77"]])
    table = list(read_table(file, GROUP_COLUMNS))
    assert reasons(import_groups(root(database), clock, table, "test")) == {2: "有外部编号而没有来源"}
    assert import_groups(database, clock, table, "test", default_source="demo").n_added == 1
    with database.reading() as connection:
        pairs = connection.execute(select(table_of(GroupSourceRow).c.source)).scalars().all()
    assert pairs == ["demo"]


def read(file: Path, required: tuple[str, ...] = ("编号",)) -> list[TableRow]:
    return list(read_table(file, required))


def test_cells_are_read_as_people_see_them(tmp_path: Path) -> None:
    table = [
        [None, None],
        ["编号", " 值 ", "", "空列后"],
        [None, None, None, None],
        [1.0, True, "x", datetime(2026, 11, 20)],  # noqa: DTZ001  a cell has no zone
    ]
    assert read(xlsx(tmp_path / "x.xlsx", table)) == [
        TableRow(4, {"编号": "1", "值": "是", "空列后": "2026-11-20T00:00:00"})
    ]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "文件是空的"),
        (b"\r\n,,\r\n", "文件是空的"),
        ("名称,类别".encode(), "首行缺少列：编号"),
        ("编号,名称,名称".encode(), "首行有重复的列名"),
        ("编号".encode("utf-16"), "文件不是 UTF-8 或 GB18030 编码的 csv，也不是 xlsx"),
        (b"\xff\xff\xff\xff", "文件不是 UTF-8 或 GB18030 编码的 csv，也不是 xlsx"),
        (b"\xd0\xcf\x11\xe0\x00\x00", "文件不是 UTF-8 或 GB18030 编码的 csv，也不是 xlsx"),
        (b"PK\x03\x04 broken", "xlsx 文件已损坏或不是表格"),
    ],
)
def test_a_file_that_is_no_such_table_says_why(tmp_path: Path, body: bytes, reason: str) -> None:
    file = tmp_path / "table"
    file.write_bytes(body)
    with pytest.raises(BadPayload, match=reason):
        read(file)


def test_a_truncated_or_foreign_xlsx_is_refused(tmp_path: Path) -> None:
    whole = xlsx(tmp_path / "x.xlsx", UNITS).read_bytes()
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as packed:
        packed.writestr("hello.txt", "no workbook")
    for body in (whole[: len(whole) // 2], other.getvalue()):
        file = tmp_path / "bad.xlsx"
        file.write_bytes(body)
        with pytest.raises(BadPayload, match="已损坏"):
            read(file)


@pytest.fixture
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_tables, "MAX_ROWS", 3)
    monkeypatch.setattr(import_tables, "MAX_UNPACKED_BYTES", 100_000)


@pytest.mark.usefixtures("small_limits")
def test_tables_that_are_too_large_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TooLarge, match="3 行"):
        read(as_csv(tmp_path / "long.csv", [["编号"], ["A"], ["B"], ["C"]]))
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * 200_000)
    with pytest.raises(TooLarge, match="解压后过大"):
        read(bomb)
    monkeypatch.setattr(import_tables, "MAX_BYTES", 3)
    with pytest.raises(TooLarge):
        read(as_csv(tmp_path / "big.csv", [["编号"]]))

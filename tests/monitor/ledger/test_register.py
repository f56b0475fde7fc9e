"""Registering units, groups, people and invitations; codes are unique, nothing is half written."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from monitor.errors import BadParameter, GroupNotFound, UnitNotFound
from monitor.ledger.registration import NewGroup, NewTopic, NewUnit, clean_code, clean_name, sort_units
from monitor.store import directory
from monitor.store.database import Database
from monitor.store.people.bindings import load_invitation
from monitor.store.tables import (
    GroupManagerRow,
    GroupRow,
    UnitRow,
    UnregisteredGroupRow,
    table_of,
)
from monitor.units import Role
from monitor.usecases.days.receive import Receiver
from monitor.usecases.ledger import register
from monitor.usecases.people.bind import invitation_hash
from tests.monitor.days.test_receive import post

TODAY = date(2026, 11, 20)
TREE = (
    NewUnit("QY", "青屿团省委", "团省委"),
    NewUnit("LC", "鹭川团市委", "市县", "QY"),
    NewUnit("LC01", "临河镇团委", "乡镇", "LC"),
)


@pytest.fixture
def tree(database: Database) -> Database:
    database.write(lambda c: register.add_units(c, TREE))
    return database


def n_rows(database: Database, row: Any) -> int:
    with database.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(table_of(row))).scalar_one())


def refusal(database: Database, work: Any) -> str:
    with pytest.raises(BadParameter) as caught:
        database.write(work)
    return caught.value.user_text


def test_units_get_paths_and_initials_whatever_their_order(database: Database) -> None:
    written = database.write(lambda c: register.add_units(c, tuple(reversed(TREE))))
    ids = {code: unit.unit_id for code, unit in written.items()}
    assert written["LC01"].path == f"/{ids['QY']}/{ids['LC']}/{ids['LC01']}/"
    with database.reading() as connection:
        stored = directory.load_unit_by_code(connection, "lc01")
        pinyin = connection.execute(
            select(table_of(UnitRow).c.pinyin).where(table_of(UnitRow).c.code == "LC01")
        ).scalar_one()
        children = directory.load_children(connection, ids["LC"])
    assert stored == written["LC01"]
    assert pinyin == "lhztw"
    assert [unit.code for unit in children] == ["LC01"]


@pytest.mark.parametrize(
    ("unit", "reason"),
    [
        (NewUnit("lc", "另一个", "市县", "QY"), "编号 LC 已存在"),
        (NewUnit("L-1", "横线", "市县", "QY"), "编号应为 1–32 位字母或数字"),
        (NewUnit("", "无编号", "市县", "QY"), "编号应为 1–32 位字母或数字"),
        (NewUnit("X1", " \t", "市县", "QY"), "名称不能为空"),
        (NewUnit("X1", "长" * 61, "市县", "QY"), "名称不能超过 60 个字符"),
        (NewUnit("X1", "暗‮字", "市县", "QY"), "名称含有不可见字符"),
        (NewUnit("X1", "无类别", "", "QY"), "类别不能为空"),
        (NewUnit("X1", "无上级", "市县", "ZZ"), "上级编号 ZZ 不存在，或该上级未能登记"),
        (NewUnit("X1", "第二个根", "团省委"), "缺少上级编号：只有最上级单位可以没有上级"),
    ],
)
def test_a_unit_that_cannot_be_registered_says_why_and_writes_nothing(
    tree: Database, unit: NewUnit, reason: str
) -> None:
    good = NewUnit("LC02", "松坪镇团委", "乡镇", "LC")
    assert refusal(tree, lambda c: register.add_units(c, [good, unit])) == reason
    assert n_rows(tree, UnitRow) == len(TREE)


def test_units_that_are_each_others_parents_are_refused() -> None:
    found = sort_units([NewUnit("A", "甲", "乡镇", "B"), NewUnit("B", "乙", "乡镇", "A")], {"QY"})
    assert found.accepted == []
    assert [refused.index for refused in found.refused] == [0, 1]


def test_codes_are_half_width_upper_case_and_names_have_single_spaces() -> None:
    assert clean_code(" ｌｃ０1 ") == "LC01"
    assert clean_name("  临河镇　 团委 ") == "临河镇 团委"


def group(**changes: Any) -> NewGroup:
    values: dict[str, Any] = {
        "code": "LC0001",
        "name": "鹭川团干群",
        "unit_code": "LC",
        "member_count": 40,
        "sources": (("demo", "10001"),),
        "topics": (NewTopic("志愿服务", ("河湖保护",)),),
        "managers": ("林舟",),
    }
    return NewGroup(**(values | changes))


def test_a_group_is_found_by_its_source_and_has_topic_and_manager(tree: Database) -> None:
    written = tree.write(lambda c: register.add_group(c, group(), TODAY))
    with tree.reading() as connection:
        assert directory.load_group_by_source(connection, "demo", "10001") == written
        topic = directory.load_topics(connection, [written.group_id])[written.group_id][0]
        names = directory.load_manager_names(connection, [written.group_id], TODAY)
    assert (topic.title, topic.keywords, topic.opened_on) == ("志愿服务", ("河湖保护",), TODAY)
    assert names == {written.group_id: "林舟"}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"code": "LC0001"}, "编号 LC0001 已存在或重复"),
        ({"unit_code": "ZZ"}, "单位编号 ZZ 不存在"),
        ({"member_count": -1}, "人数应为 0–9999 的整数"),
        ({"sources": (("demo", "10001"),)}, "外部编号 10001 已属于另一个群"),
        ({"sources": (("demo", " "),)}, "外部编号为空、过长或含不可见字符"),
        ({"sources": (("甲", "1"),)}, "来源应为小写字母开头的字母、数字或下划线，最长 32 位"),
        ({"topics": (NewTopic("志愿", ("团",)),)}, "话题关键词至少 2 个字"),
        ({"managers": ("",)}, "管理员不能为空"),
    ],
)
def test_a_group_that_cannot_be_registered_says_why_and_writes_nothing(
    tree: Database, changes: dict[str, Any], reason: str
) -> None:
    tree.write(lambda c: register.add_group(c, group(), TODAY))
    other = {"code": "LC0002", "sources": (("demo", "10002"),)}
    assert refusal(tree, lambda c: register.add_group(c, group(**(other | changes)), TODAY)) == reason
    assert n_rows(tree, GroupRow) == 1
    assert n_rows(tree, GroupManagerRow) == 1


def test_registering_a_group_takes_it_from_the_unregistered_ones(
    receiver: Receiver, database: Database
) -> None:
    receiver.receive([post(1, place_id="77777")])
    assert n_rows(database, UnregisteredGroupRow) == 1
    new = group(code="LC0009", unit_code="LC", sources=(("demo", "77777"),))
    # the suite's cast writes ids itself; PostgreSQL's counters have to catch up
    database.write(_catch_up)
    database.write(lambda c: register.add_group(c, new, TODAY))
    assert n_rows(database, UnregisteredGroupRow) == 0


def _catch_up(connection: Any) -> None:
    if connection.dialect.name == "postgresql":
        for table in ("wechat_group", "topic", "group_manager"):
            connection.exec_driver_sql(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), 1000)")


def test_there_is_one_designated_officer_at_a_time(tree: Database) -> None:
    tree.write(lambda c: register.add_officer(c, "LC", "林舟", TODAY))
    said = refusal(tree, lambda c: register.add_officer(c, "LC", "苏禾", TODAY))
    assert said == "鹭川团市委已有专责人员，请先办理交接"


def test_an_account_is_registered_once(tree: Database) -> None:
    tree.write(lambda c: register.add_account(c, "lcqn", "gh_lcqn", "鹭川青年", "LC"))
    again = refusal(tree, lambda c: register.add_account(c, "other", "gh_lcqn", "另一个", "LC"))
    assert again == "公众号 other 或原始ID gh_lcqn 已登记"
    with pytest.raises(UnitNotFound):
        tree.write(lambda c: register.add_account(c, "zz", "gh_zz", "无单位", "ZZ"))


def test_an_invitation_is_stored_by_hash_only(tree: Database) -> None:
    tree.write(lambda c: register.add_invitation(c, "demo-city ", Role.UNIT_ADMIN, "LC", is_reusable=True))
    with tree.reading() as connection:
        found = load_invitation(connection, invitation_hash("DEMO-CITY"))
    assert found is not None
    assert found.is_reusable
    assert found.holding.role == Role.UNIT_ADMIN


def test_an_invitation_of_a_group_manager_names_a_group_and_no_other_does(tree: Database) -> None:
    tree.write(lambda c: register.add_group(c, group(), TODAY))
    for role, code in ((Role.GROUP_MANAGER, ""), (Role.INSPECTOR, "LC0001")):
        said = refusal(tree, lambda c, r=role, g=code: register.add_invitation(c, "X", r, "LC", group_code=g))
        assert said == "群管理员的邀请码须指明群，其他角色不指明"
    with pytest.raises(GroupNotFound):
        tree.write(lambda c: register.add_invitation(c, "X", Role.GROUP_MANAGER, "LC", group_code="NONE"))


def test_good_rows_are_kept_when_others_are_refused(tree: Database) -> None:
    rows = [group(), group(code="LC0002", unit_code="ZZ", sources=()), group(code="LC0003", sources=())]
    refused = tree.write(lambda c: register.add_accepted_groups(c, rows, TODAY))
    assert [(one.index, one.reason) for one in refused] == [(1, "单位编号 ZZ 不存在")]
    assert n_rows(tree, GroupRow) == 2


def test_a_manager_joins_a_group(tree: Database) -> None:
    tree.write(lambda c: register.add_group(c, group(), TODAY))
    tree.write(lambda c: register.add_manager(c, "lc0001", "苏禾", TODAY))
    with tree.reading() as connection:
        found = directory.load_group_by_code(connection, "LC0001")
        assert found is not None
        assert directory.load_manager_names(connection, [found.group_id], TODAY) == {
            found.group_id: "林舟、苏禾"
        }

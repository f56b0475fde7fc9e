"""台账, 开通, 变更, 停用, 话题, 管理员, 专责, 认领, 审批 as people write them (requirement D.4)."""

import re
from datetime import UTC, datetime

import pytest

from monitor.store.database import Database
from monitor.store.ledger.queries import load_pending
from monitor.store.tables import UnregisteredGroupRow
from monitor.units import Role
from tests.bot.scene import HIDDEN, Scene
from tests.bot.talk import Person
from tests.cast import Cast
from tests.conftest import FrozenClock


@pytest.fixture
def scene(database: Database, cast: Cast, clock: FrozenClock) -> Scene:
    return Scene(database, cast, clock)


def number_in(reply: str) -> str:
    found = re.search(r"编号 (\d+)", reply)
    assert found, reply
    return found[1]


def request_in(reply: str) -> str:
    found = re.search(r"申请 (\d+)", reply)
    assert found, reply
    return found[1]


def test_the_ledger_says_groups_members_and_that_a_base_is_missing(scene: Scene) -> None:
    reply = scene.person(Role.UNIT_ADMIN).says("台账")
    assert "群 2 个，公众号 1 个，80 人" in reply
    assert "基数未录入" in reply
    assert len(reply) <= 600


def test_a_town_opens_a_group_and_the_city_approves(scene: Scene) -> None:
    town, city = scene.person(Role.BRANCH_ADMIN), scene.person(Role.UNIT_ADMIN)
    reply = town.says("开通 群 临河青年二群 80")
    assert reply.startswith("✅ 已申请开通 LC01Q01 临河青年二群，80 人，待上级审批"), reply
    number = request_in(reply)
    waiting = city.says("审批")
    assert "开通 LC01Q01 临河青年二群，80 人" in waiting
    assert "1. " in waiting
    card = city.says("1")
    assert f"审批 {number} 退回 原因" in card
    assert city.says("1").startswith(f"✅ 申请 {number} 已同意")
    assert "临河青年二群" in city.says("群 LC01Q01")


def test_a_request_is_returned_with_a_reason_and_only_from_above(scene: Scene) -> None:
    town, city = scene.person(Role.BRANCH_ADMIN), scene.person(Role.UNIT_ADMIN)
    number = request_in(town.says("开通 群 临河青年二群 80"))
    assert town.says(f"审批 {number} 同意") == "本单位的申请由上级审批"
    assert "退回原因" in city.says(f"审批 {number} 退回")
    assert "已退回：与一群重复" in city.says(f"审批 {number} 退回 与一群重复")
    assert city.says("审批 99999 同意") == "未找到该申请，可回复 审批 查看待审批的事项"


@pytest.mark.parametrize("members", ["0", "501", "９９９９"])
def test_unusual_members_are_asked_about(scene: Scene, members: str) -> None:
    town = scene.person(Role.BRANCH_ADMIN)
    reply = town.says(f"开通 群 临河青年二群 {members}")
    assert "确认" in reply
    with scene.database.reading() as connection:
        assert load_pending(connection, scene.cast.paths["LC"]) == []
    assert town.says("确认").startswith("✅ 已申请开通 LC01Q01")


@pytest.mark.parametrize("members", ["-1", "3.5", "很多", "10000"])
def test_impossible_members_change_nothing(scene: Scene, members: str) -> None:
    town = scene.person(Role.BRANCH_ADMIN)
    assert town.says(f"开通 群 临河青年二群 {members}") == "人数应为0–9999的整数"
    assert town.says(f"变更 LC0101 人数 {members}") == "人数应为0–9999的整数"


def test_a_group_of_the_same_name_is_offered(scene: Scene) -> None:
    village = scene.person(Role.UNIT_ADMIN)
    reply = village.says("开通 群 鹭川团干群 40")
    assert "已有同名群 LC0001" in reply
    assert "可回复：群 LC0001" in reply


def test_members_are_changed_and_changed_back(scene: Scene) -> None:
    town = scene.person(Role.BRANCH_ADMIN)
    reply = town.says("变更 LC0101 人数 120")
    assert "人数 40 → 120" in reply
    assert "未重复登记" in town.says("变更 LC0101 120")
    assert "已撤销编号" in town.says(f"撤销 {number_in(reply)}")
    assert "40 人" in town.says("台账")


def test_a_retry_of_the_platform_writes_once(scene: Scene) -> None:
    town = scene.person(Role.BRANCH_ADMIN)
    event = town.event("开通 群 临河青年二群 80")
    first, again = town.sends(event), town.sends(event)
    assert first == again
    with scene.database.reading() as connection:
        assert len(load_pending(connection, scene.cast.paths["LC"])) == 1


def test_closing_wants_a_reason_and_stays_in_scope(scene: Scene) -> None:
    town = scene.person(Role.BRANCH_ADMIN)
    assert "请写明停用原因" in town.says("停用 LC0101")
    for code in ("LC0001", "YS0101", "NOSUCH"):
        assert town.says(f"停用 {code} 并群") == HIDDEN
    reply = town.says("停用 LC0101 与他群合并")
    assert reply.startswith("⏸ 已停用 LC0101 柳岸青年群：与他群合并"), reply
    assert "未重复登记" in town.says("停用 LC0101 与他群合并")
    assert "已撤销" in town.says(f"撤销 {number_in(reply)}")


def test_a_manager_lists_opens_and_ends_topics(scene: Scene) -> None:
    manager = scene.person(Role.GROUP_MANAGER)
    assert "青年大学习" in manager.says("话题")
    reply = manager.says("话题 新 志愿服务 志愿 义工")
    assert "“志愿服务” 已开，关键词 志愿、义工" in reply
    assert "未重复登记" in manager.says("话题 新 志愿服务")
    found = re.search(r"话题(\d+)", reply)
    assert found
    assert "已结束" in manager.says(f"话题 结束 {found[1]}")
    assert manager.says("话题 结束 99999") == "未找到该话题，可回复 话题 查看"
    assert manager.says("话题 结束 1") == manager.says("话题 结束 99999")  # of another group
    assert "至少 2 个字" in manager.says("话题 新 读书会 书")


def test_an_admin_opens_topics_of_a_group_and_takes_them_back(scene: Scene) -> None:
    town = scene.person(Role.BRANCH_ADMIN)
    assert "用法：话题" in town.says("话题")
    reply = town.says("话题 LC0101 志愿服务 志愿")
    assert "在开微话题 2 个" in town.says("话题 LC0101")
    assert "已撤销" in town.says(f"撤销 {number_in(reply)}")
    assert "在开微话题 1 个" in town.says("话题 LC0101")
    assert town.says("话题 YS0101 志愿服务") == HIDDEN


def test_vacancies_are_listed_and_filled(scene: Scene) -> None:
    city = scene.person(Role.UNIT_ADMIN)
    assert "专责缺位：鹭川团市委" in city.says("管理员 缺位")
    reply = city.says("专责 LC 林一")
    assert "专责人员：林一" in reply
    assert "✅ 没有缺位" in city.says("管理员 缺位")
    second = city.says("专责 LC 陈二")
    assert "（原 林一，任期已留存）" in second
    assert "已撤销" in city.says(f"撤销 {number_in(second)}")
    assert "未重复登记" in city.says("专责 LC 林一")
    assert city.says("专责 YS 林一") == HIDDEN


def test_an_invitation_binds_within_three_days_and_can_be_revoked(scene: Scene) -> None:
    city = scene.person(Role.UNIT_ADMIN)
    assert "本单位的管理员由上级邀请" in city.says("管理员 邀请 LC 林一")
    reply = city.says("管理员 邀请 LC01 周三")
    code = reply.split("邀请码 ")[1].split("，")[0]
    newcomer = Person(scene.dispatcher, scene.clock, "newcomer")
    assert "已绑定：基层管理员 · 临河镇团委" in newcomer.says(f"绑定 {code}")
    assert "已被使用" in city.says(f"撤销 {number_in(reply)}")
    second = city.says("管理员 邀请 LC0101 吴四")  # a group's code: its manager
    code = second.split("邀请码 ")[1].split("，")[0]
    assert "已撤销" in city.says(f"撤销 {number_in(second)}")
    other = Person(scene.dispatcher, scene.clock, "other")
    assert "邀请码无效" in other.says(f"绑定 {code}")


def test_an_expired_invitation_binds_nobody(scene: Scene) -> None:
    reply = scene.person(Role.UNIT_ADMIN).says("管理员 邀请 LC01 周三")
    code = reply.split("邀请码 ")[1].split("，")[0]
    scene.clock.advance(hours=72)
    assert "邀请码无效" in Person(scene.dispatcher, scene.clock, "late").says(f"绑定 {code}")


def test_unregistered_groups_are_claimed(scene: Scene) -> None:
    at = datetime(2026, 11, 19, tzinfo=UTC)
    for source in ("demo", "other"):
        values = {"first_seen_at": at, "last_seen_at": at, "n_events": 12}
        scene.insert(UnregisteredGroupRow, source=source, external_id="7777", **values)
    inspector, city = scene.person(Role.INSPECTOR), scene.person(Role.UNIT_ADMIN)
    assert "未登记的群 2 个" in inspector.says("认领")
    assert "7777" not in city.says("认领")
    reply = inspector.says("认领 7777 YS0001")
    assert "来源 demo" in reply
    assert "已认领 外部编号 7777 → YS0001" in inspector.says("1")
    assert "待上级审批" in city.says("认领 7777 LC0001")
    assert city.says("认领 7777 YS0001") == HIDDEN


def test_leaders_read_the_ledger_and_write_nothing(scene: Scene) -> None:
    leader = scene.person(Role.LEADER)
    assert "台账" in leader.says("台账")
    for line in ("开通 群 甲群 40", "停用 LC0101 并群", "审批 1 同意", "专责 LC 林一"):
        assert leader.says(line) == "您的角色为只读"


def test_reconciliation_is_told(scene: Scene) -> None:
    assert "尚无核查报告" in scene.person(Role.UNIT_ADMIN).says("台账 核查")

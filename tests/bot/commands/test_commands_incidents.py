"""举报, 处置, 已处置, 误报, 事件, 预警, and steps that wait for a picture, as people use them in chat."""

from datetime import date
from typing import Any

import pytest

from monitor.events import PostKind
from monitor.store.database import Database
from monitor.store.days.posts import insert_posts
from monitor.store.tables import GroupManagerRow
from monitor.units import Role
from tests.bot.scene import Scene
from tests.bot.talk import Person
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.monitor.incident_help import suspect

LOOSE = "已收到图片，未关联事项。请先回复"


@pytest.fixture
def scene(database: Database, cast: Cast, clock: FrozenClock) -> Scene:
    return Scene(database, cast, clock)


def picture(person: Person, media_id: str = "M1", **changes: Any) -> str:
    """Send a picture; `fields` as the platform pushes them."""
    fields = {"MsgType": "image", "MediaId": media_id, "PicUrl": "https://mmbiz.example/1"}
    return person.sends(person.event(post_kind=PostKind.IMAGE, fields=fields, **changes))


def rows(scene: Scene, sql: str) -> list[tuple[Any, ...]]:
    with scene.database.reading() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(sql)]


def found(scene: Scene, *codes: str, **options: Any) -> None:
    posts = [suspect(scene.cast.groups[code], scene.clock(), **options) for code in codes]
    scene.database.write_bulk(insert_posts, posts)


def test_a_manager_reports_and_sends_the_picture(scene: Scene) -> None:
    scene.person(Role.BRANCH_ADMIN)
    manager = scene.person(Role.GROUP_MANAGER)
    reply = manager.says("举报 有人发：“兼职刷单，日结300”，求处理！")
    assert reply.startswith("✅ 已登记 事件1：LC0101 柳岸青年群")
    assert "已通知：基层管理员 1 人" in reply
    assert "请先保留证据再撤回" in reply
    assert reply.endswith("请发送截图（5分钟内）")
    assert rows(scene, "SELECT text FROM incident") == [("有人发：“兼职刷单，日结300”，求处理！",)]
    assert picture(manager).startswith("✅ 截图已收到，关联事件1")
    assert rows(scene, "SELECT purpose, subject_id, state FROM chat_picture") == [("incident", 1, "待获取")]
    assert picture(manager, "M2").startswith(LOOSE)


def test_a_delivery_repeated_by_the_platform_gets_the_same_reply_and_changes_nothing(scene: Scene) -> None:
    manager = scene.person(Role.GROUP_MANAGER)
    event = manager.event("举报 群里有人卖课")
    assert manager.sends(event) == manager.sends(event)
    image = manager.event(post_kind=PostKind.IMAGE, fields={"MediaId": "M1"})
    assert manager.sends(image) == manager.sends(image)
    counts = "SELECT (SELECT count(*) FROM incident), (SELECT count(*) FROM chat_picture)"
    assert rows(scene, counts) == [(1, 1)]


def test_the_same_report_again_is_recognised(scene: Scene) -> None:
    manager = scene.person(Role.GROUP_MANAGER)
    manager.says("举报 群里有人卖课")
    assert manager.says("举报 群里有人卖课").startswith("已收到（事件1），未重复登记")


def test_a_picture_first_is_found_by_the_command_that_follows(scene: Scene) -> None:
    manager = scene.person(Role.GROUP_MANAGER)
    assert "图片保留10分钟" in picture(manager)
    scene.clock.advance(minutes=9)
    reply = manager.says("举报 群里有人卖课")
    assert "✅ 截图已收到，关联事件1" in reply
    assert "请发送截图" not in reply
    assert rows(scene, "SELECT purpose, subject_id FROM chat_picture") == [("incident", 1)]


def test_a_loose_picture_is_gone_after_ten_minutes(scene: Scene) -> None:
    manager = scene.person(Role.GROUP_MANAGER)
    picture(manager)
    scene.clock.advance(minutes=10)
    assert "请发送截图" in manager.says("举报 群里有人卖课")


def test_a_step_is_over_after_five_minutes_and_says_so_once(scene: Scene) -> None:
    manager = scene.person(Role.GROUP_MANAGER)
    manager.says("举报 群里有人卖课")
    scene.clock.advance(minutes=5)
    assert picture(manager).startswith("操作已超时，未保存")
    assert picture(manager, "M2").startswith(LOOSE)


def test_another_command_abandons_the_step(scene: Scene) -> None:
    manager = scene.person(Role.GROUP_MANAGER)
    manager.says("举报 群里有人卖课")
    manager.says("今日")
    assert picture(manager).startswith(LOOSE)


def test_a_step_is_one_persons_own_and_can_be_cancelled(scene: Scene) -> None:
    manager, admin = scene.person(Role.GROUP_MANAGER), scene.person(Role.UNIT_ADMIN)
    manager.says("举报 群里有人卖课")
    assert picture(admin).startswith(LOOSE)
    assert manager.says("取消") == "已取消，未保存"
    assert picture(manager, "M2").startswith(LOOSE)


def test_a_report_is_taken_back_within_ten_minutes(scene: Scene) -> None:
    manager = scene.person(Role.GROUP_MANAGER)
    number = manager.says("举报 群里有人卖课").partition("编号 ")[2].split("\n")[0]
    assert manager.says(f"撤销 {number}").startswith(f"✅ 已撤销编号 {number}：事件1 的举报")
    assert "没有可撤销的记录" in manager.says(f"撤销 {number}")


def test_an_admin_follows_an_incident_to_its_end(scene: Scene) -> None:
    found(scene, "LC0101")
    admin = scene.person(Role.UNIT_ADMIN)
    assert admin.says("预警").startswith("未办结：不良信息事件 1 件，预警 0 条")
    card = admin.says("1")
    assert "事件1 发现：LC0101 柳岸青年群" in card
    assert "发布人 张＊＊" in card
    assert "依据 HN-2.2.1c，时限 D-03 默认" in card
    assert admin.says("确认 事件 1").startswith("✅ 事件1 已登记“确认”，当前“确认”")
    reply = admin.says("处置 1 删除 已删除，并提醒发布人。")
    assert reply.startswith("✅ 事件1 已登记“删除”，当前“处置”")
    assert reply.endswith("请发送删除后的截图（5分钟内）")
    assert picture(admin).startswith("✅ 截图已收到，关联事件1")
    assert "已删除，并提醒发布人。" in admin.says("事件 1")
    assert "当前“引导”" in admin.says("处置 事件1 引导 已在群内说明")
    assert "当前“办结”" in admin.says("处置 1 办结")
    assert admin.says("事件").startswith("没有未办结的不良信息事件 ✅")


def test_a_false_alarm_says_that_posts_count_again(scene: Scene) -> None:
    found(scene, "LC0101")
    admin = scene.person(Role.UNIT_ADMIN)
    assert "1 条发布信息不再计入条数（D-07）" in admin.says("处置 1 警示")
    assert "1 条发布信息恢复计入条数" in admin.says("误报 1 学校的正式通知")


def test_several_places_at_once_are_asked_about_first(scene: Scene) -> None:
    found(scene, "LC0101", "LC0001", "YS0101")
    admin = scene.person(Role.UNIT_ADMIN)
    asked = admin.says("处置 1 警示 已提醒")
    assert "将登记到事件1 的 2 处" in asked
    assert asked.endswith("回复“确认”保存，“取消”放弃（5分钟内）")
    assert admin.says("确认").startswith("✅ 事件1 已登记“警示”（2 处）")
    states = rows(scene, "SELECT state, count(*) FROM incident_place GROUP BY state ORDER BY count(*)")
    assert states == [("发现", 1), ("处置", 2)]


def test_a_confirmation_that_comes_too_late_does_nothing(scene: Scene) -> None:
    found(scene, "LC0101", "LC0001")
    admin = scene.person(Role.UNIT_ADMIN)
    admin.says("误报 1 通知")
    scene.clock.advance(minutes=5)
    assert admin.says("确认").startswith("操作已超时，未保存")
    assert rows(scene, "SELECT DISTINCT state FROM incident_place") == [("发现",)]


def test_a_manager_closes_their_own_step_only(scene: Scene) -> None:
    found(scene, "LC0101", "LC0001")
    manager = scene.person(Role.GROUP_MANAGER)
    assert manager.says("确认 事件1").startswith("✅ 事件1 已登记“知悉”，当前“发现”")
    assert manager.says("已处置 1 已撤回").startswith("✅ 事件1 已登记“已处置”，当前“处置”")
    assert rows(scene, "SELECT state FROM incident_place ORDER BY group_id") == [("发现",), ("处置",)]
    assert "不能使用“误报”" in manager.says("误报 1")
    assert "不能使用“处置”" in manager.says("处置 1 删除")


def test_a_manager_of_several_groups_is_asked_which(scene: Scene) -> None:
    manager = scene.person(Role.GROUP_MANAGER)
    identity = rows(scene, "SELECT id FROM chat_identity")[0][0]
    group = scene.cast.groups["LC0001"]
    scene.insert(GroupManagerRow, group_id=group, name="甲", identity_id=identity, since=date(2026, 1, 1))
    scene.clock.advance(minutes=1)
    asked = manager.says("举报 有人卖课，20元一节")
    assert "1. LC0001" in asked
    assert "2. LC0101" in asked
    assert manager.says("1").startswith("✅ 已登记 事件1：LC0001")
    assert rows(scene, "SELECT text FROM incident") == [("有人卖课，20元一节",)]


def test_what_lies_outside_reads_as_not_there(scene: Scene) -> None:
    found(scene, "YS0101")
    admin = scene.person(Role.UNIT_ADMIN)
    missing = admin.says("事件 99")
    assert missing == "未找到该事件，可回复 事件 列出"
    for line in ("事件 1", "处置 1 删除", "误报 1", "申诉 事件1 不是"):
        assert admin.says(line) == missing
    assert "误报" not in admin.says("预警")


def test_a_leader_sees_no_bodies_and_changes_nothing(scene: Scene) -> None:
    found(scene, "LC0101")
    leader = scene.person(Role.LEADER)
    card = leader.says("事件 1")
    assert "LC0101 柳岸青年群" in card
    for secret in ("特价门票", "张", "优惠券"):
        assert secret not in card
    assert leader.says("处置 1 删除") == "您的角色为只读"
    assert leader.says("举报 有人卖课") == "您的角色为只读"


def test_bad_input_is_explained_and_changes_nothing(scene: Scene) -> None:
    found(scene, "LC0101")
    admin = scene.person(Role.UNIT_ADMIN)
    assert admin.says("处置 一二三 删除").startswith("事件号应为数字。用法：处置 事件号")
    assert admin.says("处置 1 消灭").startswith("动作应为：确认、删除、警示、引导、办结、误报、重开")
    assert admin.says("处置 1 办结") == "事件当前为“发现”，不能“办结”"
    offered = admin.says("处置 1")
    assert offered.startswith("事件1 发现")
    assert "5. 误报" in offered
    assert "办结" not in offered
    assert "1. ⚠️事件1" in admin.says("处置")
    assert admin.says("举报").startswith("用法：举报 [群编号] 内容")
    assert rows(scene, "SELECT state FROM incident_place") == [("发现",)]


def test_an_objection_reaches_the_layer_above(scene: Scene) -> None:
    found(scene, "LC0101")
    scene.person(Role.INSPECTOR)
    admin = scene.person(Role.UNIT_ADMIN)
    assert admin.says("申诉 事件 1 是学校的正式通知").startswith("✅ 已登记对事件1 的申诉")
    assert "事件1 发现：LC0101 柳岸青年群，申诉待答复" in admin.says("申诉 查询")
    texts = [text for (text,) in rows(scene, "SELECT text FROM outbox")]
    assert any("是学校的正式通知" in text for text in texts)

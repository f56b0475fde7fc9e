"""周报 in chat: two minutes from draft to submission, changes, the due instant, summary, scope, undo."""

from datetime import date, datetime
from typing import Any

import pytest

from monitor.store.database import Database
from monitor.store.tables import GroupRow
from monitor.store.weekly.tables import WeeklyCallRow
from monitor.units import Role
from tests.bot.scene import Scene
from tests.bot.talk import Person
from tests.cast import Cast
from tests.conftest import FrozenClock


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00")


@pytest.fixture
def scene(database: Database, cast: Cast, clock: FrozenClock) -> Scene:
    """Friday of week 47; in that week 鹭川 opened one group and closed another."""
    scene = Scene(database, cast, clock)
    group = {"unit_id": cast.units["LC01"], "member_count": 35, "name": "新群"}
    scene.insert(GroupRow, id=50, code="LC0150", opened_on=date(2026, 11, 17), **group)
    scene.insert(
        GroupRow, id=51, code="LC0151", opened_on=date(2026, 3, 1), closed_on=date(2026, 11, 18), **group
    )
    scene.insert(
        WeeklyCallRow,
        first_day=date(2026, 11, 9),
        due_at=at("2026-11-16T12:00"),
        called_at=at("2026-11-16T09:00"),
    )
    return scene


def rows(scene: Scene, sql: str) -> list[tuple[Any, ...]]:
    with scene.database.reading() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(sql)]


def number_in(reply: str) -> str:
    return reply.partition("编号 ")[2].split("\n")[0]


@pytest.fixture
def admin(scene: Scene) -> Person:
    return scene.person(Role.UNIT_ADMIN)


def test_the_draft_is_filled_from_the_ledger_and_names_what_is_missing(admin: Person) -> None:
    assert admin.says("周报") == (
        "鹭川团市委 2026年第47周周报（草稿）\n"
        "11-16 至 11-22，截止 11-23 12:00，本周未结束\n"
        "新开 1，停用 1，变更 0，覆盖 115\n"
        "群数 3，公众号数 1\n"
        "新开：LC0150 新群\n"
        "停用：LC0151 新群\n"
        "1. 提交这份周报\n"
        "2. 2026年第46周未交，补报\n"
        "依据 HN-4.1a，期限 D-05\n"
        "回复编号办理，或回复：周报 改 停用 2 原因"
    )


def test_monday_before_noon_two_messages_submit_the_week_that_is_over(
    scene: Scene, admin: Person, clock: FrozenClock
) -> None:
    clock.now = at("2026-11-23T11:59:59")
    assert "第47周周报（草稿）" in admin.says("周报")
    assert admin.says("1").startswith("✅ 鹭川团市委 2026年第47周周报已提交，状态“已交”")
    again = admin.says("周报 提交")
    assert again.startswith("已收到（2026年第47周")
    assert rows(scene, "SELECT count(*) FROM weekly_version") == [(1,)]


def test_at_noon_it_is_late_and_asked_about_first(scene: Scene, admin: Person, clock: FrozenClock) -> None:
    clock.now = at("2026-11-23T12:00")
    assert "第48周" in admin.says("周报")
    asked = admin.says("周报 补报 2026-W47")
    assert "已过截止时间 11-23 12:00，将登记为“逾期”" in asked
    assert rows(scene, "SELECT count(*) FROM weekly_version") == [(0,)]
    assert "状态“逾期”" in admin.says("确认")
    assert rows(scene, "SELECT count(*) FROM weekly_version") == [(1,)]


def test_a_week_that_is_not_over_is_asked_about_and_can_be_dropped(scene: Scene, admin: Person) -> None:
    asked = admin.says("周报 提交")
    assert "本周到 11-22 才结束，确认提前提交？" in asked
    assert "2026年第46周未交，可回复：周报 补报 2026-W46" in asked
    assert admin.says("取消") == "已取消，未保存"
    assert admin.says("周报 提交") == asked
    assert rows(scene, "SELECT count(*) FROM weekly_version") == [(0,)]


def test_a_figure_is_changed_with_its_reason_and_stands_beside_the_ledgers(
    scene: Scene, admin: Person, clock: FrozenClock
) -> None:
    clock.now = at("2026-11-23T10:00")
    reply = admin.says("周报 改 停用 2 临河镇一个群未登记，已解散！")
    assert reply.startswith("✅ 2026年第47周周报 停用 改为 2（台账 1，原因：临河镇一个群未登记，已解散！）")
    assert "未重复登记" in admin.says("周报 改 停用 2")
    assert "与台账不同：停用 2（台账 1）" in admin.says("周报 提交")
    scene.change(GroupRow, 50, member_count=40)
    assert "提交后有变化：覆盖 115→120" in admin.says("周报 2026-W47")
    assert "更正已提交，状态“已交”" in admin.says("周报 提交")
    assert rows(scene, "SELECT version FROM weekly_version ORDER BY version") == [(1,), (2,)]


def test_a_change_and_a_submission_are_taken_back(scene: Scene, admin: Person, clock: FrozenClock) -> None:
    clock.now = at("2026-11-23T10:00")
    changed = number_in(admin.says("周报 改 新开 5"))
    sent = number_in(admin.says("周报 提交"))
    assert admin.says(f"撤销 {sent}").startswith(f"✅ 已撤销编号 {sent}：2026-W47 周报第 1 次提交")
    assert admin.says(f"撤销 {changed}").startswith(f"✅ 已撤销编号 {changed}：2026-W47 周报“新开”的修改")
    assert "没有可撤销的记录" in admin.says(f"撤销 {changed}")
    assert "新开 1，停用 1" in admin.says("周报")
    assert "状态“已交”" in admin.says("周报 提交")
    assert rows(scene, "SELECT version FROM weekly_version WHERE voided_at IS NULL") == [(2,)]
    clock.advance(minutes=10)
    assert "没有可撤销的记录" in admin.says(f"撤销 {int(sent) + 4}")


def test_a_delivery_repeated_by_the_platform_submits_once(
    scene: Scene, admin: Person, clock: FrozenClock
) -> None:
    clock.now = at("2026-11-23T10:00")
    event = admin.event("周报 提交")
    assert admin.sends(event) == admin.sends(event)
    assert rows(scene, "SELECT count(*) FROM weekly_version") == [(1,)]
    assert rows(scene, "SELECT count(*) FROM audit WHERE action = 'weekly.submitted'") == [(1,)]


REFUSED = {
    "周报 改 停用 -1": "停用应为0–9999的整数",
    "周报 改 停用 很多": "停用应为0–9999的整数",
    "周报 改 覆盖 99999999": "覆盖应为0–9999999的整数",
    "周报 改 心情 3": (
        "可改的项目：新开、停用、变更、新开公众号、停用公众号、群数、公众号数、覆盖。例：周报 改 停用 2 原因"
    ),
    "周报 改": "用法：周报 [改 项目 数/提交/补报 周/汇总 周]，例：周报 补报 2026-W45",
    "周报 改 停用": "用法：周报 [改 项目 数/提交/补报 周/汇总 周]，例：周报 补报 2026-W45",
    "周报 补报 2026-W54": "没有“2026-W54”这一周，例：周报 补报 2026-W47",
    "周报 补报 2025-W53": "没有“2025-W53”这一周，例：周报 补报 2026-W47",
    "周报 补报 2026-W48": "2026年第48周尚未开始",
    "周报 补报 昨天": "请写明哪一周，例：周报 补报 2026-W46",
    "周报 汇总": "周报汇总由督导检查和领导查阅，可回复：周报",
}


def test_bad_input_is_told_and_changes_nothing(scene: Scene, admin: Person) -> None:
    assert {text: admin.says(text) for text in REFUSED} == REFUSED
    assert rows(scene, "SELECT count(*) FROM weekly_change") == [(0,)]


def test_the_province_sees_who_is_missing_and_writes_nothing(scene: Scene, clock: FrozenClock) -> None:
    clock.now = at("2026-11-16T11:00")
    admin = scene.person(Role.UNIT_ADMIN)
    admin.says("周报 提交")
    clock.now = at("2026-11-16T12:01")
    inspector = scene.person(Role.INSPECTOR)
    assert inspector.says("周报 汇总") == (
        "2026年第46周周报：已交 1，逾期 0，未交 2，应报 3\n"
        "截止 11-16 12:00，数据截至 11-16 12:01\n"
        "❌青屿大学团委 未交\n"
        "❌云杉团市委 未交\n"
        "依据 HN-4.1a，期限 D-05\n"
        "可回复：周报 汇总 2026-W45"
    )
    assert inspector.says("周报") == inspector.says("周报 汇总 上周")
    assert "未征集" in inspector.says("周报 汇总 2026-W40")
    assert inspector.says("周报 提交") == "微信周报由市县、高校等省级直属单位的管理员填报（HN-4.1a）"
    leader = scene.person(Role.LEADER)
    assert "未交 2" in leader.says("周报 汇总")
    assert leader.says("周报 提交") == "您的角色为只读"
    assert "周报（第46周）未交 2，逾期 0，应报 3" in leader.says("总览")


def test_roles_below_have_no_weekly_report(scene: Scene) -> None:
    for role in (Role.BRANCH_ADMIN, Role.GROUP_MANAGER):
        assert "不能使用“周报”" in scene.person(role).says("周报")

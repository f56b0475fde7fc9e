"""上报 and 核实 as managers and those above use them, with pictures from the stand-in platform."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.channels.authorized import AuthorizedApi
from bot.channels.http import ApiClient
from bot.channels.media import LARGEST_FILE, MediaSource
from monitor.days.self_reports import PICTURE
from monitor.events import PostKind
from monitor.store.assessment.evidence import EvidenceFolder
from monitor.store.database import Database
from monitor.store.tables import GroupManagerRow, GroupRow
from monitor.units import Role
from monitor.usecases.days.close_day import close_day, close_late_groups
from monitor.usecases.days.fetch_pictures import PictureFetcher
from monitor.usecases.days.self_reporting import note_same_self_report
from tests.bot.scene import TODAY, Scene
from tests.bot.talk import RULEBOOK, Person
from tests.cast import OPENED, Cast
from tests.conftest import FrozenClock
from tests.fake_wechat import FakeWeChat
from tests.fake_wechat.wiring import wire

JPG, PNG = b"\xff\xd8\xff\xe0" + b"\x00" * 200, b"\x89PNG\r\n\x1a\n" + b"\x00" * 200
YESTERDAY = date(2026, 11, 19)
BAD_COUNT = "条数应为0–9999的整数"


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00")


@pytest.fixture
def scene(database: Database, cast: Cast, clock: FrozenClock) -> Scene:
    return Scene(database, cast, clock)


@pytest.fixture
def manager(scene: Scene) -> Person:
    return scene.person(Role.GROUP_MANAGER)


def rows(scene: Scene, sql: str) -> list[tuple[Any, ...]]:
    with scene.database.reading() as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


def counts(scene: Scene) -> list[tuple[Any, ...]]:
    return rows(scene, "SELECT provenance, n_posts, n_relevant FROM day_count ORDER BY business_day")


def states(scene: Scene) -> list[str]:
    return [row[0] for row in rows(scene, "SELECT state FROM self_report ORDER BY id")]


def picture(person: Person, media_id: str = "M1") -> str:
    return person.sends(person.event(post_kind=PostKind.IMAGE, fields={"MediaId": media_id}))


def number_in(reply: str) -> str:
    return reply.partition("编号 ")[2].split("\n")[0]


def test_a_report_is_stored_beside_what_was_collected_and_takes_its_picture(
    scene: Scene, manager: Person
) -> None:
    scene.counted("LC0101", 3, 0)
    reply = manager.says("上报 8 2")
    assert reply.startswith("✅ 已登记自报：LC0101 柳岸青年群 11-20 条数 8、话题相关 2（待核）")
    assert "当日另有：采集 3。自报与采集相加，只报采集不到的部分" in reply
    assert reply.endswith("请发送截图（5分钟内）")
    assert sorted(counts(scene), key=lambda row: int(row[1])) == [("采集", 3, 0), ("自报", 8, 2)]
    assert picture(manager) == (
        f"✅ 截图已收到，关联自报编号 {number_in(reply)}\n11-20 15:00 LC0101 柳岸青年群 11-20"
    )
    assert rows(scene, "SELECT purpose, state FROM chat_picture") == [(PICTURE, "待获取")]
    today = manager.says("今日")
    assert ("11 条" in today, "自报 8" in today) == (True, True)


def test_a_second_report_of_the_day_replaces_the_first_with_history(scene: Scene, manager: Person) -> None:
    manager.says("上报 8 2")
    assert "当日此前的自报已被本次替换，历史保留" in manager.says("上报 12 3")
    assert states(scene) == ["已更新", "待核"]
    assert counts(scene) == [("自报", 12, 3)]
    again = manager.says("上报 12 3")
    assert again.startswith("已收到（编号")
    assert "请发送截图" in again  # none came yet
    assert states(scene) == ["已更新", "待核"]


def test_a_delivery_repeated_by_the_platform_reports_once(scene: Scene, manager: Person) -> None:
    event = manager.event("上报 8")
    assert manager.sends(event) == manager.sends(event)
    image = manager.event(post_kind=PostKind.IMAGE, fields={"MediaId": "M1"})
    assert manager.sends(image) == manager.sends(image)
    assert rows(scene, "SELECT (SELECT count(*) FROM self_report), (SELECT count(*) FROM chat_picture)") == [
        (1, 1)
    ]


def test_without_relevant_posts_the_reply_says_how_they_are_counted(scene: Scene, manager: Person) -> None:
    assert "未报相关条数，按 0 条计。如有，请重发：上报 LC0101 8 相关条数" in manager.says("上报 8")
    assert counts(scene) == [("自报", 8, 0)]


def test_a_report_taken_back_leaves_no_data_or_what_stood_before(scene: Scene, manager: Person) -> None:
    first = number_in(manager.says("上报 8 2"))
    second = number_in(manager.says("上报 9 2"))
    assert manager.says(f"撤销 {second}").startswith(
        f"✅ 已撤销编号 {second}：LC0101 柳岸青年群 11-20 的自报"
    )
    assert (states(scene), counts(scene)) == (["待核", "已撤销"], [("自报", 8, 2)])
    manager.says(f"撤销 {first}")
    assert counts(scene) == []
    assert "没有可撤销的记录" in manager.says(f"撤销 {first}")


REFUSED = {
    "上报": "用法：上报 [群编号] 条数 [相关条数] [昨天]，例：上报 8 2",
    "上报 -3": BAD_COUNT,
    "上报 3.5": BAD_COUNT,
    "上报 10000": BAD_COUNT,
    "上报 LC0101 多": BAD_COUNT,
    "上报 2 3": "相关条数（3）不能大于条数（2）",
    "上报 明天 3": "日期 11-21 尚未到来，请输入今天或以前的日期",
    "上报 2026-11-01 3": "只能补报最近 7 天，2026-11-01 的数据请由上级导入聊天记录",
    "上报 LC0001 3": "无权查看该单位，或未找到。可回复 群 列出",
    "上报 XX9999 3": "无权查看该单位，或未找到。可回复 群 列出",
}


def test_bad_input_is_told_and_changes_nothing(scene: Scene, manager: Person) -> None:
    assert {words: manager.says(words) for words in REFUSED} == REFUSED
    assert (states(scene), counts(scene)) == ([], [])


def test_a_group_takes_no_report_of_days_on_which_it_was_not_open(scene: Scene, manager: Person) -> None:
    scene.change(GroupRow, scene.cast.groups["LC0101"], opened_on=TODAY)
    assert manager.says("上报 LC0101 昨天 3") == "群 LC0101 在 11-19 未开通，不能上报"
    assert (states(scene), counts(scene)) == ([], [])


def test_a_large_count_is_asked_about_and_goes_on_to_the_picture(scene: Scene, manager: Person) -> None:
    asked = manager.says("上报 501 2")
    assert "条数 501 超过 500，确认无误？" in asked
    assert counts(scene) == []
    reply = manager.says("确认")
    assert reply.startswith("✅ 已登记自报")
    assert reply.endswith("请发送截图（5分钟内）")
    assert counts(scene) == [("自报", 501, 2)]
    assert picture(manager).startswith("✅ 截图已收到")
    assert "超过 500" in manager.says("上报 9999")
    scene.clock.advance(minutes=5)
    assert manager.says("确认").startswith("操作已超时，未保存")
    assert counts(scene) == [("自报", 501, 2)]


def test_a_manager_of_several_groups_chooses_by_number(scene: Scene, manager: Person) -> None:
    manages = {"name": "柳岸青年群管理员", "since": OPENED, "identity_id": 1}
    scene.insert(GroupManagerRow, group_id=scene.cast.groups["LC0001"], **manages)
    scene.clock.advance(minutes=10)
    asked = manager.says("上报 8 2")
    assert asked.startswith("请选择上报的群\n1. ")
    assert "LC0001" in asked
    assert "✅ 已登记自报" in manager.says("2")
    assert counts(scene) == [("自报", 8, 2)]


def test_a_picture_first_or_too_late(scene: Scene, manager: Person) -> None:
    picture(manager)
    assert "✅ 截图已收到" in manager.says("上报 8 2")
    manager.says("上报 9 2")
    scene.clock.advance(minutes=5)
    assert picture(manager, "M2").startswith("操作已超时，未保存")


@pytest.mark.parametrize(("moment", "is_late"), [("11:59:59", False), ("12:00:00", True)])
def test_yesterday_counts_at_once_until_noon_only(scene: Scene, moment: str, is_late: bool) -> None:
    scene.clock.now = at(f"2026-11-20T{moment}")
    town, manager = scene.person(Role.BRANCH_ADMIN), scene.person(Role.GROUP_MANAGER)
    reply = manager.says("上报 昨天 8 2")
    assert ("待上级批准，暂不计入" in reply) is is_late
    assert counts(scene) == ([] if is_late else [("自报", 8, 2)])
    told = rows(scene, "SELECT recipient, title FROM outbox WHERE idempotency_key LIKE 'self_report:%'")
    assert told == ([("identity:1", "自报待批：LC0101 柳岸青年群 11-19")] if is_late else [])
    assert town.says(f"核实 {number_in(reply)} 通过").startswith(f"✅ 自报编号 {number_in(reply)} 已核实")
    assert counts(scene) == [("自报", 8, 2)]


def test_a_closed_day_is_closed_again_when_its_report_is_sent_back(scene: Scene) -> None:
    scene.clock.now = at("2026-11-19T20:00")
    town, manager = scene.person(Role.BRANCH_ADMIN), scene.person(Role.GROUP_MANAGER)
    number = number_in(manager.says("上报 8 2"))
    scene.clock.now = at("2026-11-20T00:10")
    close_day(scene.database, RULEBOOK, scene.clock, YESTERDAY)
    grade = "SELECT n_posts, activity, duty, status FROM day_grade WHERE group_id = 2"
    assert rows(scene, grade) == [(8, "良好", "达标", "正式")]
    scene.clock.now = at("2026-11-20T09:00")
    assert "请写明退回原因" in town.says(f"核实 {number} 退回")
    assert "已退回" in town.says(f"核实 {number} 退回 截图是前天的")
    assert rows(scene, "SELECT status FROM day_grade WHERE group_id = 2") == [("暂定",)]
    close_late_groups(scene.database, RULEBOOK, scene.clock)
    assert rows(scene, grade)[0][:3] == (None, None, "无数据")
    assert rows(scene, "SELECT recipient, text FROM outbox WHERE title LIKE '自报已退回%'") == [
        (
            "identity:2",
            "自报已退回：LC0101 柳岸青年群 11-19\n"
            f"编号 {number}，条数 8、话题相关 2，原因：截图是前天的\n可回复：今日",
        )
    ]


def test_a_late_report_leaves_what_counts_until_it_is_approved(scene: Scene, manager: Person) -> None:
    scene.clock.now = at("2026-11-20T20:00")
    manager.says("上报 3 1")
    scene.clock.now = at("2026-11-21T13:00")
    late = number_in(manager.says("上报 昨天 9 2"))
    assert (states(scene), counts(scene)) == (["待核", "待核"], [("自报", 3, 1)])
    scene.person(Role.UNIT_ADMIN).says(f"核实 {late} 通过")
    assert (states(scene), counts(scene)) == (["已更新", "已核实"], [("自报", 9, 2)])
    scene.person(Role.INSPECTOR).says(f"核实 {late} 退回 条数不符")
    assert (states(scene), counts(scene)) == (["待核", "已退回"], [("自报", 3, 1)])


def test_those_above_list_look_and_decide_and_others_see_nothing(scene: Scene, manager: Person) -> None:
    town = scene.person(Role.BRANCH_ADMIN)
    assert town.says("核实").startswith("没有待核的自报 ✅")
    number = number_in(manager.says("上报 8 2"))
    assert f"1. ⚠️无截图 编号{number} LC0101 柳岸青年群 11-20 8/2" in town.says("核实")
    card = town.says("1")
    assert card.startswith(f"自报编号 {number}：LC0101 柳岸青年群 11-20（待核）")
    assert town.says("1").startswith(f"✅ 自报编号 {number} 已核实")
    assert "未重复登记" in town.says(f"核实 {number} 通过")
    assert town.says("核实 99999") == "未找到该编号的自报，可回复 核实 列出"
    assert town.says("核实 甲").startswith("编号应为数字")
    assert town.says(f"核实 {number} 也许").startswith("请写明通过或退回")
    assert "不能使用“核实”" in manager.says(f"核实 {number} 通过")
    assert scene.person(Role.LEADER).says(f"核实 {number} 通过") == "您的角色为只读"


@pytest.fixture
def fake() -> Iterator[FakeWeChat]:
    with FakeWeChat() as server:
        yield server


def test_the_same_screenshot_again_warns_the_manager_and_those_above(
    scene: Scene, fake: FakeWeChat, tmp_path: Path
) -> None:
    town, manager = scene.person(Role.BRANCH_ADMIN), scene.person(Role.GROUP_MANAGER)
    client = ApiClient(fake.url, largest_answer=LARGEST_FILE)
    source = MediaSource({"demo": AuthorizedApi(client, wire(fake).official_tokens)})
    seen_before = {PICTURE: note_same_self_report}
    folder = EvidenceFolder(tmp_path / "evidence")
    fetcher = PictureFetcher(scene.database, source, folder, scene.clock, seen_before)
    for words, content in (("上报 昨天 3 1", PNG), ("上报 8 2", JPG), ("上报 9 2", JPG)):
        scene.clock.now = at("2026-11-20T11:00")
        number = number_in(manager.says(words))
        picture(manager, fake.platform.media.put(content))
        assert fetcher.fetch_due() == 1
    told = rows(scene, "SELECT recipient, title FROM outbox WHERE title LIKE '%重复%' ORDER BY recipient")
    title = f"⚠️自报截图重复：LC0101 柳岸青年群 {TODAY:%m-%d}"
    assert told == [("identity:1", title), ("identity:2", title)]
    assert f"⚠️截图重复 编号{number}" in town.says("核实")
    assert "与此前的截图相同" in town.says(f"核实 {number}")

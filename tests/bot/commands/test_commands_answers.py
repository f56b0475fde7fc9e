"""What the answers of the commands say: numbers with their clause and data time, problems first."""

from datetime import date, timedelta

import pytest

from bot.commands.ranking import choose_period
from monitor.clock import Period
from monitor.store.database import Database
from monitor.store.tables import ChatIdentityRow, GroupManagerRow, UnitRow
from monitor.units import Role
from tests.bot.scene import HIDDEN, TODAY, Scene
from tests.cast import Cast
from tests.conftest import FrozenClock


@pytest.fixture
def scene(database: Database, cast: Cast, clock: FrozenClock) -> Scene:
    return Scene(database, cast, clock)


def test_today_of_one_group_is_the_sentence_of_the_requirements(scene: Scene) -> None:
    scene.counted("LC0101", 3, 1)
    scene.counted("LC0101", 1, 0, provenance="自报")
    first, second, *rest = scene.person(Role.GROUP_MANAGER).says("今日").splitlines()
    assert first.startswith("柳岸青年群：今日 4 条(一般)，话题相关 1 条 ✅。来源：")
    assert {"自报 1", "采集 3"} == set(first.split("来源：")[1].split("、"))
    assert second.startswith("数据截至 11-20 08:05")
    assert "HN-2.1.3b" in rest[0]
    assert "HN-4.1d" in rest[1]


def test_today_of_several_groups_has_one_line_each(scene: Scene) -> None:
    scene.counted("LC0101", 4, 1)
    person = scene.person(Role.GROUP_MANAGER)
    scene.change(GroupManagerRow, 1, identity_id=1)  # the term in LC0001
    scene.clock.advance(seconds=30)
    lines = person.says("今日").splitlines()
    assert lines[0] == "今日 1/2 个群达标"
    assert lines[2].startswith("1. 鹭川团干群：今日 ❔无数据")
    assert lines[3].startswith("2. 柳岸青年群：今日 4 条(一般)")
    assert person.says("2").startswith("柳岸青年群：今日 4 条")
    assert person.says("为什么").startswith("“为什么”对应多个结果")
    assert person.says("1").startswith("鹭川团干群（LC0001） 今天：无数据")


def test_an_earlier_day_carries_its_own_data_time_and_not_the_latest(scene: Scene) -> None:
    for days_ago, n_posts in ((0, 4), (1, 3)):
        scene.counted("LC0101", n_posts, 1, TODAY - timedelta(days=days_ago))
    person = scene.person(Role.UNIT_ADMIN)
    for text in ("群 LC0101 昨天", "群 列出 昨天"):
        assert person.says(text).splitlines()[1].startswith("数据截至 11-19 08:05"), text
    assert person.says("群 LC0101").splitlines()[1].startswith("数据截至 11-20 08:05")
    assert "尚未收到数据" in person.says("群 LC0101 前天").splitlines()[1]


@pytest.mark.parametrize(("hour", "mark"), [(17, "1. LC0101"), (18, "1. ⚠️LC0101"), (23, "1. ⚠️LC0101")])
def test_unmet_groups_are_marked_from_six_in_the_evening(scene: Scene, hour: int, mark: str) -> None:
    scene.counted("LC0101", 2, 0)
    scene.clock.advance(hours=hour - 15)
    lines = scene.person(Role.UNIT_ADMIN).says("未达标").splitlines()
    assert any(line.startswith(mark) and "管理员 柳岸青年群管理员" in line for line in lines)


def test_unmet_groups_of_an_earlier_day_have_failed(scene: Scene) -> None:
    scene.counted("LC0101", 2, 0, TODAY - timedelta(days=1))
    reply = scene.person(Role.UNIT_ADMIN).says("昨天未达标")
    assert "❌LC0101 柳岸青年群：2 条(差)，话题相关 0 条" in reply


def test_a_group_without_topic_is_a_fault_of_its_own(scene: Scene) -> None:
    scene.counted("YS0101", 4, 0)
    reply = scene.person(Role.INSPECTOR).says("未达标")
    assert "松坪青年群：4 条(一般)，无微话题" in reply
    assert "其中无微话题 1" in reply


def test_the_card_of_a_unit_says_what_is_missing_today(scene: Scene) -> None:
    scene.counted("LC0101", 12, 0)
    scene.counted("LC0001", 1, 1)
    lines = scene.person(Role.UNIT_ADMIN).says("状态").splitlines()
    assert lines[0] == "鹭川团市委：今天还差 1 个群"
    assert lines[1] == "数据截至 11-20 08:05（11-20 暂定）"
    assert lines[2] == "群 2 个：✅达标 1 未达标 1；活跃度 优秀 1 差 1（HN-2.1.3b，HN-4.1d）"
    assert lines[-1] == "可回复：未达标 LC"  # the card is full; they are listed there


def test_a_unit_without_any_data_is_neither_good_nor_bad(scene: Scene) -> None:
    assert scene.person(Role.UNIT_ADMIN).says("状态").startswith("鹭川团市委：今天 ❔无数据\n")


def test_reasons_give_counts_arithmetic_and_clauses(scene: Scene) -> None:
    scene.counted("LC0101", 4, 1)
    for role in (Role.GROUP_MANAGER, Role.INSPECTOR):
        reply = scene.person(role).says("为什么 LC0101")
        for part in ("采集 4 条", "4 条，3-5 条 → 一般", "1 条 ≥ 1 条 → 达标", "依据：HN-4.1d", "HN-2.1.3b"):
            assert part in reply


def test_the_overview_names_worst_units_and_no_person(scene: Scene) -> None:
    scene.counted("LC0101", 4, 1)
    scene.counted("YS0001", 2, 0)
    person = scene.person(Role.LEADER)
    reply = person.says("总览")
    assert reply.startswith("青屿团省委 今天：下级单位全部达标 1/3，❔无数据 1\n")
    assert "1. 云杉团市委：未达标 2 个群（共 2）" in reply
    assert "管理员" not in reply
    card = person.says("1")
    assert card.startswith("云杉团市委：")
    assert "管理员" not in card
    assert person.says("1") == card  # a leader opens no group; the number still belongs to 总览


def test_boards_are_the_exception_to_scope(scene: Scene) -> None:
    reply = scene.person(Role.UNIT_ADMIN).says("排名")
    assert "鹭川团市委（本单位）" in reply
    assert "云杉团市委" in reply
    assert "没有可排名的单位" in scene.person(Role.INSPECTOR).says("排名 周 企业")


@pytest.mark.parametrize(
    ("word", "today", "first", "last"),
    [
        ("周", date(2026, 11, 20), date(2026, 11, 16), date(2026, 11, 19)),
        ("周", date(2026, 11, 16), date(2026, 11, 9), date(2026, 11, 15)),
        ("上周", date(2026, 11, 20), date(2026, 11, 9), date(2026, 11, 15)),
        ("上周", date(2026, 11, 16), date(2026, 11, 9), date(2026, 11, 15)),
        ("月", date(2026, 11, 20), date(2026, 11, 1), date(2026, 11, 19)),
        ("月", date(2026, 11, 1), date(2026, 10, 1), date(2026, 10, 31)),
        ("上月", date(2026, 3, 15), date(2026, 2, 1), date(2026, 2, 28)),
        ("月", date(2026, 1, 1), date(2025, 12, 1), date(2025, 12, 31)),
    ],
)
def test_boards_cover_closed_days_of_week_and_month(word: str, today: date, first: date, last: date) -> None:
    assert choose_period(word, today) == Period(first, last)


def test_a_unit_and_a_group_of_the_same_code_are_told_apart(scene: Scene) -> None:
    person = scene.person(Role.INSPECTOR)
    assert person.says("群 lc0101").startswith("柳岸青年群")
    assert person.says("群 柳岸村团支部").startswith("柳岸村团支部 今天")
    assert person.says("状态 LC0101").startswith("柳岸村团支部")


def test_long_answers_keep_their_frame(scene: Scene) -> None:
    scene.many_unmet_groups(120)
    for role in (Role.INSPECTOR, Role.UNIT_ADMIN, Role.BRANCH_ADMIN):
        person = scene.person(role)
        for text in ("状态", "未达标", "群 列出", "群 青年", "帮助", "排名"):
            reply = person.says(text)
            assert len(reply) <= 600, text
            assert len(reply.encode()) <= 2000, text
            assert text == "帮助" or len(reply.splitlines()) <= 11, text
        n_unmet = 121 if role is Role.INSPECTOR else 120  # 松坪青年群 has no topic
        assert f"未达标 {n_unmet} 个群" in person.says("未达标").splitlines()[0]
        assert "项未列出" in person.says("群 列出")


def test_two_units_of_one_name_are_told_apart_by_their_parent(scene: Scene) -> None:
    scene.change(UnitRow, scene.cast.units["QD01"], name="临河镇团委")
    reply = scene.person(Role.INSPECTOR).says("状态 临河镇团委")
    assert "临河镇团委（鹭川团市委）" in reply
    assert "临河镇团委（青屿大学团委）" in reply


def test_a_person_moved_by_an_admin_keeps_the_words_of_the_new_scope(scene: Scene) -> None:
    person = scene.person(Role.UNIT_ADMIN)
    scene.change(ChatIdentityRow, 1, unit_id=scene.cast.units["YS"])
    scene.clock.advance(seconds=30)
    assert person.says("状态").startswith("云杉团市委")
    assert person.says("状态 LC") == HIDDEN

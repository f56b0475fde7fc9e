"""Every command, for every role that may use it and for those that may not; requirement D.1."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update

from bot.commands import COMMANDS, Command
from bot.commands.ranking import choose_period
from bot.dispatch import Dispatcher
from bot.permissions import may_use
from monitor.clock import Period
from monitor.store.database import Database
from monitor.store.post_tables import DayCountRow
from monitor.store.tables import ChatIdentityRow, GroupManagerRow, GroupRow, TopicRow, UnitRow, table_of
from monitor.units import Role
from monitor.usecases.query import Queries
from scoring.errors import AppError
from tests.bot.talk import INVITATIONS, NOT_BOUND, RULEBOOK, Person, dispatcher_of, invite_everyone
from tests.cast import OPENED, Cast
from tests.conftest import FrozenClock

TODAY = date(2026, 11, 20)
HIDDEN = "无权查看该单位，或未找到。可回复 群 列出"
BY_NAME = {command.name: command for command in COMMANDS}
READING = [command for command in COMMANDS if not command.writes]

PERMITTED = {  # the table of roles written a second time, from requirements D.2 to D.7
    Role.INSPECTOR: "总览 状态 未达标 群 排名 为什么 绑定 解绑 撤销 帮助",
    Role.UNIT_ADMIN: "状态 未达标 群 排名 为什么 绑定 解绑 撤销 帮助",
    Role.BRANCH_ADMIN: "状态 未达标 群 排名 为什么 绑定 解绑 撤销 帮助",
    Role.GROUP_MANAGER: "今日 群 为什么 绑定 解绑 撤销 帮助",
    Role.LEADER: "总览 状态 排名 绑定 解绑 撤销 帮助",
    Role.OPERATOR: "绑定 解绑 撤销 帮助",
}


class Scene:
    """A database with the cast, people of every role, and day counts as needed."""

    def __init__(self, database: Database, cast: Cast, clock: FrozenClock) -> None:
        self.database, self.cast, self.clock = database, cast, clock
        self.dispatcher = dispatcher_of(database, clock)
        invite_everyone(database)

    def person(self, role: Role, openid: str = "") -> Person:
        return Person(self.dispatcher, self.clock, openid or role.name).bound_as(role)

    def counted(
        self, code: str, n_posts: int, n_relevant: int, day: date = TODAY, provenance: str = "采集"
    ) -> None:
        at = datetime(day.year, day.month, day.day, 0, 5, tzinfo=UTC)  # 08:05 in Shanghai
        self.insert(
            DayCountRow,
            group_id=self.cast.groups[code],
            business_day=day,
            provenance=provenance,
            n_posts=n_posts,
            n_relevant=n_relevant,
            last_ms=int(at.timestamp() * 1000),
        )

    def insert(self, row: Any, **values: Any) -> None:
        statement = insert(table_of(row)).values(**values)
        self.database.write(lambda connection: connection.execute(statement).rowcount)

    def change(self, row: Any, identifier: int, **values: Any) -> None:
        statement = update(table_of(row)).where(table_of(row).c.id == identifier).values(**values)
        self.database.write(lambda connection: connection.execute(statement).rowcount)

    def many_unmet_groups(self, n_groups: int) -> None:
        """Add groups to 临河镇 that have two posts today, none of them on topic."""
        ids = range(100, 100 + n_groups)
        group = {"unit_id": self.cast.units["LC01"], "member_count": 40, "opened_on": OPENED}
        count = {"business_day": TODAY, "provenance": "采集", "n_posts": 2, "n_relevant": 0}
        topic = {"title": "志愿服务", "keywords": [], "opened_on": OPENED}
        name = "第{}村团支部青年学习交流群"

        def work(connection: Any) -> None:
            for row, values in (
                (GroupRow, [{"id": i, "code": f"M{i}", "name": name.format(i), **group} for i in ids]),
                (DayCountRow, [{"group_id": i, "last_ms": 1_795_000_000_000, **count} for i in ids]),
                (
                    GroupManagerRow,
                    [{"group_id": i, "name": f"管理员甲乙丙丁{i}", "since": OPENED} for i in ids],
                ),
                (TopicRow, [{"group_id": i, **topic} for i in ids]),
            ):
                connection.execute(insert(table_of(row)), values)

        self.database.write(work)


@pytest.fixture
def scene(database: Database, cast: Cast, clock: FrozenClock) -> Scene:
    return Scene(database, cast, clock)


@pytest.mark.parametrize("role", Role)
def test_the_table_of_roles_is_that_of_the_requirements(role: Role) -> None:
    allowed = {command.name for command in COMMANDS if may_use(command, role)}
    assert allowed == set(PERMITTED[role].split())


def test_strangers_may_bind_and_take_back_and_nothing_else() -> None:
    assert {command.name for command in COMMANDS if may_use(command, None)} == {"绑定", "撤销"}


@pytest.mark.parametrize("role", Role)
def test_every_reading_command_is_answered_or_refused_by_role(scene: Scene, role: Role) -> None:
    scene.counted("LC0101", 4, 1)
    person = scene.person(role)
    for command in READING:
        reply = person.says(command.name)
        refusal = f"您的角色（{role.value}）不能使用“{command.name}”"
        assert reply.startswith(refusal) is not may_use(command, role), command.name


@pytest.mark.parametrize("role", Role)
def test_every_role_unbinds_takes_back_and_rebinds(scene: Scene, role: Role) -> None:
    person = scene.person(role)
    unbound = person.says("解绑")
    assert unbound.startswith("✅ 已解绑")
    assert person.says("帮助") == NOT_BOUND
    number = unbound.split("编号 ")[1].split("\n")[0]
    assert role.value in person.says(f"撤销 {number}")
    assert role.value in person.says("帮助")
    other = Role.LEADER if role is not Role.LEADER else Role.INSPECTOR
    assert other.value in person.says(f"绑定 {INVITATIONS[other][0]}")


def test_a_leader_is_read_only(scene: Scene) -> None:
    urge = Command(
        name="催办", key="urge", purpose="提醒", usage="催办 单位", example="催办 海口",
        roles=frozenset((Role.INSPECTOR,)), change=lambda connection, ask: pytest.fail("must not run"),
    )  # fmt: skip
    queries = Queries(scene.database, RULEBOOK, scene.clock)
    scene.dispatcher = Dispatcher(scene.database, queries, scene.clock, (*COMMANDS, urge))
    assert scene.person(Role.LEADER).says("催办 海口") == "您的角色为只读"


@pytest.mark.parametrize("role", Role)
def test_help_lists_exactly_the_commands_of_the_role_with_examples_that_work(
    scene: Scene, role: Role
) -> None:
    person = scene.person(role)
    text = person.says("帮助")
    for command in COMMANDS:
        named = (
            f"{command.usage}：{command.purpose}" in text or f"{command.usage}（{command.purpose}）" in text
        )
        assert named is (may_use(command, role) and command.name != "帮助"), command.name
    assert len(text) <= 600
    for command in READING:
        if may_use(command, role) and "HK0312" not in command.example:
            reply = person.says(command.example)
            assert not reply.startswith(("用法", "参数", "未识别", "您的角色（")), command.example


def test_help_numbers_select_and_never_write(scene: Scene) -> None:
    person = scene.person(Role.INSPECTOR)
    text = person.says("#")
    first = text.splitlines()[1].removeprefix("1. ").split(" ")[0]
    assert person.says("１") == person.says(first)
    person.says("帮助")
    numbered = [line for line in text.splitlines() if line[0].isdigit()]
    assert not any("解绑" in line for line in numbered)


def test_help_explains_one_command(scene: Scene) -> None:
    reply = scene.person(Role.INSPECTOR).says("帮助 排名")
    assert "用法：排名 [周/月] [类别]，例：排名 月 市县" in reply


# --- requirement D.1 ---------------------------------------------------------------------------------


def test_who_is_not_bound_learns_nothing_else(scene: Scene) -> None:
    stranger = Person(scene.dispatcher, scene.clock)
    commands = [command for command in COMMANDS if not command.for_strangers]
    texts = [text for command in commands for text in (command.name, command.example)]
    assert {stranger.says(text) for text in texts} == {NOT_BOUND}


def test_an_unknown_word_gets_three_commands_and_only_once_a_minute(scene: Scene) -> None:
    person = scene.person(Role.INSPECTOR)
    reply = person.says("装态 鹭川")
    assert reply.startswith("未识别的指令，您是不是要：\n1. 状态 鹭川")
    assert "帮助" in reply
    assert "4." not in reply
    scene.clock.advance(seconds=30)
    assert person.says("排明") == ""
    assert person.says("1").startswith("鹭川团市委")  # the numbers still work
    scene.clock.advance(seconds=30)
    assert "排名" in person.says("排明")


def test_a_guessed_writing_command_is_asked_about_and_done_on_its_number(scene: Scene) -> None:
    person = scene.person(Role.INSPECTOR)
    person.says("天气怎么样")
    assert "1. 解绑" in person.says("我想解绑")
    assert person.says("状态").startswith("青屿")
    assert person.says("我想解绑")
    assert person.says("1").startswith("✅ 已解绑")


WRONG_PARAMETERS = {
    "为什么": "用法：为什么 群编号 [日期]，例：为什么 HK0312 昨天",
    "绑定": "用法：绑定 邀请码，例：绑定 QX-7F3K9M",
    "撤销": "用法：撤销 编号，例：撤销 12",
    "状态 LC YS": "参数过多。用法：状态 [单位] [日期]，例：状态 昨天",
    "状态 昨天 前天": "只能指定一个日期。用法：状态 [单位] [日期]，例：状态 昨天",
    "排名 周 月": "参数过多。用法：排名 [周/月] [类别]，例：排名 月 市县",
    "撤销 甲": "编号应为数字。用法：撤销 编号，例：撤销 12",
    "解绑 我": "参数过多。用法：解绑，例：解绑",
}


def test_wrong_parameters_get_the_usage_with_an_example(scene: Scene) -> None:
    person = scene.person(Role.INSPECTOR)
    assert {text: person.says(text) for text in WRONG_PARAMETERS} == WRONG_PARAMETERS


def test_days_ahead_or_impossible_are_refused_and_say_which(scene: Scene) -> None:
    person = scene.person(Role.INSPECTOR)
    for command in ("状态", "未达标", "群 列出", "群 LC0101", "为什么 LC0101", "总览"):
        assert "尚未到来" in person.says(f"{command} 2026-11-21"), command
        assert "“13-45”不是有效日期" in person.says(f"{command} 13-45"), command


def test_several_matches_are_numbered_with_their_parent_and_can_be_chosen(scene: Scene) -> None:
    person = scene.person(Role.INSPECTOR)
    reply = person.says("状态 团市委 昨天")
    assert "1. 鹭川团市委（青屿团省委）" in reply
    assert "2. 云杉团市委（青屿团省委）" in reply
    assert person.says("二").startswith("云杉团市委：11-19")
    assert person.says("0") == reply
    assert person.says("1").startswith("鹭川团市委：11-19")
    assert person.says("0") == reply
    assert person.says("3").startswith("请回复 1–2 之间的编号")


def test_choices_expire_after_five_minutes(scene: Scene) -> None:
    person = scene.person(Role.INSPECTOR)
    person.says("状态 团市委")
    scene.clock.advance(minutes=5)
    assert person.says("1").startswith("操作已超时，未保存")


def test_nothing_found_in_the_whole_tree(scene: Scene) -> None:
    person = scene.person(Role.INSPECTOR)
    replies = {person.says(f"{command} 不存在的") for command in ("状态", "未达标", "群", "为什么")}
    assert replies == {"未找到，可回复 群 列出"}


@pytest.mark.parametrize("role", [Role.UNIT_ADMIN, Role.BRANCH_ADMIN, Role.GROUP_MANAGER])
def test_outside_the_scope_the_text_is_the_same_whether_or_not_it_exists(scene: Scene, role: Role) -> None:
    person = scene.person(role)
    outside = ["QD", "QD01", "文学院团委", "松坪镇团委", "YS", "QS", "QD0101", "YS0001", "云杉团干群", "XX99"]
    for command in ("状态", "未达标", "群", "为什么"):
        if may_use(BY_NAME[command], role):
            assert {person.says(f"{command} {word}") for word in outside} == {HIDDEN}, command


@pytest.mark.parametrize("role", [Role.UNIT_ADMIN, Role.BRANCH_ADMIN, Role.GROUP_MANAGER])
def test_nothing_shown_names_a_unit_or_group_outside(scene: Scene, role: Role) -> None:
    for code in ("LC0001", "LC0101", "YS0001", "QD0101"):
        scene.counted(code, 4, 0)
    person = scene.person(role)
    for text in ("状态", "未达标", "群 列出", "今日", "为什么", "群 群", "为什么 群"):
        reply = person.says(text)
        assert not any(word in reply for word in ("云杉", "松坪", "文学院", "青屿大学")), text


def test_a_figure_that_is_not_available_is_named_and_never_zero(scene: Scene) -> None:
    scene.counted("LC0101", 6, 1, TODAY - timedelta(days=2), "自报")
    manager, admin = scene.person(Role.GROUP_MANAGER), scene.person(Role.UNIT_ADMIN)
    sentence = "❔无数据：该群最近一次采集 11-18，采集方式 自报"
    assert manager.says("今日").startswith(f"柳岸青年群：今日 {sentence}\n")
    assert sentence in admin.says("群 LC0101")
    for reply in (manager.says("今日"), admin.says("群 LC0101"), admin.says("状态"), admin.says("未达标")):
        assert "0 条" not in reply.replace("预警 0 条", "")
        assert "差" not in reply.replace("还差", "")


def test_the_second_of_two_equal_bindings_is_not_registered_again(scene: Scene) -> None:
    assert scene.person(Role.LEADER).says("绑定 CODE-LEADER").startswith("已收到，未重复登记")


# --- what the answers say ----------------------------------------------------------------------------


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
    assert lines[2] == "群 2 个：✅达标 1 未达标 1；活跃度 优秀 1 差 1"
    assert any("LC0101 柳岸青年群：12 条(优秀)，话题相关 0 条" in line for line in lines)
    assert "HN-2.1.3b" in lines[-2]
    assert "HN-4.1d" in lines[-2]
    assert lines[-1].startswith("回复编号查看，或回复：未达标 LC")


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


def _all_subclasses(error: type[AppError]) -> list[type[AppError]]:
    return [error] + [found for child in error.__subclasses__() for found in _all_subclasses(child)]


def test_every_expected_error_has_a_chinese_text() -> None:
    for error in _all_subclasses(AppError):
        assert error.user_text, error
        assert any("\u4e00" <= char <= "\u9fff" for char in error.user_text), error


def test_names_aliases_and_keys_are_unique() -> None:
    words = [word for command in COMMANDS for word in (command.name, *command.aliases)]
    assert len(words) == len(set(words))
    assert len({command.key for command in COMMANDS}) == len(COMMANDS)
    assert all((command.answer is None) is not (command.change is None) for command in COMMANDS)

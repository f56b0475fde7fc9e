"""Every command, for every role that may use it and for those that may not; requirement D.1."""

from datetime import timedelta

import pytest

from bot.commands import COMMANDS, Command
from bot.commands.assistance import HELP
from bot.dispatch import Dispatcher
from bot.help import OTHER, SECTIONS, describe_section, list_sections
from bot.permissions import may_use
from monitor.store.database import Database
from monitor.units import Role
from monitor.usecases.queries.questions import Queries
from tests.bot.scene import HIDDEN, TODAY, Scene
from tests.bot.talk import INVITATIONS, NOT_BOUND, RULEBOOK, Person
from tests.cast import Cast
from tests.conftest import FrozenClock

BY_NAME = {command.name: command for command in COMMANDS}
READING = [command for command in COMMANDS if not command.writes]

PERMITTED = {  # the table of roles written a second time, from requirements D.2 to D.7
    Role.INSPECTOR: (
        "总览 核实 状态 未达标 群 排名 图 结果 为什么 预警 事件 举报 处置 误报 有关 无关 抽查 抽查登记"
        " 抽查作废 电话检查 周报 催办 通报 约谈 调整要求 答复 简报 台账 开通 变更 停用 话题 管理员 专责"
        " 审批 认领 底线 WCI 风险 评分 规则 公布 反馈 绑定 解绑 撤销 登录 公告 帮助"
    ),
    Role.UNIT_ADMIN: (
        "核实 状态 未达标 群 排名 图 结果 为什么 预警 事件 举报 处置 误报 有关 无关 周报 提醒 确认 催办 休假"
        " 通报 约谈 调整要求 答复 台账 开通 变更 停用 话题 管理员 专责 审批 认领 底线 WCI 自评 申诉 投稿 反馈"
        " 绑定 解绑 撤销 登录 公告 帮助"
    ),
    Role.BRANCH_ADMIN: (
        "核实 状态 未达标 群 排名 图 结果 为什么 事件 举报 处置 误报 有关 无关 提醒 确认 催办 休假 通报"
        " 约谈 调整要求 答复 台账 开通 变更 停用 话题 管理员 专责 审批 认领 反馈 绑定 解绑 撤销 登录"
        " 公告 帮助"
    ),
    Role.GROUP_MANAGER: (
        "今日 上报 群 为什么 事件 举报 已处置 提醒 确认 休假 话题 绑定 解绑 撤销 登录 公告 帮助"
    ),
    Role.LEADER: "总览 状态 排名 图 结果 事件 周报 提醒 简报 台账 风险 绑定 解绑 撤销 登录 公告 帮助",
    Role.OPERATOR: "系统 任务 采集 重跑 静默 推送测试 绑定 解绑 撤销 登录 公告 帮助",
}


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
def test_help_lists_exactly_the_commands_of_the_role_in_groups_with_examples_that_work(
    scene: Scene, role: Role
) -> None:
    person = scene.person(role)
    lines = person.says("帮助").splitlines()[1:-1]
    named = [name for line in lines for name in line.split("：", 1)[1].split("，例：")[0].split("、")]
    assert sorted(named) == sorted(each.name for each in COMMANDS if may_use(each, role) and each is not HELP)
    assert len(lines) <= 10
    assert all("，例：" in line for line in lines)
    for number in range(1, len(lines) + 1):
        person.says("#")
        section = person.says(str(number))
        assert len(section) <= 600
        for name in lines[number - 1].split("：", 1)[1].split("，例：")[0].split("、"):
            command = next(each for each in COMMANDS if each.name == name)
            assert f"{command.usage}：{command.purpose}，例：{command.for_role(role).example}" in section
    for command in COMMANDS:
        is_there = "HK0312" not in command.example and command.key not in ("bind", "unbind", "submit_video")
        if may_use(command, role) and is_there:
            reply = person.says(command.for_role(role).example)
            refused = reply.startswith(("用法", "参数", "未识别", "您的角色")) or "管理员填报" in reply
            scene.clock.advance(minutes=6)
            assert not refused, (role, command.name, reply)


def test_no_group_of_help_is_called_as_a_command_is_and_every_key_exists() -> None:
    words = {word for command in COMMANDS for word in (command.name, *command.aliases)}
    assert not words & {section.title for section in SECTIONS} | (words & {OTHER})
    keys = [key for section in SECTIONS for key in section.keys]
    assert len(keys) == len(set(keys))
    assert set(keys) <= {command.key for command in COMMANDS}


@pytest.mark.parametrize("role", Role)
def test_numbers_of_help_read_or_show_the_usage_and_never_write(role: Role) -> None:
    mine = [command for command in COMMANDS if may_use(command, role) and command is not HELP]
    for line in list_sections(mine, role).choices:
        section = describe_section(mine, line.removeprefix("帮助 "))
        assert section is not None
        for choice in section.choices:
            assert choice.startswith("帮助 ") or not BY_NAME[choice].writes


def test_help_explains_one_command(scene: Scene) -> None:
    reply = scene.person(Role.INSPECTOR).says("帮助 排名")
    assert "用法：排名 [周/月] [类别]，或 排名 公众号 [周/月]，例：排名 月 市县" in reply


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
    "确认": "您的角色（督导检查）不能使用“确认”，回复“帮助”查看可用指令",
    "状态 LC YS": "参数过多。用法：状态 [单位] [日期]，例：状态 昨天",
    "状态 昨天 前天": "只能指定一个日期。用法：状态 [单位] [日期]，例：状态 昨天",
    "排名 周 月": "参数过多。用法：排名 [周/月] [类别]，或 排名 公众号 [周/月]，例：排名 月 市县",
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


def test_names_aliases_and_keys_are_unique() -> None:
    words = [word for command in COMMANDS for word in (command.name, *command.aliases)]
    assert len(words) == len(set(words))
    assert len({command.key for command in COMMANDS}) == len(COMMANDS)
    assert all((command.answer is None) is not (command.change is None) for command in COMMANDS)

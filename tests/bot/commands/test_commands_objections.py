"""申诉 in chat: filing against a published sheet, what is refused, 查询, kinds of numbers."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.commands import objections
from bot.commands.objection_kind import ObjectionKind
from bot.replies.phrases import Answer, Row, fits
from monitor.store.database import Database
from monitor.units import Role
from monitor.usecases.assessment.acts import ObjectionOutcome, answer_objection
from tests.bot.scene import Scene
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.monitor.assess_help import YEAR, Panel


@pytest.fixture
def panel(database: Database, cast: Cast, clock: FrozenClock, tmp_path: Path) -> Panel:
    return Panel(database, cast, clock, tmp_path / "evidence")


@pytest.fixture
def scene(database: Database, cast: Cast, clock: FrozenClock) -> Scene:
    return Scene(database, cast, clock)


def published(panel: Panel) -> None:
    panel.everything()
    panel.begin()
    panel.publish()


def test_an_objection_says_its_number_and_until_when_it_is_answered(scene: Scene, panel: Panel) -> None:
    published(panel)
    admin = scene.person(Role.UNIT_ADMIN)
    reply = admin.says("申诉 一3 会议记录9次，只计8次")
    assert reply.splitlines() == [
        "✅ 已登记申诉 1：鹭川团市委 2026年考评 HN-A1.3",
        "登记时间 11-20 15:00，申诉编号 1",
        "理由：会议记录9次 只计8次",
        "须于 2026-12-05 前答复（15 天，默认；原文没有规定期限）",
        "公布的结果在答复前不变：" + reply.splitlines()[4].partition("不变：")[2],
        "不可撤销：申诉已送达，答复期限已起算",
        "依据：公布后的异议（原文未载明程序，默认）",
        "可回复：申诉 查询",
    ]
    assert fits(reply)
    assert admin.says("申诉 一3 会议记录9次，只计8次") == "已有申诉在办理，未重复登记"
    assert "申诉 1 鹭川团市委 2026年 HN-A1.3：待答复，须于 2026-12-05 前答复" in admin.says("申诉 查询")


def test_the_query_shows_the_answer_and_what_is_overdue(
    scene: Scene, panel: Panel, clock: FrozenClock
) -> None:
    published(panel)
    admin = scene.person(Role.UNIT_ADMIN)
    admin.says("申诉 总分 应为满分")
    clock.advance(days=16)
    assert "申诉 1 鹭川团市委 2026年 整张考评表：待答复，⚠️逾期 1 天未答复" in admin.says("申诉 查询")
    panel.by(panel.inspector, answer_objection, YEAR, "LC", 1, ObjectionOutcome.UPHELD, "已核对原始记录")
    assert "✅申诉 1 鹭川团市委 2026年 整张考评表：维持，已核对原始记录（12-06 15:00）" in admin.says(
        "申诉 查询"
    )


BAD = [
    ("申诉", "用法：申诉 项号"),
    ("申诉 一3", "用法：申诉 项号"),
    ("申诉 某某 理由", "请写明项号"),
    ("申诉 一3 理由", "2026 年考评尚未公布，公布后可以申诉"),
    ("申诉 2031 一3 理由", "2031 年不能考评"),
    ("申诉 查询 多余", "参数过多。用法：申诉"),
    ("申诉 查询", "没有申诉"),
]


@pytest.mark.parametrize(("said", "reply"), BAD)
def test_what_cannot_be_objected_to(scene: Scene, said: str, reply: str) -> None:
    assert scene.person(Role.UNIT_ADMIN).says(said).startswith(reply)


def test_an_item_that_does_not_exist_is_refused_once_published(scene: Scene, panel: Panel) -> None:
    published(panel)
    assert scene.person(Role.UNIT_ADMIN).says("申诉 一9 理由").startswith("没有这个项目")


def test_a_long_reason_is_refused_and_other_roles_may_not(scene: Scene, panel: Panel) -> None:
    published(panel)
    for role in (Role.INSPECTOR, Role.BRANCH_ADMIN, Role.GROUP_MANAGER):
        assert scene.person(role).says("申诉 一3 理由").startswith(f"您的角色（{role.value}）不能使用“申诉”")
    assert scene.person(Role.LEADER).says("申诉 一3 理由") == "您的角色为只读"


def test_every_kind_of_number_finds_its_desk(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    other = ObjectionKind(
        number="备案号",
        takes=lambda word: word.startswith("BA"),
        file=lambda connection, ask, words: Answer(f"备案 {'|'.join(words)}"),
        list_filed=lambda connection, ask, words: [Row("备案 BA1：待答复")],
    )
    monkeypatch.setattr(objections, "KINDS", (*objections.KINDS, replace(other)))
    admin = scene.person(Role.UNIT_ADMIN)
    assert admin.says("申诉 BA1 数错了，应为3条") == "备案 BA1|数错了|应为3条"
    assert "2026 年考评尚未公布" in admin.says("申诉 一3 理由")
    assert admin.says("申诉 查询").startswith("申诉 1 项")
    assert "、备案号。用法：申诉" in admin.says("申诉 某某 理由")

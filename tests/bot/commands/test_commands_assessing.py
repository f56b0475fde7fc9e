"""评分, 自评, 风险, 为什么 评分 and their 撤销, as people write them, on both databases."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bot.__main__ import main
from bot.replies.phrases import fits
from bot.settings import load_settings
from monitor.store.database import Database
from monitor.units import Role
from tests.bot.scene import HIDDEN, Scene
from tests.cast import Cast, settle
from tests.conftest import FrozenClock


@pytest.fixture
def scene(database: Database, cast: Cast, clock: FrozenClock) -> Scene:
    return Scene(database, cast, clock)


def number_in(reply: str) -> str:
    return reply.partition("编号 ")[2].partition("\n")[0]


def test_the_list_of_items_shows_maximum_and_status_of_the_rule(scene: Scene) -> None:
    reply = scene.person(Role.UNIT_ADMIN).says("自评")
    assert reply.startswith("鹭川团市委 2026年自评：已填 0/9 项，自评中\n数据截至 11-20 15:00")
    for piece in (
        "一2 下级年度考核制度 —/1〔缺失〕",
        "二2c 覆盖各层级、各类型团组织 —/0.5〔载明〕",
        "三3 原文未载明",
    ):
        assert piece in reply
    assert fits(reply)


def test_an_entry_echoes_what_was_stored_its_number_and_the_way_back(scene: Scene) -> None:
    admin = scene.person(Role.UNIT_ADMIN)
    reply = admin.says("自评 一3 0.7 开会5次，制度已发")
    assert reply.startswith(
        "✅ 已登记 鹭川团市委 2026年自评：一3 例会制度 0.70/1.00 分\n登记时间 11-20 15:00，编号 "
    )
    assert "依据：开会5次 制度已发" in reply
    assert f"回复 撤销 {number_in(reply)} 可恢复原状（10分钟内）" in reply
    assert "依据：HN-A1.3（原文载明）" in reply
    assert "一3 例会制度 0.70/1〔载明〕" in admin.says("自评")
    assert admin.says("自评 一3 0.7 开会5次，制度已发").startswith("已收到，未重复登记。")


@pytest.mark.parametrize(
    "form",
    ["自评 HN-A1.3 0.7 说明", "自评 hn-a1.3 ０.７ 说明", "自评　一3，0.7分，说明", "自评 一.3 0.7 說明"],
)
def test_item_and_points_are_read_as_people_write_them(scene: Scene, form: str) -> None:
    assert "一3 例会制度 0.70/1.00 分" in scene.person(Role.UNIT_ADMIN).says(form)


def test_handing_in_lists_what_is_empty_then_locks(scene: Scene) -> None:
    admin = scene.person(Role.UNIT_ADMIN)
    assert admin.says("自评 提交") == (
        "未提交：以下项目原文有明确标准，自评未填："
        "一3 例会制度（1 分）；二2c 覆盖各层级、各类型团组织（0.5 分）"
    )
    admin.says("自评 一3 0.7 说明")
    admin.says("自评 二2c 0.5 说明")
    reply = admin.says("自评提交")
    assert reply.startswith("✅ 已提交 鹭川团市委 2026年自评，已锁定\n")
    assert admin.says("自评 一3 0.8 说明") == "2026 年自评已锁定（自评已提交）；如需更正请联系团省委"
    assert admin.says(f"撤销 {number_in(reply)}").startswith(
        f"✅ 已撤销编号 {number_in(reply)}：2026 年自评提交"
    )
    assert "0.80/1.00" in admin.says("自评 一3 0.8 说明")


def test_in_january_the_year_before_is_meant_and_late(scene: Scene, clock: FrozenClock) -> None:
    clock.now = datetime(2027, 1, 5, 2, 0, tzinfo=UTC)
    admin = scene.person(Role.UNIT_ADMIN)
    admin.says("自评 一3 0.7 说明")
    admin.says("自评 二2c 0.5 说明")
    assert admin.says("自评 提交").startswith("✅ 已提交 鹭川团市委 2026年自评，逾期（12-31 之后），已锁定")
    assert "2027年自评：已填 0/9" in admin.says("自评 2027")


BAD = [
    ("自评 一3 1.7 说明", "得分应在 0 到 1 分之间"),
    ("自评 一3 -1 说明", "得分应在 0 到 1 分之间"),
    ("自评 一2 0.8", "HN-A1.2 原文缺失，评分须填写依据"),
    ("自评 一3", "用法：自评 [项号 分 说明]/[提交]，例：自评 一3 0.7 开会5次"),
    ("自评 一3 很多", "分数应为数字，如 0.7。用法：自评 [项号 分 说明]/[提交]，例：自评 一3 0.7 开会5次"),
    ("自评 三3 0.5 说明", "HN-A3.3 原文未载明，须先由团省委附文件补充"),
    ("自评 二2 0.5 说明", "请指明项目：二2a、二2b、二2c"),
    ("自评 2031", "2031 年不能考评：应为 2000–2026 年"),
]


@pytest.mark.parametrize(("said", "reply"), BAD)
def test_bad_input_of_the_unit(scene: Scene, said: str, reply: str) -> None:
    admin = scene.person(Role.UNIT_ADMIN)
    assert admin.says(said) == reply
    assert "已填 0/9" in admin.says("自评")


@pytest.mark.parametrize(
    ("said", "reply"),
    [
        ("评分 鹭川 一2", "用法：评分 单位 项号 分 依据，例：评分 海口 一2 0.8 制度齐全"),
        ("评分 鹭川 一2 1.5 依据", "得分应在 0 到 1 分之间"),
        ("评分 鹭川 一2 0.5", "HN-A1.2 原文缺失，评分须填写依据"),
        (
            "评分 鹭川 二2a 0.8 依据",
            "HN-A2.2a 按登记的数据计分，不由考评组打分；数据有误请核定数据或更正基数",
        ),
        ("评分 没有这个 一2 0.5 依据", "未找到，可回复 群 列出"),
        ("评分 LC01 一2 0.5 依据", "该单位类别在该日期没有生效的考核细则"),
        ("为什么 评分", "用法：为什么 评分 单位 [项号]，例：为什么 评分 海口 一3"),
    ],
)
def test_bad_input_of_the_inspector(scene: Scene, said: str, reply: str) -> None:
    assert scene.person(Role.INSPECTOR).says(said) == reply


def test_the_panels_points_are_stored_explained_and_taken_back(scene: Scene) -> None:
    inspector = scene.person(Role.INSPECTOR)
    first = inspector.says("评分 鹭川 一2 0.4 有制度")
    second = inspector.says("评分 鹭川 一2 0.8 有制度，有通报")
    assert "一2 下级年度考核制度 0.80/1.00 分（原 0.40 分，已留存）" in second
    why = inspector.says("为什么 评分 鹭川 一2")
    assert why.startswith("鹭川团市委 2026年 一2 下级年度考核制度：0.80/1.00 分")
    assert "考评 0.80，有制度 有通报（督导检查，2026-11-20 15:00）" in why
    assert inspector.says(f"撤销 {number_in(first)}") == "该项之后又有修改或已锁定，不能撤销"
    assert "现为0.40 分" in inspector.says(f"撤销 {number_in(second)}")
    whole = inspector.says("为什么 评分 LC")
    assert "第一部分 0.40/3.00：一1 —、一2 0.40、一3 —" in whole
    assert "尚无抽查记录" in whole
    assert fits(whole)


def test_a_city_with_several_matches_is_asked_about(scene: Scene) -> None:
    assert "对应多个结果，请回复编号选择" in scene.person(Role.INSPECTOR).says("评分 团市委 一2 0.5 依据")


def test_what_other_roles_may_not(scene: Scene) -> None:
    admin, leader = scene.person(Role.UNIT_ADMIN), scene.person(Role.LEADER)
    town = scene.person(Role.BRANCH_ADMIN)
    assert admin.says("评分 LC 一2 0.8 依据").startswith("您的角色（单位管理员）不能使用“评分”")
    assert admin.says("为什么 评分 云杉") == HIDDEN
    for said in ("评分 LC 一2 0.8 依据", "自评", "自评 一3 0.7 说明"):
        assert leader.says(said) == "您的角色为只读"
    assert town.says("自评").startswith("您的角色（基层管理员）不能使用“自评”")
    assert town.says("为什么 评分 LC01") == "无权查看该单位"


def test_the_unit_does_not_see_points_that_are_not_published(scene: Scene) -> None:
    scene.person(Role.INSPECTOR).says("评分 鹭川 一2 0.8 依据")
    reply = scene.person(Role.UNIT_ADMIN).says("为什么 评分 一2")
    assert "0.80" not in reply
    assert "考评分公布前不显示" in reply


def test_somebody_elses_number_is_nothing_to_undo(scene: Scene) -> None:
    number = number_in(scene.person(Role.UNIT_ADMIN).says("自评 一3 0.7 说明"))
    inspector = scene.person(Role.INSPECTOR)
    assert inspector.says(f"撤销 {number}") == "没有可撤销的记录：编号有误，或已超过10分钟"


def test_risks_name_units_and_leaders_cannot_open_sheets(scene: Scene) -> None:
    inspector = scene.person(Role.INSPECTOR)
    inspector.says("评分 鹭川 一1 0 无文件")
    inspector.says("评分 鹭川 一2 0.5 部分")
    reply = scene.person(Role.LEADER).says("风险")
    assert reply.startswith("2026年考评风险：1/3 个单位\n")
    assert "\n鹭川团市委：最高只能到 8.50 分，不能评优秀（HN-4.3）\n" in reply
    assert "3 个单位尚无抽查记录，未判断连续“差”；2 个单位尚未开始考评" in reply
    assert "\n1. 鹭川团市委：" in inspector.says("风险")
    assert inspector.says("1").startswith("鹭川团市委 2026年考评：")


def test_the_card_of_a_unit_shows_the_year_once_it_has_begun(scene: Scene) -> None:
    inspector = scene.person(Role.INSPECTOR)
    assert "❔2026年考评尚未开始，没有总分" in inspector.says("状态 鹭川")
    inspector.says("评分 鹭川 一2 0.5 依据")
    line = "2026年考评（自评中）：已评 0.70 / 可评 6.50 / 满分 10（原文残缺 3.5），待补充"
    assert line in inspector.says("状态 鹭川")


def run(config: Path, *arguments: str) -> Any:
    return CliRunner().invoke(main, ["--config", str(config), "assess", *arguments])


def test_the_command_line_prints_the_sheet_or_json(
    sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "x.db"
    file.write_bytes(sqlite_template.read_bytes())
    monkeypatch.setenv("QINGXUN_DATABASE_URL", f"sqlite:///{file}")
    config = Path(__file__).parents[3] / "config.toml"
    database = Database(load_settings(config).database.url)
    settle(database)
    database.close()
    plain = run(config, "2026", "LC")
    assert plain.exit_code == 0, plain.output
    assert plain.output.startswith(
        "鹭川团市委 2026 年：已评 0.20 / 可评 6.50 / 满分 10（原文残缺 3.5），待补充"
    )
    assert "  一3 例会制度：—/1.00（未评）" in plain.output
    explained = run(config, "2026", "LC", "--explain").output
    assert "数据：本级启用的公众号 1 个，下级 0 个（不计）（台账，" in explained
    assert "合计：0.20 = 0.20" in explained
    answer = json.loads(run(config, "2026", "LC", "--json").output)
    assert (answer["scored"], answer["state"], answer["grade"]) == ("0.20", "待补充", None)
    assert type(run(config, "2026", "NO").exception).__name__ == "UnitNotFound"

"""规则 in chat; `rules` and `what-if` on the command line; the preset of the configuration."""

import json
from datetime import date
from pathlib import Path

import pytest

from bot.replies.phrases import fits
from bot.settings import load_settings
from monitor.errors import ConfigError
from monitor.store.database import Database
from monitor.store.rules.tables import RuleChangeRow
from monitor.store.work_tables import AuditRow
from monitor.units import Role
from monitor.usecases.rules.changes import Ground, RuleChanges
from monitor.usecases.rules.in_force import RuleSource
from tests.bot.cli.test_cli import refusal, run
from tests.bot.scene import Scene
from tests.cast import Cast, settle
from tests.conftest import FrozenClock
from tests.monitor.days.test_receive import rows

GROUND = Ground("统一口径", "团青字〔2026〕1号", date(2026, 11, 1))
SETTINGS = """
mode = "demonstration"
[database]
url = "sqlite:///x.db"
[rules.switches]
"""


@pytest.fixture
def scene(database: Database, cast: Cast, clock: FrozenClock) -> Scene:
    return Scene(database, cast, clock)


@pytest.fixture
def address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A database file with the cast, which the committed configuration uses."""
    url = f"sqlite:///{tmp_path / 'qingxun.db'}"
    monkeypatch.setenv("QINGXUN_DATABASE_URL", url)
    run("init")
    opened = Database(url)
    settle(opened)
    return opened


def test_an_inspector_reads_what_is_selected_and_what_nobody_confirmed(scene: Scene, cast: Cast) -> None:
    inspector = scene.person(Role.INSPECTOR)
    answer = inspector.says("规则")
    assert answer.startswith("默认读法 18 项：改选 0，未确认 18")
    assert "未确认的推定、残缺条款" in answer
    changes = RuleChanges(scene.database, RuleSource(), scene.clock)
    changes.select(cast.viewer("QS", Role.INSPECTOR), "D-10", "half-up", GROUND)
    answer = inspector.says("规则")
    assert "改选 1" in answer
    assert "1. D-10 等次分界的取舍：四舍五入到 0.1〔选用〕（默认·未确认）" in answer
    assert fits(answer)
    assert inspector.says("1").startswith("D-10 等次分界的取舍：四舍五入到 0.1（half_up_0.1）")


def test_one_switch_is_shown_with_clause_choices_and_history(scene: Scene, cast: Cast) -> None:
    inspector = scene.person(Role.INSPECTOR)
    answer = inspector.says("规则 d-07")
    assert answer.startswith("D-07 发布信息的口径：成员发布的全部信息（all）")
    assert "依据 HN-4.1d，默认·未确认；默认，自 2013-01-01 起" in answer
    assert "只计管理员发布（manager），不可选：" in answer
    changes = RuleChanges(scene.database, RuleSource(), scene.clock)
    changes.select(cast.viewer("QS", Role.INSPECTOR), "D-07", "relevant", GROUND)
    changes.confirm(cast.viewer("QS", Role.INSPECTOR), "D-07", GROUND)
    answer = inspector.says("规则 D-07")
    assert "默认·已确认；选用，自 2026-11-01 起" in answer
    assert "确认依据 团青字〔2026〕1号" in answer
    assert "2026-11-01 起选用 relevant：统一口径" in answer
    assert fits(answer)


def test_one_clause_is_shown_with_its_figures(scene: Scene) -> None:
    inspector = scene.person(Role.INSPECTOR)
    answer = inspector.says("规则 HN-4.1d")
    assert answer.startswith("HN-4.1d：4 个参数，未确认 1")
    assert "差：from_posts 0，below_posts 3（推定·未确认）" in answer
    assert "原文未载明" in inspector.says("规则 GD-3.1m")


@pytest.mark.parametrize("word", ["D-99", "随便什么", "HN-4.1d D-07"])
def test_an_unknown_switch_is_refused_with_the_usage(scene: Scene, word: str) -> None:
    assert "用法：规则 [D-07/条款]，例：规则 D-07" in scene.person(Role.INSPECTOR).says(f"规则 {word}")


@pytest.mark.parametrize("role", [Role.UNIT_ADMIN, Role.LEADER, Role.GROUP_MANAGER])
def test_others_have_no_such_command(scene: Scene, role: Role) -> None:
    assert "不能使用“规则”" in scene.person(role).says("规则 D-07")


def test_rules_are_selected_confirmed_and_withdrawn_by_the_operator(address: Database) -> None:
    why = ("--reason", "统一口径", "--reference", "团青字〔2026〕1号")
    said = run("rules", "select", "d-07=relevant", *why, "--from", "2026-11-01").output
    assert said.startswith("已选用 D-07 relevant，自 2026-11-01 起生效（记录 1）")
    assert "未作改动" in run("rules", "select", "D-07=relevant", *why, "--from", "2026-11-01").output
    run("rules", "select", "D-03.dispose_minutes=90", *why)
    confirmed = json.loads(run("rules", "confirm", "hn-4.1d", *why, "--json").output)
    assert (confirmed["kind"], confirmed["subject"], confirmed["is_new"]) == ("确认", "HN-4.1d", True)
    assert run("rules", "withdraw", "HN-4.1d", *why).output.startswith("已撤销确认 HN-4.1d")
    assert [row.kind for row in rows(address, RuleChangeRow)] == ["选用", "参数", "确认", "撤销确认"]
    assert sum(row.action == "rules.change" for row in rows(address, AuditRow)) == 4


def test_rules_are_listed_as_text_and_json(address: Database) -> None:
    assert "D-07 发布信息的口径：成员发布的全部信息（all）" in run("rules", "list").output
    only = run("rules", "list", "HN-4.1d").output
    assert "HN-4.1d 差：from_posts 0，below_posts 3  推定·未确认" in only
    run("rules", "confirm", "HN-4.1d", "--reason", "会议纪要", "--reference", "1号")
    assert "起确认" in run("rules", "list", "hn-4.1D").output
    listed = json.loads(run("rules", "list", "--json").output)
    assert len(listed["switches"]) == 18
    assert "HN-4.1d" not in listed["unconfirmed"]
    assert run("rules", "list", "D-77", exit_code=2).output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("select", "D-07=manager", "--reason", "x"), "不可还原的标识"),
        (("select", "D-99=x", "--reason", "x"), "没有开关 D-99"),
        (("confirm", "HN-4.1d", "--reason", "x"), "请填写文件依据"),
    ],
)
def test_a_bad_order_is_refused_and_changes_nothing(
    address: Database, arguments: tuple[str, ...], said: str
) -> None:
    assert said in refusal("rules", *arguments)
    assert rows(address, RuleChangeRow) == []


def test_a_choice_without_a_word_is_refused_with_the_form(address: Database) -> None:
    assert "D-07=relevant" in run("rules", "select", "D-07", "--reason", "x", exit_code=2).output


def test_what_if_looks_at_a_year_and_a_month_and_stores_nothing(address: Database) -> None:
    before = len(rows(address, AuditRow))
    year = run("what-if", "2026", "--switch", "D-10=half-up", "--figure", "HN-A3.3=1.8/2.0").output
    assert "年度考评表：" in year
    assert "HN-A3.3" in year
    month = json.loads(run("what-if", "2026-11", "--switch", "D-07=relevant", "--json").output)
    assert [each["what"] for each in month] == ["days", "index"]
    as_json = json.loads(run("what-if", "2026", "--confirm", "D-18", "--json").output)
    assert [each["what"] for each in as_json] == ["year", "index"]
    assert len(rows(address, AuditRow)) == before
    assert rows(address, RuleChangeRow) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("2026",), "写明要试算什么"),
        (("明年", "--switch", "D-10=exact"), "期间应写作"),
        (("2026", "--switch", "D-07=manager"), "不可还原的标识"),
        (("2026", "--figure", "HN-A3.3"), "应写作 HN-A3.3=1.8/2.0"),
        (("2026", "--figure", "HN-A3.3=1.8.1"), "数字有误"),
        (("2026", "--confirm", "HN-1.1"), "没有可确认的读法"),
    ],
)
def test_what_if_refuses_what_it_cannot_try(address: Database, arguments: tuple[str, ...], said: str) -> None:
    assert said in refusal("what-if", *arguments)


@pytest.mark.parametrize(
    ("line", "key", "expected"),
    [
        ('D-99 = "x"', "rules.switches.D-99", "one of D-01, D-02"),
        ('D-07 = "everything"', "rules.switches.D-07", "one of all, relevant"),
        ('D-07 = "manager"', "rules.switches.D-07", "one of all, relevant"),
        ("D-07 = 1", "rules.switches.D-07", "string"),
    ],
)
def test_a_preset_that_cannot_be_selected_stops_the_start(
    tmp_path: Path, line: str, key: str, expected: str
) -> None:
    file = tmp_path / "config.toml"
    file.write_text(SETTINGS + line, "utf-8")
    with pytest.raises(ConfigError) as refused:
        load_settings(file, {})
    assert key in str(refused.value)
    assert expected in str(refused.value)


def test_a_preset_is_taken_from_the_configuration(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(SETTINGS + 'D-07 = "relevant"', "utf-8")
    assert load_settings(file, {}).rules.switches == {"D-07": "relevant"}

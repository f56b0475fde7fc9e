"""`model` and `lexicon`: what an operator sees and changes."""

from pathlib import Path

import pytest

from monitor.classify.linear import dumps, load_models
from monitor.clock import system_clock
from monitor.learning.candidates import Choice, ChoiceAct
from monitor.store.database import Database
from monitor.store.learning.model_versions import NewVersion, insert_choice, insert_version
from tests.bot.cli.test_cli import refusal, run
from tests.bot.cli.test_cli_people import database

__all__ = ["database"]


def store_version(database: Database, *, is_better: bool) -> int:
    models = load_models()
    weights = {f"{n}.npz": dumps(model) for n, model in enumerate(models.models)}
    version = NewVersion(
        system_clock(), "job:retrain", models.version, 40, is_better, "宏平均F1变差。", {}, {}
    )
    return database.write(lambda c: insert_version(c, version, weights))


def test_a_model_is_promoted_and_rolled_back(database: Database) -> None:
    assert run("model", "list").output.splitlines() == [
        "在用：出厂版本；样本 0 条，其中未训练 0 条",
        "近 30 天：采集 0 条，标记 0 条，占 无数据；准确率 无数据（确认 0，误报 0）",
    ]
    good, bad = store_version(database, is_better=True), store_version(database, is_better=False)
    assert run("model", "promote", str(good)).output.startswith(
        f"已启用 版本 {good}，一分钟内各进程生效，编号 "
    )
    assert refusal("model", "promote", str(good)) == f"版本 {good} 正在使用"
    assert "变差" in refusal("model", "promote", str(bad))
    assert refusal("model", "promote", "99") == "未找到该模型版本"
    listed = run("model", "list").output
    assert f"在用：版本 {good}" in listed
    assert f"版本 {bad}  " in listed
    assert run("model", "rollback", "--reason", "误报多").output.startswith("已回退到 出厂版本，")
    assert refusal("model", "rollback") == "正在使用出厂模型，没有可回退的版本"


@pytest.mark.usefixtures("database")
def test_a_list_is_imported_tried_and_exported(tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    file.write_text("青屿快贷,诈骗,3\n青屿快贷,诈骗,3\n坏词,没有的类别\n", "utf-8")
    said = run("lexicon", "import", "LC", str(file), "--category", "诈骗").output.splitlines()
    assert said[0].startswith("鹭川团市委：新增 1 个，更新 0 个（其中放行词 0 个），未用 1 行，编号 ")
    assert said[1].startswith("未用 第 3 行：没有类别“没有的类别”")
    assert said[2] == "请核对 第 2 行：“青屿快贷”重复，保留第一次"
    tried = run("lexicon", "test", "急用钱找青屿快贷", "--unit", "LC").output
    assert tried.startswith("不良信息，预警 ")
    assert "命中 青屿快贷（诈骗，级别 3），第 5–8 字，鹭川团市委" in tried
    assert "命中" not in run("lexicon", "test", "急用钱找青屿快贷", "--unit", "YS").output
    assert run("lexicon", "export", "LC").output == "@category 诈骗\n青屿快贷\t3\n"
    assert run("lexicon", "export", "LC", "--csv").output.startswith("\ufeff词,类别")
    assert refusal("lexicon", "export", "XX") == "未找到该单位，可回复 状态 查看本单位"


@pytest.mark.usefixtures("database")
def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    file.write_bytes("词".encode("gbk"))
    assert refusal("lexicon", "import", "LC", str(file)) == "words.txt 不是 UTF-8 文本，未导入"


def test_the_choice_of_another_process_is_listed(database: Database) -> None:
    number = store_version(database, is_better=True)
    choice = Choice(ChoiceAct.PROMOTE, number, "不差于在用版本")
    database.write(lambda c: insert_choice(c, choice, "job:retrain", system_clock()))
    assert f"在用：版本 {number}" in run("model", "list").output

"""底线 and WCI in chat, and the operator's commands of the Guangdong assessment."""

from datetime import date
from pathlib import Path

import pytest

from bot.replies.phrases import fits
from monitor.errors import BadParameter
from monitor.index.periods import RunKind, month_period, week_period
from monitor.store.database import Database
from monitor.units import Role
from monitor.usecases.ledger.register import add_invitation
from tests.bot.cli.test_cli import run
from tests.bot.cli.test_cli_imports import bad_rows, write_lines
from tests.bot.scene import HIDDEN, Scene
from tests.bot.talk import Person
from tests.cast import Cast, settle
from tests.conftest import FrozenClock
from tests.monitor.index_stage import W_2, IndexStage

MARCH = month_period(date(2019, 3, 1))
LAST_WEEK = [f"2019-04-0{n}" for n in range(1, 7)]  # Sunday 2019-03-31 to Saturday 2019-04-06
FACTS = (
    ("GD-3.1a", 9499, 10000), ("GD-3.1b", 60, 100), ("GD-3.1c", 9490, 10000), ("GD-3.1e", 3, 100),
    ("GD-3.2a", 400, 100), ("GD-3.2c", "399", 100), ("GD-3.2d", 0, 0),
)  # fmt: skip


@pytest.fixture
def index_stage(database: Database, cast: Cast, clock: FrozenClock) -> IndexStage:
    return IndexStage(database, cast, clock)


@pytest.fixture
def scene(index_stage: IndexStage, cast: Cast) -> Scene:
    return Scene(index_stage.database, cast, index_stage.clock)


@pytest.fixture
def school(scene: Scene) -> Person:
    """The administrator of 青屿大学."""
    scene.database.write(lambda c: add_invitation(c, "CODE-QD", Role.UNIT_ADMIN, "QD", is_reusable=True))
    person = Person(scene.dispatcher, scene.clock, "school")
    assert "已绑定" in person.says("绑定 CODE-QD")
    return person


def fill(index_stage: IndexStage) -> None:
    for indicator, numerator, denominator in FACTS:
        index_stage.ratio("QD", indicator, numerator, denominator)


def test_bottom_lines_show_numerator_denominator_and_what_the_source_lost(
    index_stage: IndexStage, school: Person
) -> None:
    fill(index_stage)
    index_stage.publish(MARCH)
    answer = school.says("底线")
    assert answer.splitlines() == [
        "青屿大学团委 2019-03 月度考核：❌不评“好”（按本月数据，未达底线 第一部分 2 项、第二部分 1 项）",
        "数据截至 04-10 10:00（已发布）",
        "❌学生团员报到 9499/10000=94.99%，底线 95.00%（GD-3.1a）",
        "❌团费收缴 9490/10000=94.90%，底线 95.00%（GD-3.1c）",
        "❌团员志愿者人均服务时长 399/100=3.99 小时，底线 4 小时（GD-3.2c）",
        "❔申领志愿者证人数占比 0/0=无基数，不计算，底线 40.00%（GD-3.2d）",
        "✅教职工团员报到 60/100=60.00%，底线 60.00%（GD-3.1b）",
        "✅组织及团体年平均活动数 400/100=4 次，底线 4 次（GD-3.2a）",
        "❔无数据：已发起组织关系转接",
        "底线原文未载明(细则 GD-3.1e、GD-3.1f、GD-3.2b、GD-3.2e)，不计算：完成组织关系转接 3/100=3.00%、"
        "基础团务响应效率、参加活动志愿者占比、志愿者证领证率",
        "可回复：WCI",
    ]
    assert fits(answer)


def test_before_the_first_run_there_is_no_data(school: Person) -> None:
    assert school.says("底线").startswith("青屿大学团委：❔无数据：尚未运行考核")


def test_an_unpublished_run_says_that_it_may_change(index_stage: IndexStage, school: Person) -> None:
    index_stage.run(MARCH)
    assert "（未发布，可能变动）" in school.says("底线指标")


@pytest.mark.parametrize("name", ["青屿师范学院", "QA", "不存在的学院"])
@pytest.mark.parametrize("command", ["底线", "WCI"])
def test_a_school_learns_nothing_about_another(
    index_stage: IndexStage, school: Person, command: str, name: str
) -> None:
    index_stage.ratio("QA", "GD-3.1a", 1, 2)
    index_stage.run(MARCH)
    assert school.says(f"{command} {name}") == HIDDEN


def test_the_province_sees_failing_schools_first_and_opens_one(index_stage: IndexStage, scene: Scene) -> None:
    fill(index_stage)
    index_stage.ratio("QA", "GD-3.1a", 1, 2)
    index_stage.ratio("QB", "GD-3.1a", 1, 1)
    index_stage.run(MARCH)
    person = scene.person(Role.INSPECTOR)
    lines = person.says("底线").splitlines()
    assert lines[0] == "青屿团省委 2019-03 月度考核：2/6 个单位有未达底线，1 个不评“好”"
    assert lines[2] == "1. ❌不评“好” 青屿大学团委（省属高校）：第一部分 2 项、第二部分 1 项"
    assert lines[3] == "2. ⚠️青屿师范学院团委（省属高校）：第一部分 1 项、第二部分 0 项"
    scene.clock.advance(seconds=30)
    assert person.says("2").startswith("青屿师范学院团委 2019-03 月度考核：不影响评“好”")
    assert person.says("底线 青屿大学").startswith("青屿大学团委 2019-03 月度考核：❌不评“好”")


def test_a_city_sees_its_schools_added_up(index_stage: IndexStage, scene: Scene) -> None:
    index_stage.ratio("LD", "GD-3.1a", 90, 100)
    index_stage.ratio("LE", "GD-3.1a", 299, 300)
    index_stage.run(MARCH)
    person = scene.person(Role.UNIT_ADMIN)
    assert "✅学生团员报到 389/400=97.25%，底线 95.00%（GD-3.1a）" in person.says("底线")
    assert "❌学生团员报到 90/100=90.00%" in person.says("底线 鹭川学院")


def test_wci_shows_value_inputs_and_posts_of_the_week(index_stage: IndexStage, school: Person) -> None:
    index_stage.articles("QD", [LAST_WEEK[n % 6] for n in range(10)], W_2)
    index_stage.articles("QD", ["2019-04-08", "2019-04-09"])
    index_stage.run(week_period(date(2019, 4, 1)))
    assert "已发布榜单" not in school.says("WCI")
    index_stage.publish(week_period(date(2019, 4, 1)))
    answer = school.says("wci")
    assert answer.splitlines() == [
        "青屿大学团委「青春QD」 03-31 至 04-06 WCI 403.2230，计 403",
        "数据截至 04-10 10:00",
        "输入：天数 7、篇数 10、阅读 7000、头条阅读 4200、最高阅读 1500、在看 70、头条在看 42、最高在看 20",
        "已发布榜单第 1（共 1）",
        "⚠️本周（04-07 至 04-13）已发布 2/3 条（GD-3.3d）",
        "依据：GD-3.3c，WCI V13.0（推定，结果暂定）",
        "可回复：WCI 月",
    ]
    assert fits(answer)


def test_wci_of_two_posts_names_the_lost_factor(index_stage: IndexStage, school: Person) -> None:
    index_stage.articles("QD", LAST_WEEK[:2])
    answer = school.says("WCI 周")
    assert "计分待补充" in answer.splitlines()[0]
    assert "缩减原文未载明(细则 GD-3.3d)，不计算" in answer


def test_wci_names_figures_that_are_missing(index_stage: IndexStage, school: Person) -> None:
    rows = [("QD", "青春QD", day, "文", "是", 100, "") for day in LAST_WEEK[:3]]
    index_stage.load("公众号文章", *rows)
    answer = school.says("传播指数")
    assert "WCI 待补充" in answer.splitlines()[0]
    assert "缺 在看（3 篇），待补充" in answer


def test_wci_without_any_article_is_no_data(school: Person) -> None:
    answer = school.says("WCI")
    assert answer.splitlines()[0] == "青屿大学团委 03-31 至 04-06 ❔无数据"
    assert "尚未导入文章数据" in answer
    assert "❔无数据，至少 3 条" in answer


def test_wci_of_the_month(index_stage: IndexStage, school: Person) -> None:
    index_stage.articles("QD", [f"2019-03-{day:02d}" for day in range(1, 32)] + ["2019-02-25", "2019-02-26"])
    index_stage.publish(month_period(date(2019, 3, 1), RunKind.WCI_MONTH))
    lines = school.says("WCI 月").splitlines()
    assert lines[0].startswith("青屿大学团委「青春QD」 2019-03 WCI ")
    assert "已发布榜单第 1（共 1）" in lines


@pytest.mark.parametrize("text", ["WCI 周 月", "WCI QD 周 QD", "底线 QD QA"])
def test_too_many_words_show_the_usage(school: Person, text: str) -> None:
    assert school.says(text).startswith("参数过多。用法：")


@pytest.mark.parametrize("role", [Role.GROUP_MANAGER, Role.LEADER, Role.BRANCH_ADMIN])
def test_others_do_not_have_these_commands(scene: Scene, role: Role) -> None:
    assert "不能使用" in scene.person(role).says("底线")


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("QINGXUN_DATABASE_URL", f"sqlite:///{tmp_path / 'qingxun.db'}")
    run("init")
    database = Database(f"sqlite:///{tmp_path / 'qingxun.db'}")
    settle(database)
    database.close()
    return tmp_path


def test_facts_are_imported_run_published_and_locked_by_commands(installed: Path) -> None:
    file = write_lines(
        installed / "facts.csv",
        "高校编号,月份,指标,分子,分母",
        "QD,2019-03,GD-3.1a,94,100",
        "QD,2019-03,团费收缴,90,100",
        "=ZZ,2019-03,GD-3.1a,1,2",
    )
    assert "新增 2，替换 0，未变 0，拒收 1" in run("import-facts", file, "--check").output
    assert not Path(f"{file}.bad-rows.csv").exists()
    run("import-facts", file)
    assert bad_rows(file)[1][:3] == ["4", "未知的高校：=ZZ", "'=ZZ"]
    assert "不评“好” 1 个" in run("run-index", "2019-03", "--publish").output
    locked = write_lines(installed / "late.csv", "高校编号,月份,指标,分子,分母", "QD,2019-03,GD-3.1a,95,100")
    assert "拒收 1" in run("import-facts", locked, exit_code=1).output
    assert bad_rows(locked)[1][1] == "月度考核 2019-03 已发布，数据已锁定"
    assert "已撤回发布" in run("run-index", "2019-03", "--withdraw", "数据有误").output
    assert "替换 1" in run("import-facts", locked).output
    assert "年度考核 2019：1 个结果" in run("run-index", "2019").output


def test_a_board_is_printed_by_a_command(installed: Path) -> None:
    header = "高校编号,公众号,发布日期,文章,头条,阅读,在看"
    days = ("2019-03-04", "2019-03-05", "2019-03-06")
    file = write_lines(installed / "articles.csv", header, *[f"QD,青春,{day},文,是,10万+,9" for day in days])
    run("import-facts", file)
    week = run("wci-board", "2019-03-05").output
    assert week.startswith(
        "高校团委微信公众号微信周榜（2019-03-03 至 2019-03-09）（未发布）\n第1 青屿大学团委「青春」"
    )
    assert "微信月榜（2019-03）" in run("wci-board", "2019-03").output


def test_a_table_that_is_none_of_ours_is_refused(installed: Path) -> None:
    file = write_lines(installed / "other.csv", "a,b", "1,2")
    assert "首行的列不属于任何一种考核数据" in run("import-facts", file, exit_code=1).output


@pytest.mark.parametrize(("command", "period"), [("run-index", "三月"), ("wci-board", "2019-02-30")])
def test_a_period_that_is_none_is_refused(installed: Path, command: str, period: str) -> None:
    assert installed
    with pytest.raises(BadParameter):
        run(command, period)

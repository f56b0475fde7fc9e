"""排名 公众号, 总分 and indicators in chat, `index-board`, and the further lines of 总览."""

from datetime import date
from pathlib import Path

import pytest

from monitor.errors import BadParameter, NotFound
from monitor.index.periods import month_period, week_period
from monitor.store.database import Database
from monitor.units import Role
from monitor.usecases.ledger.register import add_invitation
from tests.bot.cli.test_cli import run
from tests.bot.cli.test_cli_imports import write_lines
from tests.bot.scene import Scene
from tests.bot.talk import Person
from tests.cast import Cast, settle
from tests.conftest import FrozenClock
from tests.monitor.index_stage import IndexStage

WEEK = week_period(date(2019, 4, 2))
MARCH = month_period(date(2019, 3, 1))


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


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("QINGXUN_DATABASE_URL", f"sqlite:///{tmp_path / 'qingxun.db'}")
    run("init")
    database = Database(f"sqlite:///{tmp_path / 'qingxun.db'}")
    settle(database)
    database.close()
    return tmp_path


def test_a_school_sees_the_board_of_accounts_once_it_is_published(
    index_stage: IndexStage, scene: Scene, school: Person
) -> None:
    inspector = scene.person(Role.INSPECTOR)
    assert school.says("排名 公众号") == "公众号微信周榜尚未发布"
    days = [f"2019-04-0{n}" for n in (1, 2, 3)]
    index_stage.articles("QD", days)
    index_stage.articles("QA", days, (("是", 9000, 90),))
    index_stage.run(WEEK)
    assert school.says("排名 公众号 周") == "公众号微信周榜尚未发布"
    assert "未发布，可能变动" in inspector.says("排名 公众号")
    index_stage.publish(WEEK)
    answer = school.says("排名 公众号")
    assert answer.splitlines()[0].endswith("本单位第2/2")
    assert "已发布，2 个有名次" in answer
    assert "▶第2 青屿大学团委「青春QD」" in answer
    assert "第1 青屿师范学院团委" in answer
    assert school.says("排名 公众号 月") == "公众号微信月榜尚未发布"
    assert school.says("排名 公众号 日").startswith("期间应为 周 或 月")


def test_schools_are_compared_by_indicator_and_total_by_the_province_only(
    index_stage: IndexStage, scene: Scene, school: Person
) -> None:
    inspector = scene.person(Role.INSPECTOR)
    assert inspector.says("排名 总分") == "尚未运行考核"
    index_stage.ratio("QD", "GD-3.1c", 8, 10, "2019-02")
    index_stage.ratio("QA", "GD-3.1c", 90, 100, "2019-02")
    index_stage.publish(month_period(date(2019, 2, 1)))
    for unit, pair in (("QD", (95, 100)), ("QA", (9, 10)), ("QB", (95, 100))):
        index_stage.ratio(unit, "GD-3.1c", *pair)
    index_stage.publish(MARCH)
    lines = inspector.says("排名 GD-3.1c").splitlines()
    assert lines[2:5] == [
        "第1 青屿理工学院团委 0.95 新",
        "第1 青屿大学团委 0.95 ↑1",
        "第3 青屿师范学院团委 0.9 ↓2（样本少）",
    ]
    assert "没有可排名的单位" in inspector.says("排名 总分 2019-03")
    assert inspector.says("排名 GD-9") == "没有这个指标"
    assert inspector.says("排名 GD-3.1c 三月").startswith("期间应写作 2019-03 或 2019")
    for text in ("排名 GD-3.1c", "排名 总分", "排名 GD-9"):
        assert school.says(text) == "各高校之间的指标排名只供团省委查看；本校情况请回复 底线"


def test_the_overview_counts_incidents_open_for_more_than_two_hours(scene: Scene) -> None:
    leader, manager = scene.person(Role.LEADER), scene.person(Role.GROUP_MANAGER)
    assert "不良信息未办结 0 件，超过 2 小时 0 件" in leader.says("总览")
    manager.says("举报 群里有人发布诈骗链接")
    scene.clock.advance(hours=2)
    assert "不良信息未办结 1 件，超过 2 小时 0 件" in leader.says("总览")
    scene.clock.advance(seconds=1)
    assert "不良信息未办结 1 件，超过 2 小时 1 件" in leader.says("总览")
    assert "不良信息" not in leader.says("总览 昨天"), "of another day nobody counted"


def test_a_stored_board_is_printed_by_a_command(installed: Path) -> None:
    header = "高校编号,月份,指标,分子,分母"
    run("import-facts", write_lines(installed / "facts.csv", header, "QD,2019-03,GD-3.1c,94,100"))
    run("run-index", "2019-03")
    assert run("index-board", "2019-03", "团费").output.startswith(
        "团费收缴（2019-03）（未发布）\n第1 青屿大学团委 0.94\n依据：GD-3.1c"
    )
    assert "省属高校" in run("index-board", "2019-03").output
    with pytest.raises(NotFound):
        run("index-board", "2019-03", "没有的")
    with pytest.raises(BadParameter):
        run("index-board", "三月")

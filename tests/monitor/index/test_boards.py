"""Boards: the WCI of accounts (E-27), weeks across the year, ties, movement, text, who may see them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from monitor.errors import NotFound, OutOfScope
from monitor.index.account_wci import MediaRules
from monitor.index.boards import Board, BoardLine, rank_values, sort_lines
from monitor.index.declarations import Declaration, DeclarationKind
from monitor.index.periods import RunKind, month_period, read_month, week_period, weeks_of, year_period
from monitor.store.index.runs import Result, find_run, load_results
from monitor.units import Role
from monitor.usecases.index.boards import read_board, read_indicator_board
from monitor.usecases.index.declare import Declarations
from tests.cast import Cast
from tests.monitor.index_stage import MEDIA, RULES, SWITCHES, W_2, IndexStage

WEEK = week_period(date(2019, 3, 5))
MARCH = month_period(date(2019, 3, 1), RunKind.WCI_MONTH)
DAYS = [f"2019-03-0{n}" for n in range(3, 10)]
FACTORS = {"GD-3.3d.factor_2": Decimal("0.9"), "GD-3.3d.factor_1": Decimal("0.8")}


def score_of(result: Result) -> str | None:
    found: str | None = result.detail["score"]["outcome"]
    return found


def test_ten_articles_give_the_published_wci(index_stage: IndexStage) -> None:
    index_stage.articles("QD", [DAYS[n % 7] for n in range(10)], W_2)
    result = index_stage.result(index_stage.run(WEEK), "QD")
    assert (result.value, score_of(result), result.state, result.rank) == ("403.2230", "403", "暂定", 1)
    assert result.detail["inputs"] == {
        "d": 7, "n": 10, "R": 7000, "Rt": 4200, "Rmax": 1500, "Z": 70, "Zt": 42, "Zmax": 20,
    }  # fmt: skip


def spread(n_posts: int) -> list[tuple[Any, ...]]:
    """Rows of a week with some posts whose figures are those of W-2 as far as posts go."""
    return [("QD", "青春QD", DAYS[n], f"第{n}篇", "是", 1000, 10) for n in range(n_posts)]


@pytest.mark.parametrize(
    ("n_posts", "state", "rank", "reduced"),
    [(3, "暂定", 1, 1), (2, "待补充", None, None), (1, "待补充", None, None)],
)
def test_a_week_below_three_posts_waits_for_the_lost_factor(
    index_stage: IndexStage, n_posts: int, state: str, rank: int | None, reduced: int | None
) -> None:
    index_stage.load("公众号文章", *spread(n_posts))
    result = index_stage.result(index_stage.run(WEEK), "QD")
    assert (result.state, result.rank) == (state, rank)
    assert (score_of(result) is None) is (reduced is None)
    if reduced is None:
        assert "缩减系数原文未载明" in result.detail["score"]["arithmetic"]


@pytest.mark.parametrize(("n_posts", "factor"), [(2, Decimal("0.9")), (1, Decimal("0.8"))])
def test_a_supplied_factor_reduces_score_and_place(
    index_stage: IndexStage, n_posts: int, factor: Decimal
) -> None:
    media = MediaRules(RULES.supply(FACTORS, "团省委函"), SWITCHES)
    index_stage.load("公众号文章", *spread(n_posts))
    index_stage.load("公众号文章", *[("QA", "师院", DAYS[n], f"{n}", "是", 600, 6) for n in range(3)])
    report = index_stage.run(WEEK, media)
    reduced, whole = index_stage.result(report, "QD"), index_stage.result(report, "QA")
    exact = Decimal(reduced.value or 0) * factor
    assert score_of(reduced) == str(int(exact.quantize(Decimal(1))))
    assert (whole.rank == 1) is (Decimal(whole.value or 0) > exact)


def test_a_week_without_posts_is_zero_only_when_somebody_says_so(index_stage: IndexStage) -> None:
    index_stage.load("公众号文章", ("QD", "青春QD", "2019-03-09", "无发布", "", "", ""))
    report = index_stage.run(WEEK)
    silent, unknown = index_stage.result(report, "QD"), index_stage.result(report, "QA")
    assert (silent.value, score_of(silent), silent.detail["n_posts"]) == ("0", "0", 0)
    assert (unknown.value, unknown.state, unknown.rank) == (None, "无数据", None)


def test_a_figure_that_one_article_lacks_makes_the_account_wait(index_stage: IndexStage) -> None:
    index_stage.load("公众号文章", *spread(3), ("QD", "青春QD", DAYS[3], "缺在看", "否", "10万+", ""))
    result = index_stage.result(index_stage.run(WEEK), "QD")
    assert (result.value, result.state) == (None, "待补充")
    assert result.detail["missing"] == ["在看（1 篇）"]
    assert result.detail["inputs"]["Rmax"] == 100_001
    assert "Z" not in result.detail["inputs"]


def declare_incident(index_stage: IndexStage, cast: Cast, month: str) -> None:
    incident = Declaration(DeclarationKind.INCIDENT, "QD", month, "不当言论引发舆情", "网信办通报 3 号")
    desk = Declarations(index_stage.database, index_stage.clock, RULES)
    desk.declare(cast.viewer("QS", Role.INSPECTOR), incident)


def test_a_month_with_an_incident_scores_zero_and_so_do_its_weeks(
    index_stage: IndexStage, cast: Cast
) -> None:
    every_day = [f"2019-03-{day:02d}" for day in range(1, 32)] + ["2019-02-26", "2019-02-28"]
    index_stage.articles("QD", every_day)
    before = index_stage.result(index_stage.run(MARCH), "QD")
    assert (before.rank, before.detail["short_weeks"]) == (1, [])
    declare_incident(index_stage, cast, "2019-03")
    for period in (MARCH, WEEK):
        result = index_stage.result(index_stage.run(period), "QD")
        assert (score_of(result), result.detail["score"]["clause"]) == ("0", "GD-3.3e")
        assert result.value != "0"  # the WCI itself stays visible
    sheet = index_stage.result(index_stage.run(month_period(date(2019, 3, 1))), "QD")
    assert sheet.detail["accounts"]["青春QD"]["score"]["outcome"] == "0"
    last_of_february = week_period(date(2019, 2, 26))
    assert score_of(index_stage.result(index_stage.run(last_of_february), "QD")) == "0"  # it ends on March 2


def test_a_month_with_a_short_week_is_not_computed(index_stage: IndexStage) -> None:
    index_stage.articles("QD", [f"2019-03-{day:02d}" for day in range(3, 32)])
    result = index_stage.result(index_stage.run(MARCH), "QD")
    assert (result.value is None, result.state) == (False, "待补充")
    assert result.detail["short_weeks"] == [["2019-02-24 至 2019-03-02", 0]]
    assert "缩减如何计入原文未载明" in result.detail["score"]["arithmetic"]


def test_three_posts_a_week_are_enough(index_stage: IndexStage) -> None:
    sundays = [date(2019, 2, 24), *(date(2019, 3, day) for day in (3, 10, 17, 24))]
    index_stage.articles(
        "QD", [day.replace(day=day.day + n).isoformat() for day in sundays for n in range(3)]
    )
    assert index_stage.result(index_stage.run(MARCH), "QD").detail["short_weeks"] == []


def test_two_accounts_of_a_school_have_two_places_and_no_index_of_the_part(index_stage: IndexStage) -> None:
    days = [f"2019-03-{day:02d}" for day in range(1, 32)] + ["2019-02-26", "2019-02-28"]
    for account, reads in (("一号", 900), ("二号", 100)):
        index_stage.load("公众号文章", *[("QD", account, day, "文", "是", reads, 1) for day in days])
    ranks = {
        r.account: r.rank for r in index_stage.run(MARCH).results if r.unit_id == index_stage.units["QD"]
    }
    assert ranks == {"一号": 1, "二号": 2}
    sheet = index_stage.result(index_stage.run(month_period(date(2019, 3, 1))), "QD")
    assert "parts.3.account" in sheet.detail["missing"]


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        (date(2018, 12, 31), date(2018, 12, 30), date(2019, 1, 5)),
        (date(2019, 1, 5), date(2018, 12, 30), date(2019, 1, 5)),
        (date(2019, 1, 6), date(2019, 1, 6), date(2019, 1, 12)),
    ],
)
def test_a_week_runs_from_sunday_across_the_new_year(day: date, first: date, last: date) -> None:
    week = week_period(day)
    assert (week.first_day, week.last_day) == (first, last)
    assert week_period(date(2019, 1, 6), starts_on="monday").first_day == date(2018, 12, 31)


def test_every_week_belongs_to_one_month_and_one_year() -> None:
    months = [month_period(date(2019, month, 1)) for month in range(1, 13)]
    assert [week for month in months for week in weeks_of(month)] == weeks_of(year_period(2019))
    assert weeks_of(months[0])[0].first_day == date(2018, 12, 30)


def test_articles_before_the_new_year_count_into_its_first_week(index_stage: IndexStage) -> None:
    index_stage.articles("QD", ["2018-12-30", "2018-12-31", "2019-01-05"])
    first = week_period(date(2019, 1, 1))
    assert index_stage.result(index_stage.run(first), "QD").detail["n_posts"] == 3
    january = index_stage.run(month_period(date(2019, 1, 1), RunKind.WCI_MONTH))
    assert index_stage.result(january, "QD").detail["n_posts"] == 1


@pytest.mark.parametrize(
    "text", ["2019-03", "2019/3", "2019年3月", "201903", "２０１９-０３", "2019-03-01T00:00:00"]
)
def test_a_month_is_read_as_people_write_it(text: str) -> None:
    assert read_month(text) == "2019-03"
    assert read_month(text.replace("3", "13").replace("３", "13")) is None


def test_ties_share_a_rank_and_what_has_none_comes_last() -> None:
    assert rank_values({"a": Decimal(3), "b": Fraction(3), "c": None, "d": Decimal(1)}) == {
        "a": 1,
        "b": 1,
        "d": 3,
    }
    lines = [BoardLine(None, "A", "甲", "无数据"), BoardLine(1, "C", "丙", "9"), BoardLine(1, "B", "乙", "9")]
    assert [line.unit_code for line in sort_lines(lines)] == ["B", "C", "A"]
    assert Board("榜", (), "依据：无").as_text() == "榜（未发布）\n没有可排名的单位\n依据：无"


def test_a_board_is_copied_as_text_with_ties_movement_and_reasons(index_stage: IndexStage) -> None:
    def post(school: str, week: int, reads: int, n_posts: int = 3) -> None:
        days = [f"2019-03-{day:02d}" for day in range(week, week + n_posts)]
        rows = [(school, f"{school}号", day, "文", "是", reads, 5) for day in days]
        assert not index_stage.load("公众号文章", *rows).bad

    for school, reads in (("QD", 100), ("QA", 300)):
        post(school, 3, reads)
    for school, reads in (("QD", 500), ("QA", 200), ("QB", 200), ("LD", 200)):
        post(school, 10, reads, 2 if school == "LD" else 3)
    index_stage.publish(WEEK)
    second = week_period(date(2019, 3, 10))
    index_stage.publish(second)
    text = read_board(index_stage.database, second).as_text()
    values = {r.unit_code: r.value for r in index_stage_results(index_stage, second)}
    assert text.splitlines() == [
        "高校团委微信公众号微信周榜（2019-03-10 至 2019-03-16）",
        f"第1 青屿大学团委「QD号」 WCI {values['QD']} 计 {round(Decimal(values['QD']))} ↑1",
        f"第2 青屿师范学院团委「QA号」 WCI {values['QA']} 计 {round(Decimal(values['QA']))} ↓1",
        f"第2 青屿理工学院团委「QB号」 WCI {values['QB']} 计 {round(Decimal(values['QB']))} 新",
        f"— 鹭川学院团委「LD号」 WCI {values['LD']}（本周 2 条，少于 3 条；缩减系数原文未载明，待补充）",
        "— 鹭川职业学院团委 无数据",
        "依据：GD-3.3c、GD-3.3d、GD-3.3f；WCI V13.0（推定）；周为星期日至星期六（D-16 默认）",
    ]


def index_stage_results(index_stage: IndexStage, period: Any) -> list[Any]:
    with index_stage.database.reading() as connection:
        run = find_run(connection, period)
        assert run is not None
        return load_results(connection, run.run_id)


@pytest.mark.parametrize("unit", ["QD", "LC"])
def test_a_board_is_everybodys_only_when_it_is_published(
    index_stage: IndexStage, cast: Cast, unit: str
) -> None:
    index_stage.articles("QD", DAYS)
    index_stage.run(WEEK)
    with pytest.raises(OutOfScope):
        read_board(index_stage.database, WEEK, cast.viewer(unit))
    assert read_board(index_stage.database, WEEK, cast.viewer("QS", Role.INSPECTOR)).lines
    index_stage.publish(WEEK)
    assert read_board(index_stage.database, WEEK, cast.viewer(unit)).is_published
    sheets = month_period(date(2019, 3, 1))
    index_stage.publish(sheets)
    with pytest.raises(OutOfScope):  # a school sees its own rows (GD-1.2)
        read_board(index_stage.database, sheets, cast.viewer(unit))
    with pytest.raises(NotFound):
        read_board(index_stage.database, year_period(2019))


def test_schools_are_compared_by_one_indicator_and_few_people_are_marked(index_stage: IndexStage) -> None:
    for school, pair in (("QD", (95, 100)), ("QA", (19, 20)), ("QB", (9, 10)), ("LD", (1, 1))):
        index_stage.ratio(school, "GD-3.1a", *pair)
    sheets = month_period(date(2019, 3, 1))
    index_stage.run(sheets)
    board = read_indicator_board(index_stage.database, sheets, "GD-3.1a")
    assert [(line.rank, line.unit_code, line.value, line.note) for line in board.lines] == [
        (1, "QA", "0.95", ""),
        (1, "QD", "0.95", ""),
        (3, "QB", "0.9", "样本少"),
    ]
    with pytest.raises(NotFound):
        read_indicator_board(index_stage.database, sheets, "GD-9")


def test_a_year_leaves_out_the_articles_of_a_month_with_an_incident(
    index_stage: IndexStage, cast: Cast
) -> None:
    index_stage.clock.now = datetime(2020, 1, 10, tzinfo=UTC)
    days = [
        date.fromordinal(n).isoformat()
        for n in range(date(2018, 12, 27).toordinal(), date(2020, 1, 1).toordinal())
    ]
    index_stage.articles("QD", days)
    year = year_period(2019)
    before = index_stage.result(index_stage.run(year), "QD").detail["accounts"]["青春QD"]
    assert (before["inputs"]["n"], before["inputs"]["d"], before["short_weeks"]) == (365, 365, [])
    declare_incident(index_stage, cast, "2019-03")
    after = index_stage.result(index_stage.run(year), "QD").detail["accounts"]["青春QD"]
    assert after["inputs"]["n"] == 365 - 31
    assert Decimal(after["score"]["outcome"]) < Decimal(before["score"]["outcome"])
    assert MEDIA.version == "13.0"

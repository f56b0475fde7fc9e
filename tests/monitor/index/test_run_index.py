"""Runs of the Guangdong assessment over stored facts: E-22 to E-29, months, years, cities, publication."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from monitor.errors import BadParameter, NotFound, OutOfScope, PeriodLocked, StateError
from monitor.index.account_wci import MediaRules
from monitor.index.declarations import Declaration, DeclarationKind
from monitor.index.periods import month_period, year_period
from monitor.store.index.facts import load_declarations_of
from monitor.store.index.runs import load_results, load_run
from monitor.store.index.tables import IndexResultRow
from monitor.store.tables import table_of
from monitor.units import Role
from monitor.usecases.index.declare import Declarations
from scoring.errors import NoRulebookInForce
from tests.cast import Cast
from tests.monitor.index_stage import MEDIA, RULES, SWITCHES, IndexStage

MARCH = month_period(date(2019, 3, 1))
YEAR = year_period(2019)
POOLED = MediaRules(RULES, SWITCHES.select({"D-14": "pooled"}))
STUDENT, FEES, TRANSFER, HOURS = "GD-3.1a", "GD-3.1c", "GD-3.1e", "GD-3.2c"

E_22 = [
    ("a", {STUDENT: (9499, 10000)}, MEDIA, False, [STUDENT], []),
    ("b", {STUDENT: (9499, 10000), FEES: (9490, 10000)}, MEDIA, True, [STUDENT, FEES], []),
    ("c", {STUDENT: (9499, 10000), HOURS: ("390", 100)}, MEDIA, False, [STUDENT], [HOURS]),
    ("c pooled", {STUDENT: (9499, 10000), HOURS: ("390", 100)}, POOLED, True, [STUDENT], [HOURS]),
    ("d", {STUDENT: (9499, 10000), TRANSFER: (3, 100)}, MEDIA, False, [STUDENT], []),
]


@pytest.mark.parametrize(
    ("facts", "media", "barred", "first", "second"), [c[1:] for c in E_22], ids=[c[0] for c in E_22]
)
def test_two_failed_bottom_lines_of_a_part_bar_from_good(
    index_stage: IndexStage,
    facts: dict[str, Any],
    media: MediaRules,
    barred: bool,
    first: list[str],
    second: list[str],
) -> None:
    for indicator, (numerator, denominator) in facts.items():
        index_stage.ratio("QD", indicator, numerator, denominator)
    result = index_stage.result(index_stage.run(MARCH, media), "QD")
    assert result.is_barred is barred
    assert result.detail["failed_bottom_lines"] == {"1": first, "2": second}
    if TRANSFER in facts:
        assert result.detail["indicators"][TRANSFER]["state"] == "原文残缺、不计"


@pytest.mark.parametrize(
    ("indicator", "numerator", "denominator", "state"),
    [
        ("GD-3.1a", 9500, 10000, "达到底线"),
        ("GD-3.1b", 6000, 10000, "达到底线"),
        ("GD-3.1b", 5999, 10000, "未达底线"),
        ("GD-3.2a", 400, 100, "达到底线"),
        ("GD-3.2a", 399, 100, "未达底线"),
        ("GD-3.2d", 4000, 10000, "达到底线"),
        ("GD-3.2d", 3999, 10000, "未达底线"),
        ("GD-3.1a", 0, 0, "无基数"),
    ],
)
def test_a_bottom_line_includes_its_figure(
    index_stage: IndexStage, indicator: str, numerator: int, denominator: int, state: str
) -> None:
    index_stage.ratio("QD", indicator, numerator, denominator)
    line = index_stage.result(index_stage.run(MARCH), "QD").detail["indicators"][indicator]
    assert line["state"] == state
    assert line["inputs"]["denominator"] == denominator
    assert f"{numerator}/{denominator}" in line["arithmetic"]


@pytest.mark.parametrize(
    ("counts", "value"),
    [((2, 1, 1, 1, 1), "0.07"), ((0, 0, 0, 2, 0), "-0.01")],
    ids=["six ratings", "two low"],
)
def test_low_ratings_count_against_a_school(
    index_stage: IndexStage, counts: tuple[int, ...], value: str
) -> None:
    index_stage.load("评分", ("QD", "2019-03", 200, *counts))
    line = index_stage.result(index_stage.run(MARCH), "QD").detail["indicators"]["GD-3.1k"]
    assert line["value"] == value


def test_activities_without_sign_ups_photos_or_with_a_reason_do_not_count(index_stage: IndexStage) -> None:
    good = [("QD", f"A{n}", "2019-03-05", 5, 1, "") for n in range(7)]
    bad = [("QD", "B1", "2019-03-05", 5, 0, ""), ("QD", "B2", "2019-03-05", 3, 0, ""),
           ("QD", "C1", "2019-03-05", 4, 2, "纯工作会议")]  # fmt: skip
    index_stage.load("青年之声活动", *good, *bad)
    index_stage.ratio("QD", FEES, 196, 200)
    lines = index_stage.result(index_stage.run(MARCH), "QD").detail["indicators"]
    assert lines["GD-3.1g.posted"]["inputs"] == {"numerator": 7, "denominator": 200}
    assert lines["GD-3.1g.signups"]["inputs"] == {"numerator": 35, "denominator": 200}
    assert "无效占比 1/10；无效占比的系数原文未载明，按 1 计" in lines["GD-3.1g.posted"]["note"]


def test_activities_without_members_have_no_base_and_are_left_out(index_stage: IndexStage) -> None:
    index_stage.load("青年之声活动", ("QD", "A1", "2019-03-05", 5, 1, ""))
    assert "GD-3.1g.posted" in index_stage.result(index_stage.run(MARCH), "QD").detail["no_data"]


def test_requests_are_judged_by_72_hours_to_the_second(index_stage: IndexStage) -> None:
    kind, applied = "团员报到审核", "2019-03-01 09:00:00"
    rows = [("QD", f"T{n}", kind, applied, "2019-03-04 09:00:00") for n in range(9)]
    late = ("QD", "L1", kind, applied, "2019-03-04 09:00:01")
    index_stage.clock.now = datetime(2019, 3, 31, 14, tzinfo=UTC)
    open_for_ten_hours = ("QD", "O1", kind, "2019-03-31 12:00:00", "")
    index_stage.load("业务申请", *rows, late, open_for_ten_hours)
    line = index_stage.result(index_stage.run(MARCH), "QD").detail["indicators"]["GD-3.1f"]
    assert line["inputs"] == {"numerator": 9, "denominator": 10}
    assert line["note"] == "及时 9，超时 1，未满时限未计 1"
    assert line["state"] == "原文残缺、不计"


def test_an_open_request_is_judged_as_of_the_import_that_last_showed_it(index_stage: IndexStage) -> None:
    index_stage.clock.now = datetime(2019, 3, 30, 4, tzinfo=UTC)
    row = ("QD", "O1", "批准删除审核", "2019-03-30 09:00:00", "")
    index_stage.load("业务申请", row)

    def line() -> dict[str, Any]:
        found = index_stage.result(index_stage.run(MARCH), "QD").detail["indicators"]["GD-3.1f"]
        return dict(found["inputs"])

    assert line()["denominator"] == 0
    index_stage.clock.advance(days=9)
    assert line()["denominator"] == 0  # the same facts give the same rows
    index_stage.load("业务申请", row)
    assert line() == {"numerator": 0, "denominator": 1}


def test_entered_indices_make_the_total(index_stage: IndexStage) -> None:
    for index, points in (("part.1", 90), ("part.2", 80), ("part.3.video", 60), ("part.3.account", 80)):
        index_stage.load("指标", ("QD", "2019-03", index, "", "", points))
    index_stage.load("指标", ("QA", "2019-03", "第一部分指数", "", "", "82.4"))
    report = index_stage.run(MARCH)
    whole, part = index_stage.result(report, "QD"), index_stage.result(report, "QA")
    assert (whole.value, whole.state, whole.rank) == ("81.5", "暂定", 1)
    assert whole.detail["parts"]["3"]["index"] == "70"
    assert (part.value, part.state, part.rank) == (None, "待补充", None)
    assert part.detail["parts"]["1"]["index"] == "82"
    assert part.detail["missing"][:3] == ["parts.2", "parts.3.video", "parts.3.account"]
    assert "GD-3.1m.constant" in part.detail["missing"]


def test_totals_that_tie_share_a_rank_and_movement_is_against_the_run_before(index_stage: IndexStage) -> None:
    def enter(month: str, **totals: int) -> None:
        for school, points in totals.items():
            for index in ("part.1", "part.2", "part.3.video", "part.3.account"):
                index_stage.load("指标", (school, month, index, "", "", points))

    enter("2019-02", QD=70, QA=80, QB=60)
    enter("2019-03", QD=80, QA=80, QB=90, LD=99)
    index_stage.run(month_period(date(2019, 2, 1)))
    report = index_stage.run(MARCH)
    places = {
        code: (r.rank, r.movement)
        for code in ("QB", "QD", "QA", "LD")
        for r in [index_stage.result(report, code)]
    }
    assert places == {"QB": (1, 2), "QD": (2, 0), "QA": (2, -1), "LD": (None, None)}


def test_a_school_of_a_city_has_its_own_row_and_counts_into_the_city(index_stage: IndexStage) -> None:
    index_stage.ratio("LD", STUDENT, 90, 100)
    index_stage.ratio("LE", STUDENT, 299, 300)
    index_stage.load("评分", ("LD", "2019-03", 100, 1, 0, 0, 0, 0), ("LE", "2019-03", 300, 1, 0, 0, 0, 1))
    report = index_stage.run(MARCH)
    own, city = index_stage.result(report, "LD"), index_stage.result(report, "LC")
    assert (own.scope, own.detail["failed_bottom_lines"]["1"]) == ("非省属高校", [STUDENT])
    assert (city.scope, city.detail["n_schools"]) == ("地市汇总", 2)
    assert city.detail["indicators"][STUDENT]["inputs"] == {"numerator": 389, "denominator": 400}
    assert city.detail["indicators"][STUDENT]["state"] == "达到底线"
    assert city.detail["indicators"]["GD-3.1k"]["value"] == "0.02"
    assert index_stage.result(report, "QD").state == "无数据"


def test_a_plain_mean_cannot_be_added_for_a_city(index_stage: IndexStage) -> None:
    index_stage.load("指标", ("LD", "2019-03", HOURS, "", "", "4.5"), ("LE", "2019-03", HOURS, "450", 100))
    report = index_stage.run(MARCH)
    assert index_stage.result(report, "LD").detail["indicators"][HOURS]["value"] == "4.5"
    city = index_stage.result(report, "LC").detail["indicators"][HOURS]
    assert (city["inputs"], city["note"]) == ({"numerator": "450", "denominator": 100}, "1 所高校合计")


def test_an_index_entered_for_a_month_is_not_that_of_the_year(index_stage: IndexStage) -> None:
    index_stage.load("指标", ("QD", "2019-03", "part.1", "", "", 90), ("QD", "2019", "part.2", "", "", 80))
    assert set(index_stage.result(index_stage.run(YEAR), "QD").detail["parts"]) == {"2"}
    assert set(index_stage.result(index_stage.run(MARCH), "QD").detail["parts"]) == {"1"}


def test_a_year_pools_months_and_shows_each_of_them(index_stage: IndexStage) -> None:
    index_stage.ratio("QD", FEES, 90, 100, "2019-01")
    index_stage.ratio("QD", FEES, 10, 10, "2019-02")
    line = index_stage.result(index_stage.run(YEAR), "QD").detail["indicators"][FEES]
    assert (line["value"], line["state"], line["result_status"]) == ("0.90909", "未达底线", "暂定")
    assert line["months"] == {
        "2019-01": {"value": "0.9", "failed": True},
        "2019-02": {"value": "1", "failed": False},
    }
    mean = MediaRules(RULES, SWITCHES.select({"D-12": "mean_of_months"}))
    line = index_stage.result(index_stage.run(YEAR, mean), "QD").detail["indicators"][FEES]
    assert (line["value"], line["state"]) == ("0.95", "达到底线")


def test_of_cumulative_figures_the_last_month_stands_for_the_year(index_stage: IndexStage) -> None:
    index_stage.ratio("QD", STUDENT, 60, 100, "2019-01")
    index_stage.ratio("QD", STUDENT, 96, 100, "2019-03")
    index_stage.ratio("QD", HOURS, "450", 100, "2019-03")
    lines = index_stage.result(index_stage.run(YEAR), "QD").detail["indicators"]
    assert (lines[STUDENT]["value"], lines[STUDENT]["result_status"]) == ("0.96", "暂定")
    assert lines[STUDENT]["note"] == "取 2019-03 的累计数（推定）"
    assert (lines[HOURS]["value"], lines[HOURS]["state"]) == ("4.5", "达到底线")
    assert "months" not in lines[HOURS]


def test_figures_of_the_whole_year_come_before_months(index_stage: IndexStage) -> None:
    index_stage.ratio("QD", FEES, 50, 100, "2019-03")
    index_stage.ratio("QD", FEES, 97, 100, "2019")
    index_stage.load("指标", ("QD", "2019-03", "GD-3.1l", "", "", 88))
    detail = index_stage.result(index_stage.run(YEAR), "QD").detail
    assert (detail["indicators"][FEES]["value"], detail["indicators"][FEES]["note"]) == ("0.97", "全年数据")
    assert "GD-3.1l" in detail["no_data"]
    assert "原文未载明" in detail["notes"]["GD-3.1l"]


def test_december_and_january_belong_to_their_own_years(index_stage: IndexStage) -> None:
    index_stage.clock.now = datetime(2020, 2, 5, tzinfo=UTC)
    index_stage.ratio("QD", FEES, 1, 100, "2020-01")
    index_stage.ratio("QD", FEES, 100, 100, "2019-12")
    line = index_stage.result(index_stage.run(YEAR), "QD").detail["indicators"][FEES]
    assert line["value"] == "1"


def test_the_same_facts_give_the_same_rows(index_stage: IndexStage) -> None:
    index_stage.ratio("QD", STUDENT, 94, 100)
    index_stage.ratio("LD", STUDENT, 94, 100)

    def rows() -> list[Any]:
        table = table_of(IndexResultRow)
        with index_stage.database.reading() as connection:
            return list(connection.execute(select(table).order_by(table.c.unit_id)).mappings().all())

    first = index_stage.run(MARCH)
    kept = rows()
    index_stage.clock.advance(days=30)
    assert index_stage.run(MARCH).run_id == first.run_id
    assert rows() == kept


def test_a_run_keeps_the_rules_it_was_made_by(index_stage: IndexStage) -> None:
    supplied = RULES.supply({"GD-3.3d.factor_2": Decimal("0.9")}, "团省委函")
    with_reading = MediaRules(supplied, SWITCHES.select({"D-14": "pooled"}))
    ids = [index_stage.run(MARCH, media).run_id for media in (MEDIA, with_reading)]
    with index_stage.database.reading() as connection:
        run = load_run(connection, ids[1])
        results = load_results(connection, ids[1])
    assert run is not None
    assert run.frozen["readings"]["D-14"]["chosen"] == "pooled"
    assert run.frozen["parameters"]["GD-3.3d.factor_2"]["value"] == "0.9"
    assert run.frozen["indicators"][STUDENT]["bottom_line"] == "0.95"
    assert {result.unit_code for result in results} == {"QA", "QB", "QD", "LD", "LE", "LC"}


def test_a_published_run_is_not_run_again(index_stage: IndexStage) -> None:
    report = index_stage.publish(MARCH)
    index_stage.runs().publish(report.run_id, "test")  # twice is once
    with pytest.raises(PeriodLocked):
        index_stage.run(MARCH)
    with pytest.raises(BadParameter):
        index_stage.runs().withdraw(MARCH, "test", " ")
    index_stage.runs().withdraw(MARCH, "test", "数据有误")
    with pytest.raises(NotFound):
        index_stage.runs().withdraw(MARCH, "test", "再撤一次")
    assert index_stage.run(MARCH).run_id == report.run_id


def test_a_run_whose_facts_have_changed_is_not_published(index_stage: IndexStage) -> None:
    report = index_stage.run(MARCH)
    index_stage.ratio("QD", STUDENT, 94, 100)
    with pytest.raises(StateError, match="facts changed"):
        index_stage.runs().publish(report.run_id, "test")
    index_stage.publish(MARCH)


def test_a_period_that_goes_on_is_run_but_not_published(index_stage: IndexStage) -> None:
    report = index_stage.run(YEAR)
    with pytest.raises(StateError) as refused:
        index_stage.runs().publish(report.run_id, "test")
    assert refused.value.user_text == "2019 尚未结束，不能发布"
    with pytest.raises(BadParameter):
        index_stage.run(month_period(date(2019, 5, 1)))
    with pytest.raises(NoRulebookInForce):
        index_stage.run(month_period(date(2018, 12, 1)))
    with pytest.raises(NotFound):
        index_stage.runs().publish(999, "test")


@pytest.mark.slow
def test_a_year_of_160_schools_measures_every_indicator_of_each(index_stage: IndexStage) -> None:
    index_stage.clock.now = datetime(2020, 1, 10, tzinfo=UTC)
    index_stage.add_many_schools(160)
    report = index_stage.run(YEAR)
    assert sum(len(result.detail["indicators"]) for result in report.results) == 160 * (
        len(RULES.indicators) - 1
    )


FAKED = Declaration(
    DeclarationKind.FAKING,
    "QD",
    "2019-03",
    "活动签到系伪造",
    "后台日志编号 17",
    "全年不评好",
    bars_from_good=True,
)


@pytest.fixture
def declarations(index_stage: IndexStage) -> Declarations:
    return Declarations(index_stage.database, index_stage.clock, RULES)


def test_faking_bars_from_good_by_decision_and_can_be_taken_back(
    index_stage: IndexStage, cast: Cast, declarations: Declarations
) -> None:
    province = cast.viewer("QS", Role.INSPECTOR)
    number = declarations.declare(province, FAKED)
    for period in (MARCH, YEAR):
        result = index_stage.result(index_stage.run(period), "QD")
        assert result.is_barred
        assert result.detail["findings"] == [{"kind": "造假", "reason": "活动签到系伪造", "bars": True}]
    assert not index_stage.result(index_stage.run(month_period(date(2019, 2, 1))), "QD").is_barred
    declarations.withdraw(province, number, "复核后不成立")
    assert not index_stage.result(index_stage.run(MARCH), "QD").is_barred
    with pytest.raises(NotFound):
        declarations.withdraw(province, number, "再撤")


@pytest.mark.parametrize(
    ("unit", "role"), [("QD", Role.UNIT_ADMIN), ("LC", Role.UNIT_ADMIN), ("QS", Role.LEADER)]
)
def test_only_the_province_declares(cast: Cast, declarations: Declarations, unit: str, role: Role) -> None:
    with pytest.raises(OutOfScope):
        declarations.declare(cast.viewer(unit, role), FAKED)


@pytest.mark.parametrize(
    "changes",
    [{"evidence": " "}, {"reason": ""}, {"decision": ""}, {"period": "三月"}, {"period": "2019-05"},
     {"kind": DeclarationKind.INCIDENT, "period": "2019"}],
)  # fmt: skip
def test_a_declaration_needs_reason_evidence_decision_and_period(
    cast: Cast, declarations: Declarations, changes: dict[str, Any]
) -> None:
    values = {name: getattr(FAKED, name) for name in FAKED.__slots__} | changes
    with pytest.raises(BadParameter):
        declarations.declare(cast.viewer("QS", Role.INSPECTOR), Declaration(**values))


def test_nothing_is_declared_about_a_published_month(
    index_stage: IndexStage, cast: Cast, declarations: Declarations
) -> None:
    index_stage.publish(MARCH)
    with pytest.raises(PeriodLocked):
        declarations.declare(cast.viewer("QS", Role.INSPECTOR), FAKED)


@pytest.mark.parametrize("period", ["2019-03", "2019"])
def test_an_anomaly_needs_a_decision_and_changes_no_result(
    index_stage: IndexStage, cast: Cast, period: str
) -> None:
    index_stage.ratio("QD", "GD-3.1c", 95, 100)
    before = index_stage.result(index_stage.run(month_period(date(2019, 3, 1))), "QD")
    desk = Declarations(index_stage.database, index_stage.clock, RULES)
    inspector = cast.viewer("QS", Role.INSPECTOR)
    anomaly = Declaration(DeclarationKind.ANOMALY, "QD", period, "同一时刻报名激增", "平台日志", "", True)
    with pytest.raises(BadParameter):
        desk.declare(inspector, anomaly)
    desk.declare(inspector, replace(anomaly, decision="责令说明，未认定造假"))
    after = index_stage.result(index_stage.run(month_period(date(2019, 3, 1))), "QD")
    assert (after.is_barred, after.detail) == (before.is_barred, before.detail)
    with index_stage.database.reading() as connection:
        (row,) = load_declarations_of(connection, 2019)
    assert (row.kind, row.bars_from_good) == ("数据异常", False)

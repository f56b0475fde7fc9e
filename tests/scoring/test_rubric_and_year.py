"""Items, sheets and year grades beyond the golden tables."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest

from scoring.activity import ActivityGrade
from scoring.bands import BandTable
from scoring.errors import InputError, PointsOutOfRange
from scoring.explain import explain_verdict
from scoring.facts import FactTable
from scoring.figures import list_figures
from scoring.rubric import LineState, format_points, score_item, score_supplied
from scoring.rulebook import load_rulebook
from scoring.sheet import score_sheet
from scoring.source import ResultStatus, SourceStatus
from scoring.streak import CheckFact, find_poor_streaks
from scoring.switches import load_switches
from scoring.year import YearGrade, grade_year, judge_year

RULES, SWITCHES = load_rulebook(), load_switches()
ITEMS = {item.id: item for item in RULES.rubric.items}


def score(item_id, switches=SWITCHES, **facts):
    """Score one item of the rulebook."""
    return score_item(ITEMS[item_id], FactTable(facts), switches)


def test_what_is_not_entered_is_open_and_never_zero():
    line = score("HN-A2.2a")
    assert (line.points, line.state, line.result_status) == (None, LineState.OPEN, ResultStatus.INCOMPLETE)


def test_an_item_entered_in_part_counts_what_is_known():
    line = score("HN-A2.1", accounts=1)
    assert (line.points, line.state) == (Decimal("0.2"), LineState.PARTIAL)
    assert line.result_status is ResultStatus.INCOMPLETE
    assert line.arithmetic == "至少有一个公众平台（现有 1 个） 0.20 + 专人管理等（原文残缺） 未录入 = 0.20"


def test_the_two_halves_of_the_mechanism_item_are_a_checklist_with_an_inferred_label():
    line = score("HN-A1.1", promoted_document=True, complete_document=False)
    assert (line.points, line.status) == (Decimal("0.5"), SourceStatus.INFERRED)
    assert line.result_status is ResultStatus.PROVISIONAL


def test_a_panel_decision_on_a_damaged_item_is_final():
    line = score("HN-A1.1", panel="0.7", reason="文件")
    assert (line.points, line.status, line.result_status) == (
        Decimal("0.7"),
        SourceStatus.DAMAGED,
        ResultStatus.FINAL,
    )


def test_more_than_the_maximum_is_cut_and_shown():
    assert score("HN-A1.3", document=True, records=12).arithmetic == (
        "min(1, 制度性文件 0.20 + 专题会议记录 12 次 × 0.1 = 1.40) = 1.00"
    )


def test_a_percentage_just_below_a_tier_is_never_shown_as_that_tier():
    line = score("HN-A2.2a", covered=899_999, base=1_000_000)
    assert line.points == Decimal("0.5")
    assert "= 89.99%" in line.arithmetic


def test_whole_percent_reading_agrees_with_the_exact_one_on_these_tiers():
    truncated = SWITCHES.select({"D-11": "integer_percent"})
    for covered in (6999, 7000, 8999, 9000):
        assert score("HN-A2.2a", covered=covered, base=10_000) == score(
            "HN-A2.2a", truncated, covered=covered, base=10_000
        )


def test_whole_percent_cuts_the_ratio_where_a_tier_lies_between_two_percents():
    item = ITEMS["HN-A2.2a"]
    *lower, below, top = item.components[0].bands.bands
    edge = Decimal("0.895")
    bands = BandTable((*lower, replace(below, upper=edge), replace(top, lower=edge)))
    item = replace(item, components=(replace(item.components[0], bands=bands),))
    facts = FactTable({"covered": 897, "base": 1000})
    truncated = SWITCHES.select({"D-11": "integer_percent"})
    assert score_item(item, facts, SWITCHES).points == top.outcome
    assert score_item(item, facts, truncated).points == below.outcome


def test_a_part_without_base_names_the_item_while_the_other_parts_are_not_entered():
    components = (*ITEMS["HN-A2.2a"].components, *ITEMS["HN-A2.1"].components)
    item = replace(ITEMS["HN-A2.2a"], components=components)
    assert score_item(item, FactTable({"covered": 0, "base": 0}), SWITCHES).state is LineState.NO_BASE


def test_the_line_of_a_single_part_does_not_repeat_its_points():
    line = score("HN-A2.2a", covered=9000, base=10_000)
    assert line.arithmetic.endswith(" = 90.00%，90% 以上（含） → 0.80")


def test_self_points_stand_beside_and_count_only_under_the_mean():
    beside = score("HN-A1.2", panel="0.8", reason="x", self="1")
    assert (beside.points, beside.self_points) == (Decimal("0.8"), Decimal(1))
    assert beside.result_status is ResultStatus.PROVISIONAL
    mean = score(
        "HN-A1.2", SWITCHES.select({"D-04": "mean"}, confirmed={"D-04"}), panel="0.8", reason="x", self="1"
    )
    assert (mean.points, mean.result_status) == (Decimal("0.9"), ResultStatus.FINAL)
    assert mean.arithmetic.endswith("平均 = 0.90")
    same = score("HN-A1.2", panel="0.8", reason="x", self="0.8")
    assert same.result_status is ResultStatus.FINAL
    assert score("HN-A1.2", self="0.8").points is None


def test_a_supplied_item_without_points_is_scorable_but_open():
    line = score_supplied(ITEMS["HN-A4"], FactTable({"max": "1.5", "reference": "文件"}))
    assert (line.points, line.max_points, line.state) == (None, Decimal("1.5"), LineState.OPEN)


def test_a_supplied_item_shows_its_self_points():
    facts = {"max": "1.5", "reference": "文件", "panel": "1", "reason": "x", "self": "1.5"}
    line = score_supplied(ITEMS["HN-A4"], FactTable(facts))
    assert (line.self_points, line.reason) == (Decimal("1.5"), "x")


def test_points_are_shown_with_the_decimals_they_have():
    assert [format_points(Decimal(p)) for p in ("1", "0.125", "-0.2", "10.0")] == [
        "1.00",
        "0.125",
        "-0.20",
        "10.00",
    ]


def test_a_section_floor_is_a_line_of_its_own():
    items = {"HN-A2.2a": {"covered": 0, "base": 1}, "HN-A1.3": {"document": True, "records": 0}}
    sheet = score_sheet(RULES.rubric, items, {}, SWITCHES.select({"D-18": "floor_0"}))
    assert sheet.scored == Decimal("0.2")
    assert [line.item for line in sheet.lines if line.state is LineState.ADJUSTMENT] == ["D-18"]
    assert sheet.sections[1].points == 0
    assert (sheet.lines[-1].points, sheet.lines[-1].max_points) == (Decimal("0.2"), 0)


def test_a_partly_supplied_sheet_stays_incomplete():
    supplied = {"HN-A3.3": {"max": "1", "reference": "文件", "panel": "1", "reason": "x"}}
    sheet = score_sheet(RULES.rubric, {}, supplied, SWITCHES)
    assert sheet.headline == "已评 1.00 / 可评 7.50 / 满分 10（原文残缺 2.5）"
    assert sheet.state is ResultStatus.INCOMPLETE
    assert sheet.converted == Decimal("1.33")


CONFIRMED = load_rulebook(confirmed={figure.clause for figure in list_figures("hn-2013")})
PANEL = {"panel": "0.5", "reason": "依据"}


def full_sheet(ratio: tuple[int, int], accounts: str = "0", **maxima: str):
    """Score every item, the lost ones as supplied, under a rulebook confirmed throughout."""
    covered, base = ratio
    lost = {"HN-A3.3": maxima.get("third", "2.0"), "HN-A4": maxima.get("fourth", "1.5")}
    return score_sheet(
        CONFIRMED.rubric,
        {
            **{key: PANEL for key in ("HN-A1.1", "HN-A1.2", "HN-A3.1", "HN-A3.2")},
            "HN-A1.3": {"document": True, "records": 1},
            "HN-A2.1": {"accounts": int(accounts), "panel": "0"},
            **{f"HN-A2.2{letter}": {"covered": covered, "base": base} for letter in "abc"},
        },
        {key: {**PANEL, "max": maximum, "reference": "文件"} for key, maximum in lost.items()},
        SWITCHES,
    )


def test_a_complete_sheet_is_provisional_only_when_a_section_lies_below_zero():
    above, below = full_sheet((9, 10)), full_sheet((1, 10))
    assert (above.sections[1].points > 0, above.state) == (True, ResultStatus.FINAL)
    assert (below.sections[1].points, below.state) == (Decimal("-0.4"), ResultStatus.PROVISIONAL)


def test_a_section_of_exactly_zero_rests_on_no_default():
    items = {"HN-A1.3": {"document": False, "records": 0}}
    rubric = CONFIRMED.rubric
    first = [item for item in rubric.items if item.id in items]
    rubric = replace(
        rubric, items=tuple(first), full_points=first[0].max_points, sections=rubric.sections[:1]
    )
    sheet = score_sheet(rubric, items, {}, SWITCHES)
    assert (sheet.sections[0].points, sheet.state) == (Decimal(0), ResultStatus.FINAL)


def test_a_lost_item_supplied_with_less_than_it_was_leaves_the_sheet_incomplete():
    sheet = full_sheet((9, 10), third="1.9")
    assert (sheet.scorable, sheet.full) == (Decimal("9.9"), Decimal(10))
    assert sheet.state is ResultStatus.INCOMPLETE


def test_a_lost_item_is_supplied_and_an_item_with_a_rule_is_not():
    with pytest.raises(InputError, match=r"items\.HN-A4: unknown"):
        score_sheet(RULES.rubric, {"HN-A4": PANEL}, {}, SWITCHES)
    with pytest.raises(InputError, match=r"supplied\.HN-A1\.1: unknown"):
        score_sheet(RULES.rubric, {}, {"HN-A1.1": PANEL}, SWITCHES)


def test_a_total_in_a_printed_gap_rests_on_the_default():
    verdict = grade_year(Decimal("8.93"), RULES.year, SWITCHES)
    assert (verdict.status, verdict.result_status) == (SourceStatus.DEFAULT, ResultStatus.PROVISIONAL)
    confirmed = SWITCHES.select(confirmed={"D-10"})
    assert grade_year(Decimal("8.93"), RULES.year, confirmed).result_status is ResultStatus.FINAL
    assert grade_year(Decimal("8.90"), RULES.year, SWITCHES).status is SourceStatus.STATED
    assert grade_year(Decimal("5.97"), RULES.year, SWITCHES).status is SourceStatus.DEFAULT


def test_totals_outside_the_scale_are_refused():
    for total in ("-0.01", "10.01"):
        with pytest.raises(PointsOutOfRange):
            grade_year(Decimal(total), RULES.year, SWITCHES)


def test_rounding_up_lifts_the_consequences_too():
    rounded = SWITCHES.select({"D-10": "half_up_0.1"})
    assert judge_year(Decimal("5.99"), RULES.year, rounded).consequences == ()
    assert len(judge_year(Decimal("5.99"), RULES.year, SWITCHES).consequences) == 3


def test_every_year_band_is_shown_with_its_own_bound():
    totals = {"9": "9 分以上（含）", "7": "7 分以上（含）", "6": "6 分以上（含）", "5.99": "6 分以下"}
    for total, label in totals.items():
        assert f"，{label} → " in grade_year(Decimal(total), RULES.year, SWITCHES).arithmetic


def test_the_grounds_of_disqualification_are_the_printed_ones():
    assert RULES.year.grounds == ("未完成微信平台建设工作", "工作出现重大失误，影响共青团整体形象")


def test_a_line_gives_everything_it_shows_as_json():
    line = score("HN-A2.2a", covered=9000, base=10_000, reason="台账", self="0.5")
    assert line.as_json() == {
        "item": "HN-A2.2a",
        "section": "二",
        "title": ITEMS["HN-A2.2a"].title,
        "points": "0.80",
        "max": "0.80",
        "state": "已评",
        "status": line.status.value,
        "result_status": line.result_status.value,
        "clause": "HN-A2.2a",
        "arithmetic": line.arithmetic,
        "reason": "台账",
        "self": "0.5",
    }


def test_an_open_line_says_whether_its_rule_is_lost():
    lines = {line.item: line for line in score_sheet(RULES.rubric, {}, {}, SWITCHES).lines}
    assert lines["HN-A1.1"].arithmetic == "尚未评分"
    assert lines["HN-A4"].arithmetic == "原文未载明，待团省委附文件补充"
    assert (lines["HN-A1.1"].state, lines["HN-A4"].state) == (LineState.OPEN, LineState.LOST)


def test_facts_of_an_item_or_a_supplied_one_are_read_strictly():
    with pytest.raises(InputError, match="selfish: unknown"):
        score("HN-A1.3", selfish="1")
    with pytest.raises(InputError, match="panel: unknown"):
        score("HN-A2.2a", covered=1, base=2, panel="1")
    with pytest.raises(InputError, match="note: unknown"):
        score_supplied(ITEMS["HN-A4"], FactTable({"max": "1", "reference": "文件", "note": "x"}))
    assert score("HN-A1.3", document=True, records=5, self="0.5").self_points == Decimal("0.5")
    assert score("HN-A1.1", panel="0.7", reason="文件", self="1").self_points == Decimal(1)


def test_a_cap_leaves_lower_grades_and_every_total_alone():
    result = judge_year(Decimal("7.50"), RULES.year, SWITCHES, excellence_cap=True)
    assert (result.grade.outcome, result.is_capped, result.total) == (YearGrade.GOOD, False, Decimal("7.50"))


def test_the_state_of_the_sheet_decides_the_state_of_the_grade():
    result = judge_year(Decimal("9.50"), RULES.year, SWITCHES, sheet_status=ResultStatus.PROVISIONAL)
    assert result.grade.result_status is ResultStatus.PROVISIONAL
    assert explain_verdict(result.grade) == "总分 9.50 分，9 分以上（含） → 优秀〔HN-4.3 载明，暂定〕"
    assert explain_verdict(judge_year(Decimal(5), RULES.year, SWITCHES).grade) == (
        "总分 5.00 分，6 分以下 → 不合格〔HN-4.3 载明〕"
    )


def test_a_naive_instant_is_refused():
    naive = datetime.fromisoformat("2013-11-01T10:00:00")
    check = CheckFact("海口", "A", naive, ActivityGrade.POOR)
    with pytest.raises(ValueError, match="offset"):
        find_poor_streaks([check], RULES.year.streak, SWITCHES)
    assert find_poor_streaks([replace(check, is_void=True)], RULES.year.streak, SWITCHES) == {}


def test_a_confirmed_reading_makes_the_cap_final():
    start = datetime.fromisoformat("2013-11-01T10:00:00+08:00")
    checks = [CheckFact("海口", "A", start, ActivityGrade.POOR, id=str(n)) for n in range(3)]
    verdict = find_poor_streaks(checks, RULES.year.streak, SWITCHES.select(confirmed={"D-09"}))[2013]["海口"]
    assert (verdict.outcome.cap, verdict.result_status) == (True, ResultStatus.FINAL)
    assert verdict.outcome.capped_by == ("0", "1", "2")

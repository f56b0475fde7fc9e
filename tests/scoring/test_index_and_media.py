"""Guangdong beyond the golden tables: months, damaged figures, factors, videos, responses."""

from datetime import datetime
from decimal import Decimal

import pytest

from scoring.contract import answer_evaluate
from scoring.errors import InputError, RulebookFormatError
from scoring.facts import FactTable
from scoring.index import IndicatorState, judge_bottom_lines, measure_indicator
from scoring.index_rules import load_index_rulebook
from scoring.media import VideoFacts, VideoState, is_video_on_time, judge_video, score_account
from scoring.service import ActivityFacts, InvalidReason, count_activities, is_timely
from scoring.source import ResultStatus, SourceStatus
from scoring.switches import load_switches
from scoring.wci import compute_wci

RULES, SWITCHES = load_index_rulebook(), load_switches()


def measure(indicator_id, facts, rules=RULES, switches=SWITCHES):
    """Measure one indicator of the rulebook."""
    return measure_indicator(rules.indicators[indicator_id], FactTable(facts), rules, switches)


def test_months_are_summed_unless_the_mean_is_selected():
    months = {"months": [{"numerator": 90, "denominator": 100}, {"numerator": 10, "denominator": 10}]}
    pooled = measure("GD-3.1c", months)
    assert (pooled.state, pooled.result_status) == (IndicatorState.FAILED, ResultStatus.PROVISIONAL)
    assert "= 90.90%" in pooled.arithmetic
    mean = measure("GD-3.1c", months, switches=SWITCHES.select({"D-12": "mean_of_months"}))
    assert (mean.value, mean.state) == (Decimal("0.95"), IndicatorState.PASSED)


def test_a_base_of_zero_is_no_score():
    for facts in ({"numerator": 0, "denominator": 0}, {"months": []}):
        result = measure("GD-3.1c", facts)
        assert (result.value, result.state) == (None, IndicatorState.NO_BASE)
        assert result.result_status is ResultStatus.INCOMPLETE
    assert measure("GD-3.1k", {"ratings": [], "members": 0}).state is IndicatorState.NO_BASE


def test_ratings_may_be_given_as_counts():
    listed = measure("GD-3.1k", {"ratings": [5, 5, 4, 3, 2, 1], "members": 200})
    counted = measure("GD-3.1k", {"counts": {"5": 2, "4": 1, "3": 1, "2": 1, "1": 1}, "members": 200})
    assert counted == listed


@pytest.mark.parametrize(
    "facts", [{"counts": {"6": 1}}, {"counts": {"5": -1}}, {"counts": {"5": 1}, "ratings": [5]}]
)
def test_counts_of_ratings_are_read_strictly(facts):
    with pytest.raises(InputError):
        measure("GD-3.1k", {**facts, "members": 200})


def test_a_mean_may_be_given_as_sum_and_number():
    result = measure("GD-3.2c", {"numerator": "390.5", "denominator": 100})
    assert (result.state, result.as_json()["value"]) == (IndicatorState.FAILED, "3.905")


def test_a_rate_per_head_may_exceed_one():
    result = measure("GD-3.1g.signups", {"numerator": 300, "denominator": 200})
    assert (result.as_json()["value"], result.state) == ("1.5", IndicatorState.NO_BOTTOM_LINE)


def test_a_confirmed_damaged_bottom_line_is_evaluated():
    confirmed = load_index_rulebook(confirmed={"GD-3.1e"})
    result = measure("GD-3.1e", {"numerator": 3, "denominator": 100}, confirmed)
    assert (result.state, result.result_status) == (IndicatorState.FAILED, ResultStatus.FINAL)
    assert result.status is SourceStatus.DAMAGED


def test_the_denominator_of_the_certificate_rate_rests_on_a_default():
    result = measure("GD-3.2d", {"numerator": 1, "denominator": 2})
    assert (result.status, result.result_status) == (SourceStatus.DEFAULT, ResultStatus.PROVISIONAL)
    assert "本校注册志愿者" in result.arithmetic


def test_points_above_ninety_are_kept_and_the_lost_bonus_is_named():
    assert "原文未载明" in measure("GD-3.1l", {"value": "91"}).arithmetic
    assert "原文未载明" not in measure("GD-3.1l", {"value": "90"}).arithmetic


def test_a_reading_that_decides_the_bar_makes_it_provisional():
    failing = {
        "GD-3.1a": measure("GD-3.1a", {"numerator": 1, "denominator": 2}),
        "GD-3.2c": measure("GD-3.2c", {"value": "1"}),
    }
    assert judge_bottom_lines(failing, RULES, SWITCHES).result_status is ResultStatus.PROVISIONAL
    del failing["GD-3.2c"]
    assert judge_bottom_lines(failing, RULES, SWITCHES).result_status is ResultStatus.FINAL


def test_without_bottom_lines_and_findings_nothing_bars_from_good():
    answer = answer_evaluate(
        "gd-2019", {"findings": [{"kind": "造假", "reason": "轻微", "bars_from_good": False}]}
    )
    assert answer["barred_from_good"] is False
    assert answer["failed_bottom_lines"] == {"1": [], "2": []}


def test_only_lost_parameters_can_be_supplied():
    for parameter in ("GD-3.1f.limit_hours", "GD-0"):
        with pytest.raises(
            RulebookFormatError, match=r"is no lost parameter \(allowed: GD-3.1g.share_posted"
        ):
            RULES.supply({parameter: Decimal(1)}, "文件")


def test_supplied_numbers_of_the_invalid_rule_multiply_per_full_step():
    names = ("limit_ratio", "step_ratio", "factor")
    numbers = {f"GD-3.1i.{name}": Decimal(n) for name, n in zip(names, ("0.1", "0.1", "0.9"), strict=True)}
    rules = RULES.supply(numbers, "文件")
    faked = ActivityFacts(1, 1, InvalidReason.FAKED_FIGURES)
    good = ActivityFacts(1, 1)
    three_of_ten = count_activities([faked] * 3 + [good] * 7, rules)
    assert three_of_ten.outcome.multiplier == Decimal("0.81")
    assert three_of_ten.result_status is ResultStatus.PROVISIONAL
    assert count_activities([faked] + [good] * 9, rules).outcome.multiplier == 1
    assert count_activities([], RULES).outcome.invalid_ratio is None


def test_a_video_is_rejected_for_every_fault_at_once():
    video = VideoFacts(Decimal(15), 9, 16, is_published_before=True, taboos=("出现商标logo",))
    verdict = judge_video(video, RULES)
    assert verdict.outcome is VideoState.REJECTED
    assert verdict.arithmetic == "出现商标logo；曾在视频平台发布 → 不合格"


@pytest.mark.parametrize("video", [VideoFacts(Decimal(0), 9, 16), VideoFacts(Decimal(9), 0, 16)])
def test_a_video_without_extent_is_refused(video):
    with pytest.raises(ValueError, match="above 0"):
        judge_video(video, RULES)


def test_naive_instants_and_reviews_before_their_request_are_refused():
    with pytest.raises(ValueError, match="offset"):
        is_video_on_time(datetime.fromisoformat("2019-06-15T12:00:00"), RULES)
    later, earlier = (datetime.fromisoformat(f"2019-06-{day}T12:00:00Z") for day in (16, 15))
    with pytest.raises(ValueError, match="before applied"):
        is_timely(later, earlier, RULES)


@pytest.mark.parametrize(("wci", "n_posts"), [("-1", 3), ("1", -1)])
def test_a_negative_week_is_refused(wci, n_posts):
    with pytest.raises(ValueError, match="≥ 0"):
        score_account(Decimal(wci), n_posts, RULES, SWITCHES)


def test_a_supplied_factor_is_no_guess():
    rules = RULES.supply({"GD-3.3d.factor_2": Decimal("0.9")}, "粤团函〔2019〕1号")
    verdict = score_account(Decimal(100), 2, rules, SWITCHES.select(confirmed={"D-13"}))
    assert (verdict.outcome, verdict.result_status) == (Decimal(90), ResultStatus.FINAL)
    assert rules.parameters["GD-3.3d.factor_2"].source.note == "团省委补充：粤团函〔2019〕1号"


def test_a_wci_says_which_version_it_used():
    facts = {"n": 1, "R": 10, "Rmax": 10, "Z": 0, "Zmax": 0}
    verdict = compute_wci("2.0", facts)
    assert verdict.figures == {"version": "2.0", **facts}
    assert verdict.status is SourceStatus.INFERRED

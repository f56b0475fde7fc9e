"""The sheet of a school beyond the golden tables: what is missing, what is final, what is refused."""

import pytest

from scoring.errors import InputError
from scoring.figures import list_figures
from scoring.index_rules import load_index_rulebook
from scoring.source import ResultStatus
from scoring.switches import load_switches
from scoring.total import evaluate_school

RULES, SWITCHES = load_index_rulebook(), load_switches()
CONFIRMED = load_index_rulebook(confirmed={figure.clause for figure in list_figures("gd-2019")})


def parts(first="90", second="80", video="60", account="80"):
    """Give the indices of all three parts."""
    return {"1": first, "2": second, "3": {"video": video, "account": account}}


def test_what_is_missing_is_an_absent_input_first_and_then_what_the_source_lost():
    lost = tuple(parameter.id for parameter in RULES.parameters.values() if parameter.value is None)
    assert "GD-3.1i.factor" in lost
    assert "GD-3.1f.limit_hours" not in lost
    assert evaluate_school({"parts": parts()}, RULES, SWITCHES).missing == lost
    facts = {"parts": {"1": "90", "3": {"video": "60"}}}
    assert evaluate_school(facts, RULES, SWITCHES).missing == ("parts.2", "parts.3.account", *lost)


@pytest.mark.parametrize(
    ("given", "state"),
    [
        (parts(), ResultStatus.FINAL),
        (parts(first="90.5"), ResultStatus.PROVISIONAL),
        (parts(first="90.5", second="80.5", video="60", account="81"), ResultStatus.PROVISIONAL),
        (parts(video="60", account="81"), ResultStatus.PROVISIONAL),
    ],
)
def test_rounding_makes_a_confirmed_total_provisional_only_where_something_is_rounded(given, state):
    assert evaluate_school({"parts": given}, CONFIRMED, SWITCHES).state is state


@pytest.mark.parametrize(
    ("facts", "place"),
    [
        ({"part": {}}, r"part: unknown \(allowed: findings, indicators, parts\)"),
        ({"indicators": {"GD-0": {}}}, r"indicators\.GD-0: unknown"),
        ({"parts": {"4": "1"}}, r"parts\.4: unknown"),
        ({"parts": {"3": {"radio": "1"}}}, r"parts\.3\.radio: unknown"),
        ({"findings": [{"kind": "造假", "reason": "x", "bars_from_good": True, "by": "y"}]}, r"by: unknown"),
        ({"findings": [{"kind": "造假", "reason": "x"}]}, "bars_from_good: must be true or false"),
        ({"parts": {"1": "-0.1"}}, r"parts\.1: must not be negative"),
    ],
)
def test_facts_of_a_school_are_read_strictly(facts, place):
    with pytest.raises(InputError, match=place):
        evaluate_school(facts, RULES, SWITCHES)


def test_the_total_is_shown_as_the_sum_of_what_each_part_adds():
    sheet = evaluate_school({"parts": parts(second="80.5", account="81")}, RULES, SWITCHES)
    assert sheet.arithmetic == "90 × 0.40 + 81 × 0.35 + 71 × 0.25 = 36 + 28.35 + 17.75 = 82.1"
    assert sheet.parts["2"].arithmetic == "指数 80.5，取整 81"
    assert sheet.parts["3"].arithmetic == (
        "网络视听产品 60 × 0.50 + 高校团委微信公众号 81 × 0.50 = 70.5，取整 71"
    )
    assert evaluate_school({"parts": {"1": "90"}}, RULES, SWITCHES).arithmetic == (
        "缺 parts.2、parts.3.video、parts.3.account，总分待补充"
    )

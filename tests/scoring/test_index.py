"""Indicators and bottom lines (指标、底线) beyond the golden table: words, states, status, refusals."""

from dataclasses import replace

import pytest

from scoring.errors import InputError
from scoring.facts import FactTable
from scoring.index import judge_bottom_lines, measure_indicator
from scoring.index_rules import load_index_rulebook
from scoring.source import ResultStatus, SourceStatus
from scoring.switches import load_switches

RULES, SWITCHES = load_index_rulebook(), load_switches()


def measure(indicator_id, facts, rules=RULES, switches=SWITCHES):
    """Measure one indicator of the rulebook."""
    return measure_indicator(rules.indicators[indicator_id], FactTable(facts), rules, switches)


@pytest.mark.parametrize(
    ("indicator_id", "facts", "passes", "line"),
    [
        ("GD-3.1a", {"numerator": 94, "denominator": 100}, False,
         "学生团员报到 94/100 = 94.00% < 0.95 → 未达底线"),
        ("GD-3.1a", {"numerator": 95, "denominator": 100}, True,
         "学生团员报到 95/100 = 95.00% ≥ 0.95 → 达到底线"),
        ("GD-3.1e", {"numerator": 3, "denominator": 100}, None,
         "完成组织关系转接 3/100 = 3.00%；底线印作 0.05，原文残缺，不计"),
        ("GD-3.1a", {"numerator": 3, "denominator": 0}, None, "学生团员报到 3/0：基数为 0，无基数"),
        ("GD-3.2c", {"value": "4"}, True, "团员志愿者人均服务时长 4 小时 ≥ 4 → 达到底线"),
        ("GD-3.2c", {"numerator": "390.5", "denominator": 100}, False,
         "团员志愿者人均服务时长 390.5/100 = 3.905 小时 < 4 → 未达底线"),
        ("GD-3.1k", {"ratings": [5, 2, 1], "members": 3}, None, "总评分 2 / 团员 3 = 0.666666"),
        ("GD-3.1k", {"ratings": [], "members": 0}, None, "总评分 0 / 团员 0：基数为 0，无基数"),
    ],
)  # fmt: skip
def test_an_indicator_shows_its_arithmetic_and_whether_it_passes(indicator_id, facts, passes, line):
    result = measure(indicator_id, facts)
    assert (result.arithmetic, result.as_json()["passes"]) == (line, passes)


def test_a_damaged_bottom_line_damages_the_source_but_not_the_state_of_the_value():
    result = measure("GD-3.1e", {"numerator": 3, "denominator": 100})
    assert (result.status, result.result_status) == (SourceStatus.DAMAGED, ResultStatus.FINAL)


def test_an_inferred_bottom_line_makes_the_indicator_provisional():
    indicator = RULES.indicators["GD-3.1a"]
    source = replace(indicator.bottom_line.source, status=SourceStatus.INFERRED)
    indicator = replace(indicator, bottom_line=replace(indicator.bottom_line, source=source))
    result = measure_indicator(indicator, FactTable({"numerator": 1, "denominator": 1}), RULES, SWITCHES)
    assert (result.status, result.result_status) == (SourceStatus.INFERRED, ResultStatus.PROVISIONAL)


def test_only_failed_bottom_lines_decide_the_state_of_the_bar():
    passed_on_a_default = measure("GD-3.2d", {"numerator": 1, "denominator": 2})
    assert passed_on_a_default.result_status is ResultStatus.PROVISIONAL
    failed = measure("GD-3.1a", {"numerator": 1, "denominator": 2})
    results = {"GD-3.2d": passed_on_a_default, "GD-3.1a": failed}
    assert judge_bottom_lines(results, RULES, SWITCHES).result_status is ResultStatus.FINAL
    results["GD-3.2d"] = measure("GD-3.2d", {"numerator": 1, "denominator": 3})
    assert judge_bottom_lines(results, RULES, SWITCHES).result_status is ResultStatus.PROVISIONAL


def test_the_bar_is_shown_with_the_failures_of_every_part():
    missed = {"numerator": 1, "denominator": 2}
    results = {"GD-3.1a": measure("GD-3.1a", missed)}
    label = SWITCHES["D-14"].labels[SWITCHES["D-14"].chosen]
    assert judge_bottom_lines(results, RULES, SWITCHES).arithmetic == (
        f"未达底线：第1部分 1 项，第2部分 0 项；超过 1 项不评“好”（{label}） → 不影响评“好”"
    )
    results["GD-3.1c"] = measure("GD-3.1c", missed)
    assert judge_bottom_lines(results, RULES, SWITCHES).arithmetic.endswith(f"（{label}） → 不评“好”")


@pytest.mark.parametrize(
    ("indicator_id", "facts", "message"),
    [
        ("GD-3.2c", {"value": "4", "numerator": 4}, "numerator: unknown"),
        ("GD-3.2c", {"value": "-0.1"}, "value: must not be negative"),
        ("GD-3.2c", {"numerator": "-0.1", "denominator": 1}, "numerator: must not be negative"),
        ("GD-3.1a", {"numerator": 2, "denominator": 1}, "numerator: ratio above 1: 2 of 1"),
        ("GD-3.1a", {"numerator": 1, "denominator": 1, "value": 1}, "value: unknown"),
        ("GD-3.1a", {"months": [], "numerator": 1}, "numerator: unknown"),
        ("GD-3.1a", {"months": [{"numerator": 1, "month": 5}]}, r"months\[0\]\.month: unknown"),
        ("GD-3.1k", {"ratings": [5], "members": 1, "users": 1}, "users: unknown"),
        ("GD-3.1k", {"counts": {"X": 1}, "members": 1}, r"counts\.X: unknown"),
        ("GD-3.1k", {"ratings": [0], "members": 1}, r"ratings\[0\]: must be a whole rating from 1 to 5"),
        ("GD-3.1k", {"ratings": [1, 6], "members": 1}, r"ratings\[1\]: must be a whole rating from 1 to 5"),
        ("GD-3.1l", {"value": "100.1"}, "value: must be from 0 to 100"),
        ("GD-3.1l", {"value": "-0.1"}, "value: must be from 0 to 100"),
        ("GD-3.1l", {"value": "1", "bonus": 1}, "bonus: unknown"),
    ],
)  # fmt: skip
def test_facts_of_an_indicator_are_read_strictly(indicator_id, facts, message):
    with pytest.raises(InputError, match=message):
        measure(indicator_id, facts)


@pytest.mark.parametrize(
    ("indicator_id", "facts", "value"),
    [
        ("GD-3.1a", {"numerator": 1, "denominator": 1, "months": None}, "1"),
        ("GD-3.1a", {"months": [{"numerator": n, "denominator": 2 * n} for n in (0, 1)]}, "0.5"),
        ("GD-3.1k", {"ratings": [3, 4, 5], "members": 1}, "12"),
        ("GD-3.1k", {"ratings": [1, 2], "members": 1}, "-3"),
        ("GD-3.1k", {"counts": {"3": 2, "2": 1}, "members": 5}, "1"),
        ("GD-3.1l", {"value": "0"}, "0"),
        ("GD-3.1l", {"value": "100"}, "100"),
        ("GD-3.2c", {"value": "0"}, "0"),
    ],
)  # fmt: skip
def test_an_indicator_has_the_value_its_facts_give(indicator_id, facts, value):
    assert measure(indicator_id, facts).as_json()["value"] == value


def test_months_that_agree_either_way_rest_on_no_default():
    even = {"months": [{"numerator": 1, "denominator": 2}, {"numerator": 2, "denominator": 4}]}
    assert measure("GD-3.1a", even).result_status is ResultStatus.FINAL

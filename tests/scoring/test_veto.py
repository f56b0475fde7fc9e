"""Single-item veto (单项否决): both sides of the days, every ground, what is absent, what is refused."""

from datetime import date

import pytest

from scoring.errors import InputError, NoRulebookInForce
from scoring.figures import list_figures
from scoring.source import ResultStatus, SourceStatus
from scoring.veto import judge_veto, load_veto_rulebook

RULES = load_veto_rulebook()
CONFIRMED = load_veto_rulebook(confirmed={figure.clause for figure in list_figures("gb-2019-19")})
CLEAR = {"days_since_update": 13, "has_interaction": True}


@pytest.mark.parametrize(
    ("facts", "state", "line"),
    [
        (CLEAR, "暂定", "无否决项 → 未否决"),
        ({**CLEAR, "days_since_update": 0}, "暂定", "无否决项 → 未否决"),
        ({**CLEAR, "days_since_update": 14}, "暂定", "停更 14 天 ≥ 14 天（红） → 单项否决"),
        ({**CLEAR, "has_interaction": False}, "暂定", "无有效互动功能 → 单项否决"),
        ({**CLEAR, "findings": ["弄虚作假", "泄露国家秘密"]}, "暂定", "弄虚作假；泄露国家秘密 → 单项否决"),
        ({"days_since_update": 13}, "待补充", "缺 has_interaction → 待补充"),
        ({"has_interaction": True}, "待补充", "缺 days_since_update → 待补充"),
        ({}, "待补充", "缺 days_since_update、has_interaction → 待补充"),
        ({"findings": ["弄虚作假"]}, "暂定", "弄虚作假 → 单项否决"),
    ],
)
def test_an_account_is_vetoed_cleared_or_incomplete(facts, state, line):
    verdict = judge_veto(facts, RULES)
    assert (verdict.result_status.value, verdict.arithmetic) == (state, line)
    assert verdict.outcome.is_vetoed is line.endswith("单项否决")
    assert verdict.figures == facts


def test_a_confirmed_reading_makes_the_veto_final():
    for facts in (CLEAR, {**CLEAR, "has_interaction": False}, {**CLEAR, "findings": ["弄虚作假"]}):
        verdict = judge_veto(facts, CONFIRMED)
        assert (verdict.status, verdict.result_status) == (SourceStatus.INFERRED, ResultStatus.FINAL)
    assert judge_veto({}, CONFIRMED).result_status is ResultStatus.INCOMPLETE


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"days": 3}, "days: unknown"),
        ({"days_since_update": -1}, "days_since_update: must be an integer"),
        ({"has_interaction": 1}, "has_interaction: must be true or false"),
        (
            {"findings": ["弄虚作假", "不好看"]},
            r"findings\[1\]: unknown ground '不好看' \(allowed: 严重表述错误",
        ),
        ({"findings": [["弄虚作假"]]}, r"findings\[0\]: unknown ground"),
    ],
)
def test_facts_of_an_account_are_read_strictly(facts, message):
    with pytest.raises(InputError, match=message):
        judge_veto(facts, RULES)


def test_the_veto_is_not_in_force_before_its_first_day():
    first_day = RULES.head.effective_from
    assert load_veto_rulebook(on=first_day).grounds.keys() == RULES.grounds.keys()
    with pytest.raises(NoRulebookInForce):
        load_veto_rulebook(on=date.fromordinal(first_day.toordinal() - 1))

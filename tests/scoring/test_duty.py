"""Daily duty (每日至少 1 条) of groups and accounts: HN-2.1.3."""

import pytest

from scoring.duty import DutyState, judge_account_duty, judge_group_duty
from scoring.rulebook import load_rulebook
from scoring.source import ResultStatus

RULES = load_rulebook()
GROUP, ACCOUNT = RULES.group_duty, RULES.account_duty


def test_one_on_topic_post_meets_the_duty_of_a_group():
    verdict = judge_group_duty(1, True, GROUP)
    assert (verdict.outcome, verdict.clause) == (DutyState.MET, "HN-2.1.3b")
    assert verdict.result_status is ResultStatus.FINAL
    assert verdict.arithmetic == "当日围绕微话题 1 条 ≥ 1 条 → 达标"


def test_no_on_topic_post_misses_the_duty():
    assert judge_group_duty(0, True, GROUP).outcome is DutyState.NOT_MET


def test_without_an_open_topic_the_fault_is_the_missing_topic():
    assert judge_group_duty(4, False, GROUP).outcome is DutyState.NO_TOPIC
    assert judge_group_duty(None, False, GROUP).outcome is DutyState.NO_TOPIC


def test_no_data_is_a_state_and_never_a_missed_duty():
    for verdict in (judge_group_duty(None, True, GROUP), judge_account_duty(None, ACCOUNT)):
        assert verdict.outcome is DutyState.NO_DATA
        assert verdict.result_status is ResultStatus.INCOMPLETE


def test_an_unmet_duty_is_provisional_while_the_day_is_open():
    unmet = judge_account_duty(0, ACCOUNT, day_closed=False)
    assert (unmet.outcome, unmet.result_status) == (DutyState.NOT_MET, ResultStatus.PROVISIONAL)
    assert "当日未结束" in unmet.arithmetic
    assert judge_account_duty(1, ACCOUNT, day_closed=False).result_status is ResultStatus.FINAL
    assert judge_group_duty(1, False, GROUP, day_closed=False).result_status is ResultStatus.PROVISIONAL


def test_a_day_counts_as_closed_unless_it_is_said_to_be_open():
    for verdict in (judge_group_duty(0, True, GROUP), judge_account_duty(0, ACCOUNT)):
        assert (verdict.outcome, verdict.result_status) == (DutyState.NOT_MET, ResultStatus.FINAL)
        assert "当日未结束" not in verdict.arithmetic


@pytest.mark.parametrize("count", [-1, 1.0, True, "1"])
def test_what_is_not_a_count_is_refused(count):
    with pytest.raises(ValueError, match="n_relevant"):
        judge_group_duty(count, True, GROUP)
    with pytest.raises(ValueError, match="n_qualifying"):
        judge_account_duty(count, ACCOUNT)

"""Videos, an account's week, activities and responses beyond the golden tables: words, status, edges."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from scoring.index_rules import load_index_rulebook
from scoring.media import VideoFacts, is_video_on_time, judge_video, score_account
from scoring.service import ActivityFacts, InvalidReason, count_activities, count_responses, is_timely
from scoring.source import ResultStatus, SourceStatus
from scoring.switches import load_switches

RULES, SWITCHES = load_index_rulebook(), load_switches()
APPLIED = datetime.fromisoformat("2019-05-01T09:00:00+08:00")
LIMIT, SECOND = timedelta(hours=72), timedelta(seconds=1)


@pytest.mark.parametrize(
    ("video", "status", "line"),
    [
        (VideoFacts(Decimal("20"), 9, 16), "载明", "符合要求 → 合格"),
        (VideoFacts(Decimal("20.1"), 9, 16), "推定", "时长 20.1 秒，超过 20 秒，允许但提醒 → 合格（提醒）"),
        (VideoFacts(Decimal("9.9"), 9, 16), "载明", "时长 9.9 秒不在 10-30 秒 → 不合格"),
        (VideoFacts(Decimal("25"), 16, 9), "载明", "画幅 16:9 不是 9:16 → 不合格"),
        (VideoFacts(Decimal("15"), 9, 16, is_published_before=True), "载明", "曾在视频平台发布 → 不合格"),
        (VideoFacts(Decimal("0.1"), 1, 1), "载明", "时长 0.1 秒不在 10-30 秒；画幅 1:1 不是 9:16 → 不合格"),
    ],
)
def test_a_video_is_judged_in_words(video, status, line):
    verdict = judge_video(video, RULES)
    assert (verdict.status.value, verdict.arithmetic) == (status, line)
    assert verdict.figures == {"seconds": video.seconds, "width": video.width, "height": video.height}
    assert verdict.result_status is (ResultStatus.FINAL if status == "载明" else ResultStatus.PROVISIONAL)


@pytest.mark.parametrize(
    "video", [VideoFacts(Decimal(-1), 9, 16), VideoFacts(Decimal(9), -9, 16), VideoFacts(Decimal(9), 9, 0)]
)
def test_a_video_with_one_measure_that_is_none_is_refused(video):
    with pytest.raises(ValueError, match="above 0"):
        judge_video(video, RULES)


def test_the_day_of_a_video_is_the_one_in_shanghai():
    assert is_video_on_time(datetime.fromisoformat("2019-06-15T15:59:59Z"), RULES)
    assert not is_video_on_time(datetime.fromisoformat("2019-06-15T16:00:00Z"), RULES)


@pytest.mark.parametrize(
    ("wci", "n_posts", "had_incident", "expected"),
    [
        ("403.5", 3, False, (404, "GD-3.3c", "载明", "暂定", "WCI 403.5，取整 404（LABEL）")),
        ("0", 4, False, (0, "GD-3.3c", "载明", "暂定", "WCI 0，取整 0（LABEL）")),
        ("9", 0, False, (0, "GD-3.3c", "载明", "正式", "本周无发布，WCI 为 0")),
        ("9", 0, True, (0, "GD-3.3e", "载明", "正式", "发生重大舆情事故，当月计 0 分")),
        ("9", 2, False, (None, "GD-3.3d", "缺失", "待补充",
                         "本周 2 条，少于 3 条；缩减系数原文未载明，待补充")),
    ],
)  # fmt: skip
def test_a_week_of_an_account_is_scored_in_words(wci, n_posts, had_incident, expected):
    score, clause, status, state, line = expected
    verdict = score_account(Decimal(wci), n_posts, RULES, SWITCHES, had_incident=had_incident)
    assert (verdict.outcome, verdict.clause, verdict.status.value) == (score, clause, status)
    assert verdict.result_status.value == state
    assert verdict.arithmetic == line.replace("LABEL", SWITCHES["D-13"].labels["half_up"])
    assert verdict.figures == {"wci": Decimal(wci), "n_posts": n_posts, "had_incident": had_incident}


def test_a_shortened_week_names_its_own_clause_and_factor():
    rules = RULES.supply({"GD-3.3d.factor_1": Decimal("0.8"), "GD-3.3d.factor_2": Decimal("0.9")}, "文件")
    verdict = score_account(Decimal(100), 1, rules, SWITCHES)
    assert (verdict.outcome, verdict.clause) == (80, "GD-3.3d")
    assert verdict.arithmetic.startswith("WCI 100 × 0.8（本周 1 条） = 80.0，取整 80（")


def test_an_activity_needs_a_sign_up_a_photo_and_no_label():
    activities = [
        ActivityFacts(1, 1),
        ActivityFacts(0, 1),
        ActivityFacts(1, 0),
        ActivityFacts(9, 9, InvalidReason.UNCLEAR),
    ]
    verdict = count_activities(activities, RULES)
    assert (verdict.outcome.n_published, verdict.outcome.n_eligible, verdict.outcome.n_invalid) == (4, 1, 1)
    assert (verdict.outcome.multiplier, verdict.status) == (1, SourceStatus.MISSING)
    assert verdict.figures == {"n_published": 4, "n_eligible": 1, "n_invalid": 1}
    assert verdict.arithmetic == "发布 4 个，计入 1 个，无效占比 1/4；无效占比的系数原文未载明，按 1 计"
    assert count_activities([], RULES).arithmetic == "发布 0 个，计入 0 个；无效占比的系数原文未载明，按 1 计"


def supply_invalid_rule(factor):
    """Supply the three lost numbers of GD-3.1i: a tenth is allowed, every further tenth costs the factor."""
    figures = {"limit_ratio": "0.1", "step_ratio": "0.1", "factor": factor}
    return RULES.supply({f"GD-3.1i.{key}": Decimal(value) for key, value in figures.items()}, "文件")


@pytest.mark.parametrize(
    ("n_invalid", "multiplier"), [(0, "1"), (10, "1"), (11, "1"), (19, "1"), (20, "0.9"), (31, "0.81")]
)
def test_the_multiplier_falls_with_every_full_step_above_the_limit(n_invalid, multiplier):
    rules = supply_invalid_rule("0.9")
    faked = [ActivityFacts(1, 1, InvalidReason.FAKED_FIGURES)] * n_invalid
    verdict = count_activities(faked + [ActivityFacts(1, 1)] * (100 - n_invalid), rules)
    assert (verdict.outcome.multiplier, verdict.status) == (Decimal(multiplier), SourceStatus.INFERRED)
    assert verdict.arithmetic.endswith(f"；系数 {verdict.outcome.multiplier}")


def test_a_supplied_factor_of_zero_takes_everything():
    faked = ActivityFacts(1, 1, InvalidReason.FAKED_FIGURES)
    verdict = count_activities([faked, ActivityFacts(1, 1)], supply_invalid_rule("0"))
    assert verdict.outcome.multiplier == 0
    assert verdict.arithmetic.endswith("；系数 0")


def test_without_activities_nothing_is_invalid():
    outcome = count_activities([], supply_invalid_rule("0.9")).outcome
    assert (outcome.invalid_ratio, outcome.multiplier) == (None, 1)


def test_one_lost_number_is_enough_for_no_multiplier():
    for kept in ("limit_ratio", "step_ratio", "factor"):
        figures = {
            f"GD-3.1i.{key}": Decimal("0.1") for key in ("limit_ratio", "step_ratio", "factor") if key != kept
        }
        assert count_activities([ActivityFacts(1, 1)], RULES.supply(figures, "文件")).status is (
            SourceStatus.MISSING
        )


def test_a_request_is_timely_up_to_the_last_second_of_the_limit():
    assert is_timely(APPLIED, APPLIED, RULES)
    assert is_timely(APPLIED, APPLIED + LIMIT, RULES)
    assert not is_timely(APPLIED, APPLIED + LIMIT + SECOND, RULES)


def test_an_open_request_is_late_once_the_limit_has_passed():
    open_request = [(APPLIED, None)]
    inside = count_responses(open_request, APPLIED + LIMIT, RULES)
    assert (inside.n_timely, inside.n_late, inside.n_excluded) == (0, 0, 1)
    outside = count_responses(open_request, APPLIED + LIMIT + SECOND, RULES)
    assert (outside.n_timely, outside.n_late, outside.n_excluded) == (0, 1, 0)
    answered = count_responses([(APPLIED, APPLIED + SECOND)] * 2 + open_request, APPLIED + LIMIT, RULES)
    assert (answered.n_timely, answered.n_late, answered.n_excluded) == (2, 0, 1)

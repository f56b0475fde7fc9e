"""The count and verdict of a group's day from several sources: golden cases E-01 to E-06 and E-12."""

from datetime import date, datetime

import pytest

from monitor.clock import SHANGHAI, business_day
from monitor.days.counting import DayJudge, EffectiveCount, count_day, judge_day
from monitor.days.readings import ProvenanceCount
from scoring.rulebook import load_rulebook

RULEBOOK = load_rulebook()
CONFIRMED = load_rulebook(confirmed={"HN-4.1d", "HN-2.1.3b"})


def counted(**sources: tuple[int, int]) -> list[ProvenanceCount]:
    return [ProvenanceCount(name, *numbers) for name, numbers in sources.items()]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({}, None),  # E-04
        ({"采集": (0, 0)}, (0, 0)),  # a row with 0 is data
        ({"采集": (3, 0), "自报": (1, 1)}, (4, 1)),  # requirements D.5
        ({"采集": (5, 1), "导入": (9, 0)}, (9, 0)),  # the same messages: the fuller one, whole
        ({"导入": (5, 3), "采集": (9, 2)}, (9, 2)),
        ({"采集": (5, 1), "导入": (5, 2)}, (5, 2)),
        ({"采集": (5, 1), "导入": (9, 4), "自报": (2, 1)}, (11, 5)),
        ({"采集": (2, 1), "检查": (8, 8)}, (2, 1)),  # displayed, not overwritten
        ({"自报": (2, 1), "检查": (0, 0)}, (2, 1)),
        ({"检查": (4, 0)}, (4, None)),  # an inspector files posts, not topics
        ({"检查": (4, 2)}, (4, 2)),
        ({"检查": (0, 0)}, (0, 0)),
    ],
)
def test_sources_combine_to_one_count(counts, expected):
    assert count_day(counted(**counts)) == (expected and EffectiveCount(*expected))


@pytest.mark.parametrize(
    ("n_posts", "grade"),
    [(0, "差"), (2, "差"), (3, "一般"), (5, "一般"), (6, "良好"), (9, "良好"), (10, "优秀"), (11, "优秀")],
)
def test_golden_e01_to_e03_grades_of_a_day(n_posts, grade):
    verdict = judge_day(counted(采集=(n_posts, 0)), True, RULEBOOK, is_closed=True)
    assert verdict.activity.value == grade


def test_golden_e04_a_day_nobody_saw_has_no_grade_and_is_never_poor():
    verdict = judge_day([], True, RULEBOOK, is_closed=True)
    assert (verdict.n_posts, verdict.n_relevant, verdict.activity) == (None, None, None)
    assert (verdict.duty.value, verdict.status.value) == ("无数据", "待补充")
    assert verdict.activity_reason == "当日无数据，不评等次"


def test_golden_e05_what_d07_leaves_out_is_gone_before_and_six_posts_are_good():
    verdict = judge_day(counted(采集=(6, 2)), True, RULEBOOK, is_closed=True)
    assert (verdict.activity.value, verdict.duty.value) == ("良好", "达标")


def test_golden_e06_the_open_day_is_provisional_and_the_closed_one_uses_all_of_it():
    late = datetime(2026, 11, 20, 23, 59, 59, tzinfo=SHANGHAI)
    assert (business_day(late), business_day(late.replace(day=21, hour=0, minute=0, second=0))) == (
        date(2026, 11, 20),
        date(2026, 11, 21),
    )
    afternoon = judge_day(counted(采集=(2, 0)), True, CONFIRMED, is_closed=False)
    night = judge_day(counted(采集=(3, 0)), True, CONFIRMED, is_closed=True)
    assert (afternoon.activity.value, afternoon.status.value) == ("差", "暂定")
    assert (night.activity.value, night.status.value) == ("一般", "正式")


@pytest.mark.parametrize(
    ("numbers", "has_topic", "grade", "duty"),
    [((12, 0), True, "优秀", "未达标"), ((1, 1), True, "差", "达标"), ((4, 2), False, "一般", "无微话题")],
)
def test_golden_e12_activity_and_duty_are_two_measures(numbers, has_topic, grade, duty):
    verdict = judge_day(counted(采集=numbers), has_topic, RULEBOOK, is_closed=True)
    assert (verdict.activity.value, verdict.duty.value) == (grade, duty)
    assert verdict.clause == "HN-4.1d、HN-2.1.3b"


def test_an_inspectors_count_alone_is_graded_but_leaves_the_duty_without_data():
    verdict = judge_day(counted(检查=(4, 0)), True, RULEBOOK, is_closed=True)
    assert (verdict.activity.value, verdict.duty.value, verdict.status.value) == ("一般", "无数据", "待补充")


def test_a_missing_topic_is_reported_even_without_data():
    verdict = judge_day([], False, RULEBOOK, is_closed=True)
    assert (verdict.duty.value, verdict.activity, verdict.status.value) == ("无微话题", None, "待补充")


def test_the_shared_judge_says_what_the_single_one_says():
    judge = DayJudge(RULEBOOK, is_closed=True).judge_day
    days = [(counted(采集=(n % 23, n % 3), 自报=(n % 2, 0)), n % 7 > 0) for n in range(500)]
    verdicts = [judge(counts, has_topic) for counts, has_topic in days]
    assert verdicts == [judge_day(*day, RULEBOOK, is_closed=True) for day in days]

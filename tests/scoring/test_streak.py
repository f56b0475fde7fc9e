"""Runs of 差 (连续差) beyond the golden table: which checks capped, the windows, the words, the status."""

from datetime import UTC, datetime, timedelta

import pytest

from scoring.activity import ActivityGrade
from scoring.rulebook import load_rulebook
from scoring.source import ResultStatus, SourceStatus
from scoring.streak import CheckFact, PoorStreak, find_poor_streaks
from scoring.switches import load_switches

RULE, SWITCHES = load_rulebook().year.streak, load_switches()
START = datetime(2013, 3, 1, 2, 0, tzinfo=UTC)


def judge(grades: str, reading: str = "city", window: int = 0, groups: str = ""):
    """Judge one check a day, 差 for x and 一般 for any other sign; ids "0", "1", …; a group for each sign."""
    checks = [
        CheckFact(
            "海口",
            groups[number] if groups else "A",
            START + timedelta(days=number),
            ActivityGrade.POOR if sign == "x" else ActivityGrade.FAIR,
            id=str(number),
        )
        for number, sign in enumerate(grades)
    ]
    switches = SWITCHES.select({"D-09": reading}, parameters={"D-09": {"window_checks": window}})
    return find_poor_streaks(checks, RULE, switches)[2013]["海口"]


@pytest.mark.parametrize(
    ("grades", "expected"),
    [
        ("oo", PoorStreak(0, 0, False)),
        ("xx", PoorStreak(2, 2, False)),
        ("xxo", PoorStreak(2, 0, False)),
        ("xxx", PoorStreak(3, 3, True, ("0", "1", "2"))),
        ("xxxx", PoorStreak(4, 4, True, ("0", "1", "2"))),
        ("xoxxxo", PoorStreak(3, 0, True, ("2", "3", "4"))),
        ("xxxoxxx", PoorStreak(3, 3, True, ("0", "1", "2"))),
    ],
)
def test_a_cap_names_the_checks_that_first_completed_the_run(grades, expected):
    assert judge(grades).outcome == expected


@pytest.mark.parametrize(
    ("grades", "groups", "expected"),
    [
        ("xxoxoo", "ABAAAB", PoorStreak(1, 0, False)),
        ("xxxxo", "ABAAB", PoorStreak(3, 3, True, ("0", "2", "3"))),
        ("oxxxx", "BABAA", PoorStreak(3, 3, True, ("1", "3", "4"))),
    ],
)
def test_by_group_the_worst_group_of_a_city_decides(grades, groups, expected):
    assert judge(grades, "group", groups=groups).outcome == expected


@pytest.mark.parametrize(
    ("grades", "window", "expected"),
    [
        ("oooo", 3, PoorStreak(0, 0, False)),
        ("xxoxx", 3, PoorStreak(2, 2, False)),
        ("xxoxx", 4, PoorStreak(3, 3, True, ("0", "1", "3"))),
        ("xxoxxx", 3, PoorStreak(3, 3, True, ("3", "4", "5"))),
        ("xxoxxxoo", 3, PoorStreak(3, 1, True, ("3", "4", "5"))),
        ("xoooxoooxo", 0, PoorStreak(3, 3, True, ("0", "4", "8"))),
        ("xooxoox", 6, PoorStreak(2, 2, False)),
        ("xooxoox", 7, PoorStreak(3, 3, True, ("0", "3", "6"))),
        ("xxxoxxx", 3, PoorStreak(3, 3, True, ("0", "1", "2"))),
    ],
)
def test_a_window_slides_over_the_last_checks(grades, window, expected):
    assert judge(grades, "three_of_n", window).outcome == expected


@pytest.mark.parametrize(
    ("grades", "reading", "line"),
    [
        ("xxo", "city", "2013 年有效抽查 3 次，“差” 2 次，最长连续 2 次 < 3 次 → 不封顶（LABEL）"),
        ("xxx", "city", "2013 年有效抽查 3 次，“差” 3 次，最长连续 3 次 ≥ 3 次 → 年底不能评优秀（LABEL）"),
        ("xxox", "three_of_n", "2013 年有效抽查 4 次，“差” 3 次，最多 3 次 ≥ 3 次 → 年底不能评优秀（LABEL）"),
    ],
)  # fmt: skip
def test_the_line_says_what_was_counted_and_what_follows(grades, reading, line):
    assert judge(grades, reading).arithmetic == line.replace("LABEL", SWITCHES["D-09"].labels[reading])


def test_the_reading_matters_from_as_many_poor_checks_as_the_run_is_long():
    two, three = judge("xox"), judge("xoxx")
    assert (two.status, two.result_status) == (SourceStatus.STATED, ResultStatus.FINAL)
    assert (three.status, three.result_status) == (SourceStatus.DEFAULT, ResultStatus.PROVISIONAL)
    assert three.figures == {"year": 2013, "n_checks": 4, "n_poor": 3, "reading": "city"}

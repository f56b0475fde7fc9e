"""Properties that hold for every input (性质), found by random search."""

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given as given_any
from hypothesis import settings
from hypothesis import strategies as st

from scoring.activity import ActivityGrade, grade_activity
from scoring.rubric import LineState
from scoring.rulebook import load_rulebook
from scoring.sheet import score_sheet
from scoring.streak import CheckFact, find_poor_streaks
from scoring.switches import load_switches
from scoring.year import YearGrade, grade_year

SEARCH = settings(max_examples=40, deadline=None, database=None)
RULES, SWITCHES = load_rulebook(), load_switches()
GRADES, YEAR_GRADES = list(ActivityGrade), list(YearGrade)

tenths = st.integers(0, 10).map(lambda n: Decimal(n) / 10)
ratios = st.tuples(st.integers(0, 500), st.integers(0, 500)).map(
    lambda pair: {"covered": min(pair), "base": max(pair)}
)


def given(*strategies):
    """Search a bounded number of examples, so that the whole file stays within two seconds."""
    return lambda test: SEARCH(given_any(*strategies)(test))


def panel(maximum):
    """Build a panel entry of some hundredths up to a maximum."""
    points = st.integers(0, int(Decimal(maximum) * 100)).map(lambda n: str(Decimal(n) / 100))
    return st.fixed_dictionaries({"panel": points, "reason": st.just("依据")})


items = st.fixed_dictionaries(
    {},
    optional={
        "HN-A1.1": panel("1"),
        "HN-A1.2": panel("1"),
        "HN-A1.3": st.fixed_dictionaries(
            {}, optional={"document": st.booleans(), "records": st.integers(0, 30)}
        ),
        "HN-A2.1": st.fixed_dictionaries({"accounts": st.integers(0, 3)}, optional={"panel": st.just("0.2")}),
        "HN-A2.2a": ratios,
        "HN-A2.2b": ratios,
        "HN-A2.2c": ratios,
        "HN-A3.1": panel("0.5"),
        "HN-A3.2": panel("0.5"),
    },
)
lost = {"max": "1.5", "panel": "1.5", "reason": "依据", "reference": "文件"}
supplied = st.fixed_dictionaries({}, optional={"HN-A3.3": st.just(lost), "HN-A4": st.just(lost)})

checks = st.lists(
    st.builds(
        CheckFact,
        city=st.sampled_from(["海口", "三亚", "儋州"]),
        group=st.sampled_from(["A", "B"]),
        checked_at=st.integers(0, 800).map(
            lambda days: datetime(2013, 1, 1, tzinfo=UTC) + timedelta(days=days)
        ),
        grade=st.sampled_from([*ActivityGrade, None, ActivityGrade.POOR, ActivityGrade.POOR]),
        is_void=st.booleans(),
        id=st.uuids().map(str),
    ),
    max_size=25,
)
readings = st.sampled_from(["city", "group", "three_of_n"])


@given(st.integers(0, 10**12))
def test_activity_bands_cover_every_count_exactly_once(n_posts):
    fitting = [
        band
        for band in RULES.activity_bands.bands
        if band.lower <= n_posts and (band.upper is None or n_posts < band.upper)
    ]
    assert [band.outcome for band in fitting] == [grade_activity(n_posts, RULES.activity_bands).outcome]


@given(st.integers(0, 10**6))
def test_adding_a_post_never_lowers_the_grade(n_posts):
    before = grade_activity(n_posts, RULES.activity_bands).outcome
    after = grade_activity(n_posts + 1, RULES.activity_bands).outcome
    assert GRADES.index(after) <= GRADES.index(before)


@given(st.integers(0, 1000), st.integers(0, 1000), st.sampled_from(["exact", "half_up_0.1"]))
def test_more_points_never_give_a_lower_year_grade(first, second, rounding):
    switches = SWITCHES.select({"D-10": rounding})
    low, high = sorted((Decimal(first) / 100, Decimal(second) / 100))
    grades = [YEAR_GRADES.index(grade_year(p, RULES.year, switches).outcome) for p in (low, high)]
    assert grades[1] <= grades[0]


@given(items, supplied, st.sampled_from(["no_floor", "floor_0"]))
def test_a_total_never_leaves_its_range_and_equals_the_visible_sum(items, supplied, floor):
    sheet = score_sheet(RULES.rubric, items, supplied, SWITCHES.select({"D-18": floor}))
    assert 0 <= sheet.scored <= sheet.full
    assert sheet.scored == sum(line.points for line in sheet.lines if line.points is not None)
    for line in sheet.lines:
        assert line.points is None or line.points <= line.max_points or line.state is LineState.ADJUSTMENT
    if floor == "floor_0":
        assert all(section.points >= 0 for section in sheet.sections)


@given(items, supplied, st.randoms(use_true_random=False))
def test_the_order_of_facts_never_matters_to_a_sheet(items, supplied, order):
    keys = list(items)
    order.shuffle(keys)
    shuffled = {key: dict(reversed(items[key].items())) for key in keys}
    sheet = score_sheet(RULES.rubric, items, supplied, SWITCHES)
    assert score_sheet(RULES.rubric, shuffled, supplied, SWITCHES) == sheet


@given(checks, readings)
def test_a_void_check_is_as_if_it_never_was(checks, reading):
    switches = SWITCHES.select({"D-09": reading})
    valid = [check for check in checks if not check.is_void]
    both = [find_poor_streaks(found, RULES.year.streak, switches) for found in (checks, valid)]
    assert both[0] == both[1]


@given(checks, readings, st.integers(0, 2**32))
def test_the_order_of_checks_never_matters(checks, reading, seed):
    switches = SWITCHES.select({"D-09": reading})
    shuffled = random.Random(seed).sample(checks, len(checks))
    both = [find_poor_streaks(found, RULES.year.streak, switches) for found in (checks, shuffled)]
    assert both[0] == both[1]


@given(checks)
def test_a_cap_under_the_strictest_reading_is_a_cap_under_the_others(checks):
    capped = {}
    for reading in ("city", "three_of_n"):
        years = find_poor_streaks(checks, RULES.year.streak, SWITCHES.select({"D-09": reading}))
        capped[reading] = {(y, c) for y, cities in years.items() for c, v in cities.items() if v.outcome.cap}
    assert capped["city"] <= capped["three_of_n"]


@given(checks)
def test_a_poor_check_never_lifts_a_cap_by_being_last(checks):
    last = datetime(2013, 1, 1, tzinfo=UTC) + timedelta(days=900)
    before = find_poor_streaks(checks, RULES.year.streak, SWITCHES)
    after = find_poor_streaks(
        [*checks, CheckFact("海口", "Z", last, ActivityGrade.POOR)], RULES.year.streak, SWITCHES
    )
    for year, cities in before.items():
        for city, verdict in cities.items():
            assert after[year][city].outcome.cap >= verdict.outcome.cap

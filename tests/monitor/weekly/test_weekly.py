"""Weeks, due instants and states of weekly reports (HN-4.1a, D-05), whatever zone the machine is in."""

from datetime import UTC, date, datetime, timedelta

import pytest

from monitor.clock import business_day
from monitor.errors import BadParameter
from monitor.weekly import (
    SentVersion,
    Week,
    WeeklyState,
    due_at,
    first_submission,
    judge_state,
    read_week,
    week_to_report,
    weeks_of_year,
)
from scoring.switches import load_switches

D_05 = load_switches()["D-05"]
FRIDAY = date(2026, 11, 20)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


@pytest.mark.parametrize(
    ("day", "label"),
    [
        (date(2026, 11, 16), "2026-W47"),
        (date(2026, 11, 22), "2026-W47"),
        (date(2026, 12, 27), "2026-W52"),
        (date(2026, 12, 28), "2026-W53"),
        (date(2027, 1, 1), "2026-W53"),
        (date(2027, 1, 3), "2026-W53"),
        (date(2027, 1, 4), "2027-W01"),
        (date(2025, 12, 29), "2026-W01"),
    ],
)
def test_a_week_is_named_by_its_iso_year(day: date, label: str) -> None:
    week = Week.of(day)
    assert (week.label, week.first_day.weekday(), week.last_day - week.first_day) == (
        label,
        0,
        timedelta(days=6),
    )


def test_a_year_has_52_or_53_weeks_and_none_is_shared() -> None:
    assert [len(weeks_of_year(year)) for year in (2025, 2026, 2027)] == [52, 53, 52]
    assert weeks_of_year(2026)[-1].shift(1) == weeks_of_year(2027)[0]


@pytest.mark.parametrize(
    ("word", "label"),
    [
        ("2026-W45", "2026-W45"),
        ("2026-w45", "2026-W45"),
        ("2026W45", "2026-W45"),
        ("2026年第45周", "2026-W45"),
        ("W45", "2026-W45"),
        ("第50周", "2025-W50"),
        ("上周", "2026-W46"),
        ("本周", "2026-W47"),
        ("2013-W45", "2013-W45"),
    ],
)
def test_a_week_is_read_as_people_write_it(word: str, label: str) -> None:
    week = read_week(word, FRIDAY)
    assert week is not None
    assert week.label == label


@pytest.mark.parametrize("word", ["停用", "45", "2", "昨天", "2026-11-20", "周", "W", "W123"])
def test_other_words_name_no_week(word: str) -> None:
    assert read_week(word, FRIDAY) is None


@pytest.mark.parametrize("word", ["2026-W48", "2027-W01", "2025-W53", "2026-W54", "2026-W00"])
def test_weeks_ahead_or_impossible_are_refused(word: str) -> None:
    with pytest.raises(BadParameter):
        read_week(word, FRIDAY)


def test_week_53_exists_in_2026_and_is_found_from_january() -> None:
    assert read_week("2026-W53", date(2026, 12, 31)) == Week(date(2026, 12, 28))
    assert read_week("W53", date(2027, 1, 8)) == Week(date(2026, 12, 28))
    with pytest.raises(BadParameter):
        read_week("W53", date(2026, 1, 8))  # neither 2026 nor 2025 has begun one


@pytest.mark.usefixtures("host_zone")
def test_the_due_instant_is_monday_noon_in_shanghai_across_the_turn_of_the_year() -> None:
    assert due_at(Week.of(FRIDAY), D_05) == at("2026-11-23T12:00")
    assert due_at(Week.of(date(2027, 1, 1)), D_05) == at("2027-01-04T12:00")


@pytest.mark.usefixtures("host_zone")
@pytest.mark.parametrize(
    ("choice", "moment"), [("tuesday", "2026-11-24T12:00"), ("sunday", "2026-11-29T12:00")]
)
def test_another_day_may_be_selected(choice: str, moment: str) -> None:
    switch = load_switches().select({"D-05": choice})["D-05"]
    assert due_at(Week.of(FRIDAY), switch) == at(moment)


@pytest.mark.usefixtures("host_zone")
@pytest.mark.parametrize(
    ("now", "label"),
    [
        ("2026-11-22T23:59:59", "2026-W47"),  # Sunday: still running
        ("2026-11-23T00:00", "2026-W47"),  # Monday morning: the one that is over
        ("2026-11-23T11:59:59", "2026-W47"),
        ("2026-11-23T12:00", "2026-W48"),
    ],
)
def test_the_week_that_is_meant_when_none_is_named(now: str, label: str) -> None:
    last = Week.of(business_day(at(now))).shift(-1)
    assert week_to_report(at(now), due_at(last, D_05)).label == label


DUE = at("2026-11-23T12:00")
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("now", "sent", "is_called", "state"),
    [
        (DUE - SECOND, None, True, WeeklyState.DRAFT),
        (DUE, None, True, WeeklyState.MISSING),
        (DUE, None, False, WeeklyState.NOT_CALLED),
        (DUE + SECOND, DUE - SECOND, True, WeeklyState.SUBMITTED),
        (DUE + SECOND, DUE, True, WeeklyState.LATE),
        (DUE + SECOND, DUE, False, WeeklyState.LATE),
        (DUE - SECOND, DUE - SECOND, False, WeeklyState.SUBMITTED),
    ],
)
def test_states_on_both_sides_of_the_due_instant(
    now: datetime, sent: datetime | None, is_called: bool, state: WeeklyState
) -> None:
    assert judge_state(now, DUE, sent, is_called=is_called) is state


def test_a_later_version_does_not_make_a_report_late() -> None:
    versions = [
        SentVersion(1, {}, {}, DUE - SECOND, "甲"),
        SentVersion(2, {}, {}, DUE + SECOND, "甲"),
    ]
    assert judge_state(DUE + SECOND, DUE, first_submission(versions), is_called=True) is WeeklyState.SUBMITTED

"""Briefs: periods as they are asked for, sums over days, what lies outside the scope."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import insert

from monitor.clock import day_interval
from monitor.days.briefs import BriefKind, period_of, read_period, sum_tallies
from monitor.days.readings import DutyTally
from monitor.errors import BadParameter, OutOfScope
from monitor.store.database import Database
from monitor.store.days.queries import CLOSE_JOB, close_slot
from monitor.store.days.tables import UnitDayRow
from monitor.store.incidents.tables import IncidentPlaceRow, IncidentRow
from monitor.store.tables import table_of
from monitor.store.work_tables import JobSlotRow
from monitor.units import Role
from monitor.usecases.queries.questions import Queries
from scoring.rulebook import load_rulebook
from tests.cast import Cast
from tests.conftest import FrozenClock

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("text", "kind", "first", "last"),
    [
        ("2026-11-20", BriefKind.DAY, date(2026, 11, 20), date(2026, 11, 20)),
        ("2026-W47", BriefKind.WEEK, date(2026, 11, 16), date(2026, 11, 22)),
        ("2026W01", BriefKind.WEEK, date(2025, 12, 29), date(2026, 1, 4)),
        ("2026-2", BriefKind.MONTH, date(2026, 2, 1), date(2026, 2, 28)),
        ("2024", BriefKind.YEAR, date(2024, 1, 1), date(2024, 12, 31)),
    ],
)
def test_a_period_is_read_from_what_people_write(text: str, kind: BriefKind, first: date, last: date) -> None:
    period = read_period(f" {text} ", TODAY)
    assert (period.kind, period.first_day, period.last_day) == (kind, first, last)
    assert read_period(period.label, TODAY) == period


@pytest.mark.parametrize(
    "text", ["", "昨天", "2026-13", "2026-02-30", "2026-W54", "1999", "20261120", "2026-11-20\n2026", "²026"]
)
def test_what_is_no_period_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(BadParameter, match="no period") as refused:
        read_period(text, TODAY)
    assert "2026-W47" in refused.value.user_text


@pytest.mark.parametrize("text", ["2026-11-21", "2026-W48", "2026-12", "2027"])
def test_a_period_that_has_not_begun_is_refused(text: str) -> None:
    with pytest.raises(BadParameter) as refused:
        read_period(text, TODAY)
    assert "尚未开始" in refused.value.user_text


def test_the_week_before_crosses_the_turn_of_the_year() -> None:
    assert period_of(BriefKind.WEEK, date(2026, 1, 1)).before().label == "2025-W52"


def test_tallies_add_up_state_by_state() -> None:
    total = sum_tallies(
        [DutyTally(TODAY, n_groups=3, n_met=1, n_no_data=1), DutyTally(TODAY, n_groups=2, n_met=2)]
    )
    assert (total.n_groups, total.n_met, total.n_with_data, total.met_ratio) == (5, 3, 4, 0.75)
    assert sum_tallies([]).met_ratio is None


Tallied = Callable[..., None]


def put(database: Database, table: type[Any], values: dict[str, Any]) -> None:
    database.write(lambda connection: connection.execute(insert(table_of(table)).values(**values)))


@pytest.fixture
def queries(database: Database, clock: FrozenClock) -> Queries:
    return Queries(database, load_rulebook(), clock)


@pytest.fixture
def tallied(database: Database, cast: Cast) -> Tallied:
    """Write roll-ups of a unit as a close does, and the close itself."""

    def write(unit: str, day: date, **numbers: int) -> None:
        names = [name for name in UnitDayRow.model_fields if name.startswith("n_")]
        values = dict.fromkeys(names, 0) | numbers
        row = {"unit_id": cast.units[unit], "business_day": day, **values}
        slot = {
            "job": CLOSE_JOB, "slot": close_slot(day), "ran_at": close_slot(day), "outcome": "",
            "duration_ms": 1,
        }  # fmt: skip
        put(database, UnitDayRow, row)
        if unit == "QS":
            put(database, JobSlotRow, slot)

    return write


def test_a_week_counts_closed_days_and_names_the_others(
    queries: Queries, cast: Cast, tallied: Tallied
) -> None:
    for day, n_met in ((date(2026, 11, 16), 2), (date(2026, 11, 17), 3)):
        tallied("QS", day, n_groups=5, n_met=n_met, n_not_met=4 - n_met, n_no_data=1)
        tallied("LC", day, n_groups=2, n_met=2)
        tallied("YS", day, n_groups=2, n_met=n_met - 2, n_not_met=4 - n_met)
    tallied("QS", date(2026, 11, 9), n_groups=5, n_met=5)
    tallied("YS", date(2026, 11, 9), n_groups=2, n_met=2)
    brief = queries.brief(cast.viewer("QS", Role.INSPECTOR), "QS", read_period("2026-W47", TODAY))
    assert (brief.total.n_met, brief.total.n_with_data, brief.total.n_no_data) == (5, 8, 2)
    assert brief.open_days == (date(2026, 11, 18), date(2026, 11, 19), TODAY)
    assert brief.before.n_met == 5
    found = [(row.unit.code, row.rank, row.n_met, row.n_with_data, row.movement) for row in brief.units]
    assert found == [("LC", 1, 4, 4, None), ("YS", 2, 1, 4, -1), ("QD", None, 0, 0, None)]
    assert brief.is_provisional


def test_a_day_is_what_the_overview_says(queries: Queries, cast: Cast) -> None:
    viewer = cast.viewer("LC")
    brief = queries.brief(viewer, None, read_period("2026-11-20", TODAY))
    assert brief.overview == queries.overview(viewer, "LC", TODAY)
    assert brief.days == (brief.overview.tally,)


def test_lost_text_comes_from_the_rulebooks_that_concern_the_unit(queries: Queries, cast: Cast) -> None:
    period = read_period("2026-11", TODAY)
    city = queries.brief(cast.viewer("LC"), None, period).lost
    school = queries.brief(cast.viewer("QD"), None, period).lost
    assert {entry.clause[:2] for entry in city} == {"HN"}
    assert {entry.clause[:2] for entry in school} == {"HN", "GD"}


def test_incidents_are_counted_by_the_places_of_the_subtree(
    queries: Queries, cast: Cast, database: Database
) -> None:
    at = day_interval(date(2026, 11, 17))[0]
    states = {1: ("LC", "确认"), 2: ("LC01", "办结"), 3: ("YS", "误报"), 4: ("LC", "待审"), 5: ("LC", "撤回")}
    for number, (unit, state) in states.items():
        incident = {
            "id": number, "merge_key": number, "origin": "系统识别", "state": state, "text": "x",
            "categories": ["广告"], "hits": [], "reasons": [], "found_at": at,
        }  # fmt: skip
        place = {
            "incident_id": number, "place_key": f"u{number}", "unit_id": cast.units[unit], "state": state,
            "sender": "", "n_posts": 1, "found_at": at, "reported_by": "", "action": "", "holder": "",
            "n_targets_missed": 0,
        }  # fmt: skip
        put(database, IncidentRow, incident)
        put(database, IncidentPlaceRow, place)
    week = read_period("2026-W47", TODAY)
    found = queries.brief(cast.viewer("LC"), None, week).incidents
    assert (found.n_found, found.n_confirmed, found.n_closed, found.n_open) == (2, 2, 1, 1)
    assert found.by_category == (("广告", 2),)
    whole = queries.brief(cast.viewer("QS", Role.INSPECTOR), None, week).incidents
    assert (whole.n_found, whole.n_false_alarms) == (3, 1)
    earlier = queries.brief(cast.viewer("LC"), None, read_period("2026-W46", TODAY)).incidents
    assert earlier.n_found == 0


@pytest.mark.parametrize("code", ["YS", "YS01", "ZZ"])
def test_a_foreign_unit_reads_like_one_that_does_not_exist(queries: Queries, cast: Cast, code: str) -> None:
    with pytest.raises(OutOfScope) as refused:
        queries.brief(cast.viewer("LC"), code, read_period("2026-11", TODAY))
    assert refused.value.user_text == "无权查看该单位"

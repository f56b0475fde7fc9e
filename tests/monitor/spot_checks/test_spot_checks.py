"""Spot checks: the golden cases of the ledger through the use cases, on both databases."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import update

from monitor.clock import shanghai_instant
from monitor.errors import BadParameter, CommandError, OutOfScope, ReadOnlyRole
from monitor.events import EventKind, InboundEvent, PostKind, stable_key
from monitor.store.database import Database
from monitor.store.tables import GroupRow, table_of
from monitor.units import Role
from monitor.usecases.days.close_day import close_late_groups
from monitor.usecases.days.receive import Receiver
from monitor.usecases.ledger.desk import Acted, Clerk, Ledger
from monitor.usecases.ledger.units import merge_units, move_unit
from monitor.usecases.spot_checks.desk import SpotCheckNotFound, SpotReading
from monitor.usecases.spot_checks.file import (
    SpotCheckVoid,
    UndoTooLate,
    take_back_spot_check,
    void_spot_check,
)
from monitor.usecases.spot_checks.objections import list_objections, object_to_check
from monitor.usecases.spot_checks.query import Wanted, list_checks, load_last_of_unit
from monitor.usecases.spot_checks.runs import spot_check_source
from scoring.activity import ActivityGrade
from tests.cast import SOURCE, Cast
from tests.conftest import FrozenClock
from tests.monitor.spot_check_help import RULEBOOK, TODAY, Office, Reading


@pytest.fixture
def office(database: Database, cast: Cast, clock: FrozenClock) -> Office:
    return Office(database, cast, clock)


def post(external_id: str, at: datetime) -> InboundEvent:
    key = stable_key(SOURCE, external_id, at.isoformat())
    sender = f"wxid_{external_id}"
    return InboundEvent(
        EventKind.POST, SOURCE, key, at, external_id, sender, "某某", PostKind.TEXT, f"发言 {at}", key
    )


def test_e04_a_group_without_any_source_is_no_check(office: Office) -> None:
    """E-04."""
    office.files("LC0001", 2)
    office.on(date(2026, 11, 21))
    office.closes(TODAY)
    run = office.run("LC")
    assert (run.n_checks, run.current) == (1, 1)
    assert not office.counts("LC0101", TODAY)
    source = spot_check_source(RULEBOOK)
    with office.database.reading() as connection:
        unit = office.desk.sit(connection, office.inspector, office.clock()).find_unit("LC")
        facts = source(connection, [unit], 2026)
    assert [(fact.group, fact.grade) for fact in facts] == [("LC0001", ActivityGrade.POOR)]


def test_e06_the_whole_day_decides_and_the_run_uses_the_final_grade(
    office: Office, receiver: Receiver
) -> None:
    """E-06: at 15:00 暂定 差 with 2, the day ends with 3: 一般."""
    start = shanghai_instant(TODAY)
    receiver.receive([post("10001", start + timedelta(hours=hour)) for hour in (9, 10)])
    filed = office.files("LC0001", 2)
    assert (filed.reading.verdict.outcome, filed.reading.is_provisional) == (ActivityGrade.POOR, True)
    assert (filed.run.current, filed.run.n_open) == (1, 1)
    last = start + timedelta(hours=23, minutes=59, seconds=59)
    office.clock.now = last + timedelta(seconds=2)
    receiver.receive([post("10001", last), post("10001", last + timedelta(seconds=1))])
    office.on(date(2026, 11, 21), 1)
    office.closes(TODAY)
    final = office.reads(filed.reading.check.filing_no)
    assert (final.verdict.outcome, final.is_provisional, final.n_judged) == (ActivityGrade.FAIR, False, 3)
    assert (final.check.n_posts, final.n_system) == (2, 3)
    assert office.run("LC").current == 0


def test_until_check_is_the_other_reading_of_d08(
    database: Database, cast: Cast, clock: FrozenClock, receiver: Receiver
) -> None:
    office = Office(database, cast, clock, Reading(D_08="until_check"))
    filed = office.files("LC0001", 2)
    assert not filed.reading.is_provisional
    receiver.receive([post("10001", office.clock.now + timedelta(hours=1))])
    office.on(date(2026, 11, 21), 1)
    office.closes(TODAY)
    assert office.reads(filed.reading.check.filing_no).verdict.outcome is ActivityGrade.POOR


def test_a_late_post_after_the_check_is_counted_when_the_day_is_closed_again(
    office: Office, receiver: Receiver
) -> None:
    filed = office.files("LC0001", 2)
    late = office.clock.now + timedelta(minutes=5)
    office.on(date(2026, 11, 21), 1)
    office.closes(TODAY)
    assert office.reads(filed.reading.check.filing_no).verdict.outcome is ActivityGrade.POOR
    receiver.receive([post("10001", late)])
    close_late_groups(office.database, RULEBOOK, office.clock)
    assert office.reads(filed.reading.check.filing_no).verdict.outcome is ActivityGrade.FAIR


def three_poor(office: Office) -> list[str]:
    numbers = []
    for day, code, n_posts in ((1, "LC0001", 2), (8, "LC0101", 0), (15, "LC0001", 1)):
        office.on(date(2026, 11, day))
        numbers.append(office.files(code, n_posts).reading.check.filing_no)
    return numbers


def test_e07_three_groups_in_a_row_cap_the_city(office: Office) -> None:
    """E-07: three 差 of one 市县, in whatever groups."""
    numbers = three_poor(office)
    assert numbers == ["CC-2026-0001", "CC-2026-0002", "CC-2026-0003"]
    run = office.run("LC")
    assert run.verdict is not None
    assert (run.current, run.is_capped, run.verdict.outcome.capped_by) == (3, True, tuple(numbers))


def test_e07_by_the_same_group_there_is_no_cap(database: Database, cast: Cast, clock: FrozenClock) -> None:
    office = Office(database, cast, clock, Reading(D_09="group"))
    three_poor(office)
    assert not office.run("LC").is_capped


def test_e08_a_better_grade_breaks_the_run(office: Office) -> None:
    """E-08: 差, 差, 一般, 差."""
    for day, n_posts in enumerate((0, 1, 4, 2), start=10):
        office.on(date(2026, 11, day))
        office.files("LC0001", n_posts)
    run = office.run("LC")
    assert (run.current, run.is_capped) == (1, False)


def test_e09_each_city_has_its_own_run(office: Office) -> None:
    """E-09: 海口差, 三亚差, 海口差, 海口差."""
    for day, code in enumerate(("LC0001", "YS0001", "LC0101", "LC0001"), start=10):
        office.on(date(2026, 11, day))
        office.files(code, 1)
    assert (office.run("LC").is_capped, office.run("YS").is_capped, office.run("YS").current) == (
        True,
        False,
        1,
    )


def test_e10a_a_void_check_is_skipped(office: Office) -> None:
    """E-10 (a): 差, 差, 作废, 差."""
    for day in range(10, 14):
        office.on(date(2026, 11, day))
        filed = office.files("LC0001", 8 if day == 12 else 0)
        if day == 12:
            office.voids(filed.reading.check.filing_no)
    assert office.run("LC").is_capped


def test_e10b_voiding_after_an_objection_takes_the_cap_away_and_keeps_the_record(office: Office) -> None:
    """E-10 (b)."""
    last = three_poor(office)[-1]
    city = office.cast.viewer("LC")
    office.desk.write(city, lambda sitting: object_to_check(sitting, last, "当天群内有活动通知"))
    assert office.run("LC").is_capped
    assert not office.voids(last, "经核实漏计").is_capped
    record = office.reads(last)
    assert (record.check.is_void, record.check.void_reason) == (True, "经核实漏计")
    objection = office.desk.read(city, list_objections)[0]
    assert (objection.is_upheld, objection.answer) == (True, "已作废：经核实漏计")


def test_e10c_a_run_does_not_cross_the_year(office: Office) -> None:
    """E-10 (c): 12-30, 12-31, 01-02."""
    for day in (date(2025, 12, 30), date(2025, 12, 31), date(2026, 1, 2)):
        office.on(day)
        if day.year == 2025:
            _open_earlier(office, "LC0001")
        office.files("LC0001", 1)
    assert [office.run("LC", year).is_capped for year in (2025, 2026)] == [False, False]
    assert office.run("LC", 2025).current == 2


def _open_earlier(office: Office, code: str) -> None:
    group = table_of(GroupRow)
    change = update(group).where(group.c.code == code).values(opened_on=date(2025, 1, 1))
    office.database.write(lambda connection: connection.execute(change).rowcount)


def test_the_inspectors_count_stands_beside_the_others_and_goes_with_its_check(
    office: Office, receiver: Receiver
) -> None:
    receiver.receive([post("10001", office.clock.now - timedelta(hours=hour)) for hour in range(1, 7)])
    filed = office.files("LC0001", 2)
    assert (filed.reading.n_system, filed.reading.check.n_posts) == (6, 2)
    assert office.counts("LC0001", TODAY) == {"采集": 6, "检查": 2}
    office.voids(filed.reading.check.filing_no)
    assert office.counts("LC0001", TODAY) == {"采集": 6}


def test_the_same_filing_twice_is_one_and_numbers_are_never_given_again(office: Office) -> None:
    first, again = office.files("LC0001", 4), office.files("LC0001", 4)
    assert (again.number, again.reading.check.filing_no) == (0, first.reading.check.filing_no)
    undone = office.desk.write(office.inspector, lambda s: take_back_spot_check(s, first.number))
    assert undone is not None
    assert undone.reading.check.is_void
    assert office.files("LC0001", 4).reading.check.filing_no == "CC-2026-0002"


def test_a_voiding_can_be_taken_back_within_ten_minutes_only(office: Office) -> None:
    no = office.files("LC0001", 4).reading.check.filing_no
    voided = office.desk.write(office.inspector, lambda s: void_spot_check(s, no, "误登"))
    with pytest.raises(SpotCheckVoid):
        office.voids(no)
    office.clock.advance(minutes=9)
    office.desk.write(office.inspector, lambda s: take_back_spot_check(s, voided.number))
    assert not office.reads(no).check.is_void
    again = office.desk.write(office.inspector, lambda s: void_spot_check(s, no, "误登"))
    office.clock.advance(minutes=11)
    with pytest.raises(UndoTooLate):
        office.desk.write(office.inspector, lambda s: take_back_spot_check(s, again.number))


@pytest.mark.parametrize("n_posts", [-1, 10_000])
def test_a_count_that_cannot_be_is_refused(office: Office, n_posts: int) -> None:
    with pytest.raises(BadParameter, match="count"):
        office.files("LC0001", n_posts)
    assert office.desk.read(office.inspector, lambda s: list_checks(s, Wanted())) == []


def test_only_inspectors_file_and_only_in_their_subtree(office: Office) -> None:
    city_inspector = office.cast.viewer("LC", Role.INSPECTOR)
    assert office.files("LC0101", 4, viewer=city_inspector).number
    with pytest.raises(OutOfScope):
        office.files("YS0001", 4, viewer=city_inspector)
    with pytest.raises(CommandError):
        office.files("LC0101", 4, viewer=office.cast.viewer("LC"))
    with pytest.raises(ReadOnlyRole):
        office.files("LC0101", 4, viewer=office.cast.viewer("QS", Role.LEADER))
    other = office.files("YS0001", 4).reading.check.filing_no
    for filing_no in (other, "CC-2026-0999"):
        with pytest.raises(SpotCheckNotFound) as refused:
            office.reads(filing_no, office.cast.viewer("LC"))
        assert refused.value.user_text == "未找到该备案号，可回复 抽查 记录 列出"
    assert [each.check.group_code for each in _listed(office, "LC")] == ["LC0101"]


def _listed(office: Office, unit: str) -> list[SpotReading]:
    return office.desk.read(office.cast.viewer(unit), lambda s: list_checks(s, Wanted()))


def test_an_earlier_day_within_a_week_can_be_filed_and_is_final(office: Office) -> None:
    yesterday = TODAY - timedelta(days=1)
    office.closes(yesterday)
    filed = office.files("LC0001", 1, yesterday)
    assert (filed.reading.is_provisional, filed.reading.check.day) == (False, yesterday)
    for day in (TODAY + timedelta(days=1), TODAY - timedelta(days=8)):
        with pytest.raises(BadParameter):
            office.files("LC0001", 1, day)


def test_a_run_of_two_alerts_once_after_the_close_and_ends_when_it_is_broken(office: Office) -> None:
    for day in (17, 18):
        office.on(date(2026, 11, day))
        office.files("LC0001", 1)
    assert office.streak_alerts() == []
    office.on(date(2026, 11, 19))
    office.closes(date(2026, 11, 17))
    office.closes(date(2026, 11, 18))
    alerts = office.streak_alerts()
    assert len(alerts) == 1
    assert ":2026:2:" in alerts[0]
    office.closes(date(2026, 11, 18))
    assert office.streak_alerts() == alerts
    office.files("LC0101", 8)
    office.on(date(2026, 11, 20))
    office.closes(date(2026, 11, 19))
    assert office.streak_alerts() == []


@pytest.mark.parametrize(
    "act",
    [
        lambda clerk: merge_units(clerk, "LC", "YS", "合并"),
        lambda clerk: move_unit(clerk, "LC", "YS", "划转"),
    ],
    ids=["merged", "moved"],
)
def test_a_run_alert_ends_with_its_city(office: Office, act: Callable[[Clerk], Acted]) -> None:
    for day in (17, 18):
        office.on(date(2026, 11, day))
        office.files("LC0001", 1)
    office.on(date(2026, 11, 19))
    office.closes(date(2026, 11, 17))
    office.closes(date(2026, 11, 18))
    assert len(office.streak_alerts()) == 1
    Ledger(office.database, office.clock).write(office.inspector, act)
    assert office.streak_alerts() == []
    office.closes(date(2026, 11, 18))
    assert office.streak_alerts() == []


def test_the_last_five_of_a_unit_and_its_run(office: Office) -> None:
    three_poor(office)
    viewer = office.cast.viewer("LC")
    readings, run = office.desk.read(viewer, lambda s: load_last_of_unit(s, None))
    assert [each.check.n_posts for each in readings] == [1, 0, 2]
    assert run is not None
    assert run.current == 3

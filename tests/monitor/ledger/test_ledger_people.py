"""Posts: one officer per unit, a manager for each group, suggestions of D-02, reconciliation of D-01."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert, select

from monitor.assessment.dossier import BaseKind
from monitor.clock import Period
from monitor.delivery.alerts import AlertKind
from monitor.ledger.ledger import BaseFigure, measure_coverage, next_group_code
from monitor.ledger.reconciliation import (
    Mismatch,
    ObservedAccount,
    ObservedGroup,
    reconcile_accounts,
    reconcile_groups,
)
from monitor.ledger.terms import InactivityRule, Place, Term, TermUse, find_officer_problems, suggest_change
from monitor.schedule import find_due_slot
from monitor.store.database import Database
from monitor.store.ledger.vacancies import count_without_officer
from monitor.store.tables import DesignatedOfficerRow, UnregisteredGroupRow, table_of
from monitor.store.work_tables import AlertRow
from monitor.usecases.ledger.people import TermNotFound, add_manager, end_manager, set_officer
from monitor.usecases.ledger.reading import read_managers, read_reconciliation
from monitor.usecases.ledger.reconcile import LEDGER_TASKS, RECONCILE_MONTHLY, RECONCILE_WEEKLY
from monitor.usecases.ledger.staffing import refresh_staffing
from monitor.usecases.ledger.undo import undo
from scoring.rulebook import load_rulebook
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.monitor.ledger_help import Registry

TODAY = date(2026, 11, 20)
RUBRIC = load_rulebook().rubric
WEEK = Period(date(2026, 11, 13), date(2026, 11, 19))


@pytest.fixture
def registry(database: Database, cast: Cast, clock: FrozenClock) -> Registry:
    return Registry(database, cast, clock)


def open_alerts(database: Database) -> dict[str, int]:
    alert = table_of(AlertRow)
    found: dict[str, int] = {}
    with database.reading() as connection:
        for kind in connection.execute(select(alert.c.kind).where(alert.c.resolved_at.is_(None))).scalars():
            found[kind] = found.get(kind, 0) + 1
    return found


def refresh(registry: Registry) -> int:
    path, now = registry.cast.paths["QS"], registry.clock()
    return registry.database.write(lambda connection: len(refresh_staffing(connection, path, now)[0]))


def test_a_unit_of_the_first_level_without_an_officer_is_an_alert_once(registry: Registry) -> None:
    assert refresh(registry) == 3  # LC, YS, QD
    assert refresh(registry) == 0
    registry.clock.advance(days=1)
    assert refresh(registry) == 0
    assert open_alerts(registry.database) == {AlertKind.OFFICER_VACANT: 3}
    registry.do("LC", lambda clerk: set_officer(clerk, None, "林一"))
    assert open_alerts(registry.database) == {AlertKind.OFFICER_VACANT: 2}


def test_an_appointment_that_is_taken_back_is_a_vacancy_again(registry: Registry) -> None:
    refresh(registry)
    acted = registry.do("LC", lambda clerk: set_officer(clerk, None, "林一"))
    registry.do("LC", lambda clerk: undo(clerk, acted.number))
    assert open_alerts(registry.database) == {AlertKind.OFFICER_VACANT: 3}


def test_two_officers_are_an_alert_and_an_appointment_leaves_one(registry: Registry) -> None:
    for name in ("林一", "陈二"):
        row = insert(table_of(DesignatedOfficerRow)).values(
            unit_id=registry.cast.units["LC"], name=name, since=date(2026, 1, 1)
        )
        registry.database.write(lambda connection, row=row: connection.execute(row).rowcount)
    refresh(registry)
    assert open_alerts(registry.database) == {AlertKind.OFFICER_VACANT: 2, AlertKind.OFFICER_DUPLICATE: 1}
    registry.do("LC", lambda clerk: set_officer(clerk, None, "陈二"))
    assert open_alerts(registry.database) == {AlertKind.OFFICER_VACANT: 2}
    posts = {post.unit.code: post for post in registry.see("LC", read_managers).posts}
    assert [term.name for term in posts["LC"].in_office] == ["陈二"]
    assert [term.name for term in posts["LC"].former] == ["林一"]


def test_units_without_an_officer_are_counted_below_each_child(registry: Registry) -> None:
    def count(code: str) -> dict[int, int]:
        path = registry.cast.paths[code]
        with registry.database.reading() as connection:
            return count_without_officer(connection, path, TODAY)

    units = registry.cast.units
    assert count("QS") == {units["LC"]: 2, units["YS"]: 1, units["QD"]: 1}
    registry.do("LC", lambda clerk: set_officer(clerk, "LC0101", "林一"))
    assert count("QS") == {units["LC"]: 1, units["YS"]: 1, units["QD"]: 1}
    assert count("LC") == {units["LC01"]: 0}


def test_a_village_without_an_officer_is_only_named_once_it_had_one() -> None:
    village = Place(9, 9, "V", "柳岸村团支部")
    assert find_officer_problems([village], [], TODAY, frozenset()) == []
    gone = Term(1, 9, "林一", date(2026, 1, 1), date(2026, 11, 18), False)
    found = find_officer_problems([village], [gone], TODAY, frozenset())
    assert [(one.kind, one.text) for one in found] == [
        (Mismatch.NO_OFFICER, "专责自 11-19 起缺位，请明确一名")
    ]


def test_a_group_whose_last_manager_leaves_is_vacant_from_the_next_day(registry: Registry) -> None:
    refresh(registry)
    registry.do("LC", lambda clerk: end_manager(clerk, "LC0101", "柳岸青年群管理员", "调离"))
    assert AlertKind.MANAGER_VACANT not in open_alerts(registry.database)
    registry.clock.advance(days=1)
    refresh(registry)
    assert open_alerts(registry.database)[AlertKind.MANAGER_VACANT] == 1
    registry.do("LC", lambda clerk: add_manager(clerk, "LC0101", "周三"))
    assert AlertKind.MANAGER_VACANT not in open_alerts(registry.database)
    with pytest.raises(TermNotFound):
        registry.do("LC", lambda clerk: end_manager(clerk, "LC0101", "不在任", "调离"))


def use(n_met: int, n_with_data: int, last_active_on: date | None, since: date = date(2026, 1, 1)) -> TermUse:
    term = Term(1, 1, "林一", since, None, True)
    return TermUse(term, "G", "甲群", "乙单位", 3, n_met, n_with_data, 0, last_active_on)


RULE = InactivityRule(14, Decimal("0.5"), is_on=True)


@pytest.mark.parametrize(
    ("found", "is_suggested"),
    [
        (use(30, 30, TODAY - timedelta(days=13)), False),
        (use(30, 30, TODAY - timedelta(days=14)), True),
        (use(15, 30, TODAY), False),
        (use(14, 30, TODAY), True),
        (use(0, 0, None), False),  # no data is no fault of the manager
        (use(0, 5, None, TODAY - timedelta(days=5)), True),
        (use(5, 5, None, TODAY - timedelta(days=5)), False),
    ],
)
def test_d_02_suggests_at_both_thresholds(found: TermUse, is_suggested: bool) -> None:
    assert bool(suggest_change(found, RULE, TODAY)) is is_suggested
    assert suggest_change(found, InactivityRule(14, Decimal("0.5"), is_on=False), TODAY) == ""


def cover(item_id: str, kind: BaseKind, covered: int, base: int | None) -> Any:
    item = next(one for one in RUBRIC.items if one.id == item_id)
    bands = item.components[0].bands
    assert bands is not None
    figure = None if base is None else BaseFigure(kind, 2026, base, "x")
    return measure_coverage(item_id, bands, item.source, kind, covered, figure)


@pytest.mark.parametrize(
    ("covered", "base", "percent", "distance"),
    [
        (68, 100, "68.00%", "再覆盖 2 人到 70 %"),
        (69, 100, "69.00%", "再覆盖 1 人到 70 %"),
        (70, 100, "70.00%", "再覆盖 10 人到 80 %"),
        (8999, 10000, "89.99%", "再覆盖 1 人到 90 %"),
        (9000, 10000, "90.00%", ""),
        (0, 3, "0.00%", "再覆盖 3 人到 70 %"),
        (150, 100, "100.00%", ""),
        (5, 0, "", ""),
        (5, None, "", ""),
    ],
)
def test_the_distance_to_the_next_tier_is_exact(
    covered: int, base: int | None, percent: str, distance: str
) -> None:
    found = cover("HN-A2.2a", BaseKind.MEMBERS, covered, base)
    assert (found.percent, found.distance) == (percent, distance)
    if base and found.n_to_next:
        assert cover("HN-A2.2a", BaseKind.MEMBERS, covered + found.n_to_next, base).points > found.points
        assert cover("HN-A2.2a", BaseKind.MEMBERS, covered + found.n_to_next - 1, base).points == found.points
    assert found.is_above_base is (covered == 150)


def test_organisations_have_tiers_of_their_own() -> None:
    assert cover("HN-A2.2c", BaseKind.ORGANISATIONS, 5, 10).distance == "再覆盖 1 个团组织到 60 %"


def test_codes_skip_what_is_taken() -> None:
    assert next_group_code("LC", {"LCQ01", "LCQ03"}) == "LCQ02"
    assert len(next_group_code("X" * 32, set())) <= 32


def observed(**changes: Any) -> ObservedGroup:
    fields = {"last_data_on": date(2026, 11, 13), "most_senders": 40}
    base: dict[str, Any] = {"group_id": 1, "code": "G", "name": "甲", "unit_id": 1, "members": 40}
    return ObservedGroup(**{**base, "opened_on": date(2026, 1, 1), **fields, **changes})


@pytest.mark.parametrize(
    ("group", "kinds"),
    [
        (observed(), []),
        (observed(last_data_on=date(2026, 11, 12)), [Mismatch.NO_DATA]),
        (observed(last_data_on=None, opened_on=date(2026, 11, 14)), []),
        (observed(most_senders=41), [Mismatch.MORE_SENDERS]),
        (observed(members=0, most_senders=41), [Mismatch.NO_MEMBERS]),
        (observed(most_senders=None), []),
    ],
)
def test_groups_are_held_against_what_was_observed(group: ObservedGroup, kinds: list[Mismatch]) -> None:
    assert [one.kind for one in reconcile_groups([group], WEEK)] == kinds


def test_an_account_that_was_heard_in_the_period_is_fine() -> None:
    accounts = [ObservedAccount("甲", 1, day) for day in (WEEK.first_day, date(2026, 11, 12), None)]
    assert len(reconcile_accounts(accounts, WEEK)) == 2


def run(registry: Registry, slot: datetime) -> list[object | None]:
    found = []
    for task in LEDGER_TASKS[1:]:
        due = find_due_slot(task.job, slot)
        rules = load_rulebook()
        found.append(due and task.work(registry.database, rules, registry.clock, due))
    return found


def test_it_runs_on_mondays_at_three_and_once(registry: Registry) -> None:
    monday = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)  # Monday 03:00 in Shanghai
    assert find_due_slot(RECONCILE_WEEKLY, monday) == monday
    assert find_due_slot(RECONCILE_WEEKLY, monday - timedelta(minutes=1)) is None
    registry.clock.now = monday
    assert run(registry, monday) == ["核查报告 1", None]
    assert run(registry, monday) == [None, None]
    first = datetime(2026, 11, 30, 19, 0, tzinfo=UTC)
    registry.clock.now = first
    assert find_due_slot(RECONCILE_MONTHLY, first) == first
    assert "本次不核查" in str(run(registry, first)[1])


def test_a_report_is_stored_with_what_lies_in_each_subtree(registry: Registry) -> None:
    at = datetime(2026, 11, 19, tzinfo=UTC)
    row = insert(table_of(UnregisteredGroupRow)).values(
        source="demo", external_id="7777", first_seen_at=at, last_seen_at=at, n_events=3
    )
    registry.database.write(lambda connection: connection.execute(row).rowcount)
    registry.clock.now = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
    run(registry, registry.clock.now)
    _, whole = registry.see("QS", read_reconciliation)
    _, city = registry.see("LC", read_reconciliation)
    assert whole is not None
    assert city is not None
    assert (whole.n_groups, whole.n_accounts, whole.n_units) == (5, 2, 8)
    assert Mismatch.UNREGISTERED in {one.kind for one in whole.findings}
    assert {one.kind for one in city.findings} == {
        Mismatch.NO_OFFICER,
        Mismatch.NO_CALLBACK,
        Mismatch.NO_DATA,
    }
    assert {one.group_code for one in city.findings} == {"", "LC0001", "LC0101"}
    assert open_alerts(registry.database)[AlertKind.LEDGER_MISMATCH] == 4  # three and the root


def test_a_new_week_replaces_the_alert_of_the_last(registry: Registry) -> None:
    for week in range(2):
        registry.clock.now = datetime(2026, 11, 22, 19, 0, tzinfo=UTC) + timedelta(days=7 * week)
        run(registry, registry.clock.now)
    found = open_alerts(registry.database)
    assert found[AlertKind.LEDGER_MISMATCH] == 4

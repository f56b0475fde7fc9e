"""Site visits before 12-31 (HN-4.1f): who is reminded and when; the layer above at the last reminder."""

from dataclasses import replace
from datetime import date, time

import pytest

from monitor.clock import shanghai_instant
from monitor.errors import BadParameter, StateError
from monitor.reminders.policies import default_policy
from monitor.schedule import next_slots
from monitor.store.database import Database
from monitor.store.reminders.settings import save_policy
from monitor.store.work_tables import OutboxRow
from monitor.units import Role
from monitor.usecases.queries.asking import Question, find_unit
from monitor.usecases.reminders.deadlines import find_visits
from monitor.usecases.reminders.visits import SITE_VISIT_DUE, remind_of_visits
from monitor.usecases.rules.in_force import dated
from monitor.usecases.spot_checks.visits import plan_cross_visits, plan_visit, record_findings
from scoring.rulebook import load_rulebook
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.monitor.days.test_receive import rows
from tests.monitor.outbox_help import bind
from tests.monitor.spot_check_help import Office

RULEBOOK = load_rulebook()


@pytest.fixture
def office(database: Database, cast: Cast, clock: FrozenClock) -> Office:
    return Office(database, cast, clock, RULEBOOK)


def remind_on(office: Office, day: date) -> str | None:
    slot = shanghai_instant(day, time(9, 0))
    office.clock.now = slot
    return remind_of_visits(office.database, RULEBOOK, office.clock, slot)


def texts(office: Office) -> dict[str, str]:
    """Return what is queued, by recipient; the latest of each."""
    return {row.recipient: row.text for row in rows(office.database, OutboxRow)}


def deadlines_of(office: Office, unit: str) -> list[str]:
    viewer = office.cast.viewer(unit)
    with office.database.reading() as connection:
        question = Question(connection, viewer, dated(RULEBOOK, connection), office.clock())
        return [one.label for one in find_visits(question, find_unit(question, unit))]


def test_the_slots_are_those_of_the_self_assessment(clock: FrozenClock) -> None:
    days = [f"{slot:%m-%d}" for slot in next_slots(SITE_VISIT_DUE, clock())]
    assert days == ["12-01", "12-15", "12-25"]


def test_visits_without_findings_are_reminded_of_until_they_are_written_down(office: Office) -> None:
    at, cast = office.clock(), office.cast
    inspector = bind(office.database, cast.units["QS"], Role.INSPECTOR, bound_at=at)
    city = bind(office.database, cast.units["LC"], bound_at=at)
    desk = office.desk
    first = desk.write(office.inspector, lambda s: plan_visit(s, "YS", date(2026, 11, 25), visitor_code="LC"))
    desk.write(office.inspector, lambda s: plan_visit(s, "LC", date(2026, 12, 20), team="第一督导组"))
    assert deadlines_of(office, "QS") == ["2026 年现场督导 2 次未登记情况"]
    assert deadlines_of(office, "LC") == ["2026 年现场督导 1 次未登记情况"]
    assert deadlines_of(office, "YS") == []
    assert remind_on(office, date(2026, 12, 1)) == "2 次现场督导未登记情况，0 个单位未安排，提醒 2 人"
    assert remind_on(office, date(2026, 12, 1)) is None
    told = texts(office)
    assert f"⚠️已过 {first} 11-25 鹭川团市委 → 云杉团市委" in told[inspector]
    assert "第一督导组 → 鹭川团市委" in told[inspector]
    assert told[city].startswith("交叉检查尚未完成：1 个单位")
    assert "12-31 前完成（HN-4.1f，推定）" in told[city]
    desk.write(office.inspector, lambda s: record_findings(s, first, date(2026, 12, 1), "台账齐全"))
    assert deadlines_of(office, "LC") == []
    assert remind_on(office, date(2026, 12, 15)) == "1 次现场督导未登记情况，0 个单位未安排，提醒 1 人"


def test_units_without_a_planned_visit_are_named_to_the_inspectors(office: Office) -> None:
    inspector = bind(office.database, office.cast.units["QS"], Role.INSPECTOR, bound_at=office.clock())
    assert remind_on(office, date(2026, 12, 1)) == "0 次现场督导未登记情况，2 个单位未安排，提醒 1 人"
    assert "未安排：鹭川团市委、云杉团市委" in texts(office)[inspector]


def test_the_layer_above_is_told_at_the_last_reminder_where_the_policy_says_so(office: Office) -> None:
    at, cast = office.clock(), office.cast
    inspector = bind(office.database, cast.units["QS"], Role.INSPECTOR, bound_at=at)
    bind(office.database, cast.units["LC"], bound_at=at)
    office.desk.write(office.inspector, lambda s: plan_visit(s, "YS", date(2026, 12, 20), visitor_code="LC"))
    policy = replace(default_policy("site_visit_due"), escalates=True)
    office.database.write(lambda c: save_policy(c, policy, "console:1", at))
    remind_on(office, date(2026, 12, 15))
    assert not any("加报" in row.title for row in rows(office.database, OutboxRow))
    remind_on(office, date(2026, 12, 25))
    above = [row for row in rows(office.database, OutboxRow) if "加报" in row.title]
    assert [(row.recipient, row.title) for row in above] == [(inspector, "加报：现场督导未完成 1 个单位")]


@pytest.mark.parametrize("pair", [["LC", "LC"], ["LC", "LC01", "YS"], ["YS01", "QD", "YS", "LC"]])
def test_nobody_inspects_the_own_unit_whatever_is_drawn(office: Office, pair: list[str]) -> None:
    with pytest.raises((StateError, BadParameter), match=r"inspect|nobody"):
        office.desk.write(office.inspector, lambda s: plan_cross_visits(s, pair, date(2026, 12, 1)))

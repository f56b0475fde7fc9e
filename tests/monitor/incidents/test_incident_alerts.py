"""Who is told of incidents, when targets are missed, and what many processes do at once (D-03)."""

import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from monitor.errors import BadParameter
from monitor.incidents.course import ActRefused, IncidentAct, IncidentState
from monitor.store.database import Database
from monitor.store.days.posts import insert_posts
from monitor.store.incidents.tables import IncidentRow
from monitor.store.tables import GroupRow, table_of
from monitor.units import Role
from monitor.usecases.incidents import acts as incident_acts
from monitor.usecases.incidents.report import report_incident, take_back_report
from tests.cast import OPENED, Cast
from tests.conftest import FrozenClock
from tests.monitor.incident_help import Case, suspect


@pytest.fixture
def case(database: Database, cast: Cast, clock: FrozenClock) -> Case:
    return Case(database, cast, clock)


def test_managers_the_lowest_unit_and_inspectors_are_told_once(case: Case) -> None:
    manager = case.bind(Role.GROUP_MANAGER, "LC0101", "LC0101")
    town = case.bind(Role.BRANCH_ADMIN, "LC01")
    city = case.bind(Role.UNIT_ADMIN, "LC")
    sibling = case.bind(Role.UNIT_ADMIN, "YS")
    inspector = case.bind(Role.INSPECTOR, "QS")
    leader = case.bind(Role.LEADER, "QS")
    case.posted("LC0101")
    assert case.watch() == 3
    assert case.watch() == 0
    told = case.told()
    assert set(told) == {manager, town, inspector}
    assert not {city, sibling, leader} & set(told)
    card = told[town][0]
    for words in (
        "事件1",
        "LC0101 柳岸青年群",
        "张＊＊",
        "特价门票",
        "广告词：优惠券",
        "15:30 前确认",
        "17:00 前处置",
        "默认时限",
    ):
        assert words in card
    assert "张小明" not in card
    assert "已处置 1" in told[manager][0]


def test_an_alert_goes_out_at_night(case: Case) -> None:
    case.bind(Role.UNIT_ADMIN, "LC")
    case.clock.now = datetime(2026, 11, 20, 16, 30, tzinfo=UTC)  # 00:30 in Shanghai
    case.posted("LC0101")
    case.watch()
    with case.database.reading() as connection:
        run_at = connection.exec_driver_sql("SELECT run_at FROM outbox").scalar()
        created_at = connection.exec_driver_sql("SELECT created_at FROM outbox").scalar()
    assert run_at == created_at


def test_each_is_told_of_their_own_places_only_in_one_message(case: Case) -> None:
    city, other = case.bind(Role.UNIT_ADMIN, "LC"), case.bind(Role.UNIT_ADMIN, "YS")
    case.posted("LC0001", "LC0101", "YS0101")
    case.watch()
    told = case.told()
    assert [len(texts) for texts in told.values()] == [1, 1]
    assert "LC0001、LC0101" in told[city][0]
    assert "LC" not in told[other][0].replace("LC甲", "")


def test_missed_targets_go_up_layer_by_layer_until_somebody_acts(case: Case) -> None:
    town, city = case.bind(Role.BRANCH_ADMIN, "LC01"), case.bind(Role.UNIT_ADMIN, "LC")
    case.posted("LC0101")
    case.watch()
    case.clock.advance(minutes=29)
    assert case.watch() == 0
    case.clock.advance(minutes=1)
    assert case.watch() == 2
    assert case.watch() == 0
    told = case.told()
    assert told[city][0].startswith("⚠️超时未确认 事件1")
    assert len(told[town]) == 2
    lc01 = case.cast.viewer("LC01", Role.BRANCH_ADMIN)
    case.acts(lc01, lambda docket: incident_acts.act_on(docket, 1, IncidentAct.CONFIRM))
    case.clock.advance(minutes=90)
    assert case.watch() == 2
    assert case.told()[city][1].startswith("⚠️超时未处置 事件1")
    case.acts(lc01, lambda docket: incident_acts.act_on(docket, 1, IncidentAct.GUIDE, "已说明"))
    case.clock.advance(days=3)
    assert case.watch() == 0


def test_acknowledging_stops_the_repetition_of_the_first_target(case: Case) -> None:
    case.bind(Role.UNIT_ADMIN, "LC")
    case.posted("LC0101")
    case.watch()
    manager = case.cast.viewer("LC0101", Role.GROUP_MANAGER, "LC0101")
    done = case.acts(manager, lambda docket: incident_acts.acknowledge_incident(docket, 1))
    assert done.incident.state is IncidentState.FOUND
    assert case.acts(manager, lambda docket: incident_acts.acknowledge_incident(docket, 1)).number == 0
    case.clock.advance(minutes=40)
    assert case.watch() == 0
    case.clock.advance(minutes=80)
    assert case.watch() == 1


def test_a_late_incident_is_escalated_by_one_of_two_processes_only(case: Case) -> None:
    case.bind(Role.UNIT_ADMIN, "LC")
    case.posted("LC0101")
    other = Database(case.database.url)
    twin = Case(other, case.cast, case.clock)
    totals: list[int] = []
    threads = [threading.Thread(target=lambda one=one: totals.append(one.watch())) for one in (case, twin)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    case.clock.advance(minutes=31)
    assert case.watch() + twin.watch() == 1
    other.close()
    assert [len(texts) for texts in case.told().values()] == [2]


def test_the_same_text_in_forty_groups_at_once_is_one_incident(case: Case) -> None:
    ids = range(200, 240)
    rows = [
        {"id": i, "code": f"F{i}", "name": f"第{i}群", "unit_id": case.cast.units["LC"], "opened_on": OPENED,
         "member_count": 30}
        for i in ids
    ]  # fmt: skip
    case.database.write(lambda connection: connection.execute(table_of(GroupRow).insert(), rows))
    city = case.bind(Role.UNIT_ADMIN, "LC")
    other = Database(case.database.url)
    start = threading.Barrier(40)

    def deliver(number: int) -> None:
        database = (case.database, other)[number % 2]
        start.wait()
        for _ in range(2):  # the platform delivers again
            database.write_bulk(insert_posts, [suspect(number, case.clock())])

    threads = [threading.Thread(target=deliver, args=(number,)) for number in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert case.sizes() == (1, 40)
    assert case.watch() == 1
    assert "等 40 处" in case.told()[city][0]
    incident = case.seen_by(case.cast.viewer("LC"))
    assert [place.n_posts for place in incident.places] == [1] * 40


def test_a_new_place_and_the_closing_of_the_last_one_do_not_pass_each_other(case: Case) -> None:
    """Whatever comes first, the place that came second is never lost inside a settled incident."""
    case.posted("LC0101")
    lc = case.cast.viewer("LC")
    case.acts(lc, lambda docket: incident_acts.act_on(docket, 1, IncidentAct.GUIDE, "已说明"))
    other = Database(case.database.url)
    late = [suspect(case.cast.groups["LC0001"], case.clock(), number=9)]
    start = threading.Barrier(2)

    def close() -> None:
        start.wait()
        case.acts(lc, lambda docket: incident_acts.act_on(docket, 1, IncidentAct.CLOSE))

    def arrive() -> None:
        start.wait()
        other.write_bulk(insert_posts, late)

    threads = [threading.Thread(target=close), threading.Thread(target=arrive)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    inspector = case.cast.viewer("QS", Role.INSPECTOR)
    incident = table_of(IncidentRow)
    with case.database.reading() as connection:  # a number may be left out where both wrote at once
        newest: int = connection.execute(select(func.max(incident.c.id))).scalar_one()
    last = case.seen_by(inspector, newest)
    assert last.state is IncidentState.FOUND
    assert "LC0001" in [place.group_code for place in last.places]


def test_a_report_tells_people_at_once_and_can_be_taken_back(case: Case) -> None:
    case.bind(Role.BRANCH_ADMIN, "LC01")
    manager = case.cast.viewer("LC0101", Role.GROUP_MANAGER, "LC0101")
    reported = case.does(manager, lambda docket: report_incident(docket, "有人发布招聘广告"))
    assert (reported.incident_id, reported.place_label) == (1, "LC0101 柳岸青年群")
    assert reported.told == (("基层管理员", 1),)
    again = case.does(manager, lambda docket: report_incident(docket, "有人发布招聘广告"))
    assert (again.incident_id, again.is_new) == (1, False)
    assert case.does(manager, lambda docket: take_back_report(docket, reported.number)) == 1
    assert case.seen_by(manager).state is IncidentState.WITHDRAWN
    assert case.does(manager, lambda docket: take_back_report(docket, reported.number)) is None


def test_a_report_cannot_be_taken_back_by_others_too_late_or_after_somebody_acted(case: Case) -> None:
    manager = case.cast.viewer("LC0101", Role.GROUP_MANAGER, "LC0101")
    town = case.cast.viewer("LC01", Role.BRANCH_ADMIN)
    first = case.does(manager, lambda docket: report_incident(docket, "有人刷屏卖课"))
    assert case.does(town, lambda docket: take_back_report(docket, first.number)) is None
    case.acts(town, lambda docket: incident_acts.act_on(docket, 1, IncidentAct.CONFIRM))
    assert case.does(manager, lambda docket: take_back_report(docket, first.number)) is None
    second = case.does(manager, lambda docket: report_incident(docket, "有人冒充老师收费"))
    case.clock.advance(minutes=10)
    assert case.does(manager, lambda docket: take_back_report(docket, second.number)) is None


def test_the_same_words_about_another_group_are_another_incident(case: Case) -> None:
    lc = case.cast.viewer("LC")
    case.does(lc, lambda docket: report_incident(docket, "有人发广告", "LC0001"))
    case.does(lc, lambda docket: report_incident(docket, "有人发广告", "LC0101"))
    assert case.sizes() == (2, 2)


def test_a_report_of_a_text_that_was_found_joins_its_incident(case: Case) -> None:
    case.posted("LC0101")
    ys = case.cast.viewer("YS")
    reported = case.does(ys, lambda docket: report_incident(docket, "特价门票,扫码进群领取优惠券", "YS0101"))
    assert reported.incident_id == 1
    assert case.sizes() == (1, 2)


def test_a_unit_may_set_its_own_targets_only_within_reason(case: Case) -> None:
    lc = case.cast.viewer("LC")
    targets = case.does(lc, lambda docket: incident_acts.set_unit_targets(docket, "LC01", 10, 60, 600))
    assert not targets.is_default
    with pytest.raises(BadParameter):
        case.does(lc, lambda docket: incident_acts.set_unit_targets(docket, "LC01", 60, 10, 600))
    town = case.cast.viewer("LC01", Role.BRANCH_ADMIN)
    with pytest.raises(ActRefused):
        case.does(town, lambda docket: incident_acts.set_unit_targets(docket, "LC01", 10, 60, 600))

"""Groups in the ledger: opening with approval, members, closing, claiming, 撤销; scope and races."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import insert, select

from monitor.clock import Period
from monitor.errors import BadParameter, CommandError, OutOfScope, ReadOnlyRole, StateError
from monitor.ledger.ledger import ChangeState
from monitor.store.database import Database
from monitor.store.directory import load_group_by_code, load_group_by_source
from monitor.store.incidents.tables import IncidentPlaceRow, IncidentRow
from monitor.store.tables import GroupRow, UnregisteredGroupRow, table_of
from monitor.units import Role
from monitor.usecases.ledger.desk import Acted, ChangeNotFound
from monitor.usecases.ledger.groups import (
    AlreadyDecided,
    GroupHasIncident,
    MembersUnusual,
    NeedsSuperior,
    SeveralSources,
    UnknownGroupNotFound,
    change_members,
    claim_group,
    close_group,
    decide_request,
    open_group,
)
from monitor.usecases.ledger.reading import read_ledger, read_requests, read_unknown
from monitor.usecases.ledger.undo import ChangedSince, undo
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.monitor.ledger_help import Registry

TODAY = date(2026, 11, 20)


@pytest.fixture
def registry(database: Database, cast: Cast, clock: FrozenClock) -> Registry:
    return Registry(database, cast, clock)


def put(database: Database, row: Any, **values: Any) -> None:
    database.write(lambda connection: connection.execute(insert(table_of(row)).values(**values)).rowcount)


def days_of(database: Database, code: str) -> tuple[date, date | None, int] | None:
    group = table_of(GroupRow)
    with database.reading() as connection:
        query = select(group.c.opened_on, group.c.closed_on, group.c.member_count)
        row = connection.execute(query.where(group.c.code == code)).one_or_none()
    return (row[0], row[1], row[2]) if row else None


def asked(registry: Registry, name: str = "临河青年二群", members: int = 80) -> Acted:
    return registry.do("LC01", lambda clerk: open_group(clerk, name, members))


def test_a_new_group_has_a_code_at_once_and_counts_after_approval(registry: Registry) -> None:
    acted = asked(registry)
    assert acted.change is not None
    assert (acted.change.code, acted.change.state) == ("LC01Q01", ChangeState.PENDING)
    assert days_of(registry.database, "LC01Q01") is None
    registry.clock.advance(days=1)
    number = acted.change.number
    decided = registry.do("LC", lambda clerk: decide_request(clerk, number, is_approved=True))
    assert decided.change is not None
    assert (decided.change.state, decided.change.effective_on) == (ChangeState.DONE, date(2026, 11, 21))
    assert days_of(registry.database, "LC01Q01") == (date(2026, 11, 21), None, 80)


def test_codes_run_on_and_are_never_given_twice(registry: Registry) -> None:
    first, second = asked(registry), asked(registry, "临河青年三群")
    assert first.change is not None
    assert second.change is not None
    assert [first.change.code, second.change.code] == ["LC01Q01", "LC01Q02"]


def test_the_province_has_nobody_above_and_opens_at_once(registry: Registry) -> None:
    acted = registry.do("QS", lambda clerk: open_group(clerk, "省直团干群", 60))
    assert acted.change is not None
    assert acted.change.state is ChangeState.DONE
    assert days_of(registry.database, acted.change.code) == (TODAY, None, 60)


def test_who_opens_for_a_unit_below_needs_no_approval(registry: Registry) -> None:
    acted = registry.do("LC", lambda clerk: open_group(clerk, "临河新群", 60, "LC01"))
    assert acted.change is not None
    assert acted.change.state is ChangeState.DONE


def test_a_group_of_the_same_name_is_offered_instead(registry: Registry) -> None:
    again = asked(registry)
    assert asked(registry).existing == "LC01Q01"
    assert again.change is not None
    other = registry.do("LC", lambda clerk: open_group(clerk, "鹭川团干群", 40))
    assert (other.number, other.existing) == (0, "LC0001")


@pytest.mark.parametrize("members", [0, 501, 9999])
def test_unusual_members_want_a_confirmation(registry: Registry, members: int) -> None:
    with pytest.raises(MembersUnusual):
        asked(registry, members=members)
    acted = registry.do("LC01", lambda clerk: open_group(clerk, "甲群", members, is_confirmed=True))
    assert acted.number


@pytest.mark.parametrize("members", [1, 500])
def test_usual_members_want_none(registry: Registry, members: int) -> None:
    assert asked(registry, members=members).number


@pytest.mark.parametrize("members", [-1, 10_000])
def test_impossible_members_are_refused_even_when_confirmed(registry: Registry, members: int) -> None:
    with pytest.raises(BadParameter):
        registry.do("LC01", lambda clerk: open_group(clerk, "甲群", members, is_confirmed=True))


def test_nobody_approves_for_their_own_unit_or_beside_it(registry: Registry) -> None:
    change = asked(registry).change
    assert change is not None
    number = change.number
    with pytest.raises(NeedsSuperior):
        registry.do("LC01", lambda clerk: decide_request(clerk, number, is_approved=True))
    for unit in ("YS", "QD", "LC0101"):
        with pytest.raises(ChangeNotFound) as there:
            registry.do(unit, lambda clerk: decide_request(clerk, number, is_approved=True))
        with pytest.raises(ChangeNotFound) as nowhere:
            registry.do(unit, lambda clerk: decide_request(clerk, 999_999, is_approved=True))
        assert there.value.user_text == nowhere.value.user_text


def test_returning_wants_a_reason(registry: Registry) -> None:
    change = asked(registry).change
    assert change is not None
    number = change.number
    with pytest.raises(BadParameter):
        registry.do("LC", lambda clerk: decide_request(clerk, number, is_approved=False, note=" "))
    acted = registry.do("LC", lambda clerk: decide_request(clerk, number, is_approved=False, note="重复"))
    assert acted.change is not None
    assert (acted.change.state, acted.change.note) == (ChangeState.RETURNED, "重复")
    assert days_of(registry.database, "LC01Q01") is None


def test_the_same_decision_again_is_no_news_and_the_other_one_is_refused(registry: Registry) -> None:
    change = asked(registry).change
    assert change is not None
    number = change.number
    registry.do("LC", lambda clerk: decide_request(clerk, number, is_approved=True))
    assert registry.do("QS", lambda clerk: decide_request(clerk, number, is_approved=True)).number == 0
    with pytest.raises(AlreadyDecided):
        registry.do("QS", lambda clerk: decide_request(clerk, number, is_approved=False, note="不同意"))


def test_of_two_approvals_at_once_one_counts(registry: Registry) -> None:
    change = asked(registry).change
    assert change is not None
    number = change.number

    def approve(unit: str) -> int:
        return registry.do(unit, lambda clerk: decide_request(clerk, number, is_approved=True)).number

    with ThreadPoolExecutor(4) as pool:
        numbers = list(pool.map(approve, ["LC", "QS", "LC", "QS"]))
    assert sum(one > 0 for one in numbers) == 1
    with registry.database.reading() as connection:
        group = load_group_by_code(connection, "LC01Q01")
    assert group is not None


def test_of_two_openings_at_once_one_is_stored(registry: Registry) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: asked(registry), range(4)))
    assert sum(one.number > 0 for one in found) == 1
    waiting, _ = registry.see("LC", read_requests)
    assert len(waiting) == 1


def test_members_change_keeps_what_was_before(registry: Registry) -> None:
    acted = registry.do("LC", lambda clerk: change_members(clerk, "LC0101", 120))
    assert acted.change is not None
    assert (acted.change.before["members"], acted.change.after["members"]) == (40, 120)
    assert registry.do("LC", lambda clerk: change_members(clerk, "LC0101", 120)).number == 0
    registry.clock.advance(days=31)
    november = Period(date(2026, 11, 1), date(2026, 11, 19))
    reading = registry.see("LC", lambda clerk: read_ledger(clerk, None, november))
    assert (reading.n_members, reading.n_groups) == (80, 2)
    assert registry.see("LC", read_ledger).n_members == 160


def test_a_group_with_an_open_incident_is_not_closed(registry: Registry) -> None:
    now = datetime(2026, 11, 20, tzinfo=UTC)
    incident = {"id": 1, "merge_key": 1, "open_key": 1, "origin": "系统识别", "state": "发现", "text": "x"}
    lists = {"categories": [], "hits": [], "reasons": [], "found_at": now}
    put(registry.database, IncidentRow, **incident, **lists)
    place = {"incident_id": 1, "place_key": "group:2", "group_id": registry.cast.groups["LC0101"]}
    rest = {"unit_id": registry.cast.units["LC0101"], "state": "发现", "sender": "", "n_posts": 1}
    empty = {"found_at": now, "reported_by": "", "action": "", "holder": "", "n_targets_missed": 0}
    put(registry.database, IncidentPlaceRow, **place, **rest, **empty)
    with pytest.raises(GroupHasIncident):
        registry.do("LC", lambda clerk: close_group(clerk, "LC0101", "并群"))
    assert days_of(registry.database, "LC0101") == (date(2026, 1, 1), None, 40)
    assert registry.do("LC", lambda clerk: close_group(clerk, "LC0001", "并群")).number


def test_closing_wants_a_reason_and_happens_once(registry: Registry) -> None:
    with pytest.raises(BadParameter):
        registry.do("LC", lambda clerk: close_group(clerk, "LC0101", ""))
    registry.do("LC", lambda clerk: close_group(clerk, "LC0101", "并群"))
    assert days_of(registry.database, "LC0101") == (date(2026, 1, 1), TODAY, 40)
    assert registry.do("LC", lambda clerk: close_group(clerk, "LC0101", "并群")).number == 0
    with pytest.raises(StateError):
        registry.do("LC", lambda clerk: change_members(clerk, "LC0101", 50))


def test_a_class_level_admin_cannot_stop_a_group_of_the_unit_above(registry: Registry) -> None:
    for code in ("LC0001", "YS0001", "NOSUCH"):
        with pytest.raises(OutOfScope):
            registry.do("LC0101", lambda clerk, code=code: close_group(clerk, code, "并群"))


def test_leaders_and_managers_do_not_write(registry: Registry) -> None:
    leader = registry.cast.viewer("LC", Role.LEADER)
    with pytest.raises(ReadOnlyRole):
        registry.ledger.write(leader, lambda clerk: open_group(clerk, "甲群", 40))
    manager = registry.cast.viewer("LC", Role.GROUP_MANAGER, "LC0001")
    with pytest.raises(CommandError):
        registry.ledger.write(manager, lambda clerk: close_group(clerk, "LC0001", "并群"))


def unknown(registry: Registry, source: str = "demo", external_id: str = "7777") -> None:
    at = datetime(2026, 11, 19, tzinfo=UTC)
    values = {"first_seen_at": at, "last_seen_at": at, "n_events": 12}
    put(registry.database, UnregisteredGroupRow, source=source, external_id=external_id, **values)


def test_the_province_claims_an_unregistered_group_at_once(registry: Registry) -> None:
    unknown(registry)
    assert [one.external_id for one in registry.see("QS", read_unknown)] == ["7777"]
    registry.do("QS", lambda clerk: claim_group(clerk, "7777", "YS0001"))
    assert registry.see("QS", read_unknown) == []
    with registry.database.reading() as connection:
        found = load_group_by_source(connection, "demo", "7777")
    assert found is not None
    assert found.code == "YS0001"
    with pytest.raises(UnknownGroupNotFound):
        registry.do("QS", lambda clerk: claim_group(clerk, "7777", "LC0001"))


def test_a_city_learns_nothing_of_unregistered_groups_and_asks_by_id(registry: Registry) -> None:
    unknown(registry)
    with pytest.raises(CommandError):
        registry.see("YS", read_unknown)
    there = registry.do("YS", lambda clerk: claim_group(clerk, "7777", "YS0001"))
    nowhere = registry.do("YS", lambda clerk: claim_group(clerk, "8888", "YS0001"))
    assert there.change is not None
    assert nowhere.change is not None
    assert there.change.state is nowhere.change.state is ChangeState.PENDING
    assert registry.do("YS", lambda clerk: claim_group(clerk, "7777", "YS0001")).number == 0
    registry.do("QS", lambda clerk: decide_request(clerk, there.change.number, is_approved=True))
    with pytest.raises(UnknownGroupNotFound):
        registry.do("QS", lambda clerk: decide_request(clerk, nowhere.change.number, is_approved=True))
    with registry.database.reading() as connection:
        assert load_group_by_source(connection, "demo", "7777") is not None


def test_the_same_id_in_two_sources_asks_which(registry: Registry) -> None:
    unknown(registry)
    unknown(registry, "other")
    with pytest.raises(SeveralSources, match="several"):
        registry.do("QS", lambda clerk: claim_group(clerk, "7777", "YS0001"))
    assert registry.do("QS", lambda clerk: claim_group(clerk, "7777", "YS0001", "other")).number


def test_every_write_can_be_taken_back_for_ten_minutes(registry: Registry) -> None:
    unknown(registry)
    before = days_of(registry.database, "LC0101")
    for act in (
        lambda clerk: change_members(clerk, "LC0101", 120),
        lambda clerk: close_group(clerk, "LC0101", "并群"),
        lambda clerk: claim_group(clerk, "7777", "LC0101"),
    ):
        acted = registry.do("QS", act)
        taken = registry.do("QS", lambda clerk, acted=acted: undo(clerk, acted.number))
        assert taken is not None
        assert taken.change.state is ChangeState.WITHDRAWN
        assert days_of(registry.database, "LC0101") == before
    assert len(registry.see("QS", read_unknown)) == 1
    late = registry.do("QS", lambda clerk: change_members(clerk, "LC0101", 120))
    registry.clock.advance(minutes=11)
    assert registry.do("QS", lambda clerk: undo(clerk, late.number)) is None


def test_nobody_takes_back_what_another_wrote_or_what_was_built_upon(registry: Registry) -> None:
    acted = registry.do("LC", lambda clerk: change_members(clerk, "LC0101", 120))
    assert registry.do("QS", lambda clerk: undo(clerk, acted.number)) is None
    registry.do("QS", lambda clerk: change_members(clerk, "LC0101", 130))
    with pytest.raises(ChangedSince):
        registry.do("LC", lambda clerk: undo(clerk, acted.number))
    assert days_of(registry.database, "LC0101") == (date(2026, 1, 1), None, 130)


def test_an_approval_that_is_taken_back_lets_the_request_wait_again(registry: Registry) -> None:
    change = asked(registry).change
    assert change is not None
    number = change.number
    decided = registry.do("LC", lambda clerk: decide_request(clerk, number, is_approved=True))
    registry.do("LC", lambda clerk: undo(clerk, decided.number))
    reading = registry.see("LC", read_ledger)
    assert (reading.n_groups, reading.n_pending) == (2, 1)
    registry.do("LC", lambda clerk: decide_request(clerk, number, is_approved=True))
    assert registry.see("LC", read_ledger).n_groups == 3

"""Binding by invitation: once, by the right code, within the limits, audited, and taken back."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from monitor.clock import business_day
from monitor.errors import NotBound
from monitor.store.database import Database
from monitor.store.people import bindings
from monitor.store.tables import (
    ChatIdentityRow,
    DesignatedOfficerRow,
    GroupManagerRow,
    InvitationRow,
    UnitRow,
    table_of,
)
from monitor.store.work_tables import AuditRow
from monitor.units import Role
from monitor.usecases.ledger.register import add_invitation, add_officer
from monitor.usecases.people.bind import (
    Binding,
    ChatAddress,
    CodeRefused,
    NothingToUndo,
    TooManyCodes,
    bind,
    invitation_hash,
    is_locked,
    unbind,
    undo,
)
from tests.cast import Cast
from tests.conftest import FrozenClock

ANN, BEN = ChatAddress("demo", "ann"), ChatAddress("demo", "ben")
NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


class House:
    """The use cases on one database, at the clock's time."""

    def __init__(self, database: Database, clock: FrozenClock) -> None:
        self.database, self.clock = database, clock

    def invite(self, code: str, role: Role, unit: str, **more: Any) -> None:
        self.database.write(lambda connection: add_invitation(connection, code, role, unit, **more))

    def bind(self, who: ChatAddress, code: str) -> Binding | CodeRefused:
        return self.database.write(lambda connection: bind(connection, who, code, self.clock()))

    def unbind(self, who: ChatAddress) -> Binding:
        return self.database.write(lambda connection: unbind(connection, who, self.clock()))

    def undo(self, who: ChatAddress, number: int) -> Binding:
        return self.database.write(lambda connection: undo(connection, who, number, self.clock()))

    def held(self, who: ChatAddress) -> bindings.Bound | None:
        with self.database.reading() as connection:
            return bindings.load_bound(connection, who.account, who.address, business_day(self.clock()))

    def role(self, who: ChatAddress) -> Role | None:
        bound = self.held(who)
        return bound.viewer.role if bound else None

    def rows(self, row: Any) -> list[Any]:
        with self.database.reading() as connection:
            return list(connection.execute(select(table_of(row)).order_by(*table_of(row).primary_key)))


@pytest.fixture
def house(database: Database, cast: Cast, clock: FrozenClock) -> House:
    assert cast
    house = House(database, clock)
    house.invite("ONCE", Role.UNIT_ADMIN, "LC", display_name="林某")
    house.invite("OFTEN", Role.INSPECTOR, "QS", is_reusable=True)
    house.invite(
        "MANAGER", Role.GROUP_MANAGER, "LC0101", group_code="LC0101", display_name="柳岸青年群管理员"
    )
    house.invite("SECOND", Role.GROUP_MANAGER, "LC", group_code="LC0001", display_name="鹭川团干群管理员")
    return house


def test_a_code_binds_the_role_of_its_invitation(house: House, cast: Cast) -> None:
    binding = house.bind(ANN, "once")
    assert isinstance(binding, Binding)
    bound = house.held(ANN)
    assert bound is not None
    assert (bound.viewer.role, bound.viewer.unit_id, bound.viewer.unit_path) == (
        Role.UNIT_ADMIN,
        cast.units["LC"],
        cast.paths["LC"],
    )
    assert (bound.viewer.display_name, bound.unit_name) == ("林某", "鹭川团市委")
    assert bound.viewer.identity == f"chat:{bound.identity_id}"


def test_only_the_hash_of_a_code_is_stored(house: House) -> None:
    stored = {row.code_hash for row in house.rows(InvitationRow)}
    assert invitation_hash("ONCE") in stored
    assert all(len(code_hash) == 64 for code_hash in stored)
    assert invitation_hash(" once ") == invitation_hash("ONCE")


def test_a_single_use_code_binds_one_person(house: House) -> None:
    house.bind(ANN, "ONCE")
    assert isinstance(house.bind(BEN, "ONCE"), CodeRefused)
    assert house.role(BEN) is None


def test_a_reusable_code_binds_many(house: House) -> None:
    house.bind(ANN, "OFTEN")
    house.bind(BEN, "OFTEN")
    assert (house.role(ANN), house.role(BEN)) == (Role.INSPECTOR, Role.INSPECTOR)


def test_unknown_used_and_expired_codes_are_refused_in_the_same_words(house: House) -> None:
    house.invite("STALE", Role.UNIT_ADMIN, "LC", expires_at=house.clock() + timedelta(hours=72))
    house.bind(ANN, "ONCE")
    house.clock.advance(hours=72)
    texts = {house.bind(BEN, code).user_text for code in ("NEVER", "ONCE", "STALE")}  # type: ignore[union-attr]
    assert len(texts) == 1


def test_a_code_is_good_until_the_instant_it_expires(house: House) -> None:
    house.invite("SOON", Role.UNIT_ADMIN, "LC", expires_at=house.clock() + timedelta(seconds=1))
    assert isinstance(house.bind(ANN, "SOON"), Binding)


def test_the_code_of_a_unit_that_is_switched_off_is_refused(house: House, cast: Cast) -> None:
    switch_off = update(table_of(UnitRow)).where(table_of(UnitRow).c.id == cast.units["LC"])
    house.database.write(lambda connection: connection.execute(switch_off.values(is_active=False)).rowcount)
    assert isinstance(house.bind(ANN, "ONCE"), CodeRefused)


@pytest.mark.parametrize(
    ("minutes_ago", "locked"),
    [
        ([0, 1, 2, 3], False),
        ([0, 1, 2, 3, 4], True),
        ([9, 9, 9, 9, 9], True),
        ([10, 10, 10, 10, 10], False),
        ([0, 1, 2, 3, 9], True),
        ([0, 1, 2, 3, 10], False),
        ([0, 11, 12, 13, 14], False),
        ([], False),
    ],
)
def test_five_wrong_codes_within_ten_minutes_lock_for_ten(minutes_ago: list[int], locked: bool) -> None:
    assert is_locked([NOON - timedelta(minutes=minutes) for minutes in minutes_ago], NOON) is locked


def test_a_locked_address_is_refused_even_with_a_right_code(house: House) -> None:
    for _ in range(5):
        assert isinstance(house.bind(ANN, "WRONG"), CodeRefused)
    with pytest.raises(TooManyCodes):
        house.bind(ANN, "ONCE")
    assert isinstance(house.bind(BEN, "OFTEN"), Binding)  # nobody else is locked
    house.clock.advance(minutes=9, seconds=59)
    with pytest.raises(TooManyCodes):
        house.bind(ANN, "ONCE")
    house.clock.advance(seconds=1)
    assert isinstance(house.bind(ANN, "ONCE"), Binding)


def test_rebinding_replaces_the_role_and_both_are_audited(house: House, cast: Cast) -> None:
    house.bind(ANN, "ONCE")
    first = house.held(ANN)
    house.bind(ANN, "OFTEN")
    second = house.held(ANN)
    assert first is not None
    assert second is not None
    assert (second.viewer.role, second.identity_id) == (Role.INSPECTOR, first.identity_id)
    changes = [row.detail for row in house.rows(AuditRow) if row.action == bindings.BOUND]
    assert changes[0]["before"] is None
    assert changes[0]["after"]["role"] == changes[1]["before"]["role"] == "单位管理员"
    assert changes[1]["after"] == {
        "role": "督导检查",
        "unit_id": cast.units["QS"],
        "group_id": None,
        "display_name": "",
    }


@pytest.mark.parametrize("code", ["ONCE", "OFTEN"])
def test_the_same_invitation_again_changes_nothing(house: House, code: str) -> None:
    first, second = house.bind(ANN, code), house.bind(ANN, code)
    assert isinstance(first, Binding)
    assert isinstance(second, Binding)
    assert (first.number > 0, second.number) == (True, 0)
    assert len(house.rows(AuditRow)) == 1


def test_a_group_manager_sees_the_group_and_takes_up_the_term(house: House, cast: Cast) -> None:
    house.bind(ANN, "MANAGER")
    bound = house.held(ANN)
    assert bound is not None
    assert bound.viewer.group_ids == {cast.groups["LC0101"]}
    assert bound.group_names == ("柳岸青年群",)
    terms = {row.group_id: row.identity_id for row in house.rows(GroupManagerRow)}
    assert terms[cast.groups["LC0101"]] == bound.identity_id
    assert terms[cast.groups["LC0001"]] is None


def test_a_second_invitation_adds_a_group_to_a_manager(house: House, cast: Cast) -> None:
    house.bind(ANN, "MANAGER")
    house.bind(ANN, "SECOND")
    bound = house.held(ANN)
    assert bound is not None
    assert bound.viewer.group_ids == {cast.groups["LC0101"], cast.groups["LC0001"]}


def test_a_term_that_has_ended_gives_no_right(house: House, cast: Cast) -> None:
    house.bind(ANN, "MANAGER")
    house.bind(ANN, "SECOND")
    term = table_of(GroupManagerRow)
    end = update(term).where(term.c.group_id == cast.groups["LC0101"])
    end = end.values(until=business_day(house.clock()) - timedelta(days=1))
    house.database.write(lambda connection: connection.execute(end).rowcount)
    bound = house.held(ANN)
    assert bound is not None
    assert bound.viewer.group_ids == {cast.groups["LC0001"]}


def test_another_role_leaves_the_terms_of_a_manager(house: House) -> None:
    house.bind(ANN, "MANAGER")
    house.bind(ANN, "OFTEN")
    assert {row.identity_id for row in house.rows(GroupManagerRow)} == {None}


def test_unbinding_keeps_terms_of_office_without_a_person(house: House) -> None:
    house.bind(ANN, "MANAGER")
    bound = house.held(ANN)
    assert bound is not None
    today = business_day(house.clock())
    house.database.write(lambda connection: add_officer(connection, "LC", "林某", today))
    officer = update(table_of(DesignatedOfficerRow)).values(identity_id=bound.identity_id)
    house.database.write(lambda connection: connection.execute(officer).rowcount)
    house.unbind(ANN)
    assert house.rows(ChatIdentityRow) == []
    assert {row.identity_id for row in house.rows(GroupManagerRow)} == {None}
    assert [row.identity_id for row in house.rows(DesignatedOfficerRow)] == [None]


def test_an_identity_number_is_never_given_again(house: House) -> None:
    house.bind(ANN, "OFTEN")
    first = house.held(ANN)
    house.unbind(ANN)
    house.bind(BEN, "OFTEN")
    second = house.held(BEN)
    assert first is not None
    assert second is not None
    assert second.identity_id > first.identity_id


def test_a_stranger_has_nothing_to_unbind(house: House) -> None:
    with pytest.raises(NotBound):
        house.unbind(ANN)


@pytest.mark.parametrize("code", ["ONCE", "MANAGER"])
def test_an_unbinding_is_taken_back_within_ten_minutes(house: House, code: str) -> None:
    house.bind(ANN, code)
    before = house.held(ANN)
    number = house.unbind(ANN).number
    house.clock.advance(minutes=9, seconds=59)
    assert house.undo(ANN, number).number > number
    after = house.held(ANN)
    assert before is not None
    assert after is not None
    assert (after.holding, after.viewer.group_ids) == (before.holding, before.viewer.group_ids)


def test_a_rebinding_is_taken_back_to_the_role_before(house: House) -> None:
    house.bind(ANN, "ONCE")
    number = house.bind(ANN, "OFTEN").number  # type: ignore[union-attr]
    house.undo(ANN, number)
    assert house.role(ANN) is Role.UNIT_ADMIN


def _too_late(house: House, number: int) -> int:
    house.clock.advance(minutes=10)
    return number


def _another_number(_: House, number: int) -> int:
    return number + 1


def _changed_since(house: House, number: int) -> int:
    house.bind(ANN, "ONCE")
    return number


def _twice(house: House, number: int) -> int:
    house.undo(ANN, number)
    return number


@pytest.mark.parametrize("spoil", [_too_late, _another_number, _changed_since, _twice])
def test_what_is_old_foreign_or_overtaken_is_not_taken_back(
    house: House, spoil: Callable[[House, int], int]
) -> None:
    number = spoil(house, house.bind(ANN, "OFTEN").number)  # type: ignore[union-attr]
    role = house.role(ANN)
    with pytest.raises(NothingToUndo):
        house.undo(ANN, number)
    assert house.role(ANN) is role


def test_nobody_takes_back_what_another_did(house: House) -> None:
    house.bind(BEN, "OFTEN")
    number = house.bind(ANN, "ONCE").number  # type: ignore[union-attr]
    with pytest.raises(NothingToUndo):
        house.undo(BEN, number)
    assert house.role(ANN) is Role.UNIT_ADMIN


def test_of_many_who_hold_one_code_exactly_one_is_bound(house: House) -> None:
    people = [ChatAddress("demo", f"person-{number}") for number in range(20)]
    with ThreadPoolExecutor(20) as pool:
        outcomes = list(pool.map(lambda who: house.bind(who, "ONCE"), people))
    assert sum(isinstance(outcome, Binding) for outcome in outcomes) == 1
    assert len(house.rows(ChatIdentityRow)) == 1

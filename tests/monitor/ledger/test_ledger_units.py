"""Units that move, merge and close: deep trees, history where it happened, scope."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, insert, select

from monitor.clock import Period
from monitor.errors import BadParameter, CommandError, OutOfScope
from monitor.store.database import Database
from monitor.store.days.tables import DayCountRow, UnitDayRow
from monitor.store.directory import load_ancestors, load_group_by_code, load_unit_by_code
from monitor.store.tables import ChatIdentityRow, UnitRow, table_of
from monitor.units import Role, Unit
from monitor.usecases.days.close_day import close_day, close_late_groups
from monitor.usecases.ledger.people import set_officer
from monitor.usecases.ledger.reading import read_ledger
from monitor.usecases.ledger.register import NewUnit, add_invitation, add_units
from monitor.usecases.ledger.units import BadMove, UnitInUse, close_unit, merge_units, move_unit
from monitor.usecases.people.bind import ChatAddress, bind
from scoring.rulebook import load_rulebook
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.monitor.ledger_help import Registry

YESTERDAY = date(2026, 11, 19)


@pytest.fixture
def registry(database: Database, cast: Cast, clock: FrozenClock) -> Registry:
    return Registry(database, cast, clock)


def unit(registry: Registry, code: str) -> Unit:
    with registry.database.reading() as connection:
        found = load_unit_by_code(connection, code)
    assert found is not None, code
    return found


def counted(registry: Registry, code: str, day: date, n_posts: int) -> None:
    values = {"group_id": registry.cast.groups[code], "business_day": day, "provenance": "采集"}
    row = insert(table_of(DayCountRow)).values(**values, n_posts=n_posts, n_relevant=1, last_ms=1)
    registry.database.write(lambda connection: connection.execute(row).rowcount)


def tally(registry: Registry, code: str, day: date) -> tuple[int, int]:
    row = table_of(UnitDayRow)
    query = select(func.coalesce(func.sum(row.c.n_groups), 0), func.coalesce(func.sum(row.c.n_posts), 0))
    with registry.database.reading() as connection:
        found = connection.execute(
            query.where(row.c.unit_id == registry.cast.units[code], row.c.business_day == day)
        ).one()
    return int(found[0]), int(found[1])


def test_a_tree_of_eight_levels_moves_as_a_whole(registry: Registry) -> None:
    chain = [NewUnit(f"D{n}", f"第{n}级团支部", "支部", f"D{n - 1}" if n else "LC0101") for n in range(5)]
    registry.database.write(lambda connection: len(add_units(connection, chain)))
    assert unit(registry, "D4").depth == 8
    registry.do("QS", lambda clerk: move_unit(clerk, "LC01", "YS", "区划调整"))
    deepest = unit(registry, "D4")
    assert deepest.depth == 8
    with registry.database.reading() as connection:
        names = [one.code for one in load_ancestors(connection, deepest.path)]
    assert names == ["QS", "YS", "LC01", "LC0101", "D0", "D1", "D2", "D3", "D4"]
    assert unit(registry, "LC01").parent_id == registry.cast.units["YS"]


def test_whom_a_unit_leaves_loses_sight_of_it_and_whom_it_joins_gains_it(registry: Registry) -> None:
    registry.do("QS", lambda clerk: move_unit(clerk, "LC01", "YS", "区划调整"))
    assert registry.see("YS", lambda clerk: clerk.find_group("LC0101")).code == "LC0101"
    with pytest.raises(OutOfScope):
        registry.see("LC", lambda clerk: clerk.find_group("LC0101"))


def test_closed_days_stay_where_they_happened(registry: Registry) -> None:
    rules, database, clock = load_rulebook(), registry.database, registry.clock
    counted(registry, "LC0101", YESTERDAY, 5)
    close_day(database, rules, clock, YESTERDAY)
    before = {code: tally(registry, code, YESTERDAY) for code in ("LC", "YS", "LC01", "QS")}
    assert before["LC"] == (2, 5)
    registry.do("QS", lambda clerk: move_unit(clerk, "LC01", "YS", "区划调整"))
    close_day(database, rules, clock, YESTERDAY)  # again: the tree of that day counts
    assert {code: tally(registry, code, YESTERDAY) for code in before} == before
    today = YESTERDAY + timedelta(days=1)
    counted(registry, "LC0101", today, 7)
    clock.advance(days=1)
    close_day(database, rules, clock, today)
    assert tally(registry, "LC", today) == (1, 0)
    assert tally(registry, "YS", today) == (3, 7)
    assert close_late_groups(database, rules, clock) == []


def test_a_subtree_that_moves_twice_is_found_on_each_day(registry: Registry) -> None:
    rules, database, clock = load_rulebook(), registry.database, registry.clock
    days = [YESTERDAY + timedelta(days=n) for n in range(3)]
    for target in ("YS", "QD"):
        registry.do("QS", lambda clerk, target=target: move_unit(clerk, "LC01", target, "区划调整"))
        clock.advance(days=1)
    for day in days:
        counted(registry, "LC0101", day, 5)
        close_day(database, rules, clock, day)
    found = {day: [code for code in ("LC", "YS", "QD") if tally(registry, code, day)[1]] for day in days}
    assert found == {days[0]: ["LC"], days[1]: ["YS"], days[2]: ["QD"]}


def test_nothing_moves_below_itself_and_the_root_stays(registry: Registry) -> None:
    for code, parent in (("LC", "LC01"), ("LC01", "LC01"), ("QS", "LC")):
        with pytest.raises(BadMove):
            registry.do("QS", lambda clerk, code=code, parent=parent: move_unit(clerk, code, parent, "试"))
    with pytest.raises(BadMove):
        registry.do("LC", lambda clerk: move_unit(clerk, "LC", "LC01", "试"))
    with pytest.raises(BadParameter):
        registry.do("QS", lambda clerk: move_unit(clerk, "LC01", "YS", " "))


def test_a_city_reorganises_only_within_itself(registry: Registry) -> None:
    with pytest.raises(OutOfScope):
        registry.do("LC", lambda clerk: move_unit(clerk, "LC01", "YS", "试"))
    with pytest.raises(CommandError):
        registry.do("LC01", lambda clerk: move_unit(clerk, "LC0101", "LC01", "试"))
    registry.do("LC", lambda clerk: move_unit(clerk, "LC0101", "LC", "撤镇"))
    assert unit(registry, "LC0101").parent_id == registry.cast.units["LC"]


def test_a_merger_takes_groups_and_keeps_history_and_rights(registry: Registry) -> None:
    rules, database, clock = load_rulebook(), registry.database, registry.clock
    counted(registry, "YS0101", YESTERDAY, 4)
    close_day(database, rules, clock, YESTERDAY)
    registry.do("QS", lambda clerk: set_officer(clerk, "YS01", "林一"))

    def invite(connection: object) -> int:
        add_invitation(connection, "ADMIN", Role.BRANCH_ADMIN, "YS01")  # type: ignore[arg-type]
        add_invitation(connection, "MGR", Role.GROUP_MANAGER, "YS01", group_code="YS0101")  # type: ignore[arg-type]
        for code in ("ADMIN", "MGR"):
            bind(connection, ChatAddress("demo", code), code, clock())  # type: ignore[arg-type]
        return 1

    database.write(invite)
    registry.do("QS", lambda clerk: merge_units(clerk, "YS01", "LC01", "合并"))
    with database.reading() as connection:
        group = load_group_by_code(connection, "YS0101")
        assert load_unit_by_code(connection, "YS01") is None
        identity = table_of(ChatIdentityRow)
        rows = connection.execute(select(identity.c.address, identity.c.unit_id)).all()
        row = table_of(UnitRow)
        kept = connection.execute(select(row.c.is_active).where(row.c.code == "YS01")).scalar_one()
    assert kept is False
    assert group is not None
    assert group.unit_path == registry.cast.paths["LC01"]
    people = {one.address: one.unit_id for one in rows}
    assert people == {"ADMIN": registry.cast.units["YS01"], "MGR": registry.cast.units["LC01"]}
    close_day(database, rules, clock, YESTERDAY)
    assert tally(registry, "YS", YESTERDAY) == (2, 4)
    assert tally(registry, "LC", YESTERDAY) == (2, 0)
    assert registry.see("LC", read_ledger).n_groups == 3


def test_a_unit_in_use_is_not_closed(registry: Registry) -> None:
    with pytest.raises(UnitInUse, match="LC01"):
        registry.do("QS", lambda clerk: close_unit(clerk, "LC01", "撤销"))
    registry.database.write(
        lambda connection: len(add_units(connection, [NewUnit("LC02", "空镇团委", "乡镇", "LC")]))
    )
    registry.do("LC", lambda clerk: close_unit(clerk, "LC02", "撤销"))
    with pytest.raises(OutOfScope):
        registry.see("QS", lambda clerk: clerk.find_unit("LC02"))


def test_the_ledger_lists_what_changed_in_a_period(registry: Registry) -> None:
    registry.do("LC", lambda clerk: move_unit(clerk, "LC0101", "LC", "撤镇"))
    month = Period(date(2026, 11, 1), date(2026, 11, 30))
    reading = registry.see("LC", lambda clerk: read_ledger(clerk, None, month))
    assert [(one.kind.value, one.before["parent"], one.after["parent"]) for one in reading.changes] == [
        ("单位划转", "临河镇团委", "鹭川团市委")
    ]

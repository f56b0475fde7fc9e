"""Finding units and groups by code, name or initials, inside the viewer's scope only."""

import pytest
from sqlalchemy import update

from monitor.pinyin import MOST_READINGS, all_initials, has_initials, initials
from monitor.store.tables import GroupRow, UnitRow, table_of
from monitor.units import Role
from tests.cast import OPENED


def codes(found):
    return [each.code for each in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lc", ["LC"]),  # a code wins over everything that contains it
        ("鹭川团市委", ["LC"]),
        ("团市委", ["LC", "YS"]),
        ("村", ["LC0101"]),
        ("qyd", ["QD"]),  # initials
        ("%", []),
        ("_", []),
        ("nothing", []),
        (" ", []),
    ],
)
def test_units_are_found_by_code_then_name_then_part_then_initials(queries, stage, cast, text, expected):
    unit = table_of(UnitRow)

    def fill(connection):
        for unit_id, name in connection.execute(
            unit.select().with_only_columns(unit.c.id, unit.c.name)
        ).all():
            connection.execute(update(unit).where(unit.c.id == unit_id).values(pinyin=initials(name)))

    stage.database.write(fill)
    assert codes(queries.find_units(cast.viewer("QS"), text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lc0101", ["LC0101"]),
        ("鹭川团干群", ["LC0001"]),
        ("团干", ["YS0001", "LC0001"]),
        ("lcTGQ", ["LC0001"]),
        ("ws", []),
        ("wxyt", ["QD0101"]),
    ],
)
def test_groups_are_found_the_same_way(queries, cast, text, expected):
    assert sorted(codes(queries.find_groups(cast.viewer("QS"), text))) == sorted(expected)


def test_a_search_ends_at_the_border_of_the_subtree(queries, cast):
    city = cast.viewer("LC")
    assert codes(queries.find_units(city, "团市委")) == ["LC"]
    assert queries.find_units(city, "YS") == []
    assert codes(queries.find_groups(city, "团干群")) == ["LC0001"]
    assert queries.find_groups(city, "YS0001") == []


def test_a_group_manager_finds_the_own_groups_only(queries, cast):
    manager = cast.viewer("LC", Role.GROUP_MANAGER, "LC0101")
    assert codes(queries.find_groups(manager, "群")) == ["LC0101"]
    assert queries.find_groups(manager, "LC0001") == []
    assert queries.find_units(manager, "LC") == []
    assert queries.find_groups(cast.viewer("LC", Role.GROUP_MANAGER), "群") == []


def test_no_more_than_five_are_offered_short_names_first(queries, stage, cast):
    rows = [
        {"id": n, "code": f"Z{n}", "name": "志愿" + "群" * (20 - n), "unit_id": 2, "opened_on": OPENED}
        for n in range(10, 17)
    ]
    stage.put_all(GroupRow, [{**row, "member_count": 0} for row in rows])
    assert codes(queries.find_groups(cast.viewer("QS"), "志愿")) == ["Z16", "Z15", "Z14", "Z13", "Z12"]


def test_initials_of_a_name_keep_what_has_no_pinyin():
    assert initials("鹭川 A1群") == "lc a1q"


@pytest.mark.parametrize(
    ("name", "typed"),
    [("重庆群", "cq"), ("重庆群", "zqq"), ("长春大学", "ccdx"), ("行知学院团委", "xzxytw"), ("厦门", "xm")],
)
def test_a_character_is_found_by_each_of_its_readings(name, typed):
    assert has_initials(name, typed)
    assert any(reading.startswith(typed) for reading in all_initials(name).split(" "))


def test_readings_are_few_and_the_words_come_first():
    assert all_initials("长春大学团委").split(" ")[0] == "ccdxtw"
    assert all_initials("临河镇团委") == "lhztw"
    assert len(all_initials("行" * 12).split(" ")) <= MOST_READINGS + 1
    assert not has_initials("重庆", "cqx")
    assert all_initials("") == ""


def test_units_of_many_readings_and_accounts_are_found_within_scope(queries, stage, cast):
    def rename(connection):
        unit = table_of(UnitRow)
        name = "重庆路团委"
        values = {"name": name, "pinyin": all_initials(name)}
        connection.execute(update(unit).where(unit.c.code == "LC01").values(**values))

    stage.database.write(rename)
    for typed in ("cql", "ZQL"):
        assert codes(queries.find_units(cast.viewer("LC"), typed)) == ["LC01"]
        assert queries.find_units(cast.viewer("YS"), typed) == []
    province, city, other = (cast.viewer(code) for code in ("QS", "LC", "YS"))
    assert [one.key for one in queries.find_accounts(province, "qc")] == ["demo"]
    assert [one.key for one in queries.find_accounts(city, "青年")] == ["lcqn"]
    assert [one.key for one in queries.find_accounts(city, "LCQN")] == ["lcqn"]
    assert queries.find_accounts(other, "lcqn") == []
    assert queries.find_accounts(cast.viewer("LC", Role.GROUP_MANAGER, "LC0101"), "青") == []

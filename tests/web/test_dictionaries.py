"""字典: unit kinds are data, renamed, joined and switched off; what a rulebook rests on stays."""

import pytest
from sqlalchemy import select

from monitor.errors import CommandError
from monitor.ledger.registration import NewUnit
from monitor.store.database import Database
from monitor.store.tables import UnitRow, table_of
from monitor.units import Role, UnitId, Viewer
from monitor.usecases.console import dictionaries as dictionary_desk
from monitor.usecases.ledger import register
from monitor.usecases.oversight.desk import Oversight
from monitor.usecases.people.sign_in import SignIn
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.web.conftest import QUICK, Login
from tests.web.filling import PASSWORD
from tests.web.test_assess import send


def kind_of(database: Database, code: str) -> str:
    unit = table_of(UnitRow)
    with database.reading() as connection:
        return str(connection.execute(select(unit.c.kind).where(unit.c.code == code)).scalar_one())


def test_a_kind_is_renamed_everywhere_and_a_retired_one_is_refused_for_new_units(
    database: Database, cast: Cast, clock: FrozenClock
) -> None:
    desk = Oversight(database, clock)
    keeper = Viewer("console:1", Role.OPERATOR, UnitId(cast.units["QS"]), cast.paths["QS"])
    before = {word.text: word.n_uses for word in desk.read(keeper, dictionary_desk.read_unit_kinds).words}
    n_units = desk.write(keeper, lambda chair: dictionary_desk.rename_unit_kind(chair, "乡镇", "街镇"))
    after = {word.text: word.n_uses for word in desk.read(keeper, dictionary_desk.read_unit_kinds).words}
    assert (n_units, after.get("街镇"), "乡镇" in after) == (before["乡镇"], before["乡镇"], False)
    switched = [
        desk.write(keeper, lambda chair: dictionary_desk.switch_unit_kind(chair, "街镇", is_on=False))
        for _ in "12"
    ]
    assert switched == [True, False]
    units = [NewUnit("LC77", "某镇", "街镇", "LC"), NewUnit("LC78", "某院", "院系", "LC")]
    with database.reading() as connection:
        refused = register.refuse_units(connection, units).refused
    assert [(one.index, "已停用" in one.reason) for one in refused] == [(0, True)]
    below = Viewer("console:2", Role.OPERATOR, UnitId(cast.units["LC"]), cast.paths["LC"])
    with pytest.raises(CommandError):
        desk.write(below, lambda chair: dictionary_desk.switch_unit_kind(chair, "街镇", is_on=True))


def test_the_page_changes_kinds_and_says_beside_the_field_what_is_wrong(
    filled: Database, clock: FrozenClock, login: Login
) -> None:
    SignIn(filled, clock, QUICK).save_user("operator", PASSWORD, Role.OPERATOR, "QS")
    operator = login("operator")
    page = operator.get("/system/dictionaries").text
    assert ("HN-1.1、HN-1.2" in page, "按此类别评定，只读" in page, "诈骗" in page) == (True, True, True)
    here = {"seen": "/system/dictionaries"}
    locked = send(operator, "/system/dictionaries/rename", word="市县", new="地市", **here)
    assert (locked.status_code, "“市县”不能更名或停用" in locked.text, "地市" in locked.text) == (
        400,
        True,
        True,
    )
    missing = send(operator, "/system/dictionaries/rename", word="乡镇", new="", **here)
    assert (missing.status_code, 'id="p-new">请填写新名称' in missing.text) == (400, True)
    assert send(operator, "/system/dictionaries/switch", word="虚构", act="停用", **here).status_code == 400
    assert kind_of(filled, "LC") == "市县"
    send(operator, "/system/dictionaries/rename", word="乡镇", new="街镇", **here)
    assert kind_of(filled, "LC01") == "街镇"
    assert "dictionaries/rename" not in login("province").get("/system/dictionaries").text


def test_a_holiday_that_was_moved_is_noted_once(login: Login) -> None:
    province = login("province")
    day = {"day": "2027-02-06", "works": "上班", "note": "春节调休", "seen": "/system/dictionaries"}
    for words in ("已登记 2027-02-06 上班", "未重复登记"):
        send(province, "/system/dictionaries/day", **day)
        assert words in province.get("/system/dictionaries").text
    assert "春节调休" in province.get("/system/dictionaries").text
    wrong = send(province, "/system/dictionaries/day", **(day | {"day": "除夕"}))
    assert (wrong.status_code, "日期应为日期" in wrong.text) == (400, True)

"""微信周报 on the console: the unit's form, the province's table, the year, and who may see what."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from monitor.store.database import Database
from monitor.store.weekly import rows as weekly
from monitor.weekly import Week
from tests.conftest import FrozenClock
from tests.web.conftest import Login
from tests.web.test_assess import send

W46 = Week(date(2026, 11, 9))


@pytest.fixture
def called(filled: Database, clock: FrozenClock) -> Database:
    """Week 46 was asked for and is over due."""
    due = datetime(2026, 11, 16, 4, tzinfo=UTC)
    filled.write(lambda c: weekly.save_call(c, W46, due, due - timedelta(hours=3)))
    return filled


@pytest.mark.usefixtures("called")
def test_a_unit_changes_a_figure_and_submits_and_the_province_sees_it(login: Login) -> None:
    unit, page = login("luchuan"), "/weekly/2026-W46"
    assert "已过截止时间，补报将登记为“逾期”" in unit.get(page).text
    refused = send(unit, page + "/figure", seen=page, figure="停用", number="-1", reason="核对")
    assert (refused.status_code, "停用应为0–9999的整数" in refused.text) == (400, True)
    assert 'value="核对"' in refused.text, "nothing typed is lost"
    assert send(unit, page + "/figure", seen=page, figure="停用", number="2", reason="").status_code == 400
    done = send(unit, page + "/figure", seen=page, figure="停用", number="2", reason="台账未更新")
    assert done.status_code == 302
    assert send(unit, page + "/submit", seen=page).status_code == 302
    report = unit.get(page).text
    assert ("第 1 次提交后没有变化" in report, "台账未更新" in report, "提交周报" in report) == (
        True,
        True,
        False,
    )
    table = login("province").get("/weekly").text
    row = re.search(r"<tr><th[^>]*><a[^>]*>鹭川团市委</a>.*?</tr>", table, re.S)
    assert row
    assert ("逾期" in row[0], "有人工修改" in row[0]) == (True, True)
    assert "未交 14 个" in table


@pytest.mark.usefixtures("called")
def test_the_province_opens_a_report_and_cannot_change_it(login: Login) -> None:
    client = login("province")
    page = "/weekly/2026-W46?unit=LC"
    shown = client.get(page).text
    assert ("鹭川团市委 2026年第46周周报" in shown, "修改一个数字" in shown) == (True, False)
    assert send(client, "/weekly/2026-W46/submit", seen=page).status_code == 403
    assert client.get("/weekly/2026-W46?unit=LC01").status_code == 404, "no unit that reports"


@pytest.mark.usefixtures("called")
def test_foreign_missing_and_impossible_look_alike(login: Login) -> None:
    client = login("yunshan")
    for address in (
        "/weekly/2026-W46?unit=LC",
        "/weekly/2026-W46?unit=XX",
        "/weekly/2026-W54",
        "/weekly/2026-W48",
        "/weekly/w46",
        "/weekly/year/2027",
        "/weekly/year/1999",
    ):
        assert (address, client.get(address).status_code) == (address, 404)


@pytest.mark.usefixtures("called")
def test_the_year_shows_a_mark_per_week_of_units_in_sight(login: Login) -> None:
    client = login("province")
    page, rest = (client.get(f"/weekly/year/2026?page={number}").text for number in (1, 2))
    assert page.count("第46周 未交") + rest.count("第46周 未交") == 2 * 15
    assert "应报 1，已交 0，逾期 0，未交 1" in page
    own = login("luchuan").get("/weekly/year/2026").text
    assert ("鹭川团市委" in own, "云杉" in own) == (True, False)
    assert own.count('<li class="is-') == 47


def test_before_the_first_call_nothing_is_missing(login: Login) -> None:
    page = login("province").get("/weekly/2026-W40").text
    assert ("未征集" in page, "系统启用周报之前的周次不计未交" in page) == (True, True)

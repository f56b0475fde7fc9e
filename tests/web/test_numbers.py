"""Every number of 总览 and 单位 leads to its rows, and counts them."""

import re

import pytest
from flask.testing import FlaskClient

from monitor.days.readings import DutyTally, UnitRow
from monitor.units import Unit, UnitId
from tests.web.conftest import Login
from tests.web.filling import TODAY
from web.presenters.tree_map import MOST_TILES, present_tiles
from web.presenters.unit_list import UnitFilter

_NUMBER = re.compile(r'<a[^>]*href="([^"]+)"[^>]*data-number="([^"]+)">\s*([^<]*)<')
_ROW = re.compile(r"<tbody>(.*?)</tbody>", re.DOTALL)


def count_rows(client: FlaskClient, address: str) -> int:
    """Count the rows of a list over all its pages."""
    n_rows, seen = 0, set()
    while address and address not in seen:
        seen.add(address)
        answer = client.get(address)
        assert answer.status_code == 200, address
        body = _ROW.search(answer.text)
        n_rows += body[1].count("<tr>") if body else 0
        after = re.search(r'<a class="button" href="([^"]+)">下一页', answer.text)
        address = after[1].replace("&amp;", "&") if after else ""
    return n_rows


@pytest.mark.parametrize(
    ("who", "path", "n_links"),
    [
        ("province", "/", 20),
        ("province", "/?unit=LC", 5),
        ("province", "/?unit=LC&day=2026-11-19", 5),
        ("province", "/?state=unmet&sort=name&size=10", 15),
        ("luchuan", "/", 10),
        ("leader", "/?unit=LC01", 5),
        ("yunshan", "/?unit=YS01&day=2026-11-18", 5),
    ],
)
def test_every_number_leads_to_as_many_rows(login: Login, who: str, path: str, n_links: int) -> None:
    client = login(who)
    text = client.get(path).text
    links = _NUMBER.findall(text)
    assert len(links) >= n_links
    for address, key, words in links:
        if words == "—":
            continue
        wanted = words.rpartition(" ")[2]
        if key == "met":  # a share: its line below says of how many
            found = re.search(r"<span>(\d+)/\d+ 个有数据的群达标", text)
            assert found
            wanted = found[1]
        n_rows = count_rows(client, address.replace("&amp;", "&"))
        assert (address, str(n_rows)) == (address, wanted.partition("/")[0])


def test_the_incidents_of_the_overview_are_those_of_their_page(login: Login) -> None:
    client = login("province")
    found = re.search(r'data-number="incidents">(\d+)<', client.get("/").text)
    assert found
    assert f"{found[1]} 件未办结" in client.get("/incidents").text


@pytest.mark.parametrize("path", ["/groups", "/accounts", "/alerts"])
def test_lists_of_foreign_units_answer_like_missing_ones(login: Login, path: str) -> None:
    client = login("luchuan")
    client.get("/")
    foreign, missing = (client.get(f"{path}?unit={code}") for code in ("YS", "ZZ9999"))
    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert "云杉" not in client.get(path).text
    for odd in ("?page=-1", "?page=99999999999999999999", "?size=7&sort=x&state=y", "?page=x"):
        assert client.get(path + odd).status_code == 200, odd
    if path != "/alerts":
        assert client.get(f"{path}?day=2026-13-01").status_code == 400


def a_row(code: str, *numbers: int, week: float | None = None) -> UnitRow:
    unit = Unit(UnitId(int(code)), code, f"单位{code}", "市县", f"/1/{code}/", UnitId(1))
    return UnitRow(unit, DutyTally(TODAY, *numbers), (), week)


def test_children_are_filtered_and_sorted() -> None:
    rows = [a_row("3", 4, 1, 3), a_row("1", 2, 0, 0, 0, 2), a_row("4", 9, 9, week=0.5), a_row("2")]

    def codes(**asked: str) -> list[str]:
        return [row.unit.code for row in UnitFilter.of(asked).choose(rows)]

    assert codes() == ["3", "1", "4", "2"]
    assert codes(state="unmet") == ["3"]
    assert codes(state="nodata") == ["1"]
    assert codes(state="met") == ["4"]
    assert codes(sort="name") == ["1", "2", "3", "4"]
    assert codes(sort="groups") == ["4", "3", "1", "2"]
    assert codes(sort="week")[0] == "4"
    assert codes(q="位3") == ["3"]
    assert codes(state="'", sort="--", size="9999999") == ["3", "1", "4", "2"]
    assert [UnitFilter.of({"size": size}).size for size in ("10", "25", "9999999", "x")] == [10, 25, 25, 25]


def test_the_tree_map_keeps_its_area_when_units_are_many() -> None:
    rows = [a_row(str(n), n, n) for n in range(2, 2 + MOST_TILES + 5)]
    tiles = present_tiles(rows, TODAY, TODAY)
    assert len(tiles) == MOST_TILES + 1
    assert sum(tile.n_groups for tile in tiles) == sum(row.today.n_groups for row in rows)
    assert (tiles[-1].code, tiles[-1].name) == ("", "其余 5 个单位")
    assert present_tiles(rows[:1], TODAY, TODAY) == ()


def test_a_search_shows_its_finds_page_by_page(login: Login) -> None:
    client = login("province")
    pages = [client.get(f"/search?q=群&group_page={page}").text for page in (1, 2, 3, 9)]
    found = [set(re.findall(r'href="/group/([^"]+)"', page)) for page in pages]
    assert [len(codes) for codes in found] == [20, 20, 2, 2]
    assert found[2] == found[3]
    assert not found[0] & found[1]
    assert "青春青屿" in client.get("/search?q=qcqy").text
    assert (
        "青春青屿" not in login("luchuan").get("/search?q=qcqy").text.split("<main", 1)[1].split("<h2>", 1)[1]
    )

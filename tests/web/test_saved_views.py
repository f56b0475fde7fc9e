"""Saved views: one's own filters by name; a default that never locks a page; never scope."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from monitor.console.saved_views import clean_name, clean_query
from monitor.errors import BadParameter
from monitor.store.console.screen_tables import SavedViewRow
from monitor.store.database import Database
from monitor.store.tables import table_of
from tests.web.conftest import Login, csrf_token
from web.views.saved_views import PAGES


def send(client: FlaskClient, path: str, **fields: str) -> TestResponse:
    token = csrf_token(client.get("/security").text)
    return client.post(path, data={"csrf_token": token} | fields)


def test_a_filter_is_saved_opened_made_default_and_deleted(login: Login, filled: Database) -> None:
    client = login("province")
    page = client.get("/groups?unit=LC&state=unmet&page=3&day=2026-11-19").text
    query = re.search(r'name="query" value="([^"]*)"', page)
    assert query
    assert query[1] == "unit=LC&amp;state=unmet"
    fields = {"page": "groups", "query": "unit=LC&state=unmet&page=3&scope=%2F1%2F", "name": " 鹭川 未达标 "}
    saved = send(client, "/views", **fields)
    assert saved.location == "/groups?unit=LC&state=unmet"
    assert send(client, "/views", **fields).status_code == 302
    with filled.reading() as connection:
        row = connection.execute(select(table_of(SavedViewRow))).one()
    assert (row.name, row.query) == ("鹭川 未达标", "unit=LC&state=unmet")
    assert client.get("/groups").status_code == 200
    assert send(client, "/views/1/default", is_default="是").status_code == 302
    assert client.get("/groups").location == "/groups?unit=LC&state=unmet"
    assert client.get("/groups?view=all").status_code == 200
    assert "默认</span>" in client.get("/groups?view=all").text
    assert send(client, "/views/1/default", is_default="否").status_code == 302
    assert client.get("/groups").status_code == 200
    assert send(client, "/views/1/delete").status_code == 302
    assert send(client, "/views/1/delete").status_code == 404


def test_a_view_belongs_to_its_owner_and_grants_nothing(login: Login, filled: Database) -> None:
    leader, neighbour = login("leader"), login("yunshan")
    fields = {"page": "overview", "query": "unit=LC01&state=unmet", "name": "临河", "is_default": "是"}
    assert send(leader, "/views", **fields).status_code == 302
    assert leader.get("/").location == "/?unit=LC01&state=unmet"
    assert "临河" not in neighbour.get("/").text
    for act in ("delete", "default"):
        assert send(neighbour, f"/views/1/{act}", is_default="是").status_code == 404
        assert send(neighbour, f"/views/99999999999999999999/{act}").status_code == 404
    foreign = {"page": "groups", "query": "unit=LC", "name": "x", "is_default": "是"}
    assert send(neighbour, "/views", **foreign).status_code == 302
    assert neighbour.get("/groups?unit=LC").status_code == 404
    assert neighbour.get("/groups").status_code == 200  # a default out of scope never locks the page
    view = table_of(SavedViewRow)
    filled.write(lambda connection: connection.execute(update(view).values(query="unit=YS")))
    assert leader.get("/").status_code == 200


def test_hostile_views_change_nothing(login: Login, filled: Database) -> None:
    client = login("luchuan")
    for bad in (
        {"page": "users", "query": "q=1", "name": "x"},
        {"page": "groups", "query": "page=2", "name": "x"},
        {"page": "groups", "query": "unit=LC", "name": ""},
        {"page": "groups", "query": "unit=LC", "name": "长" * 21},
        {"page": "groups", "query": "unit=" + "L" * 61, "name": "x"},
        {"page": "groups", "query": "unit=L%00", "name": "x"},
        {"page": "groups", "query": "unit=LC&" * 400, "name": "x"},
    ):
        assert send(client, "/views", **bad).status_code == 400, bad
    with filled.reading() as connection:
        assert connection.execute(select(table_of(SavedViewRow))).all() == []
    for number in range(20):
        send(client, "/views", page="groups", query="state=unmet", name=f"n{number}")
    full = send(client, "/views", page="groups", query="state=unmet", name="n20")
    assert (full.status_code, "最多保存 20 个视图" in full.text) == (400, True)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_with_views_reads_the_parameters_it_keeps(login: Login, page: str) -> None:
    client = login("province")
    query = "&".join(f"{name}=1" for name in PAGES[page] if name not in ("unit", "year"))
    saved = send(client, "/views", page=page, query=query, name="一")
    assert set(parse_qs(urlsplit(saved.location).query)) <= set(PAGES[page])
    answer = client.get(saved.location)
    assert (answer.status_code, "已存视图 1" in answer.text) == (200, True)


def test_names_and_queries_are_cleaned() -> None:
    assert clean_query("b=2&a=1&a=3&c=4", ("a", "b")) == "a=1&b=2"
    assert clean_query("q=%E9%B9%AD%26x", ("q",)) == "q=%E9%B9%AD%26x"
    assert clean_name(" 我的\n视图 ") == "我的 视图"
    for bad in ("", "a=", "page=1"):
        with pytest.raises(BadParameter):
            clean_query(bad, ("a",))

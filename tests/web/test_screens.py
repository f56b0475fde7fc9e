"""Big screens and badges: who makes links, what strangers see by them, and what ends them."""

import re
from xml.etree import ElementTree

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select
from werkzeug.test import TestResponse

from monitor.store.console.screen_tables import SharedLinkRow
from monitor.store.database import Database
from monitor.store.tables import table_of
from monitor.store.work_tables import AuditRow
from scoring.rulebook import Rulebook
from tests.conftest import FrozenClock
from tests.web.conftest import Login, csrf_token, make_app
from tests.web.test_pages import Tags
from web.limits import LIMITS

SCREEN = {"kind": "大屏", "unit": "LC", "group": "", "figure": "", "days": "30", "note": "一层大厅"}


def send(client: FlaskClient, path: str, **fields: str) -> TestResponse:
    token = csrf_token(client.get("/shares").text)
    return client.post(path, data={"csrf_token": token} | fields)


def made(client: FlaskClient, **fields: str) -> str:
    """Make a link; returns its path."""
    answer = send(client, "/shares", **(SCREEN | fields))
    assert answer.status_code == 200, answer.text
    found = re.search(r'id="made-url" value="http://localhost(/[^"]+)"', answer.text)
    assert found
    return found[1]


def test_a_screen_shows_strangers_figures_and_nobodys_name(
    app: Flask, login: Login, filled: Database, clock: FrozenClock
) -> None:
    city = login("luchuan")
    path = made(city)
    stranger = app.test_client()
    answer = stranger.get(path)
    assert answer.status_code == 200
    for words in (
        "鹭川团市委",
        "群达标率",
        "数据截至 11-20",
        "缺数",
        "临河镇团委",
        "30 天趋势",
        "发现",
        "无数据",
    ):
        assert words in answer.text, words
    for name in ("李群管", "陈晓", "luchuan", "志愿服务，请报名", "云杉"):
        assert name not in answer.text, name
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in answer.headers
    assert len(answer.data) <= 60_000
    tags = Tags()
    tags.feed(answer.text)
    assert tags.faults == []
    assert 'data-theme="dark"' in answer.text
    assert 'data-theme="light"' in stranger.get(path + "?theme=light").text
    with filled.reading() as connection:
        row = connection.execute(select(table_of(SharedLinkRow))).one()
        actions = list(
            connection.scalars(select(table_of(AuditRow).c.action).order_by(table_of(AuditRow).c.id))
        )
    assert path.rsplit("/", 1)[1] not in str(row)
    assert row.opened_at == clock.now
    assert "share.made" in actions


def test_a_link_ends_by_revoking_by_time_and_for_a_wrong_kind(
    app: Flask, login: Login, clock: FrozenClock
) -> None:
    city, stranger = login("luchuan"), app.test_client()
    first, second = made(city), made(city, days="7")
    assert stranger.get(first.replace("/screen/", "/badge/") + ".svg").status_code == 404
    assert send(city, "/shares/1/revoke").status_code == 302
    assert (
        "此前已失效"
        in city.post(
            "/shares/1/revoke",
            data={"csrf_token": csrf_token(city.get("/shares").text)},
            follow_redirects=True,
        ).text
    )
    gone, missing = stranger.get(first), stranger.get("/screen/" + "x" * 32)
    assert (gone.status_code, gone.data) == (404, missing.data)
    assert "Set-Cookie" not in gone.headers
    assert stranger.get(second).status_code == 200
    clock.advance(days=7)
    assert stranger.get(second).status_code == 404
    text = login("luchuan").get("/shares").text
    assert ("已撤销" in text, "已过期" in text, "一层大厅" in text) == (True, True, True)


def test_links_stay_within_the_subtree_and_its_limits(login: Login, filled: Database) -> None:
    city, neighbour = login("luchuan"), login("yunshan")
    foreign, missing = (send(city, "/shares", **(SCREEN | {"unit": unit})) for unit in ("YS", "ZZ9999"))
    assert (foreign.status_code, missing.status_code) == (404, 404)
    badge = {"kind": "徽章", "figure": "达标率", "group": "YS0001"}
    assert send(city, "/shares", **(SCREEN | badge)).status_code == 404
    for bad in (
        {"group": "LC0001"}, {"days": "9999"}, {"kind": "海报"}, {"kind": "徽章"}, {"unit": ""},
        {"note": "长" * 61},
    ):  # fmt: skip
        assert send(city, "/shares", **(SCREEN | bad)).status_code == 400, bad
    made(city)
    assert send(neighbour, "/shares/1/revoke").status_code == 404
    assert send(neighbour, "/shares/99999999999999999999/revoke").status_code == 404
    assert "一层大厅" not in neighbour.get("/shares").text
    assert login("leader").get("/shares").status_code == 403
    values = {"kind": "大屏", "unit_id": 2, "made_by": "x", "figure": "", "note": "", "revoked_by": ""}
    with filled.reading() as connection:
        kept = connection.execute(select(table_of(SharedLinkRow))).one()
    values |= {"made_at": kept.made_at, "expires_at": kept.expires_at}
    rows = [values | {"token_hash": str(n)} for n in range(19)]
    filled.write(lambda connection: connection.execute(insert(table_of(SharedLinkRow)), rows))
    full = send(city, "/shares", **SCREEN)
    assert (full.status_code, "已有 20 个有效链接" in full.text) == (400, True)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"figure": "达标率"}, "鹭川团市委群达标率："),
        ({"figure": "今日达标"}, "群（11-20 暂定）"),
        ({"figure": "活跃度"}, "活跃度良好以上："),
        ({"figure": "达标率", "group": "LC0001"}, "鹭川团干群每日达标："),
        ({"figure": "今日达标", "group": "LC0001"}, "今日达标：达标"),
        ({"figure": "活跃度", "group": "LC0001"}, "活跃度：一般"),
        ({"figure": "活跃度", "group": "LC0003"}, "活跃度：无数据"),
        ({"figure": "今日达标", "group": "LC0002"}, "&lt;script"),
    ],
)
def test_a_badge_is_a_small_picture_with_its_words(
    app: Flask, login: Login, fields: dict[str, str], words: str
) -> None:
    path = made(login("luchuan"), kind="徽章", **fields)
    stranger = app.test_client()
    answer = stranger.get(path)
    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
    assert words in answer.text
    assert ElementTree.fromstring(answer.text).tag.endswith("svg")  # noqa: S314 — our own answer
    assert "<script" not in answer.text
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert "Set-Cookie" not in answer.headers
    assert len(answer.data) < 3000
    again = stranger.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_strangers_who_guess_are_slowed_down(
    filled: Database, clock: FrozenClock, rulebook: Rulebook
) -> None:
    stranger = make_app(filled, clock, rulebook, limits=LIMITS).test_client()
    codes = [stranger.get(f"/screen/{n:032}").status_code for n in range(121)]
    assert (set(codes[:120]), codes[120]) == ({404}, 429)

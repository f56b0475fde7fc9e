"""The pages as served: who may see them, what they say, what they never contain."""

import re
from html.parser import HTMLParser

import pytest
from flask import Flask, abort
from sqlalchemy import Connection, insert, select

from monitor.store.database import Database
from monitor.store.days.tables import PostRow
from monitor.store.tables import table_of
from monitor.units import Role
from monitor.usecases.people.sign_in import SignIn
from scoring.rulebook import Rulebook
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.web.conftest import QUICK, Login, enter, make_app
from tests.web.filling import MARKUP, PASSWORD
from web.auth import public
from web.console import CONTENT_SECURITY_POLICY
from web.presenters.overview import PAGE_ROWS

PAGES = (
    "/",
    "/?unit=LC01",
    "/?day=2026-11-19",
    "/group/LC0001",
    "/group/LC0002",
    "/group/LC0001/day/2026-11-20",
)


class Tags(HTMLParser):
    """Collects what a Content-Security-Policy would refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        if (tag == "script" and not names.get("src")) or tag == "style":
            self.faults.append(f"inline <{tag}>")
        for name, value in attrs:
            if name.startswith("on") or (value or "").strip().lower().startswith("javascript:"):
                self.faults.append(f"{tag} {name}")
            if name in ("src", "href", "action") and re.match(r"(https?:)?//", value or ""):
                self.faults.append(f"third party {value}")


@pytest.mark.parametrize("path", ["/", "/sign-in", "/nowhere", "/group/YS0001", "/assets/console.css"])
def test_every_answer_carries_the_security_headers(login: Login, path: str) -> None:
    with login("luchuan").get(path) as response:
        headers = response.headers
    assert headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    is_asset = path.startswith("/assets/")
    assert ("no-store" in headers["Cache-Control"]) is not is_asset


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_small_and_without_inline_script_or_third_party(login: Login, path: str) -> None:
    response = login("luchuan").get(path)
    assert response.status_code == 200
    assert len(response.data) <= 60_000
    tags = Tags()
    tags.feed(response.text)
    assert tags.faults == []


def test_names_and_posts_are_escaped(login: Login) -> None:
    client = login("luchuan")
    for path in ("/", "/group/LC0002", "/group/LC0001/day/2026-11-20"):
        text = client.get(path).text
        assert "alert(1)" in text
        assert MARKUP not in text
        assert "<script>alert" not in text


@pytest.mark.parametrize(
    "path",
    [
        "/group/YS0001",
        "/group/YS0001/day/2026-11-20",
        "/group/YS0001/day?day=2026-11-20",
        "/group/QD0101",
        "/?unit=YS",
        "/?unit=QS",
    ],
)
def test_a_foreign_code_answers_exactly_like_a_missing_one(login: Login, path: str) -> None:
    client = login("luchuan")
    client.get("/")  # shows and forgets the notice after sign-in
    foreign = client.get(path)
    missing = client.get(re.sub(r"(YS0001|QD0101|YS|QS)(?=/|$|\?)", "ZZ9999", path))

    def body(text: str) -> str:
        return re.sub(r'name="csrf_token" value="[^"]+"', "", text)

    assert foreign.status_code == missing.status_code == 404
    assert body(foreign.text) == body(missing.text)


def test_a_unit_sees_nothing_of_its_siblings(login: Login) -> None:
    client = login("luchuan")
    texts = "".join(client.get(path).text for path in PAGES)
    for foreign in ("云杉", "YS0", "青屿大学", "QD0", "望海", "青屿团省委"):
        assert foreign not in texts


def test_the_overview_puts_the_worst_first_and_says_its_base(login: Login) -> None:
    text = login("province").get("/").text
    rows = re.findall(r'class="badge is-(\w+)"', text)
    assert rows.index("due") == 0
    assert rows[: rows.count("due")] == ["due"] * rows.count("due")
    for words in (
        "28/40 个有数据的群达标，缺数 3 群（6.9%）",
        "70%",
        "数据截至 11-20",
        "暂定",
        "含无微话题 1，共 43 群",
    ):
        assert words in text


def test_a_closed_day_is_not_provisional(login: Login) -> None:
    assert "当日未结束" not in login("luchuan").get("/?day=2026-11-19").text


def test_drilling_down_keeps_the_day_and_shows_the_way_back(login: Login) -> None:
    text = login("province").get("/?unit=LC&day=2026-11-19").text
    assert 'href="/?unit=QS&amp;day=2026-11-19"' in text
    assert 'href="/?unit=LC01&amp;day=2026-11-19"' in text
    assert "/group/LC0001?day=2026-11-19" in text
    assert "前一天" in text


def test_the_group_page_begins_with_its_conclusion(login: Login) -> None:
    text = login("luchuan").get("/group/LC0001").text
    assert "今日 4 条（一般），话题相关 2 条，达标" in text
    for words in (
        "HN-4.1d",
        "HN-2.1.3b",
        "载明",
        "采集",
        "志愿服务",
        "鹭川团干群管理员",
        "最近数据 11-20 08:01 采集",
    ):
        assert words in text
    assert text.count('class="c-reason') == 30


def test_no_data_is_neither_zero_nor_poor(login: Login) -> None:
    text = login("luchuan").get("/group/LC0003").text
    verdict = text[text.index('class="card verdict') : text.index("为什么")]
    assert "今日无数据，不计条数、不评等次" in verdict
    assert "最近一次数据：11-14" in verdict
    assert "提供聊天记录，由系统运维导入" in verdict
    assert "0 条" not in verdict
    assert "差" not in verdict


def test_the_day_drawer_lists_posts_with_reason_and_what_is_left_out(login: Login) -> None:
    headers = {"HX-Request": "true"}
    text = login("luchuan").get("/group/LC0001/day/2026-11-20", headers=headers).text
    assert "<html" not in text
    for words in ("08:13", "陈晓", "话题词：志愿服务", "图片", "已撤回，不计", "5 条，其中 1 条不计"):
        assert words in text


def test_names_are_masked_above_the_group_s_own_unit(login: Login) -> None:
    text = login("province").get("/group/LC0001/day/2026-11-20").text
    assert "陈＊＊" in text
    assert "陈晓" not in text


def test_a_leader_sees_counts_but_no_posts_and_no_names(login: Login) -> None:
    client = login("leader")
    day = client.get("/group/LC0001/day/2026-11-20").text
    assert "今日 4 条（一般）" in day
    for hidden in ("陈", "敬老院"):
        assert hidden not in day
    assert "鹭川团干群管理员" not in client.get("/group/LC0001").text


@pytest.mark.parametrize("day", ["2026-11-21", "2026-02-30", "yesterday", "20261120x"])
def test_a_day_that_is_none_is_explained(login: Login, day: str) -> None:
    client = login("luchuan")
    for path in (f"/group/LC0001/day/{day}", f"/group/LC0001?day={day}", f"/?day={day}"):
        response = client.get(path)
        assert response.status_code == 400
        assert "日期" in response.text


def test_a_group_without_any_data_says_what_to_do(
    database: Database, cast: Cast, clock: FrozenClock, rulebook: Rulebook
) -> None:
    SignIn(database, clock, QUICK).save_user("yun", PASSWORD, Role.UNIT_ADMIN, "YS")
    client = make_app(database, clock, rulebook).test_client()
    enter(client, "yun", PASSWORD)
    assert cast
    assert "2 个群当日没有采集、自报、检查或导入的记录" in client.get("/").text
    assert "从未收到数据" in client.get("/group/YS0001").text


def test_errors_are_pages_in_chinese_with_a_number(
    filled: Database, clock: FrozenClock, rulebook: Rulebook
) -> None:
    app = make_app(filled, clock, rulebook)

    def break_down() -> str:
        raise RuntimeError("secret detail")

    def forbid(name: str) -> str:
        assert name
        abort(403)

    for endpoint, view in (("console.sign_in_page", break_down), ("console.asset", forbid)):
        public(view)
        app.view_functions[endpoint] = view
    client = app.test_client()
    broken = client.get("/sign-in")
    assert broken.status_code == 500
    assert re.search(r"编号 E-1120-[0-9A-F]{6}\b", broken.text)
    assert "secret detail" not in broken.text
    forbidden = app.test_client().get("/assets/x")
    assert (forbidden.status_code, "没有权限" in forbidden.text, "编号 403" in forbidden.text) == (
        403,
        True,
        True,
    )
    missing = client.get("/nowhere", headers={"Accept": "text/html"})
    assert (missing.status_code, "编号 404" in missing.text) == (404, True)


def test_machines_get_no_html_for_unknown_addresses(app: Flask) -> None:
    response = app.test_client().post("/wechat/unknown", headers={"Accept": "*/*"})
    assert response.status_code == 404
    assert "青巡" not in response.text


def test_scripts_are_served_compressed_and_for_long(app: Flask) -> None:
    client = app.test_client()
    with client.get("/assets/vendor/htmx.js", headers={"Accept-Encoding": "gzip"}) as response:
        if response.status_code == 404:
            pytest.skip("front end not built (npm ci && npm run build)")
        assert response.headers["Content-Encoding"] == "gzip"
        assert response.headers["Content-Type"].startswith("text/javascript")
        assert "max-age=31536000" in response.headers["Cache-Control"]


def test_nothing_outside_the_assets_is_served(app: Flask) -> None:
    assert app.test_client().get("/assets/../console.py").status_code == 404
    assert app.test_client().get("/assets/%2e%2e/console.py").status_code == 404


def test_the_longest_pages_stay_within_60_kb(login: Login) -> None:
    client = login("province")
    units = re.search(r'(?<=<tbody data-rows="units">).*?</tbody>', client.get("/").text, re.S)
    group = re.search(r'<table class="groups">.*?</table>', client.get("/?unit=LC").text, re.S)
    assert units
    assert group
    n_units, n_groups = units[0].count('<th scope="row"'), group[0].count('<th scope="row"')
    rest = len(client.get("/").data) - len(units[0].encode())
    longest = rest + PAGE_ROWS * (len(units[0].encode()) / n_units + len(group[0].encode()) / n_groups)
    assert longest <= 60_000


def test_a_day_of_many_posts_is_listed_in_pages(login: Login, filled: Database) -> None:
    def crowd(connection: Connection) -> None:
        post = table_of(PostRow)
        row = dict(connection.execute(select(post).where(post.c.event_key == 0)).one()._mapping)
        long = {"text": "团" * 200, "sender_name": "欧阳某某", "reason": "话题词：志愿服务、青年大学习"}
        connection.execute(insert(post), [row | long | {"event_key": key} for key in range(1000, 1120)])

    filled.write(crowd)
    client = login("luchuan")
    first, last = (client.get(f"/group/LC0001/day/2026-11-20?page={page}") for page in (1, 3))
    assert first.text.count('class="excerpt"') == 50
    assert last.text.count('class="excerpt"') == 25
    assert "101–125 / 125" in last.text
    assert len(first.data) <= 60_000

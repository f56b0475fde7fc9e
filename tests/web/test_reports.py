"""报表: ordering, the list, the download; the figures of a document are those of the console's page."""

import re
from html.parser import HTMLParser
from io import BytesIO
from itertools import takewhile
from pathlib import Path
from urllib.parse import unquote

import openpyxl
import pytest
from flask.testing import FlaskClient

from bot.exporting import DocumentMaker
from monitor.exports import MOST_PER_HOUR
from monitor.store.database import Database
from monitor.store.operations.export_folder import ExportFolder
from monitor.usecases.operations.exports import Exports
from scoring.rulebook import Rulebook
from tests.conftest import FrozenClock
from tests.reports.making import maker_of
from tests.web.conftest import Login, csrf_token
from tests.web.filling import MARKUP
from tests.web.test_assess import send

BRIEF = {"kind": "简报", "subject": "", "period": "2026-11-19", "form": "xlsx"}
WECHAT = "Mozilla/5.0 (Linux; Android 14) MicroMessenger/8.0.50"


class _Texts(HTMLParser):
    """The texts of a page in order."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.found.append(data.strip())


def texts_of(html: str) -> list[str]:
    parser = _Texts()
    parser.feed(html)
    return parser.found


@pytest.fixture
def made(filled: Database, clock: FrozenClock, rulebook: Rulebook, tmp_path: Path) -> Exports:
    """The exports of the app, with the jobs' side of them."""
    return Exports(filled, clock, ExportFolder(tmp_path / "evidence" / "exports"))


@pytest.fixture
def maker(filled: Database, clock: FrozenClock) -> DocumentMaker:
    return maker_of(filled, clock)


def order(client: FlaskClient, **changed: str) -> str:
    token = csrf_token(client.get("/reports").text)
    response = client.post("/reports", data={"csrf_token": token, **BRIEF, **changed}, follow_redirects=True)
    assert response.status_code == 200, response.text
    return response.text


def download(client: FlaskClient) -> tuple[str, bytes]:
    """Download the newest export by its link; return its name and content."""
    found = re.search(r'href="(/reports/\d+/file)"', client.get("/reports").text)
    assert found
    response = client.get(found[1])
    assert response.status_code == 200
    disposition = response.headers["Content-Disposition"]
    name = re.search(r"filename\*=UTF-8''(\S+)", disposition)
    assert name, disposition
    return unquote(name[1]), response.data


def cells_of(content: bytes) -> list[list[str]]:
    """All rows of all sheets as shown text; no cell is a formula."""
    book = openpyxl.load_workbook(BytesIO(content))
    rows = []
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            assert all(cell.data_type != "f" for cell in row)
            rows.append(["" if cell.value is None else str(cell.value) for cell in row])
    return rows


def test_an_export_is_ordered_made_and_downloaded(login: Login, made: Exports, maker: DocumentMaker) -> None:
    client = login("luchuan")
    assert "还没有导出" in client.get("/reports").text
    page = order(client)
    assert "排队中" in page
    assert 'hx-trigger="every 3s"' in page
    assert made.make_due(maker) == 1
    page = client.get("/reports").text
    assert "鹭川团市委 日报 2026-11-19" in page
    assert "未下载" in page
    assert "hx-trigger" not in page
    name, content = download(client)
    assert name == "鹭川团市委微信工作日报_2026-11-19.xlsx"
    assert content.startswith(b"PK")
    assert "luchuan 用户 11-20 15:00，共 1 次" in client.get("/reports").text


@pytest.mark.parametrize("day", ["2026-11-19", "2026-11-20"])
def test_the_figures_are_those_of_the_page_of_the_day(
    login: Login, made: Exports, maker: DocumentMaker, day: str
) -> None:
    """A closed day and an open one: every headline is on the page with the very same texts."""
    client = login("province")
    order(client, period=day)
    made.make_due(maker)
    _, content = download(client)
    rows = cells_of(content)
    for_screen_readers = "，查看明细"
    on_page = [text for text in texts_of(client.get(f"/?day={day}").text) if text != for_screen_readers]
    first = rows.index(["指标", "数值", "说明"])
    shown = [on_page.index(label) for label in ("群达标率", "无数据群", "公众号达标", "待处理预警")]
    assert shown == sorted(shown)
    for label, value, base in rows[first + 1 : first + 6]:
        place = on_page.index(label)
        assert on_page[place + 1] == value
        parts = base.split("；")
        assert on_page[place + 2 : place + 2 + len(parts)] == parts


def test_units_of_a_brief_are_those_of_the_page(login: Login, made: Exports, maker: DocumentMaker) -> None:
    client = login("province")
    order(client)
    made.make_due(maker)
    rows = cells_of(download(client)[1])
    on_page = texts_of(client.get("/?day=2026-11-19").text)
    units = [row for row in rows if len(row) == 6 and re.fullmatch(r"\d+/\d+", row[3])]
    assert len(units) == 10
    for _rank, name, _ratio, met, _movement, _note in units:
        place = on_page.index(name)
        assert met in on_page[place : place + 8]


@pytest.mark.parametrize(
    ("kind", "period", "address", "cells"),
    [
        ("同级排名", "2026-11", "/rankings?period=month", (1, 2)),
        ("抽查记录", "2026", "/checks", (0, 1, 2, 3, 4, 5, 6)),
        ("抽查记录", "CC-2026-0001", "/checks/CC-2026-0001", (0, 1)),
        ("台账", "2026-11", "/ledger?unit=QS&month=2026-11", (0, 3, 4, 7)),
        ("周报汇总", "2026-W47", "/weekly/2026-W47", (0, 1, 2, 3, 4)),
    ],
)
def test_cells_of_a_document_are_those_of_its_page(
    login: Login, filled: Database, made: Exports, maker: DocumentMaker,
    kind: str, period: str, address: str, cells: tuple[int, ...],
) -> None:  # fmt: skip
    client = login("province")
    checked = send(client, "/checks/file", seen="/checks", group="LC0001", n_posts="3")
    assert checked.status_code == 302
    is_record = period.startswith("CC")
    order(client, kind=kind, period="2026" if is_record else period, subject=period if is_record else "")
    assert made.make_due(maker) == 1
    rows = cells_of(download(client)[1])
    width = len(rows[3])
    table = list(takewhile(lambda row: len(row) == width and row[0], rows[4:]))
    page = "".join(texts_of(client.get(address).text)).replace(" ", "")
    assert table
    for row in table[:11]:
        for place in cells:
            cell = row[place].replace(" ", "").removeprefix("2026-")  # a record to be kept carries the year
            assert cell in page, (row, place)


def test_the_brief_page_says_what_the_document_says(
    login: Login, made: Exports, maker: DocumentMaker
) -> None:
    client = login("luchuan")
    order(client, period="2026-11")
    made.make_due(maker)
    rows = cells_of(download(client)[1])
    page = texts_of(client.get("/brief/2026-11?unit=LC").text)
    first = rows.index(["指标", "数值", "说明"])
    for label, value, words in rows[first + 1 : first + 7]:
        place = page.index(label)
        assert page[place + 1 : place + 3] == [value, words]


def test_hostile_names_stay_text(login: Login, made: Exports, maker: DocumentMaker) -> None:
    client = login("luchuan")
    order(client, kind="群逐日记录", subject="LC0002", period="2026-11")
    made.make_due(maker)
    name, content = download(client)
    assert not set('\\/:*?"<>|') & set(name)
    assert any(MARKUP in cell for row in cells_of(content) for cell in row)
    assert "<script>alert" not in client.get("/reports").text


def test_the_same_order_twice_is_one_export(login: Login) -> None:
    client = login("luchuan")
    order(client)
    assert "未重复制作" in order(client)
    assert client.get("/reports").text.count("鹭川团市委 日报") == 1


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"subject": "YS"}, "没有这个单位或群，或不在您的范围内"),
        ({"subject": "ZZ"}, "没有这个单位或群，或不在您的范围内"),
        ({"period": "上个月"}, "不是日期或期间"),
        ({"kind": "考评表"}, "考评表的期间应为 年（2026）"),
        ({"form": "exe"}, "格式应为 pdf、docx、xlsx"),
    ],
)
def test_a_refused_order_says_why_and_keeps_what_was_typed(
    login: Login, changed: dict[str, str], text: str
) -> None:
    client = login("luchuan")
    token = csrf_token(client.get("/reports").text)
    sent = {"csrf_token": token, **BRIEF, **changed}
    response = client.post("/reports", data=sent)
    assert response.status_code == 400
    assert text in response.text
    assert f'value="{sent["period"]}"' in response.text
    assert "还没有导出" in response.text


def test_ten_an_hour(login: Login) -> None:
    client = login("luchuan")
    for day in range(1, MOST_PER_HOUR + 1):
        order(client, period=f"2026-11-{day:02d}")
    token = csrf_token(client.get("/reports").text)
    response = client.post("/reports", data={"csrf_token": token, **BRIEF})
    assert (response.status_code, response.headers["Retry-After"]) == (429, "3600")
    assert "每人每小时最多导出 10 份，请 60 分钟后再试" in response.text


def test_a_foreign_export_reads_like_a_missing_one(login: Login, made: Exports, maker: DocumentMaker) -> None:
    order(login("luchuan"))
    made.make_due(maker)
    for name in ("yunshan", "province"):
        stranger = login(name)
        stranger.get("/")  # the greeting of the first sign-in is shown once
        foreign, missing = stranger.get("/reports/1/file"), stranger.get("/reports/999/file")
        assert foreign.status_code == missing.status_code == 404
        assert re.sub("csrf.*", "", foreign.text) == re.sub("csrf.*", "", missing.text)


def test_an_expired_export_is_gone(
    login: Login, made: Exports, maker: DocumentMaker, clock: FrozenClock
) -> None:
    order(login("luchuan"))
    made.make_due(maker)
    clock.advance(days=7)
    assert made.expire() == 1
    client = login("luchuan")
    assert client.get("/reports/1/file").status_code == 404
    assert "已过期" in client.get("/reports").text


def test_wechat_is_told_to_use_a_browser(login: Login) -> None:
    """简报 in chat is for inspectors and leaders only, so nobody else is told of it."""
    inspector, admin = login("province"), login("luchuan")
    hint = "选“在浏览器打开”后下载，或回复 简报 由公众号发送"
    assert hint in inspector.get("/reports", headers={"User-Agent": WECHAT}).text
    assert "选“在浏览器打开”后下载。" in admin.get("/reports", headers={"User-Agent": WECHAT}).text
    assert "在浏览器打开" not in inspector.get("/reports").text


def test_a_brief_of_a_foreign_unit_is_not_found(login: Login) -> None:
    client = login("luchuan")
    assert client.get("/brief/2026-11?unit=LC01").status_code == 200
    foreign, missing = (client.get(f"/brief/2026-11?unit={code}") for code in ("YS", "ZZ"))
    assert foreign.status_code == missing.status_code == 404
    assert client.get("/brief/2026-12").status_code == 400


def test_pages_lead_to_their_export(login: Login) -> None:
    client = login("luchuan")
    assert "/reports?kind=" in client.get("/").text
    sheet = client.get("/assess/2026/LC").text
    link = re.search(r'href="(/reports\?[^"]+)"', sheet)
    assert link
    page = client.get(link[1].replace("&amp;", "&")).text
    assert 'value="2026"' in page
    assert 'value="LC"' in page
    assert re.search(r'<option value="考评表" selected>', page)

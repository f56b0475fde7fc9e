"""Pages of the ledger: figures, forms, import with bad rows, export, posts, requests, scope."""

import io
import re
from datetime import UTC, date, datetime
from html import unescape

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import insert, select
from werkzeug.test import TestResponse

from monitor.assessment.dossier import BaseKind
from monitor.store.assessment.acts import Base, insert_base
from monitor.store.database import Database
from monitor.store.directory import load_units
from monitor.store.directory import units as all_units
from monitor.store.tables import GroupRow, UnitRow, UnregisteredGroupRow, table_of
from monitor.usecases.ledger.reconcile import make_reconciliation
from tests.conftest import FrozenClock
from tests.web.conftest import Login, csrf_token

UNIT = table_of(UnitRow)
NOW = datetime(2026, 11, 20, tzinfo=UTC)


def send(client: FlaskClient, page: str, address: str, **fields: object) -> TestResponse:
    token = csrf_token(client.get(page).text)
    return client.post(address, data={"csrf_token": token, **fields})


def members(database: Database, code: str) -> int | None:
    group = table_of(GroupRow)
    with database.reading() as connection:
        return connection.execute(select(group.c.member_count).where(group.c.code == code)).scalar()


@pytest.fixture
def based(filled: Database) -> Database:
    """The filled database with a base of 鹭川: 160 of 180 members are covered."""
    unit = table_of(UnitRow)

    def work(connection: object) -> int:
        found = connection.execute(select(unit.c.id).where(unit.c.code == "LC")).scalar_one()  # type: ignore[attr-defined]
        insert_base(connection, found, 2026, Base(BaseKind.MEMBERS, 180, "2012年底统计", "x", NOW))  # type: ignore[arg-type]
        return 1

    filled.write(work)
    return filled


def test_the_ledger_says_how_far_the_next_tier_is(based: Database, login: Login) -> None:
    page = login("luchuan").get("/ledger").text
    assert "鹭川团市委台账" in page
    assert "160/180 = 88.88%" in page
    assert "再覆盖 2 人到 90 %" in page
    assert "2012年底统计" in page
    assert "基数未录入" in page


def test_a_foreign_unit_reads_like_none(login: Login) -> None:
    client = login("luchuan")
    for path in ("/ledger?unit={}", "/ledger/file/xlsx?unit={}", "/managers?unit={}"):
        there, nowhere = client.get(path.format("YS")), client.get(path.format("NOSUCH"))
        assert (there.status_code, nowhere.status_code) == (404, 404)
    assert client.get("/ledger/group/YS0001").status_code == 404
    assert send(client, "/ledger", "/ledger/group/YS0001/members", members="9").status_code == 404


def test_members_are_changed_on_the_groups_page(filled: Database, login: Login) -> None:
    client = login("luchuan")
    refused = send(client, "/ledger", "/ledger/group/LC0101/members", members="600")
    assert refused.status_code == 400
    assert "通常不超过500" in refused.text
    assert 'value="600"' in refused.text
    assert members(filled, "LC0101") == 40
    done = send(client, "/ledger", "/ledger/group/LC0101/members", members="600", confirmed="yes")
    assert done.status_code == 302
    assert members(filled, "LC0101") == 600
    assert "人数 40" in client.get("/ledger/group/LC0101").text


def test_a_city_asks_and_the_province_approves(filled: Database, login: Login) -> None:
    city = login("luchuan")
    assert send(city, "/ledger", "/ledger/open", name="鹭川新群", members="60", unit="LC").status_code == 302
    assert "本单位另有 1 项待上级审批" in city.get("/approvals").text
    province = login("province")
    page = province.get("/approvals").text
    number = re.search(r"/approvals/(\d+)", page)
    assert number
    address = f"/approvals/{number[1]}"
    assert send(city, "/ledger", address, decision="approve").status_code == 400
    assert send(login("yunshan"), "/ledger", address, decision="approve").status_code == 404
    assert send(province, "/ledger", address, decision="return").status_code == 400
    assert send(province, "/ledger", address, decision="approve").status_code == 302
    assert members(filled, "LCQ01") == 60


TABLE = """编号,名称,单位编号,人数,外部编号
N1,新一群,LC01,30,
N2,新二群,YS01,30,
N3,新三群,LC,30,
N4,=cmd,LC01,30,99
N1,重复群,LC01,30,
"""


def upload(client: FlaskClient, mode: str, body: bytes = TABLE.encode()) -> TestResponse:
    token = csrf_token(client.get("/ledger").text)
    fields = {"csrf_token": token, "mode": mode, "file": (io.BytesIO(body), "群.csv")}
    return client.post("/ledger/import", data=fields, content_type="multipart/form-data")


def test_an_import_keeps_good_rows_and_gives_bad_ones_back(filled: Database, login: Login) -> None:
    client = login("luchuan")
    rehearsal = upload(client, "check")
    assert "可登记 1，有问题 4；未写入任何内容" in rehearsal.text
    assert members(filled, "N1") is None
    done = upload(client, "write")
    assert "已登记 1，有问题 4" in done.text
    assert members(filled, "N1") == 30
    assert "无权查看该单位，或未找到" in done.text
    assert "本单位的群请申请开通" in done.text
    rows = re.search(r'name="rows" value="([^"]*)"', done.text)
    assert rows
    token = csrf_token(done.text)
    file = client.post("/ledger/bad-rows", data={"csrf_token": token, "rows": unescape(rows[1])})
    text = file.data.decode("utf-8-sig")
    assert text.splitlines()[0].startswith("行号,原因,编号,名称")
    assert "'=cmd" in text


def test_a_file_that_is_no_table_is_refused_beside_the_field(login: Login) -> None:
    answer = upload(login("luchuan"), "write", b"\x00\x01\x02")
    assert answer.status_code == 400
    assert "无法读取" in answer.text
    assert upload(login("luchuan"), "write", b"a,b\n1,2\n").status_code == 400


def test_bad_rows_that_were_tampered_with_are_no_file(login: Login) -> None:
    client = login("luchuan")
    for rows in ("", "[1, 2]", "{}", "nonsense"):
        answer = send(client, "/ledger", "/ledger/bad-rows", rows=rows)
        assert answer.status_code == 302


def test_the_ledger_is_exported(based: Database, login: Login) -> None:
    client = login("luchuan")
    book = load_workbook(io.BytesIO(client.get("/ledger/file/xlsx").data))
    assert book.sheetnames[:4] == ["微信群", "公众号", "覆盖率", "变更记录"]
    cells = [cell.value for row in book["微信群"].iter_rows() for cell in row]
    assert "LC0101" in cells
    assert "YS0001" not in cells
    text = client.get("/ledger/file/csv").data.decode("utf-8-sig")
    assert text.startswith("群编号,群,单位编号")


def vacant_rows(page: str) -> list[str]:
    """Return whose post of an officer is told to be vacant, one by one."""
    return re.findall(
        r'class="key">([^<]*)</th><td data-label="问题"><span class="chip is-unmet">专责缺位', page
    )


def test_vacancies_are_told_down_to_the_children_and_counted_below(filled: Database, login: Login) -> None:
    """Nobody but one village ever had an officer: all are vacant, whether or not they once had one."""
    province = login("province")
    changed = send(province, "/managers", "/managers/officer", officer_unit="LC0101", officer="林一")
    assert changed.status_code == 302
    with filled.reading() as connection:
        units = load_units(connection, all_units().order_by(UNIT.c.path))
    root = next(unit for unit in units if unit.depth == 0)
    near = [unit for unit in units if unit.depth <= 1]
    below = {
        child.code: sum(unit.path.startswith(child.path) for unit in units) - 1 - (child.code == "LC")
        for child in near[1:]
    }
    pages = [province.get(f"/managers?vacant={n}&below={n}").text for n in (1, 2)]
    assert pages[0] != pages[1]
    told = list(dict.fromkeys(name for page in pages for name in vacant_rows(page)))
    assert told == [unit.name for unit in near]
    assert len(near) > 10  # more than a page
    counted = [re.findall(r'unit=(\w+)">[^<]*</a></th><td[^>]*>(\d+)<', page) for page in pages]
    assert dict(each for page in counted for each in page) == {k: str(n) for k, n in below.items() if n}
    assert root.name in told
    assert vacant_rows(province.get("/managers?unit=LC01").text) == ["临河镇团委"]


def test_posts_show_vacancies_terms_and_what_d_02_suggests(filled: Database, login: Login) -> None:
    client = login("luchuan")
    page = client.get("/managers").text
    assert "专责缺位" in page
    assert "仅建议" in page
    assert (
        send(client, "/managers", "/managers/officer", officer_unit="LC", officer="林一").status_code == 302
    )
    assert (
        send(client, "/managers", "/managers/officer", officer_unit="LC", officer="陈二").status_code == 302
    )
    page = client.get("/managers").text
    assert "林一（2026-11-20 至 2026-11-19）" in page or "陈二" in page
    assert vacant_rows(page) == ["临河镇团委"]
    foreign = send(client, "/managers", "/managers/officer", officer_unit="YS", officer="林一")
    assert (foreign.status_code, "没有这个编号，或不在您的范围内" in foreign.text) == (400, True)
    assert 'value="林一"' in foreign.text


def test_an_invitation_is_shown_once(login: Login) -> None:
    client = login("luchuan")
    answer = send(client, "/managers", "/managers/invite", place="LC01", invited="周三")
    assert re.search(r"绑定 [0-9A-F]{10}</p>", answer.text)
    assert "big-code" not in client.get("/managers").text
    own = send(client, "/managers", "/managers/invite", place="LC", invited="周三")
    assert (own.status_code, "由上级邀请" in own.text) == (400, True)


def test_unregistered_groups_show_to_the_province_only(filled: Database, login: Login) -> None:
    values = {"first_seen_at": NOW, "last_seen_at": NOW, "n_events": 3}
    row = insert(table_of(UnregisteredGroupRow)).values(source="demo", external_id="7777", **values)
    filled.write(lambda connection: connection.execute(row).rowcount)
    province, city = login("province"), login("luchuan")
    assert "7777" in province.get("/unregistered").text
    assert "7777" not in city.get("/unregistered").text
    assert send(city, "/ledger", "/unregistered/claim", external_id="7777", code="LC0001").status_code == 302
    assert "待您审批 1 项" in province.get("/approvals").text
    done = send(province, "/ledger", "/unregistered/claim", external_id="7777", code="LC0001")
    assert done.status_code == 302
    assert "7777" not in province.get("/unregistered").text


def test_the_reconciliation_stands_in_the_ledger(filled: Database, clock: FrozenClock, login: Login) -> None:
    client = login("luchuan")
    assert "尚无核查报告" in client.get("/ledger").text
    filled.write(lambda connection: make_reconciliation(connection, clock(), "test") or 0)
    page = client.get("/ledger").text
    assert "第 1 号核查" in page
    assert "公众号无回调" in page
    assert "云杉" not in page.split("台账核查")[1].split("</section>")[0]


def test_a_unit_is_moved_by_the_province(filled: Database, login: Login) -> None:
    client = login("province")
    address = "/ledger/unit/LC01/move"
    refused = send(client, "/ledger", address, target="LC0101", unit_reason="试")
    assert refused.status_code == 400
    assert send(client, "/ledger", address, target="YS", unit_reason="区划调整").status_code == 302
    assert login("yunshan").get("/ledger/group/LC0101").status_code == 200
    assert login("luchuan").get("/ledger/group/LC0101").status_code == 404


def test_months_ahead_and_nonsense_show_the_present_one(login: Login) -> None:
    client = login("luchuan")
    for month in ("2027-01", "nonsense", "2026-13"):
        assert f'value="{date(2026, 11, 1):%Y-%m}"' in client.get(f"/ledger?month={month}").text
    assert client.get("/ledger?month=2026-02").status_code == 200

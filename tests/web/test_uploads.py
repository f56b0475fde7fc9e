"""Hostile files at the forms that take one: judged by content, refused beside the field, nothing kept.

Evidence has its own tests (`test_assess_evidence`); here the import of groups and of words, and what is too
large for any form.
"""

import io
import zipfile
from time import perf_counter

import pytest
from flask.testing import FlaskClient
from openpyxl import Workbook
from werkzeug.test import TestResponse

from bot.app import create_app
from bot.services import build_services
from bot.settings import Secrets, load_settings
from monitor.store.database import Database
from monitor.store.tables import GroupRow
from monitor.usecases.learning import lexicons
from monitor.usecases.ledger import import_tables
from tests.docs_tables import ROOT
from tests.monitor.days.test_receive import rows
from tests.web.conftest import Login, csrf_token

_ENTITIES = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghi", "bcdefghij", strict=True))
LAUGHS = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">{_ENTITIES}]>'
FOREIGN = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
    '<c t="inlineStr"><is><t>编号</t></is></c><c t="inlineStr"><is><t>名称</t></is></c>'
    '<c t="inlineStr"><is><t>单位编号</t></is></c></row><row r="2"><c t="inlineStr"><is><t>&a;</t></is></c>'
    "</row></sheetData></worksheet>"
)


def xlsx_with(sheet: str | bytes) -> bytes:
    """Return a workbook whose first sheet is something else."""
    whole, changed = io.BytesIO(), io.BytesIO()
    book = Workbook()
    book.active.append(["编号", "名称", "单位编号"])
    book.save(whole)
    with (
        zipfile.ZipFile(whole) as old,
        zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            is_sheet = name == "xl/worksheets/sheet1.xml"
            new.writestr(name, sheet if is_sheet else old.read(name))
    return changed.getvalue()


def laughing() -> bytes:
    return xlsx_with(f"{LAUGHS}<worksheet><sheetData><row><c><v>&j;</v></c></row></sheetData></worksheet>")


def send_file(client: FlaskClient, page: str, name: str, body: bytes, **fields: str) -> TestResponse:
    token = csrf_token(client.get(page).text)
    form = {"csrf_token": token, "file": (io.BytesIO(body), name), **fields}
    return client.post(f"{page}/import", data=form, content_type="multipart/form-data")


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("groups.xlsx", b"MZ\x90\x00" + bytes(400)),  # a program that says it is a table
        ("groups.csv", b"%PDF-1.7\n" + bytes(range(256))),
        ("groups.xlsx", b"PK\x03\x04 broken"),
        ("groups.xlsx", laughing()),
        ("groups.xlsx", xlsx_with(FOREIGN)),
        ("../../etc/passwd", b"root:x:0:0\n"),
        ("groups.csv", b""),
    ],
    ids=["program", "pdf", "broken zip", "entities", "external entity", "path", "empty"],
)
def test_what_is_no_table_of_groups_is_refused_beside_the_field(
    filled: Database, login: Login, name: str, body: bytes
) -> None:
    before = len(rows(filled, GroupRow))
    started = perf_counter()
    answer = send_file(login("luchuan"), "/ledger", name, body, mode="write")
    assert (answer.status_code, 'id="p-file"' in answer.text) == (400, True)
    assert perf_counter() - started < 5
    assert len(rows(filled, GroupRow)) == before


def test_a_table_that_unpacks_to_far_more_is_refused_before_it_is_read(
    filled: Database, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_tables, "MAX_UNPACKED_BYTES", 2_000_000)
    bomb = xlsx_with(b"<worksheet>" + b" " * 3_000_000)
    assert len(bomb) < 20_000
    before = len(rows(filled, GroupRow))
    answer = send_file(login("luchuan"), "/ledger", "groups.xlsx", bomb, mode="write")
    assert (answer.status_code, "表格解压后过大" in answer.text) == (400, True)
    assert len(rows(filled, GroupRow)) == before


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"\x7fELF\x02\x01\xff\xfe", "不是 UTF-8 文本"),
        (laughing(), "不是 UTF-8 文本"),
        (b"\x00" * 50, "词表里没有可用的词"),
        ("词\n".encode() * 51, "词表过大"),
    ],
    ids=["program", "workbook", "zeros", "too long"],
)
def test_what_is_no_list_of_words_is_refused(
    login: Login, monkeypatch: pytest.MonkeyPatch, body: bytes, words: str
) -> None:
    monkeypatch.setattr(lexicons, "MOST_FILE_CHARS", 100)
    answer = send_file(login("luchuan"), "/lexicon", "words.csv", body, to="LC", kind="诈骗", list="")
    assert (answer.status_code, words in answer.text) == (400, True)


def test_a_request_that_is_too_large_gets_a_page_that_says_so(filled: Database) -> None:
    settings = load_settings(ROOT / "config.toml", {"QINGXUN_DATABASE_URL": filled.url})
    client = create_app(build_services(settings, Secrets(settings.mode, {}))).test_client()
    size = client.application.config["MAX_CONTENT_LENGTH"] + 1
    answer = client.post("/ledger/import", data=b"x" * size, content_type="application/x-www-form-urlencoded")
    assert (answer.status_code, "内容过大" in answer.text) == (413, True)

"""Documents of readings: golden content in every format, fonts inside, many rows, lost text named."""

import re
import shutil
import subprocess
from datetime import date
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from docx import Document as open_docx

from bot.exporting import DocumentMaker
from monitor.days.briefs import read_period
from monitor.errors import AppError, OutOfScope
from monitor.exports import clean_order
from monitor.store.database import Database
from monitor.units import Role
from monitor.usecases.assessment.sheets import Assessments
from monitor.usecases.queries.questions import Queries
from reports.assessment_form import LOST, assessment_document
from reports.briefs import brief_document
from reports.document import Column, Document, Part, Table
from reports.docx import write_docx
from reports.groups_list import unmet_document
from reports.pdf import FONTS, write_pdf
from reports.xlsx import write_xlsx
from scoring.rulebook import load_rulebook
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.reports.making import maker_of

TODAY = date(2026, 11, 20)
MADE_FOR = "督导检查 甲 于 2026-11-20 15:00 导出，范围：全省"
pdftotext = shutil.which("pdftotext")
needs_pdftotext = pytest.mark.skipif(pdftotext is None, reason="pdftotext (poppler-utils) is not installed")


@pytest.fixture
def queries(database: Database, clock: FrozenClock) -> Queries:
    return Queries(database, load_rulebook(), clock)


@pytest.fixture
def assessments(database: Database, clock: FrozenClock) -> Assessments:
    return Assessments(database, clock)


@pytest.fixture
def maker(database: Database, clock: FrozenClock) -> DocumentMaker:
    return maker_of(database, clock)


def text_of_pdf(pdf: bytes, tmp_path: Path) -> str:
    """The text layer of a PDF, without spaces and line breaks."""
    file = tmp_path / "x.pdf"
    file.write_bytes(pdf)
    assert pdftotext
    done = subprocess.run([pdftotext, "-layout", str(file), "-"], capture_output=True, check=True)
    return re.sub(r"\s+", "", done.stdout.decode())


def make(maker: DocumentMaker, cast: Cast, kind: str, subject: str, period: str, form: str) -> bytes:
    order = clean_order(kind, subject, period, form)
    viewer = cast.viewer("QS", Role.INSPECTOR)
    return maker(viewer, order, MADE_FOR, lambda _percent: None).content


def test_the_sheet_has_the_annex_columns_and_names_what_is_lost(assessments: Assessments, cast: Cast) -> None:
    sheet = assessments.sheet(cast.viewer("QS", Role.INSPECTOR), 2026, "LC")
    document = assessment_document(sheet, TODAY)
    table = document.parts[0].tables[0]
    titles = [column.title for column in table.columns]
    assert titles == ["考核项目", "主要内容", "分值", "考核要求及评分标准", "自评得分", "考评得分"]
    assert document.title == "2026年微信工作综合考评表"
    assert document.subtitle == "被考核单位：鹭川团市委　2026年11月20日"
    rows = {row[1].partition(" ")[0]: row for row in table.rows}
    assert rows["一1"][0] == "一、落实全省微信工作（3.00分）"
    assert rows["一2"][0] == ""
    assert rows["一2"][3].startswith(LOST)
    assert rows["一3"][3] == "有制度性文件得0.2分；召开一次专题会议记录得0.1分，该项最多得1分"
    assert "推定" in rows["二2a"][3]
    assert "80%-89%的为良好，得0.5分" in rows["二2a"][3]
    assert rows["三3"][1] == f"三3 {LOST}"
    assert (rows["四"][2], rows["四"][4], rows["四"][5]) == ("1.50", "—", "—")
    assert table.rows[-1][:3] == ("合计", "", "10")
    assert f"{LOST}项目或标准的 3.50 分待团省委补充（HN-4.3），系统不代拟，不折算。" in document.notes


def test_an_admin_gets_no_panel_points_before_they_are_published(
    assessments: Assessments, cast: Cast
) -> None:
    sheet = assessments.sheet(cast.viewer("LC"), 2026)
    assert sheet.hides_panel
    document = assessment_document(sheet, TODAY)
    assert {row[5] for row in document.parts[0].tables[0].rows} == {"—", ""}
    assert "考察、考评得分公布前不显示" in document.notes


def test_a_brief_without_data_says_so_and_shows_no_zero(queries: Queries, cast: Cast) -> None:
    document = brief_document(queries.brief(cast.viewer("LC"), "LC", read_period("2026-11", TODAY)))
    assert document.lead == ("本期没有可统计的群：尚未登记，或没有已定稿的日子。",)
    figures = {row[0]: row[1] for row in document.parts[0].tables[0].rows}
    assert figures["群达标率"] == figures["无数据群日"] == figures["发布条数"] == "—"
    assert "本期没有发现不良信息事件。" in [text for part in document.parts for text in part.paragraphs]


def test_the_lost_text_of_a_brief_is_the_rulebooks_own(queries: Queries, cast: Cast) -> None:
    document = brief_document(queries.brief(cast.viewer("LC"), "LC", read_period("2026-11", TODAY)))
    [table] = document.parts[-1].tables
    assert len(table.rows) == len(load_rulebook().lost_text)
    assert [row[2] for row in table.rows] == [lost.what for lost in load_rulebook().lost_text]


def test_a_list_for_leadership_names_nobody(queries: Queries, cast: Cast) -> None:
    report = queries.unmet(cast.viewer("QS", Role.INSPECTOR), "QS")
    assert report.groups
    named = {row[6] for row in unmet_document(report, TODAY).tables[0].rows}
    assert named != {"—"}
    assert {row[6] for row in unmet_document(report, TODAY, names_managers=False).tables[0].rows} == {"—"}


@pytest.mark.parametrize(
    ("kind", "subject", "period"),
    [
        ("简报", "QS", "2026-11-20"),
        ("简报", "QS", "2026"),
        ("排名", "QS", "2026-11"),
        ("未达标名单", "QS", "2026-11-20"),
        ("群逐日记录", "LC0001", "2026-11"),
        ("考评表", "LC", "2026"),
    ],
)
def test_every_kind_is_the_same_in_every_format(
    maker: DocumentMaker, cast: Cast, tmp_path: Path, kind: str, subject: str, period: str
) -> None:
    """Cells of the workbook, of the Word tables and, where it can be read, the text of the PDF agree."""
    book = openpyxl.load_workbook(BytesIO(make(maker, cast, kind, subject, period, "xlsx")))
    word = open_docx(BytesIO(make(maker, cast, kind, subject, period, "docx")))
    pdf = make(maker, cast, kind, subject, period, "pdf")
    in_book = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert all(cell.data_type in ("s", "n") for cell in in_book)
    texts = {str(cell.value) for cell in in_book if cell.value is not None and cell.data_type == "s"}
    in_word = {cell.text for table in word.tables for row in table.rows for cell in row.cells if cell.text}
    assert in_word
    assert {text for text in in_word if not re.fullmatch(r"-?\d+(\.\d+)?", text)} <= texts
    assert MADE_FOR in word.sections[0].footer.paragraphs[0].text
    assert b"/FontFile" in pdf
    if any(FONTS.glob("*.ttf")):
        assert b"NotoSansSC" in pdf


@needs_pdftotext
@pytest.mark.parametrize(("kind", "period"), [("简报", "2026"), ("考评表", "2026")])
def test_the_text_layer_of_a_pdf_says_the_same(
    maker: DocumentMaker, queries: Queries, cast: Cast, tmp_path: Path, kind: str, period: str
) -> None:
    text = text_of_pdf(make(maker, cast, kind, "LC", period, "pdf"), tmp_path)
    word = open_docx(BytesIO(make(maker, cast, kind, "LC", period, "docx")))
    for paragraph in word.paragraphs[:3]:
        for part in paragraph.text.split("　"):
            assert re.sub(r"\s+", "", part) in text
    assert text.count("导出，范围：全省") >= 1
    assert "\ufffd" not in text


@needs_pdftotext
def test_the_watermark_stands_on_every_page(tmp_path: Path) -> None:
    rows = tuple((str(number),) for number in range(200))
    part = Part("一", tables=(Table((Column("a"),), rows),))
    document = Document("题", "", "", parts=(part,), made_for="甲导出")
    text = text_of_pdf(write_pdf(document), tmp_path)
    n_pages = int(re.findall(r"\d+/(\d)", text)[-1])
    assert n_pages > 1
    assert text.count("甲导出") == n_pages


def test_twenty_thousand_rows_make_a_workbook() -> None:
    columns = (Column("单位", 12), Column("条数", 6, is_number=True))
    rows = tuple((f"=单位{number}", str(number)) for number in range(20_000))
    document = Document("大表", "", "", parts=(Part("一", tables=(Table(columns, rows, "大表"),)),))
    book = openpyxl.load_workbook(BytesIO(write_xlsx(document)), read_only=True)
    found = list(book["大表"].iter_rows(min_row=5, values_only=True))
    assert len(found) == 20_000
    assert found[-1] == ("=单位19999", 19999)


def test_a_missing_glyph_does_not_stop_a_document() -> None:
    document = Document("𠮷😀\U0010ffff", "", "", ("\ue000",))
    assert write_pdf(document).startswith(b"%PDF-")
    assert open_docx(BytesIO(write_docx(document))).paragraphs[0].text == "𠮷😀"


@pytest.mark.parametrize("kind", ["简报", "排名", "未达标名单", "考评表"])
def test_the_maker_keeps_to_the_scope_of_the_viewer(maker: DocumentMaker, cast: Cast, kind: str) -> None:
    period = {"未达标名单": "2026-11-19"}.get(kind, "2026")
    texts = set()
    for code in ("YS", "ZZ"):
        with pytest.raises(AppError) as refused:
            maker(cast.viewer("LC"), clean_order(kind, code, period, "pdf"), "", lambda _percent: None)
        assert isinstance(refused.value, OutOfScope)
        texts.add(refused.value.user_text)
    assert len(texts) == 1

"""Every kind of document says in xlsx, docx and PDF exactly what its rows say, to the digit.

The rows are those of the console's pages: tests/web/test_reports.py compares the two.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from docx import Document as open_docx

from bot.exporting import DocumentMaker, lay_out
from monitor.exports import ExportKind, clean_order
from monitor.store.database import Database
from monitor.store.tables import GroupRow
from monitor.units import Role
from monitor.usecases.days.close_day import close_day
from monitor.usecases.spot_checks.desk import SpotChecks
from monitor.usecases.spot_checks.draw import make_draw
from monitor.usecases.spot_checks.file import file_spot_check, void_spot_check
from reports.document import Column, Document, Part, Table, clean_cell
from reports.docx import write_docx
from reports.pdf import write_pdf
from reports.xlsx import write_xlsx
from scoring.rulebook import load_rulebook
from tests.bot.scene import TODAY, Scene
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.reports.making import maker_of

pdftotext, pdffonts = shutil.which("pdftotext"), shutil.which("pdffonts")
needs_poppler = pytest.mark.skipif(
    not (pdftotext and pdffonts), reason="pdftotext and pdffonts (poppler-utils) are not installed"
)
LONG = '=HYPERLINK("http://x")' + "AVeryLongUnbrokenNameOfAGroup" * 3 + "第七村团支部青年学习交流群" * 4
CASES = (
    ("简报", "QS", "2026-11-19"),
    ("简报", "QS", "2026-W47"),
    ("简报", "QS", "2026-11"),
    ("简报", "QS", "2026"),
    ("排名", "QS", "2026-11"),
    ("同级排名", "QS", "2026-W47"),
    ("未达标名单", "QS", "2026-11-19"),
    ("群逐日记录", "LC0001", "2026-11"),
    ("考评表", "LC", "2026"),
    ("抽查记录", "QS", "2026"),
    ("抽查记录", "CC-2026-0001", "2026"),
    ("台账", "QS", "2026-11"),
    ("周报汇总", "QS", "2026-W47"),
)


def fill(database: Database, cast: Cast, clock: FrozenClock) -> None:
    """A closed day, a draw, two filings of which one is void, and a hostile name too long for its column."""
    scene = Scene(database, cast, clock)
    scene.change(GroupRow, cast.groups["LC0001"], name=LONG)
    scene.counted("LC0001", 4, 0, TODAY.replace(day=19))
    scene.counted("YS0001", 9, 3, TODAY.replace(day=19))
    close_day(database, load_rulebook(), clock, TODAY.replace(day=19))
    desk, inspector = SpotChecks(database, clock), cast.viewer("QS", Role.INSPECTOR)
    drawn = desk.write(inspector, lambda sitting: make_draw(sitting, None, 4))
    for group, note in zip(drawn.groups, ("-2+3", "@SUM(A1)"), strict=False):
        desk.write(inspector, lambda s, g=group, n=note: file_spot_check(s, g.group.code, 2, n))  # type: ignore[misc]
    desk.write(inspector, lambda sitting: void_spot_check(sitting, "CC-2026-0002", "+cmd|' /C calc'!A0"))


@pytest.fixture
def documents(database: Database, cast: Cast, clock: FrozenClock) -> list[Document]:
    """All documents of one database, as the maker lays them out before any format."""
    fill(database, cast, clock)
    maker: DocumentMaker = maker_of(database, clock)
    viewer = cast.viewer("QS", Role.INSPECTOR)
    orders = [clean_order(kind, subject, period, "pdf") for kind, subject, period in CASES]
    assert {order.kind for order in orders} == set(ExportKind)
    return [replace(lay_out(maker, viewer, order, TODAY), made_for="督导检查 甲 导出") for order in orders]


def shown(cell: openpyxl.cell.Cell) -> str:
    """A cell as the spreadsheet shows it."""
    if cell.value is None:
        return ""
    if cell.data_type == "n":
        places = len(cell.number_format.partition(".")[2])
        return f"{cell.value:.{places}f}"
    assert cell.data_type == "s", cell.value
    return str(cell.value)


def spanned(table: Table) -> Iterator[list[str]]:
    """The rows of a table as Word reads them: a cell that spans is that of the rows below as well."""
    above = [""] * len(table.columns)
    for row in table.rows:
        pairs = zip(row, above, table.columns, strict=True)
        above = [
            last if column.is_spanning and not text else clean_cell(text) for text, last, column in pairs
        ]
        yield above


def lines_of(document: Document) -> list[str]:
    in_parts = [text for part in document.parts for text in part.paragraphs]
    return [clean_cell(text) for text in (*document.lead, *in_parts, *document.notes)]


def test_every_cell_is_the_same_in_workbook_and_word(documents: list[Document]) -> None:
    for document in documents:
        book = openpyxl.load_workbook(BytesIO(write_xlsx(document)))
        word = open_docx(BytesIO(write_docx(document)))
        filled = iter(word.tables)
        for sheet, table in zip(book.worksheets, document.tables, strict=False):
            titles = [column.title for column in table.columns]
            found = [[shown(cell) for cell in row] for row in sheet.iter_rows(min_row=4, max_col=len(titles))]
            assert found[0] == titles, document.title
            if not table.rows:
                assert found[1][0] == table.empty
                continue
            assert found[1:] == [[clean_cell(text) for text in row] for row in table.rows], document.title
            in_word = [[cell.text for cell in row.cells] for row in next(filled).rows]
            assert in_word == [titles, *spanned(table)], document.title
        assert next(filled, None) is None
        written = {paragraph.text for paragraph in word.paragraphs}
        noted = {str(row[0]) for row in book.worksheets[-1].iter_rows(values_only=True)}
        assert set(lines_of(document)) <= written, document.title
        assert set(lines_of(document)) <= noted, document.title


@needs_poppler
def test_the_text_layer_of_the_pdf_holds_every_cell_in_order_and_every_font(
    documents: list[Document], tmp_path: Path
) -> None:
    for document in documents:
        file = tmp_path / "x.pdf"
        file.write_bytes(write_pdf(document))
        assert pdftotext and pdffonts  # noqa: PT018
        raw = subprocess.run([pdftotext, "-raw", str(file), "-"], capture_output=True, check=True)
        text = bare(raw.stdout.decode())
        place = 0
        for table in document.tables:
            for cell, is_spanning in cells_of(table):
                found = text.find(cell, 0 if is_spanning else place)  # a spanning cell is drawn last
                assert found >= 0, (document.title, cell)
                place = place if is_spanning else found + len(cell)
        assert all(bare(line) in text for line in lines_of(document)), document.title
        listed = subprocess.run([pdffonts, str(file)], capture_output=True, check=True).stdout.decode()
        fonts = listed.splitlines()[2:]
        assert fonts
        assert all(re.search(r"\byes yes yes\b", line) for line in fonts), listed


def cells_of(table: Table) -> Iterator[tuple[str, bool]]:
    for row in table.rows:
        for cell, column in zip(row, table.columns, strict=True):
            if bare(clean_cell(cell)):
                yield bare(clean_cell(cell)), column.is_spanning


def bare(text: str) -> str:
    return re.sub(r"[\s\u200b]+", "", text)


def test_a_name_that_is_too_long_wraps_within_its_column(tmp_path: Path) -> None:
    """The next cell begins to the right of all of it; a seed is not cut, so that it can be copied out."""
    seed = "0123456789abcdef" * 2
    columns = (Column("名称", 10), Column("条数", 10))
    part = Part("一", tables=(Table(columns, (("A" * 120, "7"), (seed, "8"))),))
    pdf = write_pdf(Document("题", "", "", parts=(part,)))
    if pdftotext is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")
    (tmp_path / "x.pdf").write_bytes(pdf)
    raw = subprocess.run([pdftotext, "-bbox", str(tmp_path / "x.pdf"), "-"], capture_output=True, check=True)
    words = re.findall(r'xMin="([\d.]+)".*xMax="([\d.]+)".*>(.+)</word>', raw.stdout.decode())
    right = max(float(end) for _, end, word in words if word.startswith("A"))
    left = next(float(start) for start, _, word in words if word == "7")
    assert right <= left
    assert seed in [word for _, _, word in words]

"""Any document in every format: same texts, no formula, fonts inside."""

from dataclasses import replace
from io import BytesIO

import openpyxl
import pytest
from docx import Document as open_docx

from reports.document import Column, Document, Part, Table, clean_cell
from reports.docx import write_docx
from reports.pdf import FONTS, write_pdf
from reports.xlsx import write_xlsx

HOSTILE = (
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "<script>",
    "#set page()",
    "a\x00b\u202ec\ud800",
)
DOCUMENT = Document(
    title="青屿团省委 周报",
    subtitle="2026-W47",
    data_time="数据截至 11-20 15:00",
    lead=("本周 14 个市县全部达标。",),
    parts=(
        Part(
            "一、单位",
            ("达标率从高到低。",),
            (
                Table(
                    (
                        Column("单位", 12),
                        Column("达标率", 6, is_number=True),
                        Column("条数", 6, is_number=True),
                    ),
                    (
                        ("鹭川团市委", "94.7%", "120"),
                        ("云杉团市委", "—", "7.50"),
                        (HOSTILE[0], "无数据", "-0.20"),
                    ),
                    "单位/达标[率]",
                ),
                Table((Column("空"),), (), "单位/达标[率]", empty="本期无记录"),
            ),
        ),
    ),
    notes=("原文未载明：指数公式",),
    made_for="督导 11-20 15:01 导出",
)


def test_a_row_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        Table((Column("a"),), (("1", "2"),))


def test_cells_are_one_line_of_shown_characters() -> None:
    assert clean_cell("a\nb\x00\u202ec\ud800\u200b") == "a bc"
    assert len(clean_cell("长" * 600)) == 500


def test_a_workbook_holds_the_shown_figures_and_no_formula() -> None:
    book = openpyxl.load_workbook(BytesIO(write_xlsx(DOCUMENT)))
    assert book.sheetnames == ["单位 达标 率", "单位 达标 率 2", "说明"]
    sheet = book.worksheets[0]
    assert sheet["A1"].value == "青屿团省委 周报 2026-W47"
    assert [cell.value for cell in sheet[4]] == ["单位", "达标率", "条数"]
    assert [cell.value for cell in sheet[5]] == ["鹭川团市委", "94.7%", 120]
    assert (sheet["C6"].value, sheet["C6"].number_format) == (7.5, "0.00")
    assert (sheet["A7"].value, sheet["A7"].data_type) == ("=1+1", "s")
    assert (sheet["C7"].value, sheet["C7"].number_format) == (-0.2, "0.00")
    assert book.worksheets[1]["A5"].value == "本期无记录"


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text_in_every_format(text: str) -> None:
    table = Table((Column("a"), Column("b", is_number=True)), ((text, text),))
    document = Document(text, text, text, (text,), (Part(text, (text,), (table,)),), (text,), text)
    sheet = openpyxl.load_workbook(BytesIO(write_xlsx(document))).worksheets[0]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None} == {"s"}
    shown = clean_cell(text)
    word = open_docx(BytesIO(write_docx(document)))
    assert word.tables[0].rows[1].cells[0].text.strip() == shown.strip()
    assert write_pdf(document).startswith(b"%PDF-")


def test_a_word_file_says_the_same() -> None:
    word = open_docx(BytesIO(write_docx(DOCUMENT)))
    texts = [paragraph.text for paragraph in word.paragraphs]
    assert texts[:3] == ["青屿团省委 周报", "2026-W47　数据截至 11-20 15:00", "本周 14 个市县全部达标。"]
    assert [cell.text for cell in word.tables[0].rows[1].cells] == ["鹭川团市委", "94.7%", "120"]
    assert "督导 11-20 15:01 导出" in word.sections[0].footer.paragraphs[0].text
    number = word.sections[0].footer.paragraphs[1]._p.xml
    assert ('w:instr="PAGE"' in number, 'w:instr="NUMPAGES"' in number) == (True, True)


def test_a_word_table_repeats_its_headings_and_breaks_no_row() -> None:
    word = open_docx(BytesIO(write_docx(DOCUMENT)))
    for table in word.tables:
        marks = [("w:tblHeader" in row._tr.xml, "w:cantSplit" in row._tr.xml) for row in table.rows]
        assert marks == [(True, True)] + [(False, True)] * (len(table.rows) - 1)
        widths = [sum(cell.width.cm for cell in row.cells) for row in table.rows]
        assert {round(width) for width in widths} == {17}


def test_a_word_file_is_chinese_and_is_signed_two_beside_each_other() -> None:
    names = ("检查人（签字）", "被抽查单位（签字）", "日期")
    word = open_docx(BytesIO(write_docx(replace(DOCUMENT, signatures=names))))
    assert 'w:eastAsia="zh-CN"' in word.styles.element.xml
    *_, note, pair, odd = word.paragraphs
    assert [words.partition("：")[0] for words in pair.text.split("\t")] == [
        "检查人（签字）",
        "被抽查单位（签字）",
    ]
    assert odd.text.startswith("日期：＿")
    assert (note.paragraph_format.keep_with_next, pair.paragraph_format.keep_with_next) == (True, True)


def test_a_pdf_embeds_its_font() -> None:
    pdf = write_pdf(DOCUMENT)
    assert pdf.startswith(b"%PDF-")
    assert b"/FontFile" in pdf
    if any(FONTS.glob("*.ttf")):
        assert b"NotoSansSC" in pdf

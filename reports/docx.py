"""A document as Word file (docx), with an East Asian font set on every style."""

from io import BytesIO
from typing import Any

from docx import Document as open_docx
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from reports.document import Document, Table, clean_cell

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SIGNATURE_LINE = "＿" * 12
_FONT = "Noto Sans SC"
_WIDTH = {False: 17.0, True: 25.7}  # cm of an A4 page between its margins


def write_docx(document: Document) -> bytes:
    """Return a document as docx."""
    word = open_docx()
    _set_up(word, document)
    title = word.add_paragraph(style="Title")
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    title.add_run(clean_cell(document.title))
    subtitle = word.add_paragraph(clean_cell(f"{document.subtitle}　{document.data_time}"))
    subtitle.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for text in document.lead:
        word.add_paragraph(clean_cell(text))
    for part in document.parts:
        word.add_heading(clean_cell(part.title), level=1)
        for text in part.paragraphs:
            word.add_paragraph(clean_cell(text))
        for table in part.tables:
            caption = table.caption if len(part.tables) > 1 else ""
            _add_table(word, table, caption, _WIDTH[document.is_wide])
    if document.notes:
        word.add_heading("说明", level=1)
        for text in document.notes:
            word.add_paragraph(clean_cell(text), style="List Bullet")
    for words in document.signatures:
        word.add_paragraph(f"{clean_cell(words)}：{SIGNATURE_LINE}")
    out = BytesIO()
    word.save(out)
    return out.getvalue()


def _set_up(word: Any, document: Document) -> None:
    section = word.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    if document.is_wide:
        section.orientation = WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = Cm(29.7), Cm(21)
    section.left_margin = section.right_margin = Cm(2)
    section.top_margin = section.bottom_margin = Cm(2)
    for name, size in (("Normal", 10.5), ("Title", 18), ("Heading 1", 13), ("List Bullet", 10.5)):
        style = word.styles[name]
        style.font.name, style.font.size = _FONT, Pt(size)
        style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), _FONT)
    foot = section.footer.paragraphs[0]
    foot.text = clean_cell(f"{document.data_time}　{document.made_for}".strip())
    word.core_properties.title = clean_cell(document.title)
    word.core_properties.author = "青巡"


def _add_table(word: Any, table: Table, caption: str, width: float) -> None:
    if caption:
        word.add_paragraph(clean_cell(caption))
    if not table.rows:
        word.add_paragraph(table.empty)
        return
    n_columns = len(table.columns)
    grid = word.add_table(rows=len(table.rows) + 1, cols=n_columns, style="Table Grid")
    cells = grid._cells  # once: every other way to a cell walks through the whole table
    total = sum(column.width for column in table.columns)
    for cell, column in zip(cells[:n_columns], table.columns, strict=True):
        cell.text = clean_cell(column.title)
        cell.paragraphs[0].runs[0].bold = True
    for number, row in enumerate(table.rows, start=1):
        own = cells[number * n_columns : (number + 1) * n_columns]
        for cell, text, column in zip(own, row, table.columns, strict=True):
            cell.text = clean_cell(text)
            if column.is_number:
                cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
    for place, column in enumerate(table.columns):
        if column.is_spanning:
            _join(cells[place::n_columns], [row[place] for row in table.rows])
        grid.columns[place].width = Cm(width * column.width / total)


def _join(cells: list[Any], texts: list[str]) -> None:
    """Merge each cell of a column with the blank ones below it; the first cell is the heading's."""
    first = 0
    for number, text in enumerate((*texts, "end"), start=1):
        if not text and first:
            continue
        if first and number - first > 1:
            joined = cells[first].merge(cells[number - 1])
            for blank in joined.paragraphs[1:]:
                blank._p.getparent().remove(blank._p)
        first = number

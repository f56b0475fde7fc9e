"""A document as Word file (docx), in fonts that an office has: 宋体 for text, 黑体 for headings."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from docx import Document as open_docx
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from reports.document import Document, Table, clean_cell

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SIGNATURE_LINE = "＿" * 8  # with the longest words before it, half the width of a page
_CELL = "Table Text"
_STYLES = {  # points, font of Chinese, font of digits and Latin, points of space above and below
    "Normal": (10.5, "宋体", "Times New Roman", 0, 6),
    "Title": (18, "黑体", "Arial", 0, 8),
    "Heading 1": (13, "黑体", "Arial", 12, 6),
    "List Bullet": (10.5, "宋体", "Times New Roman", 0, 3),
    _CELL: (9.5, "宋体", "Times New Roman", 2, 2),
}
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
        word.add_paragraph().add_run(clean_cell(text)).bold = True
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
    _add_signatures(word, document.signatures, _WIDTH[document.is_wide])
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
    word.styles.add_style(_CELL, WD_STYLE_TYPE.PARAGRAPH)
    _set_language(word.styles)
    for name in _STYLES:
        _set_style(word.styles[name], *_STYLES[name])
    border = word.styles["Title"].element.pPr.find(qn("w:pBdr"))
    if border is not None:
        word.styles["Title"].element.pPr.remove(border)
    foot = section.footer.paragraphs[0]
    foot.text = clean_cell(f"{document.data_time}　{document.made_for}".strip())
    _set_page_number(section.footer.add_paragraph())
    word.core_properties.title = clean_cell(document.title)
    word.core_properties.author = "青巡"


def _set_language(styles: Any) -> None:
    """Say that the text is Chinese of the mainland, else punctuation may be set as in Taiwan."""
    language = styles.element.find(".//" + qn("w:rPrDefault")).find(".//" + qn("w:lang"))
    language.set(qn("w:val"), "zh-CN")
    language.set(qn("w:eastAsia"), "zh-CN")


def _set_style(style: Any, size: float, font: str, latin: str, above: float, below: float) -> None:
    style.font.name, style.font.size, style.font.color.rgb = latin, Pt(size), RGBColor(0, 0, 0)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):  # a theme would win over the name
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    fonts.set(qn("w:eastAsia"), font)
    style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(above), Pt(below)


def _set_page_number(paragraph: Any) -> None:
    """Number the page by fields, which Word fills: 「第 1 页 共 3 页」."""
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for words, code in (("第 ", "PAGE"), (" 页　共 ", "NUMPAGES")):
        paragraph.add_run(words)
        simple = OxmlElement("w:fldSimple")
        simple.set(qn("w:instr"), code)
        paragraph._p.append(simple)
    paragraph.add_run(" 页")


def _add_table(word: Any, table: Table, caption: str, width: float) -> None:
    if caption:
        above = word.add_paragraph(clean_cell(caption))
        above.paragraph_format.space_before, above.paragraph_format.keep_with_next = Pt(8), True
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
        if column.is_number:
            cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
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
        for cell in cells[place::n_columns]:
            cell.width = Cm(width * column.width / total)
            cell.paragraphs[0].style = _CELL
    _keep_rows_whole(grid)


def _add_signatures(word: Any, signatures: Sequence[str], width: float) -> None:
    """Add lines to sign, two beside each other, on one page with the text before them."""
    for place in range(0, len(signatures), 2):
        word.paragraphs[-1].paragraph_format.keep_with_next = True
        pair = (f"{clean_cell(words)}：{SIGNATURE_LINE}" for words in signatures[place : place + 2])
        line = word.add_paragraph("\t".join(pair))
        line.paragraph_format.tab_stops.add_tab_stop(Cm(width / 2))
        line.paragraph_format.space_before = Pt(14)  # room to write


def _keep_rows_whole(grid: Any) -> None:
    """Repeat the headings on every page and break no row between two."""
    for number, row in enumerate(grid._tbl.tr_lst):
        properties = row.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if number == 0:
            properties.append(OxmlElement("w:tblHeader"))


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

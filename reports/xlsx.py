"""A document as a workbook: one sheet a table, text stays text (no cell ever becomes a formula)."""

import re
from io import BytesIO
from typing import Any

import xlsxwriter

from reports.document import Document, Table, clean_cell

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
_MOST_NAME_CHARS = 31  # of a sheet
_PLAIN_NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d+)?")
_FONT = "Noto Sans SC"
_HEAD_ROWS = 3


def write_xlsx(document: Document) -> bytes:
    """Return a document as xlsx.

    Plain figures of number columns are stored as numbers in the format that shows the same digits; text that
    begins with = + - @ stays text.
    """
    out = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        styles = _styles(book)
        names: set[str] = set()
        for number, table in enumerate(document.tables, start=1):
            sheet = book.add_worksheet(_sheet_name(table.caption or f"表{number}", names))
            _write_table(sheet, document, table, styles)
        if not document.tables:
            sheet = book.add_worksheet("说明")
            sheet.write_string(0, 0, clean_cell(document.title), styles["title"])
        _write_notes(book, document, styles, names)
    return out.getvalue()


def _styles(book: Any) -> dict[str, Any]:
    base = {"font_name": _FONT, "font_size": 11, "valign": "vcenter"}
    cell = {**base, "border": 1, "border_color": "#C9D1DA"}
    return {
        "title": book.add_format({**base, "bold": True, "font_size": 14}),
        "small": book.add_format({**base, "font_color": "#54606F", "font_size": 9}),
        "head": book.add_format({**cell, "bold": True, "bg_color": "#E8EEF6", "text_wrap": True}),
        "text": book.add_format({**cell, "text_wrap": True}),
        "right": book.add_format({**cell, "align": "right"}),
        **{
            f"number{places}": book.add_format(
                {**cell, "num_format": "0" + ("." + "0" * places if places else "")}
            )
            for places in range(7)
        },
    }


def _write_table(sheet: Any, document: Document, table: Table, styles: dict[str, Any]) -> None:
    sheet.write_string(0, 0, clean_cell(f"{document.title} {document.subtitle}".strip()), styles["title"])
    sheet.write_string(
        1, 0, clean_cell(f"{document.data_time}　{document.made_for}".strip()), styles["small"]
    )
    for place, column in enumerate(table.columns):
        sheet.set_column(place, place, column.width * 2 + 2)
        sheet.write_string(_HEAD_ROWS, place, clean_cell(column.title), styles["head"])
    for number, row in enumerate(table.rows, start=_HEAD_ROWS + 1):
        for place, text in enumerate(row):
            _write_cell(sheet, number, place, clean_cell(text), table.columns[place].is_number, styles)
    if not table.rows:
        sheet.write_string(_HEAD_ROWS + 1, 0, table.empty, styles["text"])
    sheet.freeze_panes(_HEAD_ROWS + 1, 1)
    if document.is_wide:
        sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(_HEAD_ROWS)
    sheet.set_footer(f"&L{clean_cell(document.data_time)}&R&P / &N".replace("&L&", "&L"))


def _write_cell(sheet: Any, row: int, place: int, text: str, is_number: bool, styles: dict[str, Any]) -> None:
    plain = _PLAIN_NUMBER.fullmatch(text) if is_number else None
    places = len(plain[2] or ".") - 1 if plain else 0
    if plain and places < 7:
        sheet.write_number(row, place, float(text), styles[f"number{places}"])
    else:
        sheet.write_string(row, place, text, styles["right" if is_number else "text"])


def _write_notes(book: Any, document: Document, styles: dict[str, Any], names: set[str]) -> None:
    in_parts = (text for part in document.parts for text in part.paragraphs)
    signed = (f"{words}：" for words in document.signatures)
    lines = [*document.lead, *in_parts, *document.notes, *signed]
    if not lines:
        return
    sheet = book.add_worksheet(_sheet_name("说明", names))
    sheet.set_column(0, 0, 100)
    for number, text in enumerate(lines):
        sheet.write_string(number, 0, clean_cell(text), styles["text"])


def _sheet_name(caption: str, taken: set[str]) -> str:
    """Return a name that Excel accepts and that no other sheet has."""
    base = _FORBIDDEN.sub(" ", clean_cell(caption)).strip()[:_MOST_NAME_CHARS] or "表"
    name, number = base, 2
    while name.casefold() in taken:
        name = f"{base[: _MOST_NAME_CHARS - 3]} {number}"
        number += 1
    taken.add(name.casefold())
    return name

"""Read tables that people made (xlsx, csv): cells as text, whatever the spreadsheet thinks they are.

A formula stays the text it is written as; nothing is calculated. Key types: `TableRow`.
"""

import codecs
import csv
import io
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from monitor.errors import BadPayload, TooLarge

MAX_BYTES = 20 * 1024 * 1024
MAX_UNPACKED_BYTES = 200 * 1024 * 1024
MAX_ROWS = 200_000
_MAX_COLUMNS = 64
_DAMAGED_FROM = 10**15  # spreadsheets keep 15 digits: a longer number has lost its end
_ZIP = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row: its number in the file and its cells by column; absent columns are absent."""

    number: int
    cells: dict[str, str]


def read_table(file: Path, required: Sequence[str]) -> Iterator[TableRow]:
    """Yield the rows of the first sheet below its header; empty rows are skipped.

    Args:
        file: xlsx by its content, otherwise csv in UTF-8 or GB18030.
        required: columns without which the table means nothing.
    Raises: BadPayload if the file cannot be read or lacks a column, TooLarge.
    """
    if file.stat().st_size > MAX_BYTES:
        raise TooLarge(f"文件超过 {MAX_BYTES // 1024 // 1024} MB")
    body = file.read_bytes()
    rows = _xlsx_rows(body) if body.startswith(_ZIP) else _csv_rows(body)
    header: list[str] | None = None
    for number, cells in rows:
        if number > MAX_ROWS:
            raise TooLarge(f"表格超过 {MAX_ROWS} 行")
        if not any(cells):
            continue
        if header is None:
            header = [name.strip() for name in cells]
            _require(header, required)
            continue
        named = zip(header, cells, strict=False)
        yield TableRow(number, {name: text.strip() for name, text in named if name})
    if header is None:
        raise BadPayload("文件是空的")


def _require(header: list[str], required: Sequence[str]) -> None:
    missing = [name for name in required if name not in header]
    if missing:
        raise BadPayload(f"首行缺少列：{'、'.join(missing)}")
    named = [name for name in header if name]
    if len(set(named)) != len(named):
        raise BadPayload("首行有重复的列名")


def _csv_rows(body: bytes) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(_decoded(body), newline=""))
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise BadPayload(f"第 {number} 行的引号或长度有误") from error
        if cells is None:
            return
        yield number, cells[:_MAX_COLUMNS]


def _decoded(body: bytes) -> str:
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\x00" in body:
        raise BadPayload("文件不是 UTF-8 或 GB18030 编码的 csv，也不是 xlsx")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadPayload("文件不是 UTF-8 或 GB18030 编码的 csv，也不是 xlsx")


def _xlsx_rows(body: bytes) -> Iterator[tuple[int, list[str]]]:
    from openpyxl import load_workbook  # a quarter of a second: only for imports
    from openpyxl.utils.exceptions import InvalidFileException

    broken = (
        InvalidFileException, zipfile.BadZipFile, ElementTree.ParseError, zlib.error,
        KeyError, ValueError, TypeError, AttributeError, OSError, EOFError,
    )  # fmt: skip
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > MAX_UNPACKED_BYTES:
                raise TooLarge("表格解压后过大")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and validations, which are not read
            book = load_workbook(io.BytesIO(body), read_only=True, keep_links=False)
            sheet = book.worksheets[0]
            sheet.reset_dimensions()
            rows: Iterable[Sequence[Any]] = sheet.iter_rows(max_col=_MAX_COLUMNS, values_only=True)
            for number, values in enumerate(rows, start=1):
                yield number, [_as_text(value) for value in values]
            book.close()
    except broken as error:
        raise BadPayload("xlsx 文件已损坏或不是表格") from error


def _as_text(value: object) -> str:
    """Return a cell as people see it; a number that lost digits is shown as one that did."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and abs(value) >= _DAMAGED_FROM:
        return f"{value:.5E}"
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return str(value)

"""Time to write documents: `python -m bench reports`.

A workbook of 20,000 rows beside the bare library writing the same cells without format, a PDF and a Word file
of 500 rows, a chart. Required: the workbook within 5 s, the chart within 300 kB.
"""

import time
from collections.abc import Callable
from io import BytesIO

import xlsxwriter

from reports.document import Column, Document, Part, Table
from reports.docx import write_docx
from reports.pdf import write_pdf
from reports.pictures import Bar, draw_bars
from reports.xlsx import write_xlsx

N_RUNS = 3
_COLUMNS = (Column("单位", 12), Column("达标率", 6, is_number=True), Column("条数", 6, is_number=True))


def document_of(n_rows: int) -> Document:
    """Return a document with one table."""
    rows = tuple((f"第{n}团委", f"{n % 1000 / 10:g}%", str(n)) for n in range(n_rows))
    return Document(
        "大表",
        "2026-11",
        "数据截至 11-20 15:00",
        parts=(Part("一", tables=(Table(_COLUMNS, rows, "大表"),)),),
    )


def write_bare(document: Document) -> bytes:
    """Write the rows as the library does at its simplest: the floor of `write_xlsx`."""
    out = BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(document.tables[0].rows):
            for place, text in enumerate(row):
                sheet.write_string(number, place, text)
    return out.getvalue()


def write_chart(document: Document) -> bytes:
    """Draw the first rows as bars."""
    rows = document.tables[0].rows
    return draw_bars(document.title, document.data_time, [Bar(row[0], 50.0, row[1]) for row in rows])


def main() -> None:
    """Print the best of three for each format; the first PDF also loads the fonts, the first chart the library."""
    jobs: tuple[tuple[str, Callable[[Document], bytes], int], ...] = (
        ("bare", write_bare, 20_000),
        ("xlsx", write_xlsx, 20_000),
        ("pdf", write_pdf, 500),
        ("docx", write_docx, 500),
        ("chart", write_chart, 20),
    )
    best: dict[str, float] = {}
    for name, write, n_rows in jobs:
        document, seconds = document_of(n_rows), []
        for _ in range(N_RUNS):
            started = time.perf_counter()
            n_bytes = len(write(document))
            seconds.append(time.perf_counter() - started)
        best[name] = min(seconds)
        print(f"{name} {n_rows} rows: best {min(seconds):.2f} s, worst {max(seconds):.2f} s, {n_bytes} bytes")
    print(f"xlsx takes {best['xlsx'] / best['bare']:.1f} times as long as the bare library")


if __name__ == "__main__":
    main()

"""Time to write documents: `python -m bench reports`. A workbook of 20,000 rows, a PDF and a Word file of 500."""

import time
from collections.abc import Callable

from reports.document import Column, Document, Part, Table
from reports.docx import write_docx
from reports.pdf import write_pdf
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


def main() -> None:
    """Print the best of three for each format; the first PDF also loads the fonts."""
    jobs: tuple[tuple[str, Callable[[Document], bytes], int], ...] = (
        ("xlsx", write_xlsx, 20_000),
        ("pdf", write_pdf, 500),
        ("docx", write_docx, 500),
    )
    for name, write, n_rows in jobs:
        document, seconds = document_of(n_rows), []
        for _ in range(N_RUNS):
            started = time.perf_counter()
            n_bytes = len(write(document))
            seconds.append(time.perf_counter() - started)
        print(f"{name} {n_rows} rows: best {min(seconds):.2f} s, worst {max(seconds):.2f} s, {n_bytes} bytes")


if __name__ == "__main__":
    main()

"""The first tables of a document as CSV, for spreadsheets: text stays text."""

import csv
import io

from reports.document import Table, clean_cell

MEDIA_TYPE = "text/csv; charset=utf-8"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_csv(table: Table) -> bytes:
    """Return a table as CSV that Excel opens in UTF-8.

    A cell that a spreadsheet would calculate begins with an apostrophe (requirement D.1).
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([column.title for column in table.columns])
    writer.writerows([_as_text(clean_cell(cell)) for cell in row] for row in table.rows)
    return out.getvalue().encode("utf-8-sig")


def _as_text(cell: str) -> str:
    return "'" + cell if cell.startswith(_FORMULA) else cell

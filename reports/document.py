"""What a document says, apart from how it is written. Pure.

Key types: `Document`, `Part`, `Table`, `Column`.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

_MOST_CELL_CHARS = 500


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Attributes:
        width: in Chinese characters.
        is_number: aligned right, digits under digits.
        is_spanning: a cell is printed once over the blank ones below it.
    """

    title: str
    width: int = 10
    is_number: bool = False
    is_spanning: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns; every cell is the text that is shown elsewhere."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    empty: str = "无"

    def __post_init__(self) -> None:
        """Refuse a row that does not fit. Raises: ValueError."""
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError(f"a row of {self.caption or 'a table'} does not fit its columns")


@dataclass(frozen=True, slots=True)
class Part:
    """A part under a heading: paragraphs, then tables; one table alone goes without its caption."""

    title: str
    paragraphs: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A whole document.

    Attributes:
        title: in the middle of the first page.
        subtitle: unit and period.
        data_time: 「数据截至 …」, at the foot of every page.
        lead: the conclusion first: a few sentences.
        parts: in order.
        notes: footnotes of the whole, such as what the source does not say (原文未载明).
        made_for: who exported it and when, printed small on every page (导出水印).
        signatures: what is signed by hand at the end, each with a line to write on.
    """

    title: str
    subtitle: str
    data_time: str
    lead: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    notes: tuple[str, ...] = ()
    made_for: str = ""
    signatures: tuple[str, ...] = ()
    is_wide: bool = field(default=False)  # landscape

    @property
    def tables(self) -> Sequence[Table]:
        """All tables in order."""
        return [table for part in self.parts for table in part.tables]


def clean_cell(text: str) -> str:
    """Return a text as a document may hold it: no control characters, one line, at most 500 characters.

    Source: requirement D.1 (overlong text, control characters).
    """
    if len(text) <= _MOST_CELL_CHARS and text.isprintable():
        return text  # nearly every cell, and many times as fast
    shown = "".join(" " if mark in "\n\r\t" else mark for mark in text if _is_shown(mark))
    return shown if len(shown) <= _MOST_CELL_CHARS else shown[: _MOST_CELL_CHARS - 1] + "…"


def _is_shown(mark: str) -> bool:
    """Tell whether a character may stand in a document; bidi marks and lone surrogates may not."""
    return mark in "\n\r\t" or unicodedata.category(mark) not in ("Cc", "Cf", "Cs", "Co", "Cn")

"""Reads labelled texts: csv and tsv with a header, seed files without one, plain lines.

Labels are 正常 or a category (`verdicts.Category`); the numbers 0 and 1 of binary sets mean 正常 and 辱骂.
Key types: `Row`, `CorpusError`; `read_rows` and `read_seeds` are the ways in.
"""

import csv
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TextIO

from monitor.classify.errors import ClassifierFileError
from monitor.classify.verdicts import Category

NORMAL = "正常"
LABELS: tuple[str, ...] = (*(category.value for category in Category), NORMAL)
MEANINGS: Mapping[str, str] = {
    **{label: label for label in LABELS},
    "0": NORMAL,
    "1": Category.ABUSE.value,
    "有关": NORMAL,  # seeds of League relevance: harmless either way
    "无关": NORMAL,
}
_TEXT_COLUMNS = ("text", "TEXT", "content", "文本", "内容")
_LABEL_COLUMNS = ("label", "category", "标签", "类别")
_LEAST_TEXT = 2  # characters; shorter lines teach nothing


class CorpusError(ClassifierFileError):
    """A labelled file cannot be used for training or measuring; nothing was trained or measured."""

    code = "corpus"
    user_text = "标注文件不能用：请核对列名和标签"


class Row(NamedTuple):
    """One labelled text as it was written, with the other columns of its line."""

    text: str
    label: str  # one of LABELS
    family: str = ""  # texts of one kind; estimates hold out whole families
    columns: Mapping[str, str] = {}


def read_rows(file: Path, meanings: Mapping[str, str] = MEANINGS) -> list[Row]:
    """Read a labelled csv or tsv file; the header names the text and the label.

    Raises: CorpusError if a column is missing or a label unknown; the message says which and where.
    """
    with _opened(file) as lines:
        first = lines.readline()
        lines.seek(0)
        dialect = "excel-tab" if "\t" in first else "excel"
        reader = csv.DictReader(lines, dialect=dialect)
        header = [name.lstrip("\ufeff") for name in reader.fieldnames or ()]
        reader.fieldnames = header
        text_column = _column(file, header, _TEXT_COLUMNS)
        label_column = _column(file, header, _LABEL_COLUMNS)
        return [
            Row(line[text_column] or "", _meaning(file, n, line[label_column], meanings), file.stem, line)
            for n, line in enumerate(reader, 2)
        ]


def read_seeds(folder: Path) -> list[Row]:
    """Read every seed file of a folder (label, text, family by tabs), each text once.

    Raises: CorpusError for an unknown label or a line without a text.
    """
    rows: dict[str, Row] = {}
    for file in sorted(folder.glob("*.tsv")):
        for n, line in enumerate(file.read_text("utf-8").splitlines(), 1):
            if line.strip() and not line.startswith("#"):
                label, _, rest = line.partition("\t")
                text, _, family = rest.partition("\t")
                if not text.strip():
                    raise CorpusError(f"{file.name}, line {n}: no text after the label", subject_id=file.name)
                kind = f"{file.stem}/{family.strip() or n // 25}"
                rows.setdefault(text, Row(text, _meaning(file, n, label, MEANINGS), kind))
    if not rows:
        raise CorpusError(f"{folder}: no seed files (*.tsv)", subject_id=str(folder))
    return list(rows.values())


def read_lines(file: Path, label: str = NORMAL) -> list[Row]:
    """Read a plain file, one text a line; turns of a dialogue are parted by tabs, words by blanks."""
    with _opened(file) as lines:
        turns = (turn.strip() for line in lines for turn in line.split("\t"))
        texts = dict.fromkeys(re.sub(r"(?<=[^\x00-\x7f]) (?=[^\x00-\x7f])", "", turn) for turn in turns)
    return [
        Row(text, label, f"{file.stem}/{n % 5}") for n, text in enumerate(texts) if len(text) >= _LEAST_TEXT
    ]


def read_terms(folder: Path, least_severity: int = 2) -> dict[str, list[str]]:
    """Return the words of the shipped lexicons by category; words that are evidence only are left out."""
    terms: dict[str, list[str]] = {}
    for file in sorted(folder.glob("*.txt")):
        label = ""
        for line in file.read_text("utf-8").splitlines():
            if line.startswith("@category"):
                label = line.partition(" ")[2].strip()
            parts = line.split("\t")
            if label in LABELS and len(parts) > 1 and parts[1].isdigit() and int(parts[1]) >= least_severity:
                terms.setdefault(label, []).append(parts[0])
    return terms


def require_labels(rows: Sequence[Row], purpose: str) -> None:
    """Refuse rows that cannot tell anything apart.

    Raises: CorpusError if there are no rows or all have one label.
    """
    found = {row.label for row in rows}
    if len(found) < 2:
        what = f"only the label {next(iter(found))}" if found else "no rows"
        raise CorpusError(f"{purpose}: {what}; at least two different labels are needed")


def digest_of(files: Iterable[Path]) -> dict[str, str]:
    """Return the SHA-256 of each file by its name."""
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def _opened(file: Path) -> TextIO:
    try:
        return file.open(encoding="utf-8-sig", newline="")
    except OSError as error:
        raise CorpusError(f"cannot read {file}", subject_id=file.name) from error


def _column(file: Path, header: Sequence[str], names: Sequence[str]) -> str:
    for name in names:
        if name in header:
            return name
    raise CorpusError(
        f"{file.name}: none of the columns {', '.join(names)} in its header {header}", subject_id=file.name
    )


def _meaning(file: Path, line: int, label: str | None, meanings: Mapping[str, str]) -> str:
    known = meanings.get((label or "").strip())
    if known is None:
        allowed = "、".join(dict.fromkeys((*meanings,)))
        raise CorpusError(
            f"{file.name}, line {line}: unknown label {label!r}; known: {allowed}", subject_id=file.name
        )
    return known

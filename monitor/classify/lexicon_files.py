"""Word lists that people already have, read into a lexicon, and a lexicon written out again.

Read are our own format, one word a line, `word,category[,severity]` and `word|severity`, with or without a
heading; bad lines are reported beside the good ones. Key types: `ImportedWords`, `import_words`.
"""

import csv
import io
from collections.abc import Iterator
from typing import NamedTuple

from monitor.classify.errors import LexiconFormatError, Problem
from monitor.classify.lexicon import (
    DEFAULT_SEVERITY,
    Entry,
    Flag,
    Lexicon,
    lines_of,
    parse_lexicon,
    read_category,
    read_flags,
    read_severity,
    refuse_unusable,
    remark_on,
)
from monitor.classify.verdicts import Category, Severity

_HEADINGS = frozenset(("词", "词语", "敏感词", "关键词", "word", "words", "keyword"))
_LEVELS = {
    **dict.fromkeys(("低", "low", "轻", "三级"), Severity.EVIDENCE),
    **dict.fromkeys(("中", "medium", "二级"), Severity.REVIEW),
    **dict.fromkeys(("高", "high", "重", "严重", "一级"), Severity.ALERT),
}
_COLUMNS = ("词", "类别", "级别", "标记", "备注")


class ImportedWords(NamedTuple):
    """What a list held: usable words, lines that cannot be used, lines that a person should look at."""

    lexicon: Lexicon
    problems: tuple[Problem, ...]
    remarks: tuple[Problem, ...]


def import_words(text: str, category: Category) -> ImportedWords:
    """Read a word list of any of the formats.

    Args:
        category: of words whose line names none.
    """
    text = text.removeprefix("\ufeff")
    if any(line.startswith("@category") for line in text.splitlines()):
        try:
            lexicon = parse_lexicon(text)
        except LexiconFormatError as error:
            return ImportedWords(Lexicon(), error.problems, ())
        return ImportedWords(lexicon, (), lexicon.remarks)
    entries: dict[tuple[str, Category], Entry] = {}
    problems: list[Problem] = []
    remarks: list[Problem] = []
    for number, cells in _rows(text):
        try:
            entry = _entry(cells, category)
            refuse_unusable(entry)
        except ValueError as error:
            problems.append(Problem(number, str(error)))
            continue
        key = (entry.word, entry.category)
        if remark := remark_on(entry, key in entries):
            remarks.append(Problem(number, remark))
        entries.setdefault(key, entry)
    return ImportedWords(Lexicon(tuple(entries.values())), tuple(problems), tuple(remarks))


def export_txt(lexicon: Lexicon) -> str:
    """Write a lexicon in our own format."""
    return "".join(f"{line}\n" for line in lines_of(lexicon))


def export_csv(lexicon: Lexicon) -> str:
    """Write the words of a lexicon as a table that spreadsheets open and `import_words` reads back.

    Allowed spans and steps have no place in it: only `export_txt` keeps them.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    for word, category, severity, flags, note in lexicon.entries:
        writer.writerow((word, category.value, int(severity), " ".join(sorted(flags)), note))
    return "\ufeff" + out.getvalue()


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(text.splitlines(), start=1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        cells = [cell.strip() for cell in _split(line)]
        if number == 1 and cells[0].casefold() in _HEADINGS:
            continue
        yield number, cells


def _split(line: str) -> list[str]:
    for divider in ("\t", "|"):
        if divider in line:
            return line.split(divider)
    return next(csv.reader([line.replace("，", ",")]))


def _entry(cells: list[str], category: Category) -> Entry:
    """Read word, then category and severity in any order, as far as they are there, then flags and a note."""
    word, *rest = cells
    severity = DEFAULT_SEVERITY
    flags: frozenset[Flag] = frozenset()
    named = [cell for cell in rest[:2] if cell]
    for cell in named:
        if cell.casefold() in _LEVELS or cell.isdigit():
            severity = _LEVELS.get(cell.casefold()) or read_severity(cell)
        else:
            category = read_category(cell)
    if len(rest) > 2:
        flags = read_flags(rest[2])
    return Entry(word, category, severity, flags, rest[3] if len(rest) > 3 else "")

"""Words of one kind of harmful content, with what each is worth and how it is looked for.

The file is plain text, one entry a line, columns divided by tabs; only the word is needed:

    # a comment
    @category 辱骂              for the entries below
    @steps -digits              leaves one spelling step out; "@steps width case" names all that are used
    傻逼 <TAB> 3 <TAB> sound initials <TAB> a note
    !大傻瓜蛋糕店               not a hit, nor anything inside it

Severity is 1 evidence, 2 review, 3 alert. Key types: `Entry`, `Lexicon`; `parse_lexicon`, `load_lexicon`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from monitor.classify.characters import Step
from monitor.classify.errors import LexiconFormatError, Problem
from monitor.classify.normalise import ALL_STEPS
from monitor.classify.verdicts import Category, Severity

DEFAULT_SEVERITY = Severity.REVIEW
_SEVERITIES = {"": DEFAULT_SEVERITY, **{str(int(severity)): severity for severity in Severity}}
_LONGEST = 64  # characters of a word: a longer line is a sentence that slipped in


class Flag(StrEnum):
    """How one word is looked for, where it is not the usual way."""

    WORD = "word"  # only as a word of the sentence; usual for words of two characters
    PART = "part"  # also across the borders of words
    SOUND = "sound"  # also by its pinyin and by characters that sound alike
    INITIALS = "initials"  # also by the initials of its pinyin
    INSIDE = "inside"  # Latin letters may stand next to it
    NUMBER = "number"  # neither letters nor digits may stand next to it
    PATTERN = "pattern"  # a small pattern: . ? [] (|)


class Entry(NamedTuple):
    """One word."""

    word: str
    category: Category
    severity: Severity = DEFAULT_SEVERITY
    flags: frozenset[Flag] = frozenset()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Words that are looked for by the same spelling steps, and spans that are allowed."""

    entries: tuple[Entry, ...] = ()
    allowed: tuple[str, ...] = ()
    steps: frozenset[Step] = ALL_STEPS
    remarks: tuple[Problem, ...] = field(default=(), compare=False)
    """Lines that are odd but harmless: duplicates, words of one character."""


def load_lexicon(file: Path) -> Lexicon:
    """Read a lexicon file.

    Raises: LexiconFormatError naming every line that cannot be read.
    """
    try:
        text = file.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        problem = Problem(1, f"不是 UTF-8 文本（第 {error.start} 字节）")
        raise LexiconFormatError(str(file), [problem]) from error
    return parse_lexicon(text, str(file))


def parse_lexicon(text: str, file: str = "词库") -> Lexicon:
    """Read a lexicon from its text.

    Raises: LexiconFormatError as `load_lexicon`.
    """
    reading = _Reading()
    for number, line in enumerate(text.splitlines(), start=1):
        reading.read(number, line)
    if reading.problems:
        raise LexiconFormatError(file, reading.problems)
    return reading.lexicon()


class _Reading:
    """What has been read so far; bad lines are collected, not raised one by one."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._remarks: list[Problem] = []
        self._category: Category | None = None
        self._steps = ALL_STEPS
        self._entries: dict[tuple[str, Category], Entry] = {}
        self._allowed: dict[str, None] = {}

    def read(self, number: int, line: str) -> None:
        line = line.strip()
        if not line or line.startswith("#"):
            return
        try:
            if line.startswith("@"):
                self._read_header(line)
            elif line.startswith("!") and len(line) > 1:
                self._allowed[line[1:].strip()] = None
            else:
                self._read_entry(number, line)
        except ValueError as error:
            self.problems.append(Problem(number, str(error)))

    def lexicon(self) -> Lexicon:
        return Lexicon(tuple(self._entries.values()), tuple(self._allowed), self._steps, tuple(self._remarks))

    def _read_header(self, line: str) -> None:
        name, _, value = line[1:].partition(" ")
        if name == "category":
            self._category = read_category(value.strip())
        elif name == "steps":
            self._steps = _read_steps(value.split())
        else:
            raise ValueError(f"不认识的设置“@{name}”，可用：@category、@steps")

    def _read_entry(self, number: int, line: str) -> None:
        if self._category is None:
            raise ValueError("第一个词之前缺少“@category 类别”")
        word, severity, flags, note = (*(cell.strip() for cell in line.split("\t", 3)), "", "", "")[:4]
        entry = Entry(word, self._category, read_severity(severity), read_flags(flags), note)
        refuse_unusable(entry)
        remark = remark_on(entry, (word, self._category) in self._entries)
        if remark:
            self._remarks.append(Problem(number, remark))
        self._entries.setdefault((word, self._category), entry)


def read_category(name: str) -> Category:
    """Return the category of that name. Raises: ValueError with a Chinese text."""
    try:
        return Category(name)
    except ValueError:
        raise ValueError(f"没有类别“{name}”，可用：{'、'.join(Category)}") from None


def read_severity(text: str) -> Severity:
    """Return the severity written as 1, 2 or 3, the usual one if nothing is written.

    Raises: ValueError, with a Chinese text, for anything else.
    """
    severity = _SEVERITIES.get(text)
    if severity is None:
        raise ValueError(f"级别应为 1、2 或 3，得到“{text[:20]}”")
    return severity


def refuse_unusable(entry: Entry) -> None:
    """Raise ValueError, with a Chinese text, if a word cannot be looked for."""
    if not entry.word.isalnum() and not any(map(str.isalnum, entry.word)):
        raise ValueError(f"“{entry.word[:20]}”里没有文字")
    if len(entry.word) > _LONGEST:
        raise ValueError(f"词长 {len(entry.word)} 字，最多 {_LONGEST} 字")
    if Flag.PATTERN in entry.flags:
        compile_pattern(entry.word)


def remark_on(entry: Entry, is_known: bool) -> str:
    """Return what a person should know about a word that is usable, or nothing."""
    if is_known:
        return f"“{entry.word}”重复，保留第一次"
    if len(entry.word) == 1:
        return f"“{entry.word}”只有一个字，容易误报"
    return ""


def compile_pattern(word: str) -> re.Pattern[str]:
    """Compile a small pattern: `.` any character, `?` the one before may be missing, `[]` one of, `(|)`.

    Raises: ValueError, with a Chinese text, if it uses anything else or matches nothing at all.
    """
    escaped = re.sub(r"[\\*+{}^$]", r"\\\g<0>", word)
    try:
        pattern = re.compile(escaped)
    except re.error as error:
        raise ValueError(f"模式“{word}”不能用：{error}") from error
    if pattern.search(""):
        raise ValueError(f"模式“{word}”会命中一切")
    return pattern


def _read_steps(names: Iterable[str]) -> frozenset[Step]:
    added: set[Step] = set()
    removed: set[Step] = set()
    for name in names:
        try:
            (removed if name.startswith("-") else added).add(Step(name.removeprefix("-")))
        except ValueError:
            raise ValueError(f"没有归一步骤“{name}”，可用：{'、'.join(Step)}") from None
    return frozenset((added or ALL_STEPS) - removed)


def read_flags(text: str) -> frozenset[Flag]:
    """Return the flags written with blanks between. Raises: ValueError with a Chinese text."""
    if not text:
        return _NO_FLAGS
    try:
        return frozenset(Flag(name) for name in text.replace(",", " ").split())
    except ValueError:
        raise ValueError(f"不认识的标记“{text[:30]}”，可用：{'、'.join(Flag)}") from None


def lines_of(lexicon: Lexicon) -> Iterator[str]:
    """Write a lexicon as lines that `parse_lexicon` reads back."""
    if lexicon.steps != ALL_STEPS:
        yield "@steps " + " ".join(sorted(f"-{step}" for step in ALL_STEPS - lexicon.steps))
    category = None
    for entry in lexicon.entries:
        if entry.category is not category:
            category = entry.category
            yield f"@category {category}"
        cells = (entry.word, str(int(entry.severity)), " ".join(sorted(entry.flags)), entry.note)
        yield "\t".join(cells).rstrip("\t")
    yield from (f"!{word}" for word in lexicon.allowed)


_NO_FLAGS: frozenset[Flag] = frozenset()

"""What a chat message asks for: text → call, number, or a question back. Pure.

Order of matching: exact word → alias → folded (case, width, traditional) → word and first argument
without a space → contains → pinyin initials, which ask → the nearest three, which ask. A word one slip
away from a longer command is never taken for a shorter one with an argument.
Imports no platform and no store. Key types: `Word`, `Vocabulary`, `Call`, `Pick`, `Unclear`.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from bot.dates import DATE_HEAD

MAX_CHARS = 500
N_NEAREST = 3
_LEAST_SCORE = 34.0  # of 100; below it a suggestion only puzzles
_CHINESE_NUMBERS = {word: number for number, word in enumerate("零一二三四五六七八九十")} | {"两": 2, "〇": 0}
_SEPARATORS = re.compile(r"[\s,、;:]+")
_TRAILING = "。.!?~…｡ \t\n"
_SAYS_NOTHING = (
    "(?:帮我|麻烦|请问|请|我想要?|我要|查一查|查一下|查看|查询|看一下|看一看|看看|一下"
    "|怎么样|怎样|如何|情况|是多少|有哪些|[的吧吗呢啊了])+"
)
_FILLERS = re.compile(f"^{_SAYS_NOTHING}|{_SAYS_NOTHING}$")


@dataclass(frozen=True, slots=True)
class Word:
    """A word by which a command is called: its name or an alias."""

    text: str
    command: str


@dataclass(frozen=True, slots=True)
class Call:
    """A command with its arguments.

    `is_guess` when the word was only contained or abbreviated, `asks` when it is to be confirmed first.
    """

    command: str
    arguments: tuple[str, ...] = ()
    is_guess: bool = False
    asks: bool = False

    @property
    def line(self) -> str:
        """The call as a person would type it."""
        return " ".join((self.command, *self.arguments))


@dataclass(frozen=True, slots=True)
class Pick:
    """A number of the last menu; 0 goes back."""

    number: int


@dataclass(frozen=True, slots=True)
class MainMenu:
    """「#」: the main menu."""


@dataclass(frozen=True, slots=True)
class Unclear:
    """No command; the nearest ones, best first, to ask about."""

    nearest: tuple[Call, ...] = ()


Spoken = Call | Pick | MainMenu | Unclear


class Vocabulary:
    """The words of all commands, folded once."""

    def __init__(self, words: Iterable[Word]) -> None:
        """Fold the words; the longest is tried first where one begins with another."""
        self._commands = {fold(word.text).lower(): word.command for word in words}
        self._longest_first = sorted(self._commands, key=len, reverse=True)

    def understand(self, text: str, permitted: Collection[str]) -> Spoken:
        """Tell what a message asks for.

        Args:
            text: as received.
            permitted: commands that may be guessed at; a word that names another one exactly still
                calls it, so that its refusal can be explained.
        """
        words = split_words(text)
        if not words:
            return Unclear()
        if len(words) == 1:
            if words[0] == "#":
                return MainMenu()
            number = read_number(words[0])
            if number is not None:
                return Pick(number)
        if self._is_mistyped(words[0].lower()):
            return Unclear(_nearest(words, self._known(permitted)))
        return self.find(words) or self._guess(words, permitted)

    def find(self, words: tuple[str, ...]) -> Call | None:
        """Return the call that the first word names: alone, or grown together with an argument or a day."""
        head, rest = words[0].lower(), words[1:]
        command = self._commands.get(head)
        if command is not None:
            return Call(command, rest)
        for word in self._longest_first:
            if head.startswith(word) and _may_grow_together(word, head[len(word) :]):
                return Call(self._commands[word], _arguments(words[0][len(word) :], rest))
        day = DATE_HEAD.match(head)
        if day and (command := self._commands.get(head[day.end() :])):
            return Call(command, (day.group(), *rest))
        return None

    def _is_mistyped(self, head: str) -> bool:
        """Tell whether a word begins with a command but is one slip away from a longer one: 抽查等记."""
        if head in self._commands:
            return False
        for word in self._longest_first:
            if len(word) > 1 and head.startswith(word):
                command = self._commands[word]
                others = [each for each, name in self._commands.items() if name != command]
                return any(each.startswith(word) and _is_near(head, each) for each in others)
        return False

    def _known(self, permitted: Collection[str]) -> dict[str, str]:
        return {word: name for word, name in self._commands.items() if name in permitted}

    def _guess(self, words: tuple[str, ...], permitted: Collection[str]) -> Spoken:
        known = self._known(permitted)
        calls = _containing(words, known) or _abbreviated(words, known)
        if len(calls) == 1:
            return calls[0]
        return Unclear(calls[:N_NEAREST] or _nearest(words, known))


def split_words(text: str) -> tuple[str, ...]:
    """Return the words of a message, cleaned and folded, split at spaces and commas of either width."""
    return tuple(word for word in _SEPARATORS.split(fold(clean(text)).rstrip(_TRAILING)) if word)


def clean(text: str) -> str:
    """Return at most 500 characters without control characters, surrogates and invisible marks."""
    text = text[:MAX_CHARS]
    if text.isprintable():
        return text
    return "".join(_CATEGORY_SUBSTITUTES.get(unicodedata.category(char), char) for char in text)


_CATEGORY_SUBSTITUTES = {"Cc": " ", "Zl": " ", "Zp": " ", "Cf": "", "Cs": "", "Co": ""}


def fold(text: str) -> str:
    """Return text in half width and simplified characters; case is kept, because codes are shown again."""
    if text.isascii():
        return text
    folded: str = _simplifier().convert(unicodedata.normalize("NFKC", text))
    return folded[:MAX_CHARS]


def read_number(word: str) -> int | None:
    """Return the number a word writes in digits of either width or as 一…十, or None."""
    if word.isascii():
        return int(word) if word.isdigit() and len(word) <= 4 else None
    return _CHINESE_NUMBERS.get(word)


def _may_grow_together(word: str, rest: str) -> bool:
    """Tell whether a word may stand before its argument without a space.

    A word of one character begins too many others (群众), so a code or 列出 must follow it.
    """
    return len(word) > 1 or rest[0].isascii() or rest == "列出" or bool(DATE_HEAD.match(rest))


def _arguments(remainder: str, rest: tuple[str, ...]) -> tuple[str, ...]:
    """Return what is left around a command word as an argument, unless it says nothing."""
    remainder = _FILLERS.sub("", remainder)
    return (remainder, *rest) if remainder else rest


def _containing(words: tuple[str, ...], known: dict[str, str]) -> tuple[Call, ...]:
    """Return calls whose word lies in the first word, or the other way round; the longest words win."""
    head = words[0].lower()
    inside = [word for word in known if len(word) > 1 and word in head]
    if inside:
        longest = max(map(len, inside))
        calls = [
            Call(known[word], _around(words, word), is_guess=True) for word in inside if len(word) == longest
        ]
    elif len(head) > 1:
        calls = [Call(name, words[1:], is_guess=True) for word, name in known.items() if head in word]
    else:
        calls = []
    return _one_each(calls)


def _around(words: tuple[str, ...], word: str) -> tuple[str, ...]:
    """Return the arguments before and after a contained word: 海口状态 → 海口, 帮我看看状态 → nothing."""
    start = words[0].lower().index(word)
    before, after = words[0][:start], words[0][start + len(word) :]
    return _arguments(before, _arguments(after, words[1:]))


def _abbreviated(words: tuple[str, ...], known: dict[str, str]) -> tuple[Call, ...]:
    """Return calls whose pinyin initials or full pinyin the first word is."""
    head = words[0].lower()
    if not (head.isascii() and head.isalpha() and len(head) > 1):
        return ()
    found = [name for word, name in known.items() if head in _pinyin(word)]
    return _one_each(Call(name, words[1:], is_guess=True, asks=True) for name in found)


def _nearest(words: tuple[str, ...], known: dict[str, str]) -> tuple[Call, ...]:
    """Return the nearest commands by edit distance of characters or of pinyin, best first."""
    from rapidfuzz.fuzz import ratio

    head = words[0].lower()[:20]
    if not any(char.isalnum() for char in head):
        return ()
    sound = _pinyin(head)[1]
    scored = [(max(ratio(head, word), ratio(sound, _pinyin(word)[1])), name) for word, name in known.items()]
    scored.sort(key=lambda pair: -pair[0])
    return _one_each(Call(name, words[1:]) for score, name in scored if score >= _LEAST_SCORE)[:N_NEAREST]


def _is_near(head: str, word: str) -> bool:
    """Tell whether a word is another with one character changed, missing or too much, or sounds like it."""
    from rapidfuzz.distance import Levenshtein

    return Levenshtein.distance(head, word, score_cutoff=1) <= 1 or _pinyin(head)[1] == _pinyin(word)[1]


def _one_each(calls: Iterable[Call]) -> tuple[Call, ...]:
    """Keep the first call of each command."""
    first: dict[str, Call] = {}
    for call in calls:
        first.setdefault(call.command, call)
    return tuple(first.values())


@lru_cache(maxsize=512)
def _pinyin(word: str) -> tuple[str, str]:
    """Return initials and full pinyin of a word; other characters stay."""
    from pypinyin import Style, lazy_pinyin  # half a second: only when somebody mistypes

    return "".join(lazy_pinyin(word, style=Style.FIRST_LETTER)), "".join(lazy_pinyin(word))


@cache
def _simplifier() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")

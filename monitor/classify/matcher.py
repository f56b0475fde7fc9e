"""Looks for the words of lexicons in a text and keeps those that stand there as words.

A hit is dropped inside an allowed span, next to Latin letters that make it part of another word, and, if it
is short, where it begins or ends inside a word of the sentence (路口交通). Key types: `Matcher`, `Keep`;
`find_hits` asks several matchers.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum, auto
from itertools import accumulate
from typing import NamedTuple

from monitor.classify.characters import Step
from monitor.classify.lexicon import Entry, Flag, Lexicon
from monitor.classify.needles import Found, Needles
from monitor.classify.normalise import PLAIN_STEPS, fold_characters
from monitor.classify.shapes import DIGIT, HAN, LETTER, shape_of
from monitor.classify.verdicts import Hit, Severity
from monitor.classify.words import Words

_SHORT = 2  # characters: such a word is often part of two others


class Keep(Enum):
    """Which of several hits at one place are kept."""

    ALL = auto()
    WIDEST = auto()  # none inside another of the same category
    LEFTMOST_LONGEST = auto()
    LEFTMOST_SHORTEST = auto()


class Matcher:
    """The words of several lexicons. Immutable; safe to share between threads."""

    def __init__(self, lexicons: Iterable[Lexicon], *, fillers: str = "") -> None:
        """Build the automata: one set for each set of steps that a lexicon asks for."""
        by_steps: dict[frozenset[Step], tuple[list[Entry], list[str]]] = {}
        for lexicon in lexicons:
            entries, allowed = by_steps.setdefault(lexicon.steps, ([], []))
            entries += lexicon.entries
            allowed += lexicon.allowed
        self._groups = [
            _Group(entries, Needles([entry.word for entry in entries] + allowed, entries, steps, fillers))
            for steps, (entries, allowed) in by_steps.items()
        ]

    def find(self, text: str, words: Words | None = None, keep: Keep = Keep.ALL) -> tuple[Hit, ...]:
        """Return the hits of this matcher alone, see `find_hits`."""
        return find_hits((self,), text, words, keep)

    def search(self, text: str) -> "Iterator[tuple[Sequence[Entry], list[Found]]]":
        """Yield the entries of each group with what was found of them and of the allowed spans."""
        for group in self._groups:
            found = list(group.needles.find(text))
            if found:
                yield group.entries, found


def find_hits(
    matchers: Iterable[Matcher], text: str, words: Words | None = None, keep: Keep = Keep.ALL
) -> tuple[Hit, ...]:
    """Return the hits of several matchers in the order of the text; what one allows none of them hits.

    Args:
        words: the text cut into words; without them short words are not held against word borders.
    """
    searches = [search for matcher in matchers for search in matcher.search(text)]
    if not searches:
        return ()
    allowed = _Spans(
        (start, end) for entries, found in searches for start, end, word, _ in found if word >= len(entries)
    )
    hits = [hit for entries, found in searches for hit in _hits_of(entries, found, allowed, text, words)]
    hits.sort(key=lambda hit: (hit.start, hit.end))
    return tuple(_keep(hits, keep))


class _Group(NamedTuple):
    entries: Sequence[Entry]
    needles: Needles


def _hits_of(
    entries: Sequence[Entry], found: Iterable[Found], allowed: "_Spans", text: str, words: Words | None
) -> Iterator[Hit]:
    for start, end, word, is_written in _widest(item for item in found if item.word < len(entries)):
        entry = entries[word]
        if (
            not allowed.cover(start, end)
            and _stands_free(entry, text, start, end)
            and _is_one_word(entry, text[start:end], is_written)
            and (words is None or _fits_sentence(entry, words, start, end, is_written))
        ):
            severity = entry.severity if is_written else min(entry.severity, Severity.REVIEW)
            yield Hit(entry.word, start, end, entry.category, severity)


def _widest(found: Iterable[Found]) -> Iterator[Found]:
    """Of one word found at one place in several ways, keep the widest."""
    last_word, last_end = -1, -1
    for item in sorted(found, key=lambda item: (item.word, item.start, -item.end, not item.is_written)):
        if item.word != last_word or item.end > last_end:
            yield item
            last_word, last_end = item.word, item.end


class _Spans:
    """Answers whether a span lies inside one of many, in logarithmic time."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        ordered = sorted(spans)
        self._starts = [start for start, _ in ordered]
        self._furthest = list(accumulate((end for _, end in ordered), max))

    def cover(self, start: int, end: int) -> bool:
        place = bisect_right(self._starts, start) - 1
        return place >= 0 and self._furthest[place] >= end


def _stands_free(entry: Entry, text: str, start: int, end: int) -> bool:
    """Tell whether no letter stands next to a Latin edge of the word, and no digit where that matters."""
    if Flag.INSIDE in entry.flags:
        return True
    word = text[start:end] if Flag.PATTERN in entry.flags else entry.word
    barred = (LETTER, DIGIT) if Flag.NUMBER in entry.flags else (LETTER,)
    return not (
        (_needs_border(entry, word[0]) and start > 0 and _shape(text[start - 1]) in barred)
        or (_needs_border(entry, word[-1]) and end < len(text) and _shape(text[end]) in barred)
    )


def _needs_border(entry: Entry, edge: str) -> bool:
    shape = shape_of(edge)
    return shape != HAN and (shape != DIGIT or Flag.NUMBER in entry.flags)


def _shape(character: str) -> str:
    folded = fold_characters(character, PLAIN_STEPS - {Step.DIGITS}).text
    return shape_of(folded[0]) if folded else ""


def _is_one_word(entry: Entry, surface: str, is_written: bool) -> bool:
    """Tell whether a Latin word is written in one piece or in single letters, not across other words."""
    if not is_written or any(character.isspace() for character in entry.word):
        return True
    pieces = surface.split()
    return len(pieces) == 1 or not entry.word.isascii() or max(map(len, pieces)) == 1


def _fits_sentence(entry: Entry, words: Words, start: int, end: int, is_written: bool) -> bool:
    if Flag.PART in entry.flags:
        return True
    if not is_written:
        # what merely sounds like the word must not be ordinary words of the sentence
        return not words.any_overlaps(start, end)
    if Flag.WORD in entry.flags or (len(entry.word) <= _SHORT and shape_of(entry.word[0]) == HAN):
        return not words.any_crosses(start, end)
    return True


def _keep(hits: list[Hit], keep: Keep) -> list[Hit]:
    if keep is Keep.ALL or len(hits) < 2:
        return hits
    if keep is Keep.WIDEST:
        return _widest_hits(hits)
    return _leftmost(hits, -1 if keep is Keep.LEFTMOST_LONGEST else 1)


def _widest_hits(hits: list[Hit]) -> list[Hit]:
    kept: list[Hit] = []
    ends: dict[str, int] = {}
    for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end, -hit.severity)):
        if hit.end > ends.get(hit.category, -1):
            kept.append(hit)
            ends[hit.category] = hit.end
    return kept


def _leftmost(hits: list[Hit], sign: int) -> list[Hit]:
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda hit: (hit.start, sign * hit.end)):
        if not kept or hit.start >= kept[-1].end:
            kept.append(hit)
    return kept

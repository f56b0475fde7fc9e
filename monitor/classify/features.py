"""Turns a text into the numbers a linear model reads: hashed n-grams of characters, words and sounds.

Nothing is looked up in a vocabulary: each n-gram is hashed into one of `N_BUCKETS` columns, so models
stay small and learn words that were unknown when they were shipped. Imports numpy and the table of sounds.
Key types: `Features`; `extract` is the way in.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

HASH_BITS = 18
N_BUCKETS = 1 << HASH_BITS
FEATURES_VERSION = 1
"""Changes with anything that moves a column; weights of another version are refused."""

_SOUNDS = Path(__file__).parent / "tables" / "pinyin.txt"
_MOST_CHARACTERS = 2_000  # read of one text: a post is shorter, an article says by then what it is
_FIRST, _SECOND, _THIRD, _WORD = (np.uint32(odd) for odd in (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F))
_SALTS = tuple(
    np.uint32(salt) for salt in (0x3C6EF372, 0x1B873593, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB)
)
_MARKS = np.array([0, 1 << HASH_BITS, 2 << HASH_BITS], np.uint32)  # keep the blocks apart while sorting
_POWERS = np.cumprod(np.full(64, 0x01000193, np.uint32), dtype=np.uint32)
_LATIN_RUN = re.compile("[a-z]+")

Columns = NDArray[np.int64]


class Features(NamedTuple):
    """Columns of one text without repeats, in blocks that are scaled apart.

    `blocks` are (start, end) in `columns`: characters, words, sounds; an empty block has start == end.
    """

    columns: Columns
    blocks: tuple[tuple[int, int], ...]


def extract(text: str, words: Sequence[str]) -> Features:
    """Return the columns of a normalised text and of its words.

    Args:
        text: as `normalise(original, MODEL_STEPS).text` returns it.
        words: the same text cut by the segmenter.
    """
    read = text[:_MOST_CHARACTERS]
    hashes = (_character_hashes(read), _word_hashes(words[:_MOST_CHARACTERS]), _sound_hashes(read))
    mixed = np.sort(np.concatenate([_mix(each) | mark for each, mark in zip(hashes, _MARKS, strict=True)]))
    if len(mixed):
        mixed = mixed[np.concatenate(([True], mixed[1:] != mixed[:-1]))]
    second, third = np.searchsorted(mixed, _MARKS[1:]).tolist()
    columns = (mixed & np.uint32(N_BUCKETS - 1)).astype(np.int64)
    return Features(columns, ((0, second), (second, third), (third, len(columns))))


def _mix(hashes: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Spread hashes over the columns; neighbouring code points must not fall side by side."""
    hashes = (hashes ^ (hashes >> np.uint32(15))) * np.uint32(0x2C1B3C6D)
    hashes = (hashes ^ (hashes >> np.uint32(12))) * np.uint32(0x297A2D39)
    return hashes >> np.uint32(32 - HASH_BITS)


def column_names(text: str, words: Sequence[str]) -> dict[int, str]:
    """Return what stands behind the columns of a text, to explain a verdict: words before n-grams."""
    read = text[:_MOST_CHARACTERS]
    grams = [read[i : i + n] for n in (1, 2, 3) for i in range(len(read) - n + 1)]
    names = dict(zip(_mix(_character_hashes(read)).tolist(), grams, strict=True))
    return names | dict(zip(_mix(_word_hashes(words)).tolist(), words, strict=True))


def _code_points(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def _character_hashes(text: str) -> NDArray[np.uint32]:
    codes = _code_points(text)
    ones = codes * _FIRST
    twos = ones[:-1] + codes[1:] * _SECOND
    threes = twos[:-1] + codes[2:] * _THIRD
    return np.concatenate((ones + _SALTS[0], twos + _SALTS[1], threes + _SALTS[2]))


def _word_hashes(words: Sequence[str]) -> NDArray[np.uint32]:
    if not words:
        return np.empty(0, np.uint32)
    codes = _code_points("".join(words))
    lengths = np.fromiter(map(len, words), np.int64, len(words))
    ends = np.cumsum(lengths)
    starts = ends - lengths
    offsets = np.arange(len(codes)) - np.repeat(starts, lengths)
    terms = (codes * _WORD) * _POWERS[offsets & 63]
    return np.add.reduceat(terms, starts).astype(np.uint32) + _SALTS[3]


def _sound_hashes(text: str) -> NDArray[np.uint32]:
    """Hash pairs and triples of syllables: 傻逼, 沙比 and shabi sound alike."""
    sounds = _sounds_of(text)
    ones = sounds * _FIRST
    twos = ones[:-1] + sounds[1:] * _SECOND
    threes = twos[:-1] + sounds[2:] * _THIRD
    return np.concatenate((twos + _SALTS[4], threes + _SALTS[5]))


def _sounds_of(text: str) -> NDArray[np.uint32]:
    """Return one number per syllable; what has no sound (digits, punctuation) breaks nothing up."""
    table, syllables = sound_tables()
    if not text.isascii() and not _LATIN_RUN.search(text):
        return _han_sounds(table, text)
    parts: list[NDArray[np.uint32]] = []
    done = 0
    for run in _LATIN_RUN.finditer(text):
        parts.append(_han_sounds(table, text[done : run.start()]))
        parts.append(np.array([syllables[each] for each in spell(run[0])], np.uint32))
        done = run.end()
    parts.append(_han_sounds(table, text[done:]))
    return np.concatenate(parts)


def _han_sounds(table: NDArray[np.uint16], text: str) -> NDArray[np.uint32]:
    codes = _code_points(text)
    found = table[np.minimum(codes, np.uint32(0xFFFF))]
    return found[found > 0].astype(np.uint32)


@lru_cache(maxsize=1)
def sound_tables() -> tuple[NDArray[np.uint16], dict[str, int]]:
    """Return syllable numbers by code point of the basic plane (0 = none), and by spelling."""
    by_code = np.zeros(0x10000, np.uint16)
    by_spelling: dict[str, int] = {}
    for line in _SOUNDS.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            spelling, characters = line.split(" ", 1)
            number = by_spelling.setdefault(spelling, len(by_spelling) + 1)
            for character in characters.strip():
                by_code[ord(character)] = number
    return by_code, by_spelling


@lru_cache(maxsize=4096)
def spell(run: str) -> tuple[str, ...]:
    """Cut a run of Latin letters into syllables of pinyin, longest first; () if it is none."""
    _, syllables = sound_tables()
    if not run:
        return ()
    if run in syllables and len(run) > 1:
        return (run,)
    for length in range(min(6, len(run) - 1), 1, -1):
        if run[:length] in syllables and (rest := spell(run[length:])):
            return (run[:length], *rest)
    return ()

"""Turns a text into the numbers a linear model reads: hashed n-grams of characters, words and sounds.

Nothing is looked up in a vocabulary: each n-gram is hashed into one of `N_BUCKETS` columns, so models
stay small and learn words that were unknown when they were shipped. Imports numpy and the table of sounds.
Key types: `Features`; `extract` is the way in.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

HASH_BITS = 18
N_BUCKETS = 1 << HASH_BITS
FEATURES_VERSION = 1
"""Changes with anything that moves a column; weights of another version are refused."""

_SOUNDS = Path(__file__).parent / "tables" / "pinyin.txt"
MOST_CHARACTERS = 2_000  # read of one text: a post is shorter, an article says by then what it is
_MOST_WORDS = 20_000  # remembered: some 3 MB
_FIRST, _SECOND, _THIRD = (np.uint32(odd) for odd in (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D))
_CHARACTER_SALTS = tuple(np.uint32(salt) for salt in (0x3C6EF372, 0x1B873593, 0xA54FF53A))
_SOUND_SALTS = tuple(np.uint32(salt) for salt in (0, 0x9B05688C, 0x1F83D9AB))
_WORD, _WORD_SALT = 0x27D4EB2F, 0x510E527F
_POWERS = [pow(0x01000193, n + 1, 1 << 32) for n in range(64)]
_WORD_MARK = 1 << HASH_BITS  # marks keep the blocks apart while sorting
_SOUND_MARK = np.uint32(2 << HASH_BITS)
_MARKS = np.array([_WORD_MARK, _SOUND_MARK], np.uint32)
_COLUMN = np.uint32(N_BUCKETS - 1)
_LATIN_RUN = re.compile("[a-z]+")

Columns = NDArray[np.int64]
Hashes = NDArray[np.uint32]


class Features(NamedTuple):
    """Columns of one text without repeats, in blocks that are scaled apart.

    `blocks` are (start, end) in `columns`: characters, words, sounds; an empty block has start == end.
    """

    columns: Columns
    blocks: tuple[tuple[int, int], ...]


class ManyFeatures(NamedTuple):
    """Columns of many texts one after the other; `lengths` has a row a text with the length of each block."""

    columns: Columns
    lengths: Columns  # texts × blocks


def extract(text: str, words: Sequence[str]) -> Features:
    """Return the columns of a normalised text and of its words.

    Args:
        text: as `normalise(original, MODEL_STEPS).text` returns it.
        words: the same text cut by the segmenter.
    """
    read = text[:MOST_CHARACTERS]
    sounds = _runs(_sounds_of(read), _SOUND_SALTS)[1:]  # pairs and triples: 傻逼, 沙比 and shabi sound alike
    characters = _runs(_code_points(read), _CHARACTER_SALTS)
    grams = _mix(np.concatenate((*characters, *sounds)))
    grams[sum(map(len, characters)) :] |= _SOUND_MARK
    named = np.fromiter(map(_WORDS.__getitem__, words[:MOST_CHARACTERS]), np.uint32)
    mixed = _unique(np.concatenate((grams, named)))
    second, third = mixed.searchsorted(_MARKS).tolist()
    columns = (mixed & _COLUMN).astype(np.int64)
    return Features(columns, ((0, second), (second, third), (third, len(columns))))


def extract_many(texts: Sequence[str], words: Sequence[Sequence[str]]) -> ManyFeatures:
    """Return the columns of many texts at once, those that `extract` gives each; far cheaper.

    Args:
        texts: at most 4,096, so that a number of text, block and column fits into 32 bits.
    """
    read = [text[:MOST_CHARACTERS] for text in texts]
    sounds = [_sounds_of(text) for text in read]
    cut = [each[:MOST_CHARACTERS] for each in words]
    grams, texts_of = _many_runs(_code_points("".join(read)), list(map(len, read)), _CHARACTER_SALTS, 0)
    sounding, texts_of_sounds = _many_runs(np.concatenate(sounds), list(map(len, sounds)), _SOUND_SALTS, 1)
    named = np.fromiter(map(_WORDS.__getitem__, chain.from_iterable(cut)), np.uint32)
    texts_of_words = np.repeat(np.arange(len(cut), dtype=np.uint32), list(map(len, cut)))
    places = np.concatenate((texts_of, texts_of_sounds, texts_of_words))
    mixed = np.concatenate((_mix(grams), _mix(sounding) | _SOUND_MARK, named))
    mixed = _unique(mixed | places << np.uint32(HASH_BITS + 2))
    columns = (mixed & _COLUMN).astype(np.int64)
    blocks = mixed >> np.uint32(HASH_BITS)
    return ManyFeatures(columns, np.bincount(blocks, minlength=4 * len(read)).reshape(-1, 4)[:, :3])


def _unique(hashes: Hashes) -> Hashes:
    """Return hashes in order and once each; they are sorted in place."""
    hashes.sort()
    is_new = np.ones(len(hashes), np.bool_)
    np.not_equal(hashes[1:], hashes[:-1], out=is_new[1:])
    return np.asarray(hashes[is_new], np.uint32)


def _many_runs(
    values: Hashes, lengths: Sequence[int], salts: Sequence[np.uint32], shortest: int
) -> tuple[Hashes, Hashes]:
    """Return the hashes of runs inside each of several texts, and which text each belongs to."""
    text_of = np.repeat(np.arange(len(lengths), dtype=np.uint32), lengths)
    is_inside = [text_of[: max(len(values) - n, 0)] == text_of[n:] for n in range(3)]
    found = [hashes[inside] for hashes, inside in zip(_runs(values, salts), is_inside, strict=True)]
    owners = [text_of[: len(inside)][inside] for inside in is_inside]
    return np.concatenate(found[shortest:]), np.concatenate(owners[shortest:])


def _runs(values: Hashes, salts: Sequence[np.uint32]) -> tuple[Hashes, Hashes, Hashes]:
    """Return the hashes of runs of one, two and three values."""
    ones = values * _FIRST
    twos = ones[:-1] + values[1:] * _SECOND
    threes = twos[:-1] + values[2:] * _THIRD
    return ones + salts[0], twos + salts[1], threes + salts[2]


def _mix(hashes: Hashes) -> Hashes:
    """Spread hashes over the columns; neighbouring code points must not fall side by side."""
    hashes = (hashes ^ (hashes >> np.uint32(15))) * np.uint32(0x2C1B3C6D)
    hashes = (hashes ^ (hashes >> np.uint32(12))) * np.uint32(0x297A2D39)
    return hashes >> np.uint32(32 - HASH_BITS)


class _Words(dict[str, int]):
    """The mixed hash of every word, worked out when it is first met: most words come again."""

    def __missing__(self, word: str) -> int:
        if len(self) >= _MOST_WORDS:
            self.clear()
        total = sum(
            code * _WORD * _POWERS[place & 63] for place, code in enumerate(_code_points(word).tolist())
        )
        salted = np.array([(total + _WORD_SALT) & 0xFFFFFFFF], np.uint32)
        self[word] = mixed = int(_mix(salted)[0]) | _WORD_MARK
        return mixed


_WORDS = _Words()


def column_names(text: str, words: Sequence[str]) -> dict[int, str]:
    """Return what stands behind the columns of a text, to explain a verdict: words before n-grams."""
    read = text[:MOST_CHARACTERS]
    grams = [read[i : i + n] for n in (1, 2, 3) for i in range(len(read) - n + 1)]
    hashes = _mix(np.concatenate(_runs(_code_points(read), _CHARACTER_SALTS)))
    names = dict(zip(hashes.tolist(), grams, strict=True))
    return names | {_WORDS[word] & (N_BUCKETS - 1): word for word in words}


def _code_points(text: str) -> Hashes:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def _sounds_of(text: str) -> Hashes:
    """Return one number per syllable; what has no sound (digits, punctuation) breaks nothing up."""
    table, syllables = sound_tables()
    if not _LATIN_RUN.search(text):
        return _han_sounds(table, text)
    parts: list[Hashes] = []
    done = 0
    for run in _LATIN_RUN.finditer(text):
        parts.append(_han_sounds(table, text[done : run.start()]))
        parts.append(np.array([syllables[each] for each in spell(run[0])], np.uint32))
        done = run.end()
    parts.append(_han_sounds(table, text[done:]))
    return np.concatenate(parts)


def _han_sounds(table: Hashes, text: str) -> Hashes:
    found = table.take(_code_points(text), mode="clip")  # beyond the basic plane nothing has a sound
    return np.asarray(found[found != 0], np.uint32)


@lru_cache(maxsize=1)
def sound_tables() -> tuple[Hashes, dict[str, int]]:
    """Return syllable numbers by code point of the basic plane (0 = none), and by spelling."""
    by_code = np.zeros(0x10000, np.uint32)
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

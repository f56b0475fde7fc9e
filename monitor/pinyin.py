"""Pinyin initials (拼音首字母) of names, for search: 「鹭川团市委」 is found by "lctsw" or "lc".

A character may have several readings (多音字): 「重庆」 is found by "cq", as its word is read, and by "zq",
as people type who go by the character.
"""

from functools import lru_cache
from itertools import islice, product

MOST_READINGS = 8  # of a name that are kept; the one of its words comes first

_ONE_READING = frozenset("团委省市县区镇乡街道村社大学院校系班支部工作群青年")
"""Words of units' names: dictionaries give some of them ancient readings that would crowd out real ones."""


def initials(name: str) -> str:
    """Return the initials of a name as its words are read, lower case.

    Characters without pinyin stand for themselves.
    """
    from pypinyin import Style, lazy_pinyin  # half a second: only when somebody searches by initials

    return "".join(lazy_pinyin(name, style=Style.FIRST_LETTER)).lower()


def all_initials(name: str) -> str:
    """Return all likely initials of a name, one after a space for each further reading; at most 8."""
    of_words = initials(name)
    of_characters = map("".join, islice(product(*map(_readings, name)), MOST_READINGS))
    return " ".join(dict.fromkeys((of_words, *of_characters)))


def has_initials(name: str, wanted: str) -> bool:
    """Tell whether the initials of a name begin with a text in any of its readings."""
    if len(wanted) > len(name):
        return False
    return all(letter in _readings(character) for letter, character in zip(wanted, name, strict=False))


@lru_cache(maxsize=16_384)
def _readings(character: str) -> tuple[str, ...]:
    """Return the first letters a character may be read with, the usual one first."""
    from pypinyin import Style, pinyin

    has_many = character not in _ONE_READING
    found = pinyin(character, style=Style.FIRST_LETTER, heteronym=has_many)[0]
    return tuple(dict.fromkeys(letter.lower() for letter in found))

"""Folds spellings together before words are looked for: width, case, script, invisible characters."""

import re
import unicodedata
from functools import lru_cache
from typing import Any

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")


def fold(text: str) -> str:
    """Return text in simplified characters, half width and lower case, without invisible characters."""
    if text.isascii():
        return text.lower()
    folded = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text).lower())
    # most texts hold no traditional character: a set look-up is a fifth of a conversion
    return folded if _traditional().isdisjoint(folded) else str(_to_simplified().convert(folded))


@lru_cache(maxsize=1)
def _to_simplified() -> Any:
    import opencc  # loads its dictionaries: only where text is folded

    return opencc.OpenCC("t2s")


@lru_cache(maxsize=1)
def _traditional() -> frozenset[str]:
    """Return every character that the conversion changes when it stands alone."""
    ideographs = [chr(code) for code in (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000))]
    convert = _to_simplified().convert
    return frozenset(character for character in ideographs if convert(character) != character)

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
    folded = unicodedata.normalize("NFKC", text).lower()
    return str(_to_simplified().convert(_INVISIBLE.sub("", folded)))


@lru_cache(maxsize=1)
def _to_simplified() -> Any:
    import opencc  # loads its dictionaries: only where text is folded

    return opencc.OpenCC("t2s")

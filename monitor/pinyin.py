"""Pinyin initials (拼音首字母) of names, for search: 「鹭川团市委」 is found by "lctsw" or "lc"."""

from functools import lru_cache


def initials(name: str) -> str:
    """Return the initials of a name, lower case; characters without pinyin stand for themselves.

    One reading per character: names are searched by what people type first, not by context.
    """
    return "".join(map(_initial, name))


@lru_cache(maxsize=16_384)
def _initial(character: str) -> str:
    from pypinyin import Style, lazy_pinyin  # half a second: only when somebody searches by initials

    return lazy_pinyin(character, style=Style.FIRST_LETTER)[0].lower()

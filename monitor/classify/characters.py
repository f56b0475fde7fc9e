"""What one character stands for: width, case, script, style of letters and digits, look-alikes.

Everything here looks at a single character, so that a text is folded by `str.translate` and offsets follow.
Key types: `Step`, `FoldTable`.
"""

import unicodedata
from enum import StrEnum
from functools import lru_cache
from typing import Any

LONE_SURROGATE = "\ufffd"
_HAN_DIGITS = {
    **dict(zip("零一二三四五六七八九", "0123456789", strict=True)),
    **dict(zip("〇壹贰叁肆伍陆柒捌玖", "0123456789", strict=True)),
}
# lower-case Cyrillic and Greek letters that read as a Latin one
_LOOKALIKES = {
    **dict(zip("аеорсухіјѕԁһӏвнмтк", "aeopcyxijsdhlbhmtk", strict=True)),
    **dict(zip("ανορειικτυχβη", "avopeiiktuxbn", strict=True)),
}
_KEPT_CONTROLS = "\t\n\r"
_LETTER_NAMES = ("NEGATIVE CIRCLED LATIN", "NEGATIVE SQUARED LATIN", "LATIN LETTER SMALL CAPITAL")


class Step(StrEnum):
    """A spelling that can be folded away; each can be switched off for a category of words."""

    WIDTH = "width"  # NFKC: full width, circled, mathematical letters
    CASE = "case"
    SIMPLIFIED = "simplified"  # traditional characters
    INVISIBLE = "invisible"  # zero width, control characters, combining marks
    LOOKALIKES = "lookalikes"  # Cyrillic and Greek letters, letters with accents
    DIGITS = "digits"  # ⓿ 二 肆 ⁹ ₈ ③ are digits
    FILLERS = "fillers"  # 傻@逼
    SPACES = "spaces"  # 傻 逼
    REPEATS = "repeats"  # 傻傻逼逼
    SPLITS = "splits"  # 氵去 is 法
    PINYIN = "pinyin"  # only for words that ask for it


class FoldTable(dict[int, str]):
    """A table for `str.translate` that learns each character when it first sees it."""

    def __init__(self, steps: frozenset[Step]) -> None:
        """Start empty."""
        super().__init__()
        self._steps = steps
        self.irregular: set[str] = set()
        """Characters met that fold to none or to several: after them offsets shift."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        folded = self._fold(character)
        if len(folded) != 1:
            self.irregular.add(character)
        self[code] = folded
        return folded

    def _fold(self, character: str) -> str:
        if unicodedata.category(character) == "Cs":
            return LONE_SURROGATE  # nothing below could be encoded with it
        if Step.INVISIBLE in self._steps and _is_invisible(character):
            return ""
        folded = character
        if Step.DIGITS in self._steps:
            folded = _digit(character) or folded
        if Step.WIDTH in self._steps and not folded.isascii():
            folded = _narrow(folded)
        if Step.CASE in self._steps:
            folded = folded.lower()
        if Step.SIMPLIFIED in self._steps and not folded.isascii():
            folded = str(_to_simplified().convert(folded))
        if Step.DIGITS in self._steps:
            folded = _HAN_DIGITS.get(folded, folded)
        if Step.LOOKALIKES in self._steps and not folded.isascii():
            folded = "".join(map(_latin, folded))
        return folded


def _is_invisible(character: str) -> bool:
    kind = unicodedata.category(character)
    # Hangul fillers and the Braille blank are letters and symbols that show nothing
    return kind in ("Cf", "Mn", "Me") or (kind == "Cc" and character not in _KEPT_CONTROLS) or (
        character in "\u115f\u1160\u3164\uffa0\u2800"
    )  # fmt: skip


def _digit(character: str) -> str:
    if _is_han(character):
        return ""  # 两 and 伍 have a numeric value too: those that count as digits are listed above
    value = unicodedata.numeric(character, -1.0)
    return str(int(value)) if value in range(10) else ""


def _is_han(character: str) -> bool:
    return "\u3400" <= character <= "\u9fff" or "\U00020000" <= character <= "\U0003ffff"


def _narrow(character: str) -> str:
    folded = unicodedata.normalize("NFKC", character)
    if len(folded) == 3 and folded[0] == "(" and folded[2] == ")":
        return folded[1]  # ⒦ is "(k)"
    name = unicodedata.name(character, "")
    return name[-1] if name.startswith(_LETTER_NAMES) and name[-2:-1] == " " else folded


def _latin(character: str) -> str:
    if character in _LOOKALIKES:
        return _LOOKALIKES[character]
    base = unicodedata.normalize("NFD", character)[0]
    return base if base.isascii() and base.isalpha() else _LOOKALIKES.get(base, character)


@lru_cache(maxsize=1)
def _to_simplified() -> Any:
    import opencc  # loads its dictionaries: only where a character is folded that needs them

    return opencc.OpenCC("t2s")

"""Properties of a text's shape that evaders leave behind: mixed scripts, letters set apart."""

import re
import unicodedata

_WORD = re.compile(r"\w+")
_FEWEST_PIECES = 5
_SINGLES_RATIO = 0.5


def count_mixed_words(text: str) -> int:
    """Count the words whose letters come from more than one alphabet; Han characters are none."""
    return sum(
        len({_script(letter) for letter in word if _script(letter)}) > 1 for word in _WORD.findall(text)
    )


def has_abnormal_spacing(text: str) -> bool:
    """Tell whether most pieces between blanks are single characters."""
    pieces = [piece.strip("，。,.!?！？") for piece in text.split()]
    singles = sum(len(piece) == 1 for piece in pieces)
    return len(pieces) >= _FEWEST_PIECES and singles > _SINGLES_RATIO * len(pieces)


def _script(letter: str) -> str:
    if not letter.isalpha() or unicodedata.category(letter) == "Lo":
        return ""
    script = unicodedata.name(letter, "").partition(" ")[0]
    return "LATIN" if script in ("FULLWIDTH", "MODIFIER") else script

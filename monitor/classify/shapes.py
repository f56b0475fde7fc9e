"""Of which kind a character is, as one letter, so that patterns over kinds are short and fast."""

import unicodedata

HAN, LETTER, DIGIT, FILLER, SPACE, BREAK = "hldfsb"
WORD_SHAPES = HAN + LETTER + DIGIT
# punctuation that ends a thought: words do not run across it
_BREAKS = frozenset("。，！？；：、,!?;\n\r\u2028\u2029")


class ShapeTable(dict[int, str]):
    """A table for `str.translate` from characters to kinds, learning each when it first sees it."""

    def __init__(self, most: int) -> None:
        """Start empty; more than `most` characters are not remembered."""
        super().__init__()
        self._most = most

    def __missing__(self, code: int) -> str:
        shape = shape_of(chr(code))
        if len(self) < self._most:
            self[code] = shape
        return shape


def shape_of(character: str) -> str:
    """Return the kind of one character."""
    if "\u4e00" <= character <= "\u9fff" or "\u3400" <= character <= "\u4dbf" or character >= "\U00020000":
        return HAN
    if character.isdigit():
        return DIGIT
    if character.isalpha():
        return LETTER if unicodedata.category(character) != "Lo" else HAN
    if character in _BREAKS:
        return BREAK
    return SPACE if character.isspace() else FILLER

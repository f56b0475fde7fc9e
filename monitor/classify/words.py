"""A text cut into words, at most once and only when somebody asks.

Key type: `Words`; the segmenter is a port, so that jieba and rjieba can stand in for each other.
"""

from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from typing import Protocol

from monitor.classify.normalise import MODEL_STEPS, Normalised, normalise
from monitor.classify.shapes import HAN, shape_of


class Cutter(Protocol):
    """Cuts a text into words; joined they are the text again."""

    def cut(self, text: str) -> list[str]:
        """Return the words of a text, blanks and punctuation among them."""
        ...


class Words:
    """The words of one text, with their places in the original."""

    def __init__(self, original: str, cutter: Cutter) -> None:
        """Remember the text; nothing is cut yet."""
        self._original, self._cutter = original, cutter

    @cached_property
    def folded(self) -> Normalised:
        """The text as models read it."""
        return normalise(self._original, MODEL_STEPS)

    @cached_property
    def tokens(self) -> Sequence[str]:
        """The words of `folded.text`."""
        return self._cutter.cut(self.folded.text)

    @cached_property
    def _long_words(self) -> tuple[list[int], list[int]]:
        """Starts and ends, in the original, of the words of two Han characters and more."""
        starts: list[int] = []
        ends: list[int] = []
        place = 0
        for token in self.tokens:
            if len(token) > 1 and shape_of(token[0]) == HAN:
                start, end = self.folded.original_span(place, place + len(token))
                starts.append(start)
                ends.append(end)
            place += len(token)
        return starts, ends

    def any_crosses(self, start: int, end: int) -> bool:
        """Tell whether a span begins or ends inside a word of the sentence: 路|口 交|通, 共|产 党|员.

        One that is the beginning or the end of a longer word is a word itself: 吸毒|者.
        """
        starts, ends = self._long_words
        first = bisect_right(ends, start)
        return any(
            (starts[n] < start < ends[n] != end) or (start < starts[n] < end < ends[n])
            for n in range(first, bisect_right(starts, end - 1))
        )

    def any_overlaps(self, start: int, end: int) -> bool:
        """Tell whether a word of two characters or more shares a character with a span."""
        starts, ends = self._long_words
        return bisect_right(starts, end - 1) > bisect_right(ends, start)

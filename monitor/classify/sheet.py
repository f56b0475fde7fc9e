"""Many texts written one under the other, so that words are looked for and cut in one pass.

The border between two texts ends whatever could run across it: words, gaps, patterns. Key type: `Sheet`.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import accumulate

from monitor.classify.matcher import Keep, Matcher, find_hits
from monitor.classify.normalise import Normalised
from monitor.classify.verdicts import Hit
from monitor.classify.words import Cutter, Words

_BORDER = "。\n"  # the first ends a thought, the second what a `.` of a pattern reaches


class Sheet:
    """Texts, ready to be judged together."""

    def __init__(self, texts: Sequence[str], cutter: Cutter) -> None:
        """Write them down; nothing is looked for yet."""
        self._original = _BORDER.join(texts)
        self._words = Words(self._original, cutter)
        self._starts = list(accumulate((len(text) + len(_BORDER) for text in texts), initial=0))
        folded = self._words.folded
        self._folded_starts = [bisect_left(folded.starts, start) for start in self._starts[:-1]]
        self._folded_starts.append(len(folded.text) + len(_BORDER))

    def hits(self, matchers: Iterable[Matcher]) -> list[list[Hit]]:
        """Return what `find_hits` finds in each text."""
        found: list[list[Hit]] = [[] for _ in self._starts[1:]]
        for hit in find_hits(matchers, self._original, self._words, Keep.WIDEST):
            place = bisect_right(self._starts, hit.start) - 1
            start = self._starts[place]
            found[place].append(replace(hit, start=hit.start - start, end=hit.end - start))
        return found

    def folded(self) -> list[Normalised]:
        """Return each text as models read it."""
        whole, is_shifted = self._words.folded, not isinstance(self._words.folded.starts, range)
        texts: list[Normalised] = []
        for offset, start, after in zip(
            self._starts, self._folded_starts, self._folded_starts[1:], strict=False
        ):
            end = after - len(_BORDER)
            starts: Sequence[int] = range(end - start)
            ends: Sequence[int] = range(1, end - start + 1)
            if is_shifted:
                starts = [place - offset for place in whole.starts[start:end]]
                ends = [place - offset for place in whole.ends[start:end]]
            texts.append(Normalised(whole.text[start:end], starts, ends))
        return texts

    def tokens(self) -> list[list[str]]:
        """Return the words of each text."""
        cut: list[list[str]] = []
        place, borders = 0, iter(self._folded_starts[1:])
        words: list[str] = []
        border = next(borders)
        for word in self._words.tokens:
            if place == border:
                cut.append(words[:-2])  # without the border
                words, border = [], next(borders)
            words.append(word)
            place += len(word)
        return [*cut, words]

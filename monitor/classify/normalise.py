"""Folds the many spellings of a text into one, and knows where every character came from.

Key types: `Normalised`, `normalise`; the steps are in `monitor.classify.characters`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from monitor.classify.characters import FoldTable, Step
from monitor.classify.shapes import FILLER, SPACE, WORD_SHAPES, ShapeTable
from monitor.classify.splits import join_splits

ALL_STEPS = frozenset(Step)
PLAIN_STEPS = frozenset(
    (Step.WIDTH, Step.CASE, Step.SIMPLIFIED, Step.INVISIBLE, Step.LOOKALIKES, Step.DIGITS)
)
"""The steps that look at one character only; the others join neighbours."""
MODEL_STEPS = frozenset((Step.WIDTH, Step.CASE, Step.SIMPLIFIED, Step.INVISIBLE, Step.LOOKALIKES))
"""What models read: characters folded, digits, blanks, punctuation and runs as they are."""
_MOST_CHARACTERS = 100_000  # of a table: Unicode has more, and a sender could show us all of them
_RUN = re.compile(r"([^\W\d_])\1+")


@dataclass(frozen=True, slots=True)
class Normalised:
    """A folded text with the place of each of its characters in the original.

    `starts` and `ends` have one entry per character of `text`, in code points of the original, ends
    exclusive; they are ranges where nothing has shifted.
    """

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Return where text[start:end] stands in the original, fillers inside it included."""
        if end <= start:
            place = self.starts[start] if start < len(self.starts) else (self.ends[-1] if self.ends else 0)
            return place, place
        return self.starts[start], self.ends[end - 1]


def normalise(text: str, steps: frozenset[Step] = ALL_STEPS) -> Normalised:
    """Fold a text by the given steps; any string is good, lone surrogates and control characters too.

    `Step.PINYIN` changes nothing here: sounds are compared by the matcher.
    """
    return squeeze(fold_characters(text, steps & PLAIN_STEPS), steps)


def fold_characters(text: str, steps: frozenset[Step] = PLAIN_STEPS) -> Normalised:
    """Fold each character for itself."""
    table = _fold_table(steps)
    folded = text.translate(table)
    if table.irregular.isdisjoint(text):
        return Normalised(folded, range(len(text)), range(1, len(text) + 1))
    starts: list[int] = []
    for place, character in enumerate(text):
        starts.extend([place] * len(table[ord(character)]))
    return Normalised(folded, starts, [start + 1 for start in starts])


def squeeze(folded: Normalised, steps: frozenset[Step], fillers: str = "") -> Normalised:
    """Take out what separates the characters of a word, join split characters and shorten runs.

    Args:
        fillers: if given, exactly these characters are fillers, letters among them too.
    Returns: `folded` itself if there is nothing to do, which is usual.
    """
    if fillers:
        folded = _without(folded, re.finditer(f"[{re.escape(fillers)}]+", folded.text))
    elif Step.FILLERS in steps or Step.SPACES in steps:
        shapes = folded.text.translate(_SHAPES)
        if (Step.FILLERS in steps and FILLER in shapes) or (Step.SPACES in steps and SPACE in shapes):
            folded = _without(folded, _gaps(shapes, steps))
    if Step.SPLITS in steps:
        folded = _rebuilt(folded, join_splits(folded.text))
    if Step.REPEATS in steps:
        folded = _rebuilt(folded, ((run.start(), run.end(), run[1]) for run in _RUN.finditer(folded.text)))
    return folded


def _gaps(shapes: str, steps: frozenset[Step]) -> Iterator[re.Match[str]]:
    wanted = (FILLER if Step.FILLERS in steps else "") + (SPACE if Step.SPACES in steps else "")
    return _gap_pattern(wanted).finditer(shapes)


@lru_cache(maxsize=8)
def _gap_pattern(wanted: str) -> re.Pattern[str]:
    # a gap lies inside a word; between two digits it is a decimal point, a range or a list
    return re.compile(f"(?<=[{WORD_SHAPES}])(?!(?<=d)[{wanted}]+d)[{wanted}]+(?=[{WORD_SHAPES}])")


def _without(folded: Normalised, gaps: Iterator[re.Match[str]]) -> Normalised:
    return _rebuilt(folded, ((gap.start(), gap.end(), "") for gap in gaps))


def _rebuilt(folded: Normalised, changes: Iterator[tuple[int, int, str]]) -> Normalised:
    """Replace text[start:end] by none or one character each, in order."""
    text: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    done = 0
    is_changed = False
    for start, end, character in changes:
        is_changed = True
        text.append(folded.text[done:start])
        starts.extend(folded.starts[done:start])
        ends.extend(folded.ends[done:start])
        if character:
            text.append(character)
            starts.append(folded.starts[start])
            ends.append(folded.ends[end - 1])
        done = end
    if not is_changed:
        return folded
    text.append(folded.text[done:])
    starts.extend(folded.starts[done:])
    ends.extend(folded.ends[done:])
    return Normalised("".join(text), starts, ends)


_SHAPES = ShapeTable(_MOST_CHARACTERS)
_FOLD_TABLES: dict[frozenset[Step], FoldTable] = {}


def _fold_table(steps: frozenset[Step]) -> FoldTable:
    table = _FOLD_TABLES.get(steps)
    if table is None or len(table) > _MOST_CHARACTERS:
        # a new one, not an emptied one: another thread may be reading the old
        table = _FOLD_TABLES[steps] = FoldTable(steps)
    return table


def runs_of(text: str) -> list[tuple[str, int]]:
    """Return the characters of a text with the length of their runs; each digit is a run of its own."""
    runs: list[tuple[str, int]] = []
    for character in text:
        if runs and runs[-1][0] == character and not character.isdigit():
            runs[-1] = (character, runs[-1][1] + 1)
        else:
            runs.append((character, 1))
    return runs

"""Everything one group of words is looked for by, and which word each needle means.

Key types: `Needles`, `Found`.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import ahocorasick_rs

from monitor.classify.characters import Step
from monitor.classify.lexicon import Entry, Flag, compile_pattern
from monitor.classify.normalise import ALL_STEPS, PLAIN_STEPS, Normalised, fold_characters, runs_of, squeeze
from monitor.classify.sounds import sounds_of, spellings

_SHORTEST = 2  # characters of a shortened word: a single one would be found everywhere


class Found(NamedTuple):
    """A word found in the original text."""

    start: int
    end: int
    word: int  # its number among the words given
    is_written: bool = True  # False if it was found by its sound


class Needles:
    """The words of one group, ready to be looked for."""

    def __init__(
        self,
        words: Sequence[str],
        entries: Sequence[Entry],
        steps: frozenset[Step] = ALL_STEPS,
        fillers: str = "",
    ) -> None:
        """Build the automata.

        Args:
            words: of the entries first, then allowed spans.
            entries: one for each of the first words.
            fillers: if given, exactly these characters are skipped inside words.
        """
        self._plain_steps = steps & PLAIN_STEPS
        self._steps, self._fillers = steps, fillers
        plain = self._fold_all(words)
        self._patterns = [
            (number, compile_pattern(plain[number]))
            for number, entry in enumerate(entries)
            if Flag.PATTERN in entry.flags
        ]
        for number, _ in self._patterns:
            plain[number] = ""
        self._written = _Automaton(enumerate(plain))
        self._runs: dict[int, list[tuple[str, int]]] = {}
        self._shortened = _Automaton(self._shorten(words, plain))
        self._spelled = _Automaton(self._spell(entries))
        self._sounding = _Automaton(self._sound(entries))

    def find(self, text: str) -> Iterator[Found]:
        """Yield the words of a text, in no order, the same word more than once where it is found twice."""
        plain = fold_characters(text, self._plain_steps)
        for number, start, end in self._written.find(plain.text):
            yield Found(*plain.original_span(start, end), number)
        squeezed = squeeze(plain, self._steps, self._fillers)
        if squeezed is not plain:
            yield from self._find_squeezed(text, squeezed)
        for number, start, end in self._spelled.find(squeezed.text):
            yield Found(*squeezed.original_span(start, end), number, False)
        if self._sounding:
            for number, start, end in self._sounding.find(sounds_of(squeezed.text)):
                yield Found(*squeezed.original_span(start, end), number, False)
        for number, pattern in self._patterns:
            for match in pattern.finditer(plain.text):
                yield Found(*plain.original_span(*match.span()), number)

    def _find_squeezed(self, text: str, squeezed: Normalised) -> Iterator[Found]:
        for number, start, end in self._written.find(squeezed.text):
            yield Found(*squeezed.original_span(start, end), number)
        for number, start, end in self._shortened.find(squeezed.text):
            first, last = squeezed.original_span(start, end)
            if self._has_runs(text[first:last], number):
                yield Found(first, last, number)

    def _has_runs(self, surface: str, number: int) -> bool:
        """Tell whether every run of a surface is at least as long as the word writes it."""
        joined = squeeze(
            fold_characters(surface, self._plain_steps), self._steps - {Step.REPEATS}, self._fillers
        )
        return all(
            there >= wanted
            for (_, there), (_, wanted) in zip(runs_of(joined.text), self._runs[number], strict=True)
        )

    def _fold_all(self, words: Sequence[str], steps: frozenset[Step] = frozenset()) -> list[str]:
        """Fold many words in one go: no step crosses a line break."""
        folded = fold_characters("\n".join(words), self._plain_steps)
        if steps:
            folded = squeeze(folded, steps, self._fillers)
        return folded.text.split("\n") if words else []

    def _shorten(self, words: Sequence[str], plain: Sequence[str]) -> Iterator[tuple[int, str]]:
        if Step.REPEATS not in self._steps:
            return
        short = self._fold_all(words, frozenset((Step.REPEATS,)))
        joined = self._fold_all(words, self._steps - {Step.REPEATS})
        for number, word in enumerate(short):
            # a word that holds fillers itself is only looked for as it is written
            if len(word) >= _SHORTEST and word != plain[number] == joined[number]:
                self._runs[number] = runs_of(plain[number])
                yield number, word

    def _spell(self, entries: Iterable[Entry]) -> Iterator[tuple[int, str]]:
        if Step.PINYIN not in self._steps:
            return
        for number, entry in enumerate(entries):
            if entry.flags & {Flag.SOUND, Flag.INITIALS}:
                for spelling in spellings(entry.word, with_initials=Flag.INITIALS in entry.flags):
                    yield number, fold_characters(spelling, self._plain_steps).text

    def _sound(self, entries: Iterable[Entry]) -> Iterator[tuple[int, str]]:
        if Step.PINYIN in self._steps:
            for number, entry in enumerate(entries):
                if Flag.SOUND in entry.flags:
                    yield number, sounds_of(fold_characters(entry.word, self._plain_steps).text)


class _Automaton:
    """Numbered needles; false if there are none."""

    def __init__(self, needles: Iterable[tuple[int, str]]) -> None:
        kept = [(number, needle) for number, needle in needles if needle]
        self._numbers = [number for number, _ in kept]
        self._automaton: Any = ahocorasick_rs.AhoCorasick([needle for _, needle in kept]) if kept else None

    def __bool__(self) -> bool:
        return self._automaton is not None

    def find(self, text: str) -> Iterator[tuple[int, int, int]]:
        """Yield number, start and end of every needle, overlapping ones too."""
        if self._automaton is not None:
            for needle, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
                yield self._numbers[needle], start, end

"""The weighted lexicon of League work (团务): which of its words stand in a text, and what they add up to.

The file holds one entry a line, word <TAB> weight. Weight 0 marks a word that only looks as if it held a
League word (社团, 集团): the longest entry from the left wins. Where another organiser is named (妇联, 导游)
and no word is the League's own, words that both use (志愿服务, 团员) are a hint only.
Key types: `LeagueWords`, `load_weights`.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import ahocorasick_rs

from monitor.classify.errors import LexiconFormatError, Problem
from monitor.classify.normalise import MODEL_STEPS, normalise

LEAGUE_LEXICON = Path(__file__).parent.parent / "lexicons" / "league.txt"
ENOUGH = 1.0
"""Words that weigh this much together say alone that a text is about League work."""
_HINT = 0.4  # weight of all words together that somebody else uses too
_ORGANISERS = re.compile(
    "妇联|巾帼|工会|残联|红十字|献血|党支部|党员|党课|党总支|党委|老年|老干部|消防|义工|文明办|关工委|慈善|商会|"
    "社区志愿服务队|社区志愿者|物业|医院|交警|派出所|马拉松|博物馆|环保组织"
)
_SHARED = ("志愿", "雷锋", "支部", "委员")  # in words of volunteering and of branches …
_OWN = ("团", "青", "少先", "红领巾")  # … unless the word says whose
_TRAVEL = re.compile("导游|旅行社|旅游|跟团|景区|大巴|领队")
_TRAVELLING = frozenset(("团员", "团费"))
_SEVERAL = 5  # words are named in a reason; more prove nothing more


class LeagueWords:
    """Finds League words in normalised texts."""

    def __init__(self, weights: Mapping[str, float]) -> None:
        """Build the automaton of words and their weights, 0 to 1."""
        self._words = list(weights)
        self._weights = list(weights.values())
        folded = [normalise(word, MODEL_STEPS).text for word in self._words]
        self._automaton = ahocorasick_rs.AhoCorasick(
            folded, matchkind=ahocorasick_rs.MatchKind.LeftmostLongest
        )

    def find(self, text: str) -> tuple[float, tuple[str, ...]]:
        """Return the sum of weights of the words in a text, each counted once, and the heaviest words.

        Args:
            text: as `normalise(original, MODEL_STEPS).text` returns it.
        """
        matches = self._automaton.find_matches_as_indexes(text)
        if not matches:
            return 0.0, ()
        weights = self._weights
        found = [number for number in dict.fromkeys(match[0] for match in matches) if weights[number]]
        found.sort(key=lambda number: -weights[number])
        weight = sum(weights[number] for number in found)
        if weight > _HINT and _is_elsewhere(text, [self._words[number] for number in found]):
            weight = _HINT
        return weight, tuple(self._words[n] for n in found[:_SEVERAL])


def load_weights(file: Path = LEAGUE_LEXICON) -> dict[str, float]:
    """Return words and weights of a lexicon file, in its order.

    Raises: LexiconFormatError naming every line that is not "word TAB weight 0–1" or repeats a word.
    """
    weights: dict[str, float] = {}
    problems: list[Problem] = []
    for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        word, _, written = line.partition("\t")
        weight = _weight(written)
        if weight is None or len(word.strip()) < 2:
            problems.append(Problem(number, "应为“词<TAB>0到1的权重”，词至少两个字"))
        elif word in weights:
            problems.append(Problem(number, f"重复的词：{word}"))
        else:
            weights[word] = weight
    if problems:
        raise LexiconFormatError(file.name, problems)
    return weights


@lru_cache(maxsize=1)
def shipped_league_words() -> LeagueWords:
    """Return the process's one automaton of the shipped lexicon."""
    return LeagueWords(load_weights())


def _is_elsewhere(text: str, words: Sequence[str]) -> bool:
    """Tell whether somebody else is named who uses all of these words too."""
    if _TRAVELLING.issuperset(words):
        return _TRAVEL.search(text) is not None
    return all(map(_is_shared, words)) and _ORGANISERS.search(text) is not None


def _is_shared(word: str) -> bool:
    return any(part in word for part in _SHARED) and not any(part in word for part in _OWN)


def _weight(written: str) -> float | None:
    try:
        weight = float(written)
    except ValueError:
        return None
    return weight if 0 <= weight <= 1 else None

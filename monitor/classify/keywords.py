"""Topic relevance by words: the group's open topics, then the League lexicon.

Key type: `KeywordJudge`, which implements `monitor.ports.RelevanceJudge`.
"""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import ahocorasick_rs

from monitor.classify.fold import fold
from monitor.classify.segment import Segmenter
from monitor.ports import Relevance
from monitor.topics import Topic

LEAGUE_LEXICON = Path(__file__).parent.parent / "lexicons" / "league.txt"
_SHORT = 2  # characters: such a word is often part of two others
_OFF_TOPIC = Relevance(False, "未见话题词或团务词")
_NO_TEXT = Relevance(False, "无文字，不能判断")


class KeywordJudge:
    """Judges a post by the words of open topics and of the League lexicon (HN-2.1.3b)."""

    def __init__(self, lexicon: Path = LEAGUE_LEXICON) -> None:
        """Load the lexicon and the segmenter."""
        self._words = load_words(lexicon)
        self._automaton = ahocorasick_rs.AhoCorasick(
            [fold(word) for word in self._words], matchkind=ahocorasick_rs.MatchKind.LeftmostLongest
        )
        self._segmenter = Segmenter(self._words)
        self._league_relevance = [Relevance(True, f"团务词：{word}") for word in self._words]

    def judge(self, text: str, topics: Sequence[Topic]) -> Relevance:
        """Judge one post's text against the topics open on its day."""
        if not text:
            return _NO_TEXT
        folded = fold(text)
        for topic in topics:
            for word, relevance in _topic_words(topic):
                if word in folded:
                    return relevance
        return self._judge_league(folded)

    def _judge_league(self, folded: str) -> Relevance:
        matches = self._automaton.find_matches_as_indexes(folded)
        for index, start, end in matches:
            if end - start > _SHORT:
                return self._league_relevance[index]
        # word borders cost ten times the rest: only where no longer word has spoken
        for index, start, end in matches:
            if not self._segmenter.cuts_through(folded, start, end):
                return self._league_relevance[index]
        return _OFF_TOPIC


@lru_cache(maxsize=1)
def shared_judge() -> KeywordJudge:
    """Return the process's one judge with the League lexicon; loading it takes most of a start."""
    return KeywordJudge()


def load_words(file: Path) -> list[str]:
    """Return the words of a lexicon file: one a line, comments and empty lines left out, no repeats."""
    lines = (line.split("#", 1)[0].strip() for line in file.read_text("utf-8").splitlines())
    return list(dict.fromkeys(line for line in lines if line))


@lru_cache(maxsize=100_000)
def _topic_words(topic: Topic) -> tuple[tuple[str, Relevance], ...]:
    words = dict.fromkeys(fold(word) for word in (topic.title, *topic.keywords) if word.strip())
    return tuple((word, Relevance(True, f"话题词：{word}")) for word in words)

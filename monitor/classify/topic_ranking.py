"""How near texts are to a 微话题: from its title and keywords alone, better with confirmed posts.

Texts are bags of characters and pairs of them, weighed by how rare they are in a shipped background
(`models/background.json.gz`). Without confirmations the texts nearest to the title enrich it (pseudo-
relevance feedback); confirmed posts add the weights that `topic_learning` finds. Key types: `Background`,
`TopicRanker`; `rank`.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from operator import add
from pathlib import Path
from typing import Any

import numpy as np

from monitor.classify.ngrams import FORMAT, load_json, probability, save_json
from monitor.classify.normalise import MODEL_STEPS, normalise
from monitor.classify.topic_learning import Bag, Ordinary, Sample, learn

BACKGROUND = Path(__file__).parent.parent / "models" / "background.json.gz"
ABOUT = 0.15
"""Cosine from which a text is about a topic that nobody has confirmed a post of."""
ABOUT_LEARNT = 5.0
"""The same with confirmed posts, in deviations of ordinary texts."""
_STEEP, _STEEP_LEARNT = 12.0, 1.5  # log odds per unit of score around the threshold
_KEYWORD_SHARE = 0.7  # a keyword counts this much of a word of the title
_NEAREST = 5  # texts that enrich a topic without confirmations
_NEAREST_SHARE = 0.35
_NEAR = 0.05  # cosine below which a text enriches nothing
_LEARNT_SHARE = 0.5  # of the score, once a post 有关 is confirmed
_N_SAMPLE = 300  # ordinary texts that stand for what a topic is not about
_LEAST_SAMPLE = 8  # characters
_SINGLE = 0.5  # a single character says less than a pair


@dataclass(frozen=True)
class Background:
    """How many of `n_texts` ordinary texts hold a term; some of the texts themselves, normalised."""

    n_texts: int
    n_holding: Mapping[str, int]
    sample: tuple[str, ...] = field(default=(), repr=False)

    def rarity(self, term: str) -> float:
        """Return the weight of a term: 0 if every text holds it."""
        weight = math.log((self.n_texts + 1) / (self.n_holding.get(term, 0) + 1))
        return weight * _SINGLE if len(term) == 1 else weight

    def bag(self, text: str) -> Bag:
        """Return the weights of the terms of a text, of length 1."""
        counts = Counter(terms(text))
        return _unit({term: (1 + math.log(n)) * self.rarity(term) for term, n in counts.items()})

    @cached_property
    def ordinary(self) -> Ordinary:
        """Return the sample, ready to learn beside."""
        return Ordinary([self.bag(text) for text in self.sample])


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A post a person called 有关 or 无关 to a topic."""

    text: str
    is_about: bool


class TopicRanker:
    """One topic, ready to be compared with texts."""

    def __init__(
        self,
        background: Background,
        title: str,
        keywords: Iterable[str] = (),
        confirmed: Sequence[Confirmed] = (),
    ) -> None:
        """Build the topic's own bag; learn from confirmed posts where one of them is 有关."""
        self._background = background
        bags = [(background.bag(_fold(title)), 1.0)]
        bags += [(background.bag(_fold(word)), _KEYWORD_SHARE) for word in keywords if word.strip()]
        own = _blend(bags)
        self._is_learnt = any(post.is_about for post in confirmed)
        self._bag = _taught(background, own, confirmed) if self._is_learnt else own
        self._pairs = frozenset(term for term, weight in self._bag.items() if len(term) > 1 and weight > 0)
        self._about = ABOUT_LEARNT if self._is_learnt else ABOUT

    def score(self, text: str) -> float:
        """Return how near a text is; only the order of texts means something."""
        return _cosine(self._bag, self._background.bag(_fold(text)))

    def touches(self, text: str) -> bool:
        """Tell whether a normalised text shares a pair of characters with the topic: cheap, mostly enough."""
        return not self._pairs.isdisjoint(map(add, text, text[1:]))

    def scores(self, texts: Sequence[str]) -> list[float]:
        """Return the score of each text; without confirmations the nearest ones enrich the topic."""
        bags = [self._background.bag(_fold(text)) for text in texts]
        plain = [_cosine(self._bag, bag) for bag in bags]
        order = sorted(range(len(texts)), key=lambda n: -plain[n])
        near = [(bags[n], plain[n]) for n in order[:_NEAREST] if plain[n] >= _NEAR]
        if self._is_learnt or not near:
            return plain
        widened = _blend([(self._bag, 1.0), (_blend(near), _NEAREST_SHARE)])
        return [_cosine(widened, bag) for bag in bags]

    def probability(self, text: str) -> float:
        """Return how likely a text is about the topic, 0.5 at the threshold."""
        steep = _STEEP_LEARNT if self._is_learnt else _STEEP
        return probability(steep * (self.score(text) - self._about))

    def is_about(self, text: str) -> bool:
        """Tell whether a text is near enough to count as one about the topic."""
        return self.score(text) >= self._about


def _taught(background: Background, own: Bag, confirmed: Sequence[Confirmed]) -> Bag:
    """Return the topic's own words and what the posts teach, both in deviations of ordinary texts."""
    samples = [Sample(own, True)]
    samples += [Sample(background.bag(_fold(post.text)), post.is_about) for post in confirmed]
    total: dict[str, float] = {}
    for bag, share in ((own, 1 - _LEARNT_SHARE), (learn(samples, background.ordinary), _LEARNT_SHARE)):
        spread = float(np.std(background.ordinary.compare(bag))) if background.sample else 1.0
        for term, weight in bag.items():
            total[term] = total.get(term, 0.0) + share * weight / (spread or 1.0)
    return total


def rank(
    title: str, keywords: Sequence[str], texts: Sequence[str], confirmed: Sequence[Confirmed] = ()
) -> list[float]:
    """Return one score per text, higher is nearer to the topic."""
    return TopicRanker(shipped_background(), title, keywords, confirmed).scores(texts)


def terms(text: str) -> list[str]:
    """Return the characters and pairs of characters of a normalised text, punctuation left out."""
    kept = "".join(character if character.isalnum() else " " for character in text)
    pairs = [pair for pair in map(add, kept, kept[1:]) if " " not in pair]
    return [*kept.replace(" ", ""), *pairs]


def count_background(texts: Iterable[str], least_texts: int = 3, sample: Sequence[str] = ()) -> Background:
    """Count in how many normalised texts each term stands; rarer ones count as never seen.

    Args:
        sample: texts of which some are kept, evenly taken, to stand for what a topic is not about.
    """
    n_texts, counts = 0, Counter[str]()
    for text in texts:
        n_texts += 1
        counts.update(set(terms(text)))
    long_enough = [text for text in sample if len(text) >= _LEAST_SAMPLE]
    kept = long_enough[:: max(1, len(long_enough) // _N_SAMPLE)][:_N_SAMPLE]
    return Background(
        n_texts, {term: n for term, n in sorted(counts.items()) if n >= least_texts}, tuple(kept)
    )


def save_background(background: Background, file: Path = BACKGROUND) -> None:
    """Write a background; the same gives the same bytes."""
    content = {
        "format": FORMAT,
        "n_texts": background.n_texts,
        "n_holding": dict(background.n_holding),
        "sample": background.sample,
    }
    save_json(file, content)


@lru_cache(maxsize=1)
def shipped_background() -> Background:
    """Return the shipped background. Raises: WeightsError if the file is damaged."""
    content: Any = load_json(BACKGROUND, ("n_texts", "n_holding", "sample"))
    return Background(content["n_texts"], content["n_holding"], tuple(content["sample"]))


def _fold(text: str) -> str:
    return normalise(text, MODEL_STEPS).text


def _blend(bags: Iterable[tuple[Bag, float]]) -> Bag:
    total: dict[str, float] = {}
    for bag, share in bags:
        for term, weight in bag.items():
            total[term] = total.get(term, 0.0) + share * weight
    return _unit(total)


def _unit(bag: Mapping[str, float]) -> Bag:
    length = math.sqrt(sum(weight * weight for weight in bag.values()))
    return {term: weight / length for term, weight in bag.items()} if length else {}


def _cosine(one: Bag, other: Bag) -> float:
    if len(other) < len(one):
        one, other = other, one
    return sum(weight * other.get(term, 0.0) for term, weight in one.items())

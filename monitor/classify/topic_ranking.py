"""How near texts are to a 微话题: from its title and keywords alone, better with confirmed posts.

Texts are bags of character pairs and League words, weighed by how rare they are in a shipped background
(`models/background.json.gz`). Without confirmations the texts nearest to the title enrich it (pseudo-
relevance feedback); with confirmations of both kinds a small regression is mixed in. Key types: `Background`,
`TopicRanker`; `rank`.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import add
from pathlib import Path
from typing import Any

from monitor.classify.ngrams import (
    FORMAT,
    Example,
    NgramModel,
    Regime,
    fit,
    load_json,
    probability,
    save_json,
)
from monitor.classify.normalise import MODEL_STEPS, normalise

BACKGROUND = Path(__file__).parent.parent / "models" / "background.json.gz"
ABOUT = 0.15
"""Cosine from which a text is about a topic that nobody has confirmed a post of."""
_STEEP = 12.0  # log odds per unit of cosine around ABOUT
_KEYWORD_SHARE = 0.7  # a keyword counts this much of a word of the title
_NEAREST = 5  # texts that enrich a topic without confirmations
_NEAREST_SHARE = 0.35
_NEAR = 0.05  # cosine below which a text enriches nothing
_CONFIRMED_SHARE = 0.3
_LEARNT_SHARE = 0.5  # of the score, once posts of both kinds are confirmed
_FEW = Regime(epochs=15, l2=1e-2, least_texts=1)
_MOST_FAR = 150
_CONFIRMED_WEIGHT = 4.0  # a confirmed post among unseen ones
_SINGLE = 0.4  # a single character says less than a pair

Bag = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Background:
    """How many of `n_texts` ordinary texts hold a term."""

    n_texts: int
    n_holding: Mapping[str, int]

    def rarity(self, term: str) -> float:
        """Return the weight of a term: 0 if every text holds it."""
        weight = math.log((self.n_texts + 1) / (self.n_holding.get(term, 0) + 1))
        return weight * _SINGLE if len(term) == 1 else weight

    def bag(self, text: str) -> Bag:
        """Return the weights of the terms of a text, of length 1."""
        counts = Counter(terms(text))
        return _unit({term: (1 + math.log(n)) * self.rarity(term) for term, n in counts.items()})


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
        """Build the topic's own bag; learn from confirmed posts where there are some of both kinds."""
        self._background = background
        bags = [(background.bag(_fold(title)), 1.0)]
        bags += [(background.bag(_fold(word)), _KEYWORD_SHARE) for word in keywords if word.strip()]
        examples = [Example(_fold(post.text), post.is_about) for post in confirmed]
        liked = [background.bag(example.text) for example in examples if example.is_positive]
        bags += [(bag, _CONFIRMED_SHARE * len(bags) / len(liked)) for bag in liked]
        self._bag = _blend(bags)
        self._pairs = frozenset(term for term in self._bag if len(term) > 1)
        self._examples = [example._replace(weight=_confirmed_weight(example)) for example in examples]
        self._learnt = _learn(self._examples)
        self._about = ABOUT if self._learnt is None else (1 - _LEARNT_SHARE) * ABOUT + _LEARNT_SHARE / 2

    def score(self, text: str) -> float:
        """Return how near a text is, 0 to 1; only the order of texts means something."""
        folded = _fold(text)
        cosine = _cosine(self._bag, self._background.bag(folded))
        if self._learnt is None:
            return cosine
        return (1 - _LEARNT_SHARE) * cosine + _LEARNT_SHARE * probability(self._learnt.score(folded))

    def touches(self, text: str) -> bool:
        """Tell whether a normalised text shares a pair of characters with the topic: cheap, mostly enough."""
        return not self._pairs.isdisjoint(map(add, text, text[1:]))

    def scores(self, texts: Sequence[str]) -> list[float]:
        """Return the score of each text; the texts themselves help to tell near from far.

        Without confirmations the nearest ones enrich the topic; with some, the farthest stand in for posts
        about other things, as people confirm what they see and that is seldom far.
        """
        folded = [_fold(text) for text in texts]
        bags = [self._background.bag(text) for text in folded]
        plain = [_cosine(self._bag, bag) for bag in bags]
        order = sorted(range(len(texts)), key=lambda n: -plain[n])
        if any(example.is_positive for example in self._examples):
            far = [Example(folded[n], False) for n in order[len(order) // 2 :][:_MOST_FAR]]
            learnt = _learn([*self._examples, *far])
            return _mixed(plain, [learnt.score(text) for text in folded]) if learnt else plain
        near = [(bags[n], plain[n]) for n in order[:_NEAREST] if plain[n] >= _NEAR]
        if not near:
            return plain
        widened = _blend([(self._bag, 1.0), (_blend(near), _NEAREST_SHARE)])
        return [_cosine(widened, bag) for bag in bags]

    def probability(self, text: str) -> float:
        """Return how likely a text is about the topic, 0.5 at the threshold."""
        return probability(_STEEP * (self.score(text) - self._about))

    def is_about(self, text: str) -> bool:
        """Tell whether a text is near enough to count as one about the topic."""
        return self.score(text) >= self._about


def _confirmed_weight(example: Example) -> float:
    return _CONFIRMED_WEIGHT if example.is_positive else 1.0


def _learn(examples: Sequence[Example]) -> NgramModel | None:
    """Return a regression on examples of both classes, None if there are not both."""
    if len({example.is_positive for example in examples}) < 2:
        return None
    return fit(examples, _FEW)


def _mixed(cosines: Sequence[float], odds: Sequence[float]) -> list[float]:
    """Return the mean of two kinds of scores, each spread over 0 to 1 first."""
    return [
        (1 - _LEARNT_SHARE) * one + _LEARNT_SHARE * other
        for one, other in zip(_spread(cosines), _spread(odds), strict=True)
    ]


def _spread(scores: Sequence[float]) -> list[float]:
    low, high = min(scores), max(scores)
    return [(score - low) / (high - low) if high > low else 0.0 for score in scores]


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


def count_background(texts: Iterable[str], least_texts: int = 3) -> Background:
    """Count in how many normalised texts each term stands; rarer ones count as never seen."""
    n_texts, counts = 0, Counter[str]()
    for text in texts:
        n_texts += 1
        counts.update(set(terms(text)))
    return Background(n_texts, {term: n for term, n in sorted(counts.items()) if n >= least_texts})


def save_background(background: Background, file: Path = BACKGROUND) -> None:
    """Write a background; the same gives the same bytes."""
    content = {"format": FORMAT, "n_texts": background.n_texts, "n_holding": dict(background.n_holding)}
    save_json(file, content)


@lru_cache(maxsize=1)
def shipped_background() -> Background:
    """Return the shipped background. Raises: WeightsError if the file is damaged."""
    content: Any = load_json(BACKGROUND, ("n_texts", "n_holding"))
    return Background(content["n_texts"], content["n_holding"])


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

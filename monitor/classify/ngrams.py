"""A small linear model over the n-grams (1 to 3 characters) of a text and one number beside them.

Pure Python on purpose: it costs a few microseconds a text and needs neither numpy nor scikit-learn, so
that it can be trained where a topic is confirmed. Key types: `NgramModel`; `ngrams`, `fit`.
"""

import gzip
import json
import math
import random
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from operator import add
from pathlib import Path
from typing import NamedTuple

from monitor.classify.errors import WeightsError

FORMAT = 1
_MOST_CHARACTERS = 600  # read of one text: what it is about is said by then
_SMOOTH = 4  # characters added to the length, so that two characters are no sentence
_CERTAIN = 30.0  # log odds: beyond, exp() tells nothing more


def ngrams(text: str) -> set[str]:
    """Return the distinct runs of one, two and three characters of a normalised text."""
    text = text[:_MOST_CHARACTERS]
    pairs = list(map(add, text, text[1:]))
    found = set(text)
    found.update(pairs)
    found.update(map(add, pairs, text[2:]))
    return found


def _scale(text: str) -> float:
    """Return what n-gram weights are multiplied by, so that length alone says nothing."""
    return 1 / math.sqrt(min(len(text), _MOST_CHARACTERS) + _SMOOTH)


@dataclass(frozen=True, slots=True)
class NgramModel:
    """Weights by n-gram; `beside` is the weight of the number that stands beside the n-grams."""

    weights: Mapping[str, float]
    bias: float
    beside: float
    version: str = ""

    def score(self, text: str, number: float = 0.0) -> float:
        """Return the log odds that a normalised text is of the class, with its number beside it."""
        total = sum(map(self.weights.get, ngrams(text), repeat(0.0)))
        return self.bias + self.beside * number + total * _scale(text)

    def strongest(self, text: str, n_words: int) -> list[str]:
        """Return the n-grams of two and three characters that speak loudest for the class."""
        weighed = [(self.weights.get(gram, 0.0), gram) for gram in ngrams(text) if len(gram) > 1]
        chosen: list[str] = []
        for weight, gram in sorted(weighed, reverse=True):
            if weight <= 0 or len(chosen) == n_words:
                break
            if gram.isalnum() and not any(gram in other or other in gram for other in chosen):
                chosen.append(gram)
        return chosen


class Example(NamedTuple):
    """A normalised text of known class."""

    text: str
    is_positive: bool
    number: float = 0.0
    weight: float = 1.0


class Regime(NamedTuple):
    """How a model is fitted."""

    epochs: int = 12
    l2: float = 1e-3
    rate: float = 0.3
    least_texts: int = 2  # an n-gram of fewer texts is left out
    seed: int = 1


def fit(examples: Sequence[Example], regime: Regime = Regime(), version: str = "") -> NgramModel:  # noqa: B008
    """Fit a logistic regression by AdaGrad; the same examples give the same model.

    Raises: ValueError without examples of both classes.
    """
    if len({example.is_positive for example in examples}) < 2:
        raise ValueError("examples of both classes are needed")
    grams = [sorted(ngrams(example.text)) for example in examples]
    n_texts = Counter(gram for each in grams for gram in each)
    columns = {
        gram: n for n, gram in enumerate(g for g, count in n_texts.items() if count >= regime.least_texts)
    }
    rows = [[columns[gram] for gram in each if gram in columns] for each in grams]
    descent = _Descent(len(columns), regime)
    order = list(range(len(examples)))
    shuffle = random.Random(regime.seed).shuffle  # noqa: S311 (an order, not a secret)
    for _ in range(regime.epochs):
        shuffle(order)
        for place in order:
            descent.step(rows[place], examples[place])
    return NgramModel(descent.named(columns), descent.bias, descent.beside, version)


class _Descent:
    """The state of AdaGrad."""

    def __init__(self, n_columns: int, regime: Regime) -> None:
        self.bias = self.beside = 0.0
        self._weights = [0.0] * n_columns
        self._squares = [1e-4] * n_columns
        self._bias_square = self._beside_square = 1e-4
        self._rate, self._l2 = regime.rate, regime.l2

    def step(self, row: Sequence[int], example: Example) -> None:
        """Learn one example."""
        weights, squares, scale = self._weights, self._squares, _scale(example.text)
        odds = self.bias + self.beside * example.number + scale * sum(weights[column] for column in row)
        slope = (probability(odds) - example.is_positive) * example.weight
        self._bias_square += slope * slope
        self.bias -= self._rate * slope / math.sqrt(self._bias_square)
        if example.number:
            beside = slope * example.number
            self._beside_square += beside * beside
            self.beside -= self._rate * beside / math.sqrt(self._beside_square)
        slope *= scale
        for column in row:
            change = slope + self._l2 * weights[column]
            squares[column] += change * change
            weights[column] -= self._rate * change / math.sqrt(squares[column])

    def named(self, columns: Mapping[str, int]) -> dict[str, float]:
        """Return the weights by n-gram, those that round to nothing left out."""
        rounded = ((gram, round(self._weights[column], 3)) for gram, column in columns.items())
        return {gram: weight for gram, weight in rounded if weight}


def probability(odds: float) -> float:
    """Return the probability of log odds."""
    return 1 / (1 + math.exp(-max(-_CERTAIN, min(_CERTAIN, odds))))


def save_json(file: Path, content: Mapping[str, object]) -> None:
    """Write gzipped JSON; the same content gives the same bytes."""
    body = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    file.write_bytes(gzip.compress(body, 9, mtime=0))


def load_json(file: Path, keys: Iterable[str]) -> dict[str, object]:
    """Read gzipped JSON. Raises: WeightsError if it is damaged, of another format or lacks a key."""
    try:
        content = json.loads(gzip.decompress(file.read_bytes()))
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise WeightsError(f"{file.name}: unreadable") from error
    if type(content) is not dict or content.get("format") != FORMAT or not set(keys) <= content.keys():
        raise WeightsError(f"{file.name}: not of format {FORMAT}")
    return content

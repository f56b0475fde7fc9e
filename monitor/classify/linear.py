"""The linear model at run time: a file of small integers, a probability for each category, an explanation.

Imports numpy, no training library. Key types: `LinearModel`, `HarmModels` (a `verdicts.HarmModel` made of
several), `Contribution`; `load_models` is the way in. Written by `monitor.classify.train`.
"""

import hashlib
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from itertools import accumulate
from math import exp
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from monitor.classify.errors import WeightsError
from monitor.classify.features import (
    FEATURES_VERSION,
    MOST_CHARACTERS,
    N_BUCKETS,
    Features,
    ManyFeatures,
    column_names,
    extract,
    extract_many,
)
from monitor.classify.verdicts import Category, Thresholds

FORMAT_VERSION = 1
MODELS_FOLDER = Path(__file__).parent.parent / "models"
NORMAL = "正常"
Steps = NDArray[np.int8]
_LOWEST = -700.0  # score: exp() of more overflows
# 1 / √n for every length a block can have; an empty one has no share
_ROOTS = np.concatenate(([0.0], np.arange(1, 3 * MOST_CHARACTERS + 1) ** -0.5)).astype(np.float32)


class Contribution(NamedTuple):
    """What one piece of a text adds to the score of a category (log-odds)."""

    piece: str
    weight: float


_CATEGORY_OF = {category.value: category for category in Category}  # thrice as fast as asking the enum


@dataclass(frozen=True, slots=True)
class LinearModel:
    """Weights of one model; `labels` has one entry per column of `weights`, 正常 last if it is a softmax.

    A model with one label answers by a sigmoid. `steps` are multiples of `scale`, `block_scales` weigh
    characters, words and sounds. The calibration is folded into `scale` and `intercepts`.
    """

    labels: tuple[str, ...]
    steps: Steps  # N_BUCKETS × labels
    scale: NDArray[np.float32]  # per label
    intercepts: NDArray[np.float32]  # per label
    block_scales: tuple[float, float, float]
    thresholds: Mapping[str, Thresholds]
    version: str = ""

    @classmethod
    def load(cls, path: Path) -> "LinearModel":
        """Read a file of weights whole.

        Raises: WeightsError if it is truncated, altered, not weights, or of another version.
        """
        return loads(path.read_bytes(), path.name) if path.is_file() else _refuse(path.name, "no such file")

    def scores(self, features: Features) -> NDArray[np.float32]:
        """Return the calibrated log-odds (or softmax scores) per label."""
        places = _places(features, self.block_scales)
        found = self.steps[features.columns].astype(np.float32)
        return np.asarray(places @ found * self.scale + self.intercepts, np.float32)

    def probabilities(self, features: Features) -> dict[str, float]:
        """Return the probability (0–1) of each label; 正常 is among them only in a softmax."""
        return dict(zip(self.labels, _likelihoods(self.scores(features).tolist()), strict=True))

    def probability(self, text: str, words: Sequence[str]) -> dict[str, float]:
        """Return the probability of each label for a normalised text and its words."""
        return self.probabilities(extract(text, words))

    def explain(self, text: str, words: Sequence[str], label: str, n_pieces: int = 5) -> list[Contribution]:
        """Return the pieces of the text that speak most for a label, strongest first.

        Pieces inside a stronger one are left out; a softmax is explained against 正常.
        """
        features = extract(text, words)
        at = self.labels.index(label)
        weights = self.steps[features.columns, at] * self.scale[at]
        if len(self.labels) > 1:
            weights = weights - self.steps[features.columns, -1] * self.scale[-1]
        weights = weights * _places(features, self.block_scales)
        names = column_names(text, words)
        strongest: list[Contribution] = []
        for place in np.argsort(-weights):
            piece = names.get(int(features.columns[place]), "").strip()
            if weights[place] <= 0 or len(strongest) == n_pieces:
                break
            if piece and not any(piece in each.piece or each.piece in piece for each in strongest):
                strongest.append(Contribution(piece, round(float(weights[place]), 3)))
        return strongest


def _places(features: Features, block_scales: Sequence[float]) -> NDArray[np.float32]:
    """Return the value of each column of a text: blocks have the length of their scale."""
    values = np.empty(len(features.columns), np.float32)
    for (start, end), scale in zip(features.blocks, block_scales, strict=True):
        if end > start:
            values[start:end] = scale / (end - start) ** 0.5
    return values


class _Stack(NamedTuple):
    """The weights of several models side by side: one look at memory for all of them."""

    steps: Steps  # N_BUCKETS × labels of all models
    scale: NDArray[np.float32]
    intercepts: NDArray[np.float32]
    block_scales: NDArray[np.float32]  # blocks × models
    bounds: tuple[tuple[int, int], ...]  # where the labels of each model start and end

    @classmethod
    def of(cls, models: Sequence[LinearModel]) -> "_Stack":
        """Put models side by side."""
        ends = list(accumulate(len(model.labels) for model in models))
        return cls(
            np.concatenate([model.steps for model in models], axis=1),
            np.concatenate([model.scale for model in models]),
            np.concatenate([model.intercepts for model in models]),
            np.array([model.block_scales for model in models], np.float32).T,
            tuple(zip([0, *ends], ends, strict=False)),
        )

    def scores(self, features: Features) -> list[list[float]]:
        """Return the calibrated scores of each model, per label."""
        lengths = [end - start for start, end in features.blocks]
        shares = self.block_scales * _ROOTS[lengths][:, None]
        found = self.steps.take(features.columns, axis=0).astype(np.float32)
        sums = shares.repeat(lengths, axis=0).T @ found * self.scale + self.intercepts
        return [sums[n, start:end].tolist() for n, (start, end) in enumerate(self.bounds)]

    def scores_of(self, features: ManyFeatures) -> list[list[list[float]]]:
        """Return the same for many texts."""
        found = self.steps.take(features.columns, axis=0).astype(np.float32)
        ends = features.lengths.sum(axis=1).cumsum()
        starts = np.concatenate(([0], ends[:-1]))
        is_empty = starts == ends
        by_model = []
        for n, (start, end) in enumerate(self.bounds):
            shares = (self.block_scales[:, n] * _ROOTS[features.lengths]).ravel()
            weighed = found[:, start:end] * shares.repeat(features.lengths.ravel())[:, None]
            padded = np.concatenate((weighed, np.zeros((1, end - start), np.float32)))
            sums = np.add.reduceat(padded, starts, axis=0)
            sums[is_empty] = 0
            by_model.append((sums * self.scale[start:end] + self.intercepts[start:end]).tolist())
        return [list(scores) for scores in zip(*by_model, strict=True)]


def _likelihoods(scores: Sequence[float]) -> list[float]:
    """Return probabilities: by a sigmoid for one label, by a softmax for several."""
    if len(scores) == 1:
        return [1 / (1 + exp(-max(scores[0], _LOWEST)))]
    highest = max(scores)
    powers = [exp(score - highest) for score in scores]
    total = sum(powers)
    return [power / total for power in powers]


@dataclass(frozen=True)
class HarmModels:
    """Several linear models over the same features, as one `HarmModel`; the likelier answer counts."""

    models: tuple[LinearModel, ...]
    words_wanted: bool = True
    version: str = field(init=False)
    thresholds: Mapping[Category, Thresholds] = field(init=False)
    _stack: "_Stack" = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Join versions, thresholds and weights; the first model that knows a category rules it.

        Raises: ValueError for a label that is no category.
        """
        for label in {label for model in self.models for label in model.labels} - {NORMAL}:
            Category(label)
        thresholds: dict[Category, Thresholds] = {}
        for model in self.models:
            for label, pair in model.thresholds.items():
                thresholds.setdefault(Category(label), pair)
        object.__setattr__(self, "thresholds", thresholds)
        object.__setattr__(self, "version", "+".join(model.version for model in self.models))
        object.__setattr__(self, "_stack", _Stack.of(self.models))

    def probabilities(self, text: str, words: Sequence[str]) -> dict[Category, float]:
        """Return the calibrated probability of each category that one of the models rules."""
        return self._named(self._stack.scores(extract(text, words)))

    def probabilities_of(
        self, texts: Sequence[str], words: Sequence[Sequence[str]]
    ) -> list[dict[Category, float]]:
        """Return the same for many texts at once."""
        return [self._named(scores) for scores in self._stack.scores_of(extract_many(texts, words))]

    def _named(self, scores: Sequence[Sequence[float]]) -> dict[Category, float]:
        found: dict[Category, float] = {}
        for model, own in zip(self.models, scores, strict=True):
            for label, probability in zip(model.labels, _likelihoods(own), strict=True):
                if label != NORMAL:
                    found.setdefault(_CATEGORY_OF[label], probability)
        return found

    def explain(self, text: str, words: Sequence[str], category: Category) -> list[Contribution]:
        """Return the pieces of a text that speak most for a category, strongest first."""
        for model in self.models:
            if category.value in model.labels:
                return model.explain(text, words, category.value)
        return []


def load_models(folder: Path = MODELS_FOLDER) -> HarmModels:
    """Read all weights of a folder, in the order of their names.

    Raises: WeightsError if there are none or one of them cannot be used.
    """
    files = sorted(folder.glob("*.npz"))
    if not files:
        _refuse(str(folder), "no weights (*.npz) in this folder")
    return HarmModels(tuple(LinearModel.load(file) for file in files))


def dumps(model: LinearModel, **card: Any) -> bytes:
    """Return the bytes of a file of weights; the same model gives the same bytes."""
    used = np.flatnonzero(model.steps.any(axis=1)).astype(np.uint32)
    header = {
        "format_version": FORMAT_VERSION,
        "features_version": FEATURES_VERSION,
        "labels": model.labels,
        "block_scales": model.block_scales,
        "thresholds": {label: [each.review, each.alert] for label, each in sorted(model.thresholds.items())},
        **card,
    }
    parts: dict[str, NDArray[Any]] = {
        # columns as distances: they compress to a fifth
        "distances": np.diff(used, prepend=np.uint32(0)).astype(np.uint32),
        "steps": np.ascontiguousarray(model.steps[used].T),
        "scale": model.scale,
        "intercepts": model.intercepts,
    }
    header["sha256"] = _digest(parts)
    parts["header"] = np.frombuffer(json.dumps(header, ensure_ascii=False, sort_keys=True).encode(), np.uint8)
    packed = BytesIO()
    np.savez_compressed(packed, allow_pickle=False, **parts)
    return packed.getvalue()


def loads(packed: bytes, name: str) -> LinearModel:
    """Read weights from bytes.

    Raises: WeightsError naming the file and why it cannot be used.
    """
    try:
        with np.load(BytesIO(packed), allow_pickle=False) as archive:
            parts = {key: archive[key] for key in archive.files}
        header = json.loads(parts.pop("header").tobytes())
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zipfile.zlib.error) as error:  # type: ignore[attr-defined]
        raise WeightsError(f"{name}: truncated or no file of weights", subject_id=name) from error
    for key, expected in (("format_version", FORMAT_VERSION), ("features_version", FEATURES_VERSION)):
        if header.get(key) != expected:
            _refuse(name, f"{key} {header.get(key)!r}, this program reads {expected}: train again")
    if header.get("sha256") != _digest(parts):
        _refuse(name, "its weights do not have the checksum in its header")
    return _unpacked(header, parts)


def quantise(weights: NDArray[np.float64]) -> tuple[Steps, NDArray[np.float32]]:
    """Return weights (columns × labels) as whole steps and the size of a step per label.

    One byte a weight: two were measured and are no better, the smallest weights are noise.
    """
    highest = np.maximum(np.abs(weights).max(axis=0), 1e-12)
    scale = (highest / np.iinfo(np.int8).max).astype(np.float32)
    return np.rint(weights / scale).astype(np.int8), scale


def _unpacked(header: Mapping[str, Any], parts: Mapping[str, NDArray[Any]]) -> LinearModel:
    labels = tuple(header["labels"])
    steps = np.zeros((N_BUCKETS, len(labels)), parts["steps"].dtype)
    steps[np.cumsum(parts["distances"])] = parts["steps"].T
    thresholds = {label: Thresholds(*pair) for label, pair in header["thresholds"].items()}
    first, second, third = header["block_scales"]
    version = f"{len(labels)}:{header['sha256'][:8]}"
    return LinearModel(
        labels, steps, parts["scale"], parts["intercepts"], (first, second, third), thresholds, version
    )


def _digest(parts: Mapping[str, NDArray[Any]]) -> str:
    digest = hashlib.sha256()
    for key in sorted(parts):
        digest.update(key.encode() + np.ascontiguousarray(parts[key]).tobytes())
    return digest.hexdigest()


def _refuse(name: str, reason: str) -> Any:
    raise WeightsError(f"{name}: {reason}", subject_id=name)

"""Learns from corrections at night: new weights that stay near the shipped ones, without the big corpora.

The shipped weights stand for the texts they were made of: what is learnt is a small difference to them, held
near zero by a penalty, on the shipped seeds and the corrections together. Deterministic; some seconds.
Needs scikit-learn's scipy. Key types: `BaseCorpus`, `Candidate`; `retrain`, `evaluate_candidate`.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from monitor.classify.corpora import NORMAL, Row, read_seeds, require_labels
from monitor.classify.evaluate import Report, measure, predictor_of
from monitor.classify.fitting import Matrix, softmax, to_matrix
from monitor.classify.linear import (
    MODELS_FOLDER,
    HarmModels,
    LinearModel,
    dumps,
    load_models,
    loads,
    quantise,
)

SEEDS = Path(__file__).parent / "seeds"
_PENALTY = 2.0  # on the squared difference to the shipped weights
_CORRECTION_WEIGHT = 60.0  # a person has looked at it
_MOST_SEEDS = 3_000


@dataclass(frozen=True)
class BaseCorpus:
    """What every retraining starts from: shipped weights and shipped texts. The same on every machine."""

    models: HarmModels
    seeds: tuple[Row, ...]

    @classmethod
    def shipped(cls, models: Path = MODELS_FOLDER, seeds: Path = SEEDS) -> "BaseCorpus":
        """Read weights and seeds of this version of the program."""
        return cls(load_models(models), tuple(read_seeds(seeds)))


class Candidate(NamedTuple):
    """Retrained weights that nobody uses yet; `weights` has the bytes of each file by its name."""

    models: HarmModels
    weights: dict[str, bytes]
    card: dict[str, Any]


def retrain(base: BaseCorpus, corrections: Sequence[Row], seed: int) -> Candidate:
    """Learn from corrections (text and the label a person gave it); the same input gives the same bytes.

    Args:
        seed: draws the seeds that are rehearsed when there are more than fit into the time.
    Raises: CorpusError if seeds and corrections together have only one label.
    """
    rehearsed = list(base.seeds)
    Random(seed).shuffle(rehearsed)  # noqa: S311  (a draw that must be repeatable)
    rows = [*rehearsed[:_MOST_SEEDS], *corrections]
    require_labels(rows, "retraining")
    matrices = [to_matrix([row.text for row in rows], model.block_scales) for model in base.models.models]
    weights = np.array([1.0] * (len(rows) - len(corrections)) + [_CORRECTION_WEIGHT] * len(corrections))
    models = tuple(
        _near(model, matrix, [row.label for row in rows], weights)
        for model, matrix in zip(base.models.models, matrices, strict=True)
    )
    packed = {f"{n}-{model.labels[0]}.npz": dumps(model) for n, model in enumerate(models, 1)}
    return Candidate(
        HarmModels(tuple(loads(each, name) for name, each in packed.items())),
        packed,
        _card(base, corrections, seed, packed),
    )


def evaluate_candidate(candidate: Candidate, frozen_set: Sequence[Row]) -> Report:
    """Measure a candidate on rows that nobody trains on.

    Raises: CorpusError if the set has fewer than two labels.
    """
    require_labels(frozen_set, "frozen set")
    predict = predictor_of(candidate.models, frozen_set)
    return measure([row.label for row in frozen_set], [predict(row.text) for row in frozen_set])


def _card(
    base: BaseCorpus, corrections: Sequence[Row], seed: int, packed: dict[str, bytes]
) -> dict[str, Any]:
    texts = "\n".join(sorted(f"{row.label}\t{row.text}" for row in corrections))
    return {
        "started_from": base.models.version,
        "n_corrections": len(corrections),
        "corrections_sha256": hashlib.sha256(texts.encode()).hexdigest(),
        "seed": seed,
        "weights_sha256": {name: hashlib.sha256(each).hexdigest() for name, each in packed.items()},
    }


def _near(
    model: LinearModel, matrix: Matrix, labels: Sequence[str], weights: NDArray[np.float64]
) -> LinearModel:
    """Return the model moved towards the rows as far as the penalty lets it."""
    columns = np.flatnonzero(np.asarray((matrix > 0).sum(axis=0)).ravel())
    old = model.steps.astype(np.float64) * model.scale
    known = matrix[:, columns]
    offsets = np.asarray(known @ old[columns] + model.intercepts, np.float64)
    moved, shift = _difference(known, offsets, _targets(model, labels), weights)
    old[columns] += moved
    steps, scale = quantise(old)
    return replace(model, steps=steps, scale=scale, intercepts=(model.intercepts + shift).astype(np.float32))


def _targets(model: LinearModel, labels: Sequence[str]) -> NDArray[np.float64]:
    """Return rows × labels with 1 where it applies; a label the model has not is 正常 to it."""
    if len(model.labels) == 1:
        return np.array([[label == model.labels[0]] for label in labels], np.float64)
    places = [model.labels.index(label if label in model.labels else NORMAL) for label in labels]
    return np.eye(len(model.labels))[places]


def _difference(
    matrix: Matrix, offsets: NDArray[np.float64], targets: NDArray[np.float64], weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Minimise weighted log loss plus penalty; return the difference per column and per intercept."""
    from scipy.optimize import minimize

    n_columns, n_labels = matrix.shape[1], targets.shape[1]
    transposed = matrix.T.tocsr()
    share = weights / weights.sum()
    penalty = _PENALTY / len(weights)

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        moved = flat.reshape(n_columns + 1, n_labels)
        probabilities, losses = _log_loss(matrix @ moved[:-1] + moved[-1] + offsets, targets)
        gap = share[:, None] * (probabilities - targets)
        gradient = np.vstack((transposed @ gap + penalty * moved[:-1], gap.sum(axis=0) + penalty * moved[-1]))
        return float(share @ losses + penalty / 2 * (moved**2).sum()), gradient.ravel()

    found = minimize(
        loss, np.zeros((n_columns + 1) * n_labels), jac=True, method="L-BFGS-B", options={"maxiter": 80}
    )
    moved = found.x.reshape(n_columns + 1, n_labels)
    return moved[:-1], moved[-1]


def _log_loss(
    scores: NDArray[np.float64], targets: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if targets.shape[1] == 1:
        probabilities = 1 / (1 + np.exp(-np.clip(scores, -500, 500)))
        losses = np.logaddexp(0, scores) - targets * scores
        return probabilities, losses[:, 0]
    probabilities = softmax(scores)
    chosen = (probabilities * targets).sum(axis=1)
    return probabilities, -np.log(np.maximum(chosen, 1e-300))

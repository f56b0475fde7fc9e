"""Fits linear models to rows; the only part that needs scikit-learn, which it loads when it is called.

Key types: `Matrix`, `Fit`; `to_matrix`, `fit_binary`, `fit_softmax`.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from monitor.classify.features import N_BUCKETS, extract
from monitor.classify.normalise import MODEL_STEPS, normalise
from monitor.classify.segment import shared_segmenter

BLOCK_SCALES = (1.0, 1.0, 0.5)
"""Characters, words, sounds: sounds find evasions, and at full weight cost half a point of accuracy."""

Matrix = Any  # scipy.sparse.csr_matrix, rows × N_BUCKETS


class Fit(NamedTuple):
    """Weights as floating point numbers, columns × labels, before they are cut to small integers."""

    weights: NDArray[np.float64]
    intercepts: NDArray[np.float64]

    def scores(self, matrix: Matrix) -> NDArray[np.float64]:
        """Return rows × labels."""
        return np.asarray(matrix @ self.weights + self.intercepts)


def read_as_models_do(text: str) -> tuple[str, list[str]]:
    """Return a text normalised and cut as the engine does it for models."""
    folded = normalise(text, MODEL_STEPS).text
    return folded, shared_segmenter().cut(folded)


def to_matrix(texts: Sequence[str], block_scales: Sequence[float] = BLOCK_SCALES) -> Matrix:
    """Return one row per text, with the values the model sees at run time."""
    from scipy import sparse

    columns, values, ends = [], [], [0]
    for text in texts:
        features = extract(*read_as_models_do(text))
        columns.append(features.columns)
        for (start, end), scale in zip(features.blocks, block_scales, strict=True):
            values.append(np.full(end - start, scale / max(end - start, 1) ** 0.5, np.float32))
        ends.append(ends[-1] + len(features.columns))
    matrix = sparse.csr_matrix(
        (np.concatenate(values), np.concatenate(columns), ends), shape=(len(texts), N_BUCKETS)
    )
    matrix.sum_duplicates()
    return matrix


def fit_binary(
    matrix: Matrix, targets: NDArray[np.int64], sample_weights: NDArray[np.float64], strength: float
) -> Fit:
    """Fit a logistic regression on columns scaled by their naive-Bayes ratio (NB-LR).

    Args:
        strength: inverse of the regularisation (C of scikit-learn).
    """
    from scipy import sparse
    from sklearn.linear_model import LogisticRegression

    ratios = log_ratios(matrix, targets, sample_weights)
    learner = LogisticRegression(C=strength, max_iter=300)
    learner.fit(matrix @ sparse.diags(ratios), targets, sample_weight=sample_weights)
    return Fit((ratios * learner.coef_[0])[:, None], np.array(learner.intercept_))


def log_ratios(
    matrix: Matrix, targets: NDArray[np.int64], sample_weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return each column's log ratio of presence in both classes; 0 where it occurs only once."""
    present = (matrix > 0).astype(np.float64)
    bad = 1 + np.asarray(present.T @ (sample_weights * targets)).ravel()
    good = 1 + np.asarray(present.T @ (sample_weights * (1 - targets))).ravel()
    often = np.asarray(present.sum(axis=0)).ravel() >= 2
    return np.asarray(np.where(often, np.log((bad / bad.sum()) / (good / good.sum())), 0.0))


def fit_softmax(
    matrix: Matrix, targets: NDArray[np.int64], sample_weights: NDArray[np.float64], strength: float
) -> Fit:
    """Fit a multinomial logistic regression; labels are 0 … n without gaps."""
    from sklearn.linear_model import LogisticRegression

    used = np.flatnonzero(np.asarray((matrix > 0).sum(axis=0)).ravel() >= 2)
    learner = LogisticRegression(C=strength, max_iter=60, tol=1e-3)
    learner.fit(matrix[:, used], targets, sample_weight=sample_weights)
    weights = np.zeros((N_BUCKETS, len(learner.classes_)))
    weights[used] = learner.coef_.T
    return Fit(weights, np.array(learner.intercept_))


def platt(scores: NDArray[np.float64], targets: NDArray[np.int64]) -> tuple[float, float]:
    """Return slope and offset that turn scores of unseen rows into log-odds (Platt calibration)."""
    from sklearn.linear_model import LogisticRegression

    learner = LogisticRegression(C=1e6).fit(scores[:, None], targets)
    return float(learner.coef_[0, 0]), float(learner.intercept_[0])


def softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return probabilities, rows × labels."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))

"""Trains the models of harmful text: `python -m monitor.classify.train --labelled … --chat … --out …`.

Two models come out: 1-abuse (辱骂 against everything else, from labelled public sets) and 2-categories (all
categories against each other, from the shipped seeds). Each gets a card with its data, figures and digests.
Needs scikit-learn. Key functions: `train_abuse`, `train_categories`.
"""

import argparse
import hashlib
import json
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from monitor.classify import fitting
from monitor.classify.copies import SOUND_KINDS, write_copies, write_mentions
from monitor.classify.corpora import (
    LABELS,
    NORMAL,
    Row,
    digest_of,
    read_lines,
    read_rows,
    read_seeds,
    read_terms,
    require_labels,
)
from monitor.classify.errors import ClassifierFileError
from monitor.classify.evaluate import measure
from monitor.classify.fitting import BLOCK_SCALES, Fit, Matrix
from monitor.classify.linear import FORMAT_VERSION, MODELS_FOLDER, LinearModel, dumps, quantise
from monitor.classify.verdicts import Category, Thresholds
from monitor.clock import as_shanghai, system_clock

SEEDS = Path(__file__).parent / "seeds"
LEXICONS = Path(__file__).parent.parent / "lexicons"
ABUSE = Category.ABUSE.value
SEED = 20130808
N_FOLDS = 3
_N_MENTIONS = 500  # per category
_ABUSE_STRENGTH, _COPY_WEIGHT, _SEED_WEIGHT, _HARMLESS_WEIGHT = 3.0, 0.35, 3.0, 2.0
_ABUSE_SCALES = (1.0, 1.0, 0.8)  # sounds at full weight find more homophones, and cost accuracy
_N_COPIES, _N_CHAT = 16_000, 6_000
_N_SOUND_COPIES = (10_000, 5_000)  # of 辱骂, of the others
_CATEGORY_STRENGTH, _CATEGORY_SHARE, _SEED_COPIES = 30.0, 600.0, 2
_N_BACKGROUND = 3_000  # rows of the labelled sets and of the chat each, in the model of categories
_ALARM_SHARE = 0.002  # of benign texts, per category and kind of text; together they stay below 0.5 %
_LEAST_ALERT, _MOST_ALERT, _REVIEW = 0.9, 0.995, 0.5


class Material(NamedTuple):
    """What is trained on; seeds come with the program, the rest from the command line."""

    labelled: list[Row]
    chat: list[Row]
    seeds: list[Row]
    mentions: list[Row]  # words of the lexicons strung together


class Trained(NamedTuple):
    """One model with the figures of its card."""

    model: LinearModel
    figures: dict[str, Any]


def gather(
    labelled: Sequence[Path], chat: Sequence[Path], seeds: Path, lexicons: Path = LEXICONS
) -> Material:
    """Read the files; chat is cut to a share that does not drown the rest.

    Raises: CorpusError if a file cannot be used or only one label is found.
    """
    rows = [row for file in labelled for row in read_rows(file)]
    turns = [row for file in chat for row in read_lines(file)]
    Random(SEED).shuffle(turns)  # noqa: S311
    turns = turns[:_N_CHAT]
    mentions = write_mentions(read_terms(lexicons), turns, _N_MENTIONS, Random(SEED))  # noqa: S311
    material = Material(rows, turns, read_seeds(seeds), mentions)
    require_labels([*material.labelled, *material.seeds], "training")
    return material


def train_abuse(material: Material) -> Trained:
    """Fit 辱骂 against everything else, with copies written to evade; calibrate it on unseen rows."""
    base = [*material.labelled, *material.chat, *material.seeds]
    originals, random = [*material.labelled, *material.seeds], Random(SEED)  # noqa: S311
    copies = write_copies(originals, ABUSE, min(_N_COPIES, len(originals)), random)
    # of one label at a time, so that any frequent word is spelt by sound: hiding the telling ones only finds
    # more, but costs half a point of accuracy on plain texts
    for rows, n_copies in zip(_by_label(originals), _N_SOUND_COPIES, strict=True):
        copies += write_copies(rows, ABUSE, min(n_copies, len(rows)), random, SOUND_KINDS)
    copies += [row for row in material.mentions if row.label == ABUSE]
    matrix = fitting.to_matrix([row.text for row in (*base, *copies)], _ABUSE_SCALES)
    targets = np.array([row.label == ABUSE for row in (*base, *copies)], np.int64)
    n_seeds = len(material.seeds)
    weights = np.ones(len(targets))
    weights[len(base) - n_seeds : len(base)] = np.where(
        targets[len(base) - n_seeds : len(base)] == 1, _SEED_WEIGHT, _HARMLESS_WEIGHT
    )
    weights[len(base) :] = _COPY_WEIGHT
    kept = _folds(base, copies) != 0
    held = np.flatnonzero(~kept[: len(base)])
    fit = fitting.fit_binary(matrix[kept], targets[kept], weights[kept], _ABUSE_STRENGTH)
    unseen, unseen_rows = fit.scores(matrix[held])[:, 0], [base[place] for place in held]
    n_labelled = int((held < len(material.labelled)).sum()) or len(held)
    slope, offset = fitting.platt(unseen[:n_labelled], targets[held][:n_labelled])
    fit = fitting.fit_binary(matrix, targets, weights, _ABUSE_STRENGTH)
    calibrated = Fit(fit.weights * slope, fit.intercepts * slope + offset)
    probabilities = 1 / (1 + np.exp(-(unseen * slope + offset)))
    thresholds = {ABUSE: _threshold(probabilities, unseen_rows)}
    labels = np.where(probabilities >= _REVIEW, ABUSE, NORMAL)
    figures = {
        "unseen_rows": _figures(unseen_rows, labels, binary=ABUSE),
        "alerts_on_benign": _alarms(unseen_rows, np.asarray(probabilities >= thresholds[ABUSE].alert)),
        "reviews_on_benign": _alarms(unseen_rows, np.asarray(probabilities >= _REVIEW)),
    }
    return Trained(_model((ABUSE,), calibrated, thresholds, _ABUSE_SCALES), figures)


def _by_label(rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    return [row for row in rows if row.label == ABUSE], [row for row in rows if row.label != ABUSE]


def train_categories(material: Material) -> Trained:
    """Fit all categories against each other; figures are measured on families that were held out whole."""
    random = Random(SEED)  # noqa: S311
    background = [
        *random.sample(material.labelled, min(_N_BACKGROUND, len(material.labelled))),
        *material.chat[:_N_BACKGROUND],
    ]
    base = [*material.seeds, *[row for row in background if row.label == NORMAL]]
    copies = [
        copy
        for label in LABELS
        for copy in write_copies(
            [row for row in material.seeds if row.label == label],
            label,
            _SEED_COPIES * sum(row.label == label for row in material.seeds) // (4 if label == NORMAL else 1),
            random,
        )
    ]
    copies += material.mentions
    rows = [*base, *copies]
    matrix = fitting.to_matrix([row.text for row in rows])
    labels = [label for label in LABELS if any(row.label == label for row in rows)]
    targets = np.array([labels.index(row.label) for row in rows])
    folds = _folds(base, copies)
    unseen = np.zeros((len(base), len(labels)))
    for fold in range(N_FOLDS):
        kept = folds != fold
        held = np.flatnonzero(~kept[: len(base)])
        fit = _fit_balanced(matrix[kept], targets[kept], labels)
        unseen[held] = fit.scores(matrix[held])
    probabilities = fitting.softmax(unseen)
    normal = labels.index(NORMAL)
    thresholds = {
        label: _threshold(probabilities[:, at], base) for at, label in enumerate(labels) if at != normal
    }
    limits = np.array([thresholds[label].alert if label in thresholds else 2.0 for label in labels])
    figures = {
        "unseen_families": _figures(base, np.array(labels)[probabilities.argmax(axis=1)]),
        "alerts_on_benign": _alarms(base, np.asarray((probabilities >= limits).any(axis=1))),
        "reviews_on_benign": _alarms(base, probabilities[:, normal] < 1 - _REVIEW),
    }
    fit = _fit_balanced(matrix, targets, labels)
    return Trained(_model(tuple(labels), fit, thresholds), figures)


def _fit_balanced(matrix: Matrix, targets: NDArray[np.int64], labels: Sequence[str]) -> Fit:
    """Give every category the same share, whatever the number of its seeds."""
    weights = np.ones(len(targets))
    for at, label in enumerate(labels):
        if label != NORMAL:
            weights[targets == at] = _CATEGORY_SHARE / max((targets == at).sum(), 1)
    return fitting.fit_softmax(matrix, targets, weights, _CATEGORY_STRENGTH)


def _folds(base: Sequence[Row], copies: Sequence[Row]) -> NDArray[np.int64]:
    """Return a fold per row: seeds by family, labelled sets by text; a copy goes with its original."""
    return np.array([_fold(row.columns.get("copy_of", row.text), row.family) for row in (*base, *copies)])


def _fold(text: str, family: str) -> int:
    return crc32((family if "/" in family else text).encode()) % N_FOLDS


def _model(
    labels: tuple[str, ...],
    fit: Fit,
    thresholds: Mapping[str, Thresholds],
    scales: tuple[float, float, float] = BLOCK_SCALES,
) -> LinearModel:
    steps, scale = quantise(fit.weights)
    return LinearModel(labels, steps, scale, fit.intercepts.astype(np.float32), scales, thresholds)


def _kind(row: Row) -> str:
    """Return which sort of harmless text a row is, "" if it is harmful or of the labelled sets."""
    if row.label != NORMAL or "/" not in row.family:
        return ""
    file, _, family = row.family.partition("/")
    if file == "league_positive" or family.startswith("league"):
        return "league"
    if file == "league_negative":
        return "headlines"
    return "chat"


def _threshold(probabilities: NDArray[np.float64], rows: Sequence[Row]) -> Thresholds:
    """Return the alert threshold that no kind of harmless text passes too often, on unseen rows."""
    kinds = np.array([_kind(row) for row in rows])
    highest = max(
        (float(np.quantile(probabilities[kinds == kind], 1 - _ALARM_SHARE)) for kind in set(kinds) - {""}),
        default=_LEAST_ALERT,
    )
    return Thresholds(_REVIEW, round(min(max(highest + 1e-3, _LEAST_ALERT), _MOST_ALERT), 4))


def _alarms(rows: Sequence[Row], is_flagged: NDArray[np.bool_]) -> dict[str, float]:
    kinds = np.array([_kind(row) for row in rows])
    return {kind: round(float(is_flagged[kinds == kind].mean()), 5) for kind in sorted(set(kinds) - {""})}


def _figures(rows: Sequence[Row], predicted: NDArray[np.str_], binary: str = "") -> dict[str, Any]:
    truths = [row.label if not binary or row.label == binary else NORMAL for row in rows]
    report = measure(truths, [str(each) for each in predicted])
    return {
        "n_rows": report.n_rows,
        "accuracy": round(report.accuracy, 4),
        "macro_f1": round(report.macro_f1, 4),
        "by_label": {
            label: {
                "precision": round(each.precision, 4),
                "recall": round(each.recall, 4),
                "rows": each.n_rows,
            }
            for label, each in report.by_label.items()
        },
    }


def save(trained: Trained, folder: Path, name: str, about: Mapping[str, Any]) -> None:
    """Write weights and card."""
    packed = dumps(trained.model)
    card = {
        "name": name,
        "format_version": FORMAT_VERSION,
        "labels": trained.model.labels,
        "thresholds": {label: [each.review, each.alert] for label, each in trained.model.thresholds.items()},
        "weights_sha256": hashlib.sha256(packed).hexdigest(),
        "weights_bytes": len(packed),
        "figures": trained.figures,
        **about,
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.npz").write_bytes(packed)
    (folder / f"{name}.json").write_text(json.dumps(card, ensure_ascii=False, indent=2) + "\n", "utf-8")


def _about(options: argparse.Namespace) -> dict[str, Any]:
    files = [*options.labelled, *options.chat]
    return {
        "trained_on": as_shanghai(system_clock()).date().isoformat(),
        "command": shlex.join(
            ["python", "-m", "monitor.classify.train"]
            + [part for file in options.labelled for part in ("--labelled", file.name)]
            + [part for file in options.chat for part in ("--chat", file.name)]
            + [part for licence in options.licence for part in ("--licence", licence)]
        ),
        "data_sha256": digest_of(files) | digest_of(sorted(options.seeds.glob("*.tsv"))),
        "licences": [*options.licence, "seeds: written for this project"],
        "split": f"{N_FOLDS} folds: seeds by family, other texts by their hash; seed {SEED}",
    }


def main(arguments: Sequence[str]) -> int:
    """Train both models and write them; 2 if a file cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m monitor.classify.train", description=__doc__)
    parser.add_argument("--labelled", type=Path, action="append", default=[], help="csv or tsv: text, label")
    parser.add_argument("--chat", type=Path, action="append", default=[], help="harmless texts, one a line")
    parser.add_argument("--licence", action="append", default=[], help="words for the card: file: licence")
    parser.add_argument("--seeds", type=Path, default=SEEDS, help="folder of seed files")
    parser.add_argument("--lexicons", type=Path, default=LEXICONS, help="folder of lexicons")
    parser.add_argument("--out", type=Path, default=MODELS_FOLDER, help="folder of weights")
    parser.add_argument("--only", choices=("abuse", "categories"), help="train one of the two")
    options = parser.parse_args(arguments)
    try:
        material = gather(options.labelled, options.chat, options.seeds, options.lexicons)
    except ClassifierFileError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    about = _about(options)
    for name, learn in (("1-abuse", train_abuse), ("2-categories", train_categories)):
        if options.only in (None, name.partition("-")[2]):
            trained = learn(material)
            save(trained, options.out, name, about)
            sys.stdout.write(f"{name}: {json.dumps(trained.figures, ensure_ascii=False)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

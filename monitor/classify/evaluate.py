"""Measures the shipped models on a labelled file: `python -m monitor.classify.evaluate FILE [--by COLUMN]`.

A binary file (labels 0 and 1, or 正常 and one category) is measured by 「that category at least as likely as
not」; any other by the likeliest label. Key types: `Report`; `measure` counts, `format_report` writes it out.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from monitor.classify.corpora import LABELS, NORMAL, CorpusError, Row, read_rows
from monitor.classify.errors import ClassifierFileError
from monitor.classify.fitting import read_as_models_do
from monitor.classify.linear import MODELS_FOLDER, HarmModels, load_models

MORE_LIKELY_THAN_NOT = 0.5
Predict = Callable[[str], str]


class LabelScore(NamedTuple):
    """Quality for one label; ratios 0–1, 0 where nothing was predicted or nothing is there."""

    precision: float
    recall: float
    f1: float
    n_rows: int


class Report(NamedTuple):
    """Quality over one set of rows; `confusion` counts (true label, predicted label)."""

    n_rows: int
    accuracy: float
    macro_f1: float
    by_label: Mapping[str, LabelScore]
    confusion: Mapping[tuple[str, str], int]


def measure(truths: Sequence[str], predictions: Sequence[str]) -> Report:
    """Compare predicted with true labels; macro-F1 is over every label that occurs in either.

    Raises: ValueError if there is nothing to compare.
    """
    confusion = Counter(zip(truths, predictions, strict=True))
    n_rows = len(truths)
    if not n_rows:
        raise ValueError("no rows to measure")
    labels = sorted({*truths, *predictions}, key=_order)
    by_label = {label: _label_score(confusion, label) for label in labels}
    right = sum(n for (truth, predicted), n in confusion.items() if truth == predicted)
    macro = sum(each.f1 for each in by_label.values()) / len(by_label)
    return Report(n_rows, right / n_rows, macro, by_label, confusion)


def _label_score(confusion: Mapping[tuple[str, str], int], label: str) -> LabelScore:
    hit = confusion.get((label, label), 0)
    n_true = sum(n for (truth, _), n in confusion.items() if truth == label)
    n_predicted = sum(n for (_, predicted), n in confusion.items() if predicted == label)
    f1 = 2 * hit / (n_true + n_predicted) if hit else 0.0
    return LabelScore(hit / n_predicted if hit else 0.0, hit / n_true if hit else 0.0, f1, n_true)


def _order(label: str) -> tuple[int, str]:
    return (LABELS.index(label) if label in LABELS else len(LABELS), label)


def predictor_of(models: HarmModels, rows: Sequence[Row]) -> Predict:
    """Return how models label a text of such rows: by their one category, or the likeliest."""
    labels = {row.label for row in rows}
    wanted = labels - {NORMAL}

    def predict(text: str) -> str:
        found = models.probabilities(*read_as_models_do(text))
        likely = {category.value: probability for category, probability in found.items()}
        if len(wanted) == 1:
            likely = {label: likely.get(label, 0.0) for label in wanted}
        best = max(likely, key=lambda label: likely[label])
        return best if likely[best] >= MORE_LIKELY_THAN_NOT else NORMAL

    return predict


def format_report(report: Report, title: str = "") -> str:
    """Return the report as lines for a terminal; ratios in percent."""
    lines = [f"{title or 'all'}: {report.n_rows} rows"]
    lines.append(f"accuracy {report.accuracy:.2%}  macro-F1 {report.macro_f1:.2%}")
    lines.append("label  precision  recall  F1  rows")
    for label, (precision, recall, f1, n_rows) in report.by_label.items():
        lines.append(f"{label}  {precision:.2%}  {recall:.2%}  {f1:.2%}  {n_rows}")
    lines.append("true → predicted")
    for (truth, predicted), n in sorted(report.confusion.items(), key=lambda item: (-item[1], item[0])):
        lines.append(f"{truth} → {predicted}  {n}")
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> int:
    """Read a file, label it and print what came out; 2 if the file or the weights cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m monitor.classify.evaluate", description=__doc__)
    parser.add_argument("file", type=Path, help="csv or tsv with a header: a text and a label column")
    parser.add_argument("--by", metavar="COLUMN", help="also measure each value of this column apart")
    parser.add_argument("--models", type=Path, default=MODELS_FOLDER, help="folder of weights")
    options = parser.parse_args(arguments)
    try:
        rows = read_rows(options.file)
        if options.by and rows and options.by not in rows[0].columns:
            raise CorpusError(f"{options.file.name}: no column {options.by!r} to measure by")
        if not rows:
            raise CorpusError(f"{options.file.name}: no rows")
        predict = predictor_of(load_models(options.models), rows)
    except ClassifierFileError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    predictions = [predict(row.text) for row in rows]
    sys.stdout.write(format_report(measure([row.label for row in rows], predictions)) + "\n")
    for value in sorted({row.columns[options.by] for row in rows}) if options.by else ():
        part = [
            (row.label, label)
            for row, label in zip(rows, predictions, strict=True)
            if row.columns[options.by] == value
        ]
        report = measure([truth for truth, _ in part], [label for _, label in part])
        sys.stdout.write(f"\n{format_report(report, f'{options.by} = {value}')}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

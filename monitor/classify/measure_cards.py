"""Writes what the shipped models reach on texts kept apart into their cards, as `measured`.

`python -m monitor.classify.measure_cards --labelled FILE --chat FILE`: accuracy on a binary labelled file,
how much of its harmful part is still found when its most telling words are hidden, and false alarms on
harmless chat, all through the engine: words, patterns and models together. Key function: `measure_engine`.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

from monitor.classify.augment import has_han, perturb
from monitor.classify.corpora import NORMAL, Row, read_lines, read_rows
from monitor.classify.engine import Classifier, build_classifier
from monitor.classify.errors import ClassifierFileError
from monitor.classify.evaluate import MORE_LIKELY_THAN_NOT, measure
from monitor.classify.features import extract
from monitor.classify.fitting import read_as_models_do
from monitor.classify.linear import MODELS_FOLDER, HarmModels, load_models
from monitor.classify.verdicts import Category

KINDS = ("homophone", "initials", "full_pinyin", "split", "separated", "emoji", "shuffle")
_N_HIDDEN, _N_TEXTS, _SEED = 2, 500, 11


def measure_engine(
    classifier: Classifier, models: HarmModels, labelled: Sequence[Row], chat: Sequence[Row]
) -> dict[str, Any]:
    """Return ratios 0–1: accuracy, macro-F1, evasion found by kind, alerts and reviews on harmless texts."""
    harmful = [row.text for row in labelled if row.label != NORMAL]
    label = next(row.label for row in labelled if row.label != NORMAL)
    predicted = [label if _is_suspected(classifier, row.text) else NORMAL for row in labelled]
    report = measure([row.label for row in labelled], predicted)
    verdicts = [classifier.judge_harm(row.text) for row in chat]
    return {
        "n_rows": report.n_rows,
        "accuracy": round(report.accuracy, 4),
        "macro_f1": round(report.macro_f1, 4),
        "evasion_found": {kind: _found(classifier, models, harmful[:_N_TEXTS], kind) for kind in KINDS},
        "n_harmless": len(verdicts),
        "alerts_on_harmless": round(sum(each.is_harmful for each in verdicts) / len(verdicts), 4),
        "reviews_on_harmless": round(sum(each.needs_review for each in verdicts) / len(verdicts), 4),
    }


def hide(models: HarmModels, text: str, kind: str, random: Random) -> str:
    """Return a text with the words that tell the models most spelt otherwise, as somebody evading would."""
    words = read_as_models_do(text)[1]
    places = [place for place, word in enumerate(words) if has_han(word)]
    model = next(each for each in models.models if Category.ABUSE.value in each.labels)
    telling = {place: float(model.scores(extract(words[place], [words[place]]))[0]) for place in places}
    chosen = sorted(places, key=lambda place: -telling[place])[:_N_HIDDEN]
    return perturb(words, chosen, kind, random)


def _found(classifier: Classifier, models: HarmModels, texts: Sequence[str], kind: str) -> float:
    random = Random(_SEED)  # noqa: S311
    found = sum(_is_suspected(classifier, hide(models, text, kind, random)) for text in texts)
    return round(found / len(texts), 4)


def _is_suspected(classifier: Classifier, text: str) -> bool:
    return classifier.judge_harm(text).harm >= MORE_LIKELY_THAN_NOT


def main(arguments: Sequence[str]) -> int:
    """Measure and write the cards; 2 if a file or the weights cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m monitor.classify.measure_cards", description=__doc__)
    parser.add_argument("--labelled", type=Path, required=True, help="csv or tsv, binary")
    parser.add_argument("--chat", type=Path, required=True, help="harmless texts, one a line")
    parser.add_argument("--models", type=Path, default=MODELS_FOLDER, help="folder of weights and cards")
    options = parser.parse_args(arguments)
    try:
        labelled, chat = read_rows(options.labelled), read_lines(options.chat)
        models = load_models(options.models)
    except ClassifierFileError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    classifier = build_classifier()
    classifier.use_models([models])
    figures = {
        "labelled": options.labelled.name,
        "harmless": options.chat.name,
        "models": models.version,
        **measure_engine(classifier, models, labelled, chat),
    }
    for weights in sorted(options.models.glob("*.npz")):
        file = weights.with_suffix(".json")
        card = json.loads(file.read_text("utf-8")) | {"measured": figures}
        file.write_text(json.dumps(card, ensure_ascii=False, indent=2) + "\n", "utf-8")
    sys.stdout.write(json.dumps(figures, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""What does judging one message cost? Ours, a plain list of words, and jieba + scikit-learn, side by side.

python -m bench.classify [--messages 2000] [--rounds 5]

Every pipeline sees the same messages of about 30 characters, one at a time, in turns; the best round counts.
The last column is what matters: machines differ, ratios hardly.
"""

import argparse
import random
import resource
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

from monitor.classify.engine import Classifier, load_lexicons, shared_classifier
from monitor.classify.fold import fold
from monitor.classify.relevance import shared_relevance
from monitor.classify.segment import shared_segmenter

SEEDS = Path(__file__).parent.parent / "monitor" / "classify" / "seeds"
_SHORTEST, _LONGEST = 20, 40
_ORDINARY = ("正常", "有关", "无关")

Judge = Callable[[str], Any]


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    started, before = perf_counter(), _megabytes()
    classifier = shared_classifier()
    classifier.judge("热身")
    print(f"start {perf_counter() - started:.2f} s, memory {_megabytes() - before:.0f} MB", end="")
    print(f", model {classifier.model_version or 'none'}")
    labelled = load_seeds()
    messages = pick(labelled, options.messages)
    length = sum(map(len, messages)) / len(messages)
    print(f"{len(messages)} messages of {length:.0f} characters")
    print_table(measure(pipelines(classifier, labelled), messages, options.rounds))
    together = measure_together(classifier, messages, options.rounds)
    print(f"{'ours, harm, many at once':38} {together:9.1f} µs")


def pipelines(classifier: Classifier, labelled: Sequence[tuple[str, str]]) -> dict[str, Judge]:
    """Return every way to judge, by its name."""
    words = [entry.word for lexicon in load_lexicons() for entry in lexicon.entries]
    relevance, segmenter = shared_relevance(), shared_segmenter()
    judges: dict[str, Judge] = {
        "ours, relevance and harm": classifier.judge,
        "ours, harm alone": classifier.judge_harm,
        "ours, relevance alone": lambda text: relevance.judge(text, ()),
        "jieba alone": segmenter.cut,
        f"plain list of {len(words)} words": lambda text: contained(words, fold(text)),
    }
    return judges | trained(labelled)


def contained(words: Sequence[str], text: str) -> list[str]:
    """Return the words that stand in a text: how sensitive words are usually looked for."""
    return [word for word in words if word in text]


def trained(labelled: Sequence[tuple[str, str]]) -> dict[str, Judge]:
    """Return the usual pipelines of scikit-learn, trained on the seeds; none if it is not installed."""
    try:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
    except ImportError:
        print("scikit-learn is not installed: its pipelines are left out")
        return {}
    labels, texts = zip(*labelled, strict=True)
    cut = shared_segmenter().cut
    vectorizers = {
        "jieba + TF-IDF + LR (scikit-learn)": TfidfVectorizer(tokenizer=cut, token_pattern=None),
        "characters 1-3 + LR (scikit-learn)": TfidfVectorizer(analyzer="char", ngram_range=(1, 3)),
    }
    judges: dict[str, Judge] = {}
    for name, vectorizer in vectorizers.items():
        pipeline = make_pipeline(vectorizer, LogisticRegression(max_iter=300)).fit(texts, labels)
        judges[name] = lambda text, pipeline=pipeline: pipeline.predict_proba([text])
    return judges


def measure(judges: dict[str, Judge], messages: Sequence[str], n_rounds: int) -> dict[str, float]:
    """Return the microseconds a message of each pipeline, the best of several rounds in turns.

    Each time the messages end otherwise: a verdict that is remembered would cost nothing.
    """
    best: dict[str, float] = {}
    for round_number in range(n_rounds):
        for place, (name, judge) in enumerate(judges.items()):
            unseen = [f"{message}{round_number}{place}" for message in messages]
            started = perf_counter()
            for message in unseen:
                judge(message)
            cost = (perf_counter() - started) / len(messages) * 1e6
            best[name] = min(cost, best.get(name, cost))
    return best


def measure_together(classifier: Classifier, messages: Sequence[str], n_rounds: int) -> float:
    """Return the microseconds a message where all of them come in one batch, the best of several rounds."""
    costs: list[float] = []
    for round_number in range(n_rounds):
        unseen = [(f"{message}{round_number}#", "/") for message in messages]
        started = perf_counter()
        classifier.foresee(unseen)
        costs.append((perf_counter() - started) / len(messages) * 1e6)
    return min(costs)


def print_table(costs: dict[str, float]) -> None:
    """Print the costs and how often ours fits into each."""
    ours = costs["ours, relevance and harm"]
    for name, cost in costs.items():
        print(f"{name:38} {cost:9.1f} µs   {cost / ours:6.2f} x ours")


def load_seeds() -> list[tuple[str, str]]:
    """Return label and text of every seed."""
    return [
        (line.split("\t")[0], line.split("\t")[1])
        for file in sorted(SEEDS.glob("*.tsv"))
        for line in file.read_text("utf-8").splitlines()
        if line and not line.startswith("#")
    ]


def pick(labelled: Sequence[tuple[str, str]], n_messages: int) -> list[str]:
    """Return messages of about 30 characters, the same ones each time; short ones are joined."""
    draw = random.Random(7)
    texts = [text for label, text in labelled if label in _ORDINARY]
    draw.shuffle(texts)
    messages: list[str] = []
    for text in texts:
        if messages and len(messages[-1]) < _SHORTEST:
            messages[-1] = f"{messages[-1]}，{text}"[:_LONGEST]
        elif len(messages) == n_messages:
            break
        else:
            messages.append(text[:_LONGEST])
    return messages


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()

"""Counts the background of topics: `python -m monitor.classify.train_background --labelled … --chat …`.

How rare a term is decides what a 微话题 is about, and a few thousand seeds do not tell: public texts of
ordinary people are counted too. Only counts of them are kept; the sample texts are seeds. Takes seconds.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from monitor.classify.corpora import digest_of, read_lines, read_rows
from monitor.classify.errors import ClassifierFileError
from monitor.classify.normalise import MODEL_STEPS, normalise
from monitor.classify.topic_ranking import BACKGROUND, count_background, save_background
from monitor.classify.train_relevance import load_seeds

_LEAST_TEXTS = 5  # that hold a term


def main(arguments: Sequence[str] | None = None) -> int:
    """Count, write background and card; 2 if a file cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m monitor.classify.train_background", description=__doc__)
    parser.add_argument("--labelled", type=Path, action="append", default=[], help="csv or tsv with a header")
    parser.add_argument("--chat", type=Path, action="append", default=[], help="one text a line")
    parser.add_argument("--licence", action="append", default=[], help="of one file, for the card")
    parser.add_argument("--out", type=Path, default=BACKGROUND)
    options = parser.parse_args(arguments)
    try:
        rows = [row for file in options.labelled for row in read_rows(file)]
        rows += [row for file in options.chat for row in read_lines(file)]
    except ClassifierFileError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    seeds = [seed.text for seed in load_seeds()]
    texts = dict.fromkeys([*(normalise(row.text, MODEL_STEPS).text for row in rows), *seeds])
    background = count_background(texts, _LEAST_TEXTS, sample=seeds)
    save_background(background, options.out)
    card = {
        "question": "微话题：文本与话题的远近（HN-2.1.3b）",
        "method": "tf-idf of characters and pairs; ridge regression beside sampled seeds once confirmed",
        "n_texts": background.n_texts,
        "n_terms": len(background.n_holding),
        "n_sample": len(background.sample),
        "kept_of_public_texts": "counts only",
        "licences": [*options.licence, "seeds: written for this project"],
        "data_sha256": digest_of([*options.labelled, *options.chat]),
    }
    file = options.out.with_name("background.card.json")
    known = json.loads(file.read_text("utf-8")) if file.exists() else {}
    kept = {key: known[key] for key in ("measured",) if key in known}
    file.write_text(json.dumps(card | kept, ensure_ascii=False, indent=2) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

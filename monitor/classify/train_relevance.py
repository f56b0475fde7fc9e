"""Trains the model of League relevance from the seeds: `python -m monitor.classify.train_relevance`.

Needs only the standard library and some 10 s. Writes weights and a card with figures that were measured
on families of texts (a kind of notice, a kind of headline) the model had not seen.
Key types: `Seed`, `Estimate`.
"""

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from monitor.classify.league_words import ENOUGH, load_weights, shipped_league_words
from monitor.classify.ngrams import Example, NgramModel, Regime, fit, probability
from monitor.classify.normalise import MODEL_STEPS, normalise
from monitor.classify.relevance import LEAGUE_MODEL, LeagueModel, save_league_model

SEEDS = Path(__file__).parent / "seeds"
N_FOLDS = 8
_MOST_WEIGHT = 1.5
_TERM_WEIGHT = 0.6  # League words from this weight on are learnt as texts of their own
_LEAGUE_FAMILIES = frozenset(("league_study", "league_org", "league_volunteer", "league_career"))
_MIXED_FAMILIES = ("league_", "cadre_", "notice_")  # of harmless seeds: neither surely League nor surely not
_OTHER_SENSES = "tuan_"  # families of texts with 团 in another sense
THRESHOLD = 0.75  # log odds; chosen on unseen families for precision rather than recall


class Seed(NamedTuple):
    """One labelled text."""

    text: str  # normalised
    is_league: bool
    family: str


class Estimate(NamedTuple):
    """Quality on texts the model had not seen; ratios 0–1."""

    precision: float
    recall: float
    f1: float
    other_senses_flagged: float


def load_seeds(folder: Path = SEEDS) -> list[Seed]:
    """Return the labelled texts without repeats: League seeds first, then everyday texts as 无关."""
    seeds = [*_league_seeds(folder), *_everyday_seeds(folder)]
    return list({seed.text: seed for seed in reversed(seeds)}.values())[::-1]


def _league_seeds(folder: Path) -> Iterable[Seed]:
    for name in ("league_positive.tsv", "league_negative.tsv"):
        for label, text, family in _lines(folder / name):
            yield Seed(normalise(text, MODEL_STEPS).text, label == "有关", family)


def _everyday_seeds(folder: Path) -> Iterable[Seed]:
    for _, text, family in _lines(folder / "normal.tsv"):
        is_league = family in _LEAGUE_FAMILIES
        if is_league or not family.startswith(_MIXED_FAMILIES):
            yield Seed(normalise(text, MODEL_STEPS).text, is_league, f"everyday_{family}")


def _lines(file: Path) -> Iterable[list[str]]:
    for line in file.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def train(seeds: Sequence[Seed], version: str = "") -> NgramModel:
    """Fit the model on seeds and on the words of the lexicon."""
    examples = [Example(seed.text, seed.is_league, words_weight(seed.text)) for seed in seeds]
    examples += [
        Example(normalise(word, MODEL_STEPS).text, True, words_weight(word))
        for word, weight in load_weights().items()
        if weight >= _TERM_WEIGHT
    ]
    return fit(examples, Regime(), version)


def words_weight(text: str) -> float:
    """Return what the model is told of the League words of a text."""
    return min(shipped_league_words().find(text)[0], _MOST_WEIGHT)


def unseen_scores(seeds: Sequence[Seed], fold_of: Callable[[Seed], int]) -> list[tuple[Seed, float]]:
    """Return the log odds of each seed by a model that has not seen its fold."""
    scores: list[tuple[Seed, float]] = []
    for fold in range(N_FOLDS):
        model = train([seed for seed in seeds if fold_of(seed) != fold])
        held_out = (seed for seed in seeds if fold_of(seed) == fold)
        scores += [(seed, model.score(seed.text, words_weight(seed.text))) for seed in held_out]
    return scores


def estimate(scores: Iterable[tuple[Seed, float]]) -> Estimate:
    """Return the quality of lexicon and model together."""
    answers = [(seed, odds >= THRESHOLD or words_weight(seed.text) >= ENOUGH) for seed, odds in scores]
    hits = sum(seed.is_league and answer for seed, answer in answers)
    named = sum(answer for _, answer in answers)
    wanted = sum(seed.is_league for seed, _ in answers)
    others = [answer for seed, answer in answers if seed.family.startswith(_OTHER_SENSES)]
    precision, recall = hits / named, hits / wanted
    f1 = 2 * precision * recall / (precision + recall)
    return Estimate(precision, recall, f1, sum(others) / len(others))


def calibrate(scores: Sequence[tuple[Seed, float]]) -> float:
    """Return the slope that makes the probabilities likeliest, 0.5 kept at the threshold."""
    slopes = [step / 20 for step in range(4, 61)]

    def surprise(slope: float) -> float:
        shown = ((seed.is_league, probability(slope * (odds - THRESHOLD))) for seed, odds in scores)
        return sum((p - is_league) ** 2 for is_league, p in shown)

    return min(slopes, key=surprise)


def _stable_fold(text: str) -> int:
    return blake2b(text.encode(), digest_size=4).digest()[0] % N_FOLDS


def main(target: Path = LEAGUE_MODEL) -> None:
    """Train, measure, write weights and card."""
    seeds = load_seeds()
    families = sorted({seed.family for seed in seeds})
    by_family = unseen_scores(seeds, lambda seed: families.index(seed.family) % N_FOLDS)
    by_text = unseen_scores(seeds, lambda seed: _stable_fold(seed.text))
    version = "relevance-" + blake2b("\n".join(map(repr, seeds)).encode(), digest_size=4).hexdigest()
    by_words = sum(seed.is_league for seed, _ in by_text if words_weight(seed.text) >= ENOUGH)
    n_by_words = sum(words_weight(seed.text) >= ENOUGH for seed, _ in by_text)
    model = LeagueModel(
        train(seeds, version), THRESHOLD, calibrate(by_text), round((by_words + 1) / (n_by_words + 2), 3)
    )
    target.parent.mkdir(exist_ok=True)
    save_league_model(model, target)
    card = {
        "version": version,
        "question": "话题相关：是否团务内容（HN-2.1.3）",
        "method": "logistic regression on characters 1-3 and the weight of League words; OR lexicon",
        "trained_on": "monitor/classify/seeds/league_*.tsv and normal.tsv, monitor/lexicons/league.txt",
        "licence": "written for this project",
        "n_league": sum(seed.is_league for seed in seeds),
        "n_other": sum(not seed.is_league for seed in seeds),
        "n_weights": len(model.ngrams.weights),
        "unseen_families": _rounded(estimate(by_family)),
        "unseen_texts": _rounded(estimate(by_text)),
        "caution": "Who wrote the seeds wrote the lexicon too: its part of these figures is too good.",
    }
    card_file = target.with_name("relevance.card.json")
    card_file.write_text(json.dumps(card, ensure_ascii=False, indent=2) + "\n", "utf-8")
    sys.stdout.write(card_file.read_text("utf-8"))


def _rounded(quality: Estimate) -> dict[str, float]:
    return {name: round(ratio, 4) for name, ratio in quality._asdict().items()}


if __name__ == "__main__":
    main()

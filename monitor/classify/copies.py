"""Copies of training rows with their telling words written to evade; harmless rows get some as well.

Key function: `write_copies`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from math import log
from random import Random

from monitor.classify.augment import PERTURBATIONS, has_han, perturb
from monitor.classify.corpora import Row
from monitor.classify.fitting import read_as_models_do

_KINDS = (*PERTURBATIONS, "homophone", "full_pinyin", "initials")  # what people do most, twice
SOUND_KINDS = ("homophone", "homophone", "homophone", "initials", "full_pinyin")
_MOST_WORDS = 3
_TELLING = 0.3  # log ratio of a word from which on it is worth hiding


def write_copies(
    rows: Sequence[Row], label: str, n_copies: int, random: Random, kinds: Sequence[str] = _KINDS
) -> list[Row]:
    """Return at most that many copies; `columns["copy_of"]` is the text each was made from.

    Args:
        kinds: of `PERTURBATIONS`; a copy draws one.
    """
    drawn = [random.choice(rows) for _ in range(n_copies)] if n_copies > len(rows) else []
    drawn = drawn or random.sample(list(rows), n_copies)
    cut = {row.text: read_as_models_do(row.text)[1] for row in drawn}
    ratios = _word_ratios([(cut[row.text], row.label == label) for row in drawn])
    copies = []
    for row in drawn:
        words = cut[row.text]
        targets = _targets(words, ratios if row.label == label else {}, random)
        if targets:
            text = perturb(words, targets, random.choice(kinds), random)
            copies.append(row._replace(text=text, columns={"copy_of": row.text}))
    return copies


def _word_ratios(rows: Sequence[tuple[Sequence[str], bool]]) -> Mapping[str, float]:
    bad, good = Counter[str](), Counter[str]()
    for words, is_bad in rows:
        (bad if is_bad else good).update(set(words))
    return {word: log((bad[word] + 1) / (good[word] + 1)) for word in bad if bad[word] + good[word] >= 3}


def _targets(words: Sequence[str], ratios: Mapping[str, float], random: Random) -> list[int]:
    """Return the places of the words to hide: the most telling ones, or any if none is known."""
    places = [place for place, word in enumerate(words) if has_han(word)]
    wanted = random.randint(1, _MOST_WORDS)
    telling = [place for place in places if ratios.get(words[place], 0) > _TELLING]
    if telling:
        return sorted(telling, key=lambda place: -ratios[words[place]])[:wanted]
    return random.sample(places, min(len(places), wanted))


def write_mentions(
    terms: Mapping[str, Sequence[str]], carriers: Sequence[Row], n_each: int, random: Random
) -> list[Row]:
    """Return texts that string words of one category's lexicon together, half of them behind harmless text.

    Args:
        terms: words by label.
        n_each: texts per label.
    """
    rows = []
    for label, words in sorted(terms.items()):
        for n in range(n_each):
            chosen = random.sample(list(words), min(random.randint(1, 3), len(words)))
            said = random.choice(("", "，", " ", "，")).join(chosen)
            before = random.choice(carriers).text[:20] + random.choice("，。 ") if n % 2 and carriers else ""
            rows.append(Row(before + said, label, f"lexicon/{label}{n % 25}"))
    return rows

"""Puts words, patterns, models and cues together into one verdict. Pure.

Each speaks with the weight it has alone; two thresholds of each category then tell an alert from a review.
Key types: `Findings`, `fuse`.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from monitor.classify.cues import Cue
from monitor.classify.patterns import Evidence, Trace
from monitor.classify.verdicts import Category, Harm, Hit, Severity, Thresholds

DEFAULT_THRESHOLDS = Thresholds(review=0.4, alert=0.75)
"""Where no model's card says otherwise."""
_WORD_WEIGHTS = {Severity.EVIDENCE: 0.2, Severity.REVIEW: 0.5, Severity.ALERT: 0.92}
_PER_WORD, _MOST_WORDS = 0.4, 3  # log odds that each further word adds, and how many are counted
_PER_TRACE, _MOST_TRACES = 0.7, 3
_SUSPECT = 0.15  # from here on contact and lures say more than that somebody can be reached
_LURE = 0.45  # contact and lure together, without any word: worth a look
_CERTAIN = 0.95
_BELOW_ALERT = 0.001
_SOLICITING = frozenset(
    (
        Category.ADVERTISING,
        Category.FRAUD,
        Category.GAMBLING,
        Category.PORN,
        Category.DRUGS,
        Category.ILLEGAL,
    )
)
_CONTACT = frozenset((Evidence.HANDLE, Evidence.PHONE, Evidence.LINK, Evidence.EMAIL))
_LURES = frozenset((Evidence.MONEY, Evidence.CALL))


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything that speaks for or against a text being harmful."""

    hits: Sequence[Hit] = ()
    traces: Sequence[Trace] = ()
    probabilities: Mapping[Category, float] | None = None  # of the categories that models know
    cues: Sequence[Cue] = ()
    has_number: bool = False  # a price, or a telephone number half hidden


def fuse(findings: Findings, thresholds: Mapping[Category, Thresholds]) -> Harm:
    """Decide on a text.

    Args:
        thresholds: of the categories that a model's card gives; `DEFAULT_THRESHOLDS` for the others.
    Returns: `harm` is that of the likeliest category. With a cue nothing is an alert, and `harm` stays under
        the threshold.
    """
    kinds = frozenset(trace.kind for trace in findings.traces)
    scores = _scores(findings, kinds)
    if not scores:
        return Harm(0.0, False, False)
    limits = {category: thresholds.get(category, DEFAULT_THRESHOLDS) for category in scores}
    if not any(score >= limits[category].review for category, score in scores.items()):
        return Harm(max(scores.values()), False, False)  # most texts; cues only make less of it
    if Cue.WARNING in findings.cues and kinds.isdisjoint(_CONTACT):
        scores = {category: _warned_of(p, category, findings, limits) for category, p in scores.items()}
    if not (kinds or findings.has_number) and _is_bare_offer(findings):
        ceiling = limits[Category.ADVERTISING].alert - _BELOW_ALERT
        scores[Category.ADVERTISING] = min(scores[Category.ADVERTISING], ceiling)
    if findings.cues:
        scores = {category: min(p, limits[category].alert - _BELOW_ALERT) for category, p in scores.items()}
    named = tuple(sorted((c for c in scores if scores[c] >= limits[c].review), key=lambda c: (-scores[c], c)))
    is_harmful = any(scores[category] >= limits[category].alert for category in named)
    return Harm(
        harm=max(scores.values()),
        is_harmful=is_harmful,
        needs_review=bool(named) and not is_harmful,
        categories=named,
        hits=tuple(findings.hits) if named else (),  # evidence that proved nothing accuses nobody
        reasons=tuple(_reasons(findings, named, kinds)) if named else (),
    )


def _scores(findings: Findings, kinds: frozenset[Evidence]) -> dict[Category, float]:
    """Return the score of every category that anything speaks for; the models' own where they are alone."""
    probabilities = findings.probabilities or {}
    if not findings.hits and not kinds:
        return dict(probabilities)
    categories = {*(hit.category for hit in findings.hits), *probabilities}
    if kinds:
        categories.add(Category.ADVERTISING)
    return {category: _score(category, findings, kinds) for category in categories}


def _score(category: Category, findings: Findings, kinds: frozenset[Evidence]) -> float:
    words = {hit.word: hit.severity for hit in findings.hits if hit.category is category}
    model = (findings.probabilities or {}).get(category, 0.0)
    score = 1 - (1 - model) * (1 - _WORD_WEIGHTS[max(words.values())]) if words else model
    if category is Category.ADVERTISING and kinds & _CONTACT and kinds & _LURES:
        score = max(score, _LURE)
        kinds = frozenset()  # they have spoken
    boost = _PER_WORD * min(max(len(words) - 1, 0), _MOST_WORDS)
    if category in _SOLICITING and score >= _SUSPECT:
        boost += _PER_TRACE * min(len(kinds), _MOST_TRACES)
    return _raised(score, boost) if boost else score


def _warned_of(
    score: float, category: Category, findings: Findings, limits: Mapping[Category, Thresholds]
) -> float:
    """Return the score of a category in a sentence that warns and offers no contact.

    Its words name what it warns of. Somebody looks all the same if the model suspects it, or if a word stands
    in it that is an alert alone: swindlers too write in the name of the police.
    """
    suspicion = (findings.probabilities or {}).get(category, 0.0)
    gravest = max((hit.severity for hit in findings.hits if hit.category is category), default=None)
    if suspicion >= _SUSPECT or gravest is Severity.ALERT:
        return score
    return min(score, limits[category].review - _BELOW_ALERT)


def _is_bare_offer(findings: Findings) -> bool:
    """Tell whether only evidence and a model that is not certain speak for 广告.

    Without contact, link or number nobody can follow such an offer: students give books away like that.
    """
    likelihood = (findings.probabilities or {}).get(Category.ADVERTISING, 0.0)
    gravest = max((h.severity for h in findings.hits if h.category is Category.ADVERTISING), default=None)
    return 0 < likelihood < _CERTAIN and gravest in (None, Severity.EVIDENCE)


def _raised(probability: float, log_odds: float) -> float:
    if not 0 < probability < 1:
        return probability
    return 1 / (1 + math.exp(-(math.log(probability / (1 - probability)) + log_odds)))


def _reasons(findings: Findings, named: Sequence[Category], kinds: Iterable[Evidence]) -> Iterable[str]:
    for category in named:
        words = dict.fromkeys(hit.word for hit in findings.hits if hit.category is category)
        if words:
            yield f"{category}词：{'、'.join(list(words)[:5])}"
        model = (findings.probabilities or {}).get(category)
        if model is not None and model >= _SUSPECT:
            yield f"模型判断{category}：{model:.0%}"
    if kinds and not _SOLICITING.isdisjoint(named):
        yield f"含{'、'.join(sorted(kinds))}"
    if findings.cues:
        yield f"{'、'.join(findings.cues)}，只转人工复核"

"""Topic relevance: the group's open topics, the weighted League lexicon, and a trained model.

A post is on topic if it is about an open 微话题, if its League words weigh enough together, or if the model
says so; the reason names the words. Key types: `RelevanceModel` (a `monitor.ports.RelevanceJudge`),
`LeagueModel`; `shared_relevance` is the process's one judge.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from monitor.classify.league_words import ENOUGH, LeagueWords, shipped_league_words
from monitor.classify.ngrams import FORMAT, NgramModel, load_json, probability, save_json
from monitor.classify.normalise import MODEL_STEPS, normalise
from monitor.classify.topic_ranking import Confirmed, TopicRanker, shipped_background
from monitor.classify.verdicts import Relevance
from monitor.days.topics import Topic

LEAGUE_MODEL = Path(__file__).parent.parent / "models" / "relevance.json.gz"
_BY_TOPIC = 0.95  # probability shown where a word of an open topic stands in the text
_MOST_WEIGHT = 1.5  # of League words, as the model is told: more changes nothing
_KEYS = ("version", "weights", "bias", "beside", "threshold", "slope", "by_words")
_NO_TEXT = Relevance(False, "无文字，不能判断", 0.0)
_REMEMBERED_TOPICS = 50_000


@dataclass(frozen=True, slots=True)
class LeagueModel:
    """A trained model of League work and how its scores become probabilities.

    `threshold` (log odds) is where a text becomes relevant, shown as 0.5; `slope` turns the distance from
    it into log odds of the shown probability; `by_words` is the probability shown where words alone decide.
    """

    ngrams: NgramModel
    threshold: float
    slope: float
    by_words: float

    def probability(self, text: str, words_weight: float) -> float:
        """Return the calibrated probability that a normalised text is about League work."""
        odds = self.ngrams.score(text, min(words_weight, _MOST_WEIGHT))
        calibrated = probability(self.slope * (odds - self.threshold))
        return max(calibrated, self.by_words) if words_weight >= ENOUGH else calibrated


class RelevanceModel:
    """Judges posts by open topics and League work (HN-2.1.3). Thread-safe."""

    def __init__(self, words: LeagueWords, model: LeagueModel) -> None:
        """Keep lexicon and model."""
        self._words, self._model = words, model

    @property
    def version(self) -> str:
        """Return the version of the weights."""
        return self._model.ngrams.version

    def judge(self, text: str, topics: Sequence[Topic]) -> Relevance:
        """Judge one post's text as it came: what was written, or title or caption of link, file, picture."""
        return self.judge_normalised(normalise(text, MODEL_STEPS).text, topics)

    def judge_normalised(self, text: str, topics: Sequence[Topic]) -> Relevance:
        """Judge a text that `normalise(original, MODEL_STEPS)` returned."""
        if not text or text.isspace():
            return _NO_TEXT
        for topic in topics:
            for word in _topic_words(topic):
                if word in text:
                    return Relevance(True, f"话题词：{word}", _BY_TOPIC)
        weight, words = self._words.find(text)
        likelihood = self._model.probability(text, weight)
        if weight >= ENOUGH:
            return Relevance(True, f"团务词：{'、'.join(words)}", likelihood)
        if likelihood >= 0.5:
            named = words or self._model.ngrams.strongest(text, 3)
            return Relevance(True, f"像团务内容：{'、'.join(named) or '整句'}", likelihood)
        nearest, nearness = _nearest_topic(text, topics)
        if nearest and nearness >= 0.5:
            return Relevance(True, f"像话题内容：{nearest.title}", nearness)
        return Relevance(False, "未见话题词或团务词", max(likelihood, nearness))


def _nearest_topic(text: str, topics: Sequence[Topic]) -> tuple[Topic | None, float]:
    """Return the topic a text is likeliest about and how likely; one that shares no word is not asked."""
    likeliest: tuple[Topic | None, float] = (None, 0.0)
    for topic in topics:
        ranker = _ranker(topic)
        if ranker.touches(text) and (nearness := ranker.probability(text)) > likeliest[1]:
            likeliest = (topic, nearness)
    return likeliest


@lru_cache(maxsize=_REMEMBERED_TOPICS)
def _topic_words(topic: Topic) -> tuple[str, ...]:
    folded = (normalise(word, MODEL_STEPS).text.strip() for word in (topic.title, *topic.keywords))
    return tuple(dict.fromkeys(word for word in folded if word))


@lru_cache(maxsize=2_000)
def _ranker(topic: Topic) -> TopicRanker:
    confirmed = [Confirmed(text, True) for text in topic.examples]
    confirmed += [Confirmed(text, False) for text in topic.counter_examples]
    return TopicRanker(shipped_background(), topic.title, topic.keywords, confirmed)


def save_league_model(model: LeagueModel, file: Path) -> None:
    """Write a model; the same model gives the same bytes."""
    content = {
        "format": FORMAT,
        "version": model.ngrams.version,
        "weights": dict(model.ngrams.weights),
        "bias": model.ngrams.bias,
        "beside": model.ngrams.beside,
        "threshold": model.threshold,
        "slope": model.slope,
        "by_words": model.by_words,
    }
    save_json(file, content)


def load_league_model(file: Path = LEAGUE_MODEL) -> LeagueModel:
    """Read a model. Raises: WeightsError if the file is damaged or of another format."""
    content: Any = load_json(file, _KEYS)
    ngrams = NgramModel(content["weights"], content["bias"], content["beside"], content["version"])
    return LeagueModel(ngrams, content["threshold"], content["slope"], content["by_words"])


@lru_cache(maxsize=1)
def shared_relevance() -> RelevanceModel:
    """Return the process's one judge with the shipped lexicon and weights."""
    return RelevanceModel(shipped_league_words(), load_league_model())

"""The classifier of a process: lexicons, models and relevance behind one call.

Everything that can change while it runs (words of units, weights) is one immutable state that is swapped
whole, so a judgement never sees half of a change. Key types: `Classifier`, `shared_classifier`.
"""

import logging
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import islice
from pathlib import Path

from monitor.classify.cues import find_cues
from monitor.classify.errors import ClassifierFileError
from monitor.classify.fusion import Findings, fuse
from monitor.classify.lexicon import Lexicon, load_lexicon
from monitor.classify.linear import Contribution, HarmModels, load_models
from monitor.classify.matcher import Keep, Matcher, find_hits
from monitor.classify.patterns import find_evidence
from monitor.classify.relevance import shared_relevance
from monitor.classify.segment import shared_segmenter
from monitor.classify.sheet import Sheet
from monitor.classify.verdicts import Category, Harm, HarmModel, Judgement, PostVerdict, Thresholds
from monitor.classify.words import Cutter, Words
from monitor.days.topics import Topic
from monitor.ports import RelevanceJudge

LEXICONS = Path(__file__).parent.parent / "lexicons"
_LEAGUE = "league"  # files of that name hold words of League work, not of harm
_log = logging.getLogger(__name__)
_NUMBER = re.compile(r"\d")
_HARMLESS = Harm(0.0, False, False)
_DRY_RUN = "试运行，不发预警"
_MOST_AT_ONCE = 500  # texts
_MOST_REMEMBERED, _LONGEST_REMEMBERED = 2_048, 500  # texts, characters: some megabytes at the most


@dataclass(frozen=True, slots=True)
class _State:
    """What one judgement works with."""

    matcher: Matcher
    unit_matchers: Mapping[str, Matcher] = field(default_factory=dict)
    unit_version: int = 0
    models: tuple[HarmModel, ...] = ()
    thresholds: Mapping[Category, Thresholds] = field(default_factory=dict)
    model_version: str = ""
    remembered: dict[tuple[str, str], Harm] = field(default_factory=dict)  # by text and place of unit words


class Classifier:
    """Judges texts; implements `monitor.ports.HarmJudge`. Thread-safe."""

    def __init__(
        self,
        lexicons: Iterable[Lexicon],
        models: Iterable[HarmModel] = (),
        *,
        relevance: RelevanceJudge,
        cutter: Cutter,
        is_dry_run: bool = False,
    ) -> None:
        """Build the automata.

        Args:
            cutter: of words; only asked where a short word or a model needs it.
            is_dry_run: judge and tell as ever, but only for review: nothing becomes an alert.
        """
        self._relevance, self._cutter, self._is_dry_run = relevance, cutter, is_dry_run
        self._changing = threading.Lock()
        kept = tuple(lexicons)
        self._shipped = frozenset((one.word, one.category) for lexicon in kept for one in lexicon.entries)
        self._state = _with_models(_State(Matcher(kept)), models)

    @property
    def model_version(self) -> str:
        """Return the version of the weights in use, empty without any."""
        return self._state.model_version

    @property
    def is_dry_run(self) -> bool:
        """Tell whether nothing becomes an alert."""
        return self._is_dry_run

    @property
    def unit_words_version(self) -> int:
        """Return the version that `use_unit_words` was last called with, 0 before."""
        return self._state.unit_version

    def judge(self, text: str, topics: Sequence[Topic] = (), unit_path: str = "/") -> Judgement:
        """Answer both questions about one text: is it on topic, is it harmful. Any string is good."""
        state = self._state
        return Judgement(
            self._relevance.judge(text, topics), self._judge_harm(state, text, unit_path), state.model_version
        )

    def judge_harm(self, text: str, unit_path: str = "/") -> Harm:
        """Tell whether a text is harmful, by the words of the unit and of those above it too."""
        return self._judge_harm(self._state, text, unit_path)

    def suspect(self, text: str, unit_path: str) -> PostVerdict | None:
        """Return what is to be stored with a post, None for an ordinary one."""
        state = self._state
        harm = self._judge_harm(state, text, unit_path)
        if not (harm.is_harmful or harm.needs_review):
            return None
        return PostVerdict(harm, state.model_version)

    def foresee(self, posts: Sequence[tuple[str, str]]) -> None:
        """Judge many posts (text, path of the unit) at once, so that `suspect` then answers from memory.

        A third of the cost of asking for each; what comes of it is the same.
        """
        state = self._state
        by_path: dict[str, dict[str, None]] = {}
        for text, unit_path in posts:
            path = unit_path if state.unit_matchers else ""
            if 0 < len(text) <= _LONGEST_REMEMBERED and (text, path) not in state.remembered:
                by_path.setdefault(path, {})[text] = None
        for path, texts in by_path.items():
            for chunk in _chunks(texts):
                harms = zip(chunk, self._judge_sheet(state, chunk, path), strict=True)
                for text, harm in harms:
                    _remember(state, (text, path), harm)

    def explain(self, text: str, categories: Iterable[Category]) -> dict[Category, list[Contribution]]:
        """Return the pieces of a text that speak most for categories to the models; those that know them."""
        words = Words(text, self._cutter)
        found = {
            category: model.explain(words.folded.text, words.tokens, category)
            for category in categories
            for model in self._state.models
            if isinstance(model, HarmModels)
        }
        return {category: pieces for category, pieces in found.items() if pieces}

    def knows(self, word: str, category: Category) -> bool:
        """Tell whether a word stands in the shipped lexicons."""
        return (word, category) in self._shipped

    def use_unit_words(self, lexicons: Mapping[str, Lexicon], version: int) -> None:
        """Replace the words that units added (本单位词库).

        Args:
            lexicons: by the path of the unit; they hold for it and everything below it.
            version: any number that changes with the words, so that a caller knows whether to load again.
        """
        matchers = {path: Matcher([lexicon]) for path, lexicon in lexicons.items()}
        with self._changing:
            self._state = replace(self._state, unit_matchers=matchers, unit_version=version, remembered={})

    def use_models(self, models: Iterable[HarmModel]) -> None:
        """Replace the models."""
        with self._changing:
            self._state = _with_models(self._state, models)

    def reload_models(self, load: Callable[[], Iterable[HarmModel]]) -> ClassifierFileError | None:
        """Load models and use them; if a file is refused, return why and keep those in use."""
        try:
            models = tuple(load())
        except ClassifierFileError as error:
            _log.warning("weights refused, version %s stays in use: %s", self.model_version or "none", error)
            return error
        self.use_models(models)
        return None

    def _judge_harm(self, state: _State, text: str, unit_path: str) -> Harm:
        """Return a state's verdict; what comes a thousand times (收到, forwarded notices) is judged once."""
        if len(text) > _LONGEST_REMEMBERED:
            return self._judge_anew(state, text, unit_path)
        key = (text, unit_path if state.unit_matchers else "")
        harm = state.remembered.get(key)
        if harm is None:
            harm = self._judge_anew(state, text, unit_path)
            _remember(state, key, harm)
        return harm

    def _judge_anew(self, state: _State, text: str, unit_path: str) -> Harm:
        if not text or text.isspace():
            return _HARMLESS
        words = Words(text, self._cutter)
        hits = find_hits(_matchers(state, unit_path), text, words, Keep.WIDEST)
        traces = find_evidence(words.folded, text)
        return self._decide(
            state, words.folded.text, Findings(hits, traces, _ask_models(state.models, words))
        )

    def _judge_sheet(self, state: _State, texts: Sequence[str], unit_path: str) -> Iterator[Harm]:
        """Return the verdict of each text, in order."""
        sheet = Sheet(texts, self._cutter)
        folded, tokens, found = sheet.folded(), sheet.tokens(), sheet.hits(_matchers(state, unit_path))
        likely = _ask_models_of(state.models, [each.text for each in folded], tokens)
        for text, normal, hits, probabilities in zip(texts, folded, found, likely, strict=True):
            findings = Findings(hits, find_evidence(normal, text), probabilities)
            yield _HARMLESS if text.isspace() else self._decide(state, normal.text, findings)

    def _decide(self, state: _State, folded: str, findings: Findings) -> Harm:
        if not (findings.hits or findings.traces or findings.probabilities):
            return _HARMLESS
        harm = fuse(findings, state.thresholds)  # most are done with here
        if harm.categories:
            more = replace(findings, cues=find_cues(folded), has_number=_NUMBER.search(folded) is not None)
            harm = fuse(more, state.thresholds)
        if harm.is_harmful and self._is_dry_run:
            return replace(harm, is_harmful=False, needs_review=True, reasons=(*harm.reasons, _DRY_RUN))
        return harm


def _chunks(texts: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(texts)
    while chunk := list(islice(rest, _MOST_AT_ONCE)):
        yield chunk


def _remember(state: _State, key: tuple[str, str], harm: Harm) -> None:
    if len(state.remembered) >= _MOST_REMEMBERED:
        state.remembered.clear()
    state.remembered[key] = harm


def _with_models(state: _State, models: Iterable[HarmModel]) -> _State:
    kept = tuple(models)
    return replace(
        state,
        models=kept,
        thresholds={category: limits for model in kept for category, limits in model.thresholds.items()},
        model_version="+".join(model.version for model in kept),
        remembered={},
    )


def _matchers(state: _State, unit_path: str) -> Iterator[Matcher]:
    yield state.matcher
    if state.unit_matchers:
        end = unit_path.find("/") + 1
        while end:
            if matcher := state.unit_matchers.get(unit_path[:end]):
                yield matcher
            end = unit_path.find("/", end) + 1


def _ask_models(models: Sequence[HarmModel], words: Words) -> Mapping[Category, float]:
    probabilities: dict[Category, float] = {}
    for model in models:
        tokens = words.tokens if model.words_wanted else ()
        for category, probability in model.probabilities(words.folded.text, tokens).items():
            probabilities[category] = max(probability, probabilities.get(category, 0.0))
    return probabilities


def _ask_models_of(
    models: Sequence[HarmModel], texts: Sequence[str], words: Sequence[Sequence[str]]
) -> list[dict[Category, float]]:
    """Return the probabilities of each text, the likelier answer of several models."""
    joined: list[dict[Category, float]] = [{} for _ in texts]
    for model in models:
        if isinstance(model, HarmModels):
            answers: Iterable[Mapping[Category, float]] = model.probabilities_of(texts, words)
        else:
            answers = (model.probabilities(text, cut) for text, cut in zip(texts, words, strict=True))
        for known, answer in zip(joined, answers, strict=True):
            for category, probability in answer.items():
                known[category] = max(probability, known.get(category, 0.0))
    return joined


def load_lexicons(folder: Path = LEXICONS) -> list[Lexicon]:
    """Load the lexicons of harmful content in a folder. Raises: LexiconFormatError."""
    files = sorted(file for file in folder.glob("*.txt") if not file.name.startswith(_LEAGUE))
    return [load_lexicon(file) for file in files]


@lru_cache(maxsize=1)
def shared_classifier() -> Classifier:
    """Return the process's one classifier with the shipped lexicons and weights."""
    return build_classifier()


def build_classifier(*, is_dry_run: bool = False) -> Classifier:
    """Return a classifier with the shipped lexicons and weights.

    Weights that cannot be used are told in the log, and words alone decide until better ones are loaded.
    """
    classifier = Classifier(
        load_lexicons(), relevance=shared_relevance(), cutter=shared_segmenter(), is_dry_run=is_dry_run
    )
    classifier.reload_models(lambda: [load_models()])
    return classifier

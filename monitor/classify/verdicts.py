"""What the classifier answers with: hits, harm and the judgement of one post.

Imports nothing of the engine, so that models, lexicons and use cases can share these values.
Key types: `Category`, `Severity`, `Hit`, `Harm`, `Relevance`, `Judgement`, `PostVerdict`; `HarmModel` is a
trained model.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import NamedTuple, Protocol


class Category(StrEnum):
    """Kinds of harmful content (不良信息)."""

    ABUSE = "辱骂"
    PORN = "色情"
    GAMBLING = "赌博"
    FRAUD = "诈骗"
    ADVERTISING = "广告"
    DRUGS = "毒品"
    TERROR = "暴恐"
    RUMOUR = "谣言"
    ILLEGAL = "违法"


class Severity(IntEnum):
    """What one word of a lexicon is worth on its own; the number is the second column of the file."""

    EVIDENCE = 1
    """Raises a suspicion that something else has brought up; alone it does nothing."""
    REVIEW = 2
    """Alone it is worth a look by a person."""
    ALERT = 3
    """Alone it is worth an alert."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A word of a lexicon found in a text; start and end count code points of the text as it came."""

    word: str  # as the lexicon writes it, however the text spells it
    start: int
    end: int  # exclusive
    category: Category
    severity: Severity


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which probability (0–1) on a category is reviewed, and from which it raises an alert."""

    review: float
    alert: float

    def __post_init__(self) -> None:
        """Refuse thresholds that would alert what they do not even review."""
        if not 0 < self.review <= self.alert <= 1:
            raise ValueError(f"0 < review ≤ alert ≤ 1, got review {self.review}, alert {self.alert}")


@dataclass(frozen=True, slots=True)
class Harm:
    """Whether a text is harmful, how sure that is, and what speaks for it."""

    harm: float  # calibrated probability, 0.5 = more likely than not
    is_harmful: bool  # at or above the alert threshold of a category
    needs_review: bool  # not harmful, but a person should look
    categories: tuple[Category, ...] = ()  # likeliest first; empty if neither harmful nor to review
    hits: tuple[Hit, ...] = ()  # in the order of the text; none if it is neither
    reasons: tuple[str, ...] = ()  # Chinese, for people


@dataclass(frozen=True, slots=True)
class Relevance:
    """Whether a post is on topic (话题相关), and why."""

    is_relevant: bool
    reason: str  # short, shown to people: 「话题词：志愿服务」
    probability: float | None = None  # 0–1, None where words alone decided


class PostVerdict(NamedTuple):
    """What is stored with a post that is harmful or should be reviewed; other posts carry none."""

    harm: Harm
    model_version: str  # of the weights in use, "" if none were


@dataclass(frozen=True, slots=True)
class Judgement:
    """Both answers about one post."""

    relevance: Relevance
    harm: Harm
    model_version: str  # of the weights in use, "" if none are


class HarmModel(Protocol):
    """A trained model of one or several categories.

    `words_wanted` says whether `probabilities` looks at words: cutting them costs more than the rest.
    """

    @property
    def version(self) -> str:
        """Name the weights."""
        ...

    @property
    def thresholds(self) -> Mapping[Category, Thresholds]:
        """Return the thresholds of the categories it knows, from its card."""
        ...

    @property
    def words_wanted(self) -> bool:
        """Tell whether it looks at words."""
        ...

    def probabilities(self, text: str, words: Sequence[str]) -> Mapping[Category, float]:
        """Return the calibrated probability of each category the model knows.

        Args:
            text: as `normalise(original, MODEL_STEPS).text` returns it.
            words: that text cut by the segmenter; empty if `words_wanted` is False.
        """
        ...

"""How the classifier does, as people see it (模型运行情况): values without behaviour. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

ALLOWED = ""
"""Category of a span that is allowed."""


@dataclass(frozen=True, slots=True)
class FlaggedDay:
    """Collected posts of a day, and how many of them were flagged."""

    day: date
    n_posts: int
    n_harmful: int
    n_suspected: int  # harmful or to be looked at

    @property
    def ratio(self) -> float | None:
        """Share of suspected posts, 0–1; None without posts."""
        return self.n_suspected / self.n_posts if self.n_posts else None


@dataclass(frozen=True, slots=True)
class DriftReading:
    """What the classifier flagged by day, oldest first, and what people found of it."""

    days: tuple[FlaggedDay, ...]
    n_confirmed: int
    n_false: int

    @property
    def precision(self) -> float | None:
        """Confirmed places among those that people decided, 0–1; None before the first decision."""
        n_decided = self.n_confirmed + self.n_false
        return self.n_confirmed / n_decided if n_decided else None


@dataclass(frozen=True, slots=True)
class WordHits:
    """How many suspected posts a word stood in, and what people found of them."""

    word: str
    category: str
    n_posts: int
    n_false: int
    n_confirmed: int


class WordFilter(NamedTuple):
    """Which words are wanted; empty fields want all."""

    category: str | None = None  # ALLOWED for allowed spans
    part: str = ""
    unit_code: str = ""


class SignalReading(NamedTuple):
    """A signal with the group that it stands out in."""

    day: date
    kind: str
    value: float
    threshold: float
    figures: Mapping[str, Any]
    group_code: str
    group_name: str
    unit_name: str

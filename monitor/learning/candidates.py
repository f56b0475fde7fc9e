"""Learning from people's findings (学习): what is never trained on, when a candidate is taken, what is used.

Half of the examples, by their key, and whole families of the shipped seeds are frozen: nothing is ever
trained on them, and a candidate must do no worse there than the model in use. Pure.
Key types: `FrozenFigures`, `Choice`; `split_seeds`, `judge_candidate`, `versions_in_use`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from zlib import crc32

from monitor.classify.corpora import Row

LEAST_NEW_EXAMPLES = 20
"""Fewer new examples start no training by themselves (默认)."""
SHIPPED = 0
"""Number of the version that came with the program."""
_SEED_FOLDS = 5
_FROZEN_FOLD = 0


class ChoiceAct(StrEnum):
    """How a version came into use; the value is stored and shown."""

    PROMOTE = "启用"
    ROLL_BACK = "回退"


class Choice(NamedTuple):
    """One entry of the history of use."""

    act: ChoiceAct
    version_id: int
    reason: str
    at: datetime | None = None
    actor: str = ""


@dataclass(frozen=True, slots=True)
class FrozenFigures:
    """How a model does on the frozen set; ratios 0–1."""

    n_rows: int
    macro_f1: float
    false_alarm_ratio: float  # of harmless rows, at the alert threshold

    def words(self) -> str:
        """Say it for the list of versions."""
        return f"宏平均F1 {self.macro_f1:.1%}，正常文本误报 {self.false_alarm_ratio:.1%}"


class Judgement(NamedTuple):
    """Whether a candidate is taken, and why."""

    is_better: bool
    reason: str


def is_frozen_example(text_key: int) -> bool:
    """Tell whether an example is only ever measured on: half of them are, by their key."""
    return crc32(text_key.to_bytes(8, "big", signed=True)) % 2 == 1


def is_frozen_family(row: Row) -> bool:
    """Tell whether a seed is only ever measured on: every fifth family is, whole."""
    return crc32(row.family.encode()) % _SEED_FOLDS == _FROZEN_FOLD


def split_seeds(seeds: Iterable[Row]) -> tuple[list[Row], list[Row]]:
    """Return the seeds to rehearse and those of the frozen set."""
    rows = list(seeds)
    return [row for row in rows if not is_frozen_family(row)], [row for row in rows if is_frozen_family(row)]


def judge_candidate(candidate: FrozenFigures, in_use: FrozenFigures) -> Judgement:
    """Decide whether a candidate is taken: no worse in macro-F1 and in false alarms.

    Source: none (design §5).
    """
    compared = f"候选：{candidate.words()}；在用：{in_use.words()}（冻结集 {candidate.n_rows} 条）"
    if candidate.macro_f1 < in_use.macro_f1:
        return Judgement(False, f"未启用，宏平均F1变差。{compared}")
    if candidate.false_alarm_ratio > in_use.false_alarm_ratio:
        return Judgement(False, f"未启用，误报增多。{compared}")
    return Judgement(True, f"不差于在用版本。{compared}")


def versions_in_use(choices: Sequence[Choice]) -> list[int]:
    """Return the versions that roll-backs would go through, the one in use last; the first is 0."""
    stack = [SHIPPED]
    for choice in choices:
        if choice.act is ChoiceAct.PROMOTE:
            stack.append(choice.version_id)
        elif len(stack) > 1:
            stack.pop()
    return stack

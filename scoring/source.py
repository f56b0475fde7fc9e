"""Where a figure comes from and how far a result may be trusted (来源状态、结果状态).

Imports only the standard library. Key types: `SourceStatus`, `ResultStatus`, `Verdict`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Generic, TypeVar

T = TypeVar("T")


class SourceStatus(Enum):
    """How a figure stands in its source (来源状态), best first."""

    STATED = "载明"
    INFERRED = "推定"
    DEFAULT = "默认"
    DAMAGED = "残缺"
    MISSING = "缺失"


class ResultStatus(Enum):
    """How final a result is (结果状态), best first."""

    FINAL = "正式"
    PROVISIONAL = "暂定"
    INCOMPLETE = "待补充"


_RESULT_RANK = {status: rank for rank, status in enumerate(ResultStatus)}
_SOURCE_RANK = {status: rank for rank, status in enumerate(SourceStatus)}


def worst_result(statuses: Iterable[ResultStatus]) -> ResultStatus:
    """Tell the status of a result from those of its inputs: the worst input decides; none is 正式.

    Source: none (design §4).
    """
    return max(statuses, key=_RESULT_RANK.__getitem__, default=ResultStatus.FINAL)


def worst_source(statuses: Iterable[SourceStatus]) -> SourceStatus:
    """Tell the source status of a combination: the worst input decides; none is 载明.

    Source: none (design §4).
    """
    return max(statuses, key=_SOURCE_RANK.__getitem__, default=SourceStatus.STATED)


@dataclass(frozen=True, slots=True)
class Provenance:
    """Clause, text status and day of entry into force of one figure or rule.

    Attributes:
        clause: ledger id such as "HN-4.1d".
        status: how the figure stands in the source.
        effective_from: first day on which it applies.
        note: why it is read so; Chinese, shown to users.
        last_checked_on: day on which someone last compared it with the source.
        is_confirmed: 团省委 has confirmed this reading (a recorded act). A 缺失 cannot be confirmed.
    """

    clause: str
    status: SourceStatus
    effective_from: date
    note: str = ""
    last_checked_on: date | None = None
    is_confirmed: bool = False

    @property
    def result_status(self) -> ResultStatus:
        """What this source alone allows a result to be."""
        if self.status is SourceStatus.MISSING:
            return ResultStatus.INCOMPLETE
        if self.status is SourceStatus.STATED or self.is_confirmed:
            return ResultStatus.FINAL
        return ResultStatus.PROVISIONAL


@dataclass(frozen=True, slots=True)
class Verdict(Generic[T]):
    """A named decision with everything needed to answer 「为什么」.

    Attributes:
        name: what was decided, as "activity" or "group_duty".
        outcome: the decision.
        clause: ledger id of the rule that was applied.
        status: source status of that rule.
        result_status: 正式, 暂定 or 待补充; the worst input decides.
        figures: the inputs by name.
        arithmetic: one Chinese line that leads from the inputs to the outcome.
    """

    name: str
    outcome: T
    clause: str
    status: SourceStatus
    result_status: ResultStatus
    figures: Mapping[str, object]
    arithmetic: str

    def as_json(self) -> dict[str, object]:
        """Give the verdict as JSON values, to store beside its record: enums as 中文, Decimal as text."""
        return {
            "name": self.name,
            "outcome": plain(self.outcome),
            "clause": self.clause,
            "status": self.status.value,
            "result_status": self.result_status.value,
            "figures": plain(self.figures),
            "arithmetic": self.arithmetic,
        }


def plain(value: object) -> object:
    """Turn a value into JSON types: enums by value, Decimal and date as text, containers recursively.

    Source: none (design §2).
    """
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return value

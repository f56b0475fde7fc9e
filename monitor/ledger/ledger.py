"""The ledger (台账): what a unit has opened, changed and closed, whom it covers, and how far that is. Pure.

Coverage (覆盖率) is judged by the bands of the rulebook. What was observed beside it is
in `reconciliation`. Imports no store and no clock. Key types: `LedgerChange`, `LedgerReading`, `Coverage`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from monitor.assessment.dossier import BASE_OF_ITEM, BaseKind
from monitor.clock import Period
from monitor.units import Unit
from scoring.bands import Band
from scoring.rubric import show_percent
from scoring.rubric_rules import RatioBands, Rubric
from scoring.source import Provenance

USUAL_MOST_MEMBERS = 500
"""微信群 hold no more; a larger figure is asked about (requirement D.4)."""
_MOST_CODE_CHARS = 26
_NEXT_CLASSES = {BaseKind.MEMBERS: "人", BaseKind.GROUPS: "个群", BaseKind.ORGANISATIONS: "个团组织"}


class ChangeKind(StrEnum):
    """What a change of the register did; the value is stored and shown."""

    OPEN = "开通"
    MEMBERS = "变更"
    CLOSE = "停用"
    CLAIM = "认领"
    TOPIC_OPEN = "开话题"
    TOPIC_CLOSE = "结束话题"
    OFFICER = "专责"
    MANAGER = "管理员"
    INVITE = "邀请"
    MOVE_UNIT = "单位划转"
    MERGE_UNIT = "单位合并"
    CLOSE_UNIT = "单位撤销"
    MOVE_GROUP = "群划转"


class ChangeState(StrEnum):
    """How far a change has come; the value is stored and shown."""

    PENDING = "待审批"
    DONE = "已生效"
    RETURNED = "已退回"
    WITHDRAWN = "已撤销"


@dataclass(frozen=True, slots=True)
class LedgerChange:
    """One change, or one asked for. `before` and `after` hold the figures that it is about."""

    number: int
    kind: ChangeKind
    state: ChangeState
    unit_id: int
    unit_name: str
    unit_path: str
    group_id: int | None
    code: str
    name: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    reason: str
    effective_on: date
    asked_at: datetime
    asked_by: str
    asked_by_name: str
    decided_by_name: str = ""
    decided_at: datetime | None = None
    note: str = ""


class LedgerGroup(NamedTuple):
    """A group as the ledger knows it; `members` on the last day of the period, unless it is closed."""

    group_id: int
    code: str
    name: str
    unit_code: str
    unit_name: str
    members: int
    opened_on: date
    closed_on: date | None
    managers: str  # in office on the last day, joined by 「、」

    def is_open_on(self, day: date) -> bool:
        """Tell whether the group is open on a day, first and last day included."""
        return self.opened_on <= day and (self.closed_on is None or day <= self.closed_on)


class LedgerAccount(NamedTuple):
    """An official account (公众号) in use."""

    key: str
    name: str
    unit_code: str
    unit_name: str


class BaseFigure(NamedTuple):
    """A base (基数) with its year and source."""

    kind: BaseKind
    year: int
    number: int
    source: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """One of the three ratios (覆盖率).

    Attributes:
        item: HN-A2.2a, b or c.
        kind: what is covered.
        covered: from the ledger.
        base: with year and source; None where nobody entered one (未录入).
        percent: cut to two decimals, "" without a base or with base 0 (无基数).
        tier: the band in words, "" without a ratio.
        points: of the band; None without a ratio.
        n_to_next: how many more reach the next band; 0 at the top or without a ratio.
        next_tier: lower bound of the next band in percent, "" at the top.
        source: clause and status of the band; of the item without one.
    """

    item: str
    kind: BaseKind
    covered: int
    base: BaseFigure | None
    percent: str
    tier: str
    points: Decimal | None
    n_to_next: int
    next_tier: str
    source: Provenance

    @property
    def is_above_base(self) -> bool:
        """Whether more are covered than there are: one of both figures is wrong (D.3: a warning)."""
        return self.base is not None and 0 < self.base.number < self.covered

    @property
    def words(self) -> str:
        """Numerator, denominator and ratio, 无基数 or 未录入."""
        if self.base is None:
            return f"{self.covered} / 基数未录入"
        if not self.base.number:
            return f"{self.covered} / 无基数"
        return f"{self.covered}/{self.base.number} = {self.percent}"

    @property
    def distance(self) -> str:
        """How far the next tier is: 再覆盖 12 人到 80 %; "" at the top or without a ratio."""
        if not self.n_to_next:
            return ""
        return f"再覆盖 {self.n_to_next} {_NEXT_CLASSES[self.kind]}到 {self.next_tier}"


@dataclass(frozen=True, slots=True)
class LedgerReading:
    """The ledger of a unit's subtree over a period.

    `groups` are those open on its last day, in order of code, the first of `n_groups`; `opened` and `closed`
    were in it; `changes` newest first, of the whole subtree. Somebody in two groups counts twice among
    `n_members`.
    """

    unit: Unit
    period: Period
    groups: tuple[LedgerGroup, ...]
    opened: tuple[LedgerGroup, ...]
    closed: tuple[LedgerGroup, ...]
    accounts: tuple[LedgerAccount, ...]
    coverage: tuple[Coverage, ...]
    changes: tuple[LedgerChange, ...]
    n_groups: int
    n_members: int
    n_units: int
    n_units_with_groups: int
    n_pending: int
    made_at: datetime


def measure_coverage(
    item: str, bands: RatioBands, source: Provenance, kind: BaseKind, covered: int, base: BaseFigure | None
) -> Coverage:
    """Measure one coverage ratio and how many more reach the next tier.

    Source: HN-A2.2a, HN-A2.2b, HN-A2.2c; continuous bands (D-11 默认).

    Args:
        item: of the rubric.
        bands: of its ratio.
        source: of the item, shown where no band can be found.
        kind: what is covered.
        covered: 人, 个群 or 个团组织, integer ≥ 0; above the base it counts as the base.
        base: None is 未录入, 0 is 无基数: no ratio, never 0 %.
    """
    if base is None or base.number <= 0:
        return Coverage(item, kind, covered, base, "", "", None, 0, "", source)
    counted = min(covered, base.number)
    band = bands.find(Decimal(counted) / Decimal(base.number))
    following = _next_band(bands, band)
    n_to_next, next_tier = 0, ""
    if following is not None:
        needed = (following.lower * base.number).to_integral_value(ROUND_CEILING)
        n_to_next, next_tier = int(needed) - counted, f"{(following.lower * 100).normalize():f} %"
    return Coverage(
        item, kind, covered, base, show_percent(counted, base.number), band.label, band.outcome,
        n_to_next, next_tier, band.source,
    )  # fmt: skip


def measure_all(
    rubric: Rubric, covered: Mapping[BaseKind, int], bases: Mapping[BaseKind, BaseFigure]
) -> tuple[Coverage, ...]:
    """Measure the three ratios in the order of the rubric.

    Source: HN-A2.2a…c.
    """
    found = []
    for item in rubric.items:
        kind = BASE_OF_ITEM.get(item.id)
        bands = next((part.bands for part in item.components if part.bands), None)
        if kind is not None and bands is not None:
            found.append(
                measure_coverage(item.id, bands, item.source, kind, covered.get(kind, 0), bases.get(kind))
            )
    return tuple(found)


def members_on(present: int, changes: Iterable[LedgerChange], day: date) -> int:
    """Return the members a group had on a day: what the first later change found.

    Args:
        present: as registered now.
        changes: of the group, any kinds, in any order.
        day: the day asked about.
    """
    later = [
        change
        for change in changes
        if change.kind is ChangeKind.MEMBERS
        and change.state is ChangeState.DONE
        and change.effective_on > day
    ]
    if not later:
        return present
    first = min(later, key=lambda change: change.number)
    return int(first.before["members"])


def next_group_code(unit_code: str, taken: Iterable[str]) -> str:
    """Return the next free code (群编号) of a unit: its own code, Q for 群, a running number.

    Source: none (design): a unit's children have longer codes without Q, so neither is taken for the other.

    Args:
        unit_code: of the unit that opens the group.
        taken: codes in use or asked for.
    """
    used, stem = set(taken), f"{unit_code[:_MOST_CODE_CHARS]}Q"
    number = 1
    while f"{stem}{number:02}" in used:
        number += 1
    return f"{stem}{number:02}"


def _next_band(bands: RatioBands, band: Band[Decimal]) -> Band[Decimal] | None:
    """Return the band above that gives more points, or None at the top."""
    higher = [one for one in bands.bands if one.lower > band.lower and one.outcome > band.outcome]
    return min(higher, key=lambda one: one.lower) if higher else None

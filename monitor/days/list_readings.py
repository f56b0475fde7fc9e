"""Lists behind the numbers: groups, official accounts and alerts of a unit by state, page by page. Pure.

Key types: `GroupList`, `AccountList`, `AlertList`, `DutyFilter`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from monitor.days.readings import AccountDay, DutyTally, GroupDay
from monitor.units import Unit
from scoring.duty import DutyState


class DutyFilter(StrEnum):
    """Which groups or accounts of a day are listed; the value is the word of its tab."""

    ALL = "全部"
    UNMET = "未达标"
    NO_DATA = "无数据"
    MET = "达标"

    @property
    def states(self) -> tuple[DutyState, ...]:
        """The states of duty (每日职责) it lets through; 未达标 holds 无微话题 too (HN-2.1.3)."""
        return _STATES[self]


_STATES = {
    DutyFilter.ALL: tuple(DutyState),
    DutyFilter.UNMET: (DutyState.NOT_MET, DutyState.NO_TOPIC),
    DutyFilter.NO_DATA: (DutyState.NO_DATA,),
    DutyFilter.MET: (DutyState.MET,),
}


class Cut(NamedTuple):
    """Which rows of a long list: a page, numbered from 1, and its size."""

    page: int
    size: int

    @property
    def offset(self) -> int:
        """How many rows lie before it, as far as a database can count."""
        return min(max(self.page - 1, 0) * self.size, 10**9)

    def within(self, n_rows: int) -> "Cut":
        """Return the same page, or the last one there is."""
        return Cut(min(max(self.page, 1), max(1, -(-n_rows // self.size))), self.size)


@dataclass(frozen=True, slots=True)
class GroupList:
    """One page of the groups (群) of a subtree on a day in some states; `tally` counts all of them."""

    unit: Unit
    breadcrumb: tuple[Unit, ...]
    day: date
    data_at: datetime | None
    is_closed: bool
    tally: DutyTally
    groups: tuple[GroupDay, ...]
    cut: Cut


@dataclass(frozen=True, slots=True)
class AccountList:
    """The official accounts (公众号) of a subtree on a day, those in default first."""

    unit: Unit
    breadcrumb: tuple[Unit, ...]
    day: date
    is_closed: bool
    accounts: tuple[AccountDay, ...]


class AlertReading(NamedTuple):
    """An alert (预警) that is not over. `group_code` is empty for that of a unit."""

    alert_id: int
    kind: str
    level: int  # 1 is the most urgent
    title: str
    unit_code: str
    unit_name: str
    group_code: str
    day: date
    is_acknowledged: bool


@dataclass(frozen=True, slots=True)
class AlertList:
    """One page of the alerts of a subtree that are not over, the most urgent first."""

    unit: Unit
    breadcrumb: tuple[Unit, ...]
    n_alerts: int
    alerts: tuple[AlertReading, ...]
    cut: Cut


def count_in(tally: DutyTally, wanted: DutyFilter) -> int:
    """Return how many groups of a tally a filter lets through."""
    return {
        DutyFilter.ALL: tally.n_groups,
        DutyFilter.UNMET: tally.n_not_met + tally.n_no_topic,
        DutyFilter.NO_DATA: tally.n_no_data,
        DutyFilter.MET: tally.n_met,
    }[wanted]


def select_accounts(accounts: Sequence[AccountDay], wanted: DutyFilter) -> list[AccountDay]:
    """Return the accounts that a filter lets through."""
    return [account for account in accounts if account.duty in wanted.states]

"""Answers of the query use cases: one set of values for chat, console and API.

Every reading says how fresh it is (`data_at`) and keeps "no data" (无数据) apart from zero: a count is
None when nothing was collected, reported or entered that day.
"""

from dataclasses import dataclass
from datetime import date, datetime
from math import floor

from monitor.units import Group, Unit
from scoring.activity import ActivityGrade
from scoring.duty import DutyState
from scoring.source import ResultStatus


def tenths_of_percent(ratio: float) -> int:
    """Return a ratio 0…1 in tenths of a percent, cut and never rounded up: 1000 means all.

    Source: none (design: no figure is shown better than it is).
    """
    return floor(ratio * 1000 + 1e-9)  # what is lacking to a tenth is more, the error of a float far less


@dataclass(frozen=True, slots=True)
class ProvenanceCount:
    """What one kind of source says about a group's day."""

    provenance: str  # 采集 自报 检查 导入
    n_posts: int
    n_relevant: int
    last_at: datetime | None = None  # latest post of that source


@dataclass(frozen=True, slots=True)
class GroupDay:
    """One group on one business day. Counts are None when there is no data."""

    group: Group
    day: date
    n_posts: int | None
    n_relevant: int | None
    n_members: int | None  # distinct senders
    n_repeats: int  # posts whose text equals an earlier one of that day: counted, but flagged
    activity: ActivityGrade | None
    duty: DutyState
    status: ResultStatus  # 暂定 until the day is closed
    clause: str
    activity_reason: str  # arithmetic line of the activity grade, or why there is none
    duty_reason: str
    by_provenance: tuple[ProvenanceCount, ...] = ()
    topics: tuple[str, ...] = ()  # titles open that day
    last_data_at: datetime | None = None  # latest data of the group on any day
    last_data_by: str = ""  # provenance of that data
    manager_name: str = ""

    @property
    def data_at(self) -> datetime | None:
        """How fresh the figures of this day are: its own latest data, None without any."""
        return max((count.last_at for count in self.by_provenance if count.last_at), default=None)


@dataclass(frozen=True, slots=True)
class PostReading:
    """One post in the drawer of a group's day. What is not counted is listed too, and says so."""

    occurred_at: datetime
    sender_name: str  # masked for everybody above the group's own unit; empty after the retention time
    kind: str  # text image link file voice video other
    excerpt: str  # empty for leaders, who see no message bodies (requirements D.6)
    is_relevant: bool
    reason: str  # why it is on topic or not
    provenance: str  # 采集 导入
    is_recalled: bool
    is_counted: bool  # D-07: false for our own bot's replies and for recalled posts
    event_key: int = 0  # names the post within its group and day, for 有关 / 无关


@dataclass(frozen=True, slots=True)
class AccountDay:
    """One official account on one business day (HN-2.1.3a). n_articles is None without data."""

    account_code: str
    account_name: str
    unit_name: str
    day: date
    n_articles: int | None
    duty: DutyState
    status: ResultStatus
    duty_reason: str


@dataclass(frozen=True, slots=True)
class DutyTally:
    """How many groups of a subtree are in which state on a day."""

    day: date
    n_groups: int = 0
    n_met: int = 0
    n_not_met: int = 0
    n_no_topic: int = 0
    n_no_data: int = 0
    n_excellent: int = 0
    n_good: int = 0
    n_fair: int = 0
    n_poor: int = 0
    n_posts: int = 0
    n_relevant: int = 0

    @property
    def n_with_data(self) -> int:
        """Groups about which something is known: the base of the duty rate."""
        return self.n_groups - self.n_no_data

    @property
    def met_ratio(self) -> float | None:
        """Duty rate (达标率) 0…1 over groups with data; None when there is none."""
        return self.n_met / self.n_with_data if self.n_with_data else None


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One unit of a list: today, and its bar of days, oldest first."""

    unit: Unit
    today: DutyTally
    history: tuple[DutyTally, ...] = ()
    week_ratio: float | None = None  # duty rate of the 7 closed days before today


@dataclass(frozen=True, slots=True)
class UnitStatus:
    """Card of one unit (状态)."""

    unit: Unit
    day: date
    data_at: datetime | None
    is_closed: bool
    tally: DutyTally
    week_ratio: float | None
    n_accounts: int
    n_accounts_met: int
    n_accounts_no_data: int
    n_open_alerts: int
    missing: tuple[GroupDay, ...] = ()  # groups whose duty is not met, worst first
    breadcrumb: tuple[Unit, ...] = ()  # from the viewer's own unit down


@dataclass(frozen=True, slots=True)
class UnmetReport:
    """Who has not met the daily duty (未达标), grouped by the units one level below."""

    unit: Unit
    day: date
    data_at: datetime | None
    is_closed: bool
    groups: tuple[GroupDay, ...]  # 未达标 and 无微话题, sorted by unit and code
    n_no_data: int
    accounts: tuple[AccountDay, ...]
    by_child: tuple[tuple[str, int], ...]  # name of the child unit, number of groups, worst first


@dataclass(frozen=True, slots=True)
class RankingRow:
    """One place on a board. Ties share a rank."""

    rank: int | None  # None without data
    unit: Unit
    met_ratio: float | None
    n_met: int  # group-days
    n_with_data: int
    movement: int | None = None  # places gained since the period before; None without a rank then
    is_small_sample: bool = False


@dataclass(frozen=True, slots=True)
class Ranking:
    """A board (排名) of the children of one unit over a period."""

    unit: Unit
    kind: str  # unit kind ranked, "" for all
    first_day: date
    last_day: date
    data_at: datetime | None
    rows: tuple[RankingRow, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why (为什么): every step from the counts to the grade, with clause and source."""

    subject: str
    day: date
    data_at: datetime | None
    conclusion: str
    lines: tuple[str, ...]
    clauses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """First page of the console: five headline numbers, worst units first, days of history."""

    unit: Unit
    day: date
    data_at: datetime | None
    tally: DutyTally
    history: tuple[DutyTally, ...]  # 30 days, oldest first, today last
    n_accounts: int
    n_accounts_met: int
    n_accounts_no_data: int
    n_open_alerts: int
    n_unregistered: int
    rows: tuple[UnitRow, ...]
    breadcrumb: tuple[Unit, ...] = ()
    groups: tuple[GroupDay, ...] = ()  # the unit's own groups, not those of its children
    is_closed: bool = False

"""Self-reports (自报) of group managers: what they may say, when it counts, who agrees. Pure.

A report of the day counts at once and waits to be verified (待核); one that comes after noon of the next day
counts only when somebody above has agreed (requirement D.5). Key types: `SelfReport`, `ReportState`.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from monitor.clock import business_day, shanghai_instant
from monitor.errors import BadParameter, StateError
from monitor.people.steps import AttachedPicture

PICTURE = "self_report"
"""Purpose of the screenshots."""
MOST_POSTS = 9_999
ASKS_ABOVE = 500
"""Larger counts are asked about before they are stored (requirement D.1)."""
MOST_DAYS_BACK = 7
_NOON = time(12, 0)
_BAD_COUNT = f"条数应为0–{MOST_POSTS}的整数"


class ReportState(StrEnum):
    """How far a report has come; the value is stored and shown."""

    PENDING = "待核"
    APPROVED = "已核实"
    RETURNED = "已退回"
    REPLACED = "已更新"  # by a later report of the same day
    WITHDRAWN = "已撤销"


class ReportDecided(StateError):
    """The report is no longer in a state that allows this."""

    code = "self_report_decided"
    user_text = "该自报已有结果，不能再改"


@dataclass(frozen=True, slots=True)
class SelfReport:
    """One report. `needs_approval`: it does not count before it is verified."""

    number: int
    group_id: int
    day: date
    n_posts: int
    n_relevant: int
    state: ReportState
    needs_approval: bool
    reported_at: datetime
    reported_by: str
    reported_by_name: str
    group_code: str
    group_name: str
    unit_name: str
    unit_path: str
    decided_at: datetime | None = None
    decided_by_name: str = ""
    reason: str = ""
    pictures: tuple[AttachedPicture, ...] = ()

    @property
    def counts(self) -> bool:
        """Tell whether the report is the day's 自报."""
        if self.state is ReportState.PENDING:
            return not self.needs_approval
        return self.state is ReportState.APPROVED

    @property
    def has_same_picture(self) -> bool:
        """Tell whether a screenshot is the same as an earlier one."""
        return any(picture.same_as is not None for picture in self.pictures)

    @property
    def label(self) -> str:
        """Group and day, short."""
        return f"{self.group_code} {self.group_name} {self.day:%m-%d}"


def read_count(word: str) -> int:
    """Return a number of posts.

    Source: requirement D.1.
    Raises: BadParameter unless it is an integer from 0 to 9999 in digits.
    """
    if word.isascii() and word.isdigit() and int(word) <= MOST_POSTS:
        return int(word)
    raise BadParameter(f"count {word[:20]!r}", user_text=_BAD_COUNT)


def require_plausible(n_posts: int, n_relevant: int) -> None:
    """Refuse more posts on topic than posts.

    Source: requirement D.5.
    Raises: BadParameter.
    """
    if n_relevant > n_posts:
        text = f"相关条数（{n_relevant}）不能大于条数（{n_posts}）"
        raise BadParameter("more relevant posts than posts", user_text=text)


def needs_approval(day: date, now: datetime) -> bool:
    """Tell whether a report of a day comes too late to count by itself: from 12:00 of the next day on.

    Source: requirement D.5.
    Raises: BadParameter for a day ahead, or more than seven days back.
    """
    today = business_day(now)
    if day > today:
        raise BadParameter(f"day ahead {day}", user_text=f"日期 {day:%m-%d} 尚未到来")
    if (today - day).days > MOST_DAYS_BACK:
        text = f"只能补报最近 {MOST_DAYS_BACK} 天，{day:%Y-%m-%d} 的数据请由上级导入聊天记录"
        raise BadParameter(f"day too old {day}", user_text=text)
    return now >= shanghai_instant(day + timedelta(days=1), _NOON)


def require_decidable(report: SelfReport, *, is_approved: bool) -> None:
    """Refuse a decision that the state does not allow: what was verified may still be returned.

    Source: none (design).
    Raises: ReportDecided.
    """
    allowed = (ReportState.PENDING,) if is_approved else (ReportState.PENDING, ReportState.APPROVED)
    if report.state not in allowed:
        text = f"编号 {report.number} 的自报{report.state.value}，不能再{'通过' if is_approved else '退回'}"
        raise ReportDecided(f"{report.number} is {report.state.name}", user_text=text)

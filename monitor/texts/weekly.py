"""What is sent about weekly reports: the reminder of the due day, and that one is missing."""

from datetime import datetime

from monitor.clock import as_shanghai
from monitor.weekly import CLAUSE, DUE_SWITCH, Week


def weekly_due_text(unit_name: str, week: Week, due: datetime) -> tuple[str, str]:
    """Return title and text of the reminder before a report is due."""
    title = f"微信周报待提交：{week.words}"
    lines = (
        title,
        f"{unit_name}，{_days(week)}，截止 {_moment(due)}（{DUE_SWITCH}）",
        "草稿已按台账预填，核对后即可提交",
        f"可回复：周报 或 周报 提交（依据 {CLAUSE}）",
    )
    return title, "\n".join(lines)


def weekly_missing_text(unit_name: str, week: Week, due: datetime) -> tuple[str, str]:
    """Return title and text of the alert that a report was not submitted in time."""
    title = f"周报未交：{week.words}"
    lines = (
        title,
        f"{unit_name}，截止 {_moment(due)} 未收到（{DUE_SWITCH}）",
        f"补报按逾期登记，可回复：周报 补报 {week.label}",
    )
    return title, "\n".join(lines)


def missing_detail(week: Week, due: datetime) -> str:
    """Return the detail of the alert in lists."""
    return f"{week.words}（{_days(week)}）截止 {_moment(due)} 未收到（{CLAUSE}，{DUE_SWITCH}）"


def _days(week: Week) -> str:
    return f"{week.first_day:%m-%d} 至 {week.last_day:%m-%d}"


def _moment(instant: datetime) -> str:
    return f"{as_shanghai(instant):%m-%d %H:%M}"

"""What a closed day gives rise to (预警), whom it concerns, and when it is over. Pure.

A finding's key makes raising it idempotent: closing a day again raises nothing twice. Key types:
`AlertKind`, `Finding`, `Watcher`, `OpenAlert`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from monitor.days.closing import GroupDayRow, OpenGroup
from monitor.delivery.outbox import identity_recipient
from monitor.units import Role
from scoring.activity import ActivityGrade
from scoring.duty import DutyState

SILENT_DAYS = 2
"""Days without any data after which a group's source is reported as silent."""


class AlertKind(StrEnum):
    """What an alert is about; the value is its last word in titles and is stored."""

    GROUP_UNMET = "未达标"
    GROUP_POOR = "活跃度差"
    NO_TOPIC = "无微话题"
    NO_DATA = "连续无数据"
    ACCOUNT_UNMET = "公众号未发布"
    POOR_STREAK = "连续差"  # a 市县's own, raised by its spot checks and not by a day
    WEEKLY_MISSING = "周报未交"  # a unit's own, over when its report is submitted
    TODAY_UNMET = "今日未完成"  # a reminder's own: acknowledging it stops the repeats of that day
    OFFICER_VACANT = "专责缺位"
    OFFICER_DUPLICATE = "专责重复"
    MANAGER_VACANT = "管理员缺位"
    LEDGER_MISMATCH = "台账不符"


LEVEL = {
    AlertKind.POOR_STREAK: 2,
    AlertKind.WEEKLY_MISSING: 3,
    AlertKind.GROUP_UNMET: 3,
    AlertKind.GROUP_POOR: 3,
    AlertKind.NO_DATA: 3,
    AlertKind.ACCOUNT_UNMET: 3,
    AlertKind.NO_TOPIC: 4,
    AlertKind.TODAY_UNMET: 4,
    AlertKind.OFFICER_VACANT: 3,
    AlertKind.OFFICER_DUPLICATE: 3,
    AlertKind.MANAGER_VACANT: 3,
    AlertKind.LEDGER_MISMATCH: 4,
}


class Finding(NamedTuple):
    """One thing to be reported about a group, or about an official account (no `group_id`)."""

    kind: AlertKind
    key: str
    day: date
    unit_id: int
    unit_path: str
    group_id: int | None
    code: str
    name: str
    detail: str

    @property
    def short_label(self) -> str:
        """What people call it where space is short; an account's key is the configuration's word."""
        return self.name if self.group_id is None else self.code

    @property
    def label(self) -> str:
        """What people call it: a group by code and name, an account by its name."""
        return self.name if self.group_id is None else f"{self.code} {self.name}"

    @property
    def title(self) -> str:
        """Label and word: what lists show, and what a digest can shorten to the code."""
        return f"{self.label} {self.kind.value}"


class AccountDuty(NamedTuple):
    """An official account on the closed day. n_articles is None when its callback was not heard."""

    account_id: int
    key: str
    name: str
    unit_id: int
    unit_path: str
    n_articles: int | None


class Watcher(NamedTuple):
    """A bound person who may be told about a unit or group."""

    identity_id: int
    role: str
    unit_path: str
    group_ids: frozenset[int] = frozenset()

    @property
    def recipient(self) -> str:
        """Name in the outbox."""
        return identity_recipient(self.identity_id)


class OpenAlert(NamedTuple):
    """An alert that is not over. `subject_id` is the id in its key: of a group or an account."""

    alert_id: int
    key: str
    kind: str
    business_day: date

    @property
    def subject_id(self) -> int:
        """Group or account that the alert is about."""
        return subject_of(self.key)


def subject_of(alert_key: str) -> int:
    """Return the id of the group or account that an alert's key names."""
    return int(alert_key.split(":")[1])


def find_group_problems(
    groups: Iterable[OpenGroup],
    rows: Mapping[int, GroupDayRow],
    last_data_days: Mapping[int, date | None],
    day: date,
) -> list[Finding]:
    """Return what the closed verdicts of groups give rise to, in order of the groups.

    Source: HN-2.1.3b, HN-4.1d; 无数据 from the second day on (design).

    Args:
        groups: open on the day.
        rows: verdicts by group id.
        last_data_days: of groups without data on the day, when there last was any.
        day: the closed day.
    """
    found: list[Finding] = []
    for group in groups:
        row = rows.get(group.group_id)
        if row is None:
            continue
        if row.duty == DutyState.NOT_MET.value:
            found.append(_on_day(AlertKind.GROUP_UNMET, group, day, row.duty_reason))
        elif row.duty == DutyState.NO_TOPIC.value:
            found.append(_on_day(AlertKind.NO_TOPIC, group, day, row.duty_reason))
        if row.activity == ActivityGrade.POOR.value:
            found.append(_on_day(AlertKind.GROUP_POOR, group, day, row.activity_reason))
        if row.n_posts is None:
            last = last_data_days.get(group.group_id) or group.opened_on - timedelta(days=1)
            n_silent = (day - last).days
            if n_silent >= SILENT_DAYS:
                found.append(_silence(group, day, last, n_silent))
    return found


def find_account_problems(accounts: Iterable[AccountDuty], min_articles: int, day: date) -> list[Finding]:
    """Return the accounts that were heard but published too little (HN-2.1.3a); silence is no finding."""
    return [
        Finding(
            AlertKind.ACCOUNT_UNMET,
            f"account_unmet:{account.account_id}:{day}",
            day,
            account.unit_id,
            account.unit_path,
            None,
            account.key,
            account.name,
            f"当日发布 {account.n_articles} 条 < {min_articles} 条 → 未达标",
        )
        for account in accounts
        if account.n_articles is not None and account.n_articles < min_articles
    ]


def address_findings(findings: Iterable[Finding], watchers: Sequence[Watcher]) -> dict[str, list[Finding]]:
    """Return who is told what: managers their groups, admins their subtree, never above 市县/高校.

    Inspectors are told by the morning digest. What belongs to the root unit itself goes to its admins.
    """
    admins, managers = admins_by_path(watchers), managers_by_group(watchers)
    addressed: dict[str, list[Finding]] = {}
    for finding in findings:
        told = [name for path in _paths_below_root(finding.unit_path) for name in admins.get(path, ())]
        if finding.group_id is not None:
            told += managers.get(finding.group_id, ())
        for recipient in dict.fromkeys(told):
            addressed.setdefault(recipient, []).append(finding)
    return addressed


def admins_by_path(watchers: Iterable[Watcher]) -> dict[str, list[str]]:
    """Return the recipients who administer each unit, by its path."""
    found: dict[str, list[str]] = {}
    for watcher in watchers:
        if watcher.role in (Role.UNIT_ADMIN, Role.BRANCH_ADMIN):
            found.setdefault(watcher.unit_path, []).append(watcher.recipient)
    return found


def managers_by_group(watchers: Iterable[Watcher]) -> dict[int, list[str]]:
    """Return the recipients who manage each group, by its id."""
    found: dict[int, list[str]] = {}
    for watcher in watchers:
        if watcher.role == Role.GROUP_MANAGER:
            for group_id in watcher.group_ids:
                found.setdefault(group_id, []).append(watcher.recipient)
    return found


def nearest_admins(unit_path: str, admins: Mapping[str, list[str]]) -> list[str]:
    """Return the admins of the lowest unit on a path that has any, never of the root for a unit below it."""
    return next((admins[path] for path in _paths_below_root(unit_path) if path in admins), [])


def find_resolved(
    open_alerts: Iterable[OpenAlert],
    raised: Iterable[Finding],
    rows: Mapping[int, GroupDayRow],
    accounts: Iterable[AccountDuty],
    day: date,
) -> list[int]:
    """Return the alerts that a closed day ends: its own if they no longer hold, earlier ones if made good.

    A fault that goes on is one alert, that of its latest day: one for every day would hide the others.

    Args:
        open_alerts: of the day and before.
        raised: what the day gives rise to now.
        rows: verdicts of the day by group id; an alert of a group without one is over.
        accounts: of the day.
        day: the closed day.
    """
    keys = {finding.key for finding in raised}
    repeated = {(finding.kind.value, subject_of(finding.key)) for finding in raised}
    articles = {account.account_id: account.n_articles for account in accounts}
    resolved = []
    for alert in open_alerts:
        if alert.key in keys or alert.business_day > day or alert.kind in _NOT_OF_DAYS:
            continue
        if (alert.kind, alert.subject_id) in repeated:
            resolved.append(alert.alert_id)
            continue
        if alert.kind == AlertKind.ACCOUNT_UNMET:
            is_over = alert.business_day == day or bool(articles.get(alert.subject_id))
        else:
            row = rows.get(alert.subject_id)
            is_over = row is None or alert.business_day == day or _MADE_GOOD[AlertKind(alert.kind)](row)
        if is_over:
            resolved.append(alert.alert_id)
    return resolved


_NOT_OF_DAYS = frozenset(
    (
        AlertKind.POOR_STREAK,
        AlertKind.WEEKLY_MISSING,
        AlertKind.OFFICER_VACANT,
        AlertKind.OFFICER_DUPLICATE,
        AlertKind.MANAGER_VACANT,
        AlertKind.LEDGER_MISMATCH,
    )
)
"""Kinds with an end of their own; the close of a day leaves them alone."""
_MADE_GOOD: Mapping[AlertKind, Callable[[GroupDayRow], bool]] = {
    AlertKind.GROUP_UNMET: lambda row: row.duty == DutyState.MET.value,
    AlertKind.GROUP_POOR: lambda row: row.activity not in (None, ActivityGrade.POOR.value),
    AlertKind.NO_TOPIC: lambda row: row.duty != DutyState.NO_TOPIC.value,
    AlertKind.NO_DATA: lambda row: row.n_posts is not None,
    AlertKind.TODAY_UNMET: lambda row: True,
}


def _on_day(kind: AlertKind, group: OpenGroup, day: date, reason: str) -> Finding:
    key = f"{kind.name.lower()}:{group.group_id}:{day}"
    return Finding(
        kind, key, day, group.unit_id, group.unit_path, group.group_id, group.code, group.name, reason
    )


def _silence(group: OpenGroup, day: date, last: date, n_silent: int) -> Finding:
    """One alert for the whole silence: its key names the last day with data."""
    detail = (
        f"已连续 {n_silent} 天无数据（最近一次 {last:%m-%d}），请检查采集，或提供聊天记录导入；无数据不作评价"
    )
    return _on_day(AlertKind.NO_DATA, group, day, detail)._replace(key=f"no_data:{group.group_id}:{last}")


def _paths_below_root(path: str) -> list[str]:
    """Return the paths from a unit up to the level below the root; of the root itself, its own."""
    found = []
    while path.count("/") > 2:
        found.append(path)
        path = path[: path.rindex("/", 0, -1) + 1]
    return found or [path]

"""Reconciliation (核查): the ledger held against what was observed. Pure.

Key types: `Mismatch`, `MismatchFinding`, `Reconciliation`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from monitor.clock import Period

SILENT_DAYS = 7
"""Days of a reconciliation: what was not heard of in all of them is reported (D-01 默认, weekly)."""


class Mismatch(StrEnum):
    """How ledger and observation differ; the value is stored and shown."""

    NO_DATA = "群无数据"
    NO_CALLBACK = "公众号无回调"
    MORE_SENDERS = "发言人数多于登记人数"
    NO_MEMBERS = "登记人数为 0"
    UNREGISTERED = "未登记的群"
    NO_MANAGER = "群管理员缺位"
    NO_OFFICER = "专责缺位"
    TWO_OFFICERS = "专责重复"


class MismatchFinding(NamedTuple):
    """One difference: where it belongs, what it is about, what was seen."""

    kind: Mismatch
    unit_id: int
    group_id: int | None
    label: str
    text: str


class ObservedGroup(NamedTuple):
    """An open group with what was observed in the days of a reconciliation."""

    group_id: int
    code: str
    name: str
    unit_id: int
    members: int
    opened_on: date
    last_data_on: date | None  # of any source
    most_senders: int | None  # of one day; None where no day has figures


class ObservedAccount(NamedTuple):
    """An official account with the last day its callback was heard."""

    name: str
    unit_id: int
    last_heard_on: date | None


class StoredFinding(NamedTuple):
    """A difference as it was stored, with the unit it belongs to."""

    kind: str
    unit_name: str
    group_code: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """A stored reconciliation (核查) as far as a person may see it; worst kinds first."""

    number: int
    made_at: datetime
    period: Period
    n_groups: int
    n_accounts: int
    n_units: int
    findings: tuple[StoredFinding, ...]


class UnknownGroup(NamedTuple):
    """A group that a source reported and nobody registered (未登记的群); there is no text of it."""

    source: str
    external_id: str
    first_seen_at: datetime
    last_seen_at: datetime
    n_events: int


def reconcile_groups(groups: Sequence[ObservedGroup], period: Period) -> list[MismatchFinding]:
    """Return where groups differ from what was observed of them, in the given order.

    Source: HN-2.1.1 (核查机制: 定期统计台账). A group opened within the period is given its time.
    """
    found = []
    for group in groups:
        label = f"{group.code} {group.name}"
        if group.opened_on <= period.first_day and (
            group.last_data_on is None or group.last_data_on < period.first_day
        ):
            last = f"最近一次 {group.last_data_on}" if group.last_data_on else "从未收到"
            text = f"{period.first_day:%m-%d} 至 {period.last_day:%m-%d} 没有任何来源的数据（{last}）"
            found.append(MismatchFinding(Mismatch.NO_DATA, group.unit_id, group.group_id, label, text))
        if group.most_senders is not None and group.most_senders > group.members > 0:
            text = f"单日发言 {group.most_senders} 人，登记 {group.members} 人，请核对人数"
            found.append(MismatchFinding(Mismatch.MORE_SENDERS, group.unit_id, group.group_id, label, text))
        if not group.members:
            text = "台账登记人数为 0，覆盖率不计该群，请登记人数"
            found.append(MismatchFinding(Mismatch.NO_MEMBERS, group.unit_id, group.group_id, label, text))
    return found


def reconcile_accounts(accounts: Sequence[ObservedAccount], period: Period) -> list[MismatchFinding]:
    """Return the official accounts whose callback was not heard in the period.

    Source: HN-2.1.1. Not heard is 无数据; it says nothing about what was published.
    """
    return [
        MismatchFinding(
            Mismatch.NO_CALLBACK,
            account.unit_id,
            None,
            account.name,
            f"{len(period)} 日内未收到回调（{_last(account.last_heard_on)}），请检查公众号接入",
        )
        for account in accounts
        if account.last_heard_on is None or account.last_heard_on < period.first_day
    ]


def reconcile_unknown(groups: Sequence[UnknownGroup], root_id: int) -> list[MismatchFinding]:
    """Return the groups that sources report and the ledger lacks; they belong to no unit yet."""
    return [
        MismatchFinding(
            Mismatch.UNREGISTERED,
            root_id,
            None,
            f"{group.source} {group.external_id}",
            f"采集到 {group.n_events} 条而台账没有该群，请认领或停止采集",
        )
        for group in groups
    ]


def _last(day: date | None) -> str:
    return f"最近一次 {day}" if day else "从未收到"

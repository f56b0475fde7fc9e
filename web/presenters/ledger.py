"""Ledger, managers, requests: from readings to what the templates lay out. Pure.

Key types: `LedgerPage`, `ChangeLine`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from monitor.ledger.ledger import ChangeState, Coverage, LedgerChange, LedgerGroup, LedgerReading
from monitor.ledger.reconciliation import StoredFinding
from monitor.ledger.terms import TermUse
from reports.ledger import show_values
from web.presenters.overview import Slice, cut_page
from web.wording import NONE, Badge, data_time_words, day_words, moment_words

STATE_BADGES = {
    ChangeState.PENDING: Badge("due", "…", ChangeState.PENDING.value),
    ChangeState.DONE: Badge("met", "✓", ChangeState.DONE.value),
    ChangeState.RETURNED: Badge("unmet", "✕", ChangeState.RETURNED.value),
    ChangeState.WITHDRAWN: Badge("none", "–", ChangeState.WITHDRAWN.value),
}
_TIERS = (Badge("unmet", "✕", ""), Badge("topic", "!", ""), Badge("info", "↑", ""), Badge("met", "✓", ""))
_ROWS = 12
SHOWN = ("在用", "新开", "停用")


@dataclass(frozen=True, slots=True)
class CoverageLine:
    """One ratio with its tier."""

    kind: str
    words: str
    badge: Badge
    distance: str
    base: str
    clause: str
    status: str
    is_above_base: bool


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One change or request."""

    number: int
    badge: Badge
    what: str
    subject: str
    unit: str
    before: str
    after: str
    reason: str
    who: str
    when: str
    decision: str


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """Everything the ledger page shows."""

    name: str
    code: str
    month: str
    period: str
    data_time: str
    conclusion: str
    coverage: tuple[CoverageLine, ...]
    shown: str
    tabs: tuple[tuple[str, int], ...]
    groups: tuple[LedgerGroup, ...]
    slice: Slice
    accounts: tuple[tuple[str, str], ...]
    changes: tuple[ChangeLine, ...]
    n_changes: int
    headlines: tuple[tuple[str, str, str], ...]


def present_ledger(reading: LedgerReading, shown: str, page: int, month: str, today: date) -> LedgerPage:
    """Lay out a ledger; `shown` chooses which groups are listed."""
    lists = dict(zip(SHOWN, (reading.groups, reading.opened, reading.closed), strict=True))
    chosen = shown if shown in lists else SHOWN[0]
    groups, part = cut_page(lists[chosen], page, _ROWS)
    distances = [one.distance for one in reading.coverage if one.distance]
    return LedgerPage(
        name=reading.unit.name,
        code=reading.unit.code,
        month=month,
        period=f"{day_words(reading.period.first_day, today)} 至 {day_words(reading.period.last_day, today)}",
        data_time=data_time_words(reading.made_at, today),
        conclusion=distances[0] if distances else _no_distance(reading.coverage),
        coverage=tuple(_coverage(one) for one in reading.coverage),
        shown=chosen,
        tabs=(
            (SHOWN[0], reading.n_groups),
            (SHOWN[1], len(reading.opened)),
            (SHOWN[2], len(reading.closed)),
        ),
        groups=tuple(groups),
        slice=part,
        accounts=tuple((one.name, one.unit_name) for one in reading.accounts),
        changes=tuple(present_change(one, today) for one in reading.changes[:50]),
        n_changes=len(reading.changes),
        headlines=(
            ("微信群", f"{reading.n_groups}", f"{reading.n_units_with_groups}/{reading.n_units} 个单位有群"),
            ("覆盖成员", f"{reading.n_members}", "登记人数之和，一人多群重复计"),
            ("公众号", f"{len(reading.accounts)}", "在用"),
            ("本期新开", f"{len(reading.opened)}", f"停用 {len(reading.closed)}"),
            ("待审批", f"{reading.n_pending}", "本级和下级的申请"),
        ),
    )


def present_change(change: LedgerChange, today: date) -> ChangeLine:
    """Lay out one change."""
    decision = ""
    if change.decided_at is not None:
        decision = f"{change.decided_by_name} {moment_words(change.decided_at, today)}"
        decision += f"：{change.note}" if change.note else ""
    return ChangeLine(
        number=change.number,
        badge=STATE_BADGES[change.state],
        what=change.kind.value,
        subject=f"{change.code} {change.name}".strip(),
        unit=change.unit_name,
        before=show_values(change.before),
        after=show_values(change.after),
        reason=change.reason or NONE,
        who=change.asked_by_name or NONE,
        when=moment_words(change.asked_at, today),
        decision=decision or NONE,
    )


def count_findings(findings: Sequence[StoredFinding]) -> list[tuple[str, int]]:
    """Return how many findings there are of each kind, in their order."""
    counts: dict[str, int] = {}
    for one in findings:
        counts[one.kind] = counts.get(one.kind, 0) + 1
    return list(counts.items())


def use_badge(use: TermUse) -> Badge:
    """Return whether anything is suggested about a manager."""
    return Badge("topic", "!", "建议了解") if use.suggestion else Badge("none", "–", "无建议")


def _coverage(one: Coverage) -> CoverageLine:
    if one.base is None:
        base = "基数未录入"
    else:
        base = f"基数 {one.base.number}（{one.base.year} 年，{one.base.source}）"
    return CoverageLine(
        one.kind.value, one.words, _tier_badge(one), one.distance, base, one.item,
        one.source.status.value, one.is_above_base,
    )  # fmt: skip


def _tier_badge(one: Coverage) -> Badge:
    """Return the tier by what is left to the top: no ratio is no tier."""
    if one.points is None:
        return Badge("nodata", "?", "无基数" if one.base else "未录入")
    look = _TIERS[3] if not one.n_to_next else _TIERS[0] if one.points <= 0 else _TIERS[1]
    return Badge(look.look, look.symbol, f"{one.tier}，{one.points} 分")


def _no_distance(coverage: Sequence[Coverage]) -> str:
    if any(one.points is not None for one in coverage):
        return "已到最高一档"
    return "没有基数，不计算覆盖率"

"""What people are told about posts that are vacant and about reconciliations of the ledger (台账核查)."""

from collections.abc import Sequence
from datetime import date, datetime

from monitor.delivery.alerts import Finding
from monitor.texts.alerts import MOST_LINES, data_time


def staffing_text(findings: Sequence[Finding], now: datetime) -> tuple[str, str]:
    """Return title and text about vacancies that one recipient can cure."""
    by_kind: dict[str, int] = {}
    for finding in findings:
        by_kind[finding.kind.value] = by_kind.get(finding.kind.value, 0) + 1
    title = "、".join(f"{word} {n_found} 处" for word, n_found in by_kind.items())
    lines = [f"⚠️{one.label}：{one.detail}" for one in findings[:MOST_LINES]]
    if len(findings) > MOST_LINES:
        lines.append(f"…… 另 {len(findings) - MOST_LINES} 处")
    return title, "\n".join((title, data_time(now), *lines, "回复“管理员 缺位”查看名单"))


def reconciliation_text(
    unit_name: str, counts: Sequence[tuple[str, int]], first_day: date, last_day: date, now: datetime
) -> tuple[str, str]:
    """Return title and text about what the weekly reconciliation found in a unit's subtree (D-01)."""
    n_all = sum(n_found for _, n_found in counts)
    title = f"{unit_name}台账核查：{n_all} 处不符"
    lines = [f"{word} {n_found} 处" for word, n_found in counts]
    period = f"核查期 {first_day:%m-%d} 至 {last_day:%m-%d}（D-01 默认，HN-2.1.1）"
    return title, "\n".join((title, data_time(now), period, *lines, "回复“台账 核查”查看"))

"""What people are told when a day is closed: one message each, naming everything that concerns them."""

from collections.abc import Sequence
from datetime import date, datetime

from monitor.clock import as_shanghai
from monitor.delivery.alerts import AlertKind, Finding
from monitor.texts.folding import MOST_BYTES, name_codes

MOST_LINES = 8
_SYMBOL = {AlertKind.NO_DATA: "❔", AlertKind.NO_TOPIC: "⚠️"}


def day_alerts(findings: Sequence[Finding], day: date, data_at: datetime) -> tuple[str, str]:
    """Return title and text about everything that one recipient is concerned with on a day."""
    by_subject: dict[tuple[str, str], list[Finding]] = {}
    for finding in sorted(findings, key=lambda finding: finding.code):
        by_subject.setdefault((finding.code, finding.name), []).append(finding)
    worst_first = sorted(by_subject.values(), key=lambda found: -len(found))
    title = f"{day:%m-%d} {_conclusion(findings)}"
    head = [title, data_time(data_at), *(_line(found) for found in worst_first[:MOST_LINES])]
    tail = f"回复“未达标 {day:%m-%d}”查看名单"
    rest = worst_first[MOST_LINES:]
    if rest:
        room = MOST_BYTES - sum(len(line.encode()) + 1 for line in (*head, tail)) - 40
        labels = name_codes([found[0].short_label for found in rest], room)
        head.append(f"另有 {len(rest)} 个：{labels}")
    return title, "\n".join((*head, tail))


def data_time(at: datetime) -> str:
    """Return the second line of every message: how fresh its figures are."""
    return f"数据截至 {as_shanghai(at):%m-%d %H:%M}"


def _conclusion(findings: Sequence[Finding]) -> str:
    n_by_kind = {kind: sum(finding.kind is kind for finding in findings) for kind in AlertKind}
    return "、".join(f"{kind.value} {n_found} 个" for kind, n_found in n_by_kind.items() if n_found)


def _line(found: Sequence[Finding]) -> str:
    symbol = _SYMBOL.get(found[0].kind, "❌")
    words = "、".join(finding.kind.value for finding in found)
    return f"{symbol}{found[0].label}：{words}"

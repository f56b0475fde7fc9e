"""我的导出: from exports to what the template lays out. Pure. Key type: `ExportLine`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from monitor.days.briefs import BriefKind, period_of
from monitor.exports import Export, ExportKind, ExportState
from web.wording import NONE, Badge, moment_words

BADGES = {
    ExportState.WAITING: Badge("due", "…", ExportState.WAITING.value),
    ExportState.MAKING: Badge("info", "→", ExportState.MAKING.value),
    ExportState.DONE: Badge("met", "✓", ExportState.DONE.value),
    ExportState.FAILED: Badge("unmet", "✕", ExportState.FAILED.value),
    ExportState.EXPIRED: Badge("none", "–", ExportState.EXPIRED.value),
}


@dataclass(frozen=True, slots=True)
class ExportLine:
    """One export of the list. `number` downloads it; 0 while there is nothing to download."""

    number: int
    title: str
    form: str
    badge: Badge
    progress: str
    asked: str
    expiry: str
    opened: str
    size: str
    error: str


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A document that people often want: words, kind and period."""

    words: str
    kind: str
    period: str


def present_exports(exports: Iterable[Export], today: date) -> tuple[ExportLine, ...]:
    """Lay out a person's exports, newest first."""
    return tuple(_line(export, today) for export in exports)


def is_pending(exports: Iterable[Export]) -> bool:
    """Tell whether any export is still to be made, so that the list is worth asking for again."""
    return any(export.state in (ExportState.WAITING, ExportState.MAKING) for export in exports)


def shortcuts(today: date) -> tuple[Shortcut, ...]:
    """Return the last finished day, week and month, and the year that runs."""
    yesterday = today - timedelta(days=1)
    last_week = period_of(BriefKind.WEEK, today - timedelta(days=today.weekday() + 1))
    last_month = period_of(BriefKind.MONTH, today.replace(day=1) - timedelta(days=1))
    brief = ExportKind.BRIEF.value
    return (
        Shortcut("昨日日报", brief, yesterday.isoformat()),
        Shortcut("上周周报", brief, last_week.label),
        Shortcut("上月月报", brief, last_month.label),
        Shortcut("今年年报", brief, str(today.year)),
        Shortcut("昨日未达标", ExportKind.UNMET.value, yesterday.isoformat()),
        Shortcut("上月排名", ExportKind.RANKING.value, last_month.label),
    )


def _line(export: Export, today: date) -> ExportLine:
    is_done = export.state is ExportState.DONE
    is_making = export.state is ExportState.MAKING
    return ExportLine(
        number=export.export_id if is_done else 0,
        title=export.title,
        form=export.order.form.value.upper(),
        badge=BADGES[export.state],
        progress=f"{export.progress}%" if is_making else "",
        asked=moment_words(export.asked_at, today),
        expiry=moment_words(export.expires_at, today) if is_done else NONE,
        opened=_opened(export, today),
        size=f"{max(1, export.n_bytes // 1000)} kB" if is_done else "",
        error=export.error,
    )


def _opened(export: Export, today: date) -> str:
    if export.opened_at is None:
        return "未下载"
    return f"{export.opened_by} {moment_words(export.opened_at, today)}，共 {export.n_opened} 次"

"""Exports (导出): what is asked for, how far it is, and who may have it. Pure.

Key types: `ExportOrder`, `Export`, `MadeFile`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from monitor.clock import as_shanghai
from monitor.days.briefs import BriefKind, BriefPeriod, read_period
from monitor.errors import BadParameter, NotFound, StateError
from monitor.spot_checks import NumberKind, read_number
from monitor.units import Viewer

E = TypeVar("E", bound=StrEnum)
LIFE = timedelta(days=7)
SAME_WITHIN = timedelta(minutes=1)
MOST_PER_HOUR = 10
MOST_ATTEMPTS = 3
_MOST_CHARS = 64


class ExportKind(StrEnum):
    """What is made; the value is shown to people."""

    BRIEF = "简报"
    RANKING = "排名"
    UNMET = "未达标名单"
    GROUP_DAYS = "群逐日记录"
    ASSESSMENT = "考评表"
    SPOT_CHECKS = "抽查记录"
    BOARD = "同级排名"
    LEDGER = "台账"
    WEEKLY = "周报汇总"


class ExportFormat(StrEnum):
    """How it is written; the value is the file's suffix."""

    PDF = "pdf"
    DOCX = "docx"
    XLSX = "xlsx"
    PNG = "png"  # a chart (图): only of the kinds in `CHARTED`


class ExportState(StrEnum):
    """How far an export is; the value is stored and shown."""

    WAITING = "排队中"
    MAKING = "制作中"
    DONE = "完成"
    FAILED = "失败"
    EXPIRED = "已过期"


PERIODS = {
    ExportKind.BRIEF: tuple(BriefKind),
    ExportKind.RANKING: tuple(BriefKind),
    ExportKind.UNMET: (BriefKind.DAY,),
    ExportKind.GROUP_DAYS: (BriefKind.MONTH, BriefKind.YEAR, BriefKind.WEEK),
    ExportKind.ASSESSMENT: (BriefKind.YEAR,),
    ExportKind.BOARD: (BriefKind.WEEK, BriefKind.MONTH),
    ExportKind.SPOT_CHECKS: (BriefKind.YEAR, BriefKind.MONTH),
    ExportKind.LEDGER: (BriefKind.MONTH, BriefKind.YEAR),
    ExportKind.WEEKLY: (BriefKind.WEEK,),
}
"""The periods that each kind knows."""
CHARTED = frozenset((ExportKind.BRIEF, ExportKind.RANKING, ExportKind.BOARD))
"""The kinds that are drawn as a chart as well."""
_EXAMPLES = {
    BriefKind.DAY: "日（2026-11-20）",
    BriefKind.WEEK: "周（2026-W47）",
    BriefKind.MONTH: "月（2026-11）",
    BriefKind.YEAR: "年（2026）",
}


@dataclass(frozen=True, slots=True)
class ExportOrder:
    """What somebody asks for.

    `subject` is the code of a unit, of a group for its days, or a filing number (备案号) of one spot check.
    """

    kind: ExportKind
    subject: str
    period: str
    form: ExportFormat


@dataclass(frozen=True, slots=True)
class MadeFile:
    """A finished file. `name` is what a person saves it as."""

    name: str
    content: bytes
    words: str = ""  # the key number of a chart, said before it is seen


@dataclass(frozen=True, slots=True)
class Export:
    """An export as its owner sees it; `viewer` is who asked, with the scope of that time."""

    export_id: int
    order: ExportOrder
    viewer: Viewer
    title: str
    state: ExportState
    progress: int  # percent
    file_name: str
    sha256: str
    n_bytes: int
    asked_at: datetime
    expires_at: datetime
    error: str
    n_opened: int
    opened_at: datetime | None
    opened_by: str


Tell = Callable[[int], None]
"""Notes how far the making is, in percent."""

Maker = Callable[[Viewer, ExportOrder, str, Tell], MadeFile]
"""Makes the file of an order as a viewer may see it, watermarked. Raises AppError for what is refused."""


class ExportNotFound(NotFound):
    """No export of that number, not the asker's, or it is gone: the same text."""

    code = "export_not_found"
    user_text = "没有这份导出，或已过期删除，请重新导出"


class TooManyExports(StateError):
    """More exports within the hour than one person may ask for."""

    code = "too_many_exports"
    user_text = f"每人每小时最多导出 {MOST_PER_HOUR} 份，请稍后再试"

    def __init__(self, identity: str, wait: timedelta) -> None:
        """Say after what time the next one is let through, in whole minutes."""
        minutes = -(-wait // timedelta(minutes=1))
        words = f"每人每小时最多导出 {MOST_PER_HOUR} 份，请 {max(1, minutes)} 分钟后再试"
        super().__init__(f"{identity} has asked for {MOST_PER_HOUR}", user_text=words)
        self.wait = wait


def clean_order(kind: str, subject: str, period: str, form: str) -> ExportOrder:
    """Return an order of words as they were typed.

    Raises: BadParameter for an unknown kind or format, or overlong words.
    """
    for name, text, label in (("subject", subject, "单位"), ("period", period, "期间")):
        if len(text) > _MOST_CHARS:
            raise BadParameter("overlong", user_text=f"{label}过长，请核对", subject_id=name)
    known = _one_of(ExportKind, kind, "导出种类", "kind")
    written = _one_of(ExportFormat, form, "格式", "form")
    if written is ExportFormat.PNG and known not in CHARTED:
        words = "、".join(each.value for each in ExportKind if each in CHARTED)
        raise BadParameter("no chart", user_text=f"{known.value}没有图，有图的是 {words}", subject_id="form")
    return ExportOrder(known, subject.strip(), period.strip(), written)


def filing_number(order: ExportOrder) -> str:
    """Return the filing number (备案号) that an order of 抽查记录 names, "" for a unit's register."""
    if order.kind is not ExportKind.SPOT_CHECKS:
        return ""
    return read_number(NumberKind.SPOT_CHECK, order.subject) or ""


def read_order_period(order: ExportOrder, today: date) -> BriefPeriod:
    """Return the period of an order, as its kind allows it.

    Source: none (design).
    Raises: BadParameter naming what is expected.
    """
    period = read_period(order.period, today)
    allowed = PERIODS[order.kind]
    if period.kind not in allowed:
        words = "、".join(_EXAMPLES[each] for each in allowed)
        text = f"{order.kind.value}的期间应为 {words}"
        raise BadParameter("period of another kind", user_text=text, subject_id="period")
    return period


def title_of(order: ExportOrder, period: BriefPeriod) -> str:
    """Return what an export is called in the list, without the unit."""
    word = period.kind.value if order.kind is ExportKind.BRIEF else order.kind.value
    return f"{word} {period.label}"


def _one_of(words: type[E], word: str, label: str, name: str) -> E:
    try:
        return words(word)
    except ValueError as error:
        known = "、".join(each.value for each in words)
        text = f"{label}应为 {known}"
        raise BadParameter(f"no {words.__name__}: {word[:20]!r}", user_text=text, subject_id=name) from error


def watermark(viewer: Viewer, scope: str, now: datetime) -> str:
    """Return the line that stands on every page (导出水印): who, when, with which scope.

    Source: none (design, B.1).
    """
    who = viewer.signature
    return f"{who} 于 {as_shanghai(now):%Y-%m-%d %H:%M} 导出，范围：{scope}"


def may_fetch(export: Export, viewer: Viewer) -> bool:
    """Tell whether a person may have an export: the owner, whose scope still holds what it had then.

    Source: HN-1.2.
    """
    is_same_scope = export.viewer.unit_path.startswith(viewer.unit_path)
    return export.viewer.identity == viewer.identity and is_same_scope

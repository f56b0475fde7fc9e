"""Facts of the Guangdong assessment (考核数据): what is stored about a school and measured in a run. Pure.

Key types: `Fact`, `FactKind`, `School`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from monitor.index.periods import RunKind, RunPeriod
from monitor.units import UnitId

Content = dict[str, Any]
NO_ARTICLE = "无发布"
RATINGS = "GD-3.1k"
ENTERED_INDICES = {
    "part.1": "第一部分指数",
    "part.2": "第二部分指数",
    "part.3.video": "视听产品指数",
    "part.3.account": "公众号指数",
}
"""Indices whose formula is lost (GD-3.1m, GD-3.2f, GD-3.3a): 团省委 enters them."""
REQUEST_KINDS = ("团员报到审核", "团员资料修改审核", "组织关系转接审核", "团员奖惩录入审核", "批准删除审核")


class FactKind(StrEnum):
    """What a fact is about; the value is shown to people."""

    INDICATOR = "指标"
    INDICATOR_YEAR = "全年指标"
    REQUEST = "业务申请"
    ACTIVITY = "青年之声活动"
    ARTICLE = "公众号文章"


class School(NamedTuple):
    """A school (高校) that facts may be about."""

    unit_id: UnitId
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact. `kind`, `unit_id`, `subject` and `item` are its key; `content` is what is measured.

    Attributes:
        subject: indicator, or account; else empty.
        item: month or year, number of the request or activity, or day and title of the article.
        day: decides the month it belongs to.
    """

    kind: FactKind
    unit_id: UnitId
    subject: str
    item: str
    day: date
    content: Content

    @property
    def key(self) -> tuple[str, int, str, str]:
        """What a second import of the same cell replaces."""
        return (self.kind.value, self.unit_id, self.subject, self.item)


def find_lock(kind: FactKind, day: date, published: Iterable[RunPeriod]) -> RunPeriod | None:
    """Return the published period that locks a fact, or None.

    A published month or year locks everything in it, a published board its articles, and only a year
    locks what was given for the whole year.
    """
    for period in published:
        is_concerned = kind is FactKind.ARTICLE if period.is_board else True
        if kind is FactKind.INDICATOR_YEAR:
            is_concerned = period.kind is RunKind.YEAR
        if is_concerned and period.first_day <= day <= period.last_day:
            return period
    return None

"""The score sheet (考评表) of one unit and year: 已评 / 可评 / 满分 with a line per item.

Imports only the standard library and `scoring`. Key types: `ScoreSheet`, `SectionTotal`.
The points of the lines always add up to the total: clamping is a line of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from scoring.facts import FactTable
from scoring.rubric import Line, LineState, format_points, open_line, score_item, score_supplied
from scoring.rubric_rules import Rubric
from scoring.source import ResultStatus, SourceStatus, worst_result
from scoring.switches import Switches


@dataclass(frozen=True, slots=True)
class SectionTotal:
    """Points of one section (部分); below 0 is possible unless D-18 says otherwise."""

    id: str
    title: str
    points: Decimal
    max_points: Decimal


@dataclass(frozen=True, slots=True)
class ScoreSheet:
    """A scored sheet.

    Attributes:
        scored: 已评, the sum of the lines (分), always from 0 to `full`.
        scorable: 可评, the maxima of all items that have a rule or a panel.
        full: 满分.
        state: 待补充 while any item is open or lost; no grade then.
        lines: one per item in printed order, then adjustments.
        sections: one per section in printed order.
    """

    scored: Decimal
    scorable: Decimal
    full: Decimal
    state: ResultStatus
    lines: tuple[Line, ...]
    sections: tuple[SectionTotal, ...]

    @property
    def headline(self) -> str:
        """已评 x / 可评 y / 满分 z, with the points the source lost."""
        lost = self.full - self.scorable
        tail = f"（原文残缺 {lost.normalize():f}）" if lost else ""
        scored, scorable = format_points(self.scored), format_points(self.scorable)
        return f"已评 {scored} / 可评 {scorable} / 满分 {self.full:f}{tail}"

    @property
    def converted(self) -> Decimal:
        """折算 to full marks, two decimals, 仅供参考: it never feeds grades or awards."""
        return (self.scored * self.full / self.scorable).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def score_sheet(
    rubric: Rubric, items: Mapping[str, object], supplied: Mapping[str, object], switches: Switches
) -> ScoreSheet:
    """Score a whole sheet (考评表) from the facts of its items.

    Source: HN-4.3 载明; HN-A1 … HN-A4; D-18 默认.

    Args:
        rubric: `rulebook.rubric`.
        items: item id → facts; absent items stay open.
        supplied: placeholder id → {"max", "reference", "panel", "reason"}.
        switches: D-04, D-11 and D-18.

    Returns: the sheet. A default (D-18) makes it 暂定 only where its readings differ for these facts.

    Raises: InputError for unknown items or bad facts; PointsOutOfRange; ReasonRequired.
    """
    facts, additions = FactTable(items, "items"), FactTable(supplied, "supplied")
    facts.only(item.id for item in rubric.items if not item.is_placeholder)
    additions.only(item.id for item in rubric.items if item.is_placeholder)
    lines = []
    for item in rubric.items:
        if facts.has(item.id):
            lines.append(score_item(item, facts.table(item.id), switches))
        elif additions.has(item.id):
            lines.append(score_supplied(item, additions.table(item.id)))
        else:
            lines.append(open_line(item))
    return _total(rubric, lines, switches)


def _total(rubric: Rubric, lines: list[Line], switches: Switches) -> ScoreSheet:
    scorable = sum((line.max_points for line in lines if line.state is not LineState.LOST), Decimal(0))
    if switches["D-18"].chosen == "floor_0":
        for section in rubric.sections:
            _floor_at_zero(lines, switches, section.id, f"第{section.id}部分")
    _floor_at_zero(lines, switches, "", "总分")
    statuses = [line.result_status for line in lines]
    if scorable < rubric.full_points:
        statuses.append(ResultStatus.INCOMPLETE)
    if any(_sum(lines, section.id) < 0 for section in rubric.sections):
        statuses.append(switches["D-18"].result_status)
    sections = [SectionTotal(s.id, s.title, _sum(lines, s.id), s.max_points) for s in rubric.sections]
    return ScoreSheet(
        scored=_sum(lines),
        scorable=scorable,
        full=rubric.full_points,
        state=worst_result(statuses),
        lines=tuple(lines),
        sections=tuple(sections),
    )


def _sum(lines: list[Line], section: str = "") -> Decimal:
    chosen = (line.points for line in lines if section in ("", line.section))
    return sum((points for points in chosen if points is not None), Decimal(0))


def _floor_at_zero(lines: list[Line], switches: Switches, section: str, what: str) -> None:
    total = _sum(lines, section)
    if total >= 0:
        return
    switch = switches["D-18"]
    lines.append(
        Line(
            item=switch.id,
            section=section,
            title=switch.title,
            points=-total,
            max_points=Decimal(0),
            state=LineState.ADJUSTMENT,
            status=SourceStatus.DEFAULT,
            result_status=switch.result_status,
            clause=switch.source.clause,
            arithmetic=f"{what} {format_points(total)} 低于 0，按 0 计，补 {format_points(-total)}",
        )
    )

"""Scoring one rubric item (考核项目) from its facts: HN-A1 … HN-A4.

Imports only the standard library and `scoring`. Key types: `Line`, `LineState`.
Points are exact decimals, never rounded. What is not entered stays open; it is never 0.
"""

from dataclasses import dataclass, replace
from decimal import ROUND_FLOOR, Decimal
from enum import Enum

from scoring.errors import PointsOutOfRange, ReasonRequired
from scoring.facts import FactTable
from scoring.rubric_rules import Component, ComponentKind, Item
from scoring.source import ResultStatus, SourceStatus, plain, worst_result, worst_source
from scoring.switches import Switches


class LineState(Enum):
    """How far one line of the sheet has come."""

    SCORED = "已评"
    PARTIAL = "部分已评"
    OPEN = "未评"
    NO_BASE = "无基数"
    LOST = "未载明"
    ADJUSTMENT = "调整"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the sheet.

    Attributes:
        item: item id, or the switch id of an adjustment.
        section: section id; empty for an adjustment of the total.
        points: points (分) that count, or None when there are none to count.
        max_points: the item's 分值; 0 for an adjustment.
        state: how far it has come.
        status: source status, the worst of the figures used.
        result_status: 正式, 暂定 or 待补充.
        arithmetic: one Chinese line that leads to the points.
        reason: written reason (依据) of the panel, or empty.
        self_points: 自评得分, shown beside; None if not given.
    """

    item: str
    section: str
    title: str
    points: Decimal | None
    max_points: Decimal
    state: LineState
    status: SourceStatus
    result_status: ResultStatus
    clause: str
    arithmetic: str
    reason: str = ""
    self_points: Decimal | None = None

    def as_json(self) -> dict[str, object]:
        """Give the line as JSON values; points as text."""
        return {
            "item": self.item,
            "section": self.section,
            "title": self.title,
            "points": None if self.points is None else format_points(self.points),
            "max": format_points(self.max_points),
            "state": self.state.value,
            "status": self.status.value,
            "result_status": self.result_status.value,
            "clause": self.clause,
            "arithmetic": self.arithmetic,
            "reason": self.reason,
            "self": plain(self.self_points),
        }


@dataclass(frozen=True, slots=True)
class _Part:
    points: Decimal | None
    text: str
    status: SourceStatus
    result_status: ResultStatus
    has_no_base: bool = False


def format_points(points: Decimal) -> str:
    """Write points with two decimals, or with more where they are needed: shown is what counts.

    Source: D-10 默认 (display 2 decimals, no rounding).
    """
    two = points.quantize(Decimal("0.01"))
    return format(two if two == points else points.normalize(), "f")


def score_item(item: Item, facts: FactTable, switches: Switches) -> Line:
    """Score one rubric item (考核项目) that has facts.

    Source: HN-A1.1 … HN-A3.2 as the item says; D-04, D-11 默认.

    Args:
        item: the item; not a placeholder.
        facts: its entry, as `{"covered": 9000, "base": 10000}`; optional "self" is the 自评得分.
        switches: D-04 (panel or mean) and D-11 (exact or whole percent).

    Returns: a line; 部分已评 or 未评 when facts are absent, 无基数 when the base is 0.

    Raises: InputError, PointsOutOfRange, ReasonRequired, each naming the key path.
    """
    keys = {key for component in item.components for key in component.keys}
    facts.only(keys | {"panel", "reason", "self"} if item.panel_may_replace else keys | {"reason", "self"})
    reason = facts.optional_text("reason")
    if item.panel_may_replace and facts.has("panel"):
        points = read_points(facts, "panel", item.max_points)
        parts = [_panel_part(item, points, "考评组评定")]
    else:
        parts = [_score_component(component, facts, switches, item) for component in item.components]
    line = replace(_sum_parts(item, parts), reason=reason)
    if not facts.has("self"):
        return line
    return _combine_with_self(line, read_points(facts, "self", item.max_points), switches)


def open_line(item: Item) -> Line:
    """Give the line of an item nobody has scored yet: no points, 待补充.

    Source: none (design §4, no data is a state).
    """
    state = LineState.LOST if item.is_placeholder else LineState.OPEN
    text = "原文未载明，待团省委附文件补充" if item.is_placeholder else "尚未评分"
    return _line(item, None, state, ResultStatus.INCOMPLETE, text)


def score_supplied(item: Item, facts: FactTable) -> Line:
    """Score a placeholder (原文未载明) whose rule 团省委 has supplied with a document reference.

    Source: HN-A3.3, HN-A4 缺失; HN-4.3.

    Args:
        item: the placeholder.
        facts: {"max", "reference", "panel", "reason"}; without "panel" it is supplied but not scored.

    Returns: a line whose maximum is the supplied one.

    Raises: InputError without reference; PointsOutOfRange above the lost points or above "max";
        ReasonRequired for points without reason.
    """
    facts.only({"max", "panel", "reason", "reference", "self"})
    supplied = replace(item, max_points=read_points(facts, "max", item.max_points))
    reference = facts.text("reference")
    if not facts.has("panel"):
        text = f"团省委已补充（{reference}），尚未评分"
        return _line(supplied, None, LineState.OPEN, ResultStatus.INCOMPLETE, text)
    points = read_points(facts, "panel", supplied.max_points)
    reason = _require_reason(facts, item)
    text = f"考评组评定 {format_points(points)}（团省委补充：{reference}）"
    line = replace(_line(supplied, points, LineState.SCORED, ResultStatus.FINAL, text), reason=reason)
    if facts.has("self"):
        line = replace(line, self_points=read_points(facts, "self", supplied.max_points))
    return line


def read_points(facts: FactTable, key: str, maximum: Decimal) -> Decimal:
    """Read points (分) between 0 and a maximum, at most four decimals.

    Source: HN-4.3 载明.
    Raises: InputError if it is no number; PointsOutOfRange outside 0…maximum.
    """
    points = facts.number(key)
    if not 0 <= points <= maximum:
        raise PointsOutOfRange(
            f"must be from 0 to {maximum} points, got {points}",
            key_path=facts.at(key),
            user_text=f"得分应在 0 到 {maximum} 分之间",
        )
    return points


def _require_reason(facts: FactTable, item: Item) -> str:
    reason = facts.optional_text("reason")
    if not reason:
        raise ReasonRequired(
            f"{item.id} is {SourceStatus.MISSING.value} in the source: points need a written reason",
            key_path=facts.at("reason"),
        )
    return reason


def _score_component(component: Component, facts: FactTable, switches: Switches, item: Item) -> _Part:
    if not any(facts.has(key) for key in component.keys):
        return _Part(None, f"{component.title} 未录入", component.source.status, ResultStatus.INCOMPLETE)
    if component.kind is ComponentKind.RATIO:
        return _score_ratio(component, facts, switches)
    if component.kind is ComponentKind.PANEL:
        points = read_points(facts, component.key, component.points)
        if item.source.status is SourceStatus.MISSING:
            _require_reason(facts, item)
        return _panel_part(item, points, component.title)
    source = component.source
    if component.kind is ComponentKind.FLAG:
        is_met = facts.flag(component.key)
        points = component.points if is_met else Decimal(0)
        text = f"{component.title}{'' if is_met else '（无）'} {format_points(points)}"
        return _Part(points, text, source.status, source.result_status)
    count = facts.count(component.key)
    if component.kind is ComponentKind.PER_RECORD:
        text = f"{component.title} {count} 次 × {component.points}"
        return _Part(count * component.points, text, source.status, source.result_status)
    points = component.points if count >= component.minimum else Decimal(0)
    text = f"{component.title}（现有 {count} 个） {format_points(points)}"
    return _Part(points, text, source.status, source.result_status)


def _panel_part(item: Item, points: Decimal, title: str) -> _Part:
    """Give points a person decided on: the source may be damaged, the decision is 正式."""
    return _Part(points, f"{title} {format_points(points)}", item.source.status, ResultStatus.FINAL)


def _score_ratio(component: Component, facts: FactTable, switches: Switches) -> _Part:
    covered, base = facts.count(component.key), facts.count("base")
    if base == 0:
        text = f"{component.title}：基数为 0，无基数，不计分"
        return _Part(None, text, component.source.status, ResultStatus.INCOMPLETE, has_no_base=True)
    if covered > base:
        raise facts.refuse(component.key, f"ratio above 1: {covered} of {base}")
    assert component.bands is not None  # noqa: S101 - the loader gives every RATIO its bands
    ratio = Decimal(covered) / Decimal(base)
    if switches["D-11"].chosen == "integer_percent":
        ratio = ratio.quantize(Decimal("0.01"), rounding=ROUND_FLOOR)
    band = component.bands.find(ratio)
    percent = show_percent(covered, base)
    text = f"{component.title} {covered}/{base} = {percent}，{band.label} → {format_points(band.outcome)}"
    return _Part(
        points=band.outcome,
        text=text,
        status=worst_source((component.source.status, band.source.status)),
        result_status=worst_result((component.source.result_status, band.source.result_status)),
    )


def show_percent(numerator: Decimal | int, denominator: Decimal | int) -> str:
    """Write a ratio as percent, cut (not rounded) to two decimals, so that 89.999 % never reads 90 %.

    Source: D-11 默认.
    """
    percent = Decimal(numerator) * 100 / Decimal(denominator)
    return f"{percent.quantize(Decimal('0.01'), rounding=ROUND_FLOOR)}%"


def _sum_parts(item: Item, parts: list[_Part]) -> Line:
    known = [part.points for part in parts if part.points is not None]
    result_status = worst_result(part.result_status for part in parts)
    status = worst_source(part.status for part in parts)
    text = " + ".join(part.text for part in parts)
    if not known:
        state = LineState.NO_BASE if any(part.has_no_base for part in parts) else LineState.OPEN
        return _line(item, None, state, result_status, text, status)
    total = sum(known, Decimal(0))
    points = min(item.max_points, total)
    if points != total:
        text = f"min({item.max_points}, {text} = {format_points(total)}) = {format_points(points)}"
    elif len(parts) > 1:
        text = f"{text} = {format_points(points)}"
    state = LineState.SCORED if len(known) == len(parts) else LineState.PARTIAL
    return _line(item, points, state, result_status, text, status)


def _line(
    item: Item,
    points: Decimal | None,
    state: LineState,
    result_status: ResultStatus,
    text: str,
    status: SourceStatus | None = None,
) -> Line:
    return Line(
        item=item.id,
        section=item.section,
        title=item.title,
        points=points,
        max_points=item.max_points,
        state=state,
        status=status or item.source.status,
        result_status=result_status,
        clause=item.source.clause,
        arithmetic=text,
    )


def _combine_with_self(line: Line, self_points: Decimal, switches: Switches) -> Line:
    line = replace(line, self_points=self_points)
    if line.points is None or line.points == self_points:
        return line
    status = worst_result((line.result_status, switches["D-04"].result_status))
    if switches["D-04"].chosen == "mean":
        mean = (line.points + self_points) / 2
        text = f"（{line.arithmetic}；自评 {format_points(self_points)}）平均 = {format_points(mean)}"
        return replace(line, points=mean, arithmetic=text, result_status=status)
    return replace(line, result_status=status)

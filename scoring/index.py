"""Indicators, bottom lines and the weighted total (指标、底线、总分) of Guangdong: GD-2.0, GD-3.

Imports only the standard library and `scoring`. Key types: `IndicatorResult`, `IndexSheet`.
Values are exact fractions; a bottom line is compared before anything is shown. Data: `index_rules`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from enum import Enum
from fractions import Fraction
from math import lcm

from scoring.errors import InputError
from scoring.facts import FactTable
from scoring.index_rules import IndexRulebook, Indicator, IndicatorKind
from scoring.source import ResultStatus, SourceStatus, worst_result, worst_source
from scoring.switches import Switches

_SHOWN = Decimal("0.000001")


class IndicatorState(Enum):
    """How an indicator stands to its bottom line (底线)."""

    PASSED = "达到底线"
    FAILED = "未达底线"
    NOT_EVALUATED = "原文残缺、不计"
    NO_BOTTOM_LINE = "无底线"
    NO_BASE = "无基数"


@dataclass(frozen=True, slots=True)
class IndicatorResult:
    """One measured indicator.

    Attributes:
        value: exact value, or None when the base is 0.
        state: against the bottom line.
        status: source status, the worst of indicator, bottom line and reading.
        arithmetic: one Chinese line.
    """

    indicator: Indicator
    value: Fraction | None
    state: IndicatorState
    status: SourceStatus
    result_status: ResultStatus
    arithmetic: str

    def as_json(self) -> dict[str, object]:
        """Give the result as JSON values; the value as text, cut to six decimals where it is longer."""
        line = self.indicator.bottom_line
        return {
            "title": self.indicator.title,
            "value": None if self.value is None else show_value(self.value),
            "unit": self.indicator.unit,
            "bottom_line": None if line is None else format(line.minimum, "f"),
            "passes": {IndicatorState.PASSED: True, IndicatorState.FAILED: False}.get(self.state),
            "state": self.state.value,
            "weight": None,
            "clause": self.indicator.source.clause,
            "status": self.status.value,
            "result_status": self.result_status.value,
            "arithmetic": self.arithmetic,
        }


@dataclass(frozen=True, slots=True)
class FailedBottomLines:
    """Failed bottom lines (未达底线) per part, and whether they bar the year from 好.

    Attributes:
        by_part: part id → indicator ids; parts with a bottom line only.
        bars_from_good: more failures than allowed, counted by D-14.
        result_status: 暂定 only where the readings of D-14 differ, or a reading below them is.
    """

    by_part: Mapping[str, tuple[str, ...]]
    bars_from_good: bool
    result_status: ResultStatus
    arithmetic: str


def show_value(value: Fraction) -> str:
    """Write an exact value as decimal text, cut to six decimals where it does not end before.

    Source: none (design §2).
    """
    shown = (Decimal(value.numerator) / Decimal(value.denominator)).quantize(_SHOWN, rounding=ROUND_FLOOR)
    return format(shown.normalize(), "f")


def measure_indicator(
    indicator: Indicator, facts: FactTable, rules: IndexRulebook, switches: Switches
) -> IndicatorResult:
    """Measure one indicator (指标) and hold it against its bottom line (底线, inclusive).

    Source: GD-3.1a-l, GD-3.2a-e; D-12 默认 for months, D-15 默认 for GD-3.2d.

    Args:
        indicator: `rules.indicators[…]`.
        facts: RATIO, RATE: {"numerator", "denominator"} or {"months": [those]}; MEAN: those or {"value"};
            RATINGS: {"ratings": [1-5 …], "members"} or {"counts": {"5": how many …}, "members"};
            SCORE: {"value"} 0-100.
        rules: for GD-3.1k and GD-3.1l.
        switches: D-12, D-15.

    Returns: the result; 无基数 with a denominator of 0, 原文残缺、不计 with a damaged bottom line.

    Raises: InputError naming the key path.
    """
    statuses = [indicator.source.result_status]
    sources = [indicator.source.status]
    if indicator.kind is IndicatorKind.RATINGS:
        value, text = _average_ratings(facts, rules)
    elif indicator.kind is IndicatorKind.SCORE:
        value, text = _read_score(facts, rules)
    elif facts.has("months"):
        value, text, months_status = _sum_months(indicator, facts, switches)
        statuses.append(months_status)
    else:
        value, text = _divide(indicator, facts)
    if indicator.id == "GD-3.2d":
        switch = switches["D-15"]
        text += f"（分母：{switch.labels[switch.chosen]}）"
        statuses.append(switch.result_status)
        sources.append(switch.source.status)
    line = indicator.bottom_line
    if value is None:
        state, text = IndicatorState.NO_BASE, f"{text}：基数为 0，无基数"
        statuses.append(ResultStatus.INCOMPLETE)
    elif line is None:
        state = IndicatorState.NO_BOTTOM_LINE
    elif not line.is_evaluated:
        state, text = IndicatorState.NOT_EVALUATED, f"{text}；底线印作 {line.minimum}，原文残缺，不计"
        sources.append(line.source.status)
    else:
        state = IndicatorState.PASSED if value >= line.minimum else IndicatorState.FAILED
        text = f"{text} {'≥' if state is IndicatorState.PASSED else '<'} {line.minimum} → {state.value}"
        statuses.append(line.source.result_status)
        sources.append(line.source.status)
    return IndicatorResult(indicator, value, state, worst_source(sources), worst_result(statuses), text)


def judge_bottom_lines(
    results: Mapping[str, IndicatorResult], rules: IndexRulebook, switches: Switches
) -> FailedBottomLines:
    """Tell which bottom lines failed and whether the year is barred from 好 (不评“好”).

    Source: GD-3.1n, GD-3.2f 载明 ("超过1项" = 2 or more); D-14 默认: counted per part.

    Args:
        results: indicator id → result; indicators without result are not counted as failed.
        rules: for the number of failures allowed.
        switches: D-14, per_part or pooled.
    """
    by_part: dict[str, list[str]] = {i.part: [] for i in rules.indicators.values() if i.bottom_line}
    for indicator_id in rules.indicators:
        result = results.get(indicator_id)
        if result is not None and result.state is IndicatorState.FAILED:
            by_part[result.indicator.part].append(indicator_id)
    allowed = rules.stated("GD-3.1n.max_failures")
    per_part = any(len(failed) > allowed for failed in by_part.values())
    pooled = sum(len(failed) for failed in by_part.values()) > allowed
    switch = switches["D-14"]
    statuses = [r.result_status for r in results.values() if r.state is IndicatorState.FAILED]
    if per_part is not pooled:
        statuses.append(switch.result_status)
    bars = pooled if switch.chosen == "pooled" else per_part
    counts = "，".join(f"第{part}部分 {len(failed)} 项" for part, failed in by_part.items())
    verdict = "不评“好”" if bars else "不影响评“好”"
    return FailedBottomLines(
        by_part={part: tuple(failed) for part, failed in by_part.items()},
        bars_from_good=bars,
        result_status=worst_result(statuses),
        arithmetic=f"未达底线：{counts}；超过 {allowed} 项不评“好”"
        f"（{switch.labels[switch.chosen]}） → {verdict}",
    )


def round_index(value: Decimal, switches: Switches) -> Decimal:
    """Round an index to a whole number (结果取整数).

    Source: GD-3.1m, GD-3.2f, GD-3.3a 载明 that it is rounded; the method D-13 默认.
    """
    rounding = ROUND_HALF_UP if switches["D-13"].chosen == "half_up" else ROUND_DOWN
    return value.quantize(Decimal(1), rounding=rounding)


def _divide(indicator: Indicator, facts: FactTable) -> tuple[Fraction | None, str]:
    if indicator.kind is IndicatorKind.MEAN and facts.has("value"):
        facts.only({"value"})
        value = _not_negative(facts, "value")
        return value, f"{indicator.title} {facts.number('value')} {indicator.unit}"
    facts.only({"numerator", "denominator", "months"})
    numerator, denominator = _read_pair(indicator, facts)
    text = f"{indicator.title} {facts.values['numerator']}/{facts.values['denominator']}"
    if denominator == 0:
        return None, text
    value = Fraction(numerator, denominator)
    return value, f"{text} = {_show(indicator, value)}"


def _show(indicator: Indicator, value: Fraction) -> str:
    if indicator.kind is not IndicatorKind.RATIO:
        return f"{show_value(value)} {indicator.unit}"
    percent = Decimal(value.numerator) * 100 / Decimal(value.denominator)
    return f"{percent.quantize(Decimal('0.01'), rounding=ROUND_FLOOR)}%"


def _read_pair(indicator: Indicator, facts: FactTable) -> tuple[Fraction | int, int]:
    if indicator.kind is IndicatorKind.MEAN:
        return _not_negative(facts, "numerator"), facts.count("denominator")
    numerator, denominator = facts.count("numerator"), facts.count("denominator")
    if indicator.kind is IndicatorKind.RATIO and numerator > denominator > 0:
        raise facts.refuse("numerator", f"ratio above 1: {numerator} of {denominator}")
    return numerator, denominator


def _not_negative(facts: FactTable, key: str) -> Fraction:
    number = facts.number(key)
    if number < 0:
        raise facts.refuse(key, f"must not be negative, got {number}")
    return Fraction(number)


def _sum_months(
    indicator: Indicator, facts: FactTable, switches: Switches
) -> tuple[Fraction | None, str, ResultStatus]:
    facts.only({"months"})
    pairs = []
    for month in facts.entries("months"):
        month.only({"numerator", "denominator"})
        pairs.append(_read_pair(indicator, month))
    counted = [(n, d) for n, d in pairs if d]
    switch = switches["D-12"]
    text = f"{indicator.title} {len(pairs)} 个月（{switch.labels[switch.chosen]}）"
    if not counted:
        return None, text, ResultStatus.FINAL
    pooled = Fraction(sum(n for n, _ in counted), sum(d for _, d in counted))
    base = lcm(*(d for _, d in counted))  # one common denominator: a sum of fractions reduces at every step
    mean = Fraction(sum(n * (base // d) for n, d in counted), base * len(counted))
    value = mean if switch.chosen == "mean_of_months" else pooled
    status = ResultStatus.FINAL if mean == pooled else switch.result_status
    return value, f"{text} = {_show(indicator, value)}", status


def _average_ratings(facts: FactTable, rules: IndexRulebook) -> tuple[Fraction | None, str]:
    facts.only({"ratings", "counts", "members"})
    members = facts.count("members")
    is_counted = facts.has("counts")
    total = _sum_counted(facts, rules) if is_counted else sum_ratings(_read_ratings(facts), rules)
    text = f"总评分 {total} / 团员 {members}"
    if members == 0:
        return None, text
    value = Fraction(total) / members
    return value, f"{text} = {show_value(value)}"


def _read_ratings(facts: FactTable) -> list[int]:
    ratings = []
    for n, rating in enumerate(facts.items("ratings")):
        if type(rating) is not int or not 1 <= rating <= 5:
            raise InputError(
                f"must be a whole rating from 1 to 5, got {rating!r}", key_path=facts.at(f"ratings[{n}]")
            )
        ratings.append(rating)
    return ratings


def _sum_counted(facts: FactTable, rules: IndexRulebook) -> int:
    if facts.has("ratings"):
        raise facts.refuse("counts", "give ratings or counts, not both")
    counts = facts.table("counts")
    counts.only("12345")
    return sum(sum_ratings([int(rating)], rules) * counts.count(rating) for rating in counts.values)


def sum_ratings(ratings: list[int], rules: IndexRulebook) -> int:
    """Sum users' ratings (评分), low ones as negative: 2 → -1, 1 → -2; 3 to 5 at face value (推定).

    Source: GD-3.1k 载明.

    Args:
        ratings: whole ratings 1 to 5.
        rules: for the limit and the shift.
    """
    low, shift = int(rules.stated("GD-3.1k.low_rating")), int(rules.stated("GD-3.1k.shift"))
    return sum(rating - shift if rating <= low else rating for rating in ratings)


def _read_score(facts: FactTable, rules: IndexRulebook) -> tuple[Fraction, str]:
    facts.only({"value"})
    points = facts.number("value")
    if not 0 <= points <= 100:
        raise facts.refuse("value", f"must be from 0 to 100, got {points}")
    threshold = rules.stated("GD-3.1l.threshold_points")
    is_above = points > threshold
    lost = is_above and None in (rules.value("GD-3.1l.step_points"), rules.value("GD-3.1l.factor"))
    return Fraction(points), f"百分制 {points} 分" + (
        f"（大于 {threshold} 分的加成原文未载明，按 1 倍）" if lost else ""
    )

"""指标: a school's result and its account's WCI, with the numbers put in. Pure.

Key types: `SchoolPage`, `IndicatorLine`, `AccountLine`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from monitor.index.periods import RunPeriod
from monitor.units import Unit
from monitor.usecases.index.questions import AccountReading, SchoolReading
from scoring.index import IndicatorState
from scoring.wci import FIELDS
from web.wording import NONE, Badge, data_time_words, moment_words

_CENT = Decimal("0.01")
BADGES = {
    IndicatorState.PASSED.value: Badge("met", "✓", "达到底线"),
    IndicatorState.FAILED.value: Badge("unmet", "✕", "未达底线"),
    IndicatorState.NO_BASE.value: Badge("nodata", "?", "无基数"),
}
PLAIN = Badge("none", "–", "无底线")
DAMAGED = Badge("nodata", "?", "底线原文未载明")
NO_DATA = Badge("nodata", "?", "无数据")
PARTS = {"1": "第一部分 智慧团建·青年之声", "2": "第二部分 i志愿", "3": "第三部分 新媒体"}


@dataclass(frozen=True, slots=True)
class IndicatorLine:
    """One indicator with numerator, denominator and bottom line."""

    key: str
    title: str
    value: str
    pair: str
    bottom_line: str
    badge: Badge
    arithmetic: str


@dataclass(frozen=True, slots=True)
class SchoolPage:
    """The result of one unit in the latest run."""

    unit: Unit
    period: str
    data_time: str
    is_published: bool
    total: str
    state: str
    verdict: str
    is_barred: bool
    indicators: tuple[tuple[str, tuple[IndicatorLine, ...]], ...]  # by part
    parts: tuple[tuple[str, str], ...]  # title, arithmetic
    missing: tuple[str, ...]
    findings: tuple[str, ...]
    empty: str


@dataclass(frozen=True, slots=True)
class AccountLine:
    """The WCI of one account over a period, formula with the numbers put in."""

    name: str
    span: str
    value: str
    arithmetic: str
    inputs: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]
    score: str
    place: str
    this_week: str
    data_time: str


def present_school(reading: SchoolReading, today: date) -> SchoolPage:
    """Lay out a unit's result; what was not run or not imported says so."""
    run, result = reading.run, reading.result
    if run is None or result is None:
        empty = "尚未运行考核" if run is None else "本单位不在考核范围，或没有导入数据"
        return SchoolPage(reading.unit, NONE, "", False, NONE, "无数据", "", False, (), (), (), (), empty)
    detail, frozen = result.detail, run.frozen["indicators"]
    by_part: dict[str, list[IndicatorLine]] = {}
    for key, rule in frozen.items():
        line = _indicator(key, rule, detail["indicators"].get(key))
        by_part.setdefault(str(rule.get("part", "")), []).append(line)
    return SchoolPage(
        unit=reading.unit,
        period=f"{run.period.label} {run.period.kind.value}",
        data_time=f"数据截至 {moment_words(run.computed_at, today)}",
        is_published=run.published_at is not None,
        total=NONE if result.value is None else str(result.value),
        state=result.state,
        verdict=detail["bottom_lines_arithmetic"],
        is_barred=bool(detail["barred_from_good"]),
        indicators=tuple((PARTS.get(part, part), tuple(lines)) for part, lines in sorted(by_part.items())),
        parts=tuple(
            (PARTS.get(part, part), str(values["arithmetic"])) for part, values in detail["parts"].items()
        ),
        missing=tuple(detail["missing"]),
        findings=tuple(f"{each['kind']}：{each['reason']}" for each in detail["findings"]),
        empty="",
    )


def present_account(reading: AccountReading, today: date) -> AccountLine:
    """Lay out one account; without data nothing is computed."""
    measure = reading.measure
    verdict = measure.wci
    score = measure.score
    posts = NONE if reading.n_this_week is None else str(reading.n_this_week)
    return AccountLine(
        name=reading.account or "尚无公众号数据",
        span=_span(reading.period),
        value=NONE if verdict is None else str(verdict.outcome.wci),
        arithmetic=verdict.arithmetic if verdict else "无数据或缺少输入，不计算",
        inputs=tuple((FIELDS[key], str(number)) for key, number in measure.inputs.items()),
        missing=measure.missing,
        score=f"{score.arithmetic}（{score.clause}）" if score else "",
        place=f"已发布榜单第 {reading.place[0]}（共 {reading.place[1]}）" if reading.place else "",
        this_week=f"本周已发布 {posts} 条，至少 {reading.min_posts} 条（GD-3.3d）",
        data_time=data_time_words(reading.data_at, today),
    )


def _indicator(key: str, rule: Mapping[str, Any], line: Mapping[str, Any] | None) -> IndicatorLine:
    least = rule["bottom_line"]
    unit = str(rule.get("unit", "比例"))
    if line is None:
        badge = NO_DATA
    elif least is None:
        badge = PLAIN
    elif not rule["is_evaluated"]:
        badge = DAMAGED
    else:
        badge = BADGES[line["state"]]
    value = line["value"] if line else None
    return IndicatorLine(
        key=key,
        title=str(rule["title"]),
        value=NONE if value is None else _figure(str(value), str(line["unit"]) if line else unit),
        pair=_pair(line["inputs"]) if line else "",
        bottom_line=NONE if least is None else _figure(str(least), str(line["unit"]) if line else unit),
        badge=badge,
        arithmetic=str(line.get("arithmetic", "")) if line else "",
    )


def _pair(inputs: Mapping[str, Any]) -> str:
    """Return numerator and denominator, summed over the months of a year; nothing for other inputs."""
    rows: Sequence[Mapping[str, Any]] = inputs.get("months", [inputs])
    if not rows or any("numerator" not in row for row in rows):
        return ""
    numerator = sum((Decimal(row["numerator"]) for row in rows), Decimal(0))
    return f"{numerator:f} / {sum(row['denominator'] for row in rows)}"


def _figure(value: str, unit: str) -> str:
    if unit != "比例":
        return f"{value} {unit}"
    return f"{(Decimal(value) * 100).quantize(_CENT, rounding=ROUND_FLOOR):f}%"


def _span(period: RunPeriod) -> str:
    return period.label

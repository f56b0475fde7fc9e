"""The weighted total (总分) of Guangdong and the whole sheet of a school: GD-2.0, GD-3.3, GD-3.1n-o.

Imports only the standard library and `scoring`. Key types: `IndexSheet`, `Finding`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from scoring.facts import FactTable
from scoring.index import (
    FailedBottomLines,
    IndicatorResult,
    judge_bottom_lines,
    measure_indicator,
    round_index,
)
from scoring.index_rules import IndexRulebook
from scoring.source import ResultStatus, worst_result
from scoring.switches import Switches

_PART_OF_MEDIA = "3"


@dataclass(frozen=True, slots=True)
class PartIndex:
    """Index (指数) of one part: as given or combined, and rounded (取整数)."""

    given: Decimal
    index: Decimal
    weighted: Decimal
    arithmetic: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding a person made (认定), as 造假 (GD-3.1o); whether it bars from 好 is their decision."""

    kind: str
    reason: str
    bars_from_good: bool


@dataclass(frozen=True, slots=True)
class IndexSheet:
    """Everything about one school and period.

    Attributes:
        indicators: id → result, those that have facts.
        bottom_lines: failed ones, and whether they bar from 好.
        parts: id → index, those that have one.
        total: weighted sum of the three, or None while one is absent.
        state: 待补充 without total; otherwise the worst input.
        missing: what is not there: inputs of the total, then figures the source lost.
        barred_from_good: by bottom lines or by a finding.
    """

    indicators: Mapping[str, IndicatorResult]
    bottom_lines: FailedBottomLines
    parts: Mapping[str, PartIndex]
    findings: tuple[Finding, ...]
    total: Decimal | None
    state: ResultStatus
    missing: tuple[str, ...]
    barred_from_good: bool
    arithmetic: str


def evaluate_school(facts: Mapping[str, object], rules: IndexRulebook, switches: Switches) -> IndexSheet:
    """Evaluate one school (高校): indicators, bottom lines, part indices and total.

    Source: GD-2.0 weights 载明, plain sum 推定; GD-3.3 50/50 推定; GD-3.1n, GD-3.2f; D-13, D-14 默认.

    Args:
        facts: {"indicators": {id: facts}, "parts": {"1", "2": points, "3": {"video", "account"}}, "findings":
            [{"kind", "reason", "bars_from_good"}]}; no upper bound of an index is stated.
        rules: the rulebook.
        switches: D-12 … D-15.

    Returns: the sheet. The formulas of parts 1 and 2 are lost: their indices are inputs, never computed.

    Raises: InputError naming the key path.
    """
    table = FactTable(facts)
    table.only({"indicators", "parts", "findings"})
    entries = table.table("indicators")
    entries.only(rules.indicators)
    results = {
        indicator.id: measure_indicator(indicator, entries.table(indicator.id), rules, switches)
        for indicator in rules.indicators.values()
        if entries.has(indicator.id)
    }
    bottom_lines = judge_bottom_lines(results, rules, switches)
    parts, absent = _read_parts(table.table("parts"), rules, switches)
    findings = tuple(_read_finding(entry) for entry in table.entries("findings"))
    total = None if absent else sum((part.weighted for part in parts.values()), Decimal(0))
    return IndexSheet(
        indicators=results,
        bottom_lines=bottom_lines,
        parts=parts,
        findings=findings,
        total=total,
        state=ResultStatus.INCOMPLETE if absent else _state(results, bottom_lines, rules, switches, parts),
        missing=(*absent, *(p.id for p in rules.parameters.values() if p.value is None)),
        barred_from_good=bottom_lines.bars_from_good or any(finding.bars_from_good for finding in findings),
        arithmetic=_show_total(parts, rules, total, absent),
    )


def _read_finding(entry: FactTable) -> Finding:
    entry.only({"kind", "reason", "bars_from_good"})
    return Finding(entry.text("kind"), entry.text("reason"), entry.flag("bars_from_good"))


def _read_parts(
    table: FactTable, rules: IndexRulebook, switches: Switches
) -> tuple[dict[str, PartIndex], list[str]]:
    table.only(rules.parts)
    found: dict[str, PartIndex] = {}
    absent: list[str] = []
    for part in rules.parts.values():
        if part.id == _PART_OF_MEDIA:
            given, text, gone = _read_media(table.table(part.id), rules, switches)
            absent += gone
        elif table.has(part.id):
            given = _read_points(table, part.id)
            text = f"指数 {given}"
        else:
            given = None
            absent.append(table.at(part.id))
        if given is not None:
            index = round_index(given, switches)
            text += "" if index == given else f"，取整 {index}"
            found[part.id] = PartIndex(given, index, index * part.weight_ratio, text)
    return found, absent


def _read_media(
    table: FactTable, rules: IndexRulebook, switches: Switches
) -> tuple[Decimal | None, str, list[str]]:
    table.only(rules.media)
    absent = [table.at(key) for key in rules.media if not table.has(key)]
    if absent:
        return None, "", absent
    indices = {key: round_index(_read_points(table, key), switches) for key in rules.media}
    total = sum((indices[key] * media.weight_ratio for key, media in rules.media.items()), Decimal(0))
    text = " + ".join(
        f"{media.title} {indices[key]} × {media.weight_ratio}" for key, media in rules.media.items()
    )
    return total.normalize(), f"{text} = {total.normalize():f}", []


def _read_points(table: FactTable, key: str) -> Decimal:
    points = table.number(key)
    if points < 0:
        raise table.refuse(key, f"must not be negative, got {points}")
    return points


def _state(
    results: Mapping[str, IndicatorResult],
    bottom_lines: FailedBottomLines,
    rules: IndexRulebook,
    switches: Switches,
    parts: Mapping[str, PartIndex],
) -> ResultStatus:
    statuses = [rules.total_source.result_status, bottom_lines.result_status]
    statuses += [weighted.source.result_status for weighted in (*rules.parts.values(), *rules.media.values())]
    statuses += [result.result_status for result in results.values()]
    if any(part.given != part.index for part in parts.values()):
        statuses.append(switches["D-13"].result_status)
    return worst_result(statuses)


def _show_total(
    parts: Mapping[str, PartIndex], rules: IndexRulebook, total: Decimal | None, absent: list[str]
) -> str:
    if total is None:
        return f"缺 {'、'.join(absent)}，总分待补充"
    terms = " + ".join(f"{part.index} × {rules.parts[key].weight_ratio}" for key, part in parts.items())
    sums = " + ".join(f"{part.weighted.normalize():f}" for part in parts.values())
    return f"{terms} = {sums} = {total.normalize():f}"

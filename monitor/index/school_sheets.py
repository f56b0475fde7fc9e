"""One school's sheet of a run: indicators with inputs and arithmetic, bottom lines, parts, total. Pure.

Wraps `scoring.total.evaluate_school`, which decides; here is only what is stored beside it.
Key types: `Sheet`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from monitor.index.facts import Content
from monitor.index.indicators import Inputs
from scoring.facts import FactTable
from scoring.index import IndicatorState, measure_indicator, show_value
from scoring.index_rules import IndexRulebook
from scoring.source import ResultStatus, plain
from scoring.switches import Switches
from scoring.total import Finding, IndexSheet, evaluate_school


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a run stores for a school.

    Attributes:
        total: weighted total, or None while 待补充.
        state: 正式, 暂定 or 待补充.
        barred_from_good: 不评“好”.
        detail: everything behind it as JSON values.
    """

    total: Decimal | None
    state: ResultStatus
    barred_from_good: bool
    detail: dict[str, Any]


def evaluate_inputs(
    inputs: Inputs,
    parts: Mapping[str, object],
    findings: Iterable[Finding],
    rules: IndexRulebook,
    switches: Switches,
) -> Sheet:
    """Evaluate a school or a city for one period.

    Source: GD-2.0, GD-3.1n, GD-3.1o, GD-3.2f, GD-3.3; D-12 to D-15.

    Args:
        inputs: of the period.
        parts: indices that were entered or computed: "1", "2", and "3" with "video" and "account".
        findings: of the period.
        rules: the rulebook.
        switches: the default readings.
    """
    facts = {
        "indicators": inputs.indicators,
        "parts": parts,
        "findings": [
            {"kind": f.kind, "reason": f.reason, "bars_from_good": f.bars_from_good} for f in findings
        ],
    }
    sheet = evaluate_school(facts, rules, switches)
    return Sheet(sheet.total, sheet.state, sheet.barred_from_good, _detail(sheet, inputs, rules, switches))


def _detail(sheet: IndexSheet, inputs: Inputs, rules: IndexRulebook, switches: Switches) -> dict[str, Any]:
    lines = {}
    for indicator, result in sheet.indicators.items():
        line = {
            **result.as_json(),
            "part": result.indicator.part,
            "inputs": plain(inputs.indicators[indicator]),
        }
        if indicator in inputs.notes:
            line["note"] = inputs.notes[indicator]
        if indicator in inputs.provisional and result.result_status is ResultStatus.FINAL:
            line["result_status"] = ResultStatus.PROVISIONAL.value
        if indicator in inputs.by_month:
            line["months"] = _months(indicator, inputs.by_month[indicator], rules, switches)
        lines[indicator] = line
    bottom_lines = sheet.bottom_lines
    return {
        "indicators": lines,
        "no_data": [indicator for indicator in rules.indicators if indicator not in sheet.indicators],
        "notes": {key: note for key, note in inputs.notes.items() if key not in sheet.indicators},
        "failed_bottom_lines": plain(bottom_lines.by_part),
        "n_failed": {part: len(failed) for part, failed in bottom_lines.by_part.items()},
        "bottom_lines_state": bottom_lines.result_status.value,
        "bottom_lines_arithmetic": bottom_lines.arithmetic,
        "barred_from_good": sheet.barred_from_good,
        "findings": [
            plain({"kind": f.kind, "reason": f.reason, "bars": f.bars_from_good}) for f in sheet.findings
        ],
        "parts": {
            key: plain(
                {"given": p.given, "index": p.index, "weighted": p.weighted, "arithmetic": p.arithmetic}
            )
            for key, p in sheet.parts.items()
        },
        "total_arithmetic": sheet.arithmetic,
        "missing": list(sheet.missing),
    }


def _months(
    indicator: str, by_month: Mapping[str, Content], rules: IndexRulebook, switches: Switches
) -> dict[str, object]:
    """Return the result of each month of a year: GD-4.1 asks for months and year, their weight is lost."""
    found: dict[str, object] = {}
    for month, content in by_month.items():
        result = measure_indicator(rules.indicators[indicator], FactTable(content), rules, switches)
        value = None if result.value is None else show_value(result.value)
        found[month] = {"value": value, "failed": result.state is IndicatorState.FAILED}
    return found

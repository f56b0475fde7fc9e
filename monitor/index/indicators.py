"""From stored facts to what an indicator (指标) is measured by: a month, a year, a city's schools. Pure.

Raw rows come first: requests make GD-3.1f, activities make GD-3.1g, so that every ratio leads down to them
(GD-5.1). Key types: `Measures`, `Inputs`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from monitor.index.facts import RATINGS, Content, FactKind
from scoring.index_rules import IndexRulebook, IndicatorKind
from scoring.service import ActivityFacts, InvalidReason, count_activities, count_responses

Measures = dict[str, dict[str, Content]]
"""Period (2019-03, or 2019 for the whole year) → indicator → what it is measured by."""

CUMULATIVE = frozenset(
    ("GD-3.1a", "GD-3.1b", "GD-3.1d", "GD-3.1e", "GD-3.2a", "GD-3.2b", "GD-3.2c", "GD-3.2d", "GD-3.2e")
)
"""A month's row holds the state reached so far: “累计”, “2019年度”. Its year is the last month, not a sum."""
_RESPONSE, _POSTED, _SIGN_UPS, _FEES = "GD-3.1f", "GD-3.1g.posted", "GD-3.1g.signups", "GD-3.1c"


@dataclass(frozen=True, slots=True)
class StoredFact:
    """One stored fact as it is measured; `seen_at` is the latest instant it was imported."""

    kind: FactKind
    subject: str
    item: str
    month: str
    content: Content
    seen_at: datetime


@dataclass(slots=True)
class Inputs:
    """What one sheet is measured by.

    Attributes:
        indicators: indicator → facts in the form of `scoring.index.measure_indicator`.
        notes: indicator → how the figures came about, Chinese.
        provisional: indicators whose reading is ours and matters (推定).
        by_month: indicator → month → facts, for part 1 of a year (GD-4.1).
    """

    indicators: dict[str, Content] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    provisional: set[str] = field(default_factory=set)
    by_month: dict[str, dict[str, Content]] = field(default_factory=dict)


def measure_school(facts: Iterable[StoredFact], rules: IndexRulebook) -> Measures:
    """Return what each month and year of one school is measured by; entered indices are left out."""
    measures: Measures = {}
    raw: dict[tuple[FactKind, str], list[StoredFact]] = {}
    for fact in facts:
        if fact.kind in (FactKind.INDICATOR, FactKind.INDICATOR_YEAR):
            if fact.subject in rules.indicators:
                measures.setdefault(fact.item, {})[fact.subject] = fact.content
        else:
            raw.setdefault((fact.kind, fact.month), []).append(fact)
    for (kind, month), rows in raw.items():
        if kind is FactKind.REQUEST:
            measures.setdefault(month, {})[_RESPONSE] = count_request_rows(rows, rules)
        elif kind is FactKind.ACTIVITY:
            _put_activities(measures.setdefault(month, {}), rows, rules)
    return measures


def count_request_rows(rows: Iterable[StoredFact], rules: IndexRulebook) -> Content:
    """Count requests reviewed in time; an open one is judged as of the import that last showed it open.

    Source: GD-3.1f 载明 (72小时); open ones younger than that are left out (推定).
    """
    n_timely = n_late = n_excluded = 0
    for row in rows:
        applied_at = datetime.fromisoformat(row.content["applied_at"])
        reviewed = row.content["reviewed_at"]
        reviewed_at = datetime.fromisoformat(reviewed) if reviewed else None
        count = count_responses([(applied_at, reviewed_at)], row.seen_at, rules)
        n_timely, n_late = n_timely + count.n_timely, n_late + count.n_late
        n_excluded += count.n_excluded
    note = f"及时 {n_timely}，超时 {n_late}" + (f"，未满时限未计 {n_excluded}" if n_excluded else "")
    return {"numerator": n_timely, "denominator": n_timely + n_late, "note": note}


def _put_activities(month: dict[str, Content], rows: Sequence[StoredFact], rules: IndexRulebook) -> None:
    """Put eligible activities and their sign-ups over the members; the base comes from the month's rows.

    Source: GD-3.1g-j.
    """
    activities = [_to_activity(row) for row in rows]
    verdict = count_activities(activities, rules)
    eligible = [a for a in activities if a.n_sign_ups and a.n_photos and a.invalid_reason is None]
    sums = {_POSTED: verdict.outcome.n_eligible, _SIGN_UPS: sum(a.n_sign_ups for a in eligible)}
    for indicator, numerator in sums.items():
        base = month.get(indicator) or month.get(_FEES)
        if base is not None:
            note = f"{verdict.arithmetic}（{verdict.clause}，{verdict.status.value}）"
            month[indicator] = {"numerator": numerator, "denominator": base["denominator"], "note": note}


def _to_activity(row: StoredFact) -> ActivityFacts:
    reason = row.content["invalid_reason"]
    return ActivityFacts(
        row.content["sign_ups"], row.content["photos"], InvalidReason(reason) if reason else None
    )


def add_up(schools: Sequence[Measures]) -> Measures:
    """Add the schools of a city (GD-1.2): numerators and denominators, ratings and members.

    What has only a value (a mean, a score) cannot be added and is left out.
    """
    total: Measures = {}
    for measures in schools:
        for period, indicators in measures.items():
            for indicator, content in indicators.items():
                if "value" not in content:
                    at = total.setdefault(period, {})
                    at[indicator] = _add(at.get(indicator), content)
    return total


def _add(sum_: Content | None, content: Content) -> Content:
    n_schools = (sum_ or {}).get("n_schools", 0) + 1
    note = {"n_schools": n_schools, "note": f"{n_schools} 所高校合计"}
    if sum_ is None:
        return {key: value for key, value in content.items() if key != "note"} | note
    if "counts" in content:
        counts = {rating: sum_["counts"][rating] + n for rating, n in content["counts"].items()}
        return {"counts": counts, "members": sum_["members"] + content["members"]} | note
    numerator = Decimal(sum_["numerator"]) + Decimal(content["numerator"])
    exact = numerator if isinstance(content["numerator"], str) else int(numerator)
    shown = format(exact, "f") if isinstance(exact, Decimal) else exact
    return {"numerator": shown, "denominator": sum_["denominator"] + content["denominator"]} | note


def month_inputs(measures: Measures, month: str) -> Inputs:
    """Return the inputs of one month."""
    found = Inputs()
    for indicator, content in measures.get(month, {}).items():
        found.indicators[indicator] = _facts(content)
        if content.get("note"):
            found.notes[indicator] = content["note"]
    return found


def year_inputs(measures: Measures, months: Sequence[str], rules: IndexRulebook) -> Inputs:
    """Return the inputs of a year, by the rule of each part.

    Source: GD-4.1 (part 1: months and the year), GD-4.2 (part 2: the year); D-12 默认 for months. A row of
    the whole year is taken before any month. Of cumulative figures the last month counts (推定): months
    would count the same people again and again.
    """
    found, year = Inputs(), months[0][:4]
    for indicator in rules.indicators.values():
        rows = [
            (month, measures[month][indicator.id])
            for month in months
            if indicator.id in measures.get(month, {})
        ]
        if indicator.part == "1" and rows:
            found.by_month[indicator.id] = {month: _facts(content) for month, content in rows}
        whole = measures.get(year, {}).get(indicator.id)
        if whole is not None:
            found.indicators[indicator.id], found.notes[indicator.id] = _facts(whole), "全年数据"
        elif rows and indicator.kind is IndicatorKind.SCORE:
            found.notes[indicator.id] = "百分制按月数据如何汇成年度原文未载明，请录入全年数值"
        elif rows and indicator.id in CUMULATIVE:
            _put_last_month(found, indicator.id, rows)
        elif rows:
            found.indicators[indicator.id] = _join_months(indicator.id, [content for _, content in rows])
            found.notes[indicator.id] = f"{len(rows)} 个月"
    return found


def _put_last_month(found: Inputs, indicator: str, rows: Sequence[tuple[str, Content]]) -> None:
    month, last = rows[-1]
    found.indicators[indicator] = _facts(last)
    found.notes[indicator] = f"取 {month} 的累计数（推定）"
    if _value_of([content for _, content in rows]) != _value_of([last]):
        found.provisional.add(indicator)


def _value_of(contents: Sequence[Content]) -> Fraction | None:
    if any("value" in content for content in contents):
        return Fraction(contents[-1]["value"]) if len(contents) == 1 and "value" in contents[0] else None
    base = sum(content["denominator"] for content in contents)
    return sum((Fraction(content["numerator"]) for content in contents), Fraction(0)) / base if base else None


def _join_months(indicator: str, contents: Sequence[Content]) -> Content:
    if indicator == RATINGS:
        counts = {r: sum(content["counts"][r] for content in contents) for r in contents[0]["counts"]}
        return {"counts": counts, "members": sum(content["members"] for content in contents)}
    return {"months": [_facts(content) for content in contents]}


def _facts(content: Mapping[str, object]) -> Content:
    """Return what scoring reads of a content."""
    return {key: value for key, value in content.items() if key not in ("note", "n_schools")}

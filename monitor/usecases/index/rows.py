"""From the facts of a run to its result rows: schools, cities and accounts.

Everything here is decided from values; nothing is read or written. Key types: `RunFacts`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from monitor.index.account_wci import AccountMeasure, ArticleFigures, MediaRules, measure_account
from monitor.index.declarations import DeclarationKind
from monitor.index.facts import Content, FactKind
from monitor.index.indicators import (
    Inputs,
    Measures,
    StoredFact,
    add_up,
    measure_school,
    month_inputs,
    year_inputs,
)
from monitor.index.periods import RunKind, RunPeriod
from monitor.index.school_sheets import Sheet, evaluate_inputs
from monitor.store.index.runs import Result
from monitor.units import Unit, UnitId, ancestor_ids
from scoring.source import ResultStatus, plain, worst_result
from scoring.total import Finding

PROVINCIAL, LOCAL, CITY, ACCOUNT = "省属高校", "非省属高校", "地市汇总", "公众号"
NO_DATA = "无数据"
Ranked = tuple[Result, Decimal | None]
Declared = tuple[UnitId, str, str, str, bool]


@dataclass(frozen=True, slots=True)
class RunFacts:
    """Everything a run is decided by; `declarations` as (unit, kind, period, reason, bars from 好)."""

    period: RunPeriod
    media: MediaRules
    today: date
    schools: Sequence[Unit]
    facts: Mapping[UnitId, Sequence[StoredFact]]
    articles: Mapping[tuple[UnitId, str], Sequence[ArticleFigures]]
    declarations: Sequence[Declared]

    def incident_months(self, unit_id: UnitId) -> set[str]:
        """The months in which a 重大舆情事故 was declared for a school (GD-3.3e)."""
        kind = DeclarationKind.INCIDENT.value
        return {period for unit, what, period, _, _ in self.declarations if (unit, what) == (unit_id, kind)}

    def findings(self, unit_id: UnitId) -> list[Finding]:
        """The findings of a school in the period: those of the month, or all of the year (GD-3.1o)."""
        label = self.period.label
        return [
            Finding(kind, reason, bars)
            for unit, kind, period, reason, bars in self.declarations
            if unit == unit_id
            and kind == DeclarationKind.FAKING.value
            and (period == label or (self.period.kind is RunKind.YEAR and period.startswith(label)))
        ]


def is_provincial(school: Unit) -> bool:
    """Tell whether a school is 省属: it hangs right below the province (GD-1.1)."""
    return school.depth == 1


def city_of(school: Unit) -> UnitId:
    """Return the unit below the province into which a school's figures go (GD-1.2)."""
    return ancestor_ids(school.path)[1]


def build_sheets(run: RunFacts) -> list[Ranked]:
    """Return the sheets of schools and cities; only 省属 schools are ranked, by their total.

    Source: GD-1.1, GD-1.2, GD-2.0.
    """
    rows: list[Ranked] = []
    by_city: dict[UnitId, list[Measures]] = {}
    accounts = _accounts_by_school(run)
    for school in run.schools:
        facts = run.facts.get(school.unit_id, ())
        measures = measure_school(facts, run.media.rules)
        if not is_provincial(school):
            by_city.setdefault(city_of(school), []).append(measures)
        sheet = _evaluate(
            run, measures, _parts(run, facts, accounts.get(school.unit_id, {})), run.findings(school.unit_id)
        )
        sheet.detail["accounts"] = {
            name: measure.as_json() for name, measure in accounts.get(school.unit_id, {}).items()
        }
        scope = PROVINCIAL if is_provincial(school) else LOCAL
        rows.append(
            (_to_result(school.unit_id, scope, sheet), sheet.total if is_provincial(school) else None)
        )
    for city, schools in by_city.items():
        sheet = _evaluate(run, add_up(schools), {}, ())
        sheet.detail["n_schools"] = len(schools)
        rows.append((_to_result(city, CITY, sheet), None))
    return rows


def build_board(run: RunFacts) -> list[Ranked]:
    """Return the accounts of all schools; one without any article is listed as 无数据.

    Source: GD-3.3c, GD-3.3f, GD-4.3.
    """
    rows: list[Ranked] = []
    accounts = _accounts_by_school(run)
    for school in run.schools:
        measured = accounts.get(school.unit_id) or {"": AccountMeasure(None, {})}
        for name, measure in measured.items():
            result = Result(
                unit_id=school.unit_id,
                account=name,
                scope=ACCOUNT,
                state=account_state(measure),
                value=None if measure.wci is None else str(plain(measure.wci.outcome.wci)),
                rank=None,
                movement=None,
                is_barred=False,
                detail=measure.as_json(),
                unit_code=school.code,
                unit_name=school.name,
            )
            rows.append((result, measure.ranked))
    return rows


def account_state(measure: AccountMeasure) -> str:
    """Return 无数据, 待补充, or the worse of WCI and score."""
    if measure.n_posts is None:
        return NO_DATA
    if measure.score is None or measure.score.outcome is None:
        return ResultStatus.INCOMPLETE.value
    statuses = [measure.score.result_status, *([measure.wci.result_status] if measure.wci else [])]
    return worst_result(statuses).value


def _accounts_by_school(run: RunFacts) -> dict[UnitId, dict[str, AccountMeasure]]:
    found: dict[UnitId, dict[str, AccountMeasure]] = {}
    for (unit_id, account), articles in run.articles.items():
        months = run.incident_months(unit_id)
        measure = measure_account(articles, run.period, run.media, months, today=run.today)
        found.setdefault(unit_id, {})[account] = measure
    return found


def _evaluate(
    run: RunFacts, measures: Measures, parts: Mapping[str, object], findings: Iterable[Finding]
) -> Sheet:
    rules = run.media.rules
    if run.period.kind is RunKind.YEAR:
        inputs: Inputs = year_inputs(measures, run.period.months(), rules)
    else:
        inputs = month_inputs(measures, run.period.label)
    return evaluate_inputs(inputs, parts, findings, rules, run.media.switches)


def _parts(
    run: RunFacts, facts: Sequence[StoredFact], accounts: Mapping[str, AccountMeasure]
) -> dict[str, object]:
    """Return the indices of the parts: entered ones first, else the account's own score.

    Two accounts of one school are not joined: the text knows one, so the index waits to be entered.
    """
    kinds = (FactKind.INDICATOR, FactKind.INDICATOR_YEAR)
    entered: dict[str, Content] = {
        fact.subject: fact.content
        for fact in facts
        if fact.kind in kinds and fact.item == run.period.label and fact.subject.startswith("part.")
    }
    media: dict[str, Any] = {}
    if len(accounts) == 1:
        score = next(iter(accounts.values())).score
        if score is not None and score.outcome is not None:
            media["account"] = plain(score.outcome)
    for key in ("video", "account"):
        if f"part.3.{key}" in entered:
            media[key] = entered[f"part.3.{key}"]["value"]
    parts: dict[str, object] = {
        key: entered[f"part.{key}"]["value"] for key in ("1", "2") if f"part.{key}" in entered
    }
    return {**parts, "3": media} if media else parts


def _to_result(unit_id: UnitId, scope: str, sheet: Sheet) -> Result:
    total = None if sheet.total is None else format(sheet.total.normalize(), "f")
    state = sheet.state.value if sheet.detail["indicators"] or sheet.detail["parts"] else NO_DATA
    return Result(unit_id, "", scope, state, total, None, None, sheet.barred_from_good, sheet.detail)

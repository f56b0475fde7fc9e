"""Who is at risk (风险): units that lose 优秀, fall below 6 points, or can no longer reach a grade.

Only what is certain from what is stored is said; open items count with their full points.
Key types: `Risk`, `RiskReport`.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import IntEnum
from typing import Any

from monitor.assessment.sheet import YearSheet, score_dossier
from monitor.index.periods import RunKind
from monitor.store.index import runs as index_runs
from monitor.store.index.runs import Result, Run
from monitor.units import Unit
from monitor.usecases.assessment.sitting import Sitting, require_year
from monitor.usecases.index.rows import LOCAL, PROVINCIAL
from monitor.usecases.rules.what_if import load_year
from scoring.rubric import format_points
from scoring.year import YearGrade, YearRules

_BARRING_FAILURES = 2


class RiskKind(IntEnum):
    """What a unit risks, worst first."""

    BELOW_SIX = 0
    DISQUALIFIED = 1
    CAPPED = 2
    NEAR_CAP = 3
    NOT_EXCELLENT = 4


@dataclass(frozen=True, slots=True)
class Risk:
    """One risk of one unit, in words with its clause."""

    unit: Unit
    kind: RiskKind
    text: str


@dataclass(frozen=True, slots=True)
class RiskReport:
    """All risks of a year, worst first; how many units were looked at and have no spot check."""

    year: int
    risks: tuple[Risk, ...]
    n_units: int
    n_begun: int
    n_without_checks: int
    schools: tuple["SchoolRisk", ...] = ()
    index_period: str = ""


@dataclass(frozen=True, slots=True)
class SchoolRisk:
    """A school with two or more failed bottom lines in a part (GD-3.1n): not to be graded 好.

    `failed` is the part with the titles of its failed indicators.
    """

    unit_code: str
    unit_name: str
    failed: tuple[tuple[str, tuple[str, ...]], ...]


def find_risks(sitting: Sitting, year: int) -> RiskReport:
    """Tell which units will lose 优秀 or fall below 6 points (风险).

    Source: HN-4.1e, HN-4.3, HN-4.4c, HN-4.4d.
    Raises: OutOfScope, BadParameter.
    """
    require_year(sitting, year)
    sheets = [score_dossier(dossier) for dossier in load_year(sitting, year)]
    risks = [risk for sheet in sheets for risk in judge_risks(sheet)]
    return RiskReport(
        year=year,
        risks=tuple(sorted(risks, key=lambda risk: (risk.kind, risk.unit.code))),
        n_units=len(sheets),
        n_begun=sum(1 for sheet in sheets if sheet.dossier.assessment.assessment_id),
        n_without_checks=sum(1 for sheet in sheets if sheet.streak is None),
        **_find_school_risks(sitting, year),
    )


def _find_school_risks(sitting: Sitting, year: int) -> dict[str, Any]:
    """Return the schools of the person's subtree at risk by the latest run of a year.

    Source: GD-3.1n, GD-3.2f, D-14; requirement D.6.
    """
    kinds, until = (RunKind.MONTH, RunKind.YEAR), date(year + 1, 1, 1)
    run = index_runs.load_latest_run(sitting.connection, kinds, before=until)
    if run is None or run.period.last_day.year != year:
        return {}
    results = index_runs.load_results(sitting.connection, run.run_id, path=sitting.viewer.unit_path)
    risks = [judge_school(result, run) for result in results if result.scope in (PROVINCIAL, LOCAL)]
    period = f"{run.period.label} {run.period.kind.value}"
    return {"schools": tuple(risk for risk in risks if risk.failed), "index_period": period}


def judge_school(result: Result, run: Run) -> SchoolRisk:
    """Return the parts in which a school fails two or more bottom lines (“超过1项”), and which."""
    titles = run.frozen["indicators"]
    failed = tuple(
        (part, tuple(titles[key]["title"] for key in keys))
        for part, keys in result.detail["failed_bottom_lines"].items()
        if len(keys) >= _BARRING_FAILURES
    )
    return SchoolRisk(result.unit_code, result.unit_name, failed)


def judge_risks(sheet: YearSheet) -> list[Risk]:
    """Return the risks of one unit's sheet.

    Source: HN-4.1e, HN-4.3, HN-4.4c, HN-4.4d.
    """
    unit, year = sheet.dossier.assessment.unit, sheet.rules.rulebook.year
    least, excellent = _consequence_bound(year), _lower_bound(year, YearGrade.EXCELLENT)
    scored, most = sheet.sheet.scored, sheet.reachable
    found = []
    if sheet.result and scored < least:
        words = "、".join(sheet.result.consequences)
        found.append(
            (RiskKind.BELOW_SIX, f"得 {format_points(scored)} 分，低于 {least} 分：{words}（HN-4.4c）")
        )
    elif most < least:
        found.append(
            (RiskKind.BELOW_SIX, f"未评项全得满分也只有 {format_points(most)} 分，低于 {least} 分（HN-4.4c）")
        )
    elif most < excellent:
        found.append((RiskKind.NOT_EXCELLENT, f"最高只能到 {format_points(most)} 分，不能评优秀（HN-4.3）"))
    if sheet.dossier.disqualification:
        found.append(
            (RiskKind.DISQUALIFIED, f"评优资格已取消：{sheet.dossier.disqualification.ground}（HN-4.4d）")
        )
    if sheet.streak:
        run, wanted = sheet.streak.outcome, year.streak.run_length
        if run.cap:
            found.append((RiskKind.CAPPED, f"连续“差”已达 {run.longest} 次，不能评优秀（HN-4.1e）"))
        elif run.current == wanted - 1:
            found.append(
                (RiskKind.NEAR_CAP, f"连续“差” {run.current}/{wanted}，再有一次即不能评优秀（HN-4.1e）")
            )
    return [Risk(unit, kind, text) for kind, text in found]


def _consequence_bound(year: YearRules) -> Decimal:
    return max(consequence.below_points for consequence in year.consequences)


def _lower_bound(year: YearRules, grade: YearGrade) -> Decimal:
    return next(band.lower for band in year.bands.bands if band.outcome is grade)

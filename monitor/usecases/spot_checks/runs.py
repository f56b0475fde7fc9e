"""Runs of 差 (连续差) of 市县: for the checks' own pages, for the year's sheets, for 总览. Reads only.

Key types: `CityRun`, `spot_check_source`.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from monitor.spot_checks import is_provisional
from monitor.store import directory
from monitor.store.spot_checks import figures as spot_checks
from monitor.store.spot_checks.figures import RunCheck
from monitor.store.spot_checks.rows import Connection
from monitor.units import Unit
from monitor.usecases.queries.asking import Question
from monitor.usecases.rules.in_force import AnyRules, DatedRules, dated
from monitor.usecases.spot_checks.desk import SpotSitting, remember_verdicts
from scoring.source import Verdict
from scoring.streak import CheckFact, PoorStreak, find_poor_streaks


@dataclass(frozen=True, slots=True)
class CityRun:
    """The run of one 市县 in a year. `verdict` is None without a check that counts."""

    unit: Unit
    year: int
    verdict: Verdict[PoorStreak] | None
    length: int  # how many make the cap (3)
    n_checks: int  # valid ones
    n_open: int  # of them on days that are not closed: their grades are 暂定

    @property
    def current(self) -> int:
        """差 in a row up to the last check."""
        return self.verdict.outcome.current if self.verdict else 0

    @property
    def is_capped(self) -> bool:
        """Whether the year cannot be graded 优秀 (优秀封顶, HN-4.1e)."""
        return bool(self.verdict and self.verdict.outcome.cap)


def make_facts(checks: Iterable[RunCheck], rules: DatedRules, *, only_final: bool = False) -> list[CheckFact]:
    """Return checks as `scoring.streak` wants them: `city` is the unit's code.

    Source: HN-4.1e, D-08, D-09.

    Args:
        only_final: leave out checks of days that are not closed.
    """
    facts = []
    judge = remember_verdicts(rules)
    for check in checks:
        verdict = judge(check)
        if only_final and is_provisional(verdict):
            continue
        facts.append(
            CheckFact(
                city=check.city_code,
                group=check.group_code,
                checked_at=check.at,
                grade=verdict.outcome,
                is_void=check.is_void,
                id=check.filing_no,
            )
        )
    return facts


def find_runs(
    units: Collection[Unit],
    checks: Sequence[RunCheck],
    rules: DatedRules,
    year: int,
    today: date,
    *,
    only_final: bool = False,
) -> list[CityRun]:
    """Return the runs of units right below the province, longest current run first.

    Source: HN-4.1e; D-09 as it is in force on the last day of the year, or today.
    """
    day_rules = rules.on(min(today, date(year, 12, 31)))
    rule = day_rules.rulebook.year.streak
    facts = make_facts(checks, rules, only_final=only_final)
    found = find_poor_streaks(facts, rule, day_rules.switches).get(year, {})
    judge = remember_verdicts(rules)
    valid = [check for check in checks if not check.is_void]
    n_checks = Counter(check.city_id for check in valid)
    n_open = Counter(check.city_id for check in valid if is_provisional(judge(check)))
    runs = [
        CityRun(unit, year, found.get(unit.code), rule.run_length, n_checks[each], n_open[each])
        for unit in units
        for each in (unit.unit_id,)
    ]
    return sorted(runs, key=lambda run: (-run.is_capped, -run.current, run.unit.code))


def load_city_run(sitting: SpotSitting, city_id: int, year: int) -> CityRun | None:
    """Return the run of one 市县 with checks of open days as they stand (暂定).

    None for somebody below the 市县: the run is made of all its groups (HN-1.2). None too for one that was
    merged or closed since (合并, 撤销): its checks stay, but nobody is left whose grade a run could cap.

    Source: HN-4.1e.
    """
    unit = directory.load_unit(sitting.connection, city_id)
    if unit is None or not sitting.viewer.may_see_unit(unit.path):
        return None
    checks = spot_checks.load_of_cities(sitting.connection, [city_id], year)
    return find_runs([unit], checks, sitting.rules, year, sitting.today)[0]


def load_runs(sitting: SpotSitting, year: int) -> list[CityRun]:
    """Return the runs of every 市县 and 高校 with checks in the subtree, worst first.

    Somebody below a 市县 sees none: the run is made of all groups of the 市县.
    """
    return _load_runs(sitting.connection, sitting.rules, sitting.viewer.unit_path, year, sitting.today)


def spot_check_source(
    rules: AnyRules,
) -> Callable[[Connection, Sequence[Unit], int], Sequence[CheckFact]]:
    """Return what gives the sheets of a year (考评表) their spot checks: see `Desk.load_checks`."""

    def load(connection: Connection, units: Sequence[Unit], year: int) -> Sequence[CheckFact]:
        checks = spot_checks.load_of_cities(connection, [unit.unit_id for unit in units], year)
        return make_facts(checks, dated(rules, connection))

    return load


def tell_poor_runs(question: Question, unit: Unit, day: date) -> str | None:
    """Return the line of 总览 about runs of 差; None without a check this year, or for another day.

    Source: requirement D.6, HN-4.1e.
    """
    if day != question.today or not question.viewer.may_see_unit(unit.path):
        return None
    runs = _load_runs(question.connection, question.rules, unit.path, day.year, question.today)
    if not runs:
        return None
    n_capped = sum(run.is_capped for run in runs)
    n_near = sum(not run.is_capped and run.current == run.length - 1 for run in runs)
    n_checks = sum(run.n_checks for run in runs)
    length = runs[0].length
    return (
        f"抽查 {n_checks} 次：连续“差”达 {length} 次 {n_capped} 个单位，"
        f"{length - 1}/{length} 的 {n_near} 个单位（HN-4.1e）"
    )


def _load_runs(connection: Connection, rules: DatedRules, path: str, year: int, today: date) -> list[CityRun]:
    checks = spot_checks.load_of_year(connection, path, year)
    ids = {check.city_id for check in checks}
    units = [unit for unit in directory.load_units_by_id(connection, ids) if unit.path.startswith(path)]
    return find_runs(units, checks, rules, year, today)

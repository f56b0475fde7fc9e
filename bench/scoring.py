"""How long does scoring take? A sheet, a year of every school, the runs of 差, reading the rulebooks.

`python -m bench scoring`, or `python -m bench.scoring [--runs 5]`. Facts are made up and have a fixed seed.
"""

import argparse
import random
import statistics
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import perf_counter

from bench.tables import print_table
from scoring.activity import ActivityGrade
from scoring.index_rules import IndexRulebook, Indicator, IndicatorKind, load_index_rulebook
from scoring.rulebook import load_rulebook
from scoring.streak import CheckFact, StreakReading, find_poor_streaks
from scoring.switches import load_switches
from scoring.total import evaluate_school
from scoring.veto import load_veto_rulebook
from scoring.whatif import YearFacts, evaluate_year

Facts = dict[str, object]
Measure = tuple[str, Callable[[], object], int, float]
"""What is measured, one piece of work, how often it is done in one timed run, and the limit (seconds)."""

N_SCHOOLS, N_MONTHS, N_CHECKS, N_CITIES, N_GROUPS = 160, 12, 100_000, 18, 3_000


def main() -> None:
    """Measure everything and print the table; the time is that of one piece of work."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    n_runs = parser.parse_args().runs
    rows = []
    for name, work, n_times, limit in (*_sheets(), *_schools(), *_streaks(), *_rulebooks()):
        median, worst = _measure(work, n_times, n_runs)
        rows.append((name, _show(median), _show(worst), _show(limit), "yes" if median <= limit else "NO"))
    heads = ("work", "median", "worst", "limit", "met")
    print_table(f"scoring, one process, {n_runs} runs", heads, rows)


def full_sheet() -> YearFacts:
    """Make a Hainan sheet with every item scored and the lost ones supplied, so that it gets a grade."""
    panel = {"panel": "0.4", "reason": "考核台账", "self": "0.5"}
    lost = {"max": "1.5", "panel": "1.0", "reason": "考核台账", "reference": "团琼字〔2013〕1号"}
    return YearFacts(
        items={
            "HN-A1.1": panel,
            "HN-A1.2": panel,
            "HN-A1.3": {"document": True, "records": 5},
            "HN-A2.1": {"accounts": 1, "panel": "0.2"},
            "HN-A2.2a": {"covered": 9000, "base": 10000},
            "HN-A2.2b": {"covered": 86, "base": 100},
            "HN-A2.2c": {"covered": 70, "base": 100},
            "HN-A3.1": panel,
            "HN-A3.2": panel,
        },
        supplied={"HN-A3.3": {**lost, "max": "2.0"}, "HN-A4": lost},
    )


def school_month(chance: random.Random, rules: IndexRulebook) -> Facts:
    """Make one month of one school: every indicator and every part."""
    indicators = {key: _indicator(chance, indicator) for key, indicator in rules.indicators.items()}
    return {"indicators": indicators, "parts": _parts(chance)}


def school_year(chance: random.Random, rules: IndexRulebook) -> Facts:
    """Make one year of one school: its ratios month by month, the rest for the year."""
    indicators: Facts = {}
    for key, indicator in rules.indicators.items():
        if indicator.kind is IndicatorKind.RATIO:
            indicators[key] = {"months": [_indicator(chance, indicator) for _ in range(N_MONTHS)]}
        else:
            indicators[key] = _indicator(chance, indicator)
    return {"indicators": indicators, "parts": _parts(chance)}


def checks_of_a_year(chance: random.Random) -> list[CheckFact]:
    """Make a year's spot checks: 18 市县, one check in twenty void, one in twenty without data."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    grades = [*ActivityGrade, ActivityGrade.POOR]
    return [
        CheckFact(
            city=f"第{chance.randrange(N_CITIES)}市县",
            group=f"第{chance.randrange(N_GROUPS)}群",
            checked_at=start + timedelta(seconds=chance.randrange(360 * 86_400)),
            grade=None if chance.random() < 0.05 else chance.choice(grades),
            is_void=chance.random() < 0.05,
            id=str(number),
        )
        for number in range(N_CHECKS)
    ]


def _sheets() -> list[Measure]:
    rules, switches, facts = load_rulebook(), load_switches(), full_sheet()
    return [("HN: a full sheet with its grade", lambda: evaluate_year(facts, rules, switches), 200, 0.001)]


def _schools() -> list[Measure]:
    rules, switches, chance = load_index_rulebook(), load_switches(), random.Random(7)
    months = [school_month(chance, rules) for _ in range(N_SCHOOLS * N_MONTHS)]
    years = [school_year(chance, rules) for _ in range(N_SCHOOLS)]

    def evaluate(schools: list[Facts]) -> list[object]:
        return [evaluate_school(facts, rules, switches) for facts in schools]

    return [
        (f"GD: {N_SCHOOLS} schools x {N_MONTHS} months, a sheet each", lambda: evaluate(months), 1, 2.0),
        (f"GD: {N_SCHOOLS} schools, the year from its months", lambda: evaluate(years), 1, 2.0),
    ]


def _streaks() -> list[Measure]:
    rule, checks = load_rulebook().year.streak, checks_of_a_year(random.Random(7))

    def measure(reading: StreakReading) -> Measure:
        switches = load_switches().select({"D-09": reading.value})
        name = f"streaks over {N_CHECKS:,} checks, reading {reading.value}"
        return (name, lambda: find_poor_streaks(checks, rule, switches), 1, 1.0)

    return [measure(reading) for reading in StreakReading]


def _rulebooks() -> list[Measure]:
    loaders: list[Callable[[], object]] = [
        load_rulebook, load_index_rulebook, load_veto_rulebook, load_switches,
    ]  # fmt: skip
    return [(f"{loader.__name__}()", loader, 5, 0.1) for loader in loaders]


def _indicator(chance: random.Random, indicator: Indicator) -> Facts:
    base = chance.randrange(200, 20_000)
    if indicator.kind is IndicatorKind.RATINGS:
        return {"counts": {str(n): chance.randrange(500) for n in range(1, 6)}, "members": base}
    if indicator.kind is IndicatorKind.SCORE:
        return {"value": str(chance.randrange(101))}
    return {"numerator": chance.randrange(base // 2, base), "denominator": base}


def _parts(chance: random.Random) -> Facts:
    first, second, video, account = (str(chance.randrange(60, 101)) for _ in range(4))
    return {"1": first, "2": second, "3": {"video": video, "account": account}}


def _measure(work: Callable[[], object], n_times: int, n_runs: int) -> tuple[float, float]:
    times = []
    for _ in range(n_runs):
        started = perf_counter()
        for _ in range(n_times):
            work()
        times.append((perf_counter() - started) / n_times)
    return statistics.median(times), max(times)


def _show(seconds: float) -> str:
    return f"{seconds * 1000:,.2f} ms"


if __name__ == "__main__":
    main()

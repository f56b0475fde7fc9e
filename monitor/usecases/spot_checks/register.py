"""What is printed of spot checks (抽查记录): the filings of a unit and period, or one filing, with its draw.

Reads only. Key types: `SpotCheckRegister`, `SpotCheckFile`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from monitor.clock import Period
from monitor.store.spot_checks import rows as spot_checks
from monitor.store.spot_checks.rows import StoredDraw as StoredDraw
from monitor.units import Role, Unit
from monitor.usecases.spot_checks.desk import SpotReading, SpotSitting
from monitor.usecases.spot_checks.objections import SpotObjection, objections_to
from monitor.usecases.spot_checks.query import Wanted, list_checks
from monitor.usecases.spot_checks.runs import CityRun, load_city_run, load_runs

Draws = Mapping[str, StoredDraw]
"""Draws by their number; only those about units of the reader's subtree."""


@dataclass(frozen=True, slots=True)
class SpotCheckRegister:
    """The filings of a subtree in a period, newest first, void ones included, and the runs of the year."""

    unit: Unit
    period: Period
    checks: tuple[SpotReading, ...]
    runs: tuple[CityRun, ...]
    draws: Draws
    made_at: datetime


@dataclass(frozen=True, slots=True)
class SpotCheckFile:
    """One filing with everything about it. `run` is None for who sees only a part of the 市县."""

    reading: SpotReading
    run: CityRun | None
    draw: StoredDraw | None
    objections: tuple[SpotObjection, ...]
    made_at: datetime


def read_register(sitting: SpotSitting, unit_code: str, period: Period) -> SpotCheckRegister:
    """Return the filings of a unit's subtree in a period that lies within one year.

    Source: HN-4.1c (登记备案), HN-4.1e.
    Raises: OutOfScope.
    """
    unit, year = sitting.find_unit(unit_code or None), period.first_day.year
    found = list_checks(sitting, Wanted(unit.code, year))
    checks = tuple(each for each in found if period.first_day <= each.check.day <= period.last_day)
    runs = tuple(run for run in load_runs(sitting, year) if run.unit.path.startswith(unit.path))
    return SpotCheckRegister(unit, period, checks, runs, _load_draws(sitting, checks), sitting.now)


def read_file(sitting: SpotSitting, filing_no: str) -> SpotCheckFile:
    """Return one filing by its number as stored.

    Source: HN-4.1c, HN-4.1e.
    Raises: SpotCheckNotFound.
    """
    reading = sitting.find_check(filing_no)
    check = reading.check
    return SpotCheckFile(
        reading,
        load_city_run(sitting, check.city_id, check.year),
        _load_draws(sitting, [reading]).get(check.draw_number),
        tuple(objections_to(sitting, reading)),
        sitting.now,
    )


def _load_draws(sitting: SpotSitting, checks: Iterable[SpotReading]) -> Draws:
    """Return the draws that checks came from, for who may open them: inspectors, in their subtree."""
    if sitting.viewer.role is not Role.INSPECTOR:
        return {}
    numbers = sorted({each.check.draw_number for each in checks} - {""})
    found = (spot_checks.load_draws(sitting.connection, sitting.viewer.unit_path, 1, n) for n in numbers)
    return {draw.number: draw for draws in found for draw in draws}

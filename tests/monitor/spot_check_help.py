"""An inspector at work in tests: filing, voiding, closing days, and rules with a switch set otherwise."""

from datetime import date, timedelta
from typing import Any

from monitor.clock import shanghai_instant
from monitor.delivery.alerts import AlertKind
from monitor.rules.settings import DayRules
from monitor.store.database import Database
from monitor.store.days.grades import load_day_counts
from monitor.store.delivery import alerts as alert_rows
from monitor.units import Role, Viewer
from monitor.usecases.days.close_day import close_day
from monitor.usecases.spot_checks.desk import SpotChecks, SpotReading
from monitor.usecases.spot_checks.file import Filed, file_spot_check, void_spot_check
from monitor.usecases.spot_checks.runs import CityRun, load_runs
from scoring.rulebook import load_rulebook
from scoring.switches import load_switches
from tests.cast import Cast
from tests.conftest import FrozenClock

RULEBOOK = load_rulebook()
TODAY = date(2026, 11, 20)


class Reading:
    """Rules with one switch set otherwise, for every day."""

    def __init__(self, **choices: str) -> None:
        switches = load_switches().select({name.replace("_", "-"): word for name, word in choices.items()})
        self._rules = DayRules(RULEBOOK, switches)

    def at(self, _connection: Any) -> "Reading":
        return self

    def on(self, _day: date) -> DayRules:
        return self._rules

    def media_on(self, _day: date) -> Any:
        raise AssertionError


class Office:
    """An inspector at work, with short ways to file and to look."""

    def __init__(self, database: Database, cast: Cast, clock: FrozenClock, rules: Any = RULEBOOK) -> None:
        self.database, self.cast, self.clock, self.rules = database, cast, clock, rules
        self.desk = SpotChecks(database, clock, rules, new_seed=lambda: "seed-1")
        self.inspector = cast.viewer("QS", Role.INSPECTOR)

    def files(self, code: str, n_posts: int, day: date | None = None, viewer: Viewer | None = None) -> Filed:
        return self.desk.write(
            viewer or self.inspector, lambda sitting: file_spot_check(sitting, code, n_posts, "", day)
        )

    def voids(self, filing_no: str, reason: str = "登记有误") -> CityRun:
        return self.desk.write(self.inspector, lambda s: void_spot_check(s, filing_no, reason)).run

    def run(self, city: str, year: int = 2026) -> CityRun:
        runs = self.desk.read(self.inspector, lambda sitting: load_runs(sitting, year))
        return next(run for run in runs if run.unit.code == city)

    def reads(self, filing_no: str, viewer: Viewer | None = None) -> SpotReading:
        return self.desk.read(viewer or self.inspector, lambda sitting: sitting.find_check(filing_no))

    def on(self, day: date, hour: int = 15) -> None:
        self.clock.now = shanghai_instant(day) + timedelta(hours=hour)

    def closes(self, day: date) -> None:
        close_day(self.database, self.rules, self.clock, day)

    def counts(self, code: str, day: date) -> dict[str, int]:
        with self.database.reading() as connection:
            found = load_day_counts(connection, day).get(self.cast.groups[code], [])
        return {each.provenance: each.n_posts for each in found}

    def streak_alerts(self) -> list[str]:
        with self.database.reading() as connection:
            found = alert_rows.load_open_alerts(connection, date(2027, 1, 1))
        return [alert.key for alert in found if alert.kind == AlertKind.POOR_STREAK]

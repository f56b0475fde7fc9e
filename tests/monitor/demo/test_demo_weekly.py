"""The demonstration's weekly reports and self-reports: some late, some missing, by the real use cases."""

from datetime import date

from monitor.days.self_reports import ReportState
from monitor.ledger.registration import NewGroup, NewUnit
from monitor.store.database import Database
from monitor.store.ledger.registry import Connection
from monitor.units import Role, Viewer
from monitor.usecases.days.self_reporting import SelfReports, list_reports
from monitor.usecases.demo.names import PROVINCE_CODE
from monitor.usecases.demo.weekly import N_WEEKS, add_self_reports, add_weekly
from monitor.usecases.ledger import register
from monitor.usecases.rules.in_force import RuleSource
from monitor.usecases.weekly.desk import WeeklyReports
from monitor.usecases.weekly.reading import load_year
from monitor.weekly import WeeklyState
from tests.conftest import FrozenClock

CITIES = [NewUnit(f"C{number:02}", f"{number}号市委", "市县", PROVINCE_CODE) for number in range(18)]
GROUPS = [
    NewGroup(f"QY{number:04d}", f"第{number}群", f"C{number:02}", sources=(("demo", str(10_000 + number)),))
    for number in range(8)
]


def test_reports_stand_in_several_states_and_a_second_run_adds_nothing(
    database: Database, clock: FrozenClock
) -> None:
    def settle(connection: Connection) -> Viewer:
        province = NewUnit(PROVINCE_CODE, "共青团青屿省委", "团省委")
        units = register.add_units(connection, [province, *CITIES])
        register.add_groups(connection, GROUPS, date(2026, 1, 1))
        root = units[PROVINCE_CODE]
        return Viewer("console:1", Role.INSPECTOR, root.unit_id, root.path)

    viewer, rules = database.write(settle), RuleSource()
    n_sent = add_weekly(database, rules, clock())
    assert add_weekly(database, rules, clock()) == 0
    years = WeeklyReports(database, clock, rules).read(viewer, lambda desk: load_year(desk, 2026))
    counts = {state: sum(year.count(state) for year in years) for state in WeeklyState if state != "未征集"}
    assert counts[WeeklyState.SUBMITTED] + counts[WeeklyState.LATE] == n_sent
    assert sum(year.n_due for year in years) == N_WEEKS * len(CITIES)
    assert counts[WeeklyState.LATE] > 0 < counts[WeeklyState.MISSING]
    assert counts[WeeklyState.SUBMITTED] > counts[WeeklyState.LATE] + counts[WeeklyState.MISSING]
    assert add_self_reports(database, GROUPS, clock()) == 2
    assert add_self_reports(database, GROUPS, clock()) == 0
    reports = SelfReports(database, clock).read(viewer, list_reports)
    assert [one.state for one in reports] == [ReportState.PENDING] * 2

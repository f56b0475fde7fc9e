"""Six weeks of weekly reports and two self-reports of the demonstration province, through the real use cases.

Only the instants are set back: most cities hand in on Monday morning, some late, some not at all.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from monitor.clock import business_day
from monitor.ledger.registration import NewGroup
from monitor.store import directory
from monitor.store.database import Database
from monitor.store.weekly import rows as weekly
from monitor.store.weekly.rows import Connection
from monitor.units import GroupId, Role, Unit, Viewer
from monitor.usecases.days.self_reporting import Bench, make_report
from monitor.usecases.demo.names import PROVINCE_CODE
from monitor.usecases.rules.in_force import AnyRules, dated
from monitor.usecases.weekly.desk import WeeklyDesk, change_figure, submit
from monitor.usecases.weekly.reading import load_reporting
from monitor.usecases.weekly.remind import flag_missing
from monitor.weekly import Week, WeeklyFigure

N_WEEKS = 6
_EARLY, _LATE = timedelta(hours=-2), timedelta(hours=5)
_CHANGED_PLACE = 2  # the city whose report differs from its ledger
_REPORTS = ((1, 6, 2), (4, 12, 3))  # place of the group, posts, posts on topic


def add_weekly(database: Database, rules: AnyRules, now: datetime) -> int:
    """Let the units report on six weeks; return how many reports were submitted. Again adds nothing.

    Args:
        database: with the demonstration's units and groups.
        rules: where D-05 is read.
        now: the present instant.
    """

    def work(connection: Connection) -> int:
        if weekly.load_last_call(connection) is not None:
            return 0
        root = directory.load_unit_by_code(connection, PROVINCE_CODE)
        assert root is not None  # noqa: S101  it was registered before
        viewer = Viewer("demo:inspector", Role.INSPECTOR, root.unit_id, root.path)
        desk = WeeklyDesk(connection, viewer, now, dated(rules, connection))
        units = load_reporting(connection, viewer)
        this = Week.of(business_day(now))
        return sum(_report_week(desk, units, this.shift(-n)) for n in range(N_WEEKS, 0, -1))

    return database.write(work)


def _report_week(desk: WeeklyDesk, units: Sequence[Unit], week: Week) -> int:
    """Let the units report on a week as far as they would have by now."""
    due, n_sent = desk.due_by_rules(week), 0
    if due - timedelta(hours=3) > desk.now:
        return 0
    weekly.save_call(desk.connection, week, due, due - timedelta(hours=3))
    for place, unit in enumerate(units):
        luck = (place * 5 + week.number * 3) % 17
        if luck == 0:
            continue  # 未交
        at = due + (_LATE if luck in (1, 2) else _EARLY) + timedelta(minutes=place)
        if at > desk.now:
            continue
        viewer = Viewer(f"demo:{unit.code}", Role.UNIT_ADMIN, unit.unit_id, unit.path, f"{unit.name}管理员")
        own = WeeklyDesk(desk.connection, viewer, at, desk.rules)
        if place == _CHANGED_PLACE:
            change_figure(own, week, WeeklyFigure.GROUPS_CHANGED, "2", "两个群更换管理员，台账次周补录")
        submit(own, week)
        n_sent += 1
    if due <= desk.now:
        flag_missing(desk, week)
    return n_sent


def add_self_reports(database: Database, groups: Sequence[NewGroup], now: datetime) -> int:
    """Let two managers report their groups' counts of today; return how many reports there are new.

    Args:
        database: with the demonstration's groups.
        groups: of the province, in a fixed order.
        now: the present instant.
    """

    def work(connection: Connection) -> int:
        n_new = 0
        for place, n_posts, n_relevant in _REPORTS:
            group = directory.load_group_by_code(connection, groups[place % len(groups)].code)
            assert group is not None  # noqa: S101  it was registered before
            held = frozenset((GroupId(group.group_id),))
            name = "、".join(groups[place % len(groups)].managers[:1])
            viewer = Viewer("demo:manager", Role.GROUP_MANAGER, group.unit_id, group.unit_path, name, held)
            bench = Bench(connection, viewer, now)
            n_new += make_report(bench, group, business_day(now), n_posts, n_relevant).is_new
        return n_new

    return database.write(work)

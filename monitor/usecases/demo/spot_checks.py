"""A few draws, spot checks and visits of the demonstration province, through the real use cases.

Only the instants are set back. Most counts are what the system has for the day; one city gets two low ones
in a row, so that the alert before the cap (连续差 2/3) has something to show.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from monitor.clock import Clock, business_day, shanghai_instant
from monitor.store import directory
from monitor.store.database import Database
from monitor.store.spot_checks.rows import Connection
from monitor.units import Role, Viewer
from monitor.usecases.days.close_day import close_late_groups
from monitor.usecases.demo.names import CITIES, PROVINCE_CODE
from monitor.usecases.rules.in_force import AnyRules
from monitor.usecases.spot_checks.desk import SpotChecks, SpotSitting, load_system_counts
from monitor.usecases.spot_checks.draw import DrawnGroup, list_draws, make_draw
from monitor.usecases.spot_checks.file import file_spot_check
from monitor.usecases.spot_checks.visits import file_phone_check, plan_cross_visits

_ACTOR = "demo:inspector"
_N_VISITED = 4
_MORNING = timedelta(hours=9)


class _Round(NamedTuple):
    """A draw in a city (by place in the list), and counts where they are not the system's."""

    days_ago: int
    city: int
    size: int
    counts: tuple[int, ...] = ()
    note: str = ""


_ROUNDS = (
    _Round(22, 0, 2),
    _Round(20, 2, 1),
    _Round(15, 1, 1, (1,), "群内只见1条通知"),
    _Round(8, 1, 1, (0,), "当日无人发言"),
    _Round(6, 0, 1),
    _Round(1, 3, 2),
)


def add_spot_checks(database: Database, rules: AnyRules, clock: Clock, n_days: int) -> int:
    """Draw and file as an inspector would have done; return how many checks were filed. Again adds nothing.

    Args:
        database: with the demonstration's units, groups and closed days.
        rules: by which the days were closed.
        clock: tells the present day.
        n_days: of history; what would lie before it is left out.
    """
    now = clock()
    desk = SpotChecks(database, clock, rules)
    viewer = _find_inspector(database)
    if desk.read(viewer, list_draws):
        return 0
    n_filed = 0
    for one in (each for each in _ROUNDS if each.days_ago <= n_days):
        morning = shanghai_instant(business_day(now) - timedelta(days=one.days_ago - 1)) + _MORNING
        at = min(morning, now)

        def play(connection: Connection, one: _Round = one, at: datetime = at) -> int:
            return _play(desk.sit(connection, viewer, at), one)

        n_filed += database.write(play)
    database.write(lambda connection: _plan(desk.sit(connection, viewer, now)))
    close_late_groups(database, rules, clock)
    return n_filed


def _play(sitting: SpotSitting, one: _Round) -> int:
    """Draw in a city and file what the groups had on the day before."""
    drawn = make_draw(sitting, CITIES[one.city].code, one.size).groups
    counts = one.counts or _system_counts(sitting, drawn)
    day = sitting.today - timedelta(days=1)
    for each, n_posts in zip(drawn, counts, strict=False):
        file_spot_check(sitting, each.group.code, n_posts, one.note, day)
    return min(len(drawn), len(counts))


def _system_counts(sitting: SpotSitting, drawn: Sequence[DrawnGroup]) -> tuple[int, ...]:
    day = sitting.today - timedelta(days=1)
    found = load_system_counts(sitting.connection, {(each.group.group_id, day) for each in drawn})
    return tuple(found.get((each.group.group_id, day), 0) for each in drawn)


def _plan(sitting: SpotSitting) -> None:
    planned_on = sitting.today + timedelta(days=14)
    plan_cross_visits(sitting, [city.code for city in CITIES[:_N_VISITED]], planned_on)
    file_phone_check(sitting, CITIES[1].code, "已提醒群管理员每日发布，当日已恢复", "专责人员")


def _find_inspector(database: Database) -> Viewer:
    """Return the demonstration's inspector, who acts for the whole province."""
    with database.reading() as connection:
        unit = directory.load_unit_by_code(connection, PROVINCE_CODE)
    assert unit is not None  # noqa: S101  it was registered before
    return Viewer(_ACTOR, Role.INSPECTOR, unit.unit_id, unit.path, "督导员（演示）")

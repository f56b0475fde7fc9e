"""What the close of a day does to its spot checks (D-08), and the alert of a run of 差 (连续差 2/3).

In the transaction of the close, or of the filing that changes a run. A run is alerted on closed days
only: until midnight a 差 is 暂定.
"""

from collections.abc import Collection
from datetime import date, datetime

from monitor.clock import business_day
from monitor.delivery.alerts import AlertKind, Finding, Watcher
from monitor.delivery.outbox import MessageKind, NewMessage, QuietHours
from monitor.store import directory
from monitor.store.delivery import alerts as alert_rows
from monitor.store.delivery.outbox import enqueue
from monitor.store.spot_checks import rows as spot_checks
from monitor.store.spot_checks.figures import load_of_cities
from monitor.store.spot_checks.rows import Connection
from monitor.texts.spot_checks import streak_text
from monitor.units import Role
from monitor.usecases.rules.in_force import AnyRules, DatedRules, dated
from monitor.usecases.spot_checks.runs import CityRun, find_runs


def settle_spot_checks(
    connection: Connection, rules: AnyRules, day: date, now: datetime, quiet: QuietHours | None = None
) -> int:
    """Make the checks of a closed day final: add the posts after each; return how many changed.

    Closing a day again counts anew. Source: HN-4.1d (“当日”), D-08; E-06.
    """
    checks = spot_checks.load_of_day(connection, day)
    n_changed = 0
    for check in checks:
        later = spot_checks.count_later(connection, check.group_id, day, check.at)
        if later != (check.n_later, check.n_later_relevant):
            spot_checks.change_check(connection, check.check_id, n_later=later[0], n_later_relevant=later[1])
            n_changed += 1
    if checks:
        cities = sorted({check.city_id for check in checks})
        settle_alerts(connection, dated(rules, connection), cities, day.year, now, quiet)
    return n_changed


def settle_alerts(
    connection: Connection,
    rules: DatedRules,
    city_ids: Collection[int],
    year: int,
    now: datetime,
    quiet: QuietHours | None = None,
) -> None:
    """Raise and end the alerts about runs of 差 of some 市县.

    Source: HN-4.1e, requirement D.2 (预警: 连续差 2/3).
    """
    today = business_day(now)
    if year != today.year:
        return
    found = (directory.load_unit(connection, each) for each in city_ids)
    units = [unit for unit in found if unit and unit.depth == 1]  # one that was moved is no 市县 any more
    checks = load_of_cities(connection, city_ids, year)
    still_open = [
        alert
        for alert in alert_rows.load_open_alerts(connection, today)
        if alert.kind == AlertKind.POOR_STREAK.value
    ]
    for run in find_runs(units, checks, rules, year, today, only_final=True):
        start = f"poor_streak:{run.unit.unit_id}:{year}:"
        own = [alert for alert in still_open if alert.key.startswith(start)]
        wanted = f"{start}{run.current}:" if run.current >= run.length - 1 else ""
        over = [alert.alert_id for alert in own if not wanted or not alert.key.startswith(wanted)]
        alert_rows.resolve_alerts(connection, over, now)
        if wanted and len(over) == len(own):
            _raise(connection, run, f"{wanted}{int(now.timestamp() * 1000)}", now, quiet)


def _raise(connection: Connection, run: CityRun, key: str, now: datetime, quiet: QuietHours | None) -> None:
    unit, today = run.unit, business_day(now)
    title, text = streak_text(run.unit.name, run.current, run.length, run.verdict)
    finding = Finding(
        AlertKind.POOR_STREAK,
        key,
        today,
        unit.unit_id,
        unit.path,
        None,
        unit.code,
        f"{unit.name} {run.current}/{run.length}",
        text,
    )
    alert_rows.raise_alerts(connection, [finding], now)
    alert_id = alert_rows.load_alert_ids(connection, [key]).get(key)
    messages = [
        NewMessage(
            f"{key}:{watcher.recipient}", MessageKind.ALERT, watcher.recipient, title, text, alert_id=alert_id
        )
        for watcher in alert_rows.load_watchers(connection, today)
        if _is_told(watcher, unit.path)
    ]
    enqueue(connection, messages, now, quiet)


def _is_told(watcher: Watcher, unit_path: str) -> bool:
    if watcher.role == Role.INSPECTOR:
        return unit_path.startswith(watcher.unit_path)
    return watcher.role == Role.UNIT_ADMIN and watcher.unit_path == unit_path

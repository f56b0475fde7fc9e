"""Reconciliation (核查): once a week the ledger is held against what was observed (D-01, HN-2.1.1).

The report is stored whole; each unit of the first level is alerted of what lies in its subtree.
Key types: `RECONCILE_WEEKLY`, `RECONCILE_MONTHLY`.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from monitor.clock import Clock, Period, business_day
from monitor.delivery.alerts import AlertKind, Finding, address_findings
from monitor.delivery.outbox import MessageKind, NewMessage, QuietHours
from monitor.ledger.reconciliation import (
    SILENT_DAYS,
    Mismatch,
    MismatchFinding,
    reconcile_accounts,
    reconcile_groups,
    reconcile_unknown,
)
from monitor.schedule import Job
from monitor.store import directory
from monitor.store.database import Database
from monitor.store.days import grades
from monitor.store.delivery import alerts
from monitor.store.delivery.outbox import enqueue
from monitor.store.ledger import queries as ledger_queries
from monitor.store.ledger import reconcile_rows
from monitor.store.ledger.reconcile_rows import Checked
from monitor.store.ledger.rows import Connection
from monitor.texts.ledger import reconciliation_text
from monitor.units import Unit, ancestor_ids
from monitor.usecases.ledger.staffing import STAFFING, find_vacancies, settle_standing, watch_staffing
from monitor.usecases.operations.scheduled import ScheduledTask, claim_and_do
from monitor.usecases.rules.in_force import AnyRules, dated

D_01 = "D-01"
WEEKLY, MONTHLY = "weekly", "monthly"
RECONCILE_WEEKLY = Job("reconcile", (time(3, 0),), timedelta(hours=24), weekdays=(0,))
RECONCILE_MONTHLY = Job("reconcile_monthly", (time(3, 0),), timedelta(hours=24), month_days=(1,))
_KINDS = frozenset((AlertKind.LEDGER_MISMATCH,))


class _Reconciling:
    """The work of one of the two schedules; the other one of D-01 takes its slot and does nothing."""

    def __init__(self, job: Job, word: str) -> None:
        self._job, self._word = job, word

    def __call__(self, database: Database, rules: AnyRules, clock: Clock, slot: datetime, /) -> str | None:
        now = clock()

        def effect(connection: Connection) -> str:
            chosen = dated(rules, connection).on(business_day(now)).switches[D_01].chosen
            if chosen != self._word:
                return f"D-01 选用 {chosen}，本次不核查"
            number = make_reconciliation(connection, now, f"job:{self._job.name}")
            return "没有单位" if number is None else f"核查报告 {number}"

        return claim_and_do(database, self._job, slot, now, effect)


LEDGER_TASKS = (
    ScheduledTask(STAFFING, watch_staffing),
    ScheduledTask(RECONCILE_WEEKLY, _Reconciling(RECONCILE_WEEKLY, WEEKLY)),
    ScheduledTask(RECONCILE_MONTHLY, _Reconciling(RECONCILE_MONTHLY, MONTHLY)),
)
"""In the order in which they run."""


def make_reconciliation(connection: Connection, now: datetime, made_by: str) -> int | None:
    """Reconcile the whole ledger with the last seven days, store the report, alert; return its number.

    Source: HN-2.1.1; D-01 默认.
    Returns: None where there is no unit at all.
    """
    root = grades.load_root_path(connection)
    if root is None:
        return None
    yesterday = business_day(now) - timedelta(days=1)
    period = Period(yesterday - timedelta(days=SILENT_DAYS - 1), yesterday)
    findings, checked = _find(connection, root, period, now)
    number = reconcile_rows.insert_report(connection, period, checked, findings, made_by, now)
    _alert(connection, root, findings, period, now, number)
    return number


def _find(
    connection: Connection, root: str, period: Period, now: datetime
) -> tuple[list[MismatchFinding], Checked]:
    groups = reconcile_rows.load_observed_groups(connection, root, period)
    accounts = reconcile_rows.load_observed_accounts(connection, root)
    unknown = ledger_queries.load_unknown(connection)
    root_id = ancestor_ids(root)[-1]
    found = [
        *find_vacancies(connection, root, business_day(now)),
        *reconcile_unknown(unknown, root_id),
        *reconcile_accounts(accounts, period),
        *reconcile_groups(groups, period),
    ]
    order = list(Mismatch)
    found.sort(key=lambda one: order.index(one.kind))
    return found, Checked(len(groups), len(accounts), ledger_queries.count_units(connection, root))


def _alert(
    connection: Connection,
    root: str,
    findings: Sequence[MismatchFinding],
    period: Period,
    now: datetime,
    number: int,
) -> None:
    """Raise one alert for each unit of the first level, and tell its administrators; posts have their own."""
    day = business_day(now)
    places = ledger_queries.load_unit_heads(connection, {one.unit_id for one in findings})
    by_unit: dict[int, list[MismatchFinding]] = {}
    for one in findings:
        path = places[one.unit_id][2]
        ids = ancestor_ids(path)
        by_unit.setdefault(int(ids[1] if len(ids) > 1 else ids[0]), []).append(one)
    raised: list[Finding] = []
    messages: list[NewMessage] = []
    watchers = alerts.load_watchers(connection, day)
    for unit_id, own in sorted(by_unit.items()):
        unit = directory.load_unit(connection, unit_id)
        if unit is None:
            continue
        counts = _counts(own)
        finding = _finding(unit, counts, day, number)
        raised.append(finding)
        title, text = reconciliation_text(unit.name, counts, period.first_day, period.last_day, now)
        messages += [
            NewMessage(f"reconcile:{number}:{unit_id}:{name}", MessageKind.ALERT, name, title, text)
            for name in address_findings([finding], watchers)
        ]
    held = alerts.load_standing(connection, [AlertKind.LEDGER_MISMATCH.value], root, day)
    alerts.resolve_alerts(connection, [alert.alert_id for alert in held], now)  # last week's
    settle_standing(connection, raised, _KINDS, root, now)
    enqueue(connection, messages, now, QuietHours())


def _counts(findings: Sequence[MismatchFinding]) -> list[tuple[str, int]]:
    return [
        (kind.value, n_found) for kind in Mismatch if (n_found := sum(one.kind is kind for one in findings))
    ]


def _finding(unit: Unit, counts: Sequence[tuple[str, int]], day: date, number: int) -> Finding:
    kind = AlertKind.LEDGER_MISMATCH
    detail = "、".join(f"{word} {n_found} 处" for word, n_found in counts) + f"（核查报告 {number}）"
    key = f"{kind.name.lower()}:{unit.unit_id}:{number}"
    return Finding(kind, key, day, unit.unit_id, unit.path, None, unit.code, unit.name, detail)

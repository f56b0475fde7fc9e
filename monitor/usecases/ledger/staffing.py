"""Vacancies (缺位) as standing alerts: raised once, ended when cured, told to those who can cure them.

Runs every night and after each reconciliation; what a person cures by hand ends at once.
Key type: `STAFFING`.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta

from monitor.clock import Clock, business_day
from monitor.delivery.alerts import AlertKind, Finding, OpenAlert, address_findings
from monitor.delivery.outbox import MessageKind, NewMessage, QuietHours
from monitor.ledger.reconciliation import Mismatch, MismatchFinding
from monitor.ledger.terms import find_manager_vacancies, find_officer_problems
from monitor.schedule import Job
from monitor.store import directory
from monitor.store.database import Database
from monitor.store.days import grades
from monitor.store.delivery import alerts
from monitor.store.delivery.outbox import enqueue
from monitor.store.ledger import queries as ledger_queries
from monitor.store.ledger.rows import Connection
from monitor.texts.ledger import staffing_text
from monitor.usecases.operations.scheduled import claim_and_do
from monitor.usecases.rules.in_force import AnyRules

STAFFING = Job("staffing", (time(0, 40),), timedelta(hours=20))
_ALERT_OF = {
    Mismatch.NO_OFFICER: AlertKind.OFFICER_VACANT,
    Mismatch.TWO_OFFICERS: AlertKind.OFFICER_DUPLICATE,
    Mismatch.NO_MANAGER: AlertKind.MANAGER_VACANT,
}
STAFFING_KINDS = frozenset(_ALERT_OF.values())


def find_vacancies(connection: Connection, path: str, day: date) -> list[MismatchFinding]:
    """Return what is wrong with the posts of a subtree: officers first, then managers of groups.

    Source: HN-2.2.2a, HN-2.2.2b.
    """
    root_id = int((grades.load_root_path(connection) or "/").strip("/") or 0)
    units = ledger_queries.load_unit_places(connection, path, root_id)
    first_level = directory.load_children(connection, root_id)
    expected = frozenset(int(unit.unit_id) for unit in first_level)
    officers = ledger_queries.load_officers(connection, path)
    groups = ledger_queries.load_group_places(connection, path, day, only_vacant=True)
    managers = ledger_queries.load_terms_of_groups(connection, [group.place_id for group in groups])
    return find_officer_problems(units, officers, day, expected) + find_manager_vacancies(
        groups, managers, day
    )


def watch_staffing(database: Database, _rules: AnyRules, clock: Clock, slot: datetime, /) -> str | None:
    """Raise, end and tell vacancies for a slot (HN-2.2.2a, HN-2.2.2b)."""
    now = clock()

    def effect(connection: Connection) -> str:
        root = grades.load_root_path(connection)
        if root is None:
            return "没有单位"
        new, n_ended = refresh_staffing(connection, root, now)
        n_told = tell(connection, new, f"staffing:{slot.isoformat()}", now)
        return f"新缺位 {len(new)} 处，结束 {n_ended} 处，通知 {n_told} 人"

    return claim_and_do(database, STAFFING, slot, now, effect)


def refresh_staffing(connection: Connection, path: str, now: datetime) -> tuple[list[Finding], int]:
    """Raise what is newly vacant in a subtree, end what is cured; return the new ones and how many ended."""
    day = business_day(now)
    findings = _as_findings(connection, find_vacancies(connection, path, day), day)
    return settle_standing(connection, findings, STAFFING_KINDS, path, now)


def end_cured(connection: Connection, path: str, now: datetime) -> None:
    """End the vacancies of a unit that no longer hold; raises nothing."""
    day = business_day(now)
    held = _subjects(_as_findings(connection, find_vacancies(connection, path, day), day))
    over = [
        alert.alert_id
        for alert in _open(connection, STAFFING_KINDS, path, day)
        if (alert.kind, alert.subject_id) not in held
    ]
    alerts.resolve_alerts(connection, over, now)


def settle_standing(
    connection: Connection,
    findings: Sequence[Finding],
    kinds: Collection[AlertKind],
    path: str,
    now: datetime,
) -> tuple[list[Finding], int]:
    """Bring standing alerts in line with what holds now: one open alert per kind and subject."""
    opened = _open(connection, kinds, path, business_day(now))
    known = {(alert.kind, alert.subject_id) for alert in opened}
    held = _subjects(findings)
    over = [alert.alert_id for alert in opened if (alert.kind, alert.subject_id) not in held]
    new = [one for one in findings if (one.kind.value, int(one.key.split(":")[1])) not in known]
    alerts.resolve_alerts(connection, over, now)
    alerts.reopen_alerts(connection, [one.key for one in new])
    alerts.raise_alerts(connection, new, now)
    return new, len(over)


def tell(connection: Connection, findings: Sequence[Finding], occasion: str, now: datetime) -> int:
    """Queue one message for each person who can cure some of the findings; return how many."""
    watchers = alerts.load_watchers(connection, business_day(now))
    messages = []
    for recipient, own in address_findings(findings, watchers).items():
        title, text = staffing_text(own, now)
        messages.append(NewMessage(f"{occasion}:{recipient}", MessageKind.ALERT, recipient, title, text))
    return enqueue(connection, messages, now, QuietHours())


def _as_findings(connection: Connection, found: Sequence[MismatchFinding], day: date) -> list[Finding]:
    units = ledger_queries.load_unit_heads(connection, {one.unit_id for one in found})
    findings = []
    for one in found:
        kind = _ALERT_OF[one.kind]
        code, name, path = units[one.unit_id]
        subject = one.unit_id if one.group_id is None else one.group_id
        if one.group_id is not None:
            code, _, name = one.label.partition(" ")
        key = f"{kind.name.lower()}:{subject}:{day}"
        findings.append(Finding(kind, key, day, one.unit_id, path, one.group_id, code, name, one.text))
    return findings


def _subjects(findings: Sequence[Finding]) -> set[tuple[str, int]]:
    return {(one.kind.value, int(one.key.split(":")[1])) for one in findings}


def _open(connection: Connection, kinds: Collection[AlertKind], path: str, until: date) -> list[OpenAlert]:
    return alerts.load_standing(connection, [kind.value for kind in kinds], path, until)

"""Close a business day (日结): verdicts, roll-ups, alerts and the job slot in one transaction.

Most of the work is done on a snapshot; the transaction then only looks at what changed meanwhile, so
that receiving waits for the writing alone. Closing again recomputes to the same rows.
Key types: `CloseReport`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from time import perf_counter

from monitor.clock import Clock, business_day
from monitor.days.closing import GroupDayRow, OpenGroup, roll_up, to_row
from monitor.days.counting import DayVerdict, EffectiveCount, count_day, judge_count, observed_count
from monitor.days.readings import ProvenanceCount
from monitor.delivery.alerts import (
    AccountDuty,
    Finding,
    address_findings,
    find_account_problems,
    find_group_problems,
    find_resolved,
)
from monitor.delivery.outbox import MessageKind, NewMessage, QuietHours
from monitor.errors import StateError
from monitor.rules.settings import DayRules
from monitor.store.database import Database
from monitor.store.days import grades
from monitor.store.days.grades import Connection
from monitor.store.days.queries import CLOSE_JOB, PostFigures, close_slot
from monitor.store.delivery import alerts as alert_rows
from monitor.store.delivery.outbox import enqueue
from monitor.store.operations import job_slots
from monitor.store.operations.audit_mark import AuditMark, has_new_entries, load_audit_mark
from monitor.texts.alerts import day_alerts
from monitor.usecases.rules.in_force import AnyRules, dated
from monitor.usecases.spot_checks.settle import settle_spot_checks

ALERT_DAYS = 7
"""Days back for which a close still raises alerts; imported history raises none."""
MESSAGE_DELAY = timedelta(hours=12)
"""A close that is made up later than this sends no messages; its alerts are still listed."""
_ACTOR = "job:close_day"
_CHANGED = "day_grade.changed"


@dataclass(frozen=True, slots=True)
class CloseReport:
    """What one close did. `n_written` verdicts are new or differ from the stored ones."""

    day: date
    n_groups: int
    n_written: int
    n_changed_grades: int
    n_alerts: int
    n_messages: int

    def __str__(self) -> str:
        """Say it in one line, for the list of jobs."""
        return (
            f"{self.n_groups} 个群，写入 {self.n_written}，更正 {self.n_changed_grades}，预警 {self.n_alerts}"
        )


@dataclass(slots=True)
class _Day:
    """What is known about a day and the verdicts on it."""

    day: date
    rules: DayRules
    groups: list[OpenGroup]
    counts: dict[int, list[ProvenanceCount]]
    with_topic: set[int]
    figures: dict[tuple[int, str], PostFigures]
    rows: dict[int, GroupDayRow]
    mark: AuditMark | None = None  # of the snapshot

    def judge(self, groups: Sequence[OpenGroup]) -> None:
        """Judge groups anew from the counts."""
        known: dict[tuple[EffectiveCount | None, bool], DayVerdict] = {}  # few different counts occur
        nothing: list[ProvenanceCount] = []
        for group in groups:
            group_id = group.group_id
            counts = self.counts.get(group_id, nothing)
            key = (count_day(counts), group_id in self.with_topic)
            verdict = known.get(key)
            if verdict is None:
                verdict = known[key] = judge_count(
                    *key, self.rules.rulebook, is_closed=True, measure=self.rules.measure
                )
            self.rows[group_id] = to_row(group_id, verdict, *self._figures_of(group_id, counts))

    def _figures_of(self, group_id: int, counts: Sequence[ProvenanceCount]) -> tuple[int | None, int]:
        observed = observed_count(counts)
        if observed is None:
            return None, 0
        return self.figures.get((group_id, observed.provenance), (0, 0))


def close_day(
    database: Database,
    rules: AnyRules,
    clock: Clock,
    day: date,
    *,
    quiet: QuietHours | None = None,
    only_once: bool = False,
) -> CloseReport | None:
    """Close a business day for every group that was open on it.

    Source: HN-4.1d, HN-2.1.3, D-08 (00:10 of the following day).

    Args:
        database: everything is written in one transaction, the job slot included.
        rules: those in force on that day judge it.
        clock: read once.
        day: a day that is over.
        quiet: hours in which the messages wait.
        only_once: do nothing, and return None, if the day has been closed before.

    Raises: StateError if the day is not over.
    """
    now, started = clock(), perf_counter()
    if day >= business_day(now):
        raise StateError(f"{day} is not over")
    with database.reading() as connection:
        facts = _load(connection, rules, day)
    facts.judge(facts.groups)

    def save(connection: Connection) -> CloseReport | None:
        is_first = job_slots.claim_slot(connection, CLOSE_JOB, close_slot(day), now)
        if only_once and not is_first:
            return None
        grades.own_day_close(connection)
        _catch_up(connection, facts, dated(rules, connection).on(day))
        report = _save_day(connection, facts, now, quiet, is_first=is_first)
        settle_spot_checks(connection, rules, day, now, quiet)
        n_ms = int((perf_counter() - started) * 1000)
        job_slots.finish_slot(connection, CLOSE_JOB, close_slot(day), str(report), n_ms)
        return report

    return database.write(save)


def close_late_groups(database: Database, rules: AnyRules, clock: Clock) -> list[CloseReport]:
    """Close again the groups whose closed day got a post or a recall since; one transaction per day.

    Source: requirements T-03: exactly one re-close, and no grade changes without an audit entry.
    """
    with database.reading() as connection:
        days = list(grades.load_late_groups(connection))
    now = clock()

    def save(day: date) -> CloseReport | None:
        def work(connection: Connection) -> CloseReport | None:
            grades.own_day_close(connection)
            late = grades.load_late_groups(connection).get(day)
            if not late:
                return None
            report = _close_groups(connection, rules, day, late, now)
            settle_spot_checks(connection, rules, day, now)
            return report

        return database.write(work)

    return [report for report in map(save, days) if report is not None]


def _load(connection: Connection, rules: AnyRules, day: date) -> _Day:
    mark = load_audit_mark(connection)  # first: what is audited while the rest is read is new
    return _Day(
        day,
        dated(rules, connection).on(day),
        grades.load_open_groups(connection, day),
        grades.load_day_counts(connection, day),
        grades.load_groups_with_topic(connection, day),
        grades.load_figures(connection, day),
        {},
        mark,
    )


def _close_groups(
    connection: Connection, rules: AnyRules, day: date, late: Collection[int], now: datetime
) -> CloseReport:
    """Judge some groups of a closed day again and keep the verdicts of all others."""
    facts = _Day(
        day,
        dated(rules, connection).on(day),
        grades.load_open_groups(connection, day),
        grades.load_day_counts(connection, day),
        grades.load_groups_with_topic(connection, day),
        grades.load_figures(connection, day, late),
        grades.load_grades(connection, day),
    )
    wanted = set(late)
    facts.judge([group for group in facts.groups if group.group_id in wanted])
    return _save_day(connection, facts, now, None, is_first=False)


def _catch_up(connection: Connection, facts: _Day, rules: DayRules) -> None:
    """Judge again what was counted, or all if rules were set, between the snapshot and this transaction.

    Groups and topics are opened, closed and taken back (撤销) by people, who all leave a line in the audit:
    they are read again only if there is a new one.
    """
    anew = rules != facts.rules
    if facts.mark is not None and has_new_entries(connection, facts.mark):
        before = (facts.groups, facts.with_topic)
        facts.groups = grades.load_open_groups(connection, facts.day)
        facts.with_topic = grades.load_groups_with_topic(connection, facts.day)
        anew = anew or before != (facts.groups, facts.with_topic)
    if anew:
        facts.rules = rules
        facts.judge(facts.groups)
    counts = grades.load_day_counts(connection, facts.day)
    if counts == facts.counts:
        return
    changed = {
        group_id
        for group_id in counts.keys() | facts.counts.keys()
        if counts.get(group_id) != facts.counts.get(group_id)
    }
    facts.counts = counts
    facts.figures |= grades.load_figures(connection, facts.day, changed)
    facts.judge([group for group in facts.groups if group.group_id in changed])


def _save_day(
    connection: Connection, facts: _Day, now: datetime, quiet: QuietHours | None, *, is_first: bool
) -> CloseReport:
    day = facts.day
    stored = grades.load_grades(connection, day)
    late = set(grades.load_late_groups(connection).get(day, ()))
    open_ids = {group.group_id for group in facts.groups}
    rows = {group_id: row for group_id, row in facts.rows.items() if group_id in open_ids}
    written = [row for row in rows.values() if row.group_id in late or stored.get(row.group_id) != row]
    grades.save_grades(connection, day, written)
    grades.delete_grades(connection, day, stored.keys() - open_ids)
    n_changed = _audit_changes(connection, day, stored, rows, now)
    grades.save_tallies(connection, day, roll_up(facts.groups, rows))
    grades.save_collected(connection, day, facts.counts.values())
    accounts = grades.settle_account_days(connection, day)
    findings = _find(connection, facts, rows, accounts) if _is_recent(day, now) else []
    n_alerts = alert_rows.raise_alerts(connection, findings, now)
    open_alerts = alert_rows.load_open_alerts(connection, day)
    resolved = find_resolved(open_alerts, findings, rows, accounts, day)
    alert_rows.resolve_alerts(connection, resolved, now)
    n_messages = 0
    if is_first and now - close_slot(day) <= MESSAGE_DELAY:
        n_messages = _send(connection, findings, day, now, quiet)
    return CloseReport(day, len(rows), len(written), n_changed, n_alerts, n_messages)


def _is_recent(day: date, now: datetime) -> bool:
    return (business_day(now) - day).days <= ALERT_DAYS


def _audit_changes(
    connection: Connection,
    day: date,
    stored: Mapping[int, GroupDayRow],
    rows: Mapping[int, GroupDayRow],
    now: datetime,
) -> int:
    """Write an audit entry for every grade that differs from the stored one; return their number."""
    changes: list[tuple[str, dict[str, object]]] = []
    for group_id, before in stored.items():
        after = rows.get(group_id)
        if after is None or after.grades != before.grades:
            detail: dict[str, object] = {"before": before._asdict(), "after": after and after._asdict()}
            changes.append((f"group:{group_id}:{day}", detail))
    alert_rows.record_changes(connection, _ACTOR, _CHANGED, changes, now)
    return len(changes)


def _find(
    connection: Connection,
    facts: _Day,
    rows: Mapping[int, GroupDayRow],
    accounts: Sequence[AccountDuty],
) -> list[Finding]:
    silent = [group_id for group_id, row in rows.items() if row.n_posts is None]
    last_data_days = grades.load_last_data_days(connection, silent, facts.day)
    found = find_group_problems(facts.groups, rows, last_data_days, facts.day)
    return found + find_account_problems(accounts, facts.rules.rulebook.account_duty.min_posts, facts.day)


def _send(
    connection: Connection, findings: Sequence[Finding], day: date, now: datetime, quiet: QuietHours | None
) -> int:
    """Queue one message per recipient that names everything of the day which concerns them.

    A silence that goes on is one alert for all its days; once acknowledged (确认) it is not repeated.
    """
    watchers = alert_rows.load_watchers(connection, day)
    acknowledged = alert_rows.load_acknowledged_keys(connection, day)
    untold = [finding for finding in findings if finding.key not in acknowledged]
    messages = []
    for recipient, own in address_findings(untold, watchers).items():
        title, text = day_alerts(own, day, now)
        messages.append(NewMessage(f"close:{day}:{recipient}", MessageKind.ALERT, recipient, title, text))
    return enqueue(connection, messages, now, quiet)

"""What a reconciliation (核查) reads and stores: observed groups and accounts, the report, use of terms."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, func, insert, or_, select

from monitor.clock import Period
from monitor.ledger.reconciliation import (
    MismatchFinding,
    ObservedAccount,
    ObservedGroup,
    Reconciliation,
    StoredFinding,
)
from monitor.ledger.terms import Term, TermUse
from monitor.store.days.tables import AccountDayRow, DayCountRow, DayGradeRow
from monitor.store.ledger.rows import Connection
from monitor.store.ledger.tables import ReconciliationFindingRow, ReconciliationRow
from monitor.store.subtree import joined_in_subtree
from monitor.store.tables import GroupManagerRow, GroupRow, OfficialAccountRow, UnitRow, table_of
from monitor.store.work_tables import AlertRow
from scoring.duty import DutyState

_report = table_of(ReconciliationRow)
_finding = table_of(ReconciliationFindingRow)
_unit = table_of(UnitRow)
_group = table_of(GroupRow)
_account = table_of(OfficialAccountRow)
_account_day = table_of(AccountDayRow)
_count = table_of(DayCountRow)
_grade = table_of(DayGradeRow)
_manager = table_of(GroupManagerRow)
_alert = table_of(AlertRow)


class Checked(NamedTuple):
    """How much a reconciliation looked at."""

    n_groups: int
    n_accounts: int
    n_units: int


def load_observed_groups(connection: Connection, path: str, period: Period) -> list[ObservedGroup]:
    """Return the groups of a subtree open on the period's last day, with what was observed of them."""
    last_data = (
        select(func.max(_count.c.business_day))
        .where(_count.c.group_id == _group.c.id, _count.c.business_day <= period.last_day)
        .scalar_subquery()
    )
    senders = (
        select(func.max(_grade.c.n_members))
        .where(
            _grade.c.group_id == _group.c.id,
            _grade.c.business_day >= period.first_day,
            _grade.c.business_day <= period.last_day,
        )
        .scalar_subquery()
    )
    query = (
        select(
            _group.c.id, _group.c.code, _group.c.name, _group.c.unit_id, _group.c.member_count,
            _group.c.opened_on, last_data, senders,
        )
        .join(_unit, _unit.c.id == _group.c.unit_id)
        .where(joined_in_subtree(path), *_open_on(period.last_day))
        .order_by(_group.c.code)
    )  # fmt: skip
    return [ObservedGroup(*row) for row in connection.execute(query)]


def load_observed_accounts(connection: Connection, path: str) -> list[ObservedAccount]:
    """Return the official accounts in use of a subtree with the last day their callback was heard."""
    heard = (
        select(func.max(_account_day.c.business_day))
        .where(_account_day.c.account_id == _account.c.id, _account_day.c.n_events > 0)
        .scalar_subquery()
    )
    query = (
        select(_account.c.name, _account.c.unit_id, heard)
        .join(_unit, _unit.c.id == _account.c.unit_id)
        .where(_account.c.is_active, joined_in_subtree(path))
        .order_by(_account.c.key)
    )
    return [ObservedAccount(*row) for row in connection.execute(query)]


def insert_report(
    connection: Connection,
    period: Period,
    checked: Checked,
    findings: Sequence[MismatchFinding],
    made_by: str,
    now: datetime,
) -> int:
    """Store a reconciliation with its findings; return its number."""
    values = {"made_at": now, "first_day": period.first_day, "last_day": period.last_day, "made_by": made_by}
    written = connection.execute(
        insert(_report).values(**values, **checked._asdict()).returning(_report.c.id)
    )
    number = int(written.scalar_one())
    rows = [
        {**one._asdict(), "kind": one.kind.value, "reconciliation_id": number, "label": one.label[:200]}
        for one in findings
    ]
    if rows:
        connection.execute(insert(_finding), rows)
    return number


def load_latest_report(connection: Connection, path: str) -> Reconciliation | None:
    """Return the newest reconciliation with the findings of a subtree, worst kinds first."""
    row = connection.execute(select(_report).order_by(_report.c.id.desc()).limit(1)).one_or_none()
    if row is None:
        return None
    query = (
        select(
            _finding.c.kind, _unit.c.name, func.coalesce(_group.c.code, ""), _finding.c.label, _finding.c.text
        )
        .join(_unit, _unit.c.id == _finding.c.unit_id)
        .outerjoin(_group, _group.c.id == _finding.c.group_id)
        .where(_finding.c.reconciliation_id == row.id, joined_in_subtree(path))
        .order_by(_finding.c.id)
    )
    found = tuple(StoredFinding(*one) for one in connection.execute(query))
    period = Period(row.first_day, row.last_day)
    return Reconciliation(row.id, row.made_at, period, row.n_groups, row.n_accounts, row.n_units, found)


def load_uses(connection: Connection, path: str, period: Period, limit: int) -> list[TermUse]:
    """Return the managers in office of a subtree's open groups with what was observed in a period.

    In order of group code. What is posted in the group counts as its use: senders are not tied to names.
    """
    query = (
        select(
            _manager.c.id, _manager.c.group_id, _manager.c.name, _manager.c.since, _manager.c.until,
            _manager.c.identity_id.is_not(None), _group.c.code, _group.c.name, _unit.c.name,
            *_figures(period), _last_active(period),
        )
        .join(_group, _group.c.id == _manager.c.group_id)
        .join(_unit, _unit.c.id == _group.c.unit_id)
        .where(joined_in_subtree(path), _unit.c.is_active, *_open_on(period.last_day))
        .where(
            _manager.c.since <= period.last_day,
            or_(_manager.c.until.is_(None), _manager.c.until >= period.last_day),
        )
        .order_by(_group.c.code, _manager.c.id)
        .limit(limit)
    )  # fmt: skip
    return [
        TermUse(Term(row[0], row[1], row[2], row[3], row[4], bool(row[5])), *row[6:])
        for row in connection.execute(query)
    ]


def _figures(period: Period) -> list[Any]:
    """Return days with posts, days met, days with data, and alerts that nobody acknowledged."""
    on_days = and_(
        _grade.c.group_id == _manager.c.group_id,
        _grade.c.business_day >= period.first_day,
        _grade.c.business_day <= period.last_day,
        _grade.c.business_day >= _manager.c.since,
    )
    days = select(func.count()).where(on_days)
    unseen = select(func.count()).where(
        _alert.c.group_id == _manager.c.group_id,
        _alert.c.resolved_at.is_(None),
        _alert.c.acknowledged_at.is_(None),
    )
    return [
        days.where(_grade.c.n_posts > 0).scalar_subquery(),
        days.where(_grade.c.duty == DutyState.MET.value).scalar_subquery(),
        days.where(_grade.c.n_posts.is_not(None)).scalar_subquery(),
        unseen.scalar_subquery(),
    ]


def _last_active(period: Period) -> Any:
    return (
        select(func.max(_count.c.business_day))
        .where(
            _count.c.group_id == _manager.c.group_id,
            _count.c.n_posts > 0,
            _count.c.business_day <= period.last_day,
        )
        .scalar_subquery()
    )


def _open_on(day: date) -> tuple[Any, Any]:
    return _group.c.opened_on <= day, or_(_group.c.closed_on.is_(None), _group.c.closed_on >= day)

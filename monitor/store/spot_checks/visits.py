"""Phone checks, site visits and objections to spot checks. Functions of a connection.

Key types: `PhoneCheck`, `SiteVisit`, `SpotObjection`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection as Connection
from sqlalchemy import func, insert, select, update

from monitor.store.directory import in_subtree
from monitor.store.spot_checks.tables import PhoneCheckRow, SiteVisitRow, SpotCheckRow, SpotObjectionRow
from monitor.store.tables import UnitRow, table_of

_phone = table_of(PhoneCheckRow)
_visit = table_of(SiteVisitRow)
_objection = table_of(SpotObjectionRow)
_check = table_of(SpotCheckRow)
_unit = table_of(UnitRow)
_visitor = _unit.alias("visitor")


@dataclass(frozen=True, slots=True)
class PhoneCheck:
    """A phone check (电话检查)."""

    check_id: int
    number: str
    unit_code: str
    unit_name: str
    whom_role: str
    whom_name: str
    finding: str
    actor_name: str
    at: datetime
    voided_at: datetime | None


@dataclass(frozen=True, slots=True)
class SiteVisit:
    """A site visit (现场督导); `visitor_name` is the visiting unit of a cross inspection, else ""."""

    visit_id: int
    number: str
    year: int
    unit_code: str
    unit_name: str
    visitor_code: str
    visitor_name: str
    team: str
    planned_on: date
    visited_on: date | None
    findings: str


@dataclass(frozen=True, slots=True)
class SpotObjection:
    """An objection (申诉) to a spot check."""

    objection_id: int
    check_id: int
    filing_no: str
    actor: str
    actor_name: str
    reason: str
    at: datetime
    due_on: date
    answered_at: datetime | None
    answered_by: str
    answer: str
    is_upheld: bool | None


def insert_phone_check(connection: Connection, **values: Any) -> int:
    """Store a phone check; return its id."""
    return int(connection.execute(insert(_phone).values(**values).returning(_phone.c.id)).scalar_one())


def find_same_phone_check(
    connection: Connection, actor: str, unit_id: int, finding: str, since: datetime
) -> str | None:
    """Return the number of the same phone check by the same person since an instant."""
    found: str | None = connection.execute(
        select(_phone.c.number).where(
            _phone.c.actor == actor,
            _phone.c.unit_id == unit_id,
            _phone.c.finding == finding,
            _phone.c.at >= since,
            _phone.c.voided_at.is_(None),
        )
    ).scalar()
    return found


def void_phone_check(connection: Connection, check_id: int, at: datetime) -> None:
    """Mark a phone check as taken back."""
    connection.execute(update(_phone).where(_phone.c.id == check_id).values(voided_at=at))


def load_phone_checks(connection: Connection, path: str, limit: int) -> list[PhoneCheck]:
    """Return the phone checks of a subtree, newest first."""
    query = select(_phone, _unit.c.code, _unit.c.name).join(_unit, _unit.c.id == _phone.c.unit_id)
    rows = connection.execute(query.where(in_subtree(path)).order_by(_phone.c.id.desc()).limit(limit))
    return [
        PhoneCheck(
            row.id,
            row.number,
            row.code,
            row.name,
            row.whom_role,
            row.whom_name,
            row.finding,
            row.actor_name,
            row.at,
            row.voided_at,
        )
        for row in rows
    ]


def insert_visit(connection: Connection, **values: Any) -> int:
    """Store a planned visit; return its id."""
    return int(connection.execute(insert(_visit).values(**values).returning(_visit.c.id)).scalar_one())


def change_visit(connection: Connection, visit_id: int, **values: Any) -> None:
    """Write what a visit found."""
    connection.execute(update(_visit).where(_visit.c.id == visit_id).values(**values))


def load_visits(connection: Connection, path: str, year: int, number: str = "") -> list[SiteVisit]:
    """Return the visits to units of a subtree in a year, by day; only that of a number if one is given."""
    columns = (
        _visit,
        _unit.c.code.label("unit_code"),
        _unit.c.name.label("unit_name"),
        _visitor.c.code.label("visitor_code"),
        _visitor.c.name.label("visitor_name"),
    )
    query = select(*columns).join(_unit, _unit.c.id == _visit.c.unit_id)
    query = query.outerjoin(_visitor, _visitor.c.id == _visit.c.visitor_unit_id).where(in_subtree(path))
    query = query.where(_visit.c.number == number) if number else query.where(_visit.c.year == year)
    return [
        SiteVisit(
            row.id,
            row.number,
            row.year,
            row.unit_code,
            row.unit_name,
            row.visitor_code or "",
            row.visitor_name or "",
            row.team,
            row.planned_on,
            row.visited_on,
            row.findings,
        )
        for row in connection.execute(query.order_by(_visit.c.planned_on, _visit.c.id))
    ]


class DueVisit(NamedTuple):
    """A planned visit without findings, with who carries it out."""

    number: str
    unit_name: str
    unit_path: str
    visitor_name: str
    visitor_path: str
    team: str
    planned_on: date


def load_due_visits(connection: Connection, year: int) -> list[DueVisit]:
    """Return the visits of a year that nobody has written findings of, by day."""
    query = select(
        _visit.c.number, _unit.c.name, _unit.c.path, func.coalesce(_visitor.c.name, ""),
        func.coalesce(_visitor.c.path, ""), _visit.c.team, _visit.c.planned_on,
    ).join(_unit, _unit.c.id == _visit.c.unit_id).outerjoin(
        _visitor, _visitor.c.id == _visit.c.visitor_unit_id
    )  # fmt: skip
    due = query.where(_visit.c.year == year, _visit.c.visited_on.is_(None))
    return [DueVisit(*row) for row in connection.execute(due.order_by(_visit.c.planned_on, _visit.c.id))]


def load_visited_paths(connection: Connection, year: int) -> set[str]:
    """Return the paths of the units for which a visit of a year is planned or done."""
    query = select(_unit.c.path).join(_visit, _visit.c.unit_id == _unit.c.id).where(_visit.c.year == year)
    return set(connection.execute(query.distinct()).scalars())


def insert_objection(connection: Connection, **values: Any) -> int:
    """Store an objection; return its id."""
    filing = insert(_objection).values(**values, answered_by="", answer="")
    return int(connection.execute(filing.returning(_objection.c.id)).scalar_one())


def answer_objections(connection: Connection, check_id: int, **values: Any) -> int:
    """Write the answer to the open objections to a check; return how many there were."""
    is_open = (_objection.c.spot_check_id == check_id, _objection.c.answered_at.is_(None))
    return connection.execute(update(_objection).where(*is_open).values(**values)).rowcount


def load_objections(
    connection: Connection, path: str, check_ids: Collection[int] | None = None
) -> list[SpotObjection]:
    """Return the objections to checks of a subtree, open ones first, then newest."""
    query = select(_objection, _check.c.filing_no).join(_check, _check.c.id == _objection.c.spot_check_id)
    query = query.join(_unit, _unit.c.id == _check.c.unit_id).where(in_subtree(path))
    if check_ids is not None:
        query = query.where(_check.c.id.in_(check_ids))
    is_answered = func.coalesce(_objection.c.is_upheld.is_not(None), False)
    rows = connection.execute(query.order_by(is_answered, _objection.c.id.desc()))
    return [
        SpotObjection(
            row.id,
            row.spot_check_id,
            row.filing_no,
            row.actor,
            row.actor_name,
            row.reason,
            row.at,
            row.due_on,
            row.answered_at,
            row.answered_by,
            row.answer,
            row.is_upheld,
        )
        for row in rows
    ]

"""What people establish about a sheet besides points: bases, supplied items, confirmations, and acts.

Acts are disqualifications, decisions of the leadership, objections, tasks and publications. Functions of
a connection; what may be written is decided by `monitor.usecases.assessment.sheets…`.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import func, insert, select, update

from monitor.assessment.dossier import BaseKind, Decision, Disqualification, Objection, Supplied, Task
from monitor.store.assessment.sheets import Connection
from monitor.store.assessment.tables import (
    ConfirmedReadingRow,
    ConsequenceTaskRow,
    DisqualificationRow,
    LeadershipDecisionRow,
    ObjectionRow,
    PublicationRow,
    SuppliedItemRow,
    UnitBaseRow,
)
from monitor.store.tables import table_of
from monitor.store.upsert import upserting

_base = table_of(UnitBaseRow)
_supplied = table_of(SuppliedItemRow)
_confirmed = table_of(ConfirmedReadingRow)
_disqualification = table_of(DisqualificationRow)
_decision = table_of(LeadershipDecisionRow)
_objection = table_of(ObjectionRow)
_task = table_of(ConsequenceTaskRow)
_publication = table_of(PublicationRow)


class Base(NamedTuple):
    """A base (基数) of a unit and year; the newest counts."""

    kind: BaseKind
    number: int
    source: str
    entered_by: str
    entered_at: datetime


class Confirmation(NamedTuple):
    """A reading that 团省委 has confirmed for a year."""

    clause: str
    reference: str
    confirmed_by: str
    confirmed_at: datetime


class Publication(NamedTuple):
    """A published result; `sheet` is everything as it was shown."""

    number: int
    sheet: dict[str, Any]
    published_by: str
    published_at: datetime


def load_bases(connection: Connection, unit_id: int, year: int) -> dict[BaseKind, Base]:
    """Return the bases in force of a unit and year."""
    return {base.kind: base for base in load_base_history(connection, unit_id, year)}


def load_base_history(connection: Connection, unit_id: int, year: int) -> list[Base]:
    """Return every base ever entered for a unit and year, oldest first."""
    return load_bases_of(connection, [unit_id], year).get(unit_id, [])


def load_bases_of(connection: Connection, unit_ids: Collection[int], year: int) -> Mapping[int, list[Base]]:
    """Return every base ever entered for units in a year by unit, oldest first: the last of a kind counts."""
    query = select(_base).where(_base.c.unit_id.in_(unit_ids), _base.c.year == year).order_by(_base.c.id)
    found: dict[int, list[Base]] = defaultdict(list)
    for row in connection.execute(query):
        base = Base(BaseKind(row.kind), row.number, row.source, row.entered_by, row.entered_at)
        found[row.unit_id].append(base)
    return found


def insert_base(connection: Connection, unit_id: int, year: int, base: Base) -> None:
    """Insert a base; the one before it stays as history."""
    values = {"unit_id": unit_id, "year": year, **base._asdict(), "kind": base.kind.value}
    connection.execute(insert(_base).values(**values))


def load_supplied(connection: Connection, year: int, rulebook: str) -> tuple[tuple[Supplied, ...], ...]:
    """Return every version of the supplied items of a year, one tuple per item, oldest first."""
    where = (_supplied.c.year == year, _supplied.c.rulebook == rulebook)
    rows = connection.execute(select(_supplied).where(*where).order_by(_supplied.c.item, _supplied.c.version))
    found: dict[str, list[Supplied]] = defaultdict(list)
    for row in rows:
        found[row.item].append(
            Supplied(
                row.item, row.version, Decimal(row.max_points), row.reference, row.entered_by, row.entered_at
            )
        )
    return tuple(tuple(versions) for versions in found.values())


def insert_supplied(connection: Connection, year: int, rulebook: str, supplied: Supplied) -> bool:
    """Insert one version of a supplied item; False if somebody else has written this version."""
    values = {
        "year": year,
        "rulebook": rulebook,
        "item": supplied.item,
        "version": supplied.version,
        "max_points": format(supplied.max_points, "f"),
        "reference": supplied.reference,
        "entered_by": supplied.entered_by,
        "entered_at": supplied.entered_at,
    }
    return _insert_once(connection, _supplied, values)


def load_confirmations(connection: Connection, year: int, rulebook: str) -> list[Confirmation]:
    """Return what 团省委 has confirmed for a year, in order of time."""
    where = (_confirmed.c.year == year, _confirmed.c.rulebook == rulebook)
    rows = connection.execute(select(_confirmed).where(*where).order_by(_confirmed.c.confirmed_at))
    return [Confirmation(row.clause, row.reference, row.confirmed_by, row.confirmed_at) for row in rows]


def insert_confirmation(connection: Connection, year: int, rulebook: str, made: Confirmation) -> bool:
    """Insert a confirmation; False if this reading has been confirmed before."""
    return _insert_once(connection, _confirmed, {"year": year, "rulebook": rulebook, **made._asdict()})


def load_disqualifications(connection: Connection, ids: Collection[int]) -> dict[int, Disqualification]:
    """Return the declared losses of eligibility that stand, by sheet."""
    where = (_disqualification.c.assessment_id.in_(ids), _disqualification.c.revoked_at.is_(None))
    rows = connection.execute(select(_disqualification).where(*where).order_by(_disqualification.c.id))
    return {
        row.assessment_id: Disqualification(row.id, row.ground, row.reason, row.declared_by, row.declared_at)
        for row in rows
    }


def insert_disqualification(connection: Connection, assessment_id: int, **values: Any) -> int:
    """Insert a declared loss of eligibility and return its number."""
    empty = {"revoked_by": "", "revoke_reason": ""}
    return _insert_open(connection, _disqualification, assessment_id, values | empty)


def revoke_disqualification(
    connection: Connection, number: int, *, by: str, at: datetime, reason: str
) -> None:
    """Take a declared loss of eligibility back; the row stays."""
    values = {"revoked_by": by, "revoked_at": at, "revoke_reason": reason}
    connection.execute(update(_disqualification).where(_disqualification.c.id == number).values(**values))


def load_decisions(connection: Connection, ids: Collection[int]) -> dict[int, Decision]:
    """Return the newest decision of the leadership by sheet."""
    rows = connection.execute(
        select(_decision).where(_decision.c.assessment_id.in_(ids)).order_by(_decision.c.id)
    )
    return {
        row.assessment_id: Decision(
            row.id,
            row.minutes_no,
            row.decided_on,
            row.text,
            row.grade,
            row.eligibility,
            row.recorded_by,
            row.recorded_at,
        )
        for row in rows
    }


def insert_decision(connection: Connection, assessment_id: int, **values: Any) -> int:
    """Insert a decision of the leadership and return its number."""
    return _insert_open(connection, _decision, assessment_id, values)


def load_objections(connection: Connection, ids: Collection[int]) -> Mapping[int, list[Objection]]:
    """Return the objections by sheet, oldest first."""
    rows = connection.execute(
        select(_objection).where(_objection.c.assessment_id.in_(ids)).order_by(_objection.c.id)
    )
    found: dict[int, list[Objection]] = defaultdict(list)
    for row in rows:
        found[row.assessment_id].append(
            Objection(
                row.id,
                row.item,
                row.text,
                row.filed_by,
                row.filed_at,
                row.due_on,
                row.outcome,
                row.reply,
                row.replied_by,
                row.replied_at,
            )
        )
    return found


def insert_objection(
    connection: Connection, assessment_id: int, *, item: str, text: str, by: str, at: datetime, due_on: date
) -> int:
    """Insert an objection and return its number."""
    values = {"item": item, "text": text, "filed_by": by, "filed_at": at, "due_on": due_on}
    empty = {"outcome": "", "reply": "", "replied_by": ""}
    return _insert_open(connection, _objection, assessment_id, values | empty)


def answer_objection(
    connection: Connection, number: int, *, outcome: str, reply: str, by: str, at: datetime
) -> bool:
    """Answer an objection; False if it has been answered."""
    values = {"outcome": outcome, "reply": reply, "replied_by": by, "replied_at": at}
    where = (_objection.c.id == number, _objection.c.replied_at.is_(None))
    return connection.execute(update(_objection).where(*where).values(**values)).rowcount == 1


def load_tasks(connection: Connection, ids: Collection[int]) -> Mapping[int, list[Task]]:
    """Return the tasks of HN-4.4c by sheet."""
    rows = connection.execute(select(_task).where(_task.c.assessment_id.in_(ids)).order_by(_task.c.id))
    found: dict[int, list[Task]] = defaultdict(list)
    for row in rows:
        found[row.assessment_id].append(
            Task(
                row.id, row.word, row.clause, row.state, row.opened_at, row.closed_by, row.closed_at, row.note
            )
        )
    return found


def put_task(connection: Connection, assessment_id: int, task: Task) -> None:
    """Open a task, or move the one of that word to another state; its number is given by the store."""
    values = {
        "state": task.state,
        "closed_by": task.closed_by,
        "closed_at": task.closed_at,
        "note": task.note,
    }
    where = (_task.c.assessment_id == assessment_id, _task.c.word == task.word)
    if connection.execute(update(_task).where(*where).values(**values)).rowcount == 0:
        fresh = {"word": task.word, "clause": task.clause, "opened_at": task.opened_at}
        _insert_open(connection, _task, assessment_id, fresh | values)


def load_publication(connection: Connection, assessment_id: int) -> Publication | None:
    """Return the publication that stands, or None."""
    where = (_publication.c.assessment_id == assessment_id, _publication.c.withdrawn_at.is_(None))
    newest = select(func.max(_publication.c.id)).where(*where).scalar_subquery()
    row = connection.execute(select(_publication).where(_publication.c.id == newest)).one_or_none()
    return Publication(row.id, row.sheet, row.published_by, row.published_at) if row else None


def load_publications(connection: Connection, assessment_id: int) -> list[Publication]:
    """Return every publication of a sheet, withdrawn ones included, oldest first."""
    where = _publication.c.assessment_id == assessment_id
    rows = connection.execute(select(_publication).where(where).order_by(_publication.c.id))
    return [Publication(row.id, row.sheet, row.published_by, row.published_at) for row in rows]


def insert_publication(
    connection: Connection, assessment_id: int, sheet: Mapping[str, object], *, by: str, at: datetime
) -> int:
    """Insert a publication and return its number."""
    values = {"sheet": dict(sheet), "published_by": by, "published_at": at}
    empty = {"withdrawn_by": "", "withdraw_reason": ""}
    return _insert_open(connection, _publication, assessment_id, values | empty)


def withdraw_publication(
    connection: Connection, assessment_id: int, *, by: str, at: datetime, reason: str
) -> None:
    """Withdraw the publication that stands; it stays as history."""
    values = {"withdrawn_by": by, "withdrawn_at": at, "withdraw_reason": reason}
    where = (_publication.c.assessment_id == assessment_id, _publication.c.withdrawn_at.is_(None))
    connection.execute(update(_publication).where(*where).values(**values))


def _insert_open(connection: Connection, table: Any, assessment_id: int, values: Mapping[str, Any]) -> int:
    statement = insert(table).values(assessment_id=assessment_id, **values).returning(table.c.id)
    return int(connection.execute(statement).scalar_one())


def _insert_once(connection: Connection, table: Any, values: Mapping[str, Any]) -> bool:
    once = upserting(connection)(table).values(**values).on_conflict_do_nothing()
    return connection.execute(once.returning(table.c.year)).first() is not None

"""Sheets of the assessment (考评表): frozen rules, states, entries with history, facts, records.

Functions of a connection; what may be written is decided by `monitor.usecases.assessment`. `Connection`
is exported for the signatures of use cases, which only pass it on.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Connection as Connection
from sqlalchemy import Select, func, insert, select, update

from monitor.assessment.dossier import Assessment, AssessmentState, Entry, EntryKind, Fact, FactSource
from monitor.assessment.frozen_rules import RuleText, Selection
from monitor.store.assessment.tables import (
    AssessmentEntryRow,
    AssessmentFactRow,
    AssessmentRow,
    FrozenRulesRow,
)
from monitor.store.directory import in_subtree
from monitor.store.subtree import joined_in_subtree
from monitor.store.tables import UnitRow, table_of
from monitor.store.upsert import upserting
from monitor.store.work_tables import AuditRow
from monitor.units import Unit, UnitId

_sheet = table_of(AssessmentRow)
_rules = table_of(FrozenRulesRow)
_entry = table_of(AssessmentEntryRow)
_fact = table_of(AssessmentFactRow)
_unit = table_of(UnitRow)
_audit = table_of(AuditRow)


MAX_ID = 2**31 - 1
"""The largest number of a row; people write larger ones."""


class Record(NamedTuple):
    """One entry of the audit: its number, who did what when, and the particulars."""

    number: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]


def save_rule_text(connection: Connection, text: RuleText) -> None:
    """Keep frozen rules; the same version is kept once."""
    values = {
        "hash": text.hash,
        "rulebook": text.rulebook,
        "rulebook_text": text.rulebook_text,
        "defaults_text": text.defaults_text,
        "selection": text.selection.as_json(),
        "in_force_on": text.in_force_on,
    }
    connection.execute(upserting(connection)(_rules).values(**values).on_conflict_do_nothing())


def load_rule_texts(connection: Connection, hashes: Collection[str]) -> dict[str, RuleText]:
    """Return frozen rules by hash."""
    rows = connection.execute(select(_rules).where(_rules.c.hash.in_(set(hashes))))
    return {
        row.hash: RuleText(
            row.rulebook,
            row.rulebook_text,
            row.defaults_text,
            Selection.from_json(row.selection),
            row.in_force_on,
        )
        for row in rows
    }


def open_assessment(
    connection: Connection,
    unit: Unit,
    year: int,
    text: RuleText,
    *,
    is_reference: bool,
    at: datetime,
    by: str,
) -> None:
    """Insert a sheet in its first state, unless there is one."""
    save_rule_text(connection, text)
    values = {
        "year": year,
        "unit_id": unit.unit_id,
        "rulebook": text.rulebook,
        "rules_hash": text.hash,
        "is_reference": is_reference,
        "state": AssessmentState.DRAFT.value,
        "opened_at": at,
        "opened_by": by,
        "submitted_by": "",
        "is_late": False,
    }
    connection.execute(upserting(connection)(_sheet).values(**values).on_conflict_do_nothing())


def load_assessment(
    connection: Connection, unit: Unit, year: int, rulebook: str, *, for_change: bool = False
) -> Assessment | None:
    """Return a unit's sheet of a year; `for_change` makes others who want to change it wait."""
    query = _sheets().where(
        _sheet.c.unit_id == unit.unit_id, _sheet.c.year == year, _sheet.c.rulebook == rulebook
    )
    if for_change:
        query = query.with_for_update(of=_sheet)
    return next((_to_assessment(row) for row in connection.execute(query)), None)


def load_assessment_by_id(connection: Connection, assessment_id: int) -> Assessment | None:
    """Return a sheet by its id."""
    rows = connection.execute(_sheets().where(_sheet.c.id == assessment_id))
    return next((_to_assessment(row) for row in rows), None)


def load_assessments(connection: Connection, year: int, rulebook: str, path: str) -> list[Assessment]:
    """Return the sheets of a year in a subtree, in order of unit code."""
    query = _sheets().where(_sheet.c.year == year, _sheet.c.rulebook == rulebook, in_subtree(path))
    return [_to_assessment(row) for row in connection.execute(query.order_by(_unit.c.code))]


def load_assessable(connection: Connection, kinds: Collection[str], path: str) -> list[Unit]:
    """Return the active units of some kinds in a subtree, in order of code."""
    query = select(_unit).where(_unit.c.is_active, _unit.c.kind.in_(kinds), joined_in_subtree(path))
    return [
        Unit(UnitId(row.id), row.code, row.name, row.kind, row.path, row.parent_id)
        for row in connection.execute(query.order_by(_unit.c.code))
    ]


def save_state(connection: Connection, assessment_id: int, state: AssessmentState, **others: Any) -> None:
    """Move a sheet to a state; `others` are further columns."""
    connection.execute(update(_sheet).where(_sheet.c.id == assessment_id).values(state=state.value, **others))


def load_entries(connection: Connection, ids: Collection[int]) -> Mapping[int, list[Entry]]:
    """Return the newest version of every entry by sheet, those taken back included."""
    newest = (
        select(func.max(_entry.c.id))
        .where(_entry.c.assessment_id.in_(ids))
        .group_by(_entry.c.assessment_id, _entry.c.item, _entry.c.kind)
    )
    found: dict[int, list[Entry]] = defaultdict(list)
    for row in connection.execute(select(_entry).where(_entry.c.id.in_(newest)).order_by(_entry.c.id)):
        found[row.assessment_id].append(_to_entry(row))
    return found


def load_entry_history(connection: Connection, assessment_id: int, item: str, kind: EntryKind) -> list[Entry]:
    """Return every version of one entry, oldest first."""
    where = (
        _entry.c.assessment_id == assessment_id,
        _entry.c.item == item,
        _entry.c.kind == kind.value,
    )
    rows = connection.execute(select(_entry).where(*where).order_by(_entry.c.version))
    return [_to_entry(row) for row in rows]


def insert_entry(connection: Connection, assessment_id: int, entry: Entry) -> bool:
    """Insert one version of an entry; False if somebody else has written this version."""
    values = {
        "assessment_id": assessment_id,
        "item": entry.item,
        "kind": entry.kind.value,
        "version": entry.version,
        "points": None if entry.points is None else format(entry.points, "f"),
        "reason": entry.reason,
        "author": entry.author,
        "author_name": entry.author_name,
        "at": entry.at,
    }
    once = upserting(connection)(_entry).values(**values).on_conflict_do_nothing()
    return connection.execute(once.returning(_entry.c.id)).first() is not None


def load_facts(connection: Connection, ids: Collection[int]) -> Mapping[int, list[Fact]]:
    """Return the newest figure of the machine and of a person, by sheet, in order of item and key."""
    by_person = _fact.c.provenance == FactSource.PERSON.value
    newest = (
        select(func.max(_fact.c.id))
        .where(_fact.c.assessment_id.in_(ids))
        .group_by(_fact.c.assessment_id, _fact.c.item, _fact.c.key, by_person)
    )
    query = select(_fact).where(_fact.c.id.in_(newest))
    found: dict[int, list[Fact]] = defaultdict(list)
    for row in connection.execute(query.order_by(_fact.c.item, _fact.c.is_note, _fact.c.id)):
        found[row.assessment_id].append(_to_fact(row))
    return found


def insert_facts(connection: Connection, assessment_id: int, facts: Iterable[Fact]) -> None:
    """Insert figures; those before them stay as history."""
    rows = [
        {
            "assessment_id": assessment_id,
            "item": fact.item,
            "key": fact.key,
            "number": fact.number,
            "provenance": fact.provenance.value,
            "text": fact.text,
            "is_note": fact.is_note,
            "taken_at": fact.taken_at,
            "taken_by": fact.taken_by,
        }
        for fact in facts
    ]
    if rows:
        connection.execute(insert(_fact), rows)


def record(
    connection: Connection, at: datetime, actor: str, action: str, subject: str, detail: Mapping[str, Any]
) -> int:
    """Write who did what into the audit and return the number of the record."""
    values = {"at": at, "actor": actor, "action": action, "subject": subject, "detail": dict(detail)}
    return int(connection.execute(insert(_audit).values(**values).returning(_audit.c.id)).scalar_one())


def load_record(connection: Connection, number: int) -> Record | None:
    """Return one entry of the audit; no entry has a number that the database cannot hold."""
    if not 0 < number <= MAX_ID:
        return None
    row = connection.execute(select(_audit).where(_audit.c.id == number)).one_or_none()
    return Record(row.id, row.at, row.actor, row.action, row.subject, row.detail) if row else None


def find_last_record(connection: Connection, actor: str, since: datetime) -> int:
    """Return the number of an actor's last entry of the audit since an instant, 0 if there is none."""
    last = select(func.max(_audit.c.id)).where(_audit.c.actor == actor, _audit.c.at >= since)
    return int(connection.execute(last).scalar() or 0)


def _sheets() -> Select[Any]:
    return select(_sheet, _unit.c.code, _unit.c.name, _unit.c.kind, _unit.c.path, _unit.c.parent_id).join(
        _unit, _unit.c.id == _sheet.c.unit_id
    )


def _to_assessment(row: Any) -> Assessment:
    return Assessment(
        assessment_id=row.id,
        year=row.year,
        unit=Unit(UnitId(row.unit_id), row.code, row.name, row.kind, row.path, row.parent_id),
        rulebook=row.rulebook,
        rules_hash=row.rules_hash,
        is_reference=row.is_reference,
        state=AssessmentState(row.state),
        opened_at=row.opened_at,
        opened_by=row.opened_by,
        submitted_at=row.submitted_at,
        submitted_by=row.submitted_by,
        is_late=row.is_late,
    )


def _to_entry(row: Any) -> Entry:
    points = None if row.points is None else Decimal(row.points)
    kind = EntryKind(row.kind)
    return Entry(row.item, kind, row.version, points, row.reason, row.author, row.author_name, row.at)


def _to_fact(row: Any) -> Fact:
    return Fact(
        row.item,
        row.key,
        row.number,
        FactSource(row.provenance),
        row.text,
        row.taken_at,
        row.taken_by,
        row.is_note,
    )

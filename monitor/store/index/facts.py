"""Facts of the Guangdong assessment in the store: schools, facts with history, declarations, locks.

Functions of a connection.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Connection as Connection
from sqlalchemy import Row, Select, and_, func, insert, or_, select, tuple_, update

from monitor.index.facts import Fact, FactKind, School
from monitor.index.indicators import StoredFact
from monitor.index.periods import RunKind, RunPeriod
from monitor.store import directory
from monitor.store.index.tables import (
    IndexDeclarationRow,
    IndexFactChangeRow,
    IndexFactRow,
    IndexRunRow,
)
from monitor.store.tables import UnitRow, table_of
from monitor.store.upsert import upserting
from monitor.units import Unit, UnitId

_fact = table_of(IndexFactRow)
_change = table_of(IndexFactChangeRow)
_declaration = table_of(IndexDeclarationRow)
_run = table_of(IndexRunRow)
_unit = table_of(UnitRow)
_KEY = (_fact.c.kind, _fact.c.unit_id, _fact.c.subject, _fact.c.item)
_IN_ONE_STATEMENT = 500
_INDEX_WRITES = 7_302_019  # any number, the same in every process

FactKey = tuple[str, int, str, str]


class KnownFact(NamedTuple):
    """A fact as it is stored now."""

    day: date
    content: dict[str, Any]


def own_index_writes(connection: Connection) -> None:
    """Let imports, runs and publications of several processes follow each other on PostgreSQL."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_INDEX_WRITES})")


def load_schools(connection: Connection, kinds: Sequence[str]) -> list[Unit]:
    """Return the active units of the kinds a rulebook binds, in order of code."""
    return directory.load_units(
        connection, directory.units().where(_unit.c.kind.in_(kinds)).order_by(_unit.c.code)
    )


def name_schools(units: Iterable[Unit]) -> dict[str, School]:
    """Return schools by code, and by name where only one has it, as rows may call them."""
    schools = [School(unit.unit_id, unit.code, unit.name) for unit in units]
    n_named = Counter(school.name for school in schools)
    by_name = {school.name: school for school in schools if n_named[school.name] == 1}
    return by_name | {school.code: school for school in schools}


def load_facts_by_key(connection: Connection, keys: Sequence[FactKey]) -> dict[FactKey, KnownFact]:
    """Return the stored facts among some keys."""
    found: dict[FactKey, KnownFact] = {}
    for start in range(0, len(keys), _IN_ONE_STATEMENT):
        wanted = tuple_(*_KEY).in_(list(keys[start : start + _IN_ONE_STATEMENT]))
        for row in connection.execute(select(*_KEY, _fact.c.day, _fact.c.content).where(wanted)):
            found[(row[0], row[1], row[2], row[3])] = KnownFact(row[4], row[5])
    return found


def save_facts(connection: Connection, facts: Sequence[Fact], now: datetime) -> None:
    """Insert facts, or replace those of the same key."""
    if not facts:
        return
    rows = [
        {
            "kind": fact.kind.value, "unit_id": fact.unit_id, "subject": fact.subject, "item": fact.item,
            "day": fact.day, "content": fact.content, "seen_at": now,
        }
        for fact in facts
    ]  # fmt: skip
    statement = upserting(connection)(_fact)
    statement = statement.on_conflict_do_update(
        index_elements=list(_KEY),
        set_={name: statement.excluded[name] for name in ("day", "content", "seen_at")},
    )
    connection.execute(statement, rows)


def save_changes(
    connection: Connection, changes: Sequence[tuple[Fact, KnownFact]], now: datetime, actor: str
) -> None:
    """Keep what is about to be replaced."""
    rows = [
        {
            "kind": fact.kind.value, "unit_id": fact.unit_id, "subject": fact.subject, "item": fact.item,
            "before_day": known.day, "before": known.content, "after": fact.content,
            "at": now, "actor": actor,
        }
        for fact, known in changes
    ]  # fmt: skip
    if rows:
        connection.execute(insert(_change), rows)


def load_changes(connection: Connection, unit_id: UnitId) -> Sequence[Row[Any]]:
    """Return the history of a school's facts, oldest first (rows of index_fact_change)."""
    return connection.execute(
        select(_change).where(_change.c.unit_id == unit_id).order_by(_change.c.id)
    ).all()


def load_locks(connection: Connection) -> list[RunPeriod]:
    """Return the periods of published runs: their facts are locked."""
    query = select(_run.c.kind, _run.c.first_day, _run.c.last_day).where(_run.c.published_at.is_not(None))
    return [RunPeriod(RunKind(row[0]), row[1], row[2]) for row in connection.execute(query)]


def load_school_facts(connection: Connection, period: RunPeriod) -> dict[UnitId, list[StoredFact]]:
    """Return the facts of a month or year by school, articles left out."""
    kinds = [kind.value for kind in FactKind if kind is not FactKind.ARTICLE]
    found: dict[UnitId, list[StoredFact]] = {}
    columns = (_fact.c.unit_id, _fact.c.kind, _fact.c.subject, _fact.c.item, _fact.c.day, _fact.c.content,
               _fact.c.seen_at)  # fmt: skip
    by_value = {kind.value: kind for kind in FactKind}
    query = _inside(select(*columns), kinds, period.first_day, period.last_day)
    for unit_id, rows in groupby(connection.execute(query).all(), key=itemgetter(0)):
        found[UnitId(unit_id)] = [
            StoredFact(by_value[row[1]], row[2], row[3], row[4].isoformat()[:7], row[5], row[6])
            for row in rows
        ]
    return found


def load_articles(
    connection: Connection, first_day: date, last_day: date, unit_id: UnitId | None = None
) -> dict[tuple[UnitId, str], list[tuple[date, dict[str, Any]]]]:
    """Return the articles of accounts, by school and account, in order of day."""
    columns = (_fact.c.unit_id, _fact.c.subject, _fact.c.day, _fact.c.content)
    query = _inside(select(*columns), [FactKind.ARTICLE.value], first_day, last_day)
    if unit_id is not None:
        query = query.where(_fact.c.unit_id == unit_id)
    accounts = groupby(connection.execute(query).all(), key=itemgetter(0, 1))
    return {
        (UnitId(unit_id), account): [(row[2], row[3]) for row in rows]
        for (unit_id, account), rows in accounts
    }


def _inside(query: Select[Any], kinds: Sequence[str], first_day: date, last_day: date) -> Select[Any]:
    within = and_(_fact.c.kind.in_(kinds), _fact.c.day >= first_day, _fact.c.day <= last_day)
    return query.where(within).order_by(_fact.c.unit_id, _fact.c.subject, _fact.c.day, _fact.c.item)


def load_stamp(connection: Connection, first_day: date, last_day: date) -> str:
    """Return a text that changes whenever a fact of a period or a declaration of its year does."""
    inside = and_(_fact.c.day >= first_day, _fact.c.day <= last_day)
    facts = select(func.count(), func.max(_fact.c.seen_at)).where(inside)
    n_facts, seen_at = connection.execute(facts).one()
    changed = and_(_change.c.before_day >= first_day, _change.c.before_day <= last_day)
    n_changes = connection.execute(select(func.count()).where(changed)).scalar_one()
    of_year = _declaration.c.period.startswith(str(last_day.year))
    declared = select(func.count(), func.count(_declaration.c.withdrawn_at)).where(of_year)
    n_declared, n_withdrawn = connection.execute(declared).one()
    return f"{n_facts}/{seen_at}/{n_changes}/{n_declared}/{n_withdrawn}"


def insert_declaration(connection: Connection, values: Mapping[str, Any]) -> int:
    """Insert a declaration with the columns of `index_declaration`; returns its number."""
    return int(
        connection.execute(
            insert(_declaration).values(dict(values)).returning(_declaration.c.id)
        ).scalar_one()
    )


def load_declarations(connection: Connection, condition: Any = None) -> Sequence[Row[Any]]:
    """Return declarations that stand, in order of number (rows of index_declaration)."""
    query = select(_declaration).where(_declaration.c.withdrawn_at.is_(None)).order_by(_declaration.c.id)
    return connection.execute(query if condition is None else query.where(condition)).all()


def load_declaration(connection: Connection, number: int) -> Row[Any] | None:
    """Return one declaration, withdrawn or not."""
    return connection.execute(select(_declaration).where(_declaration.c.id == number)).one_or_none()


def load_declarations_of(connection: Connection, year: int) -> Sequence[Row[Any]]:
    """Return the declarations of a year and of its months."""
    period = _declaration.c.period
    return load_declarations(connection, or_(period == str(year), period.startswith(f"{year}-")))


def mark_withdrawn(connection: Connection, number: int, at: datetime, actor: str, reason: str) -> None:
    """Take a declaration back; the row stays."""
    values = {"withdrawn_at": at, "withdrawn_by": actor, "withdrawn_for": reason}
    connection.execute(update(_declaration).where(_declaration.c.id == number).values(**values))

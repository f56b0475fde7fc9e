"""Runs of the Guangdong assessment and their results in the store. Functions of a connection."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection as Connection
from sqlalchemy import Row, Select, delete, insert, select, update

from monitor.index.periods import RunKind, RunPeriod
from monitor.store.index.tables import IndexResultRow, IndexRunRow
from monitor.store.subtree import joined_in_subtree
from monitor.store.tables import UnitRow, table_of
from monitor.units import UnitId

_run = table_of(IndexRunRow)
_result = table_of(IndexResultRow)
_unit = table_of(UnitRow)


@dataclass(frozen=True, slots=True)
class Run:
    """A stored run (考核运行)."""

    run_id: int
    period: RunPeriod
    computed_at: datetime
    facts_stamp: str
    frozen: Mapping[str, Any]
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class Result:
    """A school, a city's schools together, or an account in a run."""

    unit_id: UnitId
    account: str
    scope: str
    state: str
    value: str | None
    rank: int | None
    movement: int | None
    is_barred: bool
    detail: Mapping[str, Any] = field(default_factory=dict)
    unit_code: str = ""
    unit_name: str = ""


def find_run(connection: Connection, period: RunPeriod) -> Run | None:
    """Return the run of a period."""
    return _one(
        connection, select(_run).where(_run.c.kind == period.kind.value, _run.c.first_day == period.first_day)
    )


def load_run(connection: Connection, run_id: int) -> Run | None:
    """Return a run by its number."""
    return _one(connection, select(_run).where(_run.c.id == run_id))


def load_latest_run(
    connection: Connection,
    kinds: Sequence[RunKind],
    before: date | None = None,
    *,
    only_published: bool = False,
) -> Run | None:
    """Return the run of some kinds with the latest period, optionally only those that began before a day."""
    query = select(_run).where(_run.c.kind.in_([kind.value for kind in kinds]))
    if before is not None:
        query = query.where(_run.c.first_day < before)
    if only_published:
        query = query.where(_run.c.published_at.is_not(None))
    return _one(connection, query.order_by(_run.c.last_day.desc(), _run.c.first_day).limit(1))


def load_unpublished(connection: Connection, since: date, until: date) -> list[Run]:
    """Return the runs that are not published and end from a day on, before another; in order of period."""
    query = select(_run).where(
        _run.c.published_at.is_(None), _run.c.last_day >= since, _run.c.last_day < until
    )
    return [_to_run(row) for row in connection.execute(query.order_by(_run.c.last_day, _run.c.kind))]


def save_run(
    connection: Connection, period: RunPeriod, values: Mapping[str, Any], results: Sequence[Result]
) -> int:
    """Store a run and its results in place of an earlier one of the same period; its number stays."""
    known = find_run(connection, period)
    if known is None:
        key = {"kind": period.kind.value, "first_day": period.first_day, "last_day": period.last_day}
        row = insert(_run).values(**key, label=period.label, **values).returning(_run.c.id)
        run_id = int(connection.execute(row).scalar_one())
    else:
        run_id = known.run_id
        connection.execute(update(_run).where(_run.c.id == run_id).values(**values))
        connection.execute(delete(_result).where(_result.c.run_id == run_id))
    rows = [_to_row(run_id, result) for result in results]
    if rows:
        connection.execute(insert(_result), rows)
    return run_id


def mark_published(connection: Connection, run_id: int, at: datetime | None, actor: str) -> None:
    """Publish a run, or with None take its publication back."""
    values = {"published_at": at, "published_by": actor}
    connection.execute(update(_run).where(_run.c.id == run_id).values(**values))


def load_results(
    connection: Connection, run_id: int, *, path: str | None = None, unit_id: UnitId | None = None
) -> list[Result]:
    """Return the results of a run with their units, in order of code; of a subtree, or of one unit."""
    query = select(_result, _unit.c.code, _unit.c.name).join(_unit, _unit.c.id == _result.c.unit_id)
    query = query.where(_result.c.run_id == run_id).order_by(_unit.c.code, _result.c.account)
    if path is not None:
        query = query.where(joined_in_subtree(path))
    if unit_id is not None:
        query = query.where(_result.c.unit_id == unit_id)
    return [
        Result(
            UnitId(row.unit_id), row.account, row.scope, row.state, row.value, row.rank, row.movement,
            row.is_barred, row.detail, row.code, row.name,
        )
        for row in connection.execute(query)
    ]  # fmt: skip


def load_ranks(connection: Connection, run_id: int) -> dict[tuple[UnitId, str], int]:
    """Return the ranks of a run by unit and account; who has none is absent."""
    query = select(_result.c.unit_id, _result.c.account, _result.c.rank)
    query = query.where(_result.c.run_id == run_id, _result.c.rank.is_not(None))
    return {(UnitId(row[0]), row[1]): row[2] for row in connection.execute(query)}


def _one(connection: Connection, query: Select[Any]) -> Run | None:
    row = connection.execute(query).one_or_none()
    return None if row is None else _to_run(row)


def _to_run(row: Row[Any]) -> Run:
    period = RunPeriod(RunKind(row.kind), row.first_day, row.last_day)
    return Run(row.id, period, row.computed_at, row.facts_stamp, row.frozen, row.published_at)


def _to_row(run_id: int, result: Result) -> dict[str, Any]:
    return {
        "run_id": run_id, "unit_id": result.unit_id, "account": result.account, "scope": result.scope,
        "state": result.state, "value": result.value, "rank": result.rank, "movement": result.movement,
        "is_barred": result.is_barred, "detail": dict(result.detail),
    }  # fmt: skip

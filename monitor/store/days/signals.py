"""Signals of days (数据可信提示): what they are found from, and what was found. Functions of a connection."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import Connection as Connection
from sqlalchemy import delete, func, insert, select

from monitor.days.signals import DayPost, Signal
from monitor.events import PostKind, Provenance
from monitor.learning.readings import SignalReading
from monitor.store.days.tables import PostRow
from monitor.store.learning.tables import DaySignalRow
from monitor.store.subtree import joined_in_subtree
from monitor.store.tables import GroupRow, UnitRow, table_of

_post = table_of(PostRow)
_signal = table_of(DaySignalRow)
_group = table_of(GroupRow)
_unit = table_of(UnitRow)
_GROUPS_PER_STATEMENT = 500


def load_day_posts(connection: Connection, day: date) -> Iterator[tuple[int, list[DayPost]]]:
    """Yield every group that has counted, collected posts on a day, with them."""
    ids = list(connection.execute(select(_group.c.id).order_by(_group.c.id)).scalars())
    for start in range(0, len(ids), _GROUPS_PER_STATEMENT):
        query = select(
            _post.c.group_id, _post.c.occurred_ms, _post.c.sender_key, _post.c.content_key, _post.c.kind
        ).where(
            _post.c.group_id.in_(ids[start : start + _GROUPS_PER_STATEMENT]),
            _post.c.business_day == day,
            _post.c.counts,
            _post.c.is_recalled.is_(False),
            _post.c.provenance == Provenance.COLLECTED.value,
        )
        rows = connection.execute(query.order_by(_post.c.group_id)).all()
        for group_id, posts in groupby(rows, key=lambda row: row.group_id):
            yield (
                group_id,
                [
                    DayPost(row.occurred_ms, row.sender_key, row.content_key, row.kind == PostKind.TEXT.value)
                    for row in posts
                ],
            )


def replace_signals(connection: Connection, day: date, found: Mapping[int, Sequence[Signal]]) -> int:
    """Store the signals of a day instead of those that were there; return how many."""
    connection.execute(delete(_signal).where(_signal.c.business_day == day))
    rows = [
        {
            "group_id": group_id,
            "business_day": day,
            "kind": signal.kind.value,
            "value": round(signal.value, 4),
            "threshold": signal.threshold,
            "figures": dict(signal.figures),
        }
        for group_id, signals in found.items()
        for signal in signals
    ]
    if rows:
        connection.execute(insert(_signal), rows)
    return len(rows)


def load_signals(
    connection: Connection, unit_path: str, first: date, last: date, kind: str, n_most: int, n_skipped: int
) -> list[SignalReading]:
    """Return signals of a subtree, newest days first."""
    query = _scoped(_columns(), unit_path, first, last, kind).order_by(
        _signal.c.business_day.desc(), _group.c.code, _signal.c.kind
    )
    return [SignalReading(*row) for row in connection.execute(query.limit(n_most).offset(n_skipped))]


def count_by_kind(connection: Connection, unit_path: str, first: date, last: date) -> dict[str, int]:
    """Return how many signals of each kind a subtree has."""
    query = _scoped(select(_signal.c.kind, func.count()), unit_path, first, last, "")
    return {row[0]: int(row[1]) for row in connection.execute(query.group_by(_signal.c.kind))}


def load_group_signals(connection: Connection, group_id: int, first: date, last: date) -> list[SignalReading]:
    """Return the signals of one group, newest first."""
    query = (
        _columns()
        .join(_group, _group.c.id == _signal.c.group_id)
        .join(_unit, _unit.c.id == _group.c.unit_id)
        .where(_signal.c.group_id == group_id, _signal.c.business_day.between(first, last))
        .order_by(_signal.c.business_day.desc(), _signal.c.kind)
    )
    return [SignalReading(*row) for row in connection.execute(query)]


def _columns() -> Any:
    return select(
        _signal.c.business_day, _signal.c.kind, _signal.c.value, _signal.c.threshold, _signal.c.figures,
        _group.c.code, _group.c.name, _unit.c.name,
    ).select_from(_signal)  # fmt: skip


def _scoped(query: Any, unit_path: str, first: date, last: date, kind: str) -> Any:
    scoped = (
        query.join(_group, _group.c.id == _signal.c.group_id)
        .join(_unit, _unit.c.id == _group.c.unit_id)
        .where(_signal.c.business_day.between(first, last), joined_in_subtree(unit_path))
    )
    return scoped.where(_signal.c.kind == kind) if kind else scoped

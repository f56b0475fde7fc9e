"""Feedback about the platforms (反馈, GD-5.3) in the store. Functions of a connection."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection as Connection
from sqlalchemy import Row, Select, insert, select, update

from monitor.store.index.work_tables import FeedbackRow
from monitor.store.subtree import joined_in_subtree
from monitor.store.tables import UnitRow, table_of

_feedback = table_of(FeedbackRow)
_unit = table_of(UnitRow)


def insert_feedback(connection: Connection, values: Mapping[str, Any]) -> int:
    """Insert a feedback with the columns of `feedback`; returns its number."""
    row = insert(_feedback).values(dict(values)).returning(_feedback.c.id)
    return int(connection.execute(row).scalar_one())


def find_open_twin(connection: Connection, sent_by: str, text: str) -> int | None:
    """Return the number of the same text by the same person that nobody has answered yet."""
    query = select(_feedback.c.id).where(
        _feedback.c.sent_by == sent_by, _feedback.c.text == text, _feedback.c.answered_at.is_(None)
    )
    return connection.execute(query.limit(1)).scalar()


def load_feedback(connection: Connection, number: int, path: str) -> Row[Any] | None:
    """Return one feedback of a subtree, with the code and name of its unit."""
    return connection.execute(_in_subtree(path).where(_feedback.c.id == number)).one_or_none()


def load_open_feedback(connection: Connection, path: str, limit: int) -> Sequence[Row[Any]]:
    """Return what is not answered yet in a subtree, oldest first."""
    query = _in_subtree(path).where(_feedback.c.answered_at.is_(None))
    return connection.execute(query.order_by(_feedback.c.id).limit(limit)).all()


def load_own_feedback(connection: Connection, sent_by: str, limit: int) -> Sequence[Row[Any]]:
    """Return what a person fed back, newest first."""
    query = _in_subtree("/").where(_feedback.c.sent_by == sent_by)
    return connection.execute(query.order_by(_feedback.c.id.desc()).limit(limit)).all()


def save_answer(connection: Connection, number: int, answer: str, by: str, at: datetime) -> bool:
    """Answer a feedback; False if somebody already has."""
    change = (
        update(_feedback)
        .where(_feedback.c.id == number, _feedback.c.answered_at.is_(None))
        .values(answer=answer, answered_by=by, answered_at=at)
        .returning(_feedback.c.id)
    )
    return connection.execute(change).first() is not None


def _in_subtree(path: str) -> Select[Any]:
    query = select(_feedback, _unit.c.code.label("unit_code"), _unit.c.name.label("unit_name"))
    return query.join(_unit, _unit.c.id == _feedback.c.unit_id).where(joined_in_subtree(path))

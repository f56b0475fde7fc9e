"""Labelled examples (标注样本): texts with the label a person gave them. Functions of a connection."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import Connection as Connection
from sqlalchemy import delete, func, select, tuple_

from monitor.store.learning.tables import LabelledExampleRow
from monitor.store.tables import table_of
from monitor.store.upsert import upserting

_example = table_of(LabelledExampleRow)
ANY_GROUP = 0
"""Group of an example whose label holds wherever the text stands."""


class Question(StrEnum):
    """What a label answers."""

    HARM = "不良信息"
    RELEVANCE = "话题相关"


class NewExample(NamedTuple):
    """A text with a person's label."""

    question: Question
    group_id: int
    text_key: int
    text: str
    label: str
    source: str
    said_by: str
    said_at: datetime


class Example(NamedTuple):
    """A stored example."""

    text_key: int
    text: str
    label: str


def save_example(connection: Connection, example: NewExample) -> bool:
    """Store an example; a later label of the same text replaces the earlier one. True if anything changed."""
    values = example._asdict() | {"question": example.question.value}
    upsert = upserting(connection)(_example).values(values)
    changed = {name: upsert.excluded[name] for name in ("label", "source", "said_by", "said_at")}
    statement = upsert.on_conflict_do_update(
        index_elements=["question", "group_id", "text_key"],
        set_=changed,
        where=_example.c.label != upsert.excluded.label,
    )
    return connection.execute(statement).rowcount > 0


def find_label(connection: Connection, question: Question, group_id: int, text_key: int) -> str:
    """Return the label of a text, "" if it is no example."""
    here = (_example.c.question == question.value, _example.c.group_id == group_id)
    query = select(_example.c.label).where(*here, _example.c.text_key == text_key)
    return connection.execute(query).scalar() or ""


def forget_example(
    connection: Connection, question: Question, group_id: int, text_key: int, source: str
) -> None:
    """Take out an example whose label was taken back by who gave it (撤销)."""
    here = (_example.c.question == question.value, _example.c.group_id == group_id)
    own = (_example.c.text_key == text_key, _example.c.source == source)
    connection.execute(delete(_example).where(*here, *own))


def load_harm_examples(connection: Connection) -> list[Example]:
    """Return the examples of 不良信息 in the order of their keys, the same in every process."""
    columns = (_example.c.text_key, _example.c.text, _example.c.label)
    query = select(*columns).where(_example.c.question == Question.HARM.value)
    return [Example(*row) for row in connection.execute(query.order_by(_example.c.text_key))]


def count_harm_examples(connection: Connection, since: datetime | None) -> int:
    """Return how many examples of 不良信息 were said after an instant, all without one."""
    query = select(func.count()).where(_example.c.question == Question.HARM.value)
    if since is not None:
        query = query.where(_example.c.said_at > since)
    return int(connection.execute(query).scalar_one())


def load_topic_texts(
    connection: Connection, group_ids: Sequence[int], n_most: int
) -> dict[int, list[Example]]:
    """Return the newest texts of each group that people called 有关 or 无关, newest first."""
    rank = func.row_number().over(
        partition_by=_example.c.group_id, order_by=(_example.c.said_at.desc(), _example.c.text_key)
    )
    numbered = (
        select(_example, rank.label("place"))
        .where(_example.c.question == Question.RELEVANCE.value, _example.c.group_id.in_(group_ids))
        .subquery()
    )
    query = select(numbered).where(numbered.c.place <= n_most).order_by(numbered.c.group_id, numbered.c.place)
    found: dict[int, list[Example]] = {}
    for row in connection.execute(query):
        found.setdefault(row.group_id, []).append(Example(row.text_key, row.text, row.label))
    return found


def delete_old_examples(connection: Connection, before: datetime, n_most: int) -> int:
    """Delete examples that people labelled before an instant; return how many."""
    key = (_example.c.question, _example.c.group_id, _example.c.text_key)
    old = connection.execute(select(*key).where(_example.c.said_at < before).limit(n_most)).all()
    if old:
        connection.execute(delete(_example).where(tuple_(*key).in_([tuple(row) for row in old])))
    return len(old)

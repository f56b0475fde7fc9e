"""Tables of what people teach the classifier, and of what it is made of: examples, models, words of units.

The texts of examples are copies, so that a post's text can be emptied on its own day; they carry no sender.
Weights lie in the database: every process of every machine finds the same ones, and a backup holds them.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field

from monitor.store.days.tables import key_column
from monitor.store.tables import Table


class LabelledExampleRow(Table, table=True):
    """A text with the label that a person gave it; the same text is one example.

    `question` says what the label answers: 不良信息 (then `group_id` is 0), or 有关 to a group's topics.
    """

    __tablename__ = "labelled_example"
    __table_args__ = (Index("ix_labelled_example_said_at", "said_at"), {"sqlite_with_rowid": False})

    question: str = Field(primary_key=True)
    group_id: int = Field(primary_key=True)
    text_key: int = Field(sa_column=key_column(primary_key=True))
    text: str
    label: str
    source: str  # "incident:12", "post:7:2026-11-20:5"
    said_by: str
    said_at: datetime


class ModelVersionRow(Table, table=True):
    """A retrained model: what it learned from, how it did on the frozen set, and why it was taken or not."""

    __tablename__ = "model_version"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: int | None = Field(default=None, primary_key=True)
    made_at: datetime
    made_by: str
    weights_version: str
    n_examples: int
    is_better: bool  # not worse than what was in use when it was made
    judgement: str  # why, in words
    card: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    figures: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


class ModelFileRow(Table, table=True):
    """One file of weights of a version; its own header holds its checksum."""

    __tablename__ = "model_file"

    version_id: int = Field(primary_key=True, foreign_key="model_version.id")
    name: str = Field(primary_key=True)
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class ModelChoiceRow(Table, table=True):
    """Which version came into use, append-only; the newest row holds. Version 0 is the shipped one."""

    __tablename__ = "model_choice"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    actor: str
    act: str
    version_id: int
    reason: str


class UnitWordRow(Table, table=True):
    """A word that a unit added for its subtree; an allowed span has no category and severity 0."""

    __tablename__ = "unit_word"
    __table_args__ = (UniqueConstraint("unit_id", "word", "category"),)

    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id")
    word: str
    category: str
    severity: int
    flags: str
    note: str
    is_enabled: bool
    added_by: str
    added_at: datetime


class LexiconChangeRow(Table, table=True):
    """A change to the words of a unit, append-only; its number is the version of all unit words."""

    __tablename__ = "lexicon_change"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    at: datetime
    actor: str
    act: str
    n_words: int
    detail: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


class DaySignalRow(Table, table=True):
    """A sign that the posts of a group's day may be made up (数据可信提示); it changes no count."""

    __tablename__ = "day_signal"
    __table_args__ = (Index("ix_day_signal_business_day", "business_day"), {"sqlite_with_rowid": False})

    group_id: int = Field(primary_key=True)
    business_day: date = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    value: float
    threshold: float
    figures: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))

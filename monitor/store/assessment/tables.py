"""Tables of the assessment (考评): frozen rules, the sheet's facts and entries, evidence, acts.

Points are stored as text, because they are exact decimals. Entries, facts, bases, supplied items and
publications are append-only: the newest row of a key counts, the others are its history. What is taken
back keeps its row with who and when.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, UniqueConstraint
from sqlmodel import Field

from monitor.store.tables import Table


class FrozenRulesRow(Table, table=True):
    """Rulebook, defaults and selection as they stood when sheets were begun; `hash` is of all of it."""

    __tablename__ = "frozen_rules"

    hash: str = Field(primary_key=True)
    rulebook: str
    rulebook_text: str
    defaults_text: str
    selection: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    in_force_on: date


class AssessmentRow(Table, table=True):
    """The sheet (考评表) of one unit, year and rulebook."""

    __tablename__ = "assessment"
    __table_args__ = (UniqueConstraint("year", "unit_id", "rulebook"),)

    id: int | None = Field(default=None, primary_key=True)
    year: int
    unit_id: int = Field(foreign_key="unit.id", index=True)
    rulebook: str
    rules_hash: str = Field(foreign_key="frozen_rules.hash")
    is_reference: bool  # 参照执行 (HN-4.4e)
    state: str
    opened_at: datetime
    opened_by: str
    submitted_at: datetime | None = None
    submitted_by: str = ""
    is_late: bool = False  # handed in after 12-31 (HN-4.2)


class AssessmentFactRow(Table, table=True):
    """A figure of the sheet that is not a judgement: taken from stored facts, or put right by a person.

    `key` names a fact of the rubric's component; `is_note` marks what is only shown beside an item.
    """

    __tablename__ = "assessment_fact"

    id: int | None = Field(default=None, primary_key=True)
    assessment_id: int = Field(foreign_key="assessment.id", index=True)
    item: str
    key: str
    number: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    provenance: str
    text: str  # 中文: what was counted and where
    is_note: bool = False
    taken_at: datetime
    taken_by: str


class AssessmentEntryRow(Table, table=True):
    """One version of an entry: 自评, 考察 or 考评 points of an item; without points it is withdrawn."""

    __tablename__ = "assessment_entry"
    __table_args__ = (UniqueConstraint("assessment_id", "item", "kind", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    assessment_id: int = Field(foreign_key="assessment.id", index=True)
    item: str
    kind: str
    version: int
    points: str | None = None
    reason: str
    author: str
    author_name: str
    at: datetime


class UnitBaseRow(Table, table=True):
    """A base (基数) of a unit and year, with its source."""

    __tablename__ = "unit_base"

    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    year: int
    kind: str
    number: int = Field(sa_column=Column(BigInteger, nullable=False))
    source: str
    entered_by: str
    entered_at: datetime


class SuppliedItemRow(Table, table=True):
    """An item whose text is lost, supplied by 团省委 for a year with a document reference."""

    __tablename__ = "supplied_item"
    __table_args__ = (UniqueConstraint("year", "rulebook", "item", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    year: int
    rulebook: str
    item: str
    version: int
    max_points: str
    reference: str
    entered_by: str
    entered_at: datetime


class ConfirmedReadingRow(Table, table=True):
    """A reading (推定, 残缺 or 默认) that 团省委 has confirmed for a year."""

    __tablename__ = "confirmed_reading"

    year: int = Field(primary_key=True)
    rulebook: str = Field(primary_key=True)
    clause: str = Field(primary_key=True)  # HN-… or D-…
    reference: str
    confirmed_by: str
    confirmed_at: datetime


class EvidenceFileRow(Table, table=True):
    """A stored file of evidence (佐证材料); it lies in the evidence folder under its hash."""

    __tablename__ = "evidence_file"

    sha256: str = Field(primary_key=True)
    media_type: str
    n_bytes: int
    stored_at: datetime


class EvidenceLinkRow(Table, table=True):
    """What a file proves: an item of a sheet, in a slot such as "document", or an act."""

    __tablename__ = "evidence_link"
    __table_args__ = (UniqueConstraint("assessment_id", "item", "slot", "sha256"),)

    id: int | None = Field(default=None, primary_key=True)
    assessment_id: int = Field(foreign_key="assessment.id", index=True)
    item: str
    slot: str
    sha256: str = Field(foreign_key="evidence_file.sha256")
    name: str
    added_by: str
    added_at: datetime
    removed_by: str = ""
    removed_at: datetime | None = None


class MeetingRecordRow(Table, table=True):
    """A meeting (专题会议) of a unit with its record (HN-A1.3: 以记录为准)."""

    __tablename__ = "meeting_record"
    __table_args__ = (UniqueConstraint("unit_id", "held_on", "sha256"),)

    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    held_on: date
    title: str
    sha256: str = Field(foreign_key="evidence_file.sha256")
    registered_by: str
    registered_at: datetime
    voided_by: str = ""
    voided_at: datetime | None = None
    void_reason: str = ""


class DisqualificationRow(Table, table=True):
    """A declared loss of eligibility (取消评优资格, HN-4.4d); the score does not change."""

    __tablename__ = "disqualification"

    id: int | None = Field(default=None, primary_key=True)
    assessment_id: int = Field(foreign_key="assessment.id", index=True)
    ground: str
    reason: str
    declared_by: str
    declared_at: datetime
    revoked_by: str = ""
    revoked_at: datetime | None = None
    revoke_reason: str = ""


class LeadershipDecisionRow(Table, table=True):
    """A decision of the leadership (党组会研究决定, HN-4.4f); stands beside the computed value."""

    __tablename__ = "leadership_decision"

    id: int | None = Field(default=None, primary_key=True)
    assessment_id: int = Field(foreign_key="assessment.id", index=True)
    minutes_no: str
    decided_on: date
    text: str
    grade: str = ""  # 等次 decided on; "" leaves the computed one
    eligibility: str = ""  # 评优资格 decided on; "" leaves the computed one
    recorded_by: str
    recorded_at: datetime


class ObjectionRow(Table, table=True):
    """An objection (申诉) of a unit to its published sheet, and the reply."""

    __tablename__ = "objection"

    id: int | None = Field(default=None, primary_key=True)
    assessment_id: int = Field(foreign_key="assessment.id", index=True)
    item: str = ""  # "" is the whole sheet
    text: str
    filed_by: str
    filed_at: datetime
    due_on: date
    outcome: str = ""
    reply: str = ""
    replied_by: str = ""
    replied_at: datetime | None = None


class ConsequenceTaskRow(Table, table=True):
    """What follows from a final total (HN-4.4c), to be done by people."""

    __tablename__ = "consequence_task"
    __table_args__ = (UniqueConstraint("assessment_id", "word"),)

    id: int | None = Field(default=None, primary_key=True)
    assessment_id: int = Field(foreign_key="assessment.id", index=True)
    word: str
    clause: str
    state: str
    opened_at: datetime
    closed_by: str = ""
    closed_at: datetime | None = None
    note: str = ""


class PublicationRow(Table, table=True):
    """A published result with its whole sheet as it was shown; the newest one counts."""

    __tablename__ = "publication"

    id: int | None = Field(default=None, primary_key=True)
    assessment_id: int = Field(foreign_key="assessment.id", index=True)
    sheet: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    published_by: str
    published_at: datetime
    withdrawn_by: str = ""
    withdrawn_at: datetime | None = None
    withdraw_reason: str = ""

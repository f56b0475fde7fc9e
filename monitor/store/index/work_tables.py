"""Tables of contacts and feedback (GD-5.3) and of a unit's own assessment of its children (HN-2.2.3)."""

from datetime import date, datetime

from sqlmodel import Field

from monitor.store.tables import Table


class SchoolContactRow(Table, table=True):
    """A term of a school's 负责人 or 联络人 (GD-5.3); the one without an end is in office."""

    __tablename__ = "school_contact"

    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    duty: str  # 负责人 联络人
    name: str
    phone: str
    since: date
    until: date | None = None  # inclusive
    recorded_at: datetime
    recorded_by: str


class FeedbackRow(Table, table=True):
    """A problem of the platforms that somebody fed back (反馈, GD-5.3), and the answer to it."""

    __tablename__ = "feedback"

    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    text: str
    sent_at: datetime
    sent_by: str
    recipient: str  # whom the answer goes to, as the outbox names people
    answer: str = ""
    answered_at: datetime | None = None
    answered_by: str = ""


class LowerAssessmentRow(Table, table=True):
    """A unit's own assessment of its lower level in a year (HN-2.2.3), by a file that stays with the unit."""

    __tablename__ = "lower_assessment"

    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    year: int
    title: str
    document: str  # where the scheme can be found: 文号, 标题 or file
    rulebook: str  # copied rubric, empty if the unit made its own
    rules_hash: str
    recorded_at: datetime
    recorded_by: str
    voided_at: datetime | None = None
    voided_by: str = ""
    voided_for: str = ""


class LowerResultRow(Table, table=True):
    """What a child unit got in such an assessment."""

    __tablename__ = "lower_result"

    assessment_id: int = Field(primary_key=True, foreign_key="lower_assessment.id")
    unit_id: int = Field(primary_key=True, foreign_key="unit.id")
    points: str  # exact decimal text
    grade: str
    note: str
    recorded_at: datetime
    recorded_by: str

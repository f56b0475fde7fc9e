"""Tables of the weekly reports (微信周报, HN-4.1a): calls, reports, changed figures, submitted versions."""

from datetime import date, datetime

from sqlalchemy import JSON, Column, UniqueConstraint
from sqlmodel import Field

from monitor.store.tables import Table


class WeeklyCallRow(Table, table=True):
    """That units were asked for the reports of a week; before the first call nothing is missing."""

    __tablename__ = "weekly_call"

    first_day: date = Field(primary_key=True)
    due_at: datetime
    called_at: datetime


class WeeklyReportRow(Table, table=True):
    """A unit's report of a week, once anybody has touched it; what changes it locks this row."""

    __tablename__ = "weekly_report"
    __table_args__ = (UniqueConstraint("unit_id", "first_day"),)

    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id")
    first_day: date = Field(index=True)


class WeeklyChangeRow(Table, table=True):
    """A figure that a person put in place of the ledger's; the latest that is not voided counts."""

    __tablename__ = "weekly_change"

    id: int | None = Field(default=None, primary_key=True)
    report_id: int = Field(foreign_key="weekly_report.id", index=True)
    figure: str
    number: int
    reason: str = ""
    changed_at: datetime
    changed_by: str
    changed_by_name: str
    voided_at: datetime | None = None


class WeeklyVersionRow(Table, table=True):
    """What was submitted: every figure with what the ledger said, and the reasons of changes."""

    __tablename__ = "weekly_version"
    __table_args__ = (UniqueConstraint("report_id", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    report_id: int = Field(foreign_key="weekly_report.id")
    version: int
    figures: dict[str, int] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    ledger: dict[str, int] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    reasons: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    submitted_at: datetime
    submitted_by: str
    submitted_by_name: str
    voided_at: datetime | None = None

"""Tables of oversight (督导): reminder policies, leaves, working days, registers, links, silences, reruns.

Chat identities are named by number without a foreign key: a person may unbind, the record stays.
"""

from datetime import date, datetime

from sqlalchemy import JSON, Column
from sqlmodel import Field

from monitor.store.tables import Table


class ReminderPolicyRow(Table, table=True):
    """A reminder policy (提醒策略) that differs from the default; `job` names the duty's job."""

    __tablename__ = "reminder_policy"

    job: str = Field(primary_key=True)
    is_on: bool
    times: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))  # "12:00"
    month_days: list[int] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    escalates: bool  # the last time of the day tells the parent as well
    quiet_begins: str
    quiet_ends: str
    changed_at: datetime
    changed_by: str


class LeaveRow(Table, table=True):
    """A leave (休假) with its deputy (代管人): reminders of these days go to the deputy."""

    __tablename__ = "leave_term"

    id: int | None = Field(default=None, primary_key=True)
    identity_id: int = Field(index=True)
    name: str
    deputy_id: int = Field(index=True)
    deputy_name: str
    unit_id: int = Field(foreign_key="unit.id", index=True)
    first_day: date
    last_day: date  # inclusive
    recorded_at: datetime
    recorded_by: str
    ended_at: datetime | None = None  # given up before its last day
    ended_by: str = ""


class WorkdayExceptionRow(Table, table=True):
    """A day that works or rests against the table of holidays (节假日表)."""

    __tablename__ = "workday_exception"

    day: date = Field(primary_key=True)
    is_workday: bool
    note: str
    imported_at: datetime
    imported_by: str


class RegisterEntryRow(Table, table=True):
    """An entry of the registers 通报, 约谈, 调整要求 (HN-2.1.2, HN-2.1.4); never deleted."""

    __tablename__ = "register_entry"

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    state: str
    unit_id: int = Field(foreign_key="unit.id", index=True)
    person: str  # 约谈: who is talked to; 调整要求: which manager
    reason: str
    held_on: date | None = None  # 通报, 约谈
    due_on: date | None = None  # 调整要求
    basis: str = ""  # where the reason comes from: a person, or a suggestion by D-02
    reply: str = ""
    replied_at: datetime | None = None
    replied_by: str = ""
    outcome: str = ""
    closed_at: datetime | None = None
    closed_by: str = ""
    recorded_at: datetime
    recorded_by: str
    recorded_by_name: str


class BriefLinkRow(Table, table=True):
    """A link to the brief (简报); only the hash of its token is stored."""

    __tablename__ = "brief_link"

    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(unique=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    made_at: datetime
    made_by: str
    expires_at: datetime
    revoked_at: datetime | None = None
    revoked_by: str = ""


class PushSilenceRow(Table, table=True):
    """A time in which only urgent messages go out (静默), set by an operator."""

    __tablename__ = "push_silence"

    id: int | None = Field(default=None, primary_key=True)
    begins_at: datetime
    ends_at: datetime = Field(index=True)
    set_by: str


class UrgeRow(Table, table=True):
    """One 催办 of a unit; its messages have keys that begin with `urge:<id>:`."""

    __tablename__ = "urge"

    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    group_id: int | None = Field(default=None, foreign_key="wechat_group.id")
    matter: str
    business_day: date = Field(index=True)
    n_recipients: int
    made_at: datetime
    made_by: str


class RerunRow(Table, table=True):
    """A job that an operator wants to run again (重跑)."""

    __tablename__ = "rerun"

    id: int | None = Field(default=None, primary_key=True)
    job: str
    business_day: date
    reason: str
    recipient: str  # who is told
    asked_at: datetime
    asked_by: str
    done_at: datetime | None = Field(default=None, index=True)
    outcome: str = ""

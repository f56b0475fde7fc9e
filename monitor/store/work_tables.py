"""Tables of the machinery: alerts, outbox, job slots, audit, kept input, tokens."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, LargeBinary
from sqlalchemy import text as sql_text
from sqlmodel import Field

from monitor.store.tables import Table


class AlertRow(Table, table=True):
    """An alert (预警): a finding about a unit or group. `alert_key` makes raising it idempotent."""

    __tablename__ = "alert"
    __table_args__ = (
        Index(
            "ix_alert_open",
            "business_day",
            sqlite_where=sql_text("resolved_at IS NULL"),
            postgresql_where=sql_text("resolved_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    alert_key: str = Field(unique=True)
    kind: str
    level: int  # 1 is the most urgent
    unit_id: int = Field(foreign_key="unit.id", index=True)
    group_id: int | None = Field(default=None, foreign_key="wechat_group.id", index=True)
    business_day: date
    title: str
    text: str
    created_at: datetime
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""
    resolved_at: datetime | None = None


class OutboxRow(Table, table=True):
    """One message to one person or robot, to be delivered (see `monitor.delivery.outbox`)."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_state_run_at", "state", "run_at"),
        Index("ix_outbox_created_at_state", "created_at", "state"),
    )

    id: int | None = Field(default=None, primary_key=True)
    idempotency_key: str = Field(unique=True)
    kind: str
    priority: int  # 1 first
    recipient: str  # "identity:7" or "robot:inspectors"
    title: str
    text: str
    url: str = ""
    alert_id: int | None = Field(default=None, foreign_key="alert.id", index=True)
    state: str
    channel: str = ""  # the one tried last
    exhausted: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    run_at: datetime
    lease_until: datetime | None = None
    lease_token: str = ""
    attempts: int = 0
    last_error: str = ""
    created_at: datetime
    done_at: datetime | None = None
    sent_at: datetime | None = Field(default=None, index=True)


class JobSlotRow(Table, table=True):
    """A slot of a job that has run; written in the transaction of its effect."""

    __tablename__ = "job_slot"

    job: str = Field(primary_key=True)
    slot: datetime = Field(primary_key=True)
    ran_at: datetime
    outcome: str
    duration_ms: int


class AuditRow(Table, table=True):
    """Who did what to what, append-only."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_action_actor_at", "action", "actor", "at"),)

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(index=True)
    actor: str
    action: str
    subject: str
    detail: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


class KeptInputRow(Table, table=True):
    """Input that failed on our side (编号 E-…), kept so that it can be replayed."""

    __tablename__ = "kept_input"

    id: str = Field(primary_key=True)
    received_at: datetime = Field(index=True)
    source: str
    error: str
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class ErrorEventRow(Table, table=True):
    """A failure on our side (编号 E-…) that people may ask about; the log has the whole of it.

    `error` names classes only: what a message says may hold what people wrote.
    """

    __tablename__ = "error_event"

    id: str = Field(primary_key=True)
    place: str
    error: str
    n_times: int
    first_at: datetime
    last_at: datetime = Field(index=True)


class AccessTokenRow(Table, table=True):
    """The access token of an account, shared by all processes."""

    __tablename__ = "access_token"

    account: str = Field(primary_key=True)
    token: str
    expires_at: datetime
    forced_at: datetime | None = None

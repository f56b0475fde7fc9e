"""Tables of the ledger (台账): changes with what was before and after, and reconciliations (核查).

A change is written once and keeps its row when it is decided, returned or taken back. Paths of moved
units stand in `before` and `after`, so that a day is always added up along the tree of that day.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field

from monitor.store.tables import Table


class LedgerChangeRow(Table, table=True):
    """One change of the register of units, groups, topics and posts, or one asked for (申请)."""

    __tablename__ = "ledger_change"
    __table_args__ = (
        Index("ix_ledger_change_state", "state"),
        Index("ix_ledger_change_effective_on", "effective_on"),
    )

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    state: str
    unit_id: int = Field(foreign_key="unit.id", index=True)
    group_id: int | None = Field(default=None, foreign_key="wechat_group.id", index=True)
    code: str  # of the group or unit
    name: str
    before: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    after: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    reason: str = ""
    effective_on: date
    asked_at: datetime
    asked_by: str
    asked_by_name: str
    decided_at: datetime | None = None
    decided_by: str = ""
    decided_by_name: str = ""
    note: str = ""


class ReconciliationRow(Table, table=True):
    """A reconciliation (核查) of the whole ledger against what was observed up to a day."""

    __tablename__ = "reconciliation"

    id: int | None = Field(default=None, primary_key=True)
    made_at: datetime = Field(index=True)
    first_day: date
    last_day: date
    n_groups: int
    n_accounts: int
    n_units: int
    made_by: str


class ReconciliationFindingRow(Table, table=True):
    """One difference that a reconciliation found; `unit_id` is where it belongs, the root if unknown."""

    __tablename__ = "reconciliation_finding"

    id: int | None = Field(default=None, primary_key=True)
    reconciliation_id: int = Field(foreign_key="reconciliation.id", index=True)
    kind: str
    unit_id: int = Field(foreign_key="unit.id", index=True)
    group_id: int | None = Field(default=None, foreign_key="wechat_group.id")
    label: str
    text: str

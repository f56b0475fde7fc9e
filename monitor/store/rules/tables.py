"""Table of the organisation's rule settings: one row per change, never altered."""

from datetime import date, datetime

from sqlalchemy import Index
from sqlmodel import Field

from monitor.store.tables import Table


class RuleChangeRow(Table, table=True):
    """A change of the rule settings (细则设置): see `monitor.rules.settings.RuleChange`."""

    __tablename__ = "rule_change"
    __table_args__ = (Index("ix_rule_change_subject", "kind", "subject"),)

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    subject: str
    value: str
    reason: str
    reference: str
    actor: str
    actor_name: str
    at: datetime
    effective_from: date

"""Table of the self-reports (自报) of group managers; the screenshots are rows of `chat_picture`."""

from datetime import date, datetime

from sqlalchemy import Index
from sqlmodel import Field

from monitor.store.tables import Table


class SelfReportRow(Table, table=True):
    """What a group manager reported of a day; at most one of a day counts, the others are history.

    `id` is the number of the audit entry that made it, so that one number serves 核实 and 撤销.
    """

    __tablename__ = "self_report"
    __table_args__ = (
        Index("ix_self_report_group_id_business_day", "group_id", "business_day"),
        Index("ix_self_report_state_id", "state", "id"),
    )

    id: int = Field(primary_key=True)
    group_id: int = Field(foreign_key="wechat_group.id")
    business_day: date
    n_posts: int
    n_relevant: int
    state: str
    needs_approval: bool  # came too late to count before somebody above has agreed
    reported_at: datetime
    reported_by: str
    reported_by_name: str
    decided_at: datetime | None = None
    decided_by: str = ""
    decided_by_name: str = ""
    reason: str = ""
    replaced_by: int | None = Field(default=None, index=True)
    state_before: str = ""  # before it was replaced

"""Tables of spot checks (抽查): running numbers, draws, checks, objections, phone checks, site visits.

Nothing here is ever deleted or renumbered: what is void (作废) is marked.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field

from monitor.store.tables import Table


class SpotNumberRow(Table, table=True):
    """The last running number of a kind and year."""

    __tablename__ = "spot_number"

    prefix: str = Field(primary_key=True)
    year: int = Field(primary_key=True)
    last: int


class SpotDrawRow(Table, table=True):
    """A draw (批次) with everything that repeats it. `frame` holds [code, pool, stratum], sorted."""

    __tablename__ = "spot_draw"

    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(unique=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    method: str
    seed: str
    frame: list[Any] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    n_frame: int = Field(sa_column_kwargs={"server_default": "0"})  # so that lists need not read the frame
    quotas: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    n_resting: int
    asked: str  # what was asked for, to recognise a double submission
    actor: str
    actor_name: str
    at: datetime


class SpotDrawGroupRow(Table, table=True):
    """A group that was drawn, in the order of the draw."""

    __tablename__ = "spot_draw_group"

    draw_id: int = Field(primary_key=True, foreign_key="spot_draw.id")
    place: int = Field(primary_key=True)
    group_id: int = Field(foreign_key="wechat_group.id", index=True)
    code: str
    pool: str


class SpotCheckRow(Table, table=True):
    """A spot check as filed. `n_later` are the day's posts after it, known when the day is closed."""

    __tablename__ = "spot_check"
    __table_args__ = (
        Index("ix_spot_check_year_city_id", "year", "city_id"),
        Index("ix_spot_check_group_id_business_day", "group_id", "business_day"),
        Index("ix_spot_check_business_day", "business_day"),
    )

    id: int | None = Field(default=None, primary_key=True)
    filing_no: str = Field(unique=True)
    year: int
    unit_id: int = Field(foreign_key="unit.id", index=True)
    city_id: int = Field(foreign_key="unit.id")
    group_id: int = Field(foreign_key="wechat_group.id")
    business_day: date
    n_posts: int
    n_system: int | None = None  # what the system had counted at that moment
    n_later: int | None = None
    n_later_relevant: int | None = None
    note: str = ""
    draw_id: int | None = Field(default=None, foreign_key="spot_draw.id", index=True)
    actor: str
    actor_name: str
    at: datetime  # its place in the order of checks: within its day
    filed_at: datetime
    voided_at: datetime | None = None
    voided_by: str = ""
    void_reason: str = ""


class SpotObjectionRow(Table, table=True):
    """An objection (申诉) to a spot check and its answer."""

    __tablename__ = "spot_objection"

    id: int | None = Field(default=None, primary_key=True)
    spot_check_id: int = Field(foreign_key="spot_check.id", index=True)
    actor: str
    actor_name: str
    reason: str
    at: datetime
    due_on: date
    answered_at: datetime | None = None
    answered_by: str = ""
    answer: str = ""
    is_upheld: bool | None = None


class PhoneCheckRow(Table, table=True):
    """A phone check (电话检查, HN-4.1b). Of the person called only role and masked name are kept."""

    __tablename__ = "phone_check"

    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(unique=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    whom_role: str
    whom_name: str
    finding: str
    actor: str
    actor_name: str
    at: datetime
    voided_at: datetime | None = None


class SiteVisitRow(Table, table=True):
    """A site visit (现场督导, HN-4.1f): planned, then with findings. It adds no points."""

    __tablename__ = "site_visit"

    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(unique=True)
    year: int = Field(index=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    visitor_unit_id: int | None = Field(default=None, foreign_key="unit.id", index=True)
    team: str
    planned_on: date
    visited_on: date | None = None
    findings: str = ""
    actor: str
    actor_name: str
    at: datetime

"""Tables of incidents (不良信息事件): one text, its places, the posts that carried it, and its history.

One text is one incident however many groups it appears in; each place goes through the states by itself,
because each unit answers for its own groups only. The text is copied here, so that a post's text can be
emptied on its own day while the evidence is kept until a year after the closing.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, UniqueConstraint
from sqlmodel import Field

from monitor.store.days.tables import key_column
from monitor.store.tables import Table


class IncidentRow(Table, table=True):
    """An incident. `open_key` is the key of its text while it is open: a second one cannot be opened."""

    __tablename__ = "incident"
    __table_args__ = (Index("ix_incident_settled_at", "settled_at"), {"sqlite_autoincrement": True})

    id: int | None = Field(default=None, primary_key=True)
    merge_key: int = Field(sa_column=Column(BigInteger, nullable=False, index=True))
    open_key: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True, unique=True))
    origin: str
    state: str  # the least advanced of its places
    text: str
    categories: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    hits: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    reasons: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    harm: float | None = None
    found_at: datetime
    settled_at: datetime | None = None


class IncidentPlaceRow(Table, table=True):
    """Where an incident was found: a group, or a unit when a report names no group."""

    __tablename__ = "incident_place"
    __table_args__ = (UniqueConstraint("incident_id", "place_key"), Index("ix_incident_place_state", "state"))

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id")
    place_key: str  # "g7" a group, "u3" a unit
    group_id: int | None = Field(default=None, foreign_key="wechat_group.id", index=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    state: str
    sender: str  # masked
    n_posts: int
    found_at: datetime
    reported_by: str = ""  # who reported it here: "chat:7"
    told_at: datetime | None = Field(default=None, index=True)
    acknowledged_at: datetime | None = None
    confirmed_at: datetime | None = None
    disposed_at: datetime | None = None
    guided_at: datetime | None = None
    settled_at: datetime | None = None
    action: str = ""
    holder: str = ""  # who was put in charge: "identity:7"
    n_targets_missed: int = 0


class IncidentPostRow(Table, table=True):
    """A post that carries the text of an incident; `is_excluded` when a finding took it out of the count."""

    __tablename__ = "incident_post"
    __table_args__ = ({"sqlite_with_rowid": False},)

    group_id: int = Field(primary_key=True)
    business_day: date = Field(primary_key=True)
    event_key: int = Field(sa_column=key_column(primary_key=True))
    place_id: int = Field(foreign_key="incident_place.id", index=True)
    is_excluded: bool = False


class IncidentEventRow(Table, table=True):
    """One entry of an incident's history, append-only. `place_ids` are the places that it concerns."""

    __tablename__ = "incident_event"

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    at: datetime
    actor: str
    actor_name: str
    act: str
    note: str
    place_ids: list[int] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    detail: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


class IncidentTargetRow(Table, table=True):
    """Time targets (D-03) that a unit set for its subtree, in minutes from the finding."""

    __tablename__ = "incident_target"

    unit_id: int = Field(primary_key=True, foreign_key="unit.id")
    acknowledge_minutes: int
    dispose_minutes: int
    follow_up_minutes: int
    set_at: datetime
    set_by: str

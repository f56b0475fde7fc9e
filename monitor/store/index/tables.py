"""Tables of the Guangdong assessment: facts with history, declarations, runs with results, videos."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, UniqueConstraint
from sqlmodel import Field

from monitor.store.tables import Table


class IndexFactRow(Table, table=True):
    """A fact (考核数据) about a school: see `monitor.index.facts.Fact` for the key."""

    __tablename__ = "index_fact"
    __table_args__ = (Index("ix_index_fact_kind_day", "kind", "day"), {"sqlite_with_rowid": False})

    kind: str = Field(primary_key=True)
    unit_id: int = Field(primary_key=True, foreign_key="unit.id")
    subject: str = Field(primary_key=True)
    item: str = Field(primary_key=True)
    day: date
    content: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    seen_at: datetime  # the latest import that contained it, changed or not


class IndexFactChangeRow(Table, table=True):
    """What a later import replaced: nothing is overwritten without a trace."""

    __tablename__ = "index_fact_change"
    __table_args__ = (Index("ix_index_fact_change_key", "kind", "unit_id", "subject", "item"),)

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    unit_id: int = Field(foreign_key="unit.id")
    subject: str
    item: str
    before_day: date
    before: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    after: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    at: datetime
    actor: str


class IndexDeclarationRow(Table, table=True):
    """What a person declared about a school: 重大舆情事故 (GD-3.3e) or 造假 (GD-3.1o)."""

    __tablename__ = "index_declaration"

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    unit_id: int = Field(foreign_key="unit.id", index=True)
    period: str  # 2019-03 or 2019
    reason: str
    evidence: str
    decision: str
    bars_from_good: bool
    declared_at: datetime
    declared_by: str
    withdrawn_at: datetime | None = None
    withdrawn_by: str = ""
    withdrawn_for: str = ""


class IndexRunRow(Table, table=True):
    """A run (考核运行) of one kind over one period, with the rules it was made by."""

    __tablename__ = "index_run"
    __table_args__ = (UniqueConstraint("kind", "first_day"),)

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    first_day: date
    last_day: date
    label: str
    computed_at: datetime
    facts_stamp: str  # tells whether facts or declarations changed since
    frozen: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    published_at: datetime | None = None
    published_by: str = ""


class IndexResultRow(Table, table=True):
    """A school, a city's schools together, or an account in a run."""

    __tablename__ = "index_result"

    run_id: int = Field(primary_key=True, foreign_key="index_run.id")
    unit_id: int = Field(primary_key=True, foreign_key="unit.id")
    account: str = Field(primary_key=True)  # empty for a school's sheet
    scope: str  # 省属高校 非省属高校 地市汇总 公众号
    state: str
    value: str | None = None  # total or WCI; exact decimal text
    rank: int | None = None
    movement: int | None = None
    is_barred: bool = False
    detail: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


class VideoSubmissionRow(Table, table=True):
    """A video a school handed in (投稿), with the judgement on it (GD-3.3a-b)."""

    __tablename__ = "video_submission"
    __table_args__ = (UniqueConstraint("unit_id", "month", "sha256"),)

    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    month: str
    sent_at: datetime
    sent_by: str
    title: str
    seconds: str  # exact decimal text
    width: int
    height: int
    sha256: str = Field(index=True)
    is_published_before: bool
    taboos: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    state: str
    is_on_time: bool
    clause: str
    result_status: str
    reason: str


class VideoCounterRow(Table, table=True):
    """What a platform showed of a video on a day of its 7-day cycle (GD-3.3a), as totals up to that day."""

    __tablename__ = "video_counter"

    video_id: int = Field(primary_key=True, foreign_key="video_submission.id")
    day: date = Field(primary_key=True)
    n_plays: int | None = None  # None: not given, which is not 0
    n_likes: int | None = None
    n_adopted: int | None = None
    source: str
    recorded_at: datetime
    recorded_by: str

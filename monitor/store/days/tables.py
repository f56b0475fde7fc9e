"""Tables of posts, articles, counts and grades: the ones that grow.

The post table is lean on purpose (see bench/): integer keys, the group leading every key, epoch
milliseconds instead of timestamps, no surrogate id. Its primary key clusters a group's day together,
and lets the table be partitioned by month or sharded by group without another schema.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, text
from sqlmodel import Field

from monitor.store.tables import Table


def key_column(*, primary_key: bool = False, nullable: bool = False) -> Column[int]:
    """Return a column for a 64-bit `stable_key`."""
    return Column(BigInteger, primary_key=primary_key, nullable=nullable, autoincrement=False)


class PostRow(Table, table=True):
    """A post (发布信息) of a registered group.

    `counts` is false for what D-07 leaves out (our own bot's replies). `text` and `sender_name` are
    emptied when the retention time is over; keys and counts stay.
    """

    __tablename__ = "post"
    __table_args__ = ({"sqlite_with_rowid": False},)

    group_id: int = Field(primary_key=True)
    business_day: date = Field(primary_key=True)
    event_key: int = Field(sa_column=key_column(primary_key=True))
    message_key: int = Field(sa_column=key_column())
    provenance: str
    kind: str
    occurred_ms: int = Field(sa_column=Column(BigInteger, nullable=False))
    received_ms: int = Field(sa_column=Column(BigInteger, nullable=False))
    sender_key: int = Field(sa_column=key_column())
    sender_name: str
    text: str
    content_key: int = Field(sa_column=key_column())
    counts: bool
    is_relevant: bool
    reason: str
    is_recalled: bool = False


class PostVerdictRow(Table, table=True):
    """Why the classifier suspects a post; ordinary posts have none.

    `harm` is a probability in thousandths, `hits` a list of [word, start, end, category, severity] with
    places in the text as it came, `model_version` that of the weights, empty if words alone decided.
    """

    __tablename__ = "post_verdict"
    __table_args__ = (Index("ix_post_verdict_business_day", "business_day"), {"sqlite_with_rowid": False})

    group_id: int = Field(primary_key=True)
    business_day: date = Field(primary_key=True)
    event_key: int = Field(sa_column=key_column(primary_key=True))
    is_harmful: bool
    needs_review: bool
    harm_permille: int
    categories: list[str] = Field(sa_column=Column(JSON, nullable=False))
    hits: list[Any] = Field(sa_column=Column(JSON, nullable=False))
    reasons: list[str] = Field(sa_column=Column(JSON, nullable=False))
    model_version: str


class RelevanceOverrideRow(Table, table=True):
    """What a person said about the relevance of a post (有关 / 无关); it beats the machine.

    The machine's own answer is kept beside it, for the statistics of errors and as a labelled example.
    """

    __tablename__ = "relevance_override"
    __table_args__ = ({"sqlite_with_rowid": False},)

    group_id: int = Field(primary_key=True)
    business_day: date = Field(primary_key=True)
    event_key: int = Field(sa_column=key_column(primary_key=True))
    is_relevant: bool
    said_by: str
    said_at: datetime
    machine_relevant: bool
    machine_reason: str


class PendingRecallRow(Table, table=True):
    """A recall (撤回) that arrived before the post it takes back."""

    __tablename__ = "pending_recall"

    group_id: int = Field(primary_key=True)
    message_key: int = Field(sa_column=key_column(primary_key=True))
    received_ms: int = Field(sa_column=Column(BigInteger, nullable=False))


class DayCountRow(Table, table=True):
    """What one kind of source counted in a group on a day. A row with 0 posts is data; no row is not."""

    __tablename__ = "day_count"
    __table_args__ = (Index("ix_day_count_business_day", "business_day"), {"sqlite_with_rowid": False})

    group_id: int = Field(primary_key=True)
    business_day: date = Field(primary_key=True)
    provenance: str = Field(primary_key=True)
    n_posts: int
    n_relevant: int
    last_ms: int = Field(sa_column=Column(BigInteger, nullable=False))


class DayGradeRow(Table, table=True):
    """The closed verdict on a group's day, with its reasons."""

    __tablename__ = "day_grade"
    __table_args__ = (
        Index("ix_day_grade_business_day", "business_day"),
        Index(
            "ix_day_grade_late",
            "business_day",
            sqlite_where=text("has_late_posts = 1"),
            postgresql_where=text("has_late_posts"),
        ),
        {"sqlite_with_rowid": False},
    )

    group_id: int = Field(primary_key=True)
    business_day: date = Field(primary_key=True)
    n_posts: int | None = None
    n_relevant: int | None = None
    n_members: int | None = None
    n_repeats: int = 0
    activity: str | None = None
    duty: str
    status: str
    clause: str
    activity_reason: str
    duty_reason: str
    has_late_posts: bool = False  # set by a late event; the day is then closed again


class ArticleRow(Table, table=True):
    """An article (图文) that an official account published."""

    __tablename__ = "article"

    account_id: int = Field(primary_key=True)
    event_key: int = Field(sa_column=key_column(primary_key=True))
    business_day: date = Field(index=True)
    occurred_at: datetime
    url: str
    status: str  # the platform's own word
    is_qualifying: bool
    fields: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


class AccountDayRow(Table, table=True):
    """What an official account published on a day, and whether its duty (HN-2.1.3a) was met.

    Written by a finish event, or by the close of day when the account's callback is known to work.
    """

    __tablename__ = "account_day"

    account_id: int = Field(primary_key=True)
    business_day: date = Field(primary_key=True)
    n_articles: int
    n_events: int  # callbacks of any kind that day: the proof that 0 articles is data


class CollectedDayRow(Table, table=True):
    """The posts that collectors brought of a closed day (采集), all groups together."""

    __tablename__ = "collected_day"

    business_day: date = Field(primary_key=True)
    n_posts: int


class UnitDayRow(Table, table=True):
    """Tally of a unit's whole subtree on a day; rolled up when the day closes."""

    __tablename__ = "unit_day"
    __table_args__ = (Index("ix_unit_day_business_day", "business_day"), {"sqlite_with_rowid": False})

    unit_id: int = Field(primary_key=True)
    business_day: date = Field(primary_key=True)
    n_groups: int
    n_met: int
    n_not_met: int
    n_no_topic: int
    n_no_data: int
    n_excellent: int
    n_good: int
    n_fair: int
    n_poor: int
    n_posts: int
    n_relevant: int

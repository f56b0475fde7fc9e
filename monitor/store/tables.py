"""Tables of the directory and of people: units, groups, accounts, identities, topics, console.

Times are aware UTC (`UTCDateTime` of SQLModel). Codes and names are what people see; integer ids are
what rows point at. The busy tables of posts and counts are in `post_tables`, the machinery of alerts
and jobs in `work_tables`.
"""

from datetime import date, datetime

import sqlalchemy
from sqlalchemy import JSON, BigInteger, Column, Index, MetaData, String, UniqueConstraint
from sqlmodel import Field, SQLModel

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Table(SQLModel):
    """Base of all tables; named constraints, so that SQLite can alter them later."""

    metadata = MetaData(naming_convention=NAMING)


def table_of(row: type[Table]) -> sqlalchemy.Table:
    """Return the Core table of a row class, for statements without the ORM."""
    return row.__table__  # type: ignore[attr-defined,no-any-return]


def path_column() -> Column[str]:
    """Return the column of a materialised path, compared byte by byte on every database."""
    bytewise = String().with_variant(String(collation="C"), "postgresql")
    return Column("path", bytewise, nullable=False, unique=True)


class UnitRow(Table, table=True):
    """A unit (单位): node of the tree with its materialised path."""

    __tablename__ = "unit"

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    name: str = Field(index=True)
    kind: str
    parent_id: int | None = Field(default=None, foreign_key="unit.id", index=True)
    path: str = Field(sa_column=path_column())
    pinyin: str = ""  # initials of the name, for search
    is_active: bool = True


class OfficialAccountRow(Table, table=True):
    """An official account (公众号). `key` names it in the configuration and in its callback address."""

    __tablename__ = "official_account"

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    original_id: str = Field(unique=True)
    name: str
    unit_id: int = Field(foreign_key="unit.id", index=True)
    is_active: bool = True


class GroupRow(Table, table=True):
    """A registered WeChat group (微信群)."""

    __tablename__ = "wechat_group"

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    name: str
    unit_id: int = Field(foreign_key="unit.id", index=True)
    member_count: int = 0
    opened_on: date
    closed_on: date | None = None


class GroupSourceRow(Table, table=True):
    """How a source calls a group: the way from a wire id to our group."""

    __tablename__ = "group_source"

    source: str = Field(primary_key=True)
    external_id: str = Field(primary_key=True)
    group_id: int = Field(foreign_key="wechat_group.id", index=True)


class UnregisteredGroupRow(Table, table=True):
    """A group that a source reported and nobody registered (未登记的群): no text, only that it exists."""

    __tablename__ = "unregistered_group"

    source: str = Field(primary_key=True)
    external_id: str = Field(primary_key=True)
    first_seen_at: datetime
    last_seen_at: datetime
    n_events: int


class TopicRow(Table, table=True):
    """A topic (微话题) of a group."""

    __tablename__ = "topic"

    id: int | None = Field(default=None, primary_key=True)
    group_id: int = Field(foreign_key="wechat_group.id", index=True)
    title: str
    keywords: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    opened_on: date
    closed_on: date | None = None


class GroupManagerRow(Table, table=True):
    """A term of a group manager (群管理员)."""

    __tablename__ = "group_manager"

    id: int | None = Field(default=None, primary_key=True)
    group_id: int = Field(foreign_key="wechat_group.id", index=True)
    name: str
    identity_id: int | None = Field(default=None, foreign_key="chat_identity.id", index=True)
    since: date
    until: date | None = None


class DesignatedOfficerRow(Table, table=True):
    """A term of a unit's designated officer (专责人员, HN-2.2.2a)."""

    __tablename__ = "designated_officer"

    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    name: str
    identity_id: int | None = Field(default=None, foreign_key="chat_identity.id")
    since: date
    until: date | None = None


class InvitationRow(Table, table=True):
    """An invitation code (邀请码); only its hash is stored."""

    __tablename__ = "invitation"

    code_hash: str = Field(primary_key=True)
    role: str
    unit_id: int = Field(foreign_key="unit.id")
    group_id: int | None = Field(default=None, foreign_key="wechat_group.id")
    display_name: str = ""
    is_reusable: bool = False
    expires_at: datetime | None = None
    used_at: datetime | None = None


class ChatIdentityRow(Table, table=True):
    """A person bound to a role: who may ask and be alerted, by which chat address.

    `account` is the key of the official account or WeCom app, `address` the openid or user id there.
    """

    __tablename__ = "chat_identity"
    # An id is never given again: waiting messages and the audit name people by it.
    __table_args__ = (UniqueConstraint("account", "address"), {"sqlite_autoincrement": True})

    id: int | None = Field(default=None, primary_key=True)
    account: str
    address: str
    role: str
    unit_id: int = Field(foreign_key="unit.id", index=True)
    group_id: int | None = Field(default=None, foreign_key="wechat_group.id", index=True)
    display_name: str = ""
    bound_at: datetime
    last_chat_at: datetime | None = None  # opens the 48 h window of 客服消息


class ChatMessageRow(Table, table=True):
    """A private message and the answer it got: a retry of the same MsgId gets the same reply."""

    __tablename__ = "chat_message"
    __table_args__ = (Index("ix_chat_message_received_at", "received_at"),)

    account: str = Field(primary_key=True)
    event_key: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    address: str
    received_at: datetime
    text: str
    reply: str


class ChatMenuRow(Table, table=True):
    """The numbered choices last offered to a person; answered by a number within 5 minutes."""

    __tablename__ = "chat_menu"

    account: str = Field(primary_key=True)
    address: str = Field(primary_key=True)
    commands: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    expires_at: datetime


class ConsoleUserRow(Table, table=True):
    """A user of the console."""

    __tablename__ = "console_user"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    password_hash: str
    role: str
    unit_id: int = Field(foreign_key="unit.id")
    display_name: str = ""
    n_failures: int = 0
    locked_until: datetime | None = None
    is_active: bool = True
    code_key: str = ""  # sealed key of the second factor; empty: none
    new_code_key: str = ""  # one that waits for its first code
    code_step: int = 0  # the time step of the last code taken: none is taken twice


class ConsoleSessionRow(Table, table=True):
    """A signed-in console session of a user or of a bound person; only the hash of its token is stored."""

    __tablename__ = "console_session"

    token_hash: str = Field(primary_key=True)
    user_id: int | None = Field(default=None, foreign_key="console_user.id", index=True)
    identity_id: int | None = Field(
        default=None, foreign_key="chat_identity.id", index=True, ondelete="CASCADE"
    )
    created_at: datetime
    last_seen_at: datetime
    user_agent: str = ""
    address: str = ""
    awaits_code: bool = False  # the password was right, the second factor is still to come

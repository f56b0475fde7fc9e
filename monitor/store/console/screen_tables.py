"""Tables of read-only links (大屏、徽章) and of saved views (已存视图)."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from monitor.store.tables import Table


class SharedLinkRow(Table, table=True):
    """A read-only link to figures of a unit or group; only the hash of its token is stored."""

    __tablename__ = "shared_link"

    id: int | None = Field(default=None, primary_key=True)
    kind: str  # 大屏 徽章
    token_hash: str = Field(unique=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    group_id: int | None = Field(default=None, foreign_key="wechat_group.id")
    figure: str = ""  # what a badge shows
    note: str = ""  # where it hangs, in the words of who made it
    made_at: datetime
    made_by: str
    expires_at: datetime
    revoked_at: datetime | None = None
    revoked_by: str = ""
    opened_at: datetime | None = None  # to some minutes


class SavedViewRow(Table, table=True):
    """A filter of a list page under a name of one's own: the query string and nothing else."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("owner", "page", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    owner: str
    page: str
    name: str
    query: str
    is_default: bool = False
    saved_at: datetime

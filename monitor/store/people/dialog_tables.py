"""Tables of the dialog: what the chat waits for from a person, and the pictures that people sent."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from monitor.store.days.tables import key_column
from monitor.store.tables import Table


class ChatStepRow(Table, table=True):
    """The open step (未完成的一步) of a person: what the next message may bring. At most one each."""

    __tablename__ = "chat_step"

    account: str = Field(primary_key=True)
    address: str = Field(primary_key=True)
    awaits: str
    purpose: str
    subject_id: int
    carried: str  # what the command had before it asked, as its purpose wrote it
    expires_at: datetime


class ChatPictureRow(Table, table=True):
    """A picture (图片) that a person sent; fetched from the platform once it belongs to something.

    One without purpose is loose: the next command may take it within ten minutes. `sha256` names the file
    in the evidence folder once `state` says that it is there.
    """

    __tablename__ = "chat_picture"
    __table_args__ = (
        Index("ix_chat_picture_subject", "purpose", "subject_id"),
        Index("ix_chat_picture_state_run_at", "state", "run_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    account: str
    address: str
    event_key: int = Field(sa_column=key_column())
    media_id: str
    received_at: datetime
    sender: str = ""  # identity of the audit: "chat:7"
    purpose: str = ""
    subject_id: int = 0
    state: str
    sha256: str = Field(default="", index=True)
    same_as: int | None = None  # an earlier picture of the same purpose with the same content
    run_at: datetime
    attempts: int = 0
    last_error: str = ""

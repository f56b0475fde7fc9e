"""Table of made documents (我的导出): who asked for what, how far it is, where the file is."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field

from monitor.store.tables import Table


class ExportRow(Table, table=True):
    """An export. The file lies in the folder of exports under its id; `sha256` says what it must be."""

    __tablename__ = "export"
    __table_args__ = (
        Index("ix_export_owner", "owner", "asked_at"),
        Index("ix_export_state_run_at", "state", "run_at"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    request_key: str = Field(unique=True)
    owner: str  # identity of the audit: "console:1"
    viewer: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))  # scope when it was asked for
    kind: str
    subject: str
    period: str
    form: str
    title: str
    state: str
    progress: int = 0
    file_name: str = ""
    sha256: str = ""
    n_bytes: int = 0
    asked_at: datetime
    run_at: datetime
    attempts: int = 0
    expires_at: datetime
    error: str = ""
    n_opened: int = 0
    opened_at: datetime | None = None
    opened_by: str = ""

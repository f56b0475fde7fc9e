"""INSERT … ON CONFLICT, which SQLAlchemy spells per database."""

from typing import Any

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect


def upserting(bind: Connection | Dialect) -> Any:
    """Return the `insert` construct that knows ON CONFLICT on this database."""
    dialect = bind.dialect if isinstance(bind, Connection) else bind
    return sqlite.insert if dialect.name == "sqlite" else postgresql.insert

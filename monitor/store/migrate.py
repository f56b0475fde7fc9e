"""Brings a database to the schema of this version, by Alembic; a server, which only looks, never loads it."""

from sqlalchemy import Connection, inspect, text

from monitor.errors import SchemaVersionError
from monitor.store.database import Database
from monitor.store.schema_version import MIGRATIONS, known_revisions


def upgrade_schema(url: str) -> None:
    """Create or upgrade the schema of a database; does nothing when it is current.

    Raises: SchemaVersionError if the database was written by a later version.
    """
    database = Database(url)
    try:
        database.write(_upgrade)
    finally:
        database.close()


def require_current_schema(database: Database) -> None:
    """Refuse a database whose schema is not that of this version.

    Raises: SchemaVersionError saying which version was found and what to do.
    """
    with database.reading() as connection:
        found = find_revision(connection)
    wanted = known_revisions()[-1]
    if found != wanted:
        raise SchemaVersionError(f"schema is {found}, this version needs {wanted}: run `python -m bot init`")


def find_revision(connection: Connection) -> str | None:
    """Return the version of a database's schema, None if it has none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    found = find_revision(connection)
    if found is not None and found not in known_revisions():
        raise SchemaVersionError(f"schema {found} is unknown here: install the version that wrote it")
    command.upgrade(config, "head")

"""Brings a database to the schema of this version, by Alembic."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from monitor.errors import SchemaVersionError
from monitor.store.database import Database

MIGRATIONS = Path(__file__).parent / "migrations"


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
    wanted = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    if found != wanted:
        raise SchemaVersionError(f"schema is {found}, this version needs {wanted}: run `python -m bot init`")


def find_revision(connection: Connection) -> str | None:
    """Return the version of a database's schema, None if it has none."""
    revision: str | None = MigrationContext.configure(connection).get_current_revision()
    return revision


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    scripts = ScriptDirectory.from_config(config)
    found = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in scripts.walk_revisions()}
    if found is not None and found not in known:
        raise SchemaVersionError(f"schema {found} is unknown here: install the version that wrote it")
    command.upgrade(config, "head")

"""Which schema a database has and which this version needs, told without SQLAlchemy and Alembic.

Loading those takes longer than everything else that `serve` does before it starts its server.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from types import ModuleType

MIGRATIONS = Path(__file__).parent / "migrations"
_SQLITE = "sqlite:///"


def known_revisions() -> list[str]:
    """Return the versions of the schema, oldest first: what the names of the migrations begin with."""
    return sorted(file.name.partition("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def is_surely_current(url: str) -> bool:
    """Tell whether a SQLite file has the schema of this version; False wherever that takes a closer look."""
    file = Path(url.removeprefix(_SQLITE))
    if not url.startswith(_SQLITE) or not file.is_file():
        return False
    driver = _driver()
    try:
        with closing(driver.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            rows = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    except driver.Error:
        return False
    return bool(rows == [(known_revisions()[-1],)])


def _driver() -> ModuleType:
    try:
        import pysqlite3
    except ImportError:
        return sqlite3
    driver: ModuleType = pysqlite3
    return driver

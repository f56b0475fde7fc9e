"""The migrations lead to the schema that the tables declare, on both databases."""

import importlib
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from monitor.store import tables
from monitor.store.database import sqlite_module, with_driver
from monitor.store.migrate import upgrade_schema
from monitor.store.schema_version import MIGRATIONS, is_surely_current, known_revisions

STORE = Path(tables.__file__).parent
ROOT = STORE.parent.parent


def test_the_migrated_schema_is_the_declared_one(database_url: str) -> None:
    for file in STORE.rglob("*tables.py"):
        importlib.import_module(".".join(file.relative_to(ROOT).with_suffix("").parts))
    engine = create_engine(with_driver(database_url))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, tables.Table.metadata)
    engine.dispose()
    assert differences == []


def test_file_names_tell_what_alembic_knows() -> None:
    scripts = ScriptDirectory(str(MIGRATIONS))
    assert known_revisions()[-1] == scripts.get_current_head()
    assert set(known_revisions()) == {script.revision for script in scripts.walk_revisions()}


def test_a_server_needs_no_alembic_to_see_that_the_schema_is_current(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/x.db"
    assert not is_surely_current(url)
    assert not (tmp_path / "x.db").exists()
    upgrade_schema(url)
    assert is_surely_current(url)
    with sqlite_module().connect(str(tmp_path / "x.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    assert not is_surely_current(url)
    (tmp_path / "foreign.db").write_bytes(b"no database at all")
    assert not is_surely_current(f"sqlite:///{tmp_path}/foreign.db")
    assert not is_surely_current("postgresql://localhost/nowhere")

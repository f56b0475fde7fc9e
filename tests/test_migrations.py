"""The migrations lead to the schema that the tables declare, on both databases."""

import importlib
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from monitor.store import tables
from monitor.store.database import with_driver

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

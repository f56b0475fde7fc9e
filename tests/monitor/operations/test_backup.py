"""Backing up and putting back: whole or not at all, and nothing kept is ever overwritten."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from monitor.store.database import Database, sqlite_module
from monitor.store.operations.files import BackupError
from monitor.store.tables import UnitRow
from monitor.usecases.operations.backup import back_up, restore
from tests.cast import UNITS, settle
from tests.monitor.days.test_receive import rows


@pytest.fixture
def settled_url(database_url: str, request: pytest.FixtureRequest) -> str:
    """The address of a database with the cast in it, and nobody connected."""
    if not database_url.startswith("sqlite") and shutil.which("pg_dump") is None:
        pytest.skip("no pg_dump")
    database = Database(database_url)
    settle(database)
    database.close()
    if not database_url.startswith("sqlite"):
        request.getfixturevalue("sweeper").dispose()  # nobody else may be connected
    return database_url


def rename_root(url: str, name: str) -> None:
    database = Database(url)
    database.write(
        lambda c: c.execute(text("UPDATE unit SET name = :name WHERE code = 'QS'"), {"name": name})
    )
    database.close()


def root_name(url: str) -> str:
    database = Database(url)
    names = {row.code: row.name for row in rows(database, UnitRow)}
    database.close()
    assert len(names) == len(UNITS)
    return str(names["QS"])


def test_a_backup_brings_back_what_was_there(settled_url: str, tmp_path: Path) -> None:
    rename_root(settled_url, "备份时")
    file = tmp_path / "backups" / "one.backup"
    assert back_up(settled_url, file) == file.stat().st_size > 1000
    rename_root(settled_url, "备份后")
    aside = restore(settled_url, file)
    assert root_name(settled_url) == "备份时"
    assert aside is not None
    assert aside.name.endswith(".before-restore")
    # what was there before the restore can itself be put back
    again = restore(settled_url, aside)
    assert root_name(settled_url) == "备份后"
    assert again is not None
    assert again != aside
    assert aside.exists()


def test_a_backup_is_made_while_the_database_is_in_use(settled_url: str, tmp_path: Path) -> None:
    database = Database(settled_url)
    with database.reading() as connection:
        connection.execute(text("SELECT 1 FROM unit")).all()
        database.write(lambda c: c.execute(text("UPDATE unit SET name = '使用中' WHERE code = 'QS'")))
        back_up(settled_url, tmp_path / "live.backup")
    database.close()
    restore(settled_url, tmp_path / "live.backup")
    assert root_name(settled_url) == "使用中"


def test_a_database_in_use_is_not_replaced(settled_url: str, tmp_path: Path) -> None:
    file = tmp_path / "one.backup"
    back_up(settled_url, file)
    rename_root(settled_url, "备份后")
    database = Database(settled_url)
    with database.reading() as connection:
        connection.execute(text("SELECT 1 FROM unit")).all()
    # the connection is idle in its pool, as in a server without requests
    with pytest.raises(BackupError) as caught:
        restore(settled_url, file)
    assert "请先停止服务" in caught.value.user_text
    database.close()
    assert root_name(settled_url) == "备份后"


def truncate(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size * 2 // 3])


def damage(file: Path) -> None:
    body = bytearray(file.read_bytes())
    for start in range(len(body) // 3, len(body) * 2 // 3):
        body[start] ^= 0xA5
    file.write_bytes(body)


def replace_by_text(file: Path) -> None:
    file.write_text("SQLite format 3, but not really\n" * 100)


def empty(file: Path) -> None:
    file.write_bytes(b"")


@pytest.mark.parametrize("spoil", [truncate, damage, replace_by_text, empty])
def test_a_bad_file_is_refused_and_changes_nothing(
    settled_url: str, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    file = tmp_path / "one.backup"
    back_up(settled_url, file)
    rename_root(settled_url, "现在")
    spoil(file)
    with pytest.raises(BackupError):
        restore(settled_url, file)
    assert root_name(settled_url) == "现在"
    assert not list(tmp_path.glob("*.before-restore*"))


def test_a_foreign_or_newer_sqlite_file_is_refused(sqlite_template: Path, tmp_path: Path) -> None:
    foreign, newer = tmp_path / "foreign.db", tmp_path / "newer.db"
    connection = sqlite_module().connect(str(foreign))
    connection.execute("CREATE TABLE unit (id INTEGER)")
    connection.close()
    newer.write_bytes(sqlite_template.read_bytes())
    engine = create_engine(f"sqlite:///{newer}")
    with engine.begin() as writing:
        writing.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    url = f"sqlite:///{tmp_path / 'target.db'}"
    for file, words in ((foreign, "不是本系统的数据库"), (newer, "请先升级本系统")):
        with pytest.raises(BackupError) as caught:
            restore(url, file)
        assert words in caught.value.user_text
    assert not (tmp_path / "target.db").exists()


def test_a_backup_restores_to_a_place_where_nothing_is(sqlite_template: Path, tmp_path: Path) -> None:
    target = tmp_path / "new" / "qingxun.db"
    assert restore(f"sqlite:///{target}", sqlite_template) is None
    assert target.exists()


def test_a_damaged_database_is_replaced_too(sqlite_template: Path, tmp_path: Path) -> None:
    target = tmp_path / "qingxun.db"
    target.write_bytes(b"not a database at all" * 500)
    aside = restore(f"sqlite:///{target}", sqlite_template)
    assert aside is not None
    assert aside.read_bytes().startswith(b"not a database")
    assert target.read_bytes().startswith(b"SQLite format 3")


def test_a_backup_never_overwrites_a_file(settled_url: str, tmp_path: Path) -> None:
    file = tmp_path / "one.backup"
    file.write_text("precious")
    with pytest.raises(BackupError):
        back_up(settled_url, file)
    assert file.read_text() == "precious"


def test_without_the_programs_a_postgres_backup_says_what_to_install(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BackupError) as caught:
        back_up(postgres_url, tmp_path / "one.backup")
    assert "postgresql-client" in caught.value.user_text
    assert not (tmp_path / "one.backup").exists()

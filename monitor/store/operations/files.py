"""The database as a file: copy it while it is in use, look whether a file is one of ours, put it back.

SQLite through its own driver, PostgreSQL through its own programs, which are given the password in the
environment, never on the command line. Raises `BackupError` with words for the operator.
"""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import make_url, text

from monitor.errors import StorageError
from monitor.store.database import Database, sqlite_module
from monitor.store.schema_version import known_revisions

_HEADER = b"SQLite format 3\x00"
_OURS = frozenset(("unit", "wechat_group", "post", "day_count", "alembic_version"))
_DUMP_HEADER = b"PGDMP"
_LOCK_SECONDS = 2.0


class BackupError(StorageError):
    """A backup could not be made or put back; nothing was changed."""

    code = "backup_error"
    user_text = "备份或恢复未能完成"
    permanent = True


def sqlite_file(url: str) -> Path:
    """Return the file of a SQLite address.

    Raises: BackupError for a database in memory.
    """
    name = make_url(url).database
    if not name or name == ":memory:":
        raise BackupError("no file", user_text="内存数据库没有文件可备份")
    return Path(name)


def copy_sqlite(source: Path, target: Path) -> None:
    """Write a compact, consistent copy of a database that may be in use.

    Raises: BackupError.
    """
    driver: Any = sqlite_module()
    connection = driver.connect(f"{source.resolve().as_uri()}?mode=rw", uri=True, timeout=30)
    try:
        connection.execute("VACUUM INTO ?", (str(target),))
    except driver.Error as error:
        target.unlink(missing_ok=True)
        raise BackupError(f"VACUUM INTO failed: {error}", user_text="备份未能写出，请查看磁盘空间") from error
    finally:
        connection.close()


def verify_sqlite(file: Path) -> str:
    """Return the schema version of a whole file that is one of our databases.

    Raises: BackupError for a truncated, damaged or foreign file, or one of a later version.
    """
    with file.open("rb") as wire:
        if wire.read(len(_HEADER)) != _HEADER:
            raise BackupError("not a SQLite file", user_text=f"{file} 不是数据库备份文件")
    driver: Any = sqlite_module()
    connection = driver.connect(f"{file.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        if connection.execute("PRAGMA integrity_check(1)").fetchone()[0] != "ok":
            raise BackupError("integrity_check failed", user_text=f"{file} 已损坏，校验未通过")
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not tables >= _OURS:
            raise BackupError("foreign database", user_text=f"{file} 不是本系统的数据库")
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except driver.Error as error:
        raise BackupError(f"unreadable: {error}", user_text=f"{file} 已损坏或不完整") from error
    finally:
        connection.close()
    version = str(row[0]) if row else ""
    if version not in known_revisions():
        raise BackupError(f"schema {version!r}", user_text=f"{file} 由更新的版本写成，请先升级本系统")
    return version


def release_sqlite(file: Path) -> None:
    """Fold the write-ahead log into a database file that nobody else holds open.

    Raises: BackupError if another process does.
    """
    driver: Any = sqlite_module()
    connection = driver.connect(str(file), timeout=_LOCK_SECONDS)
    try:
        # leaving WAL mode needs the file alone: it fails while any other connection exists
        connection.execute("PRAGMA journal_mode=DELETE")
    except driver.OperationalError as error:
        raise BackupError("in use", user_text="数据库正在使用，请先停止服务（serve、work）再恢复") from error
    except driver.DatabaseError:
        pass  # damaged: the very reason for putting a backup back
    finally:
        connection.close()


def replace_file(source: Path, target: Path, aside: Path) -> None:
    """Put a copy of a file in place of another, which is kept aside; a crash leaves one of the two."""
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(target.name + ".restoring")
    shutil.copyfile(source, fresh)
    sync(fresh)
    if target.exists():
        os.replace(target, aside)
    for suffix in ("-wal", "-shm"):
        left = target.with_name(target.name + suffix)
        if left.exists():
            os.replace(left, aside.with_name(aside.name + suffix))
    os.replace(fresh, target)
    sync(target.parent)


def sync(path: Path) -> None:
    """Have the disk keep a file or folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def dump_postgres(url: str, target: Path) -> None:
    """Write a dump of a PostgreSQL database by `pg_dump`.

    Raises: BackupError if the program is missing or fails.
    """
    _run(url, ["pg_dump", "--format=custom", "--no-owner", f"--file={target}"])


def verify_dump(url: str, file: Path) -> None:
    """Make sure that a file is a whole dump of one of our databases.

    Raises: BackupError.
    """
    with file.open("rb") as wire:
        if wire.read(len(_DUMP_HEADER)) != _DUMP_HEADER:
            raise BackupError("not a dump", user_text=f"{file} 不是 PostgreSQL 备份文件")
    listing = _run(url, ["pg_restore", "--list", str(file)], connect=False)
    if not all(f" TABLE DATA public {name} " in listing for name in _OURS):
        raise BackupError("foreign dump", user_text=f"{file} 不是本系统的数据库备份")
    # reads every block without a server: a truncated file ends here
    _run(url, ["pg_restore", f"--file={os.devnull}", str(file)], connect=False)


def load_dump(url: str, file: Path) -> None:
    """Put a dump in place of everything in a database, in one transaction.

    Raises: BackupError; the database is then as it was.
    """
    options = ["--clean", "--if-exists", "--no-owner", "--single-transaction", "--exit-on-error"]
    name = make_url(url).database or ""
    _run(url, ["pg_restore", *options, f"--dbname={name}", str(file)])


def require_unused(url: str) -> None:
    """Make sure that nobody else is connected to a PostgreSQL database.

    Raises: BackupError.
    """
    database = Database(url)
    others = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND backend_type = 'client backend'"
    )
    try:
        with database.reading() as connection:
            n_others = connection.execute(others).scalar_one()
    finally:
        database.close()
    if n_others:
        raise BackupError(
            f"{n_others} connections",
            user_text=f"数据库正在使用（{n_others} 个连接），请先停止服务（serve、work）再恢复",
        )


def _run(url: str, command: Sequence[str], *, connect: bool = True) -> str:
    program = shutil.which(command[0])
    if program is None:
        raise BackupError(
            f"{command[0]} is missing",
            user_text=f"未找到 {command[0]}：请安装 PostgreSQL 客户端程序（postgresql-client）",
        )
    environment = os.environ | (_postgres_environment(url) if connect else {})
    done = subprocess.run(  # noqa: S603  a fixed program with our own arguments
        [program, *command[1:]], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["?"])[-1][:300]
        raise BackupError(f"{command[0]}: {reason}", user_text=f"{command[0]} 未能完成：{reason}")
    return done.stdout


def _postgres_environment(url: str) -> dict[str, str]:
    at = make_url(url)
    values = {
        "PGHOST": at.host,
        "PGPORT": at.port and str(at.port),
        "PGUSER": at.username,
        "PGPASSWORD": at.password and str(at.password),
        "PGDATABASE": at.database,
    }
    return {name: value for name, value in values.items() if value}

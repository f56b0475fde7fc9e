"""Back up the database and put a backup back (备份、恢复); a bad file changes nothing."""

from pathlib import Path

from monitor.store.operations import files
from monitor.store.operations.files import BackupError


def back_up(url: str, target: Path) -> int:
    """Write a consistent backup of a database that may be in use; returns its size in bytes.

    Source: none (design §7).

    Args:
        url: address of the database.
        target: a file that does not exist yet; it appears only when it is whole.
    Raises: BackupError.
    """
    if target.exists():
        raise BackupError("exists", user_text=f"{target} 已存在，请换一个文件名")
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(target.name + ".unfinished")
    unfinished.unlink(missing_ok=True)
    try:
        if url.startswith("sqlite"):
            source = files.sqlite_file(url)
            if not source.exists():
                raise BackupError("no database", user_text=f"没有数据库 {source}")
            files.copy_sqlite(source, unfinished)
            files.verify_sqlite(unfinished)
        else:
            files.dump_postgres(url, unfinished)
            files.verify_dump(url, unfinished)
        files.sync(unfinished)
        unfinished.rename(target)
        files.sync(target.parent)
    finally:
        unfinished.unlink(missing_ok=True)
    return target.stat().st_size


def restore(url: str, source: Path) -> Path | None:
    """Put a backup in place of the database; returns where the present one is kept, None if there was none.

    The present database stays beside as `….before-restore` (with a number if that exists). For PostgreSQL
    this is a dump beside the backup.

    Source: none (design §7).

    Args:
        url: address of the database.
        source: a file written by `back_up`.
    Raises: BackupError if the file is truncated, damaged, foreign or of a later version, or the database
        is in use; nothing has been changed then.
    """
    if not source.is_file():
        raise BackupError("no backup", user_text=f"没有备份文件 {source}")
    if not url.startswith("sqlite"):
        files.verify_dump(url, source)
        files.require_unused(url)
        aside = _free_name(source.with_name(source.name + ".before-restore"))
        files.dump_postgres(url, aside)
        files.load_dump(url, source)
        return aside
    files.verify_sqlite(source)
    target = files.sqlite_file(url)
    has_present = target.exists()
    if has_present:
        files.release_sqlite(target)
    aside = _free_name(target.with_name(target.name + ".before-restore"))
    files.replace_file(source, target, aside)
    return aside if has_present else None


def _free_name(wanted: Path) -> Path:
    """Return a name that does not exist: nothing kept is ever overwritten."""
    name, number = wanted, 1
    while name.exists():
        number += 1
        name = wanted.with_name(f"{wanted.name}.{number}")
    return name

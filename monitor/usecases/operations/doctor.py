"""Examine an installation (自检): database, disk, dictionary, rulebook, clocks. Key types: `Finding`."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

from monitor.clock import Clock, from_epoch
from monitor.errors import AppError, StorageError
from monitor.store.database import Database, has_wal_reset_bug, sqlite_module
from monitor.store.migrate import require_current_schema
from monitor.store.operations.files import sqlite_file
from monitor.usecases.operations.seal_audit import verify_seals
from scoring.rulebook import load_rulebook

_SLOW_FLUSH_MS = 50.0
_FLUSHES = 20
_LEAST_FREE_BYTES = 1 << 30
_LEAST_FREE_RATIO = 0.05
_MOST_SKEW_SECONDS = 2.0
_SLOW_LOAD_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was examined, in words for the operator; a bad one says what to do."""

    is_good: bool
    text: str

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{'✓' if self.is_good else '✗'} {self.text}"


def examine(url: str, rulebook: str, clock: Clock, load_judge: Callable[[], object]) -> Iterator[Finding]:
    """Yield one finding after the other; a failure of one hides none of the others.

    Args:
        url: address of the database.
        rulebook: name of the configured rulebook.
        clock: compared with that of the file system.
        load_judge: loads dictionary and lexicon.
    """
    folder = Path.cwd()
    if url.startswith("sqlite"):
        yield _examine_sqlite_version()
        folder = sqlite_file(url).resolve().parent
    database = _examine_database(url)
    yield database
    if database.is_good:
        yield _examine_audit(url)
    yield from _examine_disk(folder, clock)
    yield _examine_judge(load_judge)
    yield _examine_rulebook(rulebook)


def _examine_sqlite_version() -> Finding:
    version = sqlite_module().sqlite_version_info
    written = ".".join(map(str, version))
    if has_wal_reset_bug(version):
        return Finding(
            False, f"SQLite {written} 在多连接 WAL 模式下可能损坏数据，请安装 pysqlite3 或升级到 3.51.3"
        )
    return Finding(True, f"SQLite {written}")


def _examine_database(url: str) -> Finding:
    if url.startswith("sqlite") and not sqlite_file(url).exists():
        return Finding(False, f"数据库 {sqlite_file(url)} 尚未建立，请运行 python -m bot init")
    database = Database(url)
    try:
        require_current_schema(database)
    except StorageError as error:
        return Finding(False, f"数据库不可用：{error.user_text}（{error}）")
    finally:
        database.close()
    return Finding(True, "数据库可连接，结构为当前版本")


def _examine_audit(url: str) -> Finding:
    database = Database(url)
    try:
        report = verify_seals(database)
    finally:
        database.close()
    if not report.is_good:
        days = "、".join(map(str, report.broken[:5]))
        n_more = f"等 {len(report.broken)} 天" if len(report.broken) > 5 else ""
        return Finding(False, f"操作记录与封存不符：{days}{n_more}，可能被改动，请保全数据库并与备份核对")
    last = f"，最近 {report.last_day}" if report.last_day else "，尚未封存"
    return Finding(True, f"操作记录封存 {report.n_days} 天，核对一致{last}")


def _examine_disk(folder: Path, clock: Clock) -> Iterator[Finding]:
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        yield Finding(False, f"目录 {folder} 不存在或不可写")
        return
    usage = shutil.disk_usage(folder)
    is_enough = usage.free >= _LEAST_FREE_BYTES and usage.free >= usage.total * _LEAST_FREE_RATIO
    yield Finding(
        is_enough,
        f"{folder} 所在磁盘剩余 {usage.free / (1 << 30):.1f} GB" + ("" if is_enough else "，请清理"),
    )
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor-") as wire:
        written_at = clock()
        flush_ms = median(_time_flush(wire.fileno()) for _ in range(_FLUSHES)) * 1000
        is_fast = flush_ms <= _SLOW_FLUSH_MS
        advice = "" if is_fast else "，磁盘过慢，高峰时回调可能超时"
        yield Finding(is_fast, f"落盘（fsync）一次 {flush_ms:.2f} 毫秒{advice}")
        skew = abs((from_epoch(os.fstat(wire.fileno()).st_mtime) - written_at).total_seconds())
        is_near = skew <= _MOST_SKEW_SECONDS
        yield Finding(is_near, f"系统时钟与文件系统相差 {skew:.1f} 秒" + ("" if is_near else "，请校准时钟"))


def _time_flush(descriptor: int) -> float:
    started = perf_counter()
    os.write(descriptor, b"x" * 4096)
    os.fsync(descriptor)
    return perf_counter() - started


def _examine_judge(load_judge: Callable[[], object]) -> Finding:
    started = perf_counter()
    try:
        load_judge()
    except (OSError, ValueError) as error:
        return Finding(False, f"分词词典或词库无法加载：{error}")
    seconds = perf_counter() - started
    return Finding(seconds <= _SLOW_LOAD_SECONDS, f"分词词典与词库加载 {seconds:.1f} 秒")


def _examine_rulebook(name: str) -> Finding:
    try:
        load_rulebook(name)
    except AppError as error:
        return Finding(False, f"细则 {name} 无法加载：{error}")
    return Finding(True, f"细则 {name} 已加载")

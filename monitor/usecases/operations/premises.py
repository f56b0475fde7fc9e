"""Machine, database and software of an installation (机房), for operators. Key types: `Premises`, `Disk`."""

import platform
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from monitor.clock import Clock
from monitor.store.migrate import find_revision
from monitor.store.operations.error_events import Connection
from monitor.store.operations.files import sqlite_file
from monitor.usecases.operations.doctor import Finding, examine

_CHANGES = Path(__file__).parents[3] / "CHANGELOG.md"
_RELEASE = re.compile(r"^## (\d+\.\d+\.\d+)", re.MULTILINE)
_UNKNOWN = "未知"


@dataclass(frozen=True, slots=True)
class Disk:
    """Room on the disk that holds the database, or the files of this process where that is a server."""

    n_free: int
    n_total: int


@dataclass(frozen=True, slots=True)
class Premises:
    """What one process runs on. `load_judge` loads dictionary and lexicon, as the self-test does."""

    url: str
    rulebook: str
    load_judge: Callable[[], object]

    def disk(self) -> Disk:
        """Return the room on the disk."""
        folder = sqlite_file(self.url).resolve().parent if self.url.startswith("sqlite") else Path.cwd()
        usage = shutil.disk_usage(folder)
        return Disk(usage.free, usage.total)

    def versions(self, connection: Connection) -> list[tuple[str, str]]:
        """Return what is installed: name and version."""
        found = _RELEASE.search(_CHANGES.read_text("utf-8")) if _CHANGES.exists() else None
        server = ".".join(map(str, connection.dialect.server_version_info or ())) or _UNKNOWN
        name = "SQLite" if connection.dialect.name == "sqlite" else "PostgreSQL"
        return [
            ("青巡", found[1] if found else _UNKNOWN),
            ("数据库结构", find_revision(connection) or _UNKNOWN),
            ("细则", self.rulebook),
            (name, server),
            ("Python", platform.python_version()),
        ]

    def examine(self, clock: Clock) -> list[Finding]:
        """Run the self-test (自检); takes a few seconds."""
        return list(examine(self.url, self.rulebook, clock, self.load_judge))

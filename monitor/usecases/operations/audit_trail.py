"""Reading the audit (操作记录) and what is kept how long (数据保留). Reads only.

Key types: `AuditTrail`, `AuditPage`, `RetentionReading`.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from monitor.clock import Clock
from monitor.errors import OutOfScope
from monitor.people.granting import is_at_root, may_read_audit
from monitor.schedule import PURGE
from monitor.store.database import Database
from monitor.store.operations import audit_queries, job_slots
from monitor.store.operations.audit_queries import AuditFilter as AuditFilter
from monitor.store.operations.audit_queries import AuditLine as AuditLine
from monitor.store.operations.job_slots import SlotLine as SlotLine
from monitor.units import Role, Viewer
from monitor.usecases.operations.purge import Retention
from monitor.usecases.operations.seal_audit import SEAL_AUDIT

PAGE_ENTRIES = 20


@dataclass(frozen=True, slots=True)
class AuditPage:
    """One page of entries, newest first, with names of whom they concern; `next_before` leads on."""

    lines: list[AuditLine]
    names: dict[str, str]
    next_before: int | None


@dataclass(frozen=True, slots=True)
class RetentionReading:
    """What is kept how long, and the last runs of the jobs that see to it."""

    retention: Retention
    last_purge: SlotLine | None
    last_seal: SlotLine | None
    now: datetime


class AuditTrail:
    """Shows the audit to operators, and at the root to inspectors. Thread-safe; one per process."""

    def __init__(self, database: Database, clock: Clock, retention: Retention) -> None:
        """Keep the collaborators."""
        self._database = database
        self._clock = clock
        self._retention = retention

    def page(self, viewer: Viewer, wanted: AuditFilter) -> AuditPage:
        """Return the newest entries that fit; below the root, those of people of the subtree.

        Raises: OutOfScope for who may not read it.
        """
        if not may_read_audit(viewer):
            raise OutOfScope(f"audit asked by {viewer.identity}")
        path = "" if is_at_root(viewer) else viewer.unit_path
        with self._database.reading() as connection:
            lines = audit_queries.load_lines(connection, wanted, PAGE_ENTRIES + 1, path)
            concerned = {one for line in lines for one in (line.actor, line.subject)}
            names = audit_queries.load_names(connection, concerned)
        shown = [replace(line, detail=_without_bodies(line.detail)) for line in lines[:PAGE_ENTRIES]]
        next_before = shown[-1].number if len(lines) > PAGE_ENTRIES else None
        return AuditPage(shown, names, next_before)

    def retention(self, viewer: Viewer) -> RetentionReading:
        """Return what is kept how long.

        Raises: OutOfScope for who is no operator.
        """
        if viewer.role is not Role.OPERATOR:
            raise OutOfScope(f"retention asked by {viewer.identity}")
        with self._database.reading() as connection:
            last_purge = job_slots.load_last(connection, PURGE.name)
            last_seal = job_slots.load_last(connection, SEAL_AUDIT.name)
        return RetentionReading(self._retention, last_purge, last_seal, self._clock())


_BODIES = frozenset(("text", "body", "message", "content", "excerpt"))


def _without_bodies(detail: dict[str, object]) -> dict[str, object]:
    """Return a detail without texts of messages, should an entry carry one: the audit page shows none."""
    return {
        key: "（原文不在此显示）" if key in _BODIES and isinstance(value, str) else value
        for key, value in detail.items()
    }

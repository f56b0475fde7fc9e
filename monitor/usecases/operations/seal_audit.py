"""Sealing the audit day by day (审计封存), verifying the seals, and removing days kept no longer.

A seal is a digest over a day's entries in order and over the seal before. A day is sealed hours after its
end, when nothing more is written with its time. Key types: `SealReport`.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial

from monitor.clock import Clock, business_day, day_interval
from monitor.schedule import Job
from monitor.store.database import Database
from monitor.store.operations import audit_queries
from monitor.store.operations.audit_queries import Connection, Seal
from monitor.usecases.operations.scheduled import claim_and_do
from monitor.usecases.rules.in_force import AnyRules

SEAL_AUDIT = Job("seal-audit", (time(2, 40),), timedelta(hours=20))
_MOST_DAYS_AT_ONCE = 400


@dataclass(frozen=True, slots=True)
class SealReport:
    """What verifying found: sealed days, and those whose entries are not what was sealed."""

    n_days: int
    last_day: date | None
    broken: tuple[date, ...]

    @property
    def is_good(self) -> bool:
        """Tell whether everything is as it was sealed."""
        return not self.broken


def seal_days(connection: Connection, now: datetime) -> int:
    """Seal every finished day that is not sealed yet, days without entries included; returns how many."""
    seals = audit_queries.load_seals(connection)
    today = business_day(now)
    if seals:
        day, previous = seals[-1].day + timedelta(days=1), seals[-1].digest
    else:
        first = audit_queries.load_first_instant(connection)
        day, previous = (business_day(first) if first else today), ""
    n_days = 0
    while day < today and n_days < _MOST_DAYS_AT_ONCE:
        starts_at, ends_at = day_interval(day)
        n_rows, digest = audit_queries.digest_of(connection, starts_at, ends_at, previous)
        audit_queries.insert_seal(connection, Seal(day, starts_at, ends_at, n_rows, digest, None), now)
        day, previous, n_days = day + timedelta(days=1), digest, n_days + 1
    return n_days


def seal_audit(database: Database, _rules: AnyRules, clock: Clock, slot: datetime) -> str | None:
    """Do the nightly work of a slot once."""
    now = clock()
    return claim_and_do(
        database, SEAL_AUDIT, slot, now, lambda connection: f"封存 {seal_days(connection, now)} 天"
    )


def verify_seals(database: Database) -> SealReport:
    """Compare every sealed day with its entries; days that were purged only carry the chain on."""
    broken, previous = [], ""
    with database.reading() as connection:
        seals = audit_queries.load_seals(connection)
        for before, seal in zip((None, *seals), seals, strict=False):
            is_next = before is None or seal.day == before.day + timedelta(days=1)
            found = audit_queries.digest_of(connection, seal.starts_at, seal.ends_at, previous)
            is_kept = found == (seal.n_rows, seal.digest) if seal.purged_at is None else found[0] == 0
            if not (is_next and is_kept):
                broken.append(seal.day)
            previous = seal.digest
    return SealReport(len(seals), seals[-1].day if seals else None, tuple(broken))


def purge_audit(database: Database, clock: Clock, n_days: int) -> int:
    """Remove entries of sealed days older than a number of days; returns how many entries.

    Source: 网络安全法 (network logs at least six months); design (three years by default).
    """
    now = clock()
    first_kept = business_day(now) - timedelta(days=n_days)
    with database.reading() as connection:
        old = [s for s in audit_queries.load_seals(connection) if s.day < first_kept and s.purged_at is None]
    return sum(database.write(partial(_purge_day, seal=seal, now=now)) for seal in old)


def _purge_day(connection: Connection, seal: Seal, now: datetime) -> int:
    return audit_queries.purge_day(connection, seal, now)

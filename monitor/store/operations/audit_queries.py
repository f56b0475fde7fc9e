"""Reading the audit page by page, and its seals. Functions of a connection; no entry is ever changed."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection as Connection
from sqlalchemy import String, delete, insert, literal, select, union, update
from sqlalchemy import cast as sql_cast

from monitor.store import directory
from monitor.store.people.console_tables import AuditSealRow
from monitor.store.tables import ChatIdentityRow, ConsoleUserRow, GroupRow, UnitRow, table_of
from monitor.store.work_tables import AuditRow

_audit = table_of(AuditRow)
_seal = table_of(AuditSealRow)
_user = table_of(ConsoleUserRow)
_identity = table_of(ChatIdentityRow)
_unit, _group = table_of(UnitRow), table_of(GroupRow)
_MOST_ID = 2_147_483_647


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What to look for: parts of actor, action and subject, and a span of time."""

    actor: str = ""
    action: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before_id: int | None = None


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One entry."""

    number: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Seal:
    """The seal of a day."""

    day: date
    starts_at: datetime
    ends_at: datetime
    n_rows: int
    digest: str
    purged_at: datetime | None


def load_lines(connection: Connection, wanted: AuditFilter, n_most: int, path: str = "") -> list[AuditLine]:
    """Return the newest entries that fit, those of people of a subtree if a path is given."""
    query = select(_audit).where(*_conditions(wanted)).order_by(_audit.c.id.desc()).limit(n_most)
    if path:
        query = query.where(_audit.c.actor.in_(_actors(path)))
    return [AuditLine(*row) for row in connection.execute(query)]


def load_names(connection: Connection, asked: set[str]) -> dict[str, str]:
    """Return the names of whom "console:7", "chat:7", "unit:7", "group:7" mean, as far as they are known."""
    found: dict[str, str] = {}
    for kind, table, column in (
        ("console", _user, _user.c.name),
        ("chat", _identity, _identity.c.display_name),
        ("unit", _unit, _unit.c.name),
        ("group", _group, _group.c.name),
    ):
        ids = [int(n) for k, _, n in (one.partition(":") for one in asked) if k == kind and n.isdecimal()]
        rows = connection.execute(select(table.c.id, column).where(table.c.id.in_(ids)))
        found |= {f"{kind}:{row[0]}": row[1] for row in rows if row[1]}
    return found


def load_seals(connection: Connection) -> list[Seal]:
    """Return all seals, oldest first."""
    columns = (_seal.c.day, _seal.c.starts_at, _seal.c.ends_at, _seal.c.n_rows, _seal.c.digest)
    rows = connection.execute(select(*columns, _seal.c.purged_at).order_by(_seal.c.day))
    return [Seal(*row) for row in rows]


def load_first_instant(connection: Connection) -> datetime | None:
    """Return when the audit begins, None while it is empty."""
    return connection.execute(select(_audit.c.at).order_by(_audit.c.at).limit(1)).scalar()


def digest_of(
    connection: Connection, starts_at: datetime, ends_at: datetime, previous: str
) -> tuple[int, str]:
    """Return how many entries a span of time holds, and the digest over them in order.

    The digest begins with that of the span before, so that none can be replaced alone.
    """
    digest, n_rows = sha256(previous.encode()), 0
    for line in _entries(connection, starts_at, ends_at):
        digest.update(line)
        n_rows += 1
    return n_rows, digest.hexdigest()


def insert_seal(connection: Connection, seal: Seal, at: datetime) -> None:
    """Seal a day."""
    values = {"day": seal.day, "starts_at": seal.starts_at, "ends_at": seal.ends_at, "n_rows": seal.n_rows}
    connection.execute(insert(_seal).values(**values, digest=seal.digest, sealed_at=at))


def purge_day(connection: Connection, seal: Seal, at: datetime) -> int:
    """Remove the entries of a sealed day that is kept no longer; the seal stays and says so."""
    connection.execute(update(_seal).where(_seal.c.day == seal.day).values(purged_at=at))
    here = (_audit.c.at >= seal.starts_at, _audit.c.at < seal.ends_at)
    return connection.execute(delete(_audit).where(*here)).rowcount


def _entries(connection: Connection, starts_at: datetime, ends_at: datetime) -> Iterator[bytes]:
    query = select(_audit).where(_audit.c.at >= starts_at, _audit.c.at < ends_at).order_by(_audit.c.id)
    for row in connection.execute(query):
        fields = [row.id, row.at.isoformat(), row.actor, row.action, row.subject, row.detail]
        yield json.dumps(fields, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass") + b"\n"


def _conditions(wanted: AuditFilter) -> list[Any]:
    parts = (
        (_audit.c.actor, wanted.actor),
        (_audit.c.action, wanted.action),
        (_audit.c.subject, wanted.subject),
    )
    found: list[Any] = [column.contains(text, autoescape=True) for column, text in parts if text]
    if wanted.since is not None:
        found.append(_audit.c.at >= wanted.since)
    if wanted.until is not None:
        found.append(_audit.c.at < wanted.until)
    if wanted.before_id is not None:
        found.append(_audit.c.id < min(wanted.before_id, _MOST_ID))
    return found


def _actors(path: str) -> Any:
    """Return the query of the names under which people of a subtree stand in the audit."""
    users = _user.join(_unit, _unit.c.id == _user.c.unit_id)
    people = _identity.join(_unit, _unit.c.id == _identity.c.unit_id)
    inside = directory.in_subtree(path)
    number_of_user = literal("console:").concat(sql_cast(_user.c.id, String))
    number_of_person = literal("chat:").concat(sql_cast(_identity.c.id, String))
    address = literal("chat:").concat(_identity.c.account).concat(":").concat(_identity.c.address)
    return union(
        select(number_of_user).select_from(users).where(inside),
        select(_user.c.name).select_from(users).where(inside),
        select(number_of_person).select_from(people).where(inside),
        select(address).select_from(people).where(inside),
    )

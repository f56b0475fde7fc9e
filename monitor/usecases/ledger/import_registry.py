"""Import units and groups from tables (导入单位、群): the good rows in one transaction, the others named.

Key types: `RegistryImport`, `BadRow`.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from monitor.clock import Clock, business_day
from monitor.errors import BadParameter
from monitor.ledger.registration import MAX_MEMBERS, NewGroup, NewTopic, NewUnit, Refused
from monitor.store.database import Database
from monitor.store.ledger import registry
from monitor.store.ledger.registry import Connection
from monitor.usecases.ledger import register
from monitor.usecases.ledger.import_tables import TableRow

UNIT_COLUMNS = ("编号", "名称", "类别", "上级编号")
GROUP_COLUMNS = ("编号", "名称", "单位编号")
"""Needed; 人数, 来源, 外部编号, 话题, 话题关键词 and 管理员 may be added."""
_SEPARATORS = re.compile(r"[、,，;；/|\s]+")
_DAMAGED = re.compile(r"[+-]?\d+(\.\d+)?[Ee]\+?\d+")
_DIGITS = re.compile(r"[0-9]{1,4}")

N = TypeVar("N", NewUnit, NewGroup)


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was not imported: where it stands, why, and what it says."""

    number: int
    reason: str
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class RegistryImport:
    """What became of a table; `bad` in order of the file."""

    n_added: int
    bad: tuple[BadRow, ...]

    @property
    def n_rows(self) -> int:
        """All rows read."""
        return self.n_added + len(self.bad)


def import_units(
    database: Database, clock: Clock, rows: Iterable[TableRow], actor: str, *, is_check: bool = False
) -> RegistryImport:
    """Register the units of a table, parents in any order; with `is_check` nothing is written.

    Source: HN-1.1, HN-1.2.
    """

    def decide(connection: Connection, units: Sequence[NewUnit], _: date) -> list[Refused]:
        if is_check:
            return register.refuse_units(connection, units).refused
        return register.add_accepted_units(connection, units)

    audited = None if is_check else (actor, "registry.import_units")
    return _import(database, clock, rows, _to_unit, decide, audited)


def import_groups(
    database: Database,
    clock: Clock,
    rows: Iterable[TableRow],
    actor: str,
    *,
    default_source: str = "",
    is_check: bool = False,
) -> RegistryImport:
    """Register the groups of a table as open from today; with `is_check` nothing is written.

    Source: HN-2.1.1 (台账).

    Args:
        database: where to.
        clock: read once.
        rows: of the table.
        actor: for the audit.
        default_source: of rows with an 外部编号 and without 来源.
        is_check: only say what would happen.
    """

    def decide(connection: Connection, groups: Sequence[NewGroup], today: date) -> list[Refused]:
        if is_check:
            return register.refuse_groups(connection, groups).refused
        return register.add_accepted_groups(connection, groups, today)

    def to_group(cells: dict[str, str]) -> NewGroup:
        return _to_group(cells, default_source)

    audited = None if is_check else (actor, "registry.import_groups")
    return _import(database, clock, rows, to_group, decide, audited)


def _import(
    database: Database,
    clock: Clock,
    rows: Iterable[TableRow],
    to_new: Callable[[dict[str, str]], N],
    decide: Callable[[Connection, Sequence[N], date], list[Refused]],
    audited: tuple[str, str] | None,
) -> RegistryImport:
    """Go through a table; without actor and action for the audit nothing is written."""
    now = clock()
    good: list[tuple[TableRow, N]] = []
    bad: list[BadRow] = []
    for row in rows:
        try:
            good.append((row, to_new(row.cells)))
        except BadParameter as error:
            bad.append(BadRow(row.number, error.user_text, row.cells))
    wanted = [new for _, new in good]

    def work(connection: Connection) -> list[Refused]:
        refused = decide(connection, wanted, business_day(now))
        if audited is not None:
            counts = {"n_added": len(wanted) - len(refused), "n_bad": len(refused) + len(bad)}
            registry.write_audit(connection, now, *audited, "registry", counts)
        return refused

    if audited is None:
        with database.reading() as connection:
            refused = work(connection)
    else:
        refused = database.write(work)
    bad += [BadRow(good[one.index][0].number, one.reason, good[one.index][0].cells) for one in refused]
    return RegistryImport(len(wanted) - len(refused), tuple(sorted(bad, key=lambda row: row.number)))


def _to_unit(cells: dict[str, str]) -> NewUnit:
    return NewUnit(
        cells.get("编号", ""), cells.get("名称", ""), cells.get("类别", ""), cells.get("上级编号", "")
    )


def _to_group(cells: dict[str, str], default_source: str) -> NewGroup:
    title, keywords = cells.get("话题", ""), _split(cells.get("话题关键词", ""))
    if keywords and not title:
        raise BadParameter("topic", user_text="有话题关键词而没有话题")
    return NewGroup(
        cells.get("编号", ""),
        cells.get("名称", ""),
        cells.get("单位编号", ""),
        _member_count(cells.get("人数", "")),
        _sources(cells.get("来源", ""), cells.get("外部编号", ""), default_source),
        (NewTopic(title, keywords),) if title else (),
        _split(cells.get("管理员", "")),
    )


def _member_count(text: str) -> int:
    if not text:
        return 0
    if not _DIGITS.fullmatch(text):
        raise BadParameter("member_count", user_text=f"人数应为 0–{MAX_MEMBERS} 的整数")
    return int(text)


def _sources(source: str, its_id: str, default_source: str) -> tuple[tuple[str, str], ...]:
    if not its_id:
        if source:
            raise BadParameter("external id", user_text="有来源而没有外部编号")
        return ()
    if _DAMAGED.fullmatch(its_id):
        raise BadParameter(
            "external id", user_text="外部编号已被表格软件改成科学计数，请将该列设为文本后重填"
        )
    if not (source or default_source):
        raise BadParameter("source", user_text="有外部编号而没有来源")
    return ((source or default_source, its_id),)


def _split(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part for part in _SEPARATORS.split(text) if part))

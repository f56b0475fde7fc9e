"""Import facts of the Guangdong assessment (导入考核数据): good rows are kept, the others named.

A second import of the same cell replaces it; what was there before stays in the history. Facts of a
published period are locked. Key types: `FactsImport`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from monitor.clock import Clock
from monitor.errors import BadParameter, BadPayload
from monitor.index.facts import Fact, find_lock
from monitor.index.periods import RunPeriod
from monitor.index.rows import LAYOUTS, FactReader, Layout
from monitor.store.database import Database
from monitor.store.index import facts as index_facts
from monitor.store.index.facts import Connection, FactKey, KnownFact
from monitor.store.ledger import registry
from monitor.usecases.ledger.import_registry import BadRow
from monitor.usecases.ledger.import_tables import TableRow, read_table
from scoring.index_rules import IndexRulebook

Good = tuple[TableRow, Fact]


@dataclass(frozen=True, slots=True)
class FactsImport:
    """What became of a table; `bad` in order of the file."""

    n_added: int
    n_changed: int
    n_unchanged: int
    n_without_base: int  # kept, but 无基数: no score comes of them
    bad: tuple[BadRow, ...]

    @property
    def n_good(self) -> int:
        """Rows that are stored now."""
        return self.n_added + self.n_changed + self.n_unchanged


@dataclass(slots=True)
class Decided:
    """Rows by what is done with them; made by `store_facts`."""

    added: list[Fact] = field(default_factory=list)
    changed: list[tuple[Fact, KnownFact]] = field(default_factory=list)
    unchanged: list[Fact] = field(default_factory=list)
    untouched: list[Fact] = field(default_factory=list)  # unchanged in a locked period
    bad: list[BadRow] = field(default_factory=list)


def read_fact_table(file: Path) -> tuple[Layout, Sequence[TableRow]]:
    """Return the rows of a file and the layout its columns show.

    Raises: BadPayload, TooLarge.
    """
    for layout in LAYOUTS:
        try:
            return layout, list(read_table(file, layout.columns))
        except BadPayload as error:
            if "首行" not in str(error.args[0]):
                raise
    known = "；".join(f"{layout.name}表：{'、'.join(layout.columns)}" for layout in LAYOUTS)
    raise BadPayload(f"首行的列不属于任何一种考核数据。可用的表：{known}")


def import_facts(
    database: Database,
    clock: Clock,
    rules: IndexRulebook,
    layout: Layout,
    rows: Iterable[TableRow],
    actor: str,
    *,
    is_check: bool = False,
) -> FactsImport:
    """Import the rows of one table; with `is_check` nothing is written.

    Source: GD-2.0 (figures come from the platforms), GD-5.1, GD-5.2.

    Args:
        database: where to.
        clock: read once.
        rules: knows indicators and the kinds of schools.
        layout: how to read a row.
        rows: of the table.
        actor: for history and audit.
        is_check: only say what would happen.
    """
    now = clock()
    with database.reading() as connection:
        schools = index_facts.load_schools(connection, rules.head.unit_kinds)
    reader = FactReader(rules, index_facts.name_schools(schools), now)
    good, bad = _read_rows(layout, reader, rows)

    def work(connection: Connection) -> Decided:
        decided = store_facts(connection, good, now, actor)
        counts = {"table": layout.name, "n_added": len(decided.added), "n_changed": len(decided.changed),
                  "n_bad": len(decided.bad) + len(bad)}  # fmt: skip
        registry.write_audit(connection, now, actor, "index.import_facts", layout.name, counts)
        return decided

    if is_check:
        with database.reading() as connection:
            known = index_facts.load_facts_by_key(connection, [fact.key for _, fact in good])
            decided = _decide(good, known, index_facts.load_locks(connection))
    else:
        decided = database.write(work)
    return _report(decided, [*bad, *decided.bad])


def store_facts(connection: Connection, good: Sequence[Good], now: datetime, actor: str) -> Decided:
    """Store facts of different keys; what they replace stays in the history, locked ones are refused.

    Source: GD-5.1, GD-5.2.
    """
    index_facts.own_index_writes(connection)
    known = index_facts.load_facts_by_key(connection, [fact.key for _, fact in good])
    decided = _decide(good, known, index_facts.load_locks(connection))
    _write(connection, decided, now, actor)
    return decided


def _read_rows(
    layout: Layout, reader: FactReader, rows: Iterable[TableRow]
) -> tuple[list[Good], list[BadRow]]:
    """Read every row; of two rows about the same thing in one file the second is refused."""
    good: list[Good] = []
    bad: list[BadRow] = []
    first: dict[FactKey, int] = {}
    for row in rows:
        try:
            fact = layout.read(reader, row.cells)
        except BadParameter as error:
            bad.append(BadRow(row.number, error.user_text, row.cells))
            continue
        if fact.key in first:
            bad.append(BadRow(row.number, f"与第 {first[fact.key]} 行重复", row.cells))
            continue
        first[fact.key] = row.number
        good.append((row, fact))
    return good, bad


def _decide(good: Sequence[Good], known: dict[FactKey, KnownFact], published: Sequence[RunPeriod]) -> Decided:
    decided = Decided()
    for row, fact in good:
        before = known.get(fact.key)
        days = {fact.day} if before is None else {fact.day, before.day}
        lock = next((p for day in days if (p := find_lock(fact.kind, day, published))), None)
        is_same = before is not None and before.day == fact.day and before.content == fact.content
        if is_same and lock:
            decided.untouched.append(fact)
        elif lock:
            reason = f"{lock.kind.value} {lock.label} 已发布，数据已锁定"
            decided.bad.append(BadRow(row.number, reason, row.cells))
        elif before is None:
            decided.added.append(fact)
        elif is_same:
            decided.unchanged.append(fact)
        else:
            decided.changed.append((fact, before))
    return decided


def _write(connection: Connection, decided: Decided, now: datetime, actor: str) -> None:
    index_facts.save_changes(connection, decided.changed, now, actor)
    changed = [fact for fact, _ in decided.changed]
    index_facts.save_facts(connection, [*decided.added, *changed, *decided.unchanged], now)


def _report(decided: Decided, bad: Iterable[BadRow]) -> FactsImport:
    kept = [*decided.added, *(fact for fact, _ in decided.changed), *decided.unchanged]
    bases = [fact.content.get("denominator", fact.content.get("members")) for fact in kept]
    return FactsImport(
        n_added=len(decided.added),
        n_changed=len(decided.changed),
        n_unchanged=len(decided.unchanged) + len(decided.untouched),
        n_without_base=bases.count(0),
        bad=tuple(sorted(bad, key=lambda row: row.number)),
    )

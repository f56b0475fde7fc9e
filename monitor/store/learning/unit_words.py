"""Words that units added (本单位词库): stored, listed, and read as lexicons. Functions of a connection."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, insert, select, update
from sqlalchemy import Connection as Connection

from monitor.classify.lexicon import Entry, Lexicon, read_flags
from monitor.classify.verdicts import Category, Severity
from monitor.learning.readings import ALLOWED, WordFilter
from monitor.store.bulk import bound, put_rows
from monitor.store.learning.tables import LexiconChangeRow, UnitWordRow
from monitor.store.subtree import joined_in_subtree
from monitor.store.tables import UnitRow, table_of

_word = table_of(UnitWordRow)
_change = table_of(LexiconChangeRow)
_unit = table_of(UnitRow)
_COLUMNS = (
    "unit_id", "word", "category", "severity", "flags", "note", "is_enabled", "added_by", "added_at",
)  # fmt: skip


class StoredWord(NamedTuple):
    """A word of a unit; `category` is empty for an allowed span."""

    word_id: int
    word: str
    category: str
    severity: int
    flags: str
    note: str
    is_enabled: bool
    added_by: str
    added_at: datetime
    unit_id: int
    unit_code: str
    unit_name: str
    unit_path: str


class StoredChange(NamedTuple):
    """A change to the words of a unit."""

    number: int
    at: datetime
    actor: str
    act: str
    n_words: int
    unit_name: str
    detail: Mapping[str, Any]


def load_version(connection: Connection) -> int:
    """Return a number that changes with the words of any unit, 0 before the first change."""
    return int(connection.execute(select(func.max(_change.c.id))).scalar() or 0)


def load_lexicons(connection: Connection) -> dict[str, Lexicon]:
    """Return the enabled words of every unit by the unit's path."""
    query = (
        select(_unit.c.path, _word.c.word, _word.c.category, _word.c.severity, _word.c.flags, _word.c.note)
        .join(_unit, _unit.c.id == _word.c.unit_id)
        .where(_word.c.is_enabled)
        .order_by(_word.c.id)
    )
    by_path: dict[str, list[Any]] = defaultdict(list)
    for path, *cells in connection.execute(query):
        by_path[path].append(cells)
    return {path: lexicon_of(rows) for path, rows in by_path.items()}


def lexicon_of(rows: Iterable[Sequence[Any]]) -> Lexicon:
    """Return rows of word, category, severity, flags and note as a lexicon."""
    entries, allowed = [], []
    for word, category, severity, flags, note in rows:
        if category == ALLOWED:
            allowed.append(word)
        else:
            entries.append(Entry(word, Category(category), Severity(severity), read_flags(flags), note))
    return Lexicon(tuple(entries), tuple(allowed))


def put_lexicon(connection: Connection, unit_id: int, lexicon: Lexicon, by: str, at: datetime) -> None:
    """Store words of a unit; a word that is there gets the new severity, flags and note, and is enabled."""
    stamp = bound(connection, _word, "added_at", at)
    rows = [
        (unit_id, one.word, one.category.value, int(one.severity), " ".join(sorted(one.flags)), one.note)
        for one in lexicon.entries
    ]
    rows += [(unit_id, word, ALLOWED, 0, "", "") for word in lexicon.allowed]
    full = [(*row, True, by, stamp) for row in rows]
    put_rows(connection, _word, _COLUMNS, full, "unit_id, word, category")


def load_known(connection: Connection, unit_id: int) -> set[tuple[str, str]]:
    """Return word and category of every word of a unit."""
    query = select(_word.c.word, _word.c.category).where(_word.c.unit_id == unit_id)
    return {(row[0], row[1]) for row in connection.execute(query)}


def load_words(
    connection: Connection, unit_path: str, wanted: WordFilter, n_most: int, n_skipped: int = 0
) -> list[StoredWord]:
    """Return words of a subtree, newest first."""
    query = (
        select(_word, _unit.c.code, _unit.c.name, _unit.c.path)
        .join(_unit, _unit.c.id == _word.c.unit_id)
        .where(*_conditions(unit_path, wanted))
        .order_by(_word.c.id.desc())
        .limit(n_most)
        .offset(n_skipped)
    )
    return [_stored(row) for row in connection.execute(query)]


def count_words(connection: Connection, unit_path: str, wanted: WordFilter) -> int:
    """Return how many words of a subtree are wanted."""
    query = select(func.count()).select_from(_word.join(_unit, _unit.c.id == _word.c.unit_id))
    return int(connection.execute(query.where(*_conditions(unit_path, wanted))).scalar_one())


def count_by_category(connection: Connection, unit_path: str) -> dict[str, int]:
    """Return how many words of a subtree each category has."""
    query = (
        select(_word.c.category, func.count())
        .join(_unit, _unit.c.id == _word.c.unit_id)
        .where(joined_in_subtree(unit_path))
        .group_by(_word.c.category)
    )
    return {row[0]: int(row[1]) for row in connection.execute(query)}


def find_word(connection: Connection, word_id: int) -> StoredWord | None:
    """Return one word by its number."""
    query = (
        select(_word, _unit.c.code, _unit.c.name, _unit.c.path)
        .join(_unit, _unit.c.id == _word.c.unit_id)
        .where(_word.c.id == word_id)
    )
    row = connection.execute(query).one_or_none()
    return _stored(row) if row else None


def enable_word(connection: Connection, word_id: int, *, is_enabled: bool) -> bool:
    """Put a word into use or out of it; True if that changed anything."""
    here = (_word.c.id == word_id) & (_word.c.is_enabled.is_not(is_enabled))
    return connection.execute(update(_word).where(here).values(is_enabled=is_enabled)).rowcount > 0


def insert_change(
    connection: Connection, unit_id: int, act: str, n_words: int, actor: str, at: datetime,
    detail: Mapping[str, Any],
) -> int:  # fmt: skip
    """Write a change and return its number, the new version of all unit words."""
    values = {
        "unit_id": unit_id, "at": at, "actor": actor, "act": act, "n_words": n_words, "detail": dict(detail),
    }  # fmt: skip
    return int(connection.execute(insert(_change).values(**values).returning(_change.c.id)).scalar_one())


def load_changes(connection: Connection, unit_path: str, n_most: int) -> list[StoredChange]:
    """Return the newest changes within a subtree, newest first."""
    query = (
        select(
            _change.c.id, _change.c.at, _change.c.actor, _change.c.act, _change.c.n_words, _unit.c.name,
            _change.c.detail,
        )
        .join(_unit, _unit.c.id == _change.c.unit_id)
        .where(joined_in_subtree(unit_path))
        .order_by(_change.c.id.desc())
        .limit(n_most)
    )  # fmt: skip
    return [StoredChange(*row) for row in connection.execute(query)]


def load_places(connection: Connection, words: Sequence[tuple[str, str]]) -> list[tuple[str, str, str, str]]:
    """Return word, category, name and path of every unit that has one of the words enabled."""
    texts = {word for word, _ in words}
    query = (
        select(_word.c.word, _word.c.category, _unit.c.name, _unit.c.path)
        .join(_unit, _unit.c.id == _word.c.unit_id)
        .where(_word.c.word.in_(texts), _word.c.is_enabled)
    )
    return [(row[0], row[1], row[2], row[3]) for row in connection.execute(query)]


def _conditions(unit_path: str, wanted: WordFilter) -> list[ColumnElement[bool]]:
    conditions = [joined_in_subtree(unit_path)]
    if wanted.category is not None:
        conditions.append(_word.c.category == wanted.category)
    if wanted.part:
        conditions.append(_word.c.word.contains(wanted.part, autoescape=True))
    if wanted.unit_code:
        conditions.append(_unit.c.code == wanted.unit_code)
    return conditions


def _stored(row: Any) -> StoredWord:
    return StoredWord(
        row.id, row.word, row.category, row.severity, row.flags, row.note, row.is_enabled, row.added_by,
        row.added_at, row.unit_id, row.code, row.name, row.path,
    )  # fmt: skip

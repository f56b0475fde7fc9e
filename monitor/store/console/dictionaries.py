"""Dictionary entries and the uses of words in the store. Functions of a connection."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection as Connection
from sqlalchemy import delete, func, select, update

from monitor.store.console.announcement_tables import DictionaryEntryRow
from monitor.store.oversight.tables import RegisterEntryRow
from monitor.store.tables import ChatIdentityRow, ConsoleUserRow, UnitRow, table_of
from monitor.store.upsert import upserting

_entry = table_of(DictionaryEntryRow)
_unit = table_of(UnitRow)
_user = table_of(ConsoleUserRow)
_identity = table_of(ChatIdentityRow)
_register = table_of(RegisterEntryRow)


def load_retired(connection: Connection, dictionary: str) -> frozenset[str]:
    """Return the words of a list that are switched off."""
    off = (_entry.c.dictionary == dictionary, _entry.c.is_on.is_(False))
    return frozenset(connection.execute(select(_entry.c.word).where(*off)).scalars())


def save_entry(
    connection: Connection, dictionary: str, word: str, by: str, at: datetime, *, is_on: bool
) -> None:
    """Keep what was decided about a word, in place of what was decided before."""
    values = {"is_on": is_on, "changed_at": at, "changed_by": by}
    statement = upserting(connection)(_entry).values(dictionary=dictionary, word=word, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["dictionary", "word"], set_=values))


def drop_entry(connection: Connection, dictionary: str, word: str) -> None:
    """Forget what was decided about a word that is no more."""
    gone = (_entry.c.dictionary == dictionary, _entry.c.word == word)
    connection.execute(delete(_entry).where(*gone))


def count_unit_kinds(connection: Connection) -> dict[str, int]:
    """Return active units by kind."""
    query = select(_unit.c.kind, func.count()).where(_unit.c.is_active).group_by(_unit.c.kind)
    return {row[0]: row[1] for row in connection.execute(query)}


def rename_unit_kind(connection: Connection, kind: str, new: str) -> int:
    """Give all units of a kind another one, those switched off included; returns how many."""
    return connection.execute(update(_unit).where(_unit.c.kind == kind).values(kind=new)).rowcount


def count_roles(connection: Connection) -> Mapping[str, int]:
    """Return console users in use and bound people by role."""
    counts: dict[str, int] = {}
    for table, conditions in ((_user, [_user.c.is_active]), (_identity, [])):
        query = select(table.c.role, func.count()).where(*conditions).group_by(table.c.role)
        for role, n_people in connection.execute(query):
            counts[role] = counts.get(role, 0) + n_people
    return counts


def count_register_kinds(connection: Connection) -> Mapping[str, int]:
    """Return entries of the registers by kind."""
    query = select(_register.c.kind, func.count()).group_by(_register.c.kind)
    return {row[0]: row[1] for row in connection.execute(query)}

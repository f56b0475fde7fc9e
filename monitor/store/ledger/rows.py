"""Writing the ledger: changes and their decisions, groups, topics, terms of office, moves of units.

Functions of a connection; what may be written is decided by the use cases. Key type: `NewChange`.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection as Connection
from sqlalchemy import and_, delete, func, insert, literal, select, update

from monitor.ledger.ledger import ChangeKind, ChangeState
from monitor.store.ledger.tables import LedgerChangeRow
from monitor.store.tables import (
    ChatIdentityRow,
    DesignatedOfficerRow,
    GroupManagerRow,
    GroupRow,
    GroupSourceRow,
    InvitationRow,
    OfficialAccountRow,
    TopicRow,
    UnitRow,
    UnregisteredGroupRow,
    table_of,
)
from monitor.units import subtree_bounds

_change = table_of(LedgerChangeRow)
_unit = table_of(UnitRow)
_group = table_of(GroupRow)
_topic = table_of(TopicRow)
_source = table_of(GroupSourceRow)
_unknown = table_of(UnregisteredGroupRow)
_manager = table_of(GroupManagerRow)
_officer = table_of(DesignatedOfficerRow)
_invitation = table_of(InvitationRow)
_TREE = 7_302_014  # advisory lock of PostgreSQL: one move of units at a time
_account = table_of(OfficialAccountRow)
_identity = table_of(ChatIdentityRow)


class NewChange(NamedTuple):
    """A change to be written down; `state` says whether it holds already."""

    kind: ChangeKind
    state: ChangeState
    unit_id: int
    group_id: int | None
    code: str
    name: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    reason: str
    effective_on: date


def insert_change(
    connection: Connection, change: NewChange, actor: str, actor_name: str, now: datetime
) -> int:
    """Write a change down and return its number."""
    values = {
        **change._asdict(),
        "kind": change.kind.value,
        "state": change.state.value,
        "before": dict(change.before),
        "after": dict(change.after),
        "asked_at": now,
        "asked_by": actor,
        "asked_by_name": actor_name,
        "decided_by": "",
        "decided_by_name": "",
        "note": "",
    }
    return int(connection.execute(insert(_change).values(**values).returning(_change.c.id)).scalar_one())


def move_change(
    connection: Connection, number: int, before: ChangeState, after: ChangeState, **values: Any
) -> bool:
    """Bring a change from one state to another; False if somebody was faster."""
    where = (_change.c.id == number, _change.c.state == before.value)
    moved = connection.execute(update(_change).where(*where).values(state=after.value, **values))
    return moved.rowcount == 1


def write_change(connection: Connection, number: int, values: Mapping[str, Any]) -> None:
    """Write what a change became when it took effect."""
    connection.execute(update(_change).where(_change.c.id == number).values(**values))


def lock_unit(connection: Connection, unit_id: int) -> None:
    """Keep others from opening groups in a unit until the end of the transaction."""
    connection.execute(select(_unit.c.id).where(_unit.c.id == unit_id).with_for_update())


def lock_group(connection: Connection, group_id: int) -> None:
    """Keep others from changing a group until the end of the transaction."""
    connection.execute(select(_group.c.id).where(_group.c.id == group_id).with_for_update())


def change_group(connection: Connection, group_id: int, **values: Any) -> None:
    """Write columns of a group."""
    connection.execute(update(_group).where(_group.c.id == group_id).values(**values))


def close_topic(connection: Connection, topic_id: int, closed_on: date | None) -> None:
    """Set the last day of a topic; None opens it again."""
    connection.execute(update(_topic).where(_topic.c.id == topic_id).values(closed_on=closed_on))


def insert_topic(
    connection: Connection, group_id: int, title: str, keywords: list[str], opened_on: date
) -> int:
    """Insert a topic and return its id."""
    values = {"group_id": group_id, "title": title, "keywords": keywords, "opened_on": opened_on}
    return int(connection.execute(insert(_topic).values(**values).returning(_topic.c.id)).scalar_one())


def take_unknown(connection: Connection, source: str, external_id: str) -> bool:
    """Take a group off the list of unregistered ones; False if it is not (any more) on it."""
    its = and_(_unknown.c.source == source, _unknown.c.external_id == external_id)
    return connection.execute(delete(_unknown).where(its)).rowcount == 1


def put_unknown_back(
    connection: Connection, source: str, external_id: str, at: datetime, n_events: int
) -> None:
    """Undo a claim: the source's group is nobody's again."""
    its = and_(_source.c.source == source, _source.c.external_id == external_id)
    connection.execute(delete(_source).where(its))
    values = {"source": source, "external_id": external_id, "n_events": n_events}
    connection.execute(insert(_unknown).values(**values, first_seen_at=at, last_seen_at=at))


def insert_officer(connection: Connection, unit_id: int, name: str, since: date) -> int:
    """Begin a term of a designated officer and return its id."""
    values = {"unit_id": unit_id, "name": name, "since": since}
    return int(connection.execute(insert(_officer).values(**values).returning(_officer.c.id)).scalar_one())


def insert_manager(connection: Connection, group_id: int, name: str, since: date) -> int:
    """Begin a term of a group manager and return its id."""
    values = {"group_id": group_id, "name": name, "since": since}
    return int(connection.execute(insert(_manager).values(**values).returning(_manager.c.id)).scalar_one())


def end_officer(connection: Connection, term_id: int, until: date | None) -> None:
    """Set the last day of an officer's term; None lets it go on."""
    connection.execute(update(_officer).where(_officer.c.id == term_id).values(until=until))


def end_manager(connection: Connection, term_id: int, until: date | None) -> None:
    """Set the last day of a manager's term; None lets it go on."""
    connection.execute(update(_manager).where(_manager.c.id == term_id).values(until=until))


def delete_officer(connection: Connection, term_id: int) -> None:
    """Take back a term that was begun by mistake; the change that began it stays."""
    connection.execute(delete(_officer).where(_officer.c.id == term_id))


def delete_manager(connection: Connection, term_id: int) -> None:
    """Take back a manager's term that was begun by mistake; the change that began it stays."""
    connection.execute(delete(_manager).where(_manager.c.id == term_id))


def expire_invitation(connection: Connection, code_hash: str, now: datetime) -> bool:
    """End an invitation; False if it was used."""
    its = (_invitation.c.code_hash == code_hash, _invitation.c.used_at.is_(None))
    return connection.execute(update(_invitation).where(*its).values(expires_at=now)).rowcount == 1


def own_tree(connection: Connection) -> None:
    """Let one move of units run at a time: two at once could put each unit below the other."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_TREE})")


def move_subtree(connection: Connection, unit_id: int, parent_id: int, before: str, after: str) -> int:
    """Put a unit with everything below it under another; return how many units moved.

    Day roll-ups (`unit_day`) stay where they are: they belong to the tree of their day.
    """
    low, high = subtree_bounds(before)
    moved = connection.execute(
        update(_unit)
        .where(_unit.c.path >= low, _unit.c.path < high)
        .values(path=literal(after) + func.substr(_unit.c.path, len(before) + 1))
    )
    connection.execute(update(_unit).where(_unit.c.id == unit_id).values(parent_id=parent_id))
    return moved.rowcount


def switch_unit(connection: Connection, unit_id: int, *, is_active: bool) -> None:
    """Switch a unit on or off; its history stays."""
    connection.execute(update(_unit).where(_unit.c.id == unit_id).values(is_active=is_active))


def hand_over_to(connection: Connection, unit_id: int, target_id: int) -> None:
    """Give official accounts and the people who manage groups of a unit to another.

    Nobody's rights grow: administrators stay where they are.
    """
    connection.execute(update(_account).where(_account.c.unit_id == unit_id).values(unit_id=target_id))
    for table in (_identity, _invitation):
        manages = (table.c.unit_id == unit_id, table.c.group_id.is_not(None))
        connection.execute(update(table).where(*manages).values(unit_id=target_id))


def move_groups(connection: Connection, unit_id: int, target_id: int) -> None:
    """Give all groups of a unit to another."""
    connection.execute(update(_group).where(_group.c.unit_id == unit_id).values(unit_id=target_id))

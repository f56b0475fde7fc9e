"""Versions of the retrained model and which of them is in use. Functions of a connection."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection as Connection
from sqlalchemy import func, insert, select

from monitor.learning.candidates import Choice, ChoiceAct
from monitor.store.learning.tables import ModelChoiceRow, ModelFileRow, ModelVersionRow
from monitor.store.tables import table_of

_version = table_of(ModelVersionRow)
_file = table_of(ModelFileRow)
_choice = table_of(ModelChoiceRow)
_MOST_VERSIONS = 100


class NewVersion(NamedTuple):
    """A retrained model as it is stored."""

    made_at: datetime
    made_by: str
    weights_version: str
    n_examples: int
    is_better: bool
    judgement: str
    card: Mapping[str, Any]
    figures: Mapping[str, Any]


class StoredVersion(NamedTuple):
    """A stored version without its weights."""

    version_id: int
    made_at: datetime
    made_by: str
    weights_version: str
    n_examples: int
    is_better: bool
    judgement: str
    card: Mapping[str, Any]
    figures: Mapping[str, Any]


def insert_version(connection: Connection, version: NewVersion, weights: Mapping[str, bytes]) -> int:
    """Store a version with its weights; return its number."""
    values = version._asdict() | {"card": dict(version.card), "figures": dict(version.figures)}
    number = connection.execute(insert(_version).values(**values).returning(_version.c.id)).scalar_one()
    rows = [{"version_id": number, "name": name, "content": each} for name, each in weights.items()]
    connection.execute(insert(_file), rows)
    return int(number)


def load_versions(connection: Connection) -> list[StoredVersion]:
    """Return the newest 100 versions, newest first."""
    query = select(_version).order_by(_version.c.id.desc()).limit(_MOST_VERSIONS)
    return [StoredVersion(*row) for row in connection.execute(query)]


def load_newest_made_at(connection: Connection) -> datetime | None:
    """Return when the newest version was made, None before the first."""
    newest = select(_version.c.made_at).order_by(_version.c.id.desc()).limit(1)
    found: datetime | None = connection.execute(newest).scalar()
    return found


def load_weights(connection: Connection, version_id: int) -> dict[str, bytes]:
    """Return the files of a version by name, in the order of their names; empty if there is none."""
    query = select(_file.c.name, _file.c.content).where(_file.c.version_id == version_id)
    return {row.name: bytes(row.content) for row in connection.execute(query.order_by(_file.c.name))}


def insert_choice(connection: Connection, choice: Choice, actor: str, at: datetime) -> int:
    """Write which version is in use from now on; return the number of the choice."""
    values = {
        "at": at,
        "actor": actor,
        "act": choice.act.value,
        "version_id": choice.version_id,
        "reason": choice.reason,
    }
    return int(connection.execute(insert(_choice).values(**values).returning(_choice.c.id)).scalar_one())


def load_choices(connection: Connection) -> Sequence[Choice]:
    """Return every choice, oldest first."""
    query = select(_choice.c.act, _choice.c.version_id, _choice.c.reason, _choice.c.at, _choice.c.actor)
    return [
        Choice(ChoiceAct(row.act), row.version_id, row.reason, row.at, row.actor)
        for row in connection.execute(query.order_by(_choice.c.id))
    ]


def load_choice_number(connection: Connection) -> int:
    """Return the number of the newest choice, 0 before the first: it changes whenever the model does."""
    return int(connection.execute(select(func.max(_choice.c.id))).scalar() or 0)

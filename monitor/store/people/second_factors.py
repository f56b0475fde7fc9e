"""Keys and recovery codes of second factors (两步验证). Functions of a connection."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection as Connection
from sqlalchemy import delete, func, insert, select, update

from monitor.store.people.console_tables import RecoveryCodeRow
from monitor.store.tables import ConsoleUserRow, table_of

_user = table_of(ConsoleUserRow)
_recovery = table_of(RecoveryCodeRow)


def load_name(connection: Connection, user_id: int) -> str | None:
    """Return the name of a user, or None."""
    return connection.execute(select(_user.c.name).where(_user.c.id == user_id)).scalar()


def save_factor(connection: Connection, user_id: int, **values: Any) -> None:
    """Change a user's factor: code_key, new_code_key, code_step."""
    connection.execute(update(_user).where(_user.c.id == user_id).values(**values))


def save_recovery_codes(connection: Connection, user_id: int, hashes: list[str]) -> None:
    """Put new recovery codes in place of all old ones."""
    connection.execute(delete(_recovery).where(_recovery.c.user_id == user_id))
    if hashes:
        rows = [{"user_id": user_id, "code_hash": code_hash} for code_hash in hashes]
        connection.execute(insert(_recovery), rows)


def use_recovery_code(connection: Connection, user_id: int, code_hash: str, at: datetime) -> bool:
    """Use up a recovery code; False if there is none, or it was used."""
    here = (_recovery.c.user_id == user_id, _recovery.c.code_hash == code_hash, _recovery.c.used_at.is_(None))
    return connection.execute(update(_recovery).where(*here).values(used_at=at)).rowcount == 1


def count_recovery_codes(connection: Connection, user_id: int) -> int:
    """Return how many recovery codes are left."""
    query = select(func.count()).where(_recovery.c.user_id == user_id, _recovery.c.used_at.is_(None))
    return int(connection.execute(query).scalar_one())

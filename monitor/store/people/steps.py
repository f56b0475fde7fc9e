"""Open steps of the chat (未完成的一步). Functions of a connection."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection as Connection
from sqlalchemy import bindparam, delete, select

from monitor.people.steps import STEP_LIFE, Awaits, FoundStep, OpenStep
from monitor.store.people.dialog_tables import ChatStepRow
from monitor.store.tables import table_of
from monitor.store.upsert import upserting

_step = table_of(ChatStepRow)
_HERE = (_step.c.account == bindparam("at_account"), _step.c.address == bindparam("at_address"))
_FIND = select(_step).where(*_HERE)
_END = delete(_step).where(*_HERE)


def load_step(connection: Connection, account: str, address: str) -> FoundStep | None:
    """Return the step of a person, open or over; None if there is none."""
    row = connection.execute(_FIND, _at(account, address)).one_or_none()
    if row is None:
        return None
    step = OpenStep(Awaits(row.awaits), row.purpose, row.subject_id, row.carried)
    return FoundStep(step, row.expires_at)


def save_step(connection: Connection, account: str, address: str, step: OpenStep, now: datetime) -> None:
    """Open a step; it takes the place of the one before."""
    values: dict[str, Any] = {
        "awaits": step.awaits.value,
        "purpose": step.purpose,
        "subject_id": step.subject_id,
        "carried": step.carried,
        "expires_at": now + STEP_LIFE,
    }
    statement = upserting(connection)(_step).values(account=account, address=address, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["account", "address"], set_=values))


def end_step(connection: Connection, account: str, address: str) -> None:
    """End the step of a person: done, given up, or abandoned by another command."""
    connection.execute(_END, _at(account, address))


def delete_steps(connection: Connection, before: datetime) -> int:
    """Delete steps that were over before an instant; returns how many."""
    return connection.execute(delete(_step).where(_step.c.expires_at < before)).rowcount


def _at(account: str, address: str) -> dict[str, str]:
    return {"at_account": account, "at_address": address}

"""Contacts of schools (负责人、联络人, GD-5.3) with their terms in the store. Functions of a connection."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection as Connection
from sqlalchemy import Row, insert, select, update

from monitor.store.index.work_tables import SchoolContactRow
from monitor.store.tables import table_of

_contact = table_of(SchoolContactRow)


def load_terms(connection: Connection, unit_id: int) -> Sequence[Row[Any]]:
    """Return all terms of a school, earlier ones first."""
    query = select(_contact).where(_contact.c.unit_id == unit_id)
    return connection.execute(query.order_by(_contact.c.since, _contact.c.id)).all()


def load_terms_of(connection: Connection, unit_ids: Sequence[int]) -> Sequence[Row[Any]]:
    """Return all terms of schools, the latest first."""
    query = select(_contact).where(_contact.c.unit_id.in_(unit_ids))
    return connection.execute(query.order_by(_contact.c.since.desc(), _contact.c.id.desc())).all()


def end_term(connection: Connection, contact_id: int, until: date) -> None:
    """Let a term end on a day."""
    connection.execute(update(_contact).where(_contact.c.id == contact_id).values(until=until))


def insert_term(connection: Connection, values: Mapping[str, Any]) -> int:
    """Insert a term with the columns of `school_contact`; returns its number."""
    row = insert(_contact).values(dict(values)).returning(_contact.c.id)
    return int(connection.execute(row).scalar_one())

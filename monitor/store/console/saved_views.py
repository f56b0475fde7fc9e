"""Saved views (已存视图) of console users. Functions of a connection."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection as Connection
from sqlalchemy import delete, func, select, update

from monitor.console.saved_views import SavedView
from monitor.store.console.screen_tables import SavedViewRow
from monitor.store.tables import table_of
from monitor.store.upsert import upserting

_view = table_of(SavedViewRow)
_MOST_ID = 2_147_483_647
_COLUMNS = (_view.c.id, _view.c.page, _view.c.name, _view.c.query, _view.c.is_default)


class ViewToSave(NamedTuple):
    """A view before it has a number."""

    owner: str
    page: str
    name: str
    query: str
    saved_at: datetime


def load_views(connection: Connection, owner: str, page: str) -> list[SavedView]:
    """Return a person's views of a page in order of name."""
    query = select(*_COLUMNS).where(_view.c.owner == owner, _view.c.page == page).order_by(_view.c.name)
    return [SavedView(*row) for row in connection.execute(query)]


def find_view(connection: Connection, owner: str, number: int) -> SavedView | None:
    """Return a view of a person's own, or None."""
    if not 0 < number <= _MOST_ID:
        return None
    row = connection.execute(
        select(*_COLUMNS).where(_view.c.id == number, _view.c.owner == owner)
    ).one_or_none()
    return None if row is None else SavedView(*row)


def find_default(connection: Connection, owner: str, page: str) -> SavedView | None:
    """Return the view that a person's page opens with, or None."""
    query = select(*_COLUMNS).where(_view.c.owner == owner, _view.c.page == page, _view.c.is_default)
    row = connection.execute(query.limit(1)).one_or_none()
    return None if row is None else SavedView(*row)


def count_views(connection: Connection, owner: str, page: str, but: str) -> int:
    """Return how many views of a page a person has beside one of a name."""
    mine = _view.c.owner == owner, _view.c.page == page, _view.c.name != but
    return connection.execute(select(func.count()).select_from(_view).where(*mine)).scalar_one()


def save_view(connection: Connection, view: ViewToSave) -> int:
    """Keep a view; one of the same name is replaced. Returns its number."""
    statement = upserting(connection)(_view).values(view._asdict() | {"is_default": False})
    changed = {"query": view.query, "saved_at": view.saved_at}
    statement = statement.on_conflict_do_update(index_elements=["owner", "page", "name"], set_=changed)
    return int(connection.execute(statement.returning(_view.c.id)).scalar_one())


def set_default(connection: Connection, owner: str, page: str, number: int | None) -> None:
    """Let a person's page open with one view, or with none."""
    mine = _view.c.owner == owner, _view.c.page == page
    connection.execute(update(_view).where(*mine, _view.c.is_default).values(is_default=False))
    if number is not None:
        connection.execute(update(_view).where(*mine, _view.c.id == number).values(is_default=True))


def delete_view(connection: Connection, owner: str, number: int) -> None:
    """Forget a view."""
    connection.execute(delete(_view).where(_view.c.id == number, _view.c.owner == owner))

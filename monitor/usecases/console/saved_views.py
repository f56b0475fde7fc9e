"""Saved views (已存视图): keeping, listing, choosing a default, deleting; each person only their own."""

from collections.abc import Collection
from datetime import datetime

from monitor.clock import Clock
from monitor.console.saved_views import SavedView, clean_name, clean_query, unit_of
from monitor.errors import CommandError, NotFound, OutOfScope
from monitor.store.console import saved_views
from monitor.store.console.saved_views import Connection, ViewToSave
from monitor.store.database import Database
from monitor.store.operations.audit import insert_audit
from monitor.units import Viewer
from monitor.usecases import scope

MOST_VIEWS = 20
"""So many views of one page a person may have."""


class SavedViewNotFound(NotFound):
    """The view does not exist or is somebody else's: the same text."""

    code = "saved_view_not_found"
    user_text = "没有这个已存视图"


class SavedViews:
    """Keeps filters for those who use them, leaders too: only their own pages change. Thread-safe."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Keep the collaborators."""
        self._database, self._clock = database, clock

    def list(self, viewer: Viewer, page: str) -> list[SavedView]:
        """Return the viewer's own views of a page in order of name."""
        with self._database.reading() as connection:
            return saved_views.load_views(connection, viewer.identity, page)

    def default_query(self, viewer: Viewer, page: str) -> str:
        """Return the query string that a page opens with, "" for none.

        One about a unit that the viewer no longer sees is passed over, or the page could not be opened.
        """
        with self._database.reading() as connection:
            view = saved_views.find_default(connection, viewer.identity, page)
            if view is None:
                return ""
            try:
                scope.find_unit(connection, viewer, unit_of(view.query))
            except OutOfScope:
                return ""
        return view.query

    def save(
        self,
        viewer: Viewer,
        page: str,
        parameters: Collection[str],
        name: str,
        query: str,
        *,
        is_default: bool,
    ) -> SavedView:
        """Keep a filter under a name; the same name again replaces it. Audited.

        Args:
            viewer: whose view it is.
            page: endpoint of the page.
            parameters: of the page's address; everything else is left out.
            name: 1 to 20 characters.
            query: query string of the address.
            is_default: whether the page opens with it.

        Raises: BadParameter for a bad name or an empty filter; CommandError beyond 20 views of a page.
        """
        name, query, now = clean_name(name), clean_query(query, parameters), self._clock()

        def write(connection: Connection) -> SavedView:
            if saved_views.count_views(connection, viewer.identity, page, name) >= MOST_VIEWS:
                text = f"每个页面最多保存 {MOST_VIEWS} 个视图，请先删除不用的"
                raise CommandError("too many views", user_text=text)
            new = ViewToSave(viewer.identity, page, name, query, now)
            number = saved_views.save_view(connection, new)
            if is_default:
                saved_views.set_default(connection, viewer.identity, page, number)
            _record(connection, viewer, "view.saved", number, now, page)
            return SavedView(number, page, name, query, is_default)

        return self._database.write(write)

    def choose_default(self, viewer: Viewer, number: int, *, is_default: bool) -> SavedView:
        """Let the page of a view open with it, or no longer. Audited.

        Raises: SavedViewNotFound.
        """
        now = self._clock()

        def write(connection: Connection) -> SavedView:
            view = _find(connection, viewer, number)
            saved_views.set_default(connection, viewer.identity, view.page, number if is_default else None)
            _record(connection, viewer, "view.default", number, now, view.page)
            return view

        return self._database.write(write)

    def delete(self, viewer: Viewer, number: int) -> SavedView:
        """Forget a view. Audited.

        Raises: SavedViewNotFound.
        """
        now = self._clock()

        def write(connection: Connection) -> SavedView:
            view = _find(connection, viewer, number)
            saved_views.delete_view(connection, viewer.identity, number)
            _record(connection, viewer, "view.deleted", number, now, view.page)
            return view

        return self._database.write(write)


def _find(connection: Connection, viewer: Viewer, number: int) -> SavedView:
    view = saved_views.find_view(connection, viewer.identity, number)
    if view is None:
        raise SavedViewNotFound(f"view {number}")
    return view


def _record(
    connection: Connection, viewer: Viewer, action: str, number: int, now: datetime, page: str
) -> None:
    insert_audit(connection, viewer.identity, action, f"view:{number}", {"page": page}, now)

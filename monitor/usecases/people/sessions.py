"""Sessions of the console (在线会话): one's own, and for operators those of their subtree.

Key types: `SessionsDesk`.
"""

from monitor.clock import Clock
from monitor.errors import NotFound, OutOfScope
from monitor.store.database import Database
from monitor.store.operations.audit import insert_audit
from monitor.store.people import sessions
from monitor.store.people.sessions import HANDLE_CHARS, Connection
from monitor.store.people.sessions import SessionLine as SessionLine
from monitor.units import Role, Viewer
from monitor.usecases.people.sign_in import IDLE, hash_token


class SessionNotFound(NotFound):
    """No such live session that this person may end."""

    code = "session_not_found"
    user_text = "该登录已结束"


class SessionsDesk:
    """Lists and ends sessions. Thread-safe; one per process."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Keep the collaborators."""
        self._database = database
        self._clock = clock

    def own(self, viewer: Viewer) -> list[SessionLine]:
        """Return a person's own live sessions, the latest seen first."""
        with self._database.reading() as connection:
            return sessions.load_sessions(connection, self._clock() - IDLE, owner=viewer.identity)

    def all(self, operator: Viewer) -> list[SessionLine]:
        """Return the live sessions of a subtree, of users and of people bound in chat.

        Raises: OutOfScope for who is no operator.
        """
        if operator.role is not Role.OPERATOR:
            raise OutOfScope(f"{operator.identity} is no operator")
        with self._database.reading() as connection:
            return sessions.load_sessions(connection, self._clock() - IDLE, path=operator.unit_path)

    def end_own(self, viewer: Viewer, handle: str) -> None:
        """End one of one's own sessions.

        Raises: SessionNotFound.
        """
        self._end(viewer, handle, self.own(viewer))

    def end_others(self, viewer: Viewer, token: str) -> int:
        """End all of one's own sessions but the present one; returns how many."""
        here = handle_of(token)
        handles = [line.handle for line in self.own(viewer) if line.handle != here]
        return self._database.write(lambda c: self._revoke(c, viewer, viewer.identity, handles))

    def end_any(self, operator: Viewer, handle: str) -> None:
        """End anybody's session of the subtree (强制下线).

        Raises: OutOfScope; SessionNotFound.
        """
        self._end(operator, handle, self.all(operator))

    def _end(self, viewer: Viewer, handle: str, among: list[SessionLine]) -> None:
        found = next((line for line in among if line.handle == handle), None)
        if found is None:
            raise SessionNotFound(f"no session {handle!r}")
        self._database.write(lambda c: self._revoke(c, viewer, found.owner, [handle]))

    def _revoke(self, connection: Connection, viewer: Viewer, owner: str, handles: list[str]) -> int:
        n_ended = sessions.revoke_sessions(connection, handles)
        if n_ended:
            detail = {"ended": n_ended}
            insert_audit(connection, viewer.identity, "console.session_ended", owner, detail, self._clock())
        return n_ended


def handle_of(token: str) -> str:
    """Return how a session is named on pages, from the token of its cookie."""
    return hash_token(token)[:HANDLE_CHARS]

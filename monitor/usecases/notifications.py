"""Alerts and messages as people see and answer them: list, acknowledge (确认), send again (重发).

Everything is limited to the viewer's subtree; what lies outside is answered like what does not exist.
Key types: `Notifications`, `AlertReading`, `MessageReading`.
"""

from dataclasses import dataclass

from monitor.clock import Clock
from monitor.errors import NotFound, ReadOnlyRole, StateError
from monitor.outbox import OutboxState, QuietHours
from monitor.store import notification_rows
from monitor.store.database import Database
from monitor.store.notification_rows import AlertReading as AlertReading
from monitor.store.notification_rows import Connection
from monitor.store.notification_rows import MessageReading as MessageReading
from monitor.units import Role, Viewer

_RESENDABLE = frozenset((OutboxState.DEAD, OutboxState.UNKNOWN, OutboxState.PULL_ONLY))


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """An acknowledged alert; `is_new` is False when somebody had done it before."""

    alert: AlertReading
    is_new: bool


class Notifications:
    """Serves the alert list, 「提醒」 and the notification page. Thread-safe; one per process."""

    def __init__(self, database: Database, clock: Clock, *, quiet: QuietHours | None = None) -> None:
        """Keep the collaborators."""
        self._database = database
        self._clock = clock
        self._quiet = quiet or QuietHours()

    def open_alerts(self, viewer: Viewer, limit: int = 200) -> list[AlertReading]:
        """Return alerts that are not over, most urgent first, then newest."""
        with self._database.reading() as connection:
            return notification_rows.load_open_alerts(connection, viewer, limit)

    def messages(
        self, viewer: Viewer, states: frozenset[OutboxState] = frozenset(), limit: int = 200
    ) -> list[MessageReading]:
        """Return outbox messages to people of the viewer's subtree, newest first; no states means all.

        Messages to group robots are shown to viewers of the whole province only.
        """
        with self._database.reading() as connection:
            return notification_rows.load_messages(connection, viewer, states, limit)

    def count_states(self, viewer: Viewer) -> dict[str, int]:
        """Return how many messages are in which state."""
        with self._database.reading() as connection:
            return notification_rows.count_states(connection, viewer)

    def acknowledge(self, viewer: Viewer, alert_id: int) -> Acknowledgement:
        """Note that a person has seen an alert: it is not repeated, and stays open until made good.

        Raises: NotFound outside the viewer's subtree too; ReadOnlyRole for leaders.
        """
        _require_writer(viewer)
        now = self._clock()

        def work(connection: Connection) -> Acknowledgement:
            alert = notification_rows.find_alert(connection, viewer, alert_id)
            if alert is None:
                raise NotFound(f"alert {alert_id} asked by {viewer.identity}")
            is_new = notification_rows.acknowledge(connection, alert_id, viewer.identity, now)
            return Acknowledgement(alert, is_new)

        return self._database.write(work)

    def send_again(self, viewer: Viewer, message_id: int) -> int:
        """Queue a copy of a message that did not get through; returns its number.

        The original keeps its state. Asking twice within a minute makes one copy.
        Raises: NotFound outside the viewer's subtree too; ReadOnlyRole; StateError if it may still arrive.
        """
        _require_writer(viewer)
        now = self._clock()

        def work(connection: Connection) -> int:
            message = notification_rows.find_message(connection, viewer, message_id)
            if message is None:
                raise NotFound(f"message {message_id} asked by {viewer.identity}")
            if message.state not in _RESENDABLE:
                raise StateError(f"message {message_id} is {message.state}")
            run_at = self._quiet.send_at(now, message.priority)
            return notification_rows.copy_message(connection, message, viewer.identity, now, run_at)

        return self._database.write(work)


def _require_writer(viewer: Viewer) -> None:
    if viewer.role is Role.LEADER:
        raise ReadOnlyRole(f"{viewer.identity} may only read")

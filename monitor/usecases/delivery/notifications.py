"""Alerts and messages as people see and answer them: list, acknowledge (确认), send again (重发).

Everything is limited to the viewer's subtree; what lies outside is answered like what does not exist.
Key types: `Notifications`, `AlertReading`, `MessageReading`; the functions run in the caller's transaction.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.clock import Clock
from monitor.delivery.outbox import OutboxState, QuietHours
from monitor.errors import NotFound, ReadOnlyRole, StateError
from monitor.store.database import Database
from monitor.store.delivery import notifications as notification_rows
from monitor.store.delivery.notifications import AlertReading as AlertReading
from monitor.store.delivery.notifications import Connection
from monitor.store.delivery.notifications import MessageReading as MessageReading
from monitor.store.delivery.notifications import OpenCount as OpenCount
from monitor.units import Role, Viewer

UNDO_WITHIN = timedelta(minutes=10)
_RESENDABLE = frozenset((OutboxState.DEAD, OutboxState.UNKNOWN, OutboxState.PULL_ONLY))


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """An alert as it was found, and the number of the record; 0 when nothing changed.

    Nothing changes when somebody had acknowledged it before, or when it is over.
    """

    alert: AlertReading
    number: int

    @property
    def is_new(self) -> bool:
        """Tell whether this acknowledgement is the one that counts."""
        return self.number != 0


class Notifications:
    """Serves the alert list, 「提醒」 and the notification page. Thread-safe; one per process."""

    def __init__(self, database: Database, clock: Clock, *, quiet: QuietHours | None = None) -> None:
        """Keep the collaborators."""
        self._database = database
        self._clock = clock
        self._quiet = quiet or QuietHours()

    def open_alerts(self, viewer: Viewer, limit: int = 200, group_code: str = "") -> list[AlertReading]:
        """Return alerts that are not over: those not acknowledged first, then most urgent, then newest.

        Args:
            limit: at most so many.
            group_code: only those about this group; empty for all.
        """
        with self._database.reading() as connection:
            return notification_rows.load_open_alerts(connection, viewer, limit, group_code)

    def count_open(self, viewer: Viewer, group_code: str = "") -> OpenCount:
        """Return how many alerts are not over, and how many of these somebody has acknowledged."""
        with self._database.reading() as connection:
            return notification_rows.count_open_alerts(connection, viewer, group_code)

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
        """Acknowledge an alert in a transaction of its own; see the function of this name."""
        now = self._clock()
        return self._database.write(lambda connection: acknowledge(connection, viewer, alert_id, now))

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


def acknowledge(connection: Connection, viewer: Viewer, alert_id: int, now: datetime) -> Acknowledgement:
    """Note that a person has seen an alert (确认): it is not repeated, and stays open until made good.

    Source: requirements D.4, D.5.
    Raises: NotFound outside the viewer's subtree too; ReadOnlyRole for leaders.
    """
    _require_writer(viewer)
    alert = notification_rows.find_alert(connection, viewer, alert_id)
    if alert is None:
        raise NotFound(
            f"alert {alert_id} asked by {viewer.identity}", user_text="没有该编号的提醒，可回复 提醒 查看编号"
        )
    if alert.resolved_at is not None:
        return Acknowledgement(alert, 0)
    number = notification_rows.acknowledge(connection, alert_id, viewer.identity, now)
    if not number:  # somebody was faster, perhaps since it was read
        alert = notification_rows.find_alert(connection, viewer, alert_id) or alert
    return Acknowledgement(alert, number)


def take_back(
    connection: Connection, viewer: Viewer, number: int, now: datetime
) -> tuple[AlertReading, int] | None:
    """Undo the viewer's own acknowledgement, at most ten minutes old; None if the record is none of these.

    Source: requirement D.0.
    Returns: the alert, and the number of the record of the undoing.
    """
    by = viewer.identity
    alert_id = notification_rows.find_acknowledged(connection, number, by, now - UNDO_WITHIN)
    alert = alert_id and notification_rows.find_alert(connection, viewer, alert_id)
    if not alert or alert.resolved_at is not None:
        return None
    return alert, notification_rows.forget_acknowledgement(connection, alert.alert_id, by, now)


def _require_writer(viewer: Viewer) -> None:
    if viewer.role is Role.LEADER:
        raise ReadOnlyRole(f"{viewer.identity} may only read")

"""Where oversight (督导) is done: who acts, in which transaction, with what this installation offers.

The office (办公室) is what one process knows: rules, addresses, jobs. A chair is one person at work in it.
Key types: `Oversight`, `Office`, `Chair`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar

from monitor.clock import Clock, business_day
from monitor.delivery.addresses import AddressBook
from monitor.delivery.outbox import ChannelKind, QuietHours
from monitor.errors import ReadOnlyRole
from monitor.store.database import Database
from monitor.store.days.grades import Connection as Connection
from monitor.store.operations.audit import insert_audit
from monitor.units import Group, Role, Unit, Viewer
from monitor.usecases import scope
from monitor.usecases.operations.keep_errors import ErrorKeeper
from monitor.usecases.operations.premises import Premises
from monitor.usecases.operations.scheduled import ScheduledTask
from monitor.usecases.rules.in_force import AnyRules
from scoring.rulebook import load_rulebook

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Office:
    """What one process knows.

    Attributes:
        address_book: which accounts and robots messages go out by.
        channels: the channels of this installation.
        public_url: what links begin with.
        tasks: the scheduled jobs besides those that are built in.
        precision_floor: share of findings that people confirm below which operators are warned, 0–1.
        premises: machine, database and software, for operators; None where nobody looks at them.
    """

    rules: AnyRules = field(default_factory=load_rulebook)
    address_book: AddressBook = field(default_factory=AddressBook)
    channels: frozenset[ChannelKind] = frozenset()
    quiet: QuietHours = field(default_factory=QuietHours)
    public_url: str = ""
    tasks: Sequence[ScheduledTask] = ()
    premises: Premises | None = None
    precision_floor: float = 0.5


@dataclass(frozen=True, slots=True)
class Chair:
    """One person at work: the transaction, who it is, the instant, and the office."""

    connection: Connection
    viewer: Viewer
    now: datetime
    office: Office

    @property
    def today(self) -> date:
        """The present business day."""
        return business_day(self.now)

    def unit(self, code: str) -> Unit:
        """Return a unit of the viewer's subtree.

        Raises: OutOfScope if it is outside or does not exist.
        """
        return scope.find_unit(self.connection, self.viewer, code)

    def group(self, code: str) -> Group:
        """Return a group that the viewer may see.

        Raises: OutOfScope if there is none.
        """
        return scope.find_group(self.connection, self.viewer, code)

    def record(self, action: str, subject: str, **detail: object) -> int:
        """Write the audit; returns the number of the record, which 撤销 takes."""
        return insert_audit(self.connection, self.viewer.identity, action, subject, detail, self.now)


class Oversight:
    """Serves chat, console and jobs with chairs. Thread-safe; one per process."""

    def __init__(self, database: Database, clock: Clock, office: Office | None = None) -> None:
        """Keep the collaborators; without an office nothing is reachable and no job is known."""
        self._database, self._clock = database, clock
        self.office = office or Office()
        self.errors = ErrorKeeper(database, clock)

    def chair(self, connection: Connection, viewer: Viewer, now: datetime) -> Chair:
        """Return the chair of a person in a transaction."""
        return Chair(connection, viewer, now, self.office)

    def read(self, viewer: Viewer, question: Callable[[Chair], R]) -> R:
        """Answer a question on a snapshot."""
        with self._database.reading() as connection:
            return question(self.chair(connection, viewer, self._clock()))

    def write(self, viewer: Viewer, change: Callable[[Chair], R]) -> R:
        """Make a change in a transaction of its own.

        Raises: ReadOnlyRole for leaders.
        """
        require_writer(viewer)
        return self.note(viewer, change)

    def note(self, viewer: Viewer, change: Callable[[Chair], R]) -> R:
        """Note something about the viewer alone, such as a receipt (已读): leaders may as well."""
        now = self._clock()
        return self._database.write(lambda connection: change(self.chair(connection, viewer, now)))


def require_writer(viewer: Viewer) -> None:
    """Refuse leaders.

    Raises: ReadOnlyRole.
    """
    if viewer.role is Role.LEADER:
        raise ReadOnlyRole(f"{viewer.identity} may only read")

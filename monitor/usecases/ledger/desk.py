"""Where the ledger (台账) is kept: who writes, in which transaction, by which rules.

Everything is limited to the viewer's subtree; what lies outside reads exactly like what does not exist.
Key types: `Ledger`, `Clerk`, `Acted`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from monitor.clock import Clock, business_day
from monitor.delivery.outbox import QuietHours
from monitor.errors import BadParameter, CommandError, NotFound, ReadOnlyRole
from monitor.ledger.ledger import ChangeState, LedgerChange
from monitor.rules.settings import DayRules
from monitor.store.database import Database
from monitor.store.ledger import queries as ledger_queries
from monitor.store.ledger import rows as ledger_rows
from monitor.store.ledger.rows import Connection, NewChange
from monitor.store.operations.audit import insert_audit
from monitor.units import Group, Role, Unit, Viewer
from monitor.usecases import scope
from monitor.usecases.rules.in_force import AnyRules, DatedRules, dated
from scoring.rulebook import load_rulebook

R = TypeVar("R")
UNDO_WITHIN = timedelta(minutes=10)
ACTION = "ledger."
WRITERS = frozenset((Role.INSPECTOR, Role.UNIT_ADMIN, Role.BRANCH_ADMIN))
MOST_REASON_CHARS = 500


class ChangeNotFound(NotFound):
    """No change of that number, or not in scope: the same text."""

    code = "change_not_found"
    user_text = "未找到该申请，可回复 审批 查看待审批的事项"


@dataclass(frozen=True, slots=True)
class Acted:
    """A change as it stands, and the number of its record; 0 when nothing new was stored.

    `existing` is the code of the group that made a second one unnecessary.
    """

    change: LedgerChange | None
    number: int
    existing: str = ""


@dataclass(frozen=True, slots=True)
class Clerk:
    """One person at work on the ledger: the transaction, who it is, the instant and the rules."""

    connection: Connection
    viewer: Viewer
    now: datetime
    rules: DatedRules
    quiet: QuietHours

    @property
    def today(self) -> date:
        """The business day (当日) of the present instant."""
        return business_day(self.now)

    @property
    def actor_name(self) -> str:
        """How the person is called in the history."""
        return self.viewer.signature

    @property
    def is_of_root(self) -> bool:
        """Whether the person's scope is the whole tree: nobody stands above them."""
        return self.viewer.unit_path.count("/") == 2 and self.viewer.role in WRITERS

    def rules_today(self) -> DayRules:
        """Return the rules in force today."""
        return self.rules.on(self.today)

    def find_unit(self, code: str | None) -> Unit:
        """Return a unit of the person's subtree; None is their own.

        Raises: OutOfScope.
        """
        return scope.find_unit(self.connection, self.viewer, (code or "").strip() or None)

    def find_group(self, code: str) -> Group:
        """Return a group that the person may see, closed ones included.

        Raises: OutOfScope.
        """
        return scope.find_group(self.connection, self.viewer, code)

    def find_change(self, number: int) -> LedgerChange:
        """Return a change of the person's subtree.

        Raises: ChangeNotFound.
        """
        change = ledger_queries.load_change(self.connection, number)
        if change is None or not self.viewer.may_see_unit(change.unit_path):
            raise ChangeNotFound(f"change {number} asked by {self.viewer.identity}")
        return change

    def require_writer(self) -> None:
        """Let only administrators and inspectors pass.

        Raises: ReadOnlyRole for leaders, CommandError for others.
        """
        if self.viewer.role is Role.LEADER:
            raise ReadOnlyRole(f"{self.viewer.identity} may only read")
        if self.viewer.role not in WRITERS:
            raise CommandError("no administrator", user_text="台账由单位管理员、督导检查登记")

    def write(self, change: NewChange) -> Acted:
        """Write a change and its audit entry, whose number 撤销 takes."""
        viewer = self.viewer
        number = ledger_rows.insert_change(
            self.connection, change, viewer.identity, self.actor_name, self.now
        )
        return Acted(
            ledger_queries.load_change(self.connection, number), self.record(change.kind.name, number)
        )

    def record(self, act: str, number: int) -> int:
        """Write an act on a change into the audit; return its number."""
        action = f"{ACTION}{act.lower()}"
        return insert_audit(
            self.connection, self.viewer.identity, action, f"ledger:{number}", {"change": number}, self.now
        )

    def decide(self, number: int, before: ChangeState, after: ChangeState, note: str = "") -> bool:
        """Bring a change to another state in the person's name; False if somebody was faster."""
        return ledger_rows.move_change(
            self.connection, number, before, after,
            decided_at=self.now, decided_by=self.viewer.identity, decided_by_name=self.actor_name, note=note,
        )  # fmt: skip


class Ledger:
    """Serves chat, console and jobs with clerks. Thread-safe; one per process."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        rules: AnyRules | None = None,
        *,
        quiet: QuietHours | None = None,
    ) -> None:
        """Keep the collaborators; without `rules` the rulebook as shipped judges."""
        self.database, self.clock = database, clock
        self._rules: AnyRules = rules or load_rulebook()
        self._quiet = quiet or QuietHours()

    def clerk(self, connection: Connection, viewer: Viewer, now: datetime) -> Clerk:
        """Return the clerk of a person in a transaction."""
        return Clerk(connection, viewer, now, dated(self._rules, connection), self._quiet)

    def read(self, viewer: Viewer, question: Callable[[Clerk], R]) -> R:
        """Answer a question on a snapshot."""
        with self.database.reading() as connection:
            return question(self.clerk(connection, viewer, self.clock()))

    def write(self, viewer: Viewer, change: Callable[[Clerk], R]) -> R:
        """Make a change in a transaction of its own."""
        now = self.clock()
        return self.database.write(lambda connection: change(self.clerk(connection, viewer, now)))


def require_reason(reason: str, what: str = "原因") -> str:
    """Return a reason on one line, cut to 500 characters.

    Raises: BadParameter without one.
    """
    cleaned = " ".join(reason.split())[:MOST_REASON_CHARS]
    if not cleaned:
        raise BadParameter(f"no {what}", user_text=f"请写明{what}")
    return cleaned

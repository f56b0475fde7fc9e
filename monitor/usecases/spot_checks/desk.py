"""Where spot checks (抽查) are drawn, filed and read: who asks, in which transaction, by which rules.

Only inspectors draw, file and void, inside their subtree; units read what was filed about them. What lies
outside reads exactly like what does not exist. Key types: `SpotChecks`, `SpotSitting`, `SpotReading`.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from monitor.clock import Clock, Period, business_day
from monitor.days.counting import count_day
from monitor.delivery.outbox import QuietHours
from monitor.errors import BadParameter, CommandError, NotFound, ReadOnlyRole
from monitor.events import Provenance
from monitor.rules.settings import DayRules
from monitor.spot_checks import is_provisional, judge_spot_check
from monitor.store.database import Database
from monitor.store.days.queries import load_counts
from monitor.store.operations.audit import insert_audit
from monitor.store.spot_checks import rows as spot_checks
from monitor.store.spot_checks.figures import RunCheck
from monitor.store.spot_checks.rows import Connection, StoredCheck
from monitor.units import Group, GroupId, Role, Unit, Viewer, ancestor_ids
from monitor.usecases import scope
from monitor.usecases.rules.in_force import AnyRules, DatedRules, dated
from scoring.activity import ActivityGrade
from scoring.rulebook import load_rulebook
from scoring.source import Verdict

R = TypeVar("R")
UNDO_WITHIN = timedelta(minutes=10)
MOST_NOTE_CHARS = 500
SeedSource = Callable[[], str]


class SpotCheckNotFound(NotFound):
    """No check of that filing number (备案号), or none in scope: the same text."""

    code = "spot_check_not_found"
    user_text = "未找到该备案号，可回复 抽查 记录 列出"


class DrawNotFound(NotFound):
    """No draw of that number (批次号), or none in scope: the same text."""

    code = "draw_not_found"
    user_text = "未找到该批次号，可回复 抽查 记录 列出"


@dataclass(frozen=True, slots=True)
class SpotReading:
    """A check with its grade by the rules of its day.

    `n_system` is what the other sources say about the day now; None is no data. It stands beside the
    inspector's count and replaces nothing.
    """

    check: StoredCheck
    verdict: Verdict[ActivityGrade]
    n_system: int | None

    @property
    def is_provisional(self) -> bool:
        """Whether the day is still open (暂定, D-08)."""
        return is_provisional(self.verdict)

    @property
    def n_judged(self) -> int:
        """The posts that the grade was given on: those counted and those after the check."""
        judged: int = self.verdict.figures["n_posts"]  # type: ignore[assignment]
        return judged


@dataclass(frozen=True, slots=True)
class SpotSitting:
    """One person at work on spot checks: transaction, who, when, rules; `new_seed` draws lots for draws."""

    connection: Connection
    viewer: Viewer
    now: datetime
    rules: DatedRules
    quiet: QuietHours
    new_seed: SeedSource

    @property
    def today(self) -> date:
        """The present business day."""
        return business_day(self.now)

    @property
    def actor_name(self) -> str:
        """How the record names the person."""
        return self.viewer.signature

    def rules_on(self, day: date) -> DayRules:
        """Return the rules in force on a day."""
        return self.rules.on(day)

    def find_unit(self, code: str | None) -> Unit:
        """Return a unit of the subtree; None is the person's own.

        Raises: OutOfScope.
        """
        return scope.find_unit(self.connection, self.viewer, code)

    def find_group(self, code: str) -> Group:
        """Return a group of the subtree.

        Raises: OutOfScope.
        """
        return scope.find_group(self.connection, self.viewer, code)

    def find_check(self, filing_no: str) -> SpotReading:
        """Return a check of the subtree by its number as stored.

        Raises: SpotCheckNotFound.
        """
        found = None
        if self.viewer.role is not Role.GROUP_MANAGER:
            found = spot_checks.find_check(self.connection, self.viewer.unit_path, filing_no)
        if found is None:
            raise SpotCheckNotFound(f"check {filing_no!r} asked by {self.viewer.identity}")
        return self.read_checks([found])[0]

    def read_checks(self, checks: Sequence[StoredCheck]) -> list[SpotReading]:
        """Grade checks by the rules of their days, and set the system's counts beside them."""
        systems = load_system_counts(self.connection, {(each.group_id, each.day) for each in checks})
        return [
            SpotReading(each, judge_stored(each, self.rules), systems.get((each.group_id, each.day)))
            for each in checks
        ]

    def record(self, action: str, subject: str, **detail: object) -> int:
        """Write an act into the audit; return the number that 撤销 takes."""
        return insert_audit(self.connection, self.viewer.identity, action, subject, detail, self.now)


class SpotChecks:
    """Serves chat, console and jobs. Thread-safe; one per process."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        rules: AnyRules | None = None,
        *,
        quiet: QuietHours | None = None,
        new_seed: SeedSource = lambda: secrets.token_hex(16),
    ) -> None:
        """Keep the collaborators; without rules those shipped hold."""
        self._database, self._clock = database, clock
        self._rules: AnyRules = rules or load_rulebook()
        self._quiet, self._new_seed = quiet or QuietHours(), new_seed

    def sit(self, connection: Connection, viewer: Viewer, now: datetime) -> SpotSitting:
        """Return the sitting of a person in a transaction."""
        return SpotSitting(
            connection, viewer, now, dated(self._rules, connection), self._quiet, self._new_seed
        )

    def read(self, viewer: Viewer, question: Callable[[SpotSitting], R]) -> R:
        """Answer a question on a snapshot."""
        with self._database.reading() as connection:
            return question(self.sit(connection, viewer, self._clock()))

    def write(self, viewer: Viewer, change: Callable[[SpotSitting], R]) -> R:
        """Make a change in a transaction of its own.

        Raises: ReadOnlyRole for leaders.
        """
        require_writer(viewer)
        now = self._clock()
        return self._database.write(lambda connection: change(self.sit(connection, viewer, now)))


def require_writer(viewer: Viewer) -> None:
    """Refuse leaders.

    Raises: ReadOnlyRole.
    """
    if viewer.role is Role.LEADER:
        raise ReadOnlyRole(f"{viewer.identity} may only read")


def require_inspector(viewer: Viewer) -> None:
    """Let only inspectors draw, file and void.

    Source: HN-4.1c, D.2.
    Raises: ReadOnlyRole, CommandError.
    """
    require_writer(viewer)
    if viewer.role is not Role.INSPECTOR:
        raise CommandError("not an inspector", user_text="抽查由督导检查人员进行，本单位只能查看和申诉")


def remember_verdicts(rules: DatedRules) -> Callable[[RunCheck], Verdict[ActivityGrade]]:
    """Return `judge_stored` with a memory: few different counts occur among the checks of a year."""
    of_day: dict[date, DayRules] = {}
    known: dict[tuple[int, int, int | None, int | None], Verdict[ActivityGrade]] = {}

    def judge(check: RunCheck) -> Verdict[ActivityGrade]:
        held = of_day.get(check.day) or of_day.setdefault(check.day, rules.on(check.day))
        key = (id(held), check.n_posts, check.n_later, check.n_later_relevant)
        return known.get(key) or known.setdefault(key, judge_stored(check, rules))

    return judge


def judge_stored(check: StoredCheck | RunCheck, rules: DatedRules) -> Verdict[ActivityGrade]:
    """Grade a stored check by the rules of its day.

    Source: HN-4.1d, D-08.
    """
    return judge_spot_check(
        check.n_posts, check.n_later, rules.on(check.day), n_later_relevant=check.n_later_relevant
    )


def find_city_id(unit_path: str) -> int:
    """Return the 市县 or 高校 of a unit: the one right below the root; the root itself for the root."""
    ids = ancestor_ids(unit_path)
    return ids[1] if len(ids) > 1 else ids[0]


def load_system_counts(
    connection: Connection, wanted: set[tuple[GroupId, date]]
) -> dict[tuple[GroupId, date], int]:
    """Return what all sources but the inspectors say about groups' days; without data absent."""
    found: dict[tuple[GroupId, date], int] = {}
    by_day: dict[date, list[GroupId]] = {}
    for group_id, day in wanted:
        by_day.setdefault(day, []).append(group_id)
    for day, group_ids in by_day.items():
        for key, counts in load_counts(connection, sorted(group_ids), Period(day, day)).items():
            count = count_day([each for each in counts if each.provenance != Provenance.INSPECTED])
            if count is not None:
                found[key] = count.n_posts
    return found


def clean_text(text: str, what: str, *, is_required: bool = True) -> str:
    """Return a text on one line, at most 500 characters.

    Raises: BadParameter naming `what` if it is required and empty.
    """
    cleaned = " ".join(text.split())[:MOST_NOTE_CHARS]
    if is_required and not cleaned:
        raise BadParameter(f"{what} is empty", user_text=f"请写明{what}")
    return cleaned

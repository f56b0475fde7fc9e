"""Where incidents are handled: who asks, in which transaction, with which time targets.

Everything is limited to the places within the viewer's scope; an incident without any reads exactly like
one that does not exist. Key types: `Incidents`, `Docket`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from monitor.clock import Clock, business_day
from monitor.delivery.outbox import QuietHours
from monitor.errors import NotFound, ReadOnlyRole
from monitor.incidents.course import SETTLED, IncidentAct, IncidentState, read_targets
from monitor.incidents.readings import IncidentReading
from monitor.store import search_queries
from monitor.store.assessment.evidence import EvidenceFolder
from monitor.store.database import Database
from monitor.store.incidents import queries as incident_queries
from monitor.store.incidents import rows as incidents
from monitor.store.incidents.queries import Connection, TargetSetting
from monitor.store.incidents.rows import HistoryEntry
from monitor.store.operations.audit import insert_audit
from monitor.units import Group, Role, Viewer
from monitor.usecases.rules.in_force import AnyRules, dated
from scoring.rulebook import load_rulebook

R = TypeVar("R")
D_03 = "D-03"
PER_UNIT = "per_unit"
MOST_NOTE_CHARS = 500


class IncidentNotFound(NotFound):
    """No incident of that number, or none of its places is in scope: the same text."""

    code = "incident_not_found"
    user_text = "未找到该事件，可回复 事件 列出"


@dataclass(frozen=True, slots=True)
class Docket:
    """One person at work on incidents: the transaction, who it is, the instant and the time targets."""

    connection: Connection
    viewer: Viewer
    now: datetime
    setting: TargetSetting
    quiet: QuietHours

    def find(self, incident_id: int) -> IncidentReading:
        """Return an incident with the places in scope.

        Raises: IncidentNotFound.
        """
        found = incident_queries.find_incident(self.connection, self.viewer, self.setting, incident_id)
        if found is None:
            raise IncidentNotFound(f"incident {incident_id} asked by {self.viewer.identity}")
        return found

    def count_open(self) -> int:
        """Return how many incidents in scope are open and alarming."""
        alarming = [state for state in IncidentState if state not in SETTLED | {IncidentState.REVIEW}]
        return incident_queries.count_open(self.connection, self.viewer, alarming)

    def groups_of_viewer(self) -> list[Group]:
        """Return the groups of a group manager, in order of code."""
        return search_queries.load_groups_by_id(self.connection, sorted(self.viewer.group_ids))

    def find_to_change(self, incident_id: int) -> IncidentReading:
        """Return an incident, locked until the end of the transaction.

        Raises: IncidentNotFound; ReadOnlyRole for leaders.
        """
        require_writer(self.viewer)
        self.find(incident_id)
        incidents.lock_incident(self.connection, incident_id)
        return self.find(incident_id)

    def record(
        self,
        incident: IncidentReading,
        act: IncidentAct,
        note: str,
        place_ids: list[int],
        before: Mapping[str, object] | None = None,
    ) -> tuple[int, int]:
        """Write an act into history and audit; return the number of each.

        `before` is what 撤销 needs to bring the places back to where they were.
        """
        viewer = self.viewer
        entry = HistoryEntry(act, viewer.identity, viewer.signature, note, place_ids)
        number = incidents.write_history(self.connection, incident.incident_id, entry, self.now)
        detail: dict[str, object] = {"event": number, "places": place_ids, "note": note, **(before or {})}
        subject = f"incident:{incident.incident_id}"
        action = f"incident.{act.name.lower()}"
        return number, insert_audit(self.connection, viewer.identity, action, subject, detail, self.now)


class Incidents:
    """Serves chat, console and jobs with dockets. Thread-safe; one per process."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        rules: AnyRules | None = None,
        folder: EvidenceFolder | None = None,
        *,
        quiet: QuietHours | None = None,
    ) -> None:
        """Keep the collaborators.

        Args:
            database: of the incidents.
            clock: present instant.
            rules: where D-03 is read; the rulebook as shipped when absent.
            folder: where pictures are kept; without one they can be noted but not shown.
            quiet: hours in which only incidents go out.
        """
        self._database, self._clock = database, clock
        self._rules: AnyRules = rules or load_rulebook()
        self.folder = folder
        self.quiet = quiet or QuietHours()

    def docket(self, connection: Connection, viewer: Viewer, now: datetime) -> Docket:
        """Return the docket of a person in a transaction."""
        return Docket(connection, viewer, now, load_setting(connection, self._rules, now), self.quiet)

    def read(self, viewer: Viewer, question: Callable[[Docket], R]) -> R:
        """Answer a question on a snapshot."""
        with self._database.reading() as connection:
            return question(self.docket(connection, viewer, self._clock()))

    def write(self, viewer: Viewer, change: Callable[[Docket], R]) -> R:
        """Make a change in a transaction of its own.

        Raises: ReadOnlyRole for leaders, before anything is asked.
        """
        require_writer(viewer)
        now = self._clock()
        return self._database.write(lambda connection: change(self.docket(connection, viewer, now)))


def load_setting(connection: Connection, rules: AnyRules, now: datetime) -> TargetSetting:
    """Return the time targets in force: D-03 of the day, and those of units where D-03 leaves it to them."""
    switch = dated(rules, connection).on(business_day(now)).switches[D_03]
    of_units = incident_queries.load_unit_targets(connection) if switch.chosen == PER_UNIT else {}
    return TargetSetting(read_targets(switch.parameters), of_units)


def require_writer(viewer: Viewer) -> None:
    """Refuse leaders.

    Raises: ReadOnlyRole.
    """
    if viewer.role is Role.LEADER:
        raise ReadOnlyRole(f"{viewer.identity} may only read")


def clean_note(note: str) -> str:
    """Return a note on one line, cut to 500 characters."""
    return " ".join(note.split())[:MOST_NOTE_CHARS]

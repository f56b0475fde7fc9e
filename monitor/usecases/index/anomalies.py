"""Findings 数据异常 (GD-5.2) made from signals: a person confirms one with a reason and a decision.

A signal (数据可信提示) is a figure and stays one; the finding beside it is a person's. GD binds schools, so
only signals below a school can become findings. Key types: `Anomalies`, `AnomalyDraft`, `AnomalyFinding`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from monitor.clock import Clock
from monitor.errors import NotFound
from monitor.index.declarations import Declaration, DeclarationKind
from monitor.learning.readings import SignalReading
from monitor.store import directory
from monitor.store.database import Database
from monitor.store.days import signals as day_signals
from monitor.store.index import facts as index_facts
from monitor.store.index import findings
from monitor.store.index.facts import Connection
from monitor.units import Unit, Viewer
from monitor.usecases import scope
from monitor.usecases.index.declare import Declarations
from scoring.index_rules import load_index_rulebook

MOST_FINDINGS = 200
_MOST_EVIDENCE = 200


@dataclass(frozen=True, slots=True)
class AnomalyDraft:
    """A signal as a finding would name it: the school, the month, the evidence out of its figures."""

    signal: SignalReading
    school: Unit
    period: str
    evidence: str


@dataclass(frozen=True, slots=True)
class AnomalyFinding:
    """A finding of the register; `withdrawn_for` is "" while it stands."""

    number: int
    unit_name: str
    period: str
    reason: str
    evidence: str
    decision: str
    declared_at: datetime
    withdrawn_for: str


class Anomalies:
    """Serves the page of signals. Thread-safe; one per process."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Keep the collaborators."""
        self._database = database
        self._rules = load_index_rulebook()
        self._declarations = Declarations(database, clock, self._rules)

    def draft(self, viewer: Viewer, group_code: str, day: date, kind: str) -> AnomalyDraft:
        """Return what a finding about a signal is filled with.

        Raises: OutOfScope for a group out of scope; NotFound for a signal that is not there, or whose group
            belongs to no school.
        """
        with self._database.reading() as connection:
            group = scope.find_group(connection, viewer, group_code)
            found = day_signals.load_group_signals(connection, group.group_id, day, day)
            signal = next((one for one in found if one.kind == kind), None)
            school = next((one for one in self._schools(connection) if _lies_in(group.unit_path, one)), None)
        if signal is None or school is None:
            raise NotFound(f"no signal {kind} of {group_code} on {day}", user_text="没有高校的这条提示")
        return AnomalyDraft(signal, school, f"{day:%Y-%m}", evidence_of(signal))

    def declare(self, viewer: Viewer, draft: AnomalyDraft, reason: str, decision: str) -> int:
        """Register the finding of a draft and return its number; the same one twice is one.

        Raises: as `Declarations.declare`.
        """
        given = Declaration(
            DeclarationKind.ANOMALY, draft.school.code, draft.period, reason, draft.evidence, decision
        )
        return self._declarations.declare(viewer, given)

    def withdraw(self, viewer: Viewer, number: int, reason: str) -> None:
        """Take a finding back; it stays in the register. Raises: as `Declarations.withdraw`."""
        self._declarations.withdraw(viewer, number, reason)

    def register(self, viewer: Viewer) -> tuple[AnomalyFinding, ...]:
        """Return the newest 200 findings of the viewer's subtree, withdrawn ones included."""
        with self._database.reading() as connection:
            rows = findings.load_findings(
                connection, viewer.unit_path, DeclarationKind.ANOMALY.value, MOST_FINDINGS
            )
        return tuple(
            AnomalyFinding(
                row.id,
                row.unit_name,
                row.period,
                row.reason,
                row.evidence,
                row.decision,
                row.declared_at,
                row.withdrawn_for if row.withdrawn_at else "",
            )
            for row in rows
        )

    def find_of_schools(self, signals: Collection[SignalReading]) -> frozenset[str]:
        """Return the codes of those groups that belong to a school."""
        codes = {one.group_code for one in signals}
        with self._database.reading() as connection:
            schools = self._schools(connection)
            groups = [directory.load_group_by_code(connection, code) for code in sorted(codes)]
        return frozenset(
            group.code for group in groups if group and any(_lies_in(group.unit_path, one) for one in schools)
        )

    def _schools(self, connection: Connection) -> list[Unit]:
        return index_facts.load_schools(connection, self._rules.head.unit_kinds)


def evidence_of(signal: SignalReading) -> str:
    """Return a signal as evidence: day, group, kind and figures, in 200 characters."""
    said = f"数据可信提示 {signal.day} {signal.group_code} {signal.kind}：{_figures(signal.figures)}"
    return said[:_MOST_EVIDENCE]


def _figures(figures: Mapping[str, object]) -> str:
    return "，".join(f"{name} {value}" for name, value in figures.items())


def _lies_in(path: str, unit: Unit) -> bool:
    return path.startswith(unit.path)

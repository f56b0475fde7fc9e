"""Declare incidents and findings about schools (认定), and take them back; only the province may."""

from monitor.clock import Clock, business_day
from monitor.errors import BadParameter, NotFound, OutOfScope, PeriodLocked
from monitor.index.declarations import Declaration, clean_declaration
from monitor.index.fact_cells import read_text
from monitor.index.periods import RunKind, first_day_of
from monitor.store import directory
from monitor.store.database import Database
from monitor.store.index import facts as index_facts
from monitor.store.index import findings
from monitor.store.index.facts import Connection
from monitor.store.ledger import registry
from monitor.units import Role, Viewer
from scoring.index_rules import IndexRulebook

_LOCKING = (RunKind.MONTH, RunKind.YEAR, RunKind.WCI_MONTH)


class Declarations:
    """Writes declarations; a declared one stays in the store when it is withdrawn."""

    def __init__(self, database: Database, clock: Clock, rules: IndexRulebook) -> None:
        """Keep the collaborators."""
        self._database, self._clock, self._rules = database, clock, rules

    def declare(self, viewer: Viewer, given: Declaration) -> int:
        """Declare 重大舆情事故 (GD-3.3e), 造假 (GD-3.1o) or 数据异常 (GD-5.2) and return its number.

        The same one said again, while it stands, is the same number.

        Raises: OutOfScope for anybody but an inspector of the school's province; BadParameter;
            PeriodLocked if results of the period are published.
        """
        declared, now = clean_declaration(given), self._clock()
        if first_day_of(declared.period) > business_day(now):
            raise BadParameter("period", user_text="期间尚未开始")

        def work(connection: Connection) -> int:
            index_facts.own_index_writes(connection)
            unit = directory.load_unit_by_code(connection, declared.unit_code.strip())
            is_school = unit is not None and unit.kind in self._rules.head.unit_kinds
            if unit is None or not is_school or not _may_declare(viewer, unit.path):
                raise OutOfScope(f"{viewer.identity} declares about {declared.unit_code!r}")
            _require_open(connection, declared.period)
            same = (declared.kind.value, unit.unit_id, declared.period, declared.reason, declared.evidence)
            known = findings.find_standing(connection, *same)
            if known is not None:
                return known
            number = index_facts.insert_declaration(
                connection,
                {
                    "kind": declared.kind.value,
                    "unit_id": unit.unit_id,
                    "period": declared.period,
                    "reason": declared.reason,
                    "evidence": declared.evidence,
                    "decision": declared.decision,
                    "bars_from_good": declared.bars_from_good,
                    "declared_at": now,
                    "declared_by": viewer.identity,
                },
            )
            detail = {"number": number, "kind": declared.kind.value, "period": declared.period}
            registry.write_audit(connection, now, viewer.identity, "index.declare", unit.code, detail)
            return number

        return self._database.write(work)

    def withdraw(self, viewer: Viewer, number: int, reason: str) -> None:
        """Take a declaration back; the row stays, with who and why.

        Raises: OutOfScope; NotFound for one that does not stand; PeriodLocked; BadParameter.
        """
        now, reason = self._clock(), read_text(reason, "撤回原因")

        def work(connection: Connection) -> None:
            index_facts.own_index_writes(connection)
            row = index_facts.load_declaration(connection, number)
            unit = directory.load_unit(connection, row.unit_id) if row else None
            if unit is not None and not _may_declare(viewer, unit.path):
                raise OutOfScope(f"{viewer.identity} withdraws declaration {number}")
            if row is None or unit is None or row.withdrawn_at is not None:
                raise NotFound(f"no declaration {number}", user_text="没有这条认定，或已撤回")
            _require_open(connection, row.period)
            index_facts.mark_withdrawn(connection, number, now, viewer.identity, reason)
            detail = {"number": number, "reason": reason}
            registry.write_audit(connection, now, viewer.identity, "index.undeclare", unit.code, detail)

        self._database.write(work)


def _may_declare(viewer: Viewer, path: str) -> bool:
    return viewer.role is Role.INSPECTOR and viewer.may_see_unit(path)


def _require_open(connection: Connection, period: str) -> None:
    day = first_day_of(period)
    for published in index_facts.load_locks(connection):
        is_concerned = published.kind in _LOCKING and ("-" in period or published.kind is RunKind.YEAR)
        if is_concerned and published.first_day <= day <= published.last_day:
            raise PeriodLocked(f"{published.label} is published")

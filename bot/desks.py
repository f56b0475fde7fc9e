"""What people work at, one desk a part: the use cases that chat, console and command line share."""

from dataclasses import dataclass
from pathlib import Path

from bot.exporting import DocumentMaker
from bot.settings import Settings
from monitor.assessment.frozen_rules import Selection
from monitor.clock import Clock
from monitor.store.assessment.evidence import EvidenceFolder
from monitor.store.database import Database
from monitor.store.operations.export_folder import ExportFolder
from monitor.usecases.assessment.sheets import Assessments
from monitor.usecases.assessment.sitting import Desk
from monitor.usecases.days.signals import Signals
from monitor.usecases.incidents.desk import Incidents
from monitor.usecases.learning.fresh_classifier import FreshClassifier
from monitor.usecases.learning.lexicons import Lexicons
from monitor.usecases.learning.override_relevance import RelevanceDesk
from monitor.usecases.learning.versions import ModelDesk
from monitor.usecases.ledger.desk import Ledger
from monitor.usecases.operations.exports import Exports
from monitor.usecases.queries.questions import Queries
from monitor.usecases.rules.changes import RuleChanges
from monitor.usecases.rules.in_force import RuleSource
from monitor.usecases.spot_checks.desk import SpotChecks
from monitor.usecases.spot_checks.runs import spot_check_source
from monitor.usecases.weekly.desk import WeeklyReports


@dataclass(frozen=True, slots=True)
class Desks:
    """The use cases of one installation."""

    rule_changes: RuleChanges
    lexicons: Lexicons
    models: ModelDesk
    signals: Signals
    relevance: RelevanceDesk
    queries: Queries
    assessments: Assessments
    incidents: Incidents
    ledger: Ledger
    exports: Exports
    document_maker: DocumentMaker
    spot_checks: SpotChecks


def build_desks(
    settings: Settings, database: Database, rules: RuleSource, classifier: FreshClassifier, clock: Clock
) -> Desks:
    """Build the use cases on an open database."""
    queries = Queries(database, rules, clock)
    assessments = _build_assessments(settings, database, rules, clock)
    ledger, spot_checks = Ledger(database, clock, rules), SpotChecks(database, clock, rules)
    weekly = WeeklyReports(database, clock, rules)
    return Desks(
        rule_changes=RuleChanges(database, rules, clock),
        lexicons=Lexicons(database, clock, classifier),
        models=ModelDesk(database, clock),
        signals=Signals(database, clock),
        relevance=RelevanceDesk(database, clock),
        queries=queries,
        assessments=assessments,
        incidents=Incidents(database, clock, rules, assessments.folder),
        ledger=ledger,
        exports=Exports(database, clock, ExportFolder(Path(settings.exports.folder))),
        document_maker=DocumentMaker(queries, assessments, spot_checks, ledger, weekly, clock),
        spot_checks=spot_checks,
    )


def preset_of(settings: Settings) -> Selection:
    """Return the readings that the configuration selects; what is recorded comes before them."""
    return Selection(choices=tuple(sorted(settings.rules.switches.items())))


def evidence_folder(settings: Settings) -> EvidenceFolder:
    """Return where evidence files and pictures are kept."""
    return EvidenceFolder(Path(settings.assessment.evidence_folder))


def _build_assessments(
    settings: Settings, database: Database, rules: RuleSource, clock: Clock
) -> Assessments:
    section = settings.assessment
    desk = Desk(
        rulebook=settings.rules.rulebook,
        selection=preset_of(settings),
        load_checks=spot_check_source(rules),
        objection_days=section.objection_days,
    )
    return Assessments(database, clock, desk, evidence_folder(settings))

"""Opening and reading the sheets (考评表) of a year. The acts on them are in the modules `assess_…`.

Key types: `Assessments`, and `Sitting` of `assess_sitting`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TypeVar

from monitor.assessment.dossier import Assessment, AssessmentState, Dossier, assessment_year
from monitor.assessment.frozen_rules import RuleText, freeze_rules, read_rules
from monitor.assessment.sheet import YearSheet, score_dossier
from monitor.assessment.view import read_checks
from monitor.clock import Clock, business_day
from monitor.errors import PeriodLocked
from monitor.store.assessment import acts as assessment_acts
from monitor.store.assessment import evidence
from monitor.store.assessment import sheets as assessments
from monitor.store.assessment.evidence import EvidenceFolder
from monitor.store.database import Database
from monitor.units import Role, Unit, Viewer
from monitor.usecases.assessment.facts import refresh, take_facts
from monitor.usecases.assessment.figures import load_figures
from monitor.usecases.assessment.sitting import Desk, Sitting, find_to_read, require_year
from monitor.usecases.rules.in_force import dated_selection
from scoring.rulebook import RulebookHead, choose_rulebook
from scoring.streak import CheckFact

R = TypeVar("R")


class Assessments:
    """Sittings at one desk; thread-safe, one per process."""

    def __init__(
        self, database: Database, clock: Clock, desk: Desk | None = None, folder: EvidenceFolder | None = None
    ) -> None:
        """Keep the collaborators; without a folder no evidence can be handed in."""
        self._database = database
        self._clock = clock
        self.desk = desk or Desk()
        self.folder = folder

    def read(self, viewer: Viewer, look: Callable[[Sitting], R]) -> R:
        """Look at sheets in one snapshot."""
        with self._database.reading() as connection:
            return look(Sitting(connection, viewer, self._clock(), self.desk))

    def write(self, viewer: Viewer, act: Callable[[Sitting], R]) -> R:
        """Act on sheets in one transaction and return after the commit."""
        return self._database.write(
            lambda connection: act(Sitting(connection, viewer, self._clock(), self.desk))
        )

    def present_year(self) -> int:
        """Return the year that people mean who name none."""
        return assessment_year(business_day(self._clock()))

    def sheet(self, viewer: Viewer, year: int, unit_code: str | None = None) -> YearSheet:
        """Return a unit's sheet as the viewer may see it; see `view_sheet`."""
        return self.read(viewer, lambda sitting: view_sheet(sitting, year, unit_code))


def view_sheet(sitting: Sitting, year: int, unit_code: str | None = None) -> YearSheet:
    """Return a unit's scored sheet; one that nobody has begun is filled from stored facts for the look.

    The unit itself sees no 考察 and 考评 points before they are published.

    Raises: OutOfScope; BadParameter for a year that has not begun; NoRulebookInForce for other kinds.
    """
    require_year(sitting, year)
    unit = find_to_read(sitting, unit_code)
    stored = assessments.load_assessment(sitting.connection, unit, year, sitting.desk.rulebook)
    dossier = load_dossiers(sitting, [stored])[0] if stored else preview_dossier(sitting, unit, year)
    hides_panel = (
        sitting.viewer.role is Role.UNIT_ADMIN and dossier.assessment.state is not AssessmentState.PUBLISHED
    )
    return score_dossier(dossier, hides_panel=hides_panel)


def view_begun(sitting: Sitting, year: int, unit_code: str | None = None) -> YearSheet | None:
    """Return a unit's sheet if somebody has begun it; see `view_sheet`.

    Raises: OutOfScope.
    """
    unit = find_to_read(sitting, unit_code)
    stored = assessments.load_assessment(sitting.connection, unit, year, sitting.desk.rulebook)
    return view_sheet(sitting, year, unit.code) if stored else None


def open_sheet(sitting: Sitting, year: int, unit: Unit) -> Assessment:
    """Return a unit's sheet for a change; begin it, with the rules of this moment, if there is none.

    Source: HN-4.0; design §4 (a rulebook is frozen per assessment).
    Raises: BadParameter, NoRulebookInForce.
    """
    require_year(sitting, year)
    name = sitting.desk.rulebook
    found = assessments.load_assessment(sitting.connection, unit, year, name, for_change=True)
    if found is not None:
        return found
    on = min(sitting.today, date(year, 12, 31))
    text, head = _rules_for(sitting, unit, on)
    assessments.open_assessment(
        sitting.connection,
        unit,
        year,
        text,
        is_reference=unit.kind in head.reference_unit_kinds,
        at=sitting.now,
        by=sitting.actor,
    )
    fresh = assessments.load_assessment(sitting.connection, unit, year, name, for_change=True)
    assert fresh is not None  # noqa: S101 - inserted above, or by somebody faster
    note(sitting, fresh, "assess.open", {"rules": fresh.rules_hash})
    refresh(sitting, fresh, read_rules(rule_text(sitting, fresh)).rulebook.rubric)
    return fresh


def open_unpublished(sitting: Sitting, year: int, unit: Unit) -> Assessment:
    """Return a unit's sheet for a change that a published one does not allow.

    Raises: PeriodLocked, and as `open_sheet`.
    """
    sheet = open_sheet(sitting, year, unit)
    if sheet.state is AssessmentState.PUBLISHED:
        text = f"{unit.name} {year} 年考评已公布，该期已锁定；如需更正请由团省委撤回公布"
        raise PeriodLocked(f"sheet {sheet.assessment_id} is published", user_text=text)
    return sheet


def refresh_sheet(sitting: Sitting, sheet: Assessment) -> None:
    """Take the machine's figures of a sheet again, in its present state."""
    current = assessments.load_assessment_by_id(sitting.connection, sheet.assessment_id) or sheet
    refresh(sitting, current, read_rules(rule_text(sitting, current)).rulebook.rubric)


def rule_text(sitting: Sitting, sheet: Assessment) -> RuleText:
    """Return the frozen rules of a sheet."""
    return assessments.load_rule_texts(sitting.connection, [sheet.rules_hash])[sheet.rules_hash]


def load_dossier(sitting: Sitting, sheet: Assessment) -> Dossier:
    """Return everything a sheet rests on, in its present state."""
    current = assessments.load_assessment_by_id(sitting.connection, sheet.assessment_id) or sheet
    return load_dossiers(sitting, [current])[0]


def load_dossiers(sitting: Sitting, sheets: Sequence[Assessment]) -> list[Dossier]:
    """Return everything that sheets of one year rest on, in their order; one statement per kind of thing.

    What was supplied, confirmed or checked after a publication does not change what was published.
    """
    connection = sitting.connection
    ids = [sheet.assessment_id for sheet in sheets]
    texts = assessments.load_rule_texts(connection, [sheet.rules_hash for sheet in sheets])
    entries, facts = assessments.load_entries(connection, ids), assessments.load_facts(connection, ids)
    files, tasks = evidence.load_evidence(connection, ids), assessment_acts.load_tasks(connection, ids)
    declared = assessment_acts.load_disqualifications(connection, ids)
    decisions = assessment_acts.load_decisions(connection, ids)
    objections = assessment_acts.load_objections(connection, ids)
    dossiers = [
        Dossier(
            assessment=sheet,
            rules=texts[sheet.rules_hash],
            facts=tuple(facts.get(sheet.assessment_id, ())),
            entries=tuple(entries.get(sheet.assessment_id, ())),
            evidence=tuple(files.get(sheet.assessment_id, ())),
            disqualification=declared.get(sheet.assessment_id),
            decision=decisions.get(sheet.assessment_id),
            objections=tuple(objections.get(sheet.assessment_id, ())),
            tasks=tuple(tasks.get(sheet.assessment_id, ())),
        )
        for sheet in sheets
    ]
    return _with_year(sitting, dossiers)


def preview_dossier(sitting: Sitting, unit: Unit, year: int) -> Dossier:
    """Return what the sheet of a unit would rest on if it were begun now; nothing is written."""
    return preview_dossiers(sitting, [unit], year)[0]


def preview_dossiers(sitting: Sitting, units: Sequence[Unit], year: int) -> list[Dossier]:
    """Return what the sheets of units would rest on if they were begun now, in their order.

    Raises: NoRulebookInForce for units of other kinds.
    """
    on = min(sitting.today, date(year, 12, 31))
    text = _rules_text(sitting, on)
    rulebook = read_rules(text).rulebook
    heads = {unit.kind: choose_rulebook([rulebook.head], unit.kind, on) for unit in units}
    sheets = [_unbegun(sitting, unit, year, text, heads[unit.kind]) for unit in units]
    dossiers = [
        Dossier(sheet, text, facts=take_facts(sitting, figures, sheet.state, rulebook.rubric, []))
        for sheet, figures in zip(sheets, load_figures(sitting, units, year), strict=True)
    ]
    return _with_year(sitting, dossiers)


def _unbegun(sitting: Sitting, unit: Unit, year: int, text: RuleText, head: RulebookHead) -> Assessment:
    """Return the sheet of a unit that nobody has begun."""
    return Assessment(
        assessment_id=0,
        year=year,
        unit=unit,
        rulebook=text.rulebook,
        rules_hash=text.hash,
        is_reference=unit.kind in head.reference_unit_kinds,
        state=AssessmentState.DRAFT,
        opened_at=sitting.now,
        opened_by="",
    )


def note(sitting: Sitting, sheet: Assessment, action: str, detail: Mapping[str, object]) -> int:
    """Write an act on a sheet into the audit and return the number of the record."""
    subject = f"assessment:{sheet.assessment_id}"
    about = {"year": sheet.year, "unit": sheet.unit.code, **detail}
    return assessments.record(sitting.connection, sitting.now, sitting.actor, action, subject, about)


def _with_year(sitting: Sitting, dossiers: list[Dossier]) -> list[Dossier]:
    """Add what is established for the whole year, and the spot checks."""
    if not dossiers:
        return []
    year, rulebook = dossiers[0].assessment.year, dossiers[0].assessment.rulebook
    confirmed = assessment_acts.load_confirmations(sitting.connection, year, rulebook)
    supplied = assessment_acts.load_supplied(sitting.connection, year, rulebook)
    units = [dossier.assessment.unit for dossier in dossiers]
    checks: dict[str, list[CheckFact]] = {unit.code: [] for unit in units}
    for check in sitting.desk.load_checks(sitting.connection, units, year):
        if check.city in checks:
            checks[check.city].append(check)
    complete = []
    for dossier in dossiers:
        sheet = dossier.assessment
        published = (
            assessment_acts.load_publication(sitting.connection, sheet.assessment_id)
            if sheet.state is AssessmentState.PUBLISHED
            else None
        )
        until = published.published_at if published else sitting.now
        versions = [[each for each in item if each.entered_at <= until] for item in supplied]
        complete.append(
            replace(
                dossier,
                confirmed=frozenset(each.clause for each in confirmed if each.confirmed_at <= until),
                supplied=tuple(item[-1] for item in versions if item),
                checks=tuple(
                    read_checks(published.sheet["checks"]) if published else checks[sheet.unit.code]
                ),
            )
        )
    return complete


def _rules_for(sitting: Sitting, unit: Unit, on: date) -> tuple[RuleText, RulebookHead]:
    """Return the rules of this moment, and their head if they bind this kind of unit."""
    text = _rules_text(sitting, on)
    return text, choose_rulebook([read_rules(text).rulebook.head], unit.kind, on)


def _rules_text(sitting: Sitting, on: date) -> RuleText:
    """Return the rules of this moment, as they would be frozen for a day."""
    desk = sitting.desk
    selection = dated_selection(sitting.connection, desk.selection, on, desk.folder)
    return freeze_rules(desk.rulebook, selection, on, desk.folder)

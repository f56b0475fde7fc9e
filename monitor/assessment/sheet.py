"""Scoring a dossier (考评表的计算): from facts and entries to points, grade and their explanation. Pure.

Everything is decided by `scoring`; here facts and entries are put into its form, and what it says is
joined with who entered what, when, and from which records. Key types: `YearSheet`, `SheetLine`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from monitor.assessment.dossier import Dossier, Entry, EntryKind, Evidence, Fact, FactSource, Supplied
from monitor.assessment.frozen_rules import Rules, read_rules
from scoring.rubric import Line, LineState
from scoring.rubric_rules import Component, ComponentKind, Item
from scoring.sheet import ScoreSheet
from scoring.source import ResultStatus, Verdict, worst_result
from scoring.streak import PoorStreak, find_poor_streaks
from scoring.switches import Switches
from scoring.whatif import YearFacts, evaluate_year
from scoring.year import YearGrade, YearResult

NO_CHECKS = "尚无抽查记录，未判断是否连续“差”（HN-4.1e）"


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One line with everything that stands beside it; an adjustment has no item."""

    line: Line
    item: Item | None = None
    entries: tuple[Entry, ...] = ()
    facts: tuple[Fact, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    supplied: Supplied | None = None

    def entry(self, kind: EntryKind) -> Entry | None:
        """Return the entry of a kind that counts, or None."""
        return next((each for each in self.entries if each.kind is kind), None)


@dataclass(frozen=True, slots=True)
class YearSheet:
    """A scored dossier.

    Attributes:
        dossier: what it rests on.
        rules: by which it was scored.
        sheet: points; its lines are also in `lines`.
        result: grade and consequences; None while 待补充.
        streak: 连续差 of the year; None without spot checks.
        lines: in printed order, then adjustments.
        hides_panel: 考察 and 考评 entries were left out, because they are not published.
    """

    dossier: Dossier
    rules: Rules
    sheet: ScoreSheet
    result: YearResult | None
    streak: Verdict[PoorStreak] | None
    lines: tuple[SheetLine, ...]
    hides_panel: bool = False

    @property
    def state(self) -> ResultStatus:
        """正式, 暂定 or 待补充."""
        return self.result.grade.result_status if self.result else ResultStatus.INCOMPLETE

    @property
    def reachable(self) -> Decimal:
        """The most points the sheet can still come to, with all that is open scored in full."""
        total = sum((_most(line) for line in self.lines if line.item is not None), Decimal(0))
        return min(max(total, Decimal(0)), self.sheet.full)


def score_dossier(dossier: Dossier, *, hides_panel: bool = False) -> YearSheet:
    """Score a sheet (考评表) from everything that is stored about it.

    Source: HN-4.0, HN-4.1e, HN-4.3, HN-4.4; HN-A1 … HN-A4.
    Raises: InputError, PointsOutOfRange, ReasonRequired.
    """
    if hides_panel:
        shown = tuple(entry for entry in dossier.entries if entry.kind is EntryKind.SELF)
        dossier = replace(dossier, entries=shown)
    return score_with(dossier, read_rules(dossier.rules, dossier.confirmed), hides_panel=hides_panel)


def score_with(dossier: Dossier, rules: Rules, *, hides_panel: bool = False) -> YearSheet:
    """Score a sheet by given rules; a what-if gives other ones than the frozen.

    Source: as `score_dossier`.
    Raises: InputError, PointsOutOfRange, ReasonRequired.
    """
    streak = find_streak(dossier, rules)
    sheet, result = evaluate_year(year_facts(dossier, rules), rules.rulebook, rules.switches)
    sheet = replace(sheet, lines=tuple(_tell_missing_base(dossier, line) for line in sheet.lines))
    return YearSheet(
        dossier=dossier,
        rules=rules,
        sheet=sheet,
        result=_weigh_streak(result, streak, rules),
        streak=streak,
        lines=_join(dossier, rules, sheet),
        hides_panel=hides_panel,
    )


def find_streak(dossier: Dossier, rules: Rules) -> Verdict[PoorStreak] | None:
    """Return the runs of 差 of the unit's year, or None without a spot check that counts.

    Source: HN-4.1e, D-09 默认.
    """
    found = find_poor_streaks(dossier.checks, rules.rulebook.year.streak, rules.switches)
    return found.get(dossier.assessment.year, {}).get(dossier.assessment.unit.code)


def year_facts(dossier: Dossier, rules: Rules) -> YearFacts:
    """Put a dossier into the form of `scoring`: facts and 考评 points by item, 自评 beside.

    考察 points are reference only and are left out (HN-4.1f).

    Source: HN-4.0, D-04 默认.
    """
    items: dict[str, object] = {}
    supplied: dict[str, object] = {}
    for item in rules.rulebook.rubric.items:
        facts: dict[str, object] = {}
        for component in item.components:
            facts |= _component_facts(dossier, item, component)
        facts |= _judgements(dossier, item)
        addition = dossier.supplied_item(item.id)
        if item.is_placeholder and addition is not None:
            supplied[item.id] = {**facts, "max": addition.max_points, "reference": addition.reference}
        elif facts and not item.is_placeholder:
            items[item.id] = facts
    streak = find_streak(dossier, rules)
    declared = dossier.disqualification
    return YearFacts(
        items=items,
        supplied=supplied,
        excellence_cap=bool(streak and streak.outcome.cap),
        disqualified_for=f"{declared.ground}：{declared.reason}" if declared else "",
    )


def find_fact(dossier: Dossier, item: str, key: str) -> Fact | None:
    """Return the figure that counts: a person's correction before the machine's."""
    found = [
        fact for fact in dossier.facts if (fact.item, fact.key) == (item, key) and fact.number is not None
    ]
    return max(found, key=lambda fact: fact.provenance is FactSource.PERSON, default=None)


def _component_facts(dossier: Dossier, item: Item, component: Component) -> dict[str, object]:
    fact = find_fact(dossier, item.id, component.key)
    number = fact.number if fact else None
    if number is None:
        return {}
    if component.kind is ComponentKind.FLAG:
        return {component.key: bool(number)}
    if component.kind is not ComponentKind.RATIO:
        return {component.key: number}
    base = find_fact(dossier, item.id, "base")
    n_base = base.number if base and base.number is not None else 0  # a base that is missing is no base
    return {component.key: min(number, n_base) if n_base else number, "base": n_base}


def _judgements(dossier: Dossier, item: Item) -> dict[str, object]:
    facts: dict[str, object] = {}
    panel, own = dossier.entry(item.id, EntryKind.PANEL), dossier.entry(item.id, EntryKind.SELF)
    if panel is not None and panel.points is not None:
        facts |= {"panel": panel.points, "reason": panel.reason}
    if own is not None and own.points is not None:
        facts["self"] = own.points
    return facts


def _tell_missing_base(dossier: Dossier, line: Line) -> Line:
    """Say 未录入 where the base was never entered: `scoring` only sees that there is none."""
    if line.state is not LineState.NO_BASE or find_fact(dossier, line.item, "base"):
        return line
    return replace(line, arithmetic=line.arithmetic.replace("基数为 0，无基数", "尚未录入基数，无基数"))


def _weigh_streak(
    result: YearResult | None, streak: Verdict[PoorStreak] | None, rules: Rules
) -> YearResult | None:
    """Make a grade 暂定 when it rests on a reading of "连续" (D-09) that is not confirmed."""
    if result is None or streak is None or result.computed is not YearGrade.EXCELLENT:
        return result
    status = worst_result((result.grade.result_status, streak.result_status))
    return replace(result, grade=replace(result.grade, result_status=status))


def _join(dossier: Dossier, rules: Rules, sheet: ScoreSheet) -> tuple[SheetLine, ...]:
    items = {item.id: item for item in rules.rulebook.rubric.items}
    return tuple(
        SheetLine(
            line=line,
            item=items.get(line.item),
            entries=tuple(e for e in dossier.entries if e.item == line.item and e.points is not None),
            facts=tuple(fact for fact in dossier.facts if fact.item == line.item),
            evidence=tuple(file for file in dossier.evidence if file.item == line.item),
            supplied=dossier.supplied_item(line.item),
        )
        for line in sheet.lines
    )


def _most(line: SheetLine) -> Decimal:
    """The most points a line can still give; what is scored stays, unless the panel may still replace it."""
    points = line.line.points
    is_left_to_panel = (
        line.item is not None and line.item.panel_may_replace and not line.entry(EntryKind.PANEL)
    )
    if line.line.state is LineState.SCORED and points is not None and not is_left_to_panel:
        return points
    return line.line.max_points


def with_switch(rules: Rules, choices: Mapping[str, str], figures: Mapping[str, Mapping[str, int]]) -> Rules:
    """Return the rules under other readings of the switches.

    Source: none (design §4, what-if).
    Raises: RulebookFormatError naming the switch and what is allowed.
    """
    switches: Switches = rules.switches.select(choices, parameters=figures)
    return replace(rules, switches=switches)

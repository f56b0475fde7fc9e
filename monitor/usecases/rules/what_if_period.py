"""What another reading or figure would change (试算) in a month's day grades and in the Guangdong sheets.

Everything is judged twice from stored facts, by the rules in force and by those supposed; nothing is
stored. The year's sheets (考评表) are tried in `what_if`. Key types: `DayChange`, `IndexChange`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from monitor.assessment.frozen_rules import Selection
from monitor.clock import Period, business_day
from monitor.days.counting import DayJudge, DayVerdict, count_day
from monitor.index.account_wci import MediaRules
from monitor.index.periods import RunPeriod
from monitor.rules.settings import ChangeKind, DayRules
from monitor.store import directory
from monitor.store.days import grades
from monitor.store.days.queries import Connection, load_closes
from monitor.store.index.runs import Result
from monitor.usecases.assessment.sitting import Sitting, find_to_read
from monitor.usecases.index.rows import build_sheets
from monitor.usecases.index.run import load_run_facts
from monitor.usecases.rules.in_force import RulesByDay, RuleSource
from monitor.usecases.rules.what_if import ConfirmedReading, OtherReading

_SUPPOSED = "试算"


@dataclass(frozen=True, slots=True)
class IndexFigure:
    """A lost parameter of the Guangdong rulebook supplied for a trial, as ("GD-3.3d.factor_2", 0.9)."""

    parameter: str
    figure: Decimal


PeriodSupposition = OtherReading | ConfirmedReading | IndexFigure


@dataclass(frozen=True, slots=True)
class DayChange:
    """A group some of whose closed days would be judged otherwise: how many, and from what to what."""

    group_code: str
    group_name: str
    n_days: int
    by: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class IndexChange:
    """A school or city whose Guangdong sheet would be otherwise: what differs → before and after."""

    unit_code: str
    unit_name: str
    differences: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class DaysTried:
    """What was looked at, and the groups that would change, those with most days first."""

    n_days: int
    n_groups: int
    changes: tuple[DayChange, ...]


@dataclass(frozen=True, slots=True)
class SheetsTried:
    """What was looked at, and the units that would change, in order of their codes."""

    n_units: int
    changes: tuple[IndexChange, ...]


def try_days(
    sitting: Sitting, source: RuleSource, period: Period, suppositions: Sequence[PeriodSupposition]
) -> DaysTried:
    """Tell which groups of the person's subtree would have other grades on the closed days of a period.

    Source: design §4 (what-if); HN-4.1d, D-07.
    Raises: OutOfScope.
    """
    path = find_to_read(sitting, None).path
    rules = source.at(sitting.connection)
    supposed = suppose_rules(source, rules, suppositions)
    names: dict[str, str] = {}
    found: dict[str, Counter[str]] = {}
    closed = load_closes(sitting.connection, period)
    for day in sorted(closed):
        for code, name, change in _try_day(sitting.connection, path, day, rules.on(day), supposed.on(day)):
            names[code] = name
            if change:
                found.setdefault(code, Counter())[change] += 1
    changes = [DayChange(code, names[code], by.total(), dict(by)) for code, by in found.items()]
    return DaysTried(
        len(closed), len(names), tuple(sorted(changes, key=lambda each: (-each.n_days, each.group_code)))
    )


def try_sheets(
    sitting: Sitting, source: RuleSource, period: RunPeriod, suppositions: Sequence[PeriodSupposition]
) -> SheetsTried:
    """Tell which schools and cities of the person's subtree would have another Guangdong sheet of a period.

    Source: design §4 (what-if); GD-2.0, GD-3.1n.
    Raises: OutOfScope; RulebookFormatError for a figure that is no lost parameter.
    """
    path = find_to_read(sitting, None).path
    rules = source.at(sitting.connection)
    media = rules.media_on(period.last_day)
    after = _suppose_media(suppose_rules(source, rules, suppositions).media_on(period.last_day), suppositions)
    facts = load_run_facts(sitting.connection, period, media, business_day(sitting.now))
    units = {school.unit_id: school for school in facts.schools}
    old = {row.unit_id: row for row, _ in build_sheets(facts)}
    new = {row.unit_id: row for row, _ in build_sheets(replace(facts, media=after))}
    changes, n_units = [], 0
    for unit_id, before in old.items():
        unit = units.get(unit_id) or directory.load_unit(sitting.connection, unit_id)  # or a city
        if unit is None or not unit.path.startswith(path):
            continue
        n_units += 1
        differences = dict(_compare(before, new[unit_id]))
        if differences:
            changes.append(IndexChange(unit.code, unit.name, differences))
    return SheetsTried(n_units, tuple(sorted(changes, key=lambda each: each.unit_code)))


def suppose_rules(
    source: RuleSource, rules: RulesByDay, suppositions: Iterable[PeriodSupposition]
) -> RulesByDay:
    """Return the rules by day as if readings had been selected and confirmed from the first day on."""
    selections: dict[str, str] = {}
    clauses: set[str] = set()
    for each in suppositions:
        if isinstance(each, OtherReading):
            selections[each.switch_id] = each.word
        elif isinstance(each, ConfirmedReading):
            clauses.add(each.clause)
    kept = tuple(
        change
        for change in rules.changes
        if not (change.kind is ChangeKind.SELECTED and change.subject in selections)
        and not (change.kind is ChangeKind.WITHDRAWN and change.subject in clauses)
    )
    preset = source.preset
    supposed = Selection(
        choices=tuple({**dict(preset.choices), **selections}.items()),
        figures=preset.figures,
        confirmed=(*preset.confirmed, *clauses),
    )
    return RulesByDay(source.with_preset(supposed), kept)


def _try_day(
    connection: Connection, path: str, day: date, before: DayRules, after: DayRules
) -> Iterator[tuple[str, str, str]]:
    """Yield code, name and change ("良好 → 差", or nothing) of every group of a subtree with data."""
    counts = grades.load_day_counts(connection, day)
    with_topic = grades.load_groups_with_topic(connection, day)
    judges = [DayJudge(rules.rulebook, is_closed=True, measure=rules.measure) for rules in (before, after)]
    for group in grades.load_open_groups(connection, day):
        if group.unit_path.startswith(path) and group.group_id in counts:
            key = (count_day(counts[group.group_id]), group.group_id in with_topic)
            words = [_words(judge.judge_count(*key)) for judge in judges]
            yield group.code, group.name, "" if words[0] == words[1] else " → ".join(words)


def _words(verdict: DayVerdict) -> str:
    grade = verdict.activity.value if verdict.activity else "不评"
    return f"{grade}（{verdict.status.value}）"


def _suppose_media(media: MediaRules, suppositions: Sequence[PeriodSupposition]) -> MediaRules:
    figures = {each.parameter: each.figure for each in suppositions if isinstance(each, IndexFigure)}
    return replace(media, rules=media.rules.supply(figures, _SUPPOSED)) if figures else media


def _compare(before: Result, after: Result) -> Iterator[tuple[str, tuple[str, str]]]:
    pairs = {
        "总分": (before.value or "—", after.value or "—"),
        "状态": (before.state, after.state),
        "评“好”": tuple("不评" if result.is_barred else "可评" for result in (before, after)),
    }
    was, now = before.detail["indicators"], after.detail["indicators"]
    for key in dict.fromkeys((*was, *now)):
        pairs[key] = tuple(_line(lines.get(key)) for lines in (was, now))
    for name, pair in pairs.items():
        if pair[0] != pair[1]:
            yield name, (pair[0], pair[1])


def _line(line: Mapping[str, Any] | None) -> str:
    return "—" if line is None else f"{line['value'] or '—'} {line['state']}"

"""Filling a sheet (考评表) from stored facts, and putting figures right (底数、台账、会议记录).

The machine's figures are taken again at every act on a sheet that is not published; only what differs is
written, and what was there before stays as history. A person's correction counts before the machine's.
"""

from collections.abc import Iterator
from dataclasses import replace

from monitor.assessment.dossier import (
    ACCOUNTS_ITEM,
    BASE_OF_ITEM,
    MANAGEMENT_ITEM,
    MEETINGS_ITEM,
    PUBLISHING_ITEM,
    SYSTEMS_ITEM,
    Assessment,
    AssessmentState,
    BaseKind,
    Evidence,
    Fact,
    FactSource,
)
from monitor.clock import as_shanghai
from monitor.store.assessment import evidence
from monitor.store.assessment import sheets as assessments
from monitor.store.assessment.acts import Base
from monitor.usecases.assessment.figures import UnitFigures, load_figures
from monitor.usecases.assessment.sitting import Sitting
from monitor.weekly import WeeklyState, year_words
from scoring.rubric import show_percent
from scoring.rubric_rules import ComponentKind, Rubric

_HANDED_IN = (AssessmentState.SUBMITTED, AssessmentState.PANEL, AssessmentState.PUBLISHED)
_COVERED_WORDS = {
    BaseKind.MEMBERS: "开通的 {0.n_groups} 个群成员数合计 {0.n_members} 人（同一人在多个群会重复计）",
    BaseKind.GROUPS: "开通的群 {0.n_groups} 个",
    BaseKind.ORGANISATIONS: "本级和下级中自有群的团组织 {0.n_organisations} 个",
}


def take_facts(
    sitting: Sitting, figures: UnitFigures, state: AssessmentState, rubric: Rubric, files: list[Evidence]
) -> tuple[Fact, ...]:
    """Take every figure that stored facts give for a unit's year, with provenance and time.

    Before the unit has handed in, documents that are not there leave an item open; afterwards they are
    none (以文件为准, 以记录为准).

    Source: HN-A1.1, HN-A1.3, HN-A2.1, HN-A2.2a…c; HN-A3.1 and HN-A3.2 as notes without points.
    """
    facts = [
        *_document_facts(sitting, state, rubric, files),
        *_meeting_facts(sitting, figures, state, files),
        _account_fact(sitting, figures),
        *_coverage_facts(sitting, figures),
        *_notes(sitting, figures),
        *_lower_notes(sitting, figures),
        *_weekly_note(sitting, figures),
    ]
    known = {item.id for item in rubric.items}
    return tuple(fact for fact in facts if fact.item in known)


def refresh(sitting: Sitting, sheet: Assessment, rubric: Rubric) -> None:
    """Take the figures of a sheet again and write those that have changed; a published sheet stays."""
    if sheet.state is AssessmentState.PUBLISHED:
        return
    ids = [sheet.assessment_id]
    files = list(evidence.load_evidence(sitting.connection, ids).get(sheet.assessment_id, ()))
    stored = {
        (fact.item, fact.key): fact
        for fact in assessments.load_facts(sitting.connection, ids).get(sheet.assessment_id, ())
        if fact.provenance is not FactSource.PERSON
    }
    figures = load_figures(sitting, [sheet.unit], sheet.year)[0]
    taken = take_facts(sitting, figures, sheet.state, rubric, files)
    fresh = [fact for fact in taken if not _is_same(stored.get((fact.item, fact.key)), fact)]
    gone = stored.keys() - {(fact.item, fact.key) for fact in taken}
    fresh += [
        replace(stored[key], number=None, text="已不存在", taken_at=sitting.now)
        for key in sorted(gone)
        if stored[key].number is not None
    ]
    assessments.insert_facts(sitting.connection, sheet.assessment_id, fresh)


def _is_same(stored: Fact | None, taken: Fact) -> bool:
    return stored is not None and (stored.number, stored.text) == (taken.number, taken.text)


def _fact(sitting: Sitting, item: str, key: str, number: int | None, source: FactSource, text: str) -> Fact:
    return Fact(item, key, number, source, text, sitting.now)


def _document_facts(
    sitting: Sitting, state: AssessmentState, rubric: Rubric, files: list[Evidence]
) -> Iterator[Fact]:
    for item in rubric.items:
        for component in item.components:
            if component.kind is not ComponentKind.FLAG:
                continue
            found = [file for file in files if (file.item, file.slot) == (item.id, component.key)]
            names = "、".join(file.name for file in found)
            if found:
                text = f"{component.title}：{len(found)} 份（{names}）"
                yield _fact(sitting, item.id, component.key, 1, FactSource.RECORDS, text)
            elif state in _HANDED_IN:
                text = f"{component.title}：未提交文件"
                yield _fact(sitting, item.id, component.key, 0, FactSource.RECORDS, text)


def _meeting_facts(
    sitting: Sitting, figures: UnitFigures, state: AssessmentState, files: list[Evidence]
) -> Iterator[Fact]:
    meetings = figures.meetings
    has_document = any(file.item == MEETINGS_ITEM for file in files)
    if meetings or has_document or state in _HANDED_IN:
        days = "、".join(f"{meeting.held_on:%m-%d}" for meeting in meetings)
        text = f"已登记并附材料的会议记录 {len(meetings)} 次" + (f"（{days}）" if days else "")
        yield _fact(sitting, MEETINGS_ITEM, "records", len(meetings), FactSource.RECORDS, text)


def _lower_notes(sitting: Sitting, figures: UnitFigures) -> Iterator[Fact]:
    """Yield the unit's own assessments of its lower level (HN-2.2.3), as evidence without points."""
    for row in figures.lower:
        copied = "，照用综合考评表" if row.rulebook else ""
        text = (
            f"对下考核《{row.title}》（{row.document}{copied}），登记下级结果 {row.n_results} 个（HN-2.2.3）"
        )
        fact = _fact(sitting, SYSTEMS_ITEM, f"lower_{row.id}", row.n_results, FactSource.RECORDS, text)
        yield replace(fact, is_note=True)


def _account_fact(sitting: Sitting, figures: UnitFigures) -> Fact:
    accounts = figures.accounts
    text = f"本级启用的公众号 {accounts.n_own} 个，下级 {accounts.n_below} 个（不计）"
    return _fact(sitting, ACCOUNTS_ITEM, "accounts", accounts.n_own, FactSource.LEDGER, text)


def _coverage_facts(sitting: Sitting, figures: UnitFigures) -> Iterator[Fact]:
    groups = figures.groups
    covered = {
        BaseKind.MEMBERS: groups.n_members,
        BaseKind.GROUPS: groups.n_groups,
        BaseKind.ORGANISATIONS: groups.n_organisations,
    }
    for item, kind in BASE_OF_ITEM.items():
        base = figures.bases.get(kind)
        text = f"{figures.on} {_COVERED_WORDS[kind].format(groups)}"
        if base and 0 < base.number < covered[kind]:
            text += f"；大于基数 {base.number}，按基数计，请核对"
        yield _fact(sitting, item, "covered", covered[kind], FactSource.LEDGER, text)
        if base:
            yield _fact(sitting, item, "base", base.number, FactSource.BASE, _show_base(base))


def _show_base(base: Base) -> str:
    entered = f"{as_shanghai(base.entered_at):%Y-%m-%d} 录入"
    return f"{base.kind.value} {base.number}，来源：{base.source}（{entered}）"


def _weekly_note(sitting: Sitting, figures: UnitFigures) -> Iterator[Fact]:
    """Yield how the unit handed in its weekly reports (HN-4.1a), as evidence without points.

    Only weeks that were asked for count; before the first there is nothing to say.
    """
    reported = figures.reported
    if not reported.n_due:
        return
    n_in_time, text = reported.count(WeeklyState.SUBMITTED), year_words(reported, figures.year)
    fact = _fact(sitting, MANAGEMENT_ITEM, "weekly_reports", n_in_time, FactSource.RECORDS, text)
    yield replace(fact, is_note=True)


def _notes(sitting: Sitting, figures: UnitFigures) -> Iterator[Fact]:
    """Yield what the machine can say about items without a rule; none of it scores by itself."""
    days, groups, year = figures.days, figures.groups, figures.year
    managed = f"{figures.on} 有在任管理员的群 {groups.n_managed}/{groups.n_groups} 个"
    active = f"{year} 年已结算 {days.n_days} 日，其中有发布的 {days.n_active_days} 日"
    if days.n_with_data:
        rate = f"{days.n_met}/{days.n_with_data} = {show_percent(days.n_met, days.n_with_data)}"
        duty = f"{year} 年每日职责达标 {rate}（群日，HN-2.1.3；无数据的不计）"
    else:
        duty = f"{year} 年每日职责：❔无数据"
    notes = (
        (MANAGEMENT_ITEM, "managed_groups", groups.n_managed, FactSource.LEDGER, managed),
        (MANAGEMENT_ITEM, "active_days", days.n_active_days, FactSource.DAYS, active),
        (PUBLISHING_ITEM, "duty_met", days.n_met if days.n_with_data else None, FactSource.DAYS, duty),
    )
    for note in notes:
        yield replace(_fact(sitting, *note), is_note=True)

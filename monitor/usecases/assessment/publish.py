"""From the panel to the published year (考评、公布、撤回): states, publication, consequences as tasks.

Key types: `Published`, `AwardRow`.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from monitor.assessment.dossier import Assessment, AssessmentState, Decision, Task, short_name
from monitor.assessment.sheet import YearSheet, score_dossier
from monitor.assessment.view import sheet_as_json
from monitor.errors import StateError
from monitor.store.assessment import acts as assessment_acts
from monitor.store.assessment import sheets as assessments
from monitor.units import Unit
from monitor.usecases.assessment.sheets import (
    load_dossier,
    load_dossiers,
    note,
    open_sheet,
    open_unpublished,
    refresh_sheet,
)
from monitor.usecases.assessment.sitting import Sitting, find_for_panel, find_to_read, require_text
from scoring.rubric import LineState
from scoring.source import ResultStatus
from scoring.year import Eligibility, YearGrade

PUBLISHED = "assess.publish"
UNDO_WITHIN = timedelta(minutes=10)
TASK_OPEN, TASK_DONE, TASK_WITHDRAWN = "待办", "已办", "撤回"


class NotComplete(StateError):
    """Items are open (待补充), so there is no grade to publish; the text lists them."""

    code = "not_complete"
    user_text = "考评尚有待补充的项目，未公布"


@dataclass(frozen=True, slots=True)
class Published:
    """A published year: the sheet, the number of the publication, and what was left open.

    `record` is the number that 撤销 takes.
    """

    sheet: YearSheet
    number: int
    open_items: tuple[str, ...]
    record: int = 0


@dataclass(frozen=True, slots=True)
class AwardRow:
    """A unit whose published grade is 优秀 (HN-4.4b), with what stands beside it."""

    unit: Unit
    sheet: YearSheet
    decision: Decision | None


def start_panel(sitting: Sitting, year: int, unit_code: str, reason: str = "") -> Assessment:
    """Begin the panel's work (考评): the unit can change nothing more.

    Source: HN-4.3.
    Raises: StateError if the unit has not handed in and no reason is given; PeriodLocked once published.
    """
    unit = find_for_panel(sitting, unit_code)
    sheet = open_unpublished(sitting, year, unit)
    if sheet.state is AssessmentState.DRAFT and not reason.strip():
        text = f"{unit.name} {year} 年尚未提交自评；仍要开始考评，请写明理由"
        raise StateError("the unit has not handed in", user_text=text)
    if sheet.state is not AssessmentState.PANEL:
        assessments.save_state(sitting.connection, sheet.assessment_id, AssessmentState.PANEL)
        note(sitting, sheet, "assess.panel", {"from": sheet.state.value, "reason": reason.strip()})
        refresh_sheet(sitting, sheet)
    return load_dossier(sitting, sheet).assessment


def rehearse_publication(sitting: Sitting, year: int, unit_code: str) -> tuple[YearSheet, tuple[str, ...]]:
    """Return what `publish` would publish now, and what is open; the figures are taken again.

    Source: HN-4.3.
    Raises: StateError unless the panel has begun; PeriodLocked.
    """
    sheet = _open_for_publication(sitting, year, unit_code)
    refresh_sheet(sitting, sheet)
    year_sheet = score_dossier(load_dossier(sitting, sheet))
    return year_sheet, list_open(year_sheet)


def publish(sitting: Sitting, year: int, unit_code: str, *, accept_open: bool = False) -> Published:
    """Publish a year's result (公布): the whole sheet is kept as it is shown, and nothing moves any more.

    Consequences of HN-4.4c become open tasks only when the grade is 正式.

    Source: HN-4.3, HN-4.4c.

    Args:
        sitting: who, when.
        year: of the sheet.
        unit_code: of the sheet.
        accept_open: publish although items are open; then there is no grade (待补充).

    Raises: StateError unless the panel has begun; NotComplete listing what is open; PeriodLocked.
    """
    sheet = _open_for_publication(sitting, year, unit_code)
    refresh_sheet(sitting, sheet)
    open_items = list_open(score_dossier(load_dossier(sitting, sheet)))
    if open_items and not accept_open:
        raise NotComplete(
            f"{len(open_items)} open", user_text=f"未公布，以下项目待补充：{'；'.join(open_items)}"
        )
    record = note(sitting, sheet, PUBLISHED, {"open": list(open_items)})
    year_sheet = score_dossier(load_dossier(sitting, sheet))
    _settle_tasks(sitting, year_sheet)
    number = _keep_publication(sitting, sheet)
    return Published(score_dossier(load_dossier(sitting, sheet)), number, open_items, record)


def take_back_publication(sitting: Sitting, number: int) -> Assessment | None:
    """Take back one's own publication within ten minutes (撤销); None if the number is not that of one.

    The publication stays kept as withdrawn. Later than that it is withdrawn with a reason.
    Source: requirement D.0.
    Raises: StateError once the unit has objected, or it was withdrawn already.
    """
    found = assessments.load_record(sitting.connection, number)
    if found is None or found.actor != sitting.actor or found.action != PUBLISHED:
        return None
    if sitting.now - found.at > UNDO_WITHIN:
        return None
    sheet = assessments.load_assessment_by_id(sitting.connection, int(found.subject.partition(":")[2]))
    if sheet is None:
        return None
    filed = assessment_acts.load_objections(sitting.connection, [sheet.assessment_id])
    if any(each.filed_at >= found.at for each in filed.get(sheet.assessment_id, ())):
        text = f"{sheet.unit.name} 已对公布结果提出申诉，不能撤销；请先答复，或用 公布 撤回"
        raise StateError("objected to since", user_text=text)
    held = assessment_acts.load_publication(sitting.connection, sheet.assessment_id)
    if sheet.state is not AssessmentState.PUBLISHED or held is None or held.published_at != found.at:
        raise StateError("published anew since", user_text="该公布此后已有变动，不能撤销")
    return withdraw(sitting, sheet.year, sheet.unit.code, f"公布人撤销（编号 {number}）")


def withdraw(sitting: Sitting, year: int, unit_code: str, reason: str) -> Assessment:
    """Withdraw a publication (撤回公布), so that the panel can put a sheet right; it stays kept.

    Source: none (design; after an objection, HN-4.4f, or when lost items were supplied).
    Raises: StateError if nothing is published; BadParameter without a reason.
    """
    unit = find_for_panel(sitting, unit_code)
    sheet = open_sheet(sitting, year, unit)
    text = require_text(reason, "理由")
    if sheet.state is not AssessmentState.PUBLISHED:
        raise StateError("not published", user_text=f"{unit.name} {year} 年考评尚未公布")
    assessment_acts.withdraw_publication(
        sitting.connection, sheet.assessment_id, by=sitting.actor, at=sitting.now, reason=text
    )
    assessments.save_state(sitting.connection, sheet.assessment_id, AssessmentState.PANEL)
    note(sitting, sheet, "assess.withdraw", {"reason": text})
    refresh_sheet(sitting, sheet)
    return load_dossier(sitting, sheet).assessment


def list_open(year_sheet: YearSheet) -> tuple[str, ...]:
    """Return the items that keep a sheet 待补充, named as people call them (一1, 二2a), each with why."""
    names = {line.line.item: short_name(line.item) for line in year_sheet.lines if line.item}
    return tuple(
        f"{names.get(line.item, line.item)} {line.title}（{line.state.value}）"
        for line in (each.line for each in year_sheet.lines)
        if line.state not in (LineState.SCORED, LineState.ADJUSTMENT)
    )


def list_award_candidates(sitting: Sitting, year: int) -> list[AwardRow]:
    """Return the units that may stand on the list of 先进单位, best first: 优秀, with eligibility, published.

    A decision of the leadership (HN-4.4f) is followed and named.

    Source: HN-4.4b, HN-4.4d, HN-4.1e.
    Raises: OutOfScope.
    """
    path = find_to_read(sitting, None).path
    sheets = assessments.load_assessments(sitting.connection, year, sitting.desk.rulebook, path)
    published = [sheet for sheet in sheets if sheet.state is AssessmentState.PUBLISHED]
    rows = [
        AwardRow(dossier.assessment.unit, score_dossier(dossier), dossier.decision)
        for dossier in load_dossiers(sitting, published)
    ]
    chosen = [row for row in rows if _may_be_awarded(row)]
    return sorted(chosen, key=lambda row: (-row.sheet.sheet.scored, row.unit.code))


def _open_for_publication(sitting: Sitting, year: int, unit_code: str) -> Assessment:
    unit = find_for_panel(sitting, unit_code)
    sheet = open_unpublished(sitting, year, unit)
    if sheet.state is not AssessmentState.PANEL:
        text = f"{unit.name} {year} 年尚在“{sheet.state.value}”，须先开始考评"
        raise StateError("the panel has not begun", user_text=text)
    return sheet


def _may_be_awarded(row: AwardRow) -> bool:
    result, decision = row.sheet.result, row.decision
    grade = (decision.grade if decision else "") or (result.grade.outcome.value if result else "")
    eligibility = (decision.eligibility if decision else "") or (
        Eligibility.REVOKED if row.sheet.dossier.disqualification else Eligibility.ELIGIBLE
    ).value
    return grade == YearGrade.EXCELLENT.value and eligibility == Eligibility.ELIGIBLE.value


def _keep_publication(sitting: Sitting, sheet: Assessment) -> int:
    assessments.save_state(sitting.connection, sheet.assessment_id, AssessmentState.PUBLISHED)
    dossier = load_dossier(sitting, sheet)
    return assessment_acts.insert_publication(
        sitting.connection,
        sheet.assessment_id,
        sheet_as_json(score_dossier(dossier)),
        by=sitting.actor,
        at=sitting.now,
    )


def _settle_tasks(sitting: Sitting, year_sheet: YearSheet) -> None:
    """Open the tasks of a final grade; withdraw open ones that no longer follow."""
    result, dossier = year_sheet.result, year_sheet.dossier
    is_final = result is not None and result.grade.result_status is ResultStatus.FINAL
    clauses = {each.word: each.source.clause for each in year_sheet.rules.rulebook.year.consequences}
    wanted = result.consequences if result and is_final else ()
    known = {task.word: task for task in dossier.tasks}
    for word in wanted:
        if word not in known or known[word].state == TASK_WITHDRAWN:
            fresh = Task(0, word, clauses[word], TASK_OPEN, sitting.now)
            assessment_acts.put_task(sitting.connection, dossier.assessment.assessment_id, fresh)
    for word, task in known.items():
        if word not in wanted and task.state == TASK_OPEN:
            gone = replace(
                task,
                state=TASK_WITHDRAWN,
                closed_by=sitting.actor,
                closed_at=sitting.now,
                note="重新公布后不再适用",
            )
            assessment_acts.put_task(sitting.connection, dossier.assessment.assessment_id, gone)

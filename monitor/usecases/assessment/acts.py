"""Acts of people about a sheet besides points: eligibility, decisions, objections, tasks.

None of them changes a computed value: they stand beside it.
"""

from dataclasses import replace
from datetime import date, timedelta
from enum import StrEnum

from monitor.assessment.dossier import AssessmentState, Objection, find_item
from monitor.assessment.evidence import AcceptedFile
from monitor.assessment.frozen_rules import read_rules
from monitor.errors import BadParameter, StateError
from monitor.store.assessment import acts as assessment_acts
from monitor.store.assessment import evidence
from monitor.usecases.assessment.publish import TASK_DONE, TASK_OPEN
from monitor.usecases.assessment.sheets import load_dossier, note, open_sheet, open_unpublished, rule_text
from monitor.usecases.assessment.sitting import Sitting, find_for_panel, find_own, require_text
from scoring.year import Eligibility, YearGrade

DISQUALIFICATION = "HN-4.4d"


class ObjectionOutcome(StrEnum):
    """How an objection (申诉) was answered."""

    UPHELD = "维持"
    ADJUSTED = "调整"


def disqualify(
    sitting: Sitting, year: int, unit_code: str, ground: str, reason: str, files: list[AcceptedFile]
) -> int:
    """Declare that a unit loses eligibility (取消评优资格), on a printed ground and with evidence.

    The files have been kept in the evidence folder before. Points and grade do not change.

    Source: HN-4.4d 载明.
    Returns: number of the record.
    Raises: BadParameter for another ground, no reason or no evidence; PeriodLocked once published;
        StateError if it is declared already.
    """
    unit = find_for_panel(sitting, unit_code)
    sheet = open_unpublished(sitting, year, unit)
    grounds = read_rules(rule_text(sitting, sheet)).rulebook.year.grounds
    matching = [each for each in grounds if ground.strip() and ground.strip() in each]
    if len(matching) != 1:
        raise BadParameter(f"ground {ground!r}", user_text=f"情形应为：{'；'.join(grounds)}")
    text = require_text(reason, "理由")
    if not files:
        raise BadParameter("no evidence", user_text="取消评优资格须附依据材料")
    if load_dossier(sitting, sheet).disqualification:
        raise StateError("declared already", user_text=f"{unit.name} {year} 年评优资格已取消，未重复登记")
    for file in files:
        evidence.save_file(sitting.connection, file, sitting.now)
        evidence.link_file(
            sitting.connection,
            sheet.assessment_id,
            DISQUALIFICATION,
            "",
            file,
            by=sitting.actor,
            at=sitting.now,
        )
    assessment_acts.insert_disqualification(
        sitting.connection,
        sheet.assessment_id,
        ground=matching[0],
        reason=text,
        declared_by=sitting.actor,
        declared_at=sitting.now,
    )
    hashes = [file.sha256 for file in files]
    return note(sitting, sheet, "assess.disqualify", {"ground": matching[0], "reason": text, "files": hashes})


def requalify(sitting: Sitting, year: int, unit_code: str, reason: str) -> int:
    """Take a declared loss of eligibility back; the declaration stays on record.

    Source: HN-4.4d.
    Raises: StateError if none is declared; PeriodLocked once published.
    """
    unit = find_for_panel(sitting, unit_code)
    sheet = open_unpublished(sitting, year, unit)
    text = require_text(reason, "理由")
    declared = load_dossier(sitting, sheet).disqualification
    if declared is None:
        raise StateError("none is declared", user_text=f"{unit.name} {year} 年评优资格没有取消")
    assessment_acts.revoke_disqualification(
        sitting.connection, declared.number, by=sitting.actor, at=sitting.now, reason=text
    )
    return note(sitting, sheet, "assess.requalify", {"of": declared.number, "reason": text})


def record_decision(
    sitting: Sitting,
    year: int,
    unit_code: str,
    *,
    minutes_no: str,
    decided_on: date,
    text: str,
    grade: str = "",
    eligibility: str = "",
) -> int:
    """Record a decision of the leadership (党组会研究决定); the computed value stays beside it.

    Source: HN-4.4f 载明.

    Args:
        sitting: who, when.
        year: of the sheet.
        unit_code: of the sheet.
        minutes_no: number of the minutes (纪要编号), required.
        decided_on: day of the meeting, not in the future.
        text: what was decided.
        grade: 优秀 … 不合格, or "" to leave it.
        eligibility: 具备 or 取消, or "" to leave it.

    Returns: number of the record.
    Raises: BadParameter, OutOfScope, ReadOnlyRole, CommandError.
    """
    unit = find_for_panel(sitting, unit_code)
    sheet = open_sheet(sitting, year, unit)
    if decided_on > sitting.today:
        raise BadParameter("in the future", user_text="决定日期不能在今天之后")
    _require_word(grade, [each.value for each in YearGrade], "等次")
    _require_word(eligibility, [each.value for each in Eligibility], "评优资格")
    values = {
        "minutes_no": require_text(minutes_no, "会议纪要编号", 60),
        "decided_on": decided_on,
        "text": require_text(text, "决定内容"),
        "grade": grade,
        "eligibility": eligibility,
    }
    stored = {**values, "recorded_by": sitting.actor, "recorded_at": sitting.now}
    assessment_acts.insert_decision(sitting.connection, sheet.assessment_id, **stored)
    return note(sitting, sheet, "assess.decide", {**values, "decided_on": decided_on.isoformat()})


def object_to(sitting: Sitting, year: int, text: str, item_word: str = "") -> Objection:
    """File an objection (申诉) to the own unit's published result; it opens a day until which it is answered.

    Source: none (HN states no procedure): 15 days by default, 默认.
    Raises: StateError before publication or while one is open; BadParameter; as `find_own`.
    """
    unit = find_own(sitting, None)
    sheet = open_sheet(sitting, year, unit)
    if sheet.state is not AssessmentState.PUBLISHED:
        raise StateError("not published", user_text=f"{year} 年考评尚未公布，公布后可以申诉")
    dossier = load_dossier(sitting, sheet)
    if any(each.replied_at is None for each in dossier.objections):
        raise StateError("one is open", user_text="已有申诉在办理，未重复登记")
    rubric = read_rules(rule_text(sitting, sheet)).rulebook.rubric
    item = find_item(rubric, item_word).id if item_word else ""
    number = assessment_acts.insert_objection(
        sitting.connection,
        sheet.assessment_id,
        item=item,
        text=require_text(text, "申诉理由"),
        by=sitting.actor,
        at=sitting.now,
        due_on=sitting.today + timedelta(days=sitting.desk.objection_days),
    )
    note(sitting, sheet, "assess.object", {"number": number, "item": item})
    return next(each for each in load_dossier(sitting, sheet).objections if each.number == number)


def answer_objection(
    sitting: Sitting, year: int, unit_code: str, number: int, outcome: ObjectionOutcome, reply: str
) -> Objection:
    """Answer an objection; to adjust a sheet its publication is withdrawn in a further act.

    Source: none (as `object_to`).
    Raises: StateError if there is no such objection, or it is answered.
    """
    unit = find_for_panel(sitting, unit_code)
    sheet = open_sheet(sitting, year, unit)
    found = next((each for each in load_dossier(sitting, sheet).objections if each.number == number), None)
    text = require_text(reply, "答复")
    if found is None or not assessment_acts.answer_objection(
        sitting.connection, number, outcome=outcome.value, reply=text, by=sitting.actor, at=sitting.now
    ):
        raise StateError(f"objection {number}", user_text=f"没有待答复的申诉 {number}")
    note(sitting, sheet, "assess.answer", {"number": number, "outcome": outcome.value})
    return next(each for each in load_dossier(sitting, sheet).objections if each.number == number)


def close_task(sitting: Sitting, year: int, unit_code: str, word: str, how: str) -> int:
    """Close a task of HN-4.4c, saying how it was done.

    Source: HN-4.4c.
    Raises: StateError if there is no such open task; BadParameter without a note.
    """
    unit = find_for_panel(sitting, unit_code)
    sheet = open_sheet(sitting, year, unit)
    text = require_text(how, "办理情况")
    tasks = [task for task in load_dossier(sitting, sheet).tasks if task.word == word]
    if not tasks or tasks[0].state != TASK_OPEN:
        raise StateError(f"no open task {word!r}", user_text=f"没有待办的“{word}”")
    done = replace(tasks[0], state=TASK_DONE, closed_by=sitting.actor, closed_at=sitting.now, note=text)
    assessment_acts.put_task(sitting.connection, sheet.assessment_id, done)
    return note(sitting, sheet, "assess.task", {"word": word, "note": text})


def _require_word(word: str, allowed: list[str], what: str) -> None:
    if word and word not in allowed:
        raise BadParameter(f"{what} {word!r}", user_text=f"{what}应为：{'、'.join(allowed)}")

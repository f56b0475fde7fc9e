"""From the panel to the published year: publication, decisions, objections, what the province establishes."""

from datetime import date
from typing import Any

import pytest

from monitor.assessment.dossier import BaseKind
from monitor.assessment.view import explain_year_sheet, sheet_as_json
from monitor.errors import (
    BadParameter,
    PeriodLocked,
    StateError,
)
from monitor.store.assessment import acts as assessment_acts
from monitor.usecases.assessment import acts as assess_acts
from monitor.usecases.assessment import publish as assess_publish
from monitor.usecases.assessment import records as assess_records
from monitor.usecases.assessment.publish import NotComplete, withdraw
from scoring.errors import PointsOutOfRange
from tests.monitor.assess_help import INFERRED, YEAR, Panel


def test_the_panel_begins_without_the_unit_only_with_a_reason(panel: Panel) -> None:
    with pytest.raises(StateError) as refused:
        panel.by(panel.inspector, assess_publish.start_panel, YEAR, "LC")
    assert "尚未提交自评" in refused.value.user_text
    panel.begin()
    with pytest.raises(PeriodLocked):
        panel.own("一1", "0.5")


def test_publishing_lists_what_is_open_and_needs_the_panel(panel: Panel) -> None:
    with pytest.raises(StateError, match="panel has not begun"):
        panel.publish()
    panel.begin()
    with pytest.raises(NotComplete) as refused:
        panel.publish()
    assert "四 （原文未载明的部分）（未载明）" in refused.value.user_text
    assert "二2a 覆盖团员青年的比例（无基数）" in refused.value.user_text


def test_a_published_sheet_is_locked_and_does_not_move(panel: Panel) -> None:
    panel.everything()
    panel.begin()
    published = sheet_as_json(panel.publish().sheet)
    for act in (
        lambda: panel.judge("一1", "0.1"),
        lambda: panel.base(BaseKind.MEMBERS, 5),
        lambda: panel.correct("二1", "accounts", 0),
        lambda: panel.disqualify(),
        lambda: panel.begin(),
        lambda: panel.publish(),
    ):
        with pytest.raises(PeriodLocked):
            act()
    panel.clock.advance(days=3)
    panel.add_group("LC0009", "LC", 400)
    panel.confirm(*INFERRED)
    panel.supply("四", "1.5")
    panel.poor_checks(3)
    assert sheet_as_json(panel.sheet()) == published
    with panel.database.reading() as connection:
        sheet_id = panel.sheet().dossier.assessment.assessment_id
        kept = assessment_acts.load_publication(connection, sheet_id)
    assert kept is not None
    assert kept.sheet == published


def test_a_withdrawn_publication_stays_kept_and_tasks_that_no_longer_follow_are_withdrawn(
    panel: Panel,
) -> None:
    panel.confirm(*INFERRED)
    panel.everything("0", "0", 一1="0", 一2="0.4")
    panel.begin()
    assert len(panel.publish().sheet.dossier.tasks) == 3
    panel.by(panel.inspector, withdraw, YEAR, "LC", "申诉成立")
    panel.judge("三3", "2")
    again = panel.publish().sheet
    assert {task.state for task in again.dossier.tasks} == {"撤回"}
    with panel.database.reading() as connection:
        kept = assessment_acts.load_publications(connection, again.dossier.assessment.assessment_id)
    assert [each.sheet["scored"] for each in kept] == ["4.90", "6.90"]


def test_a_task_is_closed_with_a_note_and_stays_closed(panel: Panel) -> None:
    panel.confirm(*INFERRED)
    panel.everything("0", "0", 一1="0")
    panel.begin()
    panel.publish()
    close = assess_acts.close_task
    panel.by(panel.inspector, close, YEAR, "LC", "通报批评", "琼团通〔2027〕1号")
    with pytest.raises(StateError):
        panel.by(panel.inspector, close, YEAR, "LC", "通报批评", "又一次")
    states = {task.word: (task.state, task.note) for task in panel.sheet().dossier.tasks}
    assert states["通报批评"] == ("已办", "琼团通〔2027〕1号")
    assert states["书面情况说明"] == ("待办", "")


def test_a_decision_of_the_leadership_stands_beside_the_computed_grade(panel: Panel) -> None:
    panel.everything("0", "0")
    act = assess_acts.record_decision
    values = {"decided_on": date(2026, 11, 19), "text": "考虑受灾情况", "grade": "良好"}
    with pytest.raises(BadParameter):
        panel.by(panel.inspector, act, YEAR, "LC", minutes_no=" ", **values)
    with pytest.raises(BadParameter):
        panel.by(panel.inspector, act, YEAR, "LC", minutes_no="纪要1号", **values | {"grade": "极好"})
    panel.by(panel.inspector, act, YEAR, "LC", minutes_no="纪要1号", **values)
    stored = sheet_as_json(panel.sheet())
    assert stored["grade"] == stored["computed_grade"] == "合格"
    decision: Any = stored["decision"]
    assert (decision["grade"], decision["minutes_no"]) == ("良好", "纪要1号")
    explained: Any = stored["explain"]
    assert any("党组会决定（纪要1号，2026-11-19）：等次定为 良好" in line for line in explained)


def test_a_disqualification_needs_a_printed_ground_a_reason_and_evidence(panel: Panel) -> None:
    act = assess_acts.disqualify
    for arguments in (("不讲卫生", "理由", []), ("未完成微信平台建设工作", " ", []), ("未完成", "理由", [])):
        with pytest.raises(BadParameter):
            panel.by(panel.inspector, act, YEAR, "LC", *arguments)
    panel.disqualify()
    with pytest.raises(StateError):
        panel.disqualify()
    assert panel.sheet().dossier.evidence[0].item == "HN-4.4d"
    panel.by(panel.inspector, assess_acts.requalify, YEAR, "LC", "认定有误")
    assert panel.sheet().dossier.disqualification is None


def test_an_objection_has_a_day_until_which_it_is_answered(panel: Panel) -> None:
    panel.everything()
    with pytest.raises(StateError):
        panel.by(panel.admin, assess_acts.object_to, YEAR, "一2 打分偏低", "一2")
    panel.begin()
    panel.publish()
    objection = panel.by(panel.admin, assess_acts.object_to, YEAR, "一2 打分偏低", "一2")
    assert (objection.item, objection.due_on) == ("HN-A1.2", date(2026, 12, 5))
    with pytest.raises(StateError):
        panel.by(panel.admin, assess_acts.object_to, YEAR, "再次申诉")
    outcome = assess_acts.ObjectionOutcome.UPHELD
    answer = (
        panel.inspector,
        assess_acts.answer_objection,
        YEAR,
        "LC",
        objection.number,
        outcome,
        "经复核维持",
    )
    assert panel.by(*answer).reply == "经复核维持"
    with pytest.raises(StateError):
        panel.by(*answer)


def test_a_supplied_item_has_a_document_a_limit_and_is_not_lowered_below_points(panel: Panel) -> None:
    supply = assess_records.supply_item
    for arguments in (("四", "1.6", "文件"), ("四", "-1", "文件")):
        with pytest.raises(PointsOutOfRange):
            panel.by(panel.inspector, supply, YEAR, *arguments)
    for arguments in (("四", "1.5", " "), ("一1", "1", "文件")):
        with pytest.raises(BadParameter):
            panel.by(panel.inspector, supply, YEAR, *arguments)
    panel.supply("四", "1.5")
    panel.judge("四", "1.2")
    with pytest.raises(StateError):
        panel.supply("四", "1")
    panel.supply("四", "1.3")
    assert panel.sheet().dossier.supplied[0].version == 2


def test_only_a_reading_that_is_open_can_be_confirmed(panel: Panel) -> None:
    confirm = assess_records.confirm_reading
    assert panel.by(panel.inspector, confirm, YEAR, "HN-A2.2a", "文件") is True
    assert panel.by(panel.inspector, confirm, YEAR, "HN-A2.2a", "文件") is False
    for clause in ("HN-A1.2", "HN-4.4c", "D-99", ""):  # 缺失, 载明, unknown
        with pytest.raises(BadParameter):
            panel.by(panel.inspector, confirm, YEAR, clause, "文件")


def test_a_reading_of_three_in_a_row_that_is_not_confirmed_makes_excellent_provisional(panel: Panel) -> None:
    panel.confirm(*INFERRED)
    panel.everything()
    assert panel.sheet().state.value == "正式"
    panel.poor_checks(3)
    assert panel.sheet().state.value == "暂定"
    panel.confirm("D-09")
    sheet = panel.sheet()
    assert sheet.result is not None
    assert (sheet.state.value, sheet.result.grade.outcome.value) == ("正式", "良好")
    assert "连续" in "\n".join(explain_year_sheet(sheet))

"""Golden cases E-11 … E-20 through the stored assessment, on both databases."""

from decimal import Decimal

import pytest

from monitor.assessment.dossier import BaseKind
from monitor.usecases.assessment.publish import TASK_OPEN, list_award_candidates, withdraw
from monitor.usecases.assessment.sitting import Sitting
from monitor.usecases.rules.what_if import OtherReading, try_supposition
from scoring.rubric import LineState
from scoring.source import ResultStatus
from scoring.year import Eligibility, YearGrade
from tests.monitor.assess_help import INFERRED, YEAR, Panel


def award_list(panel: Panel) -> list[str]:
    rows = panel.desk.read(panel.inspector, lambda sitting: list_award_candidates(sitting, YEAR))
    return [row.unit.code for row in rows]


def total(panel: Panel, wanted: str) -> None:
    """Fill the sheet so that its points come to a total from 5.5 to 10."""
    left = Decimal(10) - Decimal(wanted)
    cut = {}
    for item, most in (("third", "2"), ("fourth", "1.5"), ("一1", "1")):
        less = min(left, Decimal(most))
        cut[item] = str(Decimal(most) - less)
        left -= less
    assert left == 0
    panel.everything(cut.pop("third"), cut.pop("fourth"), **cut)


@pytest.mark.parametrize(("points", "grade"), [("9.40", "良好"), ("8.20", "良好"), ("6.50", "合格")])
def test_e11_a_poor_streak_caps_the_grade_and_no_points(panel: Panel, points: str, grade: str) -> None:
    panel.poor_checks(3)
    total(panel, points)
    panel.begin()
    sheet = panel.publish().sheet
    assert sheet.result is not None
    assert (sheet.sheet.scored, sheet.result.grade.outcome.value) == (Decimal(points), grade)
    assert award_list(panel) == []


@pytest.mark.parametrize(
    ("points", "grade", "half_up"),
    [
        ("10", "优秀", "优秀"),
        ("9.00", "优秀", "优秀"),
        ("8.99", "良好", "优秀"),
        ("8.95", "良好", "优秀"),
        ("8.90", "良好", "良好"),
        ("7.00", "良好", "良好"),
        ("6.95", "合格", "良好"),
        ("6.90", "合格", "合格"),
        ("6.00", "合格", "合格"),
        ("5.99", "不合格", "合格"),
    ],
)
def test_e13_totals_are_graded_without_rounding(panel: Panel, points: str, grade: str, half_up: str) -> None:
    total(panel, points)
    result = panel.sheet().result
    assert result is not None
    assert (result.total, result.grade.outcome.value) == (Decimal(points), grade)
    other = panel.desk.read(panel.inspector, _supposed_half_up)
    assert (other or grade) == half_up


def _supposed_half_up(sitting: Sitting) -> str | None:
    found = try_supposition(sitting, YEAR, OtherReading("D-10", "half_up_0.1"))
    mine = [change for change in found.changes if change.unit.code == "LC"]
    after = mine[0].change.grade_after if mine else None
    return after.value if after else None


@pytest.mark.parametrize(("points", "n_tasks"), [("5.90", 3), ("6.00", 0)])
def test_e14_consequences_become_tasks_below_six_and_only_when_final(
    panel: Panel, points: str, n_tasks: int
) -> None:
    total(panel, points)
    panel.begin()
    provisional = panel.publish().sheet
    assert provisional.state is ResultStatus.PROVISIONAL  # 90 % and the base of groups are 推定
    assert provisional.dossier.tasks == ()
    panel.clock.advance(hours=1)
    panel.confirm(*INFERRED)
    panel.by(panel.inspector, withdraw, YEAR, "LC", "读法已确认")
    final = panel.publish().sheet
    assert final.state is ResultStatus.FINAL
    tasks = [(task.word, task.state, task.clause) for task in final.dossier.tasks]
    wanted = ["通报批评", "书面情况说明", "负责人不得参评"] if n_tasks else []
    assert tasks == [(word, TASK_OPEN, "HN-4.4c") for word in wanted]


def test_e15_a_disqualified_unit_keeps_its_grade_and_leaves_the_award_list(panel: Panel) -> None:
    total(panel, "9.30")
    panel.begin()
    panel.publish()
    assert award_list(panel) == ["LC"]
    panel.by(panel.inspector, withdraw, YEAR, "LC", "另有情形")
    panel.disqualify()
    result = panel.publish().sheet.result
    assert result is not None
    assert (result.grade.outcome, result.eligibility) == (YearGrade.EXCELLENT, Eligibility.REVOKED)
    assert award_list(panel) == []


@pytest.mark.parametrize(
    ("document", "records", "points"),
    [(1, 5, "0.7"), (1, 8, "1.0"), (1, 12, "1.0"), (0, 3, "0.3"), (0, 0, "0")],
)
def test_e16_meetings(panel: Panel, document: int, records: int, points: str) -> None:
    panel.correct("一3", "document", document)
    panel.correct("一3", "records", records)
    assert panel.points("HN-A1.3") == Decimal(points)


@pytest.mark.parametrize(
    ("covered", "points", "state"),
    [
        (9_000, "0.8", "暂定"),
        (8_999, "0.5", "正式"),
        (8_000, "0.5", "正式"),
        (7_999, "0.2", "正式"),
        (7_000, "0.2", "正式"),
        (6_999, "-0.2", "正式"),
    ],
)
def test_e17_members_covered_from_the_ledger(panel: Panel, covered: int, points: str, state: str) -> None:
    panel.change_group("LC0001", member_count=covered - 40)  # the group of 柳岸村 has 40
    panel.base(BaseKind.MEMBERS, 10_000)
    line = next(each.line for each in panel.sheet().lines if each.line.item == "HN-A2.2a")
    assert (line.points, line.result_status.value) == (Decimal(points), state)


@pytest.mark.parametrize(("base", "text"), [(0, "基数为 0，无基数"), (None, "尚未录入基数，无基数")])
def test_e17_without_a_base_there_are_no_points(panel: Panel, base: int | None, text: str) -> None:
    if base is not None:
        panel.base(BaseKind.MEMBERS, base)
    line = next(each.line for each in panel.sheet().lines if each.line.item == "HN-A2.2a")
    assert (line.points, line.state) == (None, LineState.NO_BASE)
    assert text in line.arithmetic


@pytest.mark.parametrize(("covered", "points"), [(800, "0.5"), (799, "0.3"), (600, "0.3"), (599, "0")])
def test_e18_organisations_covered(panel: Panel, covered: int, points: str) -> None:
    panel.covered("二2c", BaseKind.ORGANISATIONS, covered, 1_000)
    assert panel.points("HN-A2.2c") == Decimal(points)


def test_e19_the_second_section_adds_up(panel: Panel) -> None:
    panel.judge("二1", "0.2")
    panel.covered("二2a", BaseKind.MEMBERS, 85, 100)
    panel.covered("二2b", BaseKind.GROUPS, 92, 100)
    panel.covered("二2c", BaseKind.ORGANISATIONS, 75, 100)
    second = next(part for part in panel.sheet().sheet.sections if part.id == "二")
    assert (second.points, second.max_points) == (Decimal("2.0"), Decimal("2.5"))


def test_e19_the_worst_section_is_below_zero_and_the_total_is_not(panel: Panel) -> None:
    panel.correct("二1", "accounts", 0)
    panel.judge("二1", "0")
    for item, kind in (
        ("二2a", BaseKind.MEMBERS),
        ("二2b", BaseKind.GROUPS),
        ("二2c", BaseKind.ORGANISATIONS),
    ):
        panel.covered(item, kind, 50, 100)
    sheet = panel.sheet().sheet
    second = next(part for part in sheet.sections if part.id == "二")
    assert second.points == Decimal("-0.4")
    assert sheet.scored == 0
    assert sum((line.points for line in sheet.lines if line.points is not None), Decimal(0)) == 0


def test_e20_full_marks_of_what_is_legible_are_no_grade(panel: Panel) -> None:
    panel.everything("", "")
    sheet = panel.sheet()
    assert sheet.sheet.headline == "已评 6.50 / 可评 6.50 / 满分 10（原文残缺 3.5）"
    assert (sheet.state, sheet.result) == (ResultStatus.INCOMPLETE, None)
    panel.begin()
    published = panel.publish(accept_open=True).sheet
    assert (published.result, published.dossier.tasks) == (None, ())


def test_e20_supplied_items_complete_the_sheet(panel: Panel) -> None:
    panel.everything("1.8", "1.2")
    result = panel.sheet().result
    assert result is not None
    assert (result.total, result.grade.outcome) == (Decimal("9.50"), YearGrade.EXCELLENT)

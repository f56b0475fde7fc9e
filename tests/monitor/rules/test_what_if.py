"""What-if and risks: whose points or grade would change, by what; nothing is stored."""

from decimal import Decimal

import pytest
from sqlalchemy import func, select

from monitor.assessment.dossier import BaseKind
from monitor.errors import BadParameter
from monitor.store.assessment.tables import (
    AssessmentEntryRow,
    AssessmentFactRow,
    AssessmentRow,
    SuppliedItemRow,
)
from monitor.store.tables import table_of
from monitor.store.work_tables import AuditRow
from monitor.units import Role
from monitor.usecases.assessment.risk import RiskKind, RiskReport, find_risks
from monitor.usecases.rules.what_if import (
    ConfirmedReading,
    OtherReading,
    SuppliedFigure,
    Supposition,
    WhatIf,
    try_supposition,
)
from scoring.errors import RulebookFormatError
from tests.monitor.assess_help import YEAR, Panel

TABLES = (AssessmentRow, AssessmentEntryRow, AssessmentFactRow, SuppliedItemRow, AuditRow)


def stored(panel: Panel) -> list[int]:
    with panel.database.reading() as connection:
        return [
            connection.execute(select(func.count()).select_from(table_of(row))).scalar_one() for row in TABLES
        ]


def suppose(panel: Panel, supposition: Supposition) -> WhatIf:
    before = stored(panel)
    found = panel.desk.read(panel.inspector, lambda sitting: try_supposition(sitting, YEAR, supposition))
    assert stored(panel) == before
    return found


def risks(panel: Panel) -> RiskReport:
    leader = panel.cast.viewer("QS", Role.LEADER)
    return panel.desk.read(leader, lambda sitting: find_risks(sitting, YEAR))


def test_every_unit_of_the_year_is_looked_at_also_those_without_a_sheet(panel: Panel) -> None:
    assert suppose(panel, OtherReading("D-18", "floor_0")).n_units == 3  # two cities and a university


def test_another_reading_of_bands_names_who_changes_and_by_what(panel: Panel) -> None:
    panel.everything()
    panel.covered("二2a", BaseKind.MEMBERS, 8_999, 10_000)  # exactly 89.99 %
    panel.everything(unit="YS")
    assert suppose(panel, OtherReading("D-11", "integer_percent")).changes == ()
    panel.own("一1", "0")
    found = suppose(panel, OtherReading("D-04", "mean"))
    assert [(change.unit.code, change.change.points_after) for change in found.changes] == [
        ("LC", Decimal("9.2"))
    ]
    assert found.changes[0].why[0] == "HN-A1.1 完善微信工作机制：1.00 → 0.50"


def test_another_reading_of_in_a_row_lifts_the_cap(panel: Panel) -> None:
    panel.everything()
    panel.poor_checks(3)  # three different groups
    change = suppose(panel, OtherReading("D-09", "group")).changes[0]
    assert change.change.grade_before is not None
    assert change.change.grade_after is not None
    assert (change.change.grade_before.value, change.change.grade_after.value) == ("良好", "优秀")
    assert any("连续“差”" in why for why in change.why)


def test_a_supplied_item_completes_the_sheets_that_wait_for_it(panel: Panel) -> None:
    panel.everything("2", "")
    found = suppose(panel, SuppliedFigure("四", Decimal("1.5"), Decimal("1.0")))
    mine = next(change for change in found.changes if change.unit.code == "LC")
    assert mine.change.grade_before is None
    assert mine.change.grade_after is not None
    assert (mine.change.points_after, mine.change.grade_after.value) == (Decimal("9.5"), "优秀")


def test_a_confirmed_reading_changes_no_points(panel: Panel) -> None:
    panel.everything()
    panel.confirm("HN-A2.2b")
    change = suppose(panel, ConfirmedReading("HN-A2.2a")).changes[0]
    assert change.change.points_before == change.change.points_after
    assert change.why == ("状态：暂定 → 正式",)


@pytest.mark.parametrize(
    ("supposition", "error"),
    [
        (OtherReading("D-99", "x"), RulebookFormatError),
        (OtherReading("D-10", "never"), RulebookFormatError),
        (SuppliedFigure("一1", Decimal(1), Decimal(1)), BadParameter),
        (SuppliedFigure("九", Decimal(1), Decimal(1)), BadParameter),
    ],
)
def test_a_supposition_that_makes_no_sense_is_refused(
    panel: Panel, supposition: Supposition, error: type[Exception]
) -> None:
    with pytest.raises(error):
        suppose(panel, supposition)


def test_points_above_the_lost_ones_are_told_per_unit(panel: Panel) -> None:
    found = suppose(panel, SuppliedFigure("四", Decimal("1.6"), Decimal(1)))
    assert found.changes == ()
    assert {text for _, text in found.refused} == {"得分应在 0 到 1.5 分之间"}


def test_risks_name_who_falls_below_six_or_loses_excellent_with_the_clause(panel: Panel) -> None:
    panel.everything("0", "0", 一1="0")  # 5.50
    panel.everything(unit="YS")
    panel.poor_checks(3, "YS")
    panel.poor_checks(2, "QD")
    report = risks(panel)
    assert [(risk.unit.code, risk.kind) for risk in report.risks] == [
        ("LC", RiskKind.BELOW_SIX),
        ("YS", RiskKind.CAPPED),
        ("QD", RiskKind.NEAR_CAP),
    ]
    assert report.risks[0].text == "得 5.50 分，低于 6 分：通报批评、书面情况说明、负责人不得参评（HN-4.4c）"
    assert (report.n_units, report.n_begun, report.n_without_checks) == (3, 2, 1)


def test_a_risk_is_said_as_soon_as_it_is_certain_and_not_before(panel: Panel) -> None:
    assert risks(panel).risks == ()
    panel.judge("一1", "0")
    assert risks(panel).risks == ()  # 9.0 can still be reached
    panel.judge("一2", "0.9")
    assert [risk.text for risk in risks(panel).risks] == ["最高只能到 8.90 分，不能评优秀（HN-4.3）"]
    for item in ("一2", "三1", "三2", "二1"):
        panel.judge(item, "0")
    panel.correct("一3", "document", 0)
    panel.correct("一3", "records", 0)
    assert risks(panel).risks[0].text == "未评项全得满分也只有 5.80 分，低于 6 分（HN-4.4c）"

"""The list of a year: order, slices, and figures taken together that are those taken one by one."""

from monitor.usecases.assessment.figures import UnitFigures, load_figures
from monitor.usecases.assessment.sheets import view_sheet
from monitor.usecases.assessment.sitting import Sitting, find_to_read
from monitor.usecases.assessment.year_list import list_year
from monitor.usecases.rules.what_if import load_year
from tests.monitor.assess_help import YEAR, Panel


def test_figures_of_many_units_are_those_of_each_alone(panel: Panel) -> None:
    panel.correct("一3", "records", 3)

    def take(sitting: Sitting) -> tuple[list[UnitFigures], list[UnitFigures]]:
        codes = ("LC", "YS", "QD", "LC01", "QS")  # siblings, a unit below one of them, the root above all
        units = [find_to_read(sitting, code) for code in codes]
        alone = [load_figures(sitting, [unit], YEAR)[0] for unit in units]
        return load_figures(sitting, units, YEAR), alone

    together, alone = panel.by(panel.inspector, take)
    assert together == alone
    assert [one.groups.n_groups for one in together] == [2, 2, 1, 1, 5]
    assert [(one.accounts.n_own, one.accounts.n_below) for one in together] == [
        (1, 0), (0, 0), (0, 0), (0, 0), (1, 1),
    ]  # fmt: skip


def test_what_nobody_has_begun_comes_first_then_the_lowest_points_of_the_slowest(panel: Panel) -> None:
    panel.judge("一2", "0.8")
    panel.judge("一2", "0.1", unit="QD")

    def look(sitting: Sitting) -> tuple[list[str], set[str]]:
        listed = list_year(sitting, YEAR)
        whole = listed[0 : len(listed)]
        assert [listed[place] for place in range(len(listed))] == whole
        assert whole == [view_sheet(sitting, YEAR, each.dossier.assessment.unit.code) for each in whole]
        every = {each.assessment.unit.code for each in load_year(sitting, YEAR)}
        return [each.dossier.assessment.unit.code for each in whole], every

    codes, every = panel.by(panel.inspector, look)
    assert codes == ["YS", "QD", "LC"]
    assert set(codes) == every

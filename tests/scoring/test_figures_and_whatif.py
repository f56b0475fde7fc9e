"""The flat list of figures (参数一览) and what another reading would change (试算)."""

from decimal import Decimal

import pytest

from scoring.errors import RulebookFormatError
from scoring.figures import list_figures
from scoring.rulebook import load_rulebook
from scoring.source import SourceStatus
from scoring.switches import load_switches
from scoring.whatif import YearFacts, find_grade_changes
from scoring.year import YearGrade

RULES, SWITCHES = load_rulebook(), load_switches()


def reach(total):
    """Build complete facts whose total is a figure between 6 and 10."""
    rest = Decimal(total) - 6
    items = {
        "HN-A1.1": {"panel": "1"},
        "HN-A1.2": {"panel": "1", "reason": "台账"},
        "HN-A1.3": {"document": True, "records": 8},
        "HN-A2.1": {"accounts": 1, "panel": "0.2"},
        "HN-A2.2a": {"covered": 1, "base": 1},
        "HN-A2.2b": {"covered": 1, "base": 1},
        "HN-A2.2c": {"covered": 1, "base": 1},
        "HN-A3.1": {"panel": "0.5", "reason": "名单"},
        "HN-A3.2": {"panel": "0", "reason": "记录"},
    }
    entry = {"reason": "记录", "reference": "文件"}
    first = min(rest, Decimal(2))
    supplied = {
        "HN-A3.3": {**entry, "max": "2", "panel": str(first)},
        "HN-A4": {**entry, "max": "1.5", "panel": str(rest - first)},
    }
    return YearFacts(items, supplied)


def test_only_units_whose_grade_or_points_change_are_named():
    units = {"海口": reach("8.96"), "三亚": reach("8.50"), "儋州": YearFacts({})}
    changes = find_grade_changes(units, RULES, SWITCHES, SWITCHES.select({"D-10": "half_up_0.1"}))
    assert [(c.unit, c.grade_before, c.grade_after) for c in changes] == [
        ("海口", YearGrade.GOOD, YearGrade.EXCELLENT)
    ]
    assert changes[0].points_before == changes[0].points_after == Decimal("8.96")


def test_points_may_change_while_the_sheet_is_incomplete():
    facts = YearFacts({"HN-A2.2a": {"covered": 0, "base": 1}, "HN-A1.3": {"document": True, "records": 0}})
    changes = find_grade_changes({"海口": facts}, RULES, SWITCHES, SWITCHES.select({"D-18": "floor_0"}))
    assert [(c.points_before, c.points_after, c.grade_after) for c in changes] == [
        (Decimal("0.0"), Decimal("0.2"), None)
    ]


@pytest.mark.parametrize("name", ["hn-2013", "gd-2019", "gb-2019-19", "defaults"])
def test_every_figure_of_every_rulebook_has_clause_status_and_note(name):
    figures = list_figures(name)
    assert all(figure.clause and figure.name for figure in figures)
    assert all(figure.note for figure in figures)
    assert len({figure.key_path for figure in figures}) == len(figures)


def test_a_lost_figure_shows_no_value():
    figures = {figure.values.get("id", ""): figure for figure in list_figures("gd-2019")}
    assert figures["GD-3.3d.factor_2"].values == {"id": "GD-3.3d.factor_2", "unit": "倍"}
    assert figures["GD-3.3d.factor_2"].status is SourceStatus.MISSING
    assert figures["GD-3.3d.min_posts"].values["value"] == "3"


def test_bands_inside_items_are_figures_too():
    tiers = [f for f in list_figures("hn-2013") if f.clause == "HN-A2.2c" and "from_ratio" in f.values]
    assert [(f.name, f.values["points"]) for f in tiers] == [
        ("60% 以下", "0"),
        ("60%-79%", "0.3"),
        ("80% 以上（含）", "0.5"),
    ]


def test_figures_of_an_unknown_rulebook_are_refused():
    with pytest.raises(RulebookFormatError, match="no such rulebook"):
        list_figures("hn-1999")

"""Selecting and confirming defaults (默认读法)."""

from decimal import Decimal

import pytest

from scoring.errors import RulebookFormatError
from scoring.source import ResultStatus
from scoring.switches import load_switches

SWITCHES = load_switches()


def test_an_alternative_is_selected_and_the_original_stays():
    selected = SWITCHES.select({"D-09": "group"})
    assert (selected["D-09"].chosen, SWITCHES["D-09"].chosen) == ("group", "city")


def test_a_default_is_provisional_until_it_is_confirmed():
    assert SWITCHES["D-10"].result_status is ResultStatus.PROVISIONAL
    assert SWITCHES.select(confirmed={"D-10"})["D-10"].result_status is ResultStatus.FINAL
    assert SWITCHES.select({"D-10": "half_up_0.1"})["D-10"].result_status is ResultStatus.PROVISIONAL


def test_figures_of_a_default_can_be_replaced():
    selected = SWITCHES.select(parameters={"D-02": {"inactive_days": 30, "min_duty_ratio": Decimal("0.4")}})
    assert selected["D-02"].parameters == {"inactive_days": 30, "min_duty_ratio": Decimal("0.4")}
    assert SWITCHES.select(parameters={"D-06": {"share_ratio": 1}})["D-06"].parameters["share_ratio"] == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"choices": {"D-99": "x"}}, "D-99: no such switch"),
        ({"choices": {"D-09": "x"}}, r"D-09: no such choice: 'x' \(allowed: city, group, three_of_n\)"),
        ({"confirmed": {"D-99"}}, "D-99: no such switch"),
        ({"parameters": {"D-02": {"x": 1}}}, "D-02.x: no such parameter"),
        ({"parameters": {"D-02": {"inactive_days": "many"}}}, "D-02.inactive_days: must be like 14"),
        ({"parameters": {"D-02": {"min_duty_ratio": "0.4"}}}, "D-02.min_duty_ratio: must be like Decimal"),
        ({"parameters": {"D-02": {"inactive_days": True}}}, "D-02.inactive_days: must be like 14"),
    ],
)
def test_what_is_not_selectable_is_refused(arguments, message):
    with pytest.raises(RulebookFormatError, match=message):
        SWITCHES.select(**arguments)

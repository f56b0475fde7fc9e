"""Boards: duty rates of siblings over closed days, ties, movement, small samples."""

from datetime import date

import pytest

from monitor.clock import Period
from monitor.errors import OutOfScope
from monitor.units import Role
from monitor.usecases.queries.ranking import rank_units
from tests.monitor.query_help import YESTERDAY

WEEK = Period(date(2026, 11, 13), YESTERDAY)
BEFORE = date(2026, 11, 12)


def places(board):
    return [(row.unit.code, row.rank) for row in board.rows]


def test_ties_share_a_rank_and_the_next_place_is_left_out():
    assert rank_units({1: (2, 3), 2: (4, 6), 3: (1, 1), 4: (0, 5), 5: (0, 0)}) == {3: 1, 1: 2, 2: 2, 4: 4}


def test_a_board_is_sorted_by_rate_and_units_without_data_have_no_rank(queries, stage, cast):
    stage.roll_up("LC", YESTERDAY, 1, 2)
    stage.roll_up("YS", YESTERDAY, 2, 4, 9)
    stage.roll_up("QD", YESTERDAY, 0, 0, 4)
    board = queries.ranking(cast.viewer("QS"), WEEK)
    assert places(board) == [("LC", 1), ("YS", 1), ("QD", None)]
    assert [(row.n_met, row.n_with_data, row.is_small_sample) for row in board.rows] == [
        (1, 3, True), (2, 6, False), (0, 0, True),
    ]  # fmt: skip
    assert [row.met_ratio for row in board.rows] == [1 / 3, 1 / 3, None]


def test_movement_is_against_the_period_of_equal_length_before(queries, stage, cast):
    stage.roll_up("LC", date(2026, 11, 6), 5)
    stage.roll_up("YS", BEFORE, 1, 4)
    stage.roll_up("LC", date(2026, 11, 5), 0, 500)  # a day too early to matter
    stage.roll_up("LC", YESTERDAY, 1, 4)
    stage.roll_up("YS", YESTERDAY, 5)
    stage.roll_up("QD", YESTERDAY, 3, 2)
    moves = {row.unit.code: row.movement for row in queries.ranking(cast.viewer("QS"), WEEK).rows}
    assert moves == {"YS": 1, "QD": None, "LC": -2}


def test_an_admin_sees_the_board_of_the_own_level_and_an_inspector_that_below(queries, stage, cast):
    stage.roll_up("LC", YESTERDAY, 5)
    assert [code for code, _ in places(queries.ranking(cast.viewer("LC"), WEEK))] == ["LC", "QD", "YS"]
    below = queries.ranking(cast.viewer("LC", Role.LEADER), WEEK)
    assert (below.unit.code, places(below)) == ("LC", [("LC01", None)])
    assert queries.ranking(cast.viewer("QS"), WEEK).unit.code == "QS"
    assert queries.ranking(cast.viewer("LC"), WEEK, unit_code="LC").unit.code == "LC"


def test_a_board_of_another_units_children_is_out_of_scope(queries, cast):
    for viewer, code in (
        (cast.viewer("LC"), "YS"), (cast.viewer("LC"), "QS"), (cast.viewer("LC"), "GONE"),
        (cast.viewer("LC", Role.GROUP_MANAGER, "LC0001"), None),
    ):  # fmt: skip
        with pytest.raises(OutOfScope):
            queries.ranking(viewer, WEEK, unit_code=code)


def test_a_board_can_be_limited_to_a_kind_of_unit(queries, stage, cast):
    for unit, n_met in (("LC", 1), ("YS", 2), ("QD", 3)):
        stage.roll_up(unit, YESTERDAY, n_met, 1)
    assert places(queries.ranking(cast.viewer("QS"), WEEK, "市县")) == [("YS", 1), ("LC", 2)]


def test_a_board_is_as_old_as_the_last_close_in_it(queries, stage, cast):
    assert queries.ranking(cast.viewer("QS"), WEEK).data_at is None
    stage.close(BEFORE)
    stage.close(date(2026, 11, 14))
    closed_at = stage.close(date(2026, 11, 18))
    assert queries.ranking(cast.viewer("QS"), WEEK).data_at == closed_at

"""The small phrases of chat answers."""

import pytest

from bot.replies.phrases import show_ratio
from monitor.days.readings import tenths_of_percent


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [(0, 7, "0.0%"), (6, 7, "85.7%"), (1999, 2000, "99.9%"), (99_999, 100_000, "99.9%"), (7, 7, "100.0%")],
)
def test_a_share_is_never_shown_better_than_it_is(part: int, whole: int, shown: str) -> None:
    assert show_ratio(part / whole) == shown


def test_no_share_is_no_data() -> None:
    assert show_ratio(None) == "无数据"


def test_whole_tenths_of_a_percent_stay_what_they_are() -> None:
    assert [tenths_of_percent(tenths / 1000) for tenths in range(1001)] == list(range(1001))

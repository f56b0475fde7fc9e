"""Numbered choices, and how often an unknown word is answered."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.dialog import ASKED, UnknownWords, choose, next_menu
from bot.grammar import Pick
from monitor.errors import BadParameter, StepExpired, UnknownCommand
from monitor.store.people.chat import MENU_LIFE, Menu

NOW = datetime(2026, 11, 20, 7, 0, tzinfo=UTC)
LIST = Menu(("状态 LC", "状态 YS"), here="状态 团市委", back="帮助")
OFFERED = (LIST, NOW + MENU_LIFE)
ANN, BEN = ("demo", "ann"), ("demo", "ben")


@pytest.mark.parametrize(("number", "line"), [(1, "状态 LC"), (2, "状态 YS"), (0, "帮助")])
def test_a_number_stands_for_its_line_and_zero_goes_back(number: int, line: str) -> None:
    assert choose(Pick(number), OFFERED, NOW) == line


def test_zero_goes_to_the_main_menu_from_the_first_list() -> None:
    assert choose(Pick(0), (Menu(("状态 LC",), here="群"), NOW + MENU_LIFE), NOW) == "帮助"


def test_a_number_the_list_does_not_have_is_refused_with_the_range() -> None:
    with pytest.raises(BadParameter) as caught:
        choose(Pick(3), OFFERED, NOW)
    assert "1–2" in caught.value.user_text


def test_choices_live_five_minutes() -> None:
    assert choose(Pick(1), OFFERED, NOW + timedelta(minutes=4, seconds=59)) == "状态 LC"
    with pytest.raises(StepExpired) as caught:
        choose(Pick(1), OFFERED, NOW + timedelta(minutes=5))
    assert caught.value.user_text.startswith("操作已超时，未保存")


def test_a_number_without_choices_is_explained() -> None:
    with pytest.raises(UnknownCommand) as caught:
        choose(Pick(1), None, NOW)
    assert "没有可选择的列表" in caught.value.user_text


def test_a_chosen_answer_without_choices_keeps_the_list_and_zero_shows_it() -> None:
    kept = next_menu("状态 LC", (), LIST)
    assert kept == Menu(LIST.choices, here="状态 团市委", back="状态 团市委")


def test_a_chosen_answer_with_choices_leads_back_to_where_it_was_chosen() -> None:
    assert next_menu("状态 LC", ("群 LC0001",), LIST) == Menu(
        ("群 LC0001",), here="状态 LC", back="状态 团市委"
    )


def test_a_typed_answer_without_choices_leaves_the_last_list() -> None:
    assert next_menu("帮助", (), None) is None


def test_what_an_unknown_word_offered_is_no_place_to_go_back_to() -> None:
    asked = Menu(("状态 LC", "帮助"), here=ASKED)
    assert next_menu("状态 LC", ("群 LC0001",), asked) == Menu(("群 LC0001",), here="状态 LC")
    assert next_menu("状态 LC", (), asked) == Menu(asked.choices)


def test_one_unknown_word_a_minute_is_answered() -> None:
    words = UnknownWords()
    assert words.may_answer(ANN, 1, None, NOW)
    assert not words.may_answer(ANN, 2, None, NOW + timedelta(seconds=59))
    assert words.may_answer(BEN, 3, None, NOW + timedelta(seconds=59))
    assert words.may_answer(ANN, 4, None, NOW + timedelta(seconds=60))


def test_overlapping_deliveries_of_one_unknown_word_agree() -> None:
    words = UnknownWords()
    assert words.may_answer(ANN, 1, None, NOW)
    assert words.may_answer(ANN, 1, None, NOW)


def test_what_another_process_asked_is_recognised_by_its_choices() -> None:
    asked = (Menu(("状态", "帮助"), here=ASKED), NOW + MENU_LIFE)
    assert not UnknownWords().may_answer(ANN, 1, asked, NOW + timedelta(seconds=30))
    assert UnknownWords().may_answer(ANN, 1, asked, NOW + timedelta(seconds=60))
    assert UnknownWords().may_answer(ANN, 1, OFFERED, NOW + timedelta(seconds=30))

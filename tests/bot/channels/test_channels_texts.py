"""Texts fit each platform's limit without a broken character."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.texts import CUT_MARK, cut_bytes, one_line, whole_text
from monitor.ports import OutboundMessage


def test_a_text_that_fits_is_left_alone() -> None:
    assert cut_bytes("团" * 10, 30) == "团" * 10


def test_a_cut_text_ends_with_the_mark_at_a_character_border() -> None:
    cut = cut_bytes("团" * 100, 100)
    assert cut == "团" * ((100 - len(CUT_MARK.encode())) // 3) + CUT_MARK


@given(st.text(), st.integers(min_value=0, max_value=200))
def test_a_cut_text_is_never_longer_than_allowed(text: str, limit: int) -> None:
    assert len(cut_bytes(text, limit).encode()) <= limit


@given(st.text(max_size=80), st.text(max_size=80), st.text(max_size=80), st.text(max_size=80))
def test_the_whole_message_is_never_longer_than_allowed(title: str, text: str, url: str, footer: str) -> None:
    whole = whole_text(OutboundMessage("o", title, text, "k", url), 120, footer)
    assert len(whole.encode(errors="replace")) <= 120


def test_title_text_address_and_footer_stand_on_lines_of_their_own() -> None:
    message = OutboundMessage("o", "标题", "正文", "k", "https://c.example/1")
    assert whole_text(message, 500, "编号 1") == "标题\n正文\nhttps://c.example/1\n编号 1"


@pytest.mark.parametrize("title", ["", "结论"])
def test_a_title_that_the_text_begins_with_is_not_repeated(title: str) -> None:
    assert whole_text(OutboundMessage("o", title, "结论\n详情", "k"), 500) == "结论\n详情"


def test_a_template_value_is_one_line_of_so_many_characters() -> None:
    assert one_line(" 一\n二\t三 ", 20) == "一 二 三"
    assert one_line("一" * 21, 20) == "一" * 19 + "…"

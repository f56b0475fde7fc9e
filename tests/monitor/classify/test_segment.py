"""Texts cut into words: nothing is lost, League words stay whole, either tokenizer may do it."""

import pytest

from monitor.classify.segment import FastSegmenter, Segmenter, shared_segmenter
from monitor.classify.words import Words

TEXTS = ["今天的青年大学习 abc 学了😀吗？", "a\n\tb  c", "", "\ufffd\x01"]


@pytest.mark.parametrize("text", TEXTS)
def test_words_joined_are_the_text_again(text: str) -> None:
    assert "".join(shared_segmenter().cut(text)) == text


def test_words_of_league_work_stay_whole() -> None:
    assert "青年大学习" in shared_segmenter().cut("今天的青年大学习")


def test_rjieba_cuts_like_jieba() -> None:
    pytest.importorskip("rjieba", reason="rjieba is optional")
    fast, plain = FastSegmenter(["青年大学习"]), Segmenter(["青年大学习"])
    assert [fast.cut(text) for text in TEXTS] == [plain.cut(text) for text in TEXTS]


@pytest.mark.parametrize(
    ("text", "span", "crosses", "overlaps"),
    [
        ("路口交通", (1, 3), True, True),
        ("傻 逼 的", (0, 3), False, False),
        ("吸毒者", (0, 2), False, True),
        ("共产党员", (1, 3), True, True),
        ("傻逼的交通", (3, 5), False, True),
    ],
)
def test_a_span_is_held_against_the_words_of_the_sentence(
    text: str, span: tuple[int, int], crosses: bool, overlaps: bool
) -> None:
    words = Words(text, shared_segmenter())
    assert (words.any_crosses(*span), words.any_overlaps(*span)) == (crosses, overlaps)

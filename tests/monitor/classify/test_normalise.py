"""Spellings fold together, and every character knows where it came from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.classify.normalise import ALL_STEPS, MODEL_STEPS, PLAIN_STEPS, Step, normalise

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=60)  # lone surrogates included


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("ＡＢＣ１２３", "abc123"),
        ("五星紅旗", "5星红旗"),
        ("Ⓕⓤc⒦", "fuck"),
        ("🅰🅱ᴀ", "aba"),
        ("9⓿二肆⁹₈③⑸⒋➃㈤㊄", "902498354455"),
        ("〡〢叁陸", "1236"),
        ("fuсk", "fuck"),
        ("傻@逼", "傻逼"),
        ("傻 逼", "傻逼"),
        ("傻😀逼", "傻逼"),
        ("傻\u200b逼\u2060\ufe0f", "傻逼"),
        ("傻傻逼逼逼", "傻逼"),
        ("氵去轮", "法轮"),
        ("女 表 子", "婊子"),
        ("满减3.5折，100-200", "满减3.5折,100-200"),
        ("你。我", "你。我"),
        ("aàâб", "aб"),
    ],
)
def test_spellings_fold_together(text: str, folded: str) -> None:
    assert normalise(text).text == folded


def test_a_span_is_told_in_the_text_as_it_came() -> None:
    text = "他说：ⓢ🙂ｂ，真是傻 @逼逼！"
    folded = normalise(text)
    start = folded.text.index("傻逼")
    assert text[slice(*folded.original_span(start, start + 2))] == "傻 @逼逼"
    start = folded.text.index("sb")
    assert text[slice(*folded.original_span(start, start + 2))] == "ⓢ🙂ｂ"


def test_each_step_can_be_left_out() -> None:
    text = "Ａ紅二傻@逼 子子女马а\u200b"
    for step in ALL_STEPS - {Step.PINYIN}:
        assert normalise(text, ALL_STEPS - {step}) != normalise(text), step
    assert normalise(text, frozenset()).text == text
    assert normalise("Hello\u200bWorld", frozenset((Step.INVISIBLE,))).text == "HelloWorld"


def test_ordinary_text_keeps_its_offsets_for_nothing() -> None:
    folded = normalise("记得截图发到群里来", PLAIN_STEPS)
    assert isinstance(folded.starts, range)
    assert isinstance(folded.ends, range)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\ud800",
        "\x00\x01\x7f",
        "😀👨\u200d👩\u200d👧🏽",
        "傻" * 65_536,
        "a\u0301" * 30_000,
        "ﷺ" * 3_000,
        "\u3164",
    ],
)
@pytest.mark.parametrize("steps", [ALL_STEPS, MODEL_STEPS, PLAIN_STEPS], ids=["all", "model", "plain"])
def test_no_text_is_too_odd(text: str, steps: frozenset[Step]) -> None:
    folded = normalise(text, steps)
    folded.text.encode()  # no lone surrogate is left
    assert len(folded.text) == len(folded.starts) == len(folded.ends)


@given(ANY_TEXT, st.frozensets(st.sampled_from(Step)))
def test_places_run_forward_inside_the_original(text: str, steps: frozenset[Step]) -> None:
    folded = normalise(text, steps)
    assert len(folded.text) == len(folded.starts) == len(folded.ends)
    assert list(folded.starts) == sorted(folded.starts)
    assert list(folded.ends) == sorted(folded.ends)
    assert all(0 <= start < end <= len(text) for start, end in zip(folded.starts, folded.ends, strict=True))

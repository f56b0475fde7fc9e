"""Words are found where they stand as words, and nowhere else."""

import pytest

from monitor.classify.lexicon import Lexicon, parse_lexicon
from monitor.classify.matcher import Keep, Matcher, find_hits
from monitor.classify.segment import shared_segmenter
from monitor.classify.verdicts import Severity
from monitor.classify.words import Words

LEXICON = parse_lexicon(
    """@category 色情
口交\t3
黄片\t3
av\t2
@category 辱骂
傻逼\t3\tsound initials
干你\t2
产党\t2
混蛋东西\t3
狗东西\t3
211\t2\tnumber
!三黄片
"""
)


def found(text: str, lexicon: Lexicon = LEXICON) -> list[tuple[str, str]]:
    hits = Matcher([lexicon]).find(text, Words(text, shared_segmenter()), Keep.WIDEST)
    return [(hit.word, text[hit.start : hit.end]) for hit in hits]


@pytest.mark.parametrize(
    "text",
    [
        "路口交通已恢复",
        "共产党员先锋岗",
        "三黄片的说明书",
        "1221211212",
        "你在干嘛",
        "路口 交通",
        "骨干你我他",
        "I have a nice day",
        "JAVA课程",
        "他说傻。逼近了",
        "",
        "😀😀😀",
        "\x01\x02",
        "\ud800\udfff",
    ],
)
def test_what_only_looks_like_a_word_is_no_hit(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "word", "surface"),
    [
        ("你这个傻逼", "傻逼", "傻逼"),
        ("你是傻　逼吧", "傻逼", "傻　逼"),
        ("傻😀逼", "傻逼", "傻😀逼"),
        ("傻傻逼逼", "傻逼", "傻傻逼逼"),
        ("真是傻比一个", "傻逼", "傻比"),
        ("shabi一个", "傻逼", "shabi"),
        ("你是SB吧", "傻逼", "SB"),
        ("傻b", "傻逼", "傻b"),
        ("ｓｈａ逼", "傻逼", "ｓｈａ逼"),
        ("这是ⒶⓋ吧", "av", "ⒶⓋ"),
        ("混 蛋 東 西", "混蛋东西", "混 蛋 東 西"),
        ("犭句东西", "狗东西", "犭句东西"),
        ("就读211院校", "211", "211"),
        ("看三黄片黄片", "黄片", "黄片"),
    ],
)
def test_a_word_is_found_however_it_is_spelled(text: str, word: str, surface: str) -> None:
    assert found(text) == [(word, surface)]


def test_what_was_found_by_its_sound_is_no_more_than_a_reason_to_look() -> None:
    matcher = Matcher([LEXICON])
    assert [hit.severity for hit in matcher.find("傻逼")] == [Severity.ALERT]
    assert [hit.severity for hit in matcher.find("傻比")] == [Severity.REVIEW]


@pytest.mark.parametrize(
    ("step", "text"),
    [
        ("fillers", "傻@逼"),
        ("spaces", "傻 逼"),
        ("repeats", "傻傻逼逼"),
        ("simplified", "混蛋東西"),
        ("width", "ＡＶ"),
        ("case", "AV"),
        ("lookalikes", "аv"),
        ("digits", "二一一"),
        ("splits", "犭句东西"),
        ("pinyin", "傻b"),
        ("invisible", "混\u200b蛋东西"),
    ],
)
def test_a_step_that_is_switched_off_finds_nothing(step: str, text: str) -> None:
    words = [f"{e.word}\t3\t{' '.join(e.flags)}" for e in LEXICON.entries]
    source = "@category 辱骂\n" + "\n".join(words)
    assert found(text, parse_lexicon(source))
    off = f"@steps -{step}" + (" -fillers" if step == "invisible" else "")
    assert not found(text, parse_lexicon(f"{off}\n{source}"))


def test_words_of_a_unit_add_to_the_others_and_may_allow_what_they_hit() -> None:
    unit = parse_lexicon("@category 广告\n拼单\t2\n!傻逼猫咖啡馆\n")
    text = "傻逼猫咖啡馆拼单"
    assert [hit.word for hit in find_hits([Matcher([LEXICON])], text)] == ["傻逼"]
    assert [hit.word for hit in find_hits([Matcher([LEXICON]), Matcher([unit])], text)] == ["拼单"]


def test_a_long_text_of_nothing_but_hits_is_told_in_order() -> None:
    hits = Matcher([LEXICON]).find("傻逼，" * 20_000)
    assert len(hits) == 20_000
    assert [hit.start for hit in hits] == list(range(0, 60_000, 3))


def test_a_matcher_without_words_finds_nothing() -> None:
    assert Matcher([]).find("傻逼") == ()
    assert Matcher([Lexicon()]).find("傻逼") == ()

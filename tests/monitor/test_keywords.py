"""Topic relevance by words: what is League work, what only looks like it."""

from datetime import date

import pytest

from monitor.classify.fold import fold
from monitor.classify.keywords import LEAGUE_LEXICON, KeywordJudge, load_words
from monitor.topics import Topic
from monitor.units import GroupId

TOPIC = Topic(1, GroupId(1), "光盘行动", ("不剩饭", "节约粮食"), date(2026, 1, 1))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("请大家踊跃参加光盘行动", "话题词：光盘行动"),
        ("今天也是不剩饭的一天", "话题词：不剩饭"),
        ("志願服務報名開始了", "团务词：志愿服务"),
        ("志​愿​服务", "团务词：志愿服务"),
        ("下午上团课", "团务词：团课"),
        ("ｉ志愿系统打不开", "团务词：i志愿"),
        ("青年大学习最后一天", "团务词：青年大学习"),
    ],
)
def test_a_post_on_topic_says_by_which_word(judge: KeywordJudge, text: str, reason: str) -> None:
    relevance = judge.judge(text, [TOPIC])
    assert (relevance.is_relevant, relevance.reason) == (True, reason)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "😀😀😀",
        "中午吃什么",
        "集团员工食堂涨价了",
        "社团课改到周五",
        "路口交通已恢复",
        "\x01\x02",
        "1" * 4000,
    ],
)
def test_other_posts_are_off_topic(judge: KeywordJudge, text: str) -> None:
    assert not judge.judge(text, [TOPIC]).is_relevant


def test_a_topic_with_blank_keywords_matches_nothing(judge: KeywordJudge) -> None:
    blank = Topic(2, GroupId(1), "植树", ("", " "), date(2026, 1, 1))
    assert not judge.judge("中午吃什么", [blank]).is_relevant


def test_the_lexicon_holds_no_word_twice_and_none_of_one_character() -> None:
    lines = [line.split("#", 1)[0].strip() for line in LEAGUE_LEXICON.read_text("utf-8").splitlines()]
    words = [line for line in lines if line]
    assert load_words(LEAGUE_LEXICON) == words
    assert all(len(word) > 1 for word in words)


@pytest.mark.parametrize(
    ("text", "folded"),
    [("ＡＢＣ１２３", "abc123"), ("頭髮乾燥", "头发干燥"), ("a​b", "ab"), ("ABC", "abc"), ("ｱ", "ア")],
)
def test_spellings_fold_together(text: str, folded: str) -> None:
    assert fold(text) == folded

"""Nearness to a topic: by title alone, by keywords, and learnt from confirmed posts."""

from pathlib import Path

import pytest

from monitor.classify.ngrams import Example, fit
from monitor.classify.topic_ranking import (
    Confirmed,
    TopicRanker,
    count_background,
    rank,
    save_background,
    shipped_background,
)

TEXTS = (
    "今天下午去河边捡垃圾的同学三点集合",
    "巡河小队清理河道，河水更清了",
    "中午食堂有红烧肉",
    "请把上月的考勤表发我",
    "篮球赛改到周六上午",
)


def test_texts_that_share_the_words_of_the_title_come_first() -> None:
    scores = rank("巡河护河", (), TEXTS)
    assert max(scores) == scores[1]
    assert max(scores[2:]) < min(scores[:2])


def test_keywords_reach_what_the_title_does_not_say() -> None:
    assert rank("绿水青山", ("清理河道",), TEXTS)[1] > rank("绿水青山", (), TEXTS)[1]


def test_confirmed_posts_bring_up_what_no_word_of_the_topic_finds() -> None:
    confirmed = [Confirmed("捡垃圾的队伍今天又出发了", True), Confirmed("中午一起吃饭", False)]
    before, after = rank("绿水青山", (), TEXTS), rank("绿水青山", (), TEXTS, confirmed)
    assert before[0] < before[1]
    assert max(after) == after[0]


def test_posts_called_relevant_alone_teach_and_the_order_of_posts_does_not_matter() -> None:
    posts = [Confirmed("捡垃圾的队伍今天又出发了", True), Confirmed("河边的垃圾捡了三袋", True)]
    alone = TopicRanker(shipped_background(), "绿水青山", (), posts)
    turned = TopicRanker(shipped_background(), "绿水青山", (), posts[::-1])
    plain = TopicRanker(shipped_background(), "绿水青山")
    assert alone.is_about(TEXTS[0])
    assert not plain.is_about(TEXTS[0])
    assert not any(map(alone.is_about, TEXTS[2:]))
    assert alone.score(TEXTS[0]) == pytest.approx(turned.score(TEXTS[0]))


def test_a_post_called_irrelevant_counts_against_its_words() -> None:
    liked, text = Confirmed("捡垃圾的队伍今天又出发了", True), "今天垃圾车又没来"
    alone = TopicRanker(shipped_background(), "绿水青山", (), [liked])
    told = TopicRanker(shipped_background(), "绿水青山", (), [liked, Confirmed("楼下垃圾车没来", False)])
    assert told.score(text) < alone.score(text)


def test_a_topic_near_a_text_says_so_as_a_probability() -> None:
    ranker = TopicRanker(shipped_background(), "巡河护河", ("清理河道",))
    assert ranker.is_about(TEXTS[1])
    assert ranker.probability(TEXTS[1]) >= 0.5 > ranker.probability(TEXTS[2])
    assert not ranker.is_about("")


def test_nothing_to_rank_gives_nothing() -> None:
    assert rank("巡河", (), ()) == []
    assert rank("", (), TEXTS) == [0.0] * len(TEXTS)


def test_examples_of_one_class_teach_nothing() -> None:
    with pytest.raises(ValueError, match="both classes"):
        fit([Example("团课", True)])


def test_the_same_examples_give_the_same_weights() -> None:
    examples = [Example("今晚上团课", True), Example("团课签到", True), Example("今晚吃面", False)]
    assert fit(examples) == fit(examples)


def test_a_rare_term_weighs_more_than_a_usual_one(tmp_path: Path) -> None:
    background = count_background(["今天开会", "今天吃饭", "今天下雨", "今天种树"], least_texts=1)
    assert background.rarity("种树") > background.rarity("今天")
    save_background(background, tmp_path / "background.json.gz")
    assert (tmp_path / "background.json.gz").stat().st_size > 0

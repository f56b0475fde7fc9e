"""Short replies are about what they answer."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.classify.verdicts import Relevance
from monitor.days.threads import GroupThreads, Said, inherits
from monitor.events import EventKind, InboundEvent, PostKind

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)
ON = Relevance(True, "团务词：团课", 0.99)
OFF = Relevance(False, "未见话题词或团务词", 0.1)


def post(text: str, minutes: float = 0, sender: str = "b", key: int = 1, **more: Any) -> InboundEvent:
    return InboundEvent(
        EventKind.POST, "demo", key, NOON + timedelta(minutes=minutes), sender_id=sender, text=text, **more
    )


@pytest.mark.parametrize(
    ("reply", "wanted"),
    [
        (post("收到", 5), True),
        (post("收到", 5.1), False),
        (post("收到", -1), False),
        (post("收到", 1, sender="a"), False),
        (post("收到，今晚一定准时到", 1), True),
        (post("我报名", 1), True),
        (post("中午吃什么", 1), False),
        (post("收到一二三四五六七八九十", 1), True),
        (post("收到一二三四五六七八九十百", 1), False),
        (post(" ", 1), False),
        (post("图", 1, post_kind=PostKind.IMAGE), False),
    ],
)
def test_a_short_reply_soon_after_a_post_on_topic_inherits_it(reply: InboundEvent, wanted: bool) -> None:
    assert inherits(reply, Said(NOON, "a", ON)) is wanted


def test_nothing_is_inherited_from_everyday_talk_or_from_silence() -> None:
    assert not inherits(post("收到", 1), Said(NOON, "a", OFF))
    assert not inherits(post("收到", 1), None)


def test_replies_in_a_row_inherit_and_a_long_post_ends_the_thread() -> None:
    threads = GroupThreads()
    assert threads.settle(1, post("今晚八点上团课", sender="a"), ON) == ON
    for minutes in (1, 2, 4):
        assert threads.settle(1, post("收到", minutes), OFF).reason == "回复：团务词：团课"
    assert threads.settle(2, post("收到", 1), OFF) == OFF  # another group
    assert threads.settle(1, post("中午食堂的红烧肉今天做得真不错啊", 4.5, "c"), OFF) == OFF
    assert threads.settle(1, post("收到", 4.8), OFF) == OFF


def test_a_quoted_post_is_answered_even_when_others_came_between() -> None:
    threads = GroupThreads()
    threads.settle(1, post("今晚八点上团课", sender="a", key=7), ON)
    threads.settle(1, post("中午食堂的红烧肉今天做得真不错啊", 1, "c", key=8), OFF)
    assert threads.settle(1, post("几点开始", 60, fields={"reply_key": 7}), OFF).is_relevant
    assert not threads.settle(1, post("好的", 60, fields={"reply_key": 8}), OFF).is_relevant

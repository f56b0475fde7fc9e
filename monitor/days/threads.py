"""Threads of talk in a group: a short reply (「收到」) is about what it answers (HN-2.1.3b).

`inherits` decides; `GroupThreads` remembers, per process, what was said last. Posts that other processes took
are not known here: such a reply is judged by its own words. Key types: `Said`, `GroupThreads`.
"""

import re
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from monitor.classify.verdicts import Relevance
from monitor.events import InboundEvent, PostKind

SHORT_CHARS = 12
"""Longest reply that is taken for one without a topic of its own."""
WITHIN = timedelta(minutes=5)
WITHIN_QUOTED = timedelta(hours=24)
_ANSWER = re.compile(
    r"(@\S+\s+)?(收到|好[的嘞呀哒]?|明白|知道|了解|清楚|已[经阅读学看完报交转填]|完成|参加|报名|同意|支持|赞|点赞|辛苦|谢谢|感谢"
    r"|没问题|可以|行$|行的|ok|嗯|[我俺].{0,3}[去来参报完学看做交到在转填]|[+＋]?\d{1,3}$|到$|马上|在的?$|请假|转发|来了|加油"
    r"|学完|看完|做完|交了|填了|转了|签到|打卡|祝贺|恭喜|[👍👌🙏💪🌹👏])",
    re.IGNORECASE,
)
"""How answers begin: 「收到」, 「已完成」, 「我报名」; a question about lunch is no answer to a notice."""
K = TypeVar("K")
_MOST_REMEMBERED = 20_000  # groups, and posts: some 5 MB


@dataclass(frozen=True, slots=True)
class Said:
    """A post with something to answer."""

    occurred_at: datetime
    sender_id: str
    relevance: Relevance


def inherits(reply: InboundEvent, previous: Said | None, *, is_quoted: bool = False) -> bool:
    """Tell whether a post is a short reply by somebody else to a post on topic.

    Source: none (design §5). Without a quotation it must sound like an answer and come within 5 minutes of
    the post it answers, so a row of replies ends; with one, within 24 hours.
    """
    if previous is None or not previous.relevance.is_relevant or not is_short(reply):
        return False
    if previous.sender_id == reply.sender_id:
        return False
    within = WITHIN_QUOTED if is_quoted else WITHIN
    is_answer = is_quoted or _ANSWER.match(reply.text.strip()) is not None
    return is_answer and timedelta(0) <= reply.occurred_at - previous.occurred_at <= within


def is_short(event: InboundEvent) -> bool:
    """Tell whether a post is a text too short to have a topic of its own."""
    return event.post_kind is PostKind.TEXT and 0 < len(event.text.strip()) <= SHORT_CHARS


class GroupThreads:
    """Remembers what was said last in each group. Thread-safe: a lost race costs one reply its topic."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._last: OrderedDict[int, Said] = OrderedDict()
        self._posts: OrderedDict[tuple[int, int], Said] = OrderedDict()

    def settle(self, group_id: int, event: InboundEvent, judged: Relevance) -> Relevance:
        """Return the relevance of a post in its thread, and remember the post if it can be answered."""
        if not judged.is_relevant and (answered := self._answered_by(group_id, event)):
            return Relevance(True, f"回复：{answered.relevance.reason}", answered.relevance.probability)
        if judged.is_relevant or not is_short(event):
            said = Said(event.occurred_at, event.sender_id, judged)
            _remember(self._last, group_id, said)
            _remember(self._posts, (group_id, event.message_key or event.event_key), said)
        return judged

    def _answered_by(self, group_id: int, event: InboundEvent) -> Said | None:
        """Return the post on topic that a short post answers: the quoted one, else the one before."""
        quoted = event.fields.get("reply_key")
        if type(quoted) is int:
            said = self._posts.get((group_id, quoted))
            return said if inherits(event, said, is_quoted=True) else None
        said = self._last.get(group_id)
        return said if inherits(event, said) else None


def _remember(memory: "OrderedDict[K, Said]", key: K, said: Said) -> None:
    memory.pop(key, None)
    memory[key] = said
    while len(memory) > _MOST_REMEMBERED:
        try:
            memory.popitem(last=False)
        except KeyError:  # another thread was faster
            return

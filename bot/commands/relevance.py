"""有关, 无关: a person's word on whether a post is about League work or the group's topics (HN-2.1.3b)."""

import re
from datetime import date

from bot.commands.command import Ask, Command
from bot.commands.parameters import at_most, find_group, require, take_day
from bot.permissions import ADMINS
from bot.replies.phrases import Answer
from bot.replies.relevance import ask_post, tell_overridden, tell_override_taken_back
from monitor.errors import BadParameter
from monitor.store.people.chat import Connection
from monitor.usecases.learning.override_relevance import RelevanceWord, override_in, take_back_override

_NUMBER = re.compile(r"第?(\d{1,3})条?")


def _say(connection: Connection, ask: Ask, *, is_relevant: bool) -> Answer:
    words, day = take_day(ask)
    group = find_group(ask, require(ask, words))
    at_most(ask, words, 2)
    on = day or ask.today
    posts = ask.queries.day_posts(ask.viewer, group.code, on)
    if len(words) == 1:
        return ask_post(group, on, posts, ask.command.name, ask.now, is_relevant=is_relevant)
    number = _read_number(ask, words[1], group.code, on, len(posts))
    post = posts[number - 1]
    word = RelevanceWord(group.code, on, post.event_key, is_relevant)
    done = override_in(connection, ask.now, ask.viewer, word)
    return tell_overridden(done, group, on, number, post, ask.now)


def _read_number(ask: Ask, word: str, code: str, day: date, n_posts: int) -> int:
    """Return the number of a post of the day's list.

    Raises: BadParameter naming how many there are.
    """
    matched = _NUMBER.fullmatch(word)
    if matched is None:
        raise BadParameter(f"no number {word!r}", user_text=f"条号应为数字。{ask.command.usage_line}")
    number = int(matched[1])
    if not 0 < number <= n_posts:
        have = f"只有 {n_posts} 条逐条记录" if n_posts else "没有逐条记录"
        text = f"{code} {day:%m-%d} {have}，没有第 {number} 条。可回复：{ask.command.name} {code} {day}"
        raise BadParameter(f"post {number} of {n_posts}", user_text=text)
    return number


def _relevant(connection: Connection, ask: Ask) -> Answer:
    return _say(connection, ask, is_relevant=True)


def _off_topic(connection: Connection, ask: Ask) -> Answer:
    return _say(connection, ask, is_relevant=False)


def take_back_word(connection: Connection, ask: Ask, number: int) -> Answer | None:
    """Take back a word of the asker (撤销); None if the number is not that of one."""
    if not ask.bound or ask.viewer.role not in ADMINS:
        return None
    done = take_back_override(connection, ask.now, ask.viewer, number)
    return None if done is None else tell_override_taken_back(done, number, ask.now)


RELEVANT = Command(
    name="有关",
    key="post_relevant",
    purpose="认定一条发布信息与团务或话题有关",
    usage="有关 群编号 [日期] [条号]",
    example="有关 HK0312 昨天 3",
    roles=ADMINS,
    aliases=("话题有关",),
    change=_relevant,
)
OFF_TOPIC = Command(
    name="无关",
    key="post_off_topic",
    purpose="认定一条发布信息与团务和话题无关",
    usage="无关 群编号 [日期] [条号]",
    example="无关 HK0312 昨天 3",
    roles=ADMINS,
    aliases=("话题无关",),
    change=_off_topic,
)

"""Chat answers of 有关 and 无关: the posts of a day to choose from, and what was stored. Pure."""

from collections.abc import Sequence
from datetime import date, datetime

from bot.replies.notices import UNDO
from bot.replies.phrases import MAX_ROWS, Answer, Row, compose, quote, show_day, show_instant
from monitor.clock import as_shanghai
from monitor.days.readings import PostReading
from monitor.units import Group
from monitor.usecases.learning.override_relevance import Overridden

CLAUSE = "HN-2.1.3b"
_KINDS = {"image": "图片", "link": "链接", "file": "文件", "voice": "语音", "video": "视频"}


def ask_post(
    group: Group, day: date, posts: Sequence[PostReading], command: str, now: datetime, *, is_relevant: bool
) -> Answer:
    """List the posts of a day that a word would change, newest first, by their number of the day."""
    word, other = ("有关", "无关") if is_relevant else ("无关", "有关")
    head = f"{group.code} {group.name} {show_day(day, now)}"
    data_line = f"数据截至 {show_instant(now, now)}"
    changing = [(n, post) for n, post in enumerate(posts, 1) if post.is_relevant is not is_relevant]
    if not posts:
        return compose(f"{head} 没有逐条记录", data_line, [], suggestion=f"为什么 {group.code}")
    if not changing:
        return compose(f"{head} {len(posts)} 条都已认定“{word}”", data_line, [])
    rows = [
        Row(f"第{n}条 {_line(post)}", f"{command} {group.code} {day.isoformat()} {n}")
        for n, post in reversed(changing)
    ]
    return compose(
        f"{head} 判为“{other}”的 {len(changing)} 条，认定哪一条“{word}”？",
        data_line,
        rows[:MAX_ROWS],
        n_more=max(len(rows) - MAX_ROWS, 0),
        basis=f"依据 {CLAUSE}",
        how_to_pick="回复编号认定",
    )


def tell_overridden(
    done: Overridden, group: Group, day: date, number: int, post: PostReading, now: datetime
) -> Answer:
    """Answer a word on a post: what was stored, what follows, how to turn it back."""
    word, other = ("有关", "无关") if done.is_relevant else ("无关", "有关")
    where = f"{group.code} {show_day(day, now)} 第{number}条"
    if not done.number:
        return Answer(f"已认定“{word}”（{where}），未重复登记")
    follows = "当日话题相关条数已更新，已日结的将重新结算" if done.has_changed else "与系统判断一致，条数不变"
    lines = (
        f"✅ 已认定“{word}”：{where}",
        f"“{quote(post.excerpt) or _KINDS.get(post.kind, post.kind)}”",
        f"登记时间 {show_instant(now, now)}，编号 {done.number}",
        f"{follows}（{CLAUSE}）",
        UNDO.format(done.number),
        f"可回复：{other} {group.code} {day.isoformat()} {number}",
    )
    return Answer("\n".join(lines))


def tell_override_taken_back(done: Overridden, number: int, now: datetime) -> Answer:
    """Answer 撤销 of a word on a post."""
    stands = "有关" if done.is_relevant else "无关"
    return Answer(
        f"✅ 已撤销编号 {number}：该条信息恢复为“{stands}”\n"
        f"登记时间 {show_instant(now, now)}，编号 {done.number}；当日条数随之更新（{CLAUSE}）"
    )


def _line(post: PostReading) -> str:
    said = quote(post.excerpt) if post.excerpt else f"（{_KINDS.get(post.kind, post.kind)}，无文字）"
    out = "" if post.is_counted else "（不计）"
    return f"{as_shanghai(post.occurred_at):%H:%M} {said}{out}"

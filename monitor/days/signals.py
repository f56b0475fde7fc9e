"""Signs that a group's day may be made up (数据可信提示): figures for a person to look at, never a verdict.

GD-5.2 wants data to be true and names no criteria (原文未载明): every threshold is a default (默认). Nothing
here changes a count or a grade. Pure. Key types: `DayPost`, `SignalLimits`, `Signal`; `find_signals`.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import pairwise
from statistics import fmean, pstdev
from typing import NamedTuple

from monitor.clock import day_interval

CLAUSE = "GD-5.2"
_MINUTE_MS = 60_000


class SignalKind(StrEnum):
    """What stands out; the value is stored and shown."""

    FLOOD = "集中发布"
    COPIES = "跨群相同"
    ONE_SENDER = "一人发布"
    LAST_MINUTES = "临近零点"
    REGULAR = "间隔均匀"


class DayPost(NamedTuple):
    """A counted post of one group's day."""

    occurred_ms: int
    sender_key: int
    content_key: int
    has_text: bool


@dataclass(frozen=True, slots=True)
class SignalLimits:
    """From where on something stands out (默认, GD-5.2 names no criteria)."""

    least_posts: int = 5  # below that chance explains everything
    flood_minutes: int = 10
    flood_ratio: float = 0.8  # of the day's posts
    copies_groups: int = 2  # other groups with the same text on the same day
    copies_ratio: float = 0.5  # of the day's texts
    one_sender_ratio: float = 0.8
    last_minutes: int = 5  # before midnight
    last_least_posts: int = 2
    regular_variation: float = 0.1  # standard deviation of the intervals by their mean
    regular_least_posts: int = 6


@dataclass(frozen=True, slots=True)
class Signal:
    """One thing that stands out; `figures` by their Chinese names, as they are shown."""

    kind: SignalKind
    value: float
    threshold: float
    figures: Mapping[str, str] = field(default_factory=dict)


def find_signals(
    posts: Sequence[DayPost], day: date, n_other_groups: Mapping[int, int], limits: SignalLimits
) -> list[Signal]:
    """Return what stands out in a group's day.

    Source: GD-5.2 原文未载明 criteria; thresholds 默认.

    Args:
        posts: counted posts of the day, in any order.
        n_other_groups: by content key, in how many other groups the same text stands that day.
    """
    ordered = sorted(posts)
    found = [*_last_minutes(ordered, day, limits), *_copies(ordered, n_other_groups, limits)]
    if len(ordered) >= limits.least_posts:
        found += [*_flood(ordered, limits), *_one_sender(ordered, limits)]
    found += _regular(ordered, limits)
    order = list(SignalKind)
    return sorted(found, key=lambda signal: order.index(signal.kind))


def _flood(posts: Sequence[DayPost], limits: SignalLimits) -> Iterator[Signal]:
    span = limits.flood_minutes * _MINUTE_MS
    first, most = 0, 0
    for last, post in enumerate(posts):
        while post.occurred_ms - posts[first].occurred_ms > span:
            first += 1
        most = max(most, last - first + 1)
    ratio = most / len(posts)
    if ratio >= limits.flood_ratio:
        figures = {"最密集": f"{limits.flood_minutes} 分钟内 {most} 条", "当日": f"{len(posts)} 条"}
        yield Signal(SignalKind.FLOOD, ratio, limits.flood_ratio, figures)


def _copies(
    posts: Sequence[DayPost], n_other_groups: Mapping[int, int], limits: SignalLimits
) -> Iterator[Signal]:
    texts = [post for post in posts if post.has_text]
    copied = [post for post in texts if n_other_groups.get(post.content_key, 0) >= limits.copies_groups]
    if len(copied) < limits.last_least_posts or len(copied) / len(texts) < limits.copies_ratio:
        return
    widest = max(n_other_groups[post.content_key] for post in copied)
    figures = {"相同文字": f"{len(copied)}/{len(texts)} 条", "最多另见于": f"{widest} 个群"}
    yield Signal(SignalKind.COPIES, len(copied) / len(texts), limits.copies_ratio, figures)


def _one_sender(posts: Sequence[DayPost], limits: SignalLimits) -> Iterator[Signal]:
    senders = Counter(post.sender_key for post in posts)
    most = max(senders.values())
    ratio = most / len(posts)
    if ratio >= limits.one_sender_ratio:
        figures = {"发布最多的一人": f"{most}/{len(posts)} 条", "发言成员": f"{len(senders)} 人"}
        yield Signal(SignalKind.ONE_SENDER, ratio, limits.one_sender_ratio, figures)


def _last_minutes(posts: Sequence[DayPost], day: date, limits: SignalLimits) -> Iterator[Signal]:
    if len(posts) < limits.last_least_posts:
        return
    end_ms = int(day_interval(day)[1].timestamp() * 1000)
    before_ms = end_ms - posts[0].occurred_ms
    if before_ms <= limits.last_minutes * _MINUTE_MS:
        figures = {"最早一条": f"零点前 {before_ms // 1000} 秒", "当日": f"{len(posts)} 条"}
        yield Signal(SignalKind.LAST_MINUTES, before_ms / _MINUTE_MS, limits.last_minutes, figures)


def _regular(posts: Sequence[DayPost], limits: SignalLimits) -> Iterator[Signal]:
    if len(posts) < limits.regular_least_posts:
        return
    pairs = pairwise(posts)
    seconds = [(later.occurred_ms - earlier.occurred_ms) / 1000 for earlier, later in pairs]
    mean = fmean(seconds)
    if mean < 1:  # one batch: the flood says so
        return
    variation = pstdev(seconds) / mean
    if variation <= limits.regular_variation:
        figures = {"平均间隔": f"{mean:.0f} 秒", "变异系数": f"{variation:.2f}", "当日": f"{len(posts)} 条"}
        yield Signal(SignalKind.REGULAR, variation, limits.regular_variation, figures)


def threshold_words(kind: SignalKind, limits: SignalLimits) -> str:
    """Say from where on something stands out, marked as a default."""
    words = {
        SignalKind.FLOOD: f"{limits.flood_minutes} 分钟内不少于当日的 {limits.flood_ratio:.0%}",
        SignalKind.COPIES: f"不少于 {limits.copies_ratio:.0%} 的文字另见于 {limits.copies_groups} 个以上的群",
        SignalKind.ONE_SENDER: f"一人不少于当日的 {limits.one_sender_ratio:.0%}",
        SignalKind.LAST_MINUTES: f"全部在零点前 {limits.last_minutes} 分钟内",
        SignalKind.REGULAR: f"间隔的变异系数不高于 {limits.regular_variation}",
    }
    return f"{words[kind]}（默认）"

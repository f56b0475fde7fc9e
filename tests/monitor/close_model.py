"""What a closed day must be, as plain dictionaries and one fold: the model that the store is held against.

Nothing here is shared with the code under test but the words of its results. Bands and duty are written
down anew from HN-4.1d and HN-2.1.3b.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from tests.cast import GROUPS, UNITS

COLLECTED, IMPORTED, REPORTED, INSPECTED = "采集", "导入", "自报", "检查"
Key = tuple[int, date]
Counts = dict[str, tuple[int, int]]
Tally = dict[str, int]
_WORDS = {"优秀": "n_excellent", "良好": "n_good", "一般": "n_fair", "差": "n_poor"}
_DUTIES = {"达标": "n_met", "未达标": "n_not_met", "无微话题": "n_no_topic", "无数据": "n_no_data"}


@dataclass
class Post:
    """One message, whatever became of it."""

    group: int
    day: date
    event_key: int
    source: str
    is_relevant: bool
    is_recalled: bool = False
    is_excluded: bool = False


@dataclass
class Report:
    """A self-report; it stands unless it was returned or taken back."""

    group: int
    day: date
    n_posts: int
    n_relevant: int
    needs_approval: bool
    is_approved: bool = False
    is_gone: bool = False


@dataclass
class SpotCheck:
    """What an inspector counted."""

    group: int
    day: date
    n_posts: int
    is_void: bool = False


@dataclass
class Span:
    """A topic from its first to its last day; None while it goes on."""

    group: int
    first: date
    last: date | None = None

    def covers(self, day: date) -> bool:
        return self.first <= day and (self.last is None or self.last >= day)


@dataclass
class Tree:
    """Who stands below whom since a day."""

    since: date
    parents: dict[str, str | None]
    homes: dict[int, str]


@dataclass
class Fold:
    """Everything that happened, in no order at all but that of numbers."""

    posts: dict[int, Post] = field(default_factory=dict)
    heard: set[tuple[int, date, str]] = field(default_factory=set)
    reports: dict[int, Report] = field(default_factory=dict)
    checks: dict[str, SpotCheck] = field(default_factory=dict)
    topics: dict[int, Span] = field(default_factory=dict)
    last_days: dict[int, date] = field(default_factory=dict)
    trees: list[Tree] = field(default_factory=list)

    def __post_init__(self) -> None:
        number = {code: each for each, (code, *_) in enumerate(GROUPS, start=1)}
        parents = {code: parent for code, _, _, parent in UNITS}
        self.trees.append(Tree(date.min, parents, {number[code]: unit for code, _, unit, *_ in GROUPS}))

    def counts(self) -> dict[Key, Counts]:
        """Every source's count of every group's day."""
        found: dict[Key, Counts] = {}
        for group, day, source in self.heard:
            found.setdefault((group, day), {})[source] = (0, 0)
        for post in self.posts.values():
            here = found.setdefault((post.group, post.day), {})
            n_posts, n_relevant = here.get(post.source, (0, 0))
            is_counted = not (post.is_recalled or post.is_excluded)
            here[post.source] = (n_posts + is_counted, n_relevant + (is_counted and post.is_relevant))
        for number in sorted(self.reports):  # the latest that stands is the day's
            report = self.reports[number]
            if not report.is_gone and (report.is_approved or not report.needs_approval):
                found.setdefault((report.group, report.day), {})[REPORTED] = (
                    report.n_posts,
                    report.n_relevant,
                )
        for check in self.checks.values():
            if not check.is_void:
                found.setdefault((check.group, check.day), {})[INSPECTED] = (check.n_posts, 0)
        return found

    def judge(self, key: Key, counts: Counts) -> tuple[int | None, int | None, str | None, str]:
        """Posts, relevant posts, activity and duty of a closed day."""
        n_posts, n_relevant = effective(counts)
        if not any(topic.group == key[0] and topic.covers(key[1]) for topic in self.topics.values()):
            duty = "无微话题"
        elif n_relevant is None:
            duty = "无数据"
        else:
            duty = "达标" if n_relevant else "未达标"
        if n_posts is None:
            return None, None, None, duty
        bands = ((10, "优秀"), (6, "良好"), (3, "一般"), (0, "差"))
        return n_posts, n_relevant, next(word for low, word in bands if n_posts >= low), duty

    def open_on(self, day: date) -> list[int]:
        """Groups that are open on a day; the cast's were all opened in January."""
        return [group for group in self.trees[0].homes if self.last_days.get(group, date.max) >= day]

    def tallies(self, day: date) -> dict[str, Tally]:
        """The roll-ups of a closed day along the tree of that day, by unit; units without groups absent."""
        tree = [each for each in self.trees if each.since <= day][-1]
        counts, found = self.counts(), dict[str, Counter[str]]()
        for group in self.open_on(day):
            key = (group, day)
            n_posts, n_relevant, activity, duty = self.judge(key, counts.get(key, {}))
            one = {"n_groups": 1, _DUTIES[duty]: 1, "n_posts": n_posts or 0, "n_relevant": n_relevant or 0}
            if activity:
                one[_WORDS[activity]] = 1
            unit: str | None = tree.homes[group]
            while unit:
                found.setdefault(unit, Counter()).update(one)
                unit = tree.parents[unit]
        return {unit: {name: n for name, n in tally.items() if n} for unit, tally in found.items()}

    def move(self, today: date, parents: dict[str, str], homes: dict[int, str]) -> None:
        """Let units and groups stand elsewhere from today on."""
        last = self.trees[-1]
        self.trees.append(Tree(today, last.parents | parents, last.homes | homes))


def effective(counts: Counts) -> tuple[int | None, int | None]:
    """The fuller of those who observe, and what was reported besides; an inspector where there is nothing."""
    observed = [counts[source] for source in (COLLECTED, IMPORTED) if source in counts]
    parts = ([max(observed)] if observed else []) + [counts[s] for s in (REPORTED,) if s in counts]
    if parts:
        return sum(part[0] for part in parts), sum(part[1] for part in parts)
    if INSPECTED in counts:
        n_posts = counts[INSPECTED][0]
        return n_posts, None if n_posts else 0
    return None, None

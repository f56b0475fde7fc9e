"""Signals of GD-5.2: each with its figures on both sides of its threshold; counts never change."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from monitor.clock import day_interval
from monitor.days.signals import DayPost, SignalKind, SignalLimits, find_signals, threshold_words
from monitor.errors import OutOfScope
from monitor.events import stable_key
from monitor.store.database import Database
from monitor.store.days.posts import NewPost, insert_posts
from monitor.store.days.tables import DayCountRow
from monitor.store.tables import table_of
from monitor.units import Role
from monitor.usecases.days.signals import SIGNALS, Signals, run_signals
from scoring.rulebook import load_rulebook
from tests.cast import Cast
from tests.conftest import FrozenClock

DAY = date(2026, 11, 19)
LIMITS = SignalLimits()
START = day_interval(DAY)[0]


def post(minutes: float, sender: int = 0, content: int = 0, *, has_text: bool = True) -> DayPost:
    at = int((START + timedelta(minutes=minutes)).timestamp() * 1000)
    return DayPost(at, sender or int(minutes * 100) + 1, content or int(minutes * 100) + 1, has_text)


def kinds(posts: list[DayPost], others: dict[int, int] | None = None) -> list[SignalKind]:
    return [signal.kind for signal in find_signals(posts, DAY, others or {}, LIMITS)]


ORDINARY = [post(minutes) for minutes in (480, 497, 560, 700, 705, 900, 1230)]


def test_an_ordinary_day_has_no_signal() -> None:
    assert kinds(ORDINARY) == []
    assert kinds([]) == []


@pytest.mark.parametrize(
    ("minutes", "expected"), [((0, 3, 10, 90, 300), []), ((0, 3, 7, 10, 300), ["集中发布"])]
)
def test_most_of_a_day_within_minutes(minutes: tuple[int, ...], expected: list[str]) -> None:
    found = find_signals([post(600 + each) for each in minutes], DAY, {}, LIMITS)
    assert [signal.kind.value for signal in found] == expected
    if found:
        assert found[0].figures == {"最密集": "10 分钟内 4 条", "当日": "5 条"}


def test_the_same_texts_in_other_groups() -> None:
    posts = [post(500, content=7), post(650, content=8), post(800, content=9), post(900, content=10)]
    assert kinds(posts, {7: 2, 8: 1}) == []
    found = find_signals(posts, DAY, {7: 2, 8: 5}, LIMITS)
    assert (found[0].kind, found[0].figures) == (
        SignalKind.COPIES,
        {"相同文字": "2/4 条", "最多另见于": "5 个群"},
    )
    assert kinds([one._replace(has_text=False) for one in posts], {7: 2, 8: 5}) == []


def test_one_member_posts_nearly_everything() -> None:
    four_of_five = [one._replace(sender_key=min(n, 1)) for n, one in enumerate(ORDINARY[:5])]
    assert kinds(four_of_five) == [SignalKind.ONE_SENDER]
    three_of_five = [one._replace(sender_key=max(n, 2)) for n, one in enumerate(ORDINARY[:5])]
    assert kinds(three_of_five) == []
    assert kinds(four_of_five[1:]) == []  # four posts prove nothing


def test_posts_only_just_before_midnight() -> None:
    assert kinds([post(1436), post(1439)]) == [SignalKind.LAST_MINUTES]
    assert kinds([post(1434), post(1439)]) == []
    assert kinds([post(1439)]) == []


def test_intervals_as_of_a_machine() -> None:
    assert kinds([post(480 + 60 * n) for n in range(6)]) == [SignalKind.REGULAR]
    assert kinds([post(480 + 60 * n) for n in range(5)]) == []
    assert kinds([post(480 + 60 * n + (n % 2) * 25) for n in range(6)]) == []
    at_once = [post(480, sender=n + 1, content=n + 1) for n in range(6)]
    assert kinds(at_once) == [SignalKind.FLOOD]  # no interval, no rhythm


def test_every_threshold_says_that_it_is_a_default() -> None:
    assert all("（默认）" in threshold_words(kind, LIMITS) for kind in SignalKind)


def fill(database: Database, cast: Cast) -> None:
    """The same three texts in three groups; in one of them by one member at night."""
    posts = []
    for code, hour in (("LC0001", 8), ("LC0101", 9), ("YS0001", 10)):
        for n in range(3):
            at = int((START + timedelta(hours=hour, minutes=47 * n * (n + 1))).timestamp() * 1000)
            key = stable_key(code, str(n))
            posts.append(
                NewPost(cast.groups[code], DAY, key, key, "采集", "text", at, at, n, "甲", f"同一句话{n}",
                        stable_key(f"同一句话{n}"), True, False, "")
            )  # fmt: skip
    database.write_bulk(insert_posts, posts)


def test_the_night_finds_signals_once_and_leaves_the_counts_alone(
    database: Database, cast: Cast, clock: FrozenClock
) -> None:
    fill(database, cast)
    counts = table_of(DayCountRow)
    with database.reading() as connection:
        before = connection.execute(select(counts).order_by(counts.c.group_id)).all()
    slot = datetime.fromisoformat("2026-11-20T00:50:00+08:00")
    clock.now = slot
    assert run_signals(database, load_rulebook(), clock, slot) == "2026-11-19：3 条提示，3 个群"
    assert run_signals(database, load_rulebook(), clock, slot) is None
    with database.reading() as connection:
        assert connection.execute(select(counts).order_by(counts.c.group_id)).all() == before
    signals = Signals(database, clock)
    province = signals.page(cast.viewer("QS", Role.INSPECTOR))
    assert province.by_kind == {"跨群相同": 3}
    assert [signal.group_code for signal in province.signals] == ["LC0001", "LC0101", "YS0001"]
    own = signals.page(cast.viewer("LC"), "跨群相同")
    assert [signal.group_code for signal in own.signals] == ["LC0001", "LC0101"]
    assert signals.page(cast.viewer("LC"), "集中发布").signals == ()
    assert SIGNALS.name == "signals"


def test_a_groups_signals_are_for_those_who_see_the_group(
    database: Database, cast: Cast, clock: FrozenClock
) -> None:
    fill(database, cast)
    slot = datetime.fromisoformat("2026-11-20T00:50:00+08:00")
    clock.now = slot
    run_signals(database, load_rulebook(), clock, slot)
    signals = Signals(database, clock)
    found = signals.of_group(cast.viewer("LC"), "LC0001")
    assert [(one.kind, one.day, one.figures["相同文字"]) for one in found] == [("跨群相同", DAY, "3/3 条")]
    for code in ("YS0001", "NONE"):
        with pytest.raises(OutOfScope):
            signals.of_group(cast.viewer("LC"), code)

"""A day of the demonstration province: what its groups write and its accounts publish. Pure.

Each group and account has a character of its own (`Habit`), and each of its days its own stream of
chance: the same province and day give the same events, whatever is asked for first.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from random import Random

from monitor.clock import business_day, shanghai_instant
from monitor.events import Article, EventKind, InboundEvent, PostKind, stable_key
from monitor.ledger.registration import NewGroup
from monitor.usecases.demo.names import CITIES, NICKNAMES, draw_stream
from monitor.usecases.demo.province import FIRST_GROUP, SOURCE, NewAccount, Province
from monitor.usecases.demo.texts import (
    ADVERT_LINES,
    EVERYDAY_LINES,
    LEAGUE_LINES,
    LINK_LINES,
    TOPIC_LINES,
    write_line,
)

_WEEKEND = 0.55
_SATURDAY = 5
_HOUR_WEIGHTS = (0, 0, 0, 0, 0, 0, 1, 4, 8, 9, 8, 6, 7, 4, 5, 7, 6, 5, 5, 8, 10, 8, 4, 1)
_CUM_HOURS = tuple(sum(_HOUR_WEIGHTS[: hour + 1]) for hour in range(24))
_LAST_SECOND = 24 * 3600 - 1
_POSTS_PER_BURST = 4
_RECALL_CHANCE = 0.006
_FORMS = (  # share of all posts, cumulated, and the form
    (0.07, PostKind.IMAGE),
    (0.10, PostKind.LINK),
    (0.115, PostKind.FILE),
    (0.125, PostKind.VOICE),
    (0.135, PostKind.VIDEO),
)
_OUTAGE_PLACE = CITIES[5].code  # one day without its collector: 无数据 of a whole city
_OUTAGE_DAYS_AGO = 12


@dataclass(frozen=True, slots=True)
class Habit:
    """How a group behaves.

    `n_mean` posts on a working day; `on_topic` share of League work among them; `diligence` chance
    that its manager posts something on topic; `silent` days ago, from and to, without any event.
    """

    n_mean: float
    on_topic: float
    diligence: float
    n_members: int
    silent: tuple[int, int] = (-1, 0)
    has_adverts: bool = False


_HABITS: tuple[tuple[float, tuple[float, float, float]], ...] = (  # share of groups, then mean, topic, duty
    (0.20, (9.5, 0.22, 0.93)),  # lively
    (0.62, (4.2, 0.20, 0.85)),  # average
    (0.82, (1.6, 0.18, 0.62)),  # quiet
    (0.89, (5.5, 0.00, 0.10)),  # talks about everything else
    (0.93, (19.0, 0.06, 0.80)),  # floods
    (1.00, (2.2, 0.20, 0.55)),  # silent for weeks
)
_FLOODS, _SILENT = 4, 5


@lru_cache(maxsize=1_000)
def draw_habit(group: NewGroup) -> Habit:
    """Return a group's character; the first group is an average one with a good manager."""
    chance = draw_stream("habit", group.code)
    if group.code == FIRST_GROUP:
        return Habit(6.0, 0.25, 0.95, 16)
    luck = chance.random()
    place = next(index for index, (share, _) in enumerate(_HABITS) if luck < share)
    n_mean, on_topic, diligence = _HABITS[place][1]
    diligence *= 0.75 + 0.3 * draw_stream("place", group.code[:2]).random()  # some cities try harder
    silent = (-1, 0)
    if place == _SILENT:
        until = chance.choice((0, 0, chance.randint(3, 20)))
        silent = (until + chance.randint(14, 35), until)
    n_members = max(4, min(28, group.member_count // 6))
    return Habit(
        n_mean * (0.7 + 0.6 * chance.random()),
        on_topic,
        min(0.98, diligence),
        n_members,
        silent,
        has_adverts=place == _FLOODS,
    )


def write_day(province: Province, day: date, days_ago: int) -> list[InboundEvent]:
    """Return all events of a day in order of time.

    Args:
        province: whose groups and accounts write.
        day: business day.
        days_ago: distance from the present day, which decides who is silent.
    """
    events: list[InboundEvent] = []
    for group in province.groups:
        habit = draw_habit(group)
        has_outage = group.code.startswith(_OUTAGE_PLACE) and days_ago == _OUTAGE_DAYS_AGO
        if has_outage or habit.silent[1] <= days_ago <= habit.silent[0]:
            continue
        events += _write_group(group, habit, day)
    for place, account in enumerate(province.accounts):
        events += _publish(account, place, day, days_ago)
    return sorted(events, key=lambda event: event.occurred_at)


def _write_group(group: NewGroup, habit: Habit, day: date) -> Iterator[InboundEvent]:
    chance = draw_stream(group.code, day)
    midnight = shanghai_instant(day)
    calm = _WEEKEND if day.weekday() >= _SATURDAY else 1.0
    n_posts = _draw_count(chance, habit.n_mean * calm)
    topics = [topic.title for topic in group.topics if topic.opened_on is None or topic.opened_on <= day]
    seconds = sorted(_draw_seconds(chance, n_posts))
    for number, second in enumerate(seconds):
        text = _draw_text(chance, habit, topics)
        yield from _post(chance, group, habit, midnight + timedelta(seconds=second), number, text)
    if topics and chance.random() < habit.diligence * (1 if calm == 1 else 0.9):
        at = midnight + timedelta(seconds=int(chance.triangular(7.5, 22.5, 9.5) * 3600))
        text = write_line(chance, TOPIC_LINES[chance.choice(topics)])
        yield _event(group, at, 900, 0, PostKind.TEXT, text)
    # somebody joined or was renamed: the collector was at work, so that 0 posts are data (E-04)
    its_id = group.sources[0][1]
    key = stable_key(SOURCE, its_id, f"{day:%y%m%d}notice")
    at = midnight + timedelta(seconds=chance.randrange(8 * 3600, 9 * 3600))
    yield InboundEvent(EventKind.NOTICE, SOURCE, key, at, its_id, message_key=key)


def _draw_count(chance: Random, mean: float) -> int:
    """Return a number of posts: a day is rarely at the mean, and sometimes empty."""
    return int(chance.gammavariate(2.2, mean / 2.2) + 0.5)


def _draw_seconds(chance: Random, n_posts: int) -> Iterator[int]:
    """Yield seconds of the day, in bursts of a few minutes as people talk."""
    while n_posts > 0:
        n_burst = min(n_posts, chance.randint(1, 2 * _POSTS_PER_BURST - 1))
        n_posts -= n_burst
        at = chance.choices(range(24), cum_weights=_CUM_HOURS)[0] * 3600 + chance.random() * 3600
        for _ in range(n_burst):
            yield min(_LAST_SECOND, int(at))
            at += chance.expovariate(1 / 70) + 4


def _draw_text(chance: Random, habit: Habit, topics: Sequence[str]) -> str:
    if habit.has_adverts and chance.random() < 0.01:
        return write_line(chance, ADVERT_LINES)
    if chance.random() >= habit.on_topic:
        return write_line(chance, EVERYDAY_LINES)
    if topics and chance.random() < 0.6:
        return write_line(chance, TOPIC_LINES[chance.choice(topics)])
    return write_line(chance, LEAGUE_LINES)


def _post(
    chance: Random, group: NewGroup, habit: Habit, at: datetime, number: int, text: str
) -> Iterator[InboundEvent]:
    luck = chance.random()
    form = next((form for share, form in _FORMS if luck < share), PostKind.TEXT)
    if form is PostKind.LINK:
        text = write_line(chance, LINK_LINES)
    elif form is not PostKind.TEXT:
        text = ""
    member = int(habit.n_members * chance.random() ** 1.6)
    event = _event(group, at, number, member, form, text)
    yield event
    if chance.random() < _RECALL_CHANCE:
        key = stable_key("recall", str(event.event_key))
        yield InboundEvent(
            EventKind.RECALL,
            SOURCE,
            key,
            at + timedelta(seconds=40),
            event.place_id,
            event.sender_id,
            message_key=event.message_key,
        )


def _event(
    group: NewGroup, at: datetime, number: int, member: int, form: PostKind, text: str
) -> InboundEvent:
    its_id = group.sources[0][1]
    key = stable_key(SOURCE, its_id, f"{business_day(at):%y%m%d}{number:04d}")
    is_manager = member == 0 and group.managers
    name = group.managers[0] if is_manager else NICKNAMES[(int(its_id) * 7 + member) % len(NICKNAMES)]
    sender = f"wxid_demo_{its_id}_{member}"
    return InboundEvent(EventKind.POST, SOURCE, key, at, its_id, sender, name, form, text, key)


def _publish(account: NewAccount, place: int, day: date, days_ago: int) -> Iterator[InboundEvent]:
    """Yield what an account publishes; one city's has stopped, one university's is not connected."""
    chance = draw_stream(account.key, day)
    if place == len(CITIES) + 6:  # 无数据: its callback was never set up
        return
    midnight = shanghai_instant(day)
    has_stopped = place == len(CITIES) and days_ago < 16
    is_weekend = day.weekday() >= _SATURDAY
    eagerness = 1.0 if place == 0 else (0.55 if is_weekend else 0.93)
    if has_stopped or chance.random() >= eagerness:
        # somebody followed it: the callback works, so that 0 articles are data
        at = midnight + timedelta(hours=8, seconds=chance.randrange(3600))
        key = stable_key(account.key, f"{day}", "subscribe")
        yield InboundEvent(EventKind.ACCOUNT, account.key, key, at, account.original_id, "o-demo-reader")
        return
    n_articles = chance.choice((1, 1, 1, 2, 3)) + (place == 0)
    at = midnight + timedelta(seconds=int(chance.triangular(8, 21, 17) * 3600))
    job = stable_key(account.key, f"{day}", "masssendjobfinish")
    articles = tuple(Article(position) for position in range(1, n_articles + 1))
    fields = {
        "Event": "MASSSENDJOBFINISH",
        "Status": "send success",
        "TotalCount": str(chance.randint(300, 9000)),
    }
    yield InboundEvent(
        EventKind.ARTICLES,
        account.key,
        stable_key(account.key, f"{day}", "masssendjobfinish", "send success"),
        at,
        account.original_id,
        message_key=job,
        articles=articles,
        fields=fields,
    )

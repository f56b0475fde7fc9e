"""The stage on which the exchanges of the manual are played: the cast, five days of posts, all roles.

It is Friday 2026-11-20, 15:00 in Shanghai; the days up to the 19th are closed.
"""

from datetime import UTC, date, datetime, timedelta

from bot.dispatch import Dispatcher
from monitor.classify.relevance import shared_relevance
from monitor.clock import shanghai_instant
from monitor.events import Article, EventKind, InboundEvent, stable_key
from monitor.store.database import Database
from monitor.units import Role
from monitor.usecases.days.close_day import close_day
from monitor.usecases.days.receive import Receiver
from monitor.usecases.ledger.register import add_invitation
from monitor.usecases.queries.questions import Queries
from scoring.rulebook import load_rulebook
from tests.cast import GROUPS, SOURCE, settle
from tests.conftest import FrozenClock

TODAY = date(2026, 11, 20)
STRANGER = "未绑定"
INVITATIONS = {  # code of the invitation, unit, group
    Role.INSPECTOR: ("QX-7F3K9M", "QS", ""),
    Role.LEADER: ("QX-2B8H4T", "QS", ""),
    Role.UNIT_ADMIN: ("QX-5D6N1R", "LC", ""),
    Role.BRANCH_ADMIN: ("QX-8W4C3P", "LC01", ""),
    Role.GROUP_MANAGER: ("QX-1J9V6S", "LC", "LC0001"),
}
ON_TOPIC = {
    "志愿服务": "周六志愿服务报名接龙",
    "青年大学习": "本期青年大学习请在今晚前完成",
    "主题团日": "主题团日照片已上传",
}
OFF_TOPIC = "中午一起吃饭吗"
POSTS = {  # day of November → group → posts, those on topic
    16: {"LC0001": (6, 1), "LC0101": (3, 1), "YS0001": (8, 2), "YS0101": (1, 0), "QD0101": (5, 1)},
    17: {"LC0001": (10, 2), "LC0101": (4, 1), "YS0001": (7, 0), "YS0101": (2, 0), "QD0101": (9, 2)},
    18: {"LC0001": (5, 1), "LC0101": (3, 1), "YS0001": (3, 1), "QD0101": (6, 1)},
    19: {"LC0001": (11, 3), "LC0101": (1, 0), "YS0001": (6, 1), "YS0101": (3, 0)},
    20: {"LC0001": (4, 1), "LC0101": (2, 0), "YS0001": (7, 2), "YS0101": (1, 0)},
}


class Stage:
    """Everything that an exchange of the manual needs."""

    def __init__(self, database: Database) -> None:
        """Fill an empty, migrated database."""
        settle(database)
        self.clock = FrozenClock()
        self._rulebook = load_rulebook()
        self._receiver = Receiver(database, shared_relevance(), self.clock, pepper="pepper")
        for day_of_month in POSTS:
            self._play_day(database, date(2026, 11, day_of_month))
        self.clock.now = datetime(2026, 11, 20, 7, 0, tzinfo=UTC)
        for role, (code, unit, group) in INVITATIONS.items():
            database.write(
                lambda c, a=(code, role, unit), g=group: add_invitation(c, *a, group_code=g, is_reusable=True)  # type: ignore[misc]
            )
        queries = Queries(database, self._rulebook, self.clock)
        self._dispatcher = Dispatcher(database, queries, self.clock)
        self._n_messages = 0
        self._bound: set[str] = set()

    def say(self, role: str, text: str) -> str:
        """Return the answer to a person of a role; who is not 未绑定 binds first."""
        if role != STRANGER and role not in self._bound:
            self._bound.add(role)
            self._send(role, f"绑定 {INVITATIONS[Role(role)][0]}")
        return self._send(role, text)

    def _send(self, openid: str, text: str) -> str:
        self._n_messages += 1
        key = stable_key("manual", str(self._n_messages))
        event = InboundEvent(EventKind.CHAT, "demo", key, self.clock(), "gh_demo", openid, text=text)
        return self._dispatcher.reply(event)

    def _play_day(self, database: Database, day: date) -> None:
        last_post = shanghai_instant(day) + timedelta(hours=14, minutes=55)
        self.clock.now = last_post + timedelta(minutes=1)
        self._receiver.receive([*_posts(day, last_post), *_account_events(day, last_post)])
        if day < TODAY:
            self.clock.now = shanghai_instant(day + timedelta(days=1)) + timedelta(minutes=10)
            close_day(database, self._rulebook, self.clock, day)


def _posts(day: date, last_post: datetime) -> list[InboundEvent]:
    events = []
    for code, _, _, external_id, topic in GROUPS:
        n_posts, n_relevant = POSTS[day.day].get(code, (0, 0))
        for number in range(n_posts):
            text = ON_TOPIC[str(topic)] if number < n_relevant else OFF_TOPIC
            events.append(
                InboundEvent(
                    EventKind.POST, SOURCE, stable_key(code, str(day), str(number)),
                    last_post - timedelta(minutes=20 * (n_posts - 1 - number)), external_id,
                    f"member-{number % 3}", text=text,
                )
            )  # fmt: skip
    return events


def _account_events(day: date, at: datetime) -> list[InboundEvent]:
    """The province's account publishes every day; the city's is heard, and published nothing on the 19th."""
    publishing = ["demo"] if day.day >= 19 else ["demo", "lcqn"]
    events = [
        InboundEvent(
            EventKind.ARTICLES, key, stable_key(key, str(day)), at, f"gh_{key}",
            message_key=stable_key(key, str(day)), articles=(Article(1),), fields={"Status": "send success"},
        )
        for key in publishing
    ]  # fmt: skip
    heard = InboundEvent(EventKind.ACCOUNT, "lcqn", stable_key("heard", str(day)), at, "gh_lcqn", "someone")
    return [*events, heard]

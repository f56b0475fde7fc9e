"""有关 / 无关: a person's word on a post beats the machine, counts follow, closed days are closed again."""

from datetime import date, datetime

import pytest
from sqlalchemy import select

from monitor.classify.relevance import shared_relevance
from monitor.errors import ReadOnlyRole
from monitor.events import EventKind, InboundEvent, stable_key
from monitor.store.database import Database
from monitor.store.days.tables import DayCountRow, DayGradeRow, PostRow
from monitor.store.learning.examples import load_topic_texts
from monitor.store.tables import table_of
from monitor.store.work_tables import AuditRow
from monitor.units import Role, Viewer
from monitor.usecases.days.close_day import close_day, close_late_groups
from monitor.usecases.days.group_directory import GroupDirectory
from monitor.usecases.days.receive import Receiver
from monitor.usecases.learning.override_relevance import (
    Overridden,
    PostNotFound,
    RelevanceWord,
    override_relevance,
)
from scoring.rulebook import load_rulebook
from tests.cast import SOURCE, Cast
from tests.conftest import FrozenClock

DAY = date(2026, 11, 20)
NOON = datetime.fromisoformat("2026-11-20T12:00:00+08:00")
RULEBOOK = load_rulebook()
TEXT = "今天的晚霞真好看，大家抬头看看窗外吧"


class Room:
    """The group 鹭川团干群 with one everyday post, and people who judge it."""

    def __init__(self, database: Database, cast: Cast, clock: FrozenClock, receiver: Receiver) -> None:
        self.database, self.cast, self.clock = database, cast, clock
        self.key = stable_key("post")
        clock.now = max(clock.now, NOON)
        event = InboundEvent(
            kind=EventKind.POST, source=SOURCE, event_key=self.key, occurred_at=NOON, place_id="10001",
            sender_id="m1", text=TEXT,
        )  # fmt: skip
        receiver.receive([event])

    def says(self, viewer: Viewer, *, is_relevant: bool, key: int | None = None) -> Overridden:
        word = RelevanceWord("LC0001", DAY, self.key if key is None else key, is_relevant)
        return override_relevance(self.database, self.clock, viewer, word)

    def rows(self, table: type) -> list:  # type: ignore[type-arg]
        with self.database.reading() as connection:
            return list(connection.execute(select(table_of(table))))

    def n_relevant(self) -> int:
        return sum(row.n_relevant for row in self.rows(DayCountRow))


@pytest.fixture
def room(database: Database, cast: Cast, clock: FrozenClock, receiver: Receiver) -> Room:
    return Room(database, cast, clock, receiver)


def test_a_persons_word_beats_the_machine_and_the_count_follows(room: Room) -> None:
    admin = room.cast.viewer("LC", Role.UNIT_ADMIN)
    assert room.n_relevant() == 0
    said = room.says(admin, is_relevant=True)
    assert (said.has_changed, room.n_relevant()) == (True, 1)
    post = room.rows(PostRow)[0]
    assert post.is_relevant
    assert post.reason.startswith("人工认定有关（")
    room.says(admin, is_relevant=False)
    assert room.n_relevant() == 0
    assert [row.action for row in room.rows(AuditRow)].count("post.relevance") == 2


def test_the_same_word_again_changes_nothing(room: Room) -> None:
    admin = room.cast.viewer("LC", Role.UNIT_ADMIN)
    room.says(admin, is_relevant=True)
    assert room.says(admin, is_relevant=True).number == 0
    assert room.n_relevant() == 1
    assert [row.action for row in room.rows(AuditRow)].count("post.relevance") == 1


def test_a_word_on_a_closed_day_makes_it_provisional_until_it_is_closed_again(room: Room) -> None:
    room.clock.now = datetime.fromisoformat("2026-11-21T00:10:00+08:00")
    assert close_day(room.database, RULEBOOK, room.clock, DAY) is not None
    room.says(room.cast.viewer("QS", Role.INSPECTOR), is_relevant=True)
    group_id = room.cast.groups["LC0001"]
    grade = next(row for row in room.rows(DayGradeRow) if row.group_id == group_id)
    assert (grade.has_late_posts, grade.status, grade.n_relevant) == (True, "暂定", 0)
    close_late_groups(room.database, RULEBOOK, room.clock)
    grade = next(row for row in room.rows(DayGradeRow) if row.group_id == group_id)
    assert (grade.has_late_posts, grade.n_relevant) == (False, 1)


def test_out_of_scope_reads_like_not_existing(room: Room) -> None:
    outsider = room.cast.viewer("YS", Role.UNIT_ADMIN)
    with pytest.raises(PostNotFound) as far:
        room.says(outsider, is_relevant=True)
    with pytest.raises(PostNotFound) as missing:
        room.says(room.cast.viewer("LC", Role.UNIT_ADMIN), is_relevant=True, key=5)
    assert far.value.user_text == missing.value.user_text
    assert room.n_relevant() == 0


def test_leaders_may_only_read(room: Room) -> None:
    with pytest.raises(ReadOnlyRole):
        room.says(room.cast.viewer("QS", Role.LEADER), is_relevant=True)


def test_what_people_said_is_kept_as_labelled_examples(room: Room) -> None:
    admin = room.cast.viewer("LC", Role.UNIT_ADMIN)
    group_id = room.cast.groups["LC0001"]

    def labels() -> list[tuple[str, str]]:
        with room.database.reading() as connection:
            found = load_topic_texts(connection, [group_id], 10)
        return [(each.text, each.label) for each in found.get(group_id, [])]

    assert labels() == []
    room.says(admin, is_relevant=False)  # agrees with the machine: an example all the same
    assert labels() == [(TEXT, "无关")]
    room.says(admin, is_relevant=True)  # the later word replaces the earlier one
    assert labels() == [(TEXT, "有关")]


def test_later_posts_like_the_confirmed_ones_are_relevant(room: Room) -> None:
    """The group's topics learn from 有关 and 无关; the directory reads them within a minute."""
    groups = GroupDirectory(room.database)
    admin = room.cast.viewer("LC", Role.UNIT_ADMIN)
    room.says(admin, is_relevant=True)
    found = groups.find(SOURCE, "10001", DAY)
    assert found is not None
    assert [topic.examples for topic in found[1]] == [(TEXT,)]
    alike = shared_relevance().judge("今天的晚霞真好看，大家快看窗外", found[1])
    assert (alike.is_relevant, alike.reason) == (True, "像话题内容：志愿服务")
    assert not shared_relevance().judge("中午食堂吃什么", found[1]).is_relevant
    room.says(admin, is_relevant=False)
    groups.forget()
    found = groups.find(SOURCE, "10001", DAY)
    assert found is not None
    assert [(topic.examples, topic.counter_examples) for topic in found[1]] == [((), (TEXT,))]
    assert not shared_relevance().judge("今天的晚霞真好看，大家快看窗外", found[1]).is_relevant

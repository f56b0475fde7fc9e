"""What comes after its day was closed: nothing of it is lost, however strange its way (T-03).

Every case here was found by the state machine of tests/monitor/days/test_close_model.py.
"""

from datetime import date, datetime

import pytest
from sqlalchemy import select

from monitor.events import EventKind, InboundEvent
from monitor.store.database import Database
from monitor.store.days.tables import DayGradeRow, PendingRecallRow
from monitor.store.tables import table_of
from monitor.usecases.days.close_day import close_day, close_late_groups
from monitor.usecases.days.receive import Receipt, Receiver
from monitor.usecases.ledger.desk import Ledger
from monitor.usecases.ledger.units import merge_units
from scoring.rulebook import load_rulebook
from tests.cast import SOURCE, Cast
from tests.conftest import FrozenClock
from tests.monitor.spot_check_help import Office

DAY = date(2026, 11, 20)
RULEBOOK = load_rulebook()


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}+08:00")


class Late:
    """The first group of the cast, whose day is closed."""

    def __init__(self, database: Database, receiver: Receiver, clock: FrozenClock) -> None:
        self.database, self.receiver, self.clock = database, receiver, clock

    def event(self, key: int, when: str, kind: EventKind = EventKind.POST, of: int = 0) -> None:
        text = "志愿服务活动今天开始报名" if kind is EventKind.POST else ""
        event = InboundEvent(kind, SOURCE, key, at(when), "10001", text=text, message_key=of)
        assert self.receiver.receive([event]) == [Receipt.ACCEPTED]

    def closes(self, when: str, day: date = DAY) -> None:
        self.clock.now = at(when)
        assert close_day(self.database, RULEBOOK, self.clock, day)

    def grade(self) -> tuple[int | None, str | None, str, bool]:
        grade = table_of(DayGradeRow)
        query = select(grade).where(grade.c.group_id == 1, grade.c.business_day == DAY)
        with self.database.reading() as connection:
            row = connection.execute(query).one()
        return row.n_posts, row.activity, row.status, row.has_late_posts

    def closes_late(self) -> int:
        return len(close_late_groups(self.database, RULEBOOK, self.clock))


@pytest.fixture
def late(database: Database, receiver: Receiver, clock: FrozenClock) -> Late:
    return Late(database, receiver, clock)


def test_the_first_sign_of_a_source_turns_no_data_into_zero(late: Late) -> None:
    """A system message that comes late: the source worked, so the day has 0 posts, not 无数据 (E-04)."""
    late.closes("11-21T00:10:00")
    assert late.grade()[:2] == (None, None)
    late.event(1, "11-20T12:00:00", EventKind.NOTICE)
    assert late.grade()[2:] == ("暂定", True)
    assert late.closes_late() == 1
    assert late.grade()[:2] == (0, "差")
    late.event(2, "11-20T13:00:00", EventKind.NOTICE)  # no news
    assert late.closes_late() == 0


def test_a_post_counts_although_the_clock_was_set_back_behind_the_close(late: Late) -> None:
    late.event(1, "11-20T12:00:00")
    late.closes("11-21T00:10:00")
    late.clock.now = at("11-20T23:40:00")
    late.event(2, "11-20T23:39:00")
    assert late.grade()[3]
    assert late.closes_late() == 1
    assert late.grade()[:2] == (2, "差")


@pytest.mark.parametrize("when", ["11-21T00:00:30", "11-22T09:00:00", "11-27T09:00:00"])
def test_what_an_administrator_takes_away_days_later_is_taken_out(late: Late, when: str) -> None:
    late.event(1, "11-20T12:00:00")
    late.closes("11-21T00:10:00")
    late.clock.now = at("11-27T10:00:00")
    late.event(2, when, EventKind.RECALL, of=1)
    assert late.closes_late() == 1
    assert late.grade()[:2] == (0, "差")
    with late.database.reading() as connection:
        assert connection.execute(select(table_of(PendingRecallRow))).all() == []


def test_a_check_is_void_although_its_unit_was_merged_away(
    database: Database, cast: Cast, clock: FrozenClock
) -> None:
    office = Office(database, cast, clock)
    filed = office.files("QD0101", 2).reading.check.filing_no
    Ledger(database, clock).write(office.inspector, lambda clerk: merge_units(clerk, "QD", "LC", "两校合并"))
    assert office.voids(filed) is None  # no run is left that could be told
    assert office.reads(filed).check.is_void
    assert office.counts("QD0101", DAY) == {}

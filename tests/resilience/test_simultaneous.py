"""Truly simultaneous acts of two people in two processes: one winner, a clear answer for the other, one row.

Two applications with a writer of their own each stand on one database; a barrier lets people speak together.
Two panels on one item are in tests/monitor/assessment/test_assess_conflicts.py.
"""

import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

import pytest
from sqlalchemy import select

from monitor.classify.relevance import shared_relevance
from monitor.delivery.alerts import AlertKind, Finding
from monitor.events import EventKind, InboundEvent
from monitor.store.database import Database
from monitor.store.days.tables import DayGradeRow, UnitDayRow
from monitor.store.delivery.alerts import load_alert_ids, raise_alerts
from monitor.store.ledger.tables import LedgerChangeRow
from monitor.store.tables import ChatIdentityRow, GroupRow, table_of
from monitor.store.weekly.tables import WeeklyVersionRow
from monitor.store.work_tables import AuditRow, JobSlotRow, OutboxRow
from monitor.units import Role
from monitor.usecases.days.close_day import close_day, close_late_groups
from monitor.usecases.days.receive import Receiver
from monitor.usecases.ledger.register import add_invitation
from scoring.rulebook import load_rulebook
from tests.bot.talk import Person, dispatcher_of, invite_everyone
from tests.cast import SOURCE, Cast
from tests.conftest import FrozenClock
from tests.monitor.outbox_help import bind

RULEBOOK = load_rulebook()
ROUNDS = 3
R = TypeVar("R")


class Instances:
    """Two applications on one database."""

    def __init__(self, database: Database, other: Database, cast: Cast, clock: FrozenClock) -> None:
        self.databases, self.cast, self.clock = (database, other), cast, clock
        self._dispatchers = [dispatcher_of(each, clock) for each in self.databases]
        invite_everyone(database)

    def person(self, role: Role | None, name: str, at: int) -> Person:
        """Let somebody in who writes to one of the applications; of no role as long as they have no code."""
        person = Person(self._dispatchers[at], self.clock, name)
        return person.bound_as(role) if role else person

    def rows(self, row: Any) -> list[Any]:
        with self.databases[0].reading() as connection:
            return list(connection.execute(select(table_of(row)).order_by(*table_of(row).primary_key)))

    def audited(self, action: str) -> int:
        return sum(row.action == action for row in self.rows(AuditRow))


@pytest.fixture
def both(database: Database, database_url: str, cast: Cast, clock: FrozenClock) -> Iterator[Instances]:
    other = Database(database_url)
    yield Instances(database, other, cast, clock)
    other.close()


def together(*acts: Callable[[], R]) -> list[R]:
    """Do all of it at the same moment; what they return, in order."""
    start = threading.Barrier(len(acts))

    def act(one: Callable[[], R]) -> R:
        start.wait()
        return one()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(act, acts))


def test_two_people_submit_one_weekly_report(both: Instances) -> None:
    people = [both.person(Role.UNIT_ADMIN, name, at) for at, name in enumerate(("甲", "乙"))]
    both.clock.now = datetime.fromisoformat("2026-11-16T09:00:00+08:00")
    for round_, week in enumerate(("2026-W47", "2026-W48", "2026-W49")):
        both.clock.advance(days=7)  # Monday, before noon
        said = together(*(lambda p=person, w=week: p.says(f"周报 提交 {w}") for person in people))
        assert sorted("未重复" in answer for answer in said) == [False, True], said
        assert all(f"2026年第{week[-2:]}周" in answer for answer in said), said
        assert any("第 1 次提交" in answer for answer in said), said
        assert len(both.rows(WeeklyVersionRow)) == round_ + 1
        assert both.audited("weekly.submitted") == round_ + 1


def test_two_people_confirm_one_reminder(both: Instances) -> None:
    people = [both.person(Role.UNIT_ADMIN, name, at) for at, name in enumerate(("甲", "乙"))]
    for round_ in range(ROUNDS):
        number = _raise(both, f"unmet:{round_}")
        said = together(*(lambda p=person, n=number: p.says(f"确认 {n}") for person in people))
        assert sorted(answer.startswith("✅ 已确认") for answer in said) == [False, True], said
        assert any(f"已确认(编号 {number})，未重复登记" in answer for answer in said), said
        assert both.audited("alert.acknowledged") == round_ + 1


def test_a_request_is_taken_back_while_it_is_approved(both: Instances) -> None:
    town = both.person(Role.BRANCH_ADMIN, "镇", 0)
    city = both.person(Role.UNIT_ADMIN, "市", 1)
    for round_ in range(2 * ROUNDS):
        asked = town.says(f"开通 临河新群{round_} 35")
        record = re.search(r"撤销 (\d+)", asked)
        assert record, asked
        change = both.rows(LedgerChangeRow)[-1]
        said = together(
            lambda n=record[1]: town.says(f"撤销 {n}"), lambda n=change.id: city.says(f"审批 {n} 同意")
        )
        (state,) = [row.state for row in both.rows(LedgerChangeRow) if row.id == change.id]
        is_open = any(row.name == f"临河新群{round_}" for row in both.rows(GroupRow))
        is_withdrawn = state == "已撤销"
        assert is_open is not is_withdrawn, (said, state)
        assert said[0].startswith("✅") is is_withdrawn, said
        assert said[1].startswith("✅") is is_open, said
        loser = said[1] if is_withdrawn else said[0]
        assert re.search("未撤销|不能|未再登记|已撤销", loser), said


def test_one_invitation_is_taken_by_one_of_two(both: Instances) -> None:
    for round_ in range(ROUNDS):
        code = f"ONLY-{round_}"
        both.databases[0].write(lambda c, code=code: add_invitation(c, code, Role.UNIT_ADMIN, "LC"))
        people = [both.person(None, f"{name}{round_}", at) for at, name in enumerate(("甲", "乙"))]
        said = together(*(lambda p=person, c=code: p.says(f"绑定 {c}") for person in people))
        assert sorted(answer.startswith("✅ 已绑定") for answer in said) == [False, True], said
        assert any("邀请码" in answer for answer in said if not answer.startswith("✅")), said
        assert len(both.rows(ChatIdentityRow)) == both.audited("chat.bind") == round_ + 1


def test_two_processes_close_one_day_while_late_posts_come(both: Instances) -> None:
    """One close, one message a person; whatever arrives meanwhile is in the grade or marks the day."""
    bind(both.databases[0], both.cast.units["LC"], bound_at=both.clock())
    receivers = [Receiver(each, shared_relevance(), both.clock, pepper="p") for each in both.databases]
    key = 0

    def deliver(receiver: Receiver, keys: range, day: date) -> None:
        at = datetime.fromisoformat(f"{day}T23:30:00+08:00")
        for number in keys:
            event = InboundEvent(EventKind.POST, SOURCE, number, at, "10001", text=f"志愿服务报名{number}")
            receiver.receive([event])

    for round_ in range(ROUNDS):
        day = date(2026, 11, 20) + timedelta(days=round_)
        both.clock.now = datetime.fromisoformat(f"{day + timedelta(days=1)}T00:10:00+08:00")
        first, second = range(key, key + 6), range(key + 6, key + 12)
        key += 12
        closes = [
            lambda each=each, day=day: close_day(each, RULEBOOK, both.clock, day, only_once=True)
            for each in both.databases
        ]
        reports = together(
            lambda day=day, keys=first: deliver(receivers[0], keys, day),
            *closes,
            lambda day=day, keys=second: deliver(receivers[1], keys, day),
        )
        assert sum(report is not None for report in reports[1:3]) == 1
        (grade,) = [g for g in both.rows(DayGradeRow) if (g.group_id, g.business_day) == (1, day)]
        assert grade.n_posts == 12 or grade.has_late_posts
        again = together(
            *(lambda e=each: close_late_groups(e, RULEBOOK, both.clock) for each in both.databases)
        )
        assert sum(len(each) for each in again) == int(grade.has_late_posts)
        (grade,) = [g for g in both.rows(DayGradeRow) if (g.group_id, g.business_day) == (1, day)]
        assert (grade.n_posts, grade.activity, grade.has_late_posts) == (12, "优秀", False)
        (root,) = [u for u in both.rows(UnitDayRow) if (u.unit_id, u.business_day) == (1, day)]
        assert root.n_posts == 12
        assert len([row for row in both.rows(JobSlotRow) if row.job == "close_day"]) == round_ + 1
    keys = [row.idempotency_key for row in both.rows(OutboxRow)]
    assert len(keys) == len(set(keys))


def _raise(both: Instances, key: str) -> int:
    cast, day = both.cast, date(2026, 11, 19)
    found = Finding(
        AlertKind.GROUP_UNMET, key, day, cast.units["LC"], cast.paths["LC"], cast.groups["LC0001"], "LC0001",
        "鹭川团干群", "理由",
    )  # fmt: skip

    def work(connection: Any) -> int:
        raise_alerts(connection, [found], both.clock())
        return load_alert_ids(connection, [key])[key]

    return both.databases[0].write(work)

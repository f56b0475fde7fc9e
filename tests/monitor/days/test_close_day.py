"""The close of a day: golden cases E-04, E-06, E-12, roll-ups, late posts, alerts; on both databases."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from monitor.clock import Period, business_day
from monitor.days.readings import DutyTally
from monitor.errors import StateError
from monitor.events import EventKind, InboundEvent, PostKind, Provenance, stable_key
from monitor.store.database import Database
from monitor.store.days.queries import is_day_closed
from monitor.store.days.tables import AccountDayRow, DayGradeRow, UnitDayRow
from monitor.store.days.tallies import load_unit_days
from monitor.store.tables import ChatMessageRow, GroupRow, OfficialAccountRow, table_of
from monitor.store.work_tables import AlertRow, AuditRow, JobSlotRow
from monitor.units import Role
from monitor.usecases.days.close_day import CloseReport, close_day, close_late_groups
from monitor.usecases.days.receive import Receiver
from monitor.usecases.ledger.desk import Ledger
from monitor.usecases.ledger.groups import open_group
from monitor.usecases.ledger.topics import open_topic
from monitor.usecases.ledger.undo import undo
from scoring.rulebook import load_rulebook
from tests.cast import SOURCE, Cast
from tests.conftest import FrozenClock
from tests.monitor.outbox_help import bind, rows

DAY = date(2026, 11, 20)
RULEBOOK = load_rulebook()
EXTERNAL = {"LC0001": "10001", "LC0101": "10002", "YS0001": "10003", "YS0101": "10004", "QD0101": "10005"}


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00")


class Story:
    """Posts, notices and closes in a few words."""

    def __init__(self, database: Database, receiver: Receiver, clock: FrozenClock, cast: Cast) -> None:
        self.database, self.receiver, self.clock, self.cast = database, receiver, clock, cast
        self.n_events = 0

    def event(self, group: str, text: str, when: str, **more: Any) -> InboundEvent:
        self.n_events += 1
        fields: dict[str, Any] = {"sender_id": f"m{self.n_events}"} | more
        key = stable_key(str(self.n_events))
        return InboundEvent(
            kind=fields.pop("kind", EventKind.POST), source=SOURCE, event_key=fields.pop("key", key),
            occurred_at=at(when), place_id=EXTERNAL[group], text=text, **fields,
        )  # fmt: skip

    def post(self, group: str, text: str, when: str = "2026-11-20T12:00:00", n: int = 1, **more: Any) -> None:
        self.receiver.receive([self.event(group, text, when, **more) for _ in range(n)])

    def close(self, day: date = DAY, when: str = "2026-11-21T00:10:00") -> CloseReport:
        self.clock.now = max(self.clock.now, at(when))
        report = close_day(self.database, RULEBOOK, self.clock, day)
        assert report is not None
        return report

    def table(self, row: Any, *order: str) -> list[Any]:
        table = table_of(row)
        with self.database.reading() as connection:
            query = select(table).order_by(*(table.c[name] for name in order))
            return list(connection.execute(query).all())

    def grade(self, group: str, day: date = DAY) -> Any:
        found = [
            row
            for row in self.table(DayGradeRow)
            if (row.group_id, row.business_day) == (self.cast.groups[group], day)
        ]
        return found[0] if found else None

    def alerts(self, *, is_open: bool = True) -> set[str]:
        return {row.title for row in self.table(AlertRow) if (row.resolved_at is None) is is_open}


@pytest.fixture
def story(database: Database, receiver: Receiver, clock: FrozenClock, cast: Cast) -> Story:
    return Story(database, receiver, clock, cast)


def test_e04_a_day_without_any_source_has_no_grade_and_is_no_data(story: Story) -> None:
    story.close()
    grade = story.grade("LC0001")
    assert (grade.n_posts, grade.activity, grade.duty, grade.status) == (None, None, "无数据", "待补充")
    assert grade.n_members is None


def test_a_day_with_a_working_source_and_no_post_is_zero_and_poor(story: Story) -> None:
    story.post("LC0001", "", kind=EventKind.NOTICE)
    story.close()
    grade = story.grade("LC0001")
    assert (grade.n_posts, grade.n_members, grade.activity, grade.duty) == (0, 0, "差", "未达标")


def test_e06_midnight_parts_the_days_and_the_close_makes_the_grade_final(
    story: Story, host_zone: str
) -> None:
    assert host_zone
    story.clock.now = at("2026-11-21T00:00:30")
    story.post("LC0001", "志愿服务一", "2026-11-20T09:00:00", 2)
    story.post("LC0001", "志愿服务二", "2026-11-20T23:59:59")
    story.post("LC0001", "志愿服务三", "2026-11-21T00:00:00")
    story.close()
    assert (story.grade("LC0001").n_posts, story.grade("LC0001").activity) == (3, "一般")
    story.close(date(2026, 11, 21), "2026-11-22T00:10:00")
    assert story.grade("LC0001", date(2026, 11, 21)).n_posts == 1


@pytest.mark.parametrize(
    ("group", "on_topic", "other", "activity", "duty"),
    [
        ("LC0001", 0, 12, "优秀", "未达标"),  # a
        ("LC0001", 1, 0, "差", "达标"),  # b
        ("YS0101", 0, 4, "一般", "无微话题"),  # c
    ],
)
def test_e12_activity_and_duty_are_independent(
    story: Story, group: str, on_topic: int, other: int, activity: str, duty: str
) -> None:
    if on_topic:
        story.post(group, "志愿服务报名开始", n=on_topic)
    if other:
        story.post(group, "晚饭吃什么", n=other)
    story.close()
    assert (story.grade(group).activity, story.grade(group).duty) == (activity, duty)


def test_members_are_distinct_and_repeats_are_flagged_but_counted(story: Story) -> None:
    story.post("LC0001", "志愿服务", sender_id="a", n=2)
    story.post("LC0001", "志愿服务", sender_id="b")
    story.post("LC0001", "", sender_id="b", post_kind=PostKind.IMAGE, n=2)
    story.close()
    grade = story.grade("LC0001")
    assert (grade.n_posts, grade.n_members, grade.n_repeats) == (5, 2, 2)


def test_the_fuller_source_stands_for_the_messages_and_its_members_are_shown(story: Story) -> None:
    story.post("LC0001", "志愿服务", n=2)
    imported = [story.event("LC0001", f"志愿服务{n}", "2026-11-20T10:00:00") for n in range(4)]
    story.receiver.receive(imported, Provenance.IMPORTED)
    story.close()
    assert (story.grade("LC0001").n_posts, story.grade("LC0001").n_members) == (4, 4)


def test_roll_ups_add_the_whole_subtree_of_every_unit(story: Story) -> None:
    story.post("LC0101", "青年大学习", n=3)
    story.post("LC0001", "无关", n=7)
    story.close()
    units = story.cast.units
    with story.database.reading() as connection:
        found = load_unit_days(connection, list(units.values()), Period(DAY, DAY))
    tallies = {code: found[unit_id].get(DAY) for code, unit_id in units.items()}
    assert tallies["LC0101"] == DutyTally(DAY, n_groups=1, n_met=1, n_fair=1, n_posts=3, n_relevant=3)
    assert tallies["LC01"] == tallies["LC0101"]
    assert tallies["LC"] == DutyTally(
        DAY, n_groups=2, n_met=1, n_not_met=1, n_fair=1, n_good=1, n_posts=10, n_relevant=3
    )
    assert tallies["QS"] == DutyTally(
        DAY, n_groups=5, n_met=1, n_not_met=1, n_no_topic=1, n_no_data=2, n_fair=1, n_good=1,
        n_posts=10, n_relevant=3,
    )  # fmt: skip


def test_closing_again_gives_the_same_rows_and_no_second_message(story: Story) -> None:
    bind(story.database, story.cast.units["LC"], bound_at=story.clock())
    story.post("LC0001", "无关", n=2)
    first = story.close()
    before = [story.table(row) for row in (DayGradeRow, UnitDayRow, AccountDayRow, AlertRow, AuditRow)]
    messages = rows(story.database)
    again = story.close()
    after = [story.table(row) for row in (DayGradeRow, UnitDayRow, AccountDayRow, AlertRow, AuditRow)]
    assert (first.n_written, again.n_written, again.n_alerts) == (5, 0, 0)
    assert before == after
    assert rows(story.database) == messages
    assert len(messages) == 1


def test_a_closed_group_is_left_out_and_an_unborn_one_too(story: Story) -> None:
    group = table_of(GroupRow)
    closed = update(group).where(group.c.code == "LC0001").values(closed_on=DAY - timedelta(days=1))
    unborn = update(group).where(group.c.code == "LC0101").values(opened_on=DAY + timedelta(days=1))
    story.database.write(lambda connection: (connection.execute(closed), connection.execute(unborn)))
    assert story.close().n_groups == 3
    assert story.grade("LC0001") is None
    assert story.grade("LC0101") is None


def test_a_day_that_is_not_over_cannot_be_closed(story: Story) -> None:
    with pytest.raises(StateError):
        close_day(story.database, RULEBOOK, story.clock, business_day(story.clock()))
    assert story.table(JobSlotRow) == []


def test_grades_and_slot_are_written_together_or_not_at_all(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("in the middle")

    story.post("LC0001", "无关")
    with monkeypatch.context() as patch:
        patch.setattr("monitor.store.days.grades.save_tallies", fail)
        with pytest.raises(RuntimeError):
            story.close()
    assert story.table(DayGradeRow) == story.table(JobSlotRow) == []
    story.close()
    with story.database.reading() as connection:
        assert is_day_closed(connection, DAY)


def test_a_post_between_snapshot_and_write_is_not_missed(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    from monitor.usecases.days import close_day as module

    real = module._Day.judge

    def judge_then_receive(self: Any, groups: Any) -> None:
        real(self, groups)
        if story.n_events == 1:
            story.clock.now = at("2026-11-21T00:10:00")
            story.post("LC0001", "志愿服务", "2026-11-20T23:59:00", 3)

    story.post("LC0001", "志愿服务")
    monkeypatch.setattr(module._Day, "judge", judge_then_receive)
    story.close()
    assert (story.grade("LC0001").n_posts, story.grade("LC0001").n_members) == (4, 4)
    assert not story.grade("LC0001").has_late_posts


def test_what_is_taken_back_between_snapshot_and_write_is_not_missed(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    from monitor.usecases.days import close_day as module

    real, taken = module._Day.judge, []
    ledger, inspector = Ledger(story.database, story.clock), story.cast.viewer("QS", Role.INSPECTOR)
    story.clock.now = at("2026-11-20T23:58:00")
    topic = ledger.write(inspector, lambda clerk: open_topic(clerk, "YS0101", "晚间话题", ()))
    group = ledger.write(inspector, lambda clerk: open_group(clerk, "晚间新群", 40))

    def judge_then_undo(self: Any, groups: Any) -> None:
        real(self, groups)
        if not taken:
            taken.append(len(groups))
            for acted in (topic, group):
                assert ledger.write(inspector, lambda clerk, acted=acted: undo(clerk, acted.number))

    monkeypatch.setattr(module._Day, "judge", judge_then_undo)
    story.close(when="2026-11-21T00:05:00")
    assert taken == [len(story.table(DayGradeRow)) + 1]
    assert story.grade("YS0101").duty == "无微话题"


def test_a_late_post_makes_the_day_provisional_and_it_is_closed_again_exactly_once(story: Story) -> None:
    story.post("LC0001", "志愿服务", n=2)
    story.post("LC0101", "无关", n=4)
    story.close()
    before = story.grade("LC0101")
    story.clock.now = at("2026-11-21T00:20:00")
    story.post("LC0001", "志愿服务", "2026-11-20T23:00:00", 4)
    assert (story.grade("LC0001").status, story.grade("LC0001").activity) == ("暂定", "差")
    (report,) = close_late_groups(story.database, RULEBOOK, story.clock)
    assert (report.n_written, report.n_changed_grades) == (1, 1)
    assert (story.grade("LC0001").n_posts, story.grade("LC0001").activity) == (6, "良好")
    assert not story.grade("LC0001").has_late_posts
    assert story.grade("LC0101") == before
    assert close_late_groups(story.database, RULEBOOK, story.clock) == []
    (audit,) = story.table(AuditRow)
    assert audit.subject == f"group:{story.cast.groups['LC0001']}:2026-11-20"
    assert (audit.detail["before"]["activity"], audit.detail["after"]["activity"]) == ("差", "良好")
    root = [row for row in story.table(UnitDayRow) if row.unit_id == story.cast.units["QS"]]
    assert (root[0].n_posts, root[0].n_good, root[0].n_poor) == (10, 1, 0)


def test_a_late_recall_lowers_the_grade_with_an_audit_entry(story: Story) -> None:
    posts = [story.event("LC0001", f"志愿服务{n}", "2026-11-20T12:00:00") for n in range(3)]
    story.receiver.receive(posts)
    story.close()
    recall = story.event("LC0001", "", "2026-11-21T00:15:00", kind=EventKind.RECALL)
    recalled = InboundEvent(
        EventKind.RECALL, SOURCE, recall.event_key, recall.occurred_at, recall.place_id,
        message_key=posts[0].event_key,
    )  # fmt: skip
    story.clock.now = at("2026-11-21T00:15:00")
    story.receiver.receive([recalled])
    (report,) = close_late_groups(story.database, RULEBOOK, story.clock)
    assert (story.grade("LC0001").n_posts, story.grade("LC0001").activity) == (2, "差")
    assert report.n_changed_grades == len(story.table(AuditRow)) == 1


def test_an_account_that_was_heard_without_article_gets_0_and_a_silent_one_no_row(story: Story) -> None:
    chat = {
        "account": "demo", "event_key": 1, "address": "o1", "received_at": at("2026-11-20T23:59:59"),
        "text": "状态", "reply": "",
    }  # fmt: skip
    too_late = chat | {"account": "lcqn", "event_key": 2, "received_at": at("2026-11-21T00:00:00")}
    table = table_of(ChatMessageRow)
    story.database.write(lambda connection: connection.execute(insert(table), [chat, too_late]))
    story.close()
    (row,) = story.table(AccountDayRow)
    assert (row.account_id, row.n_articles, row.n_events) == (story.cast.accounts["demo"], 0, 1)
    assert "青春青屿 公众号未发布" in story.alerts()
    assert not any("鹭川青年" in title for title in story.alerts())


def test_an_inactive_account_is_left_alone(story: Story) -> None:
    account = table_of(OfficialAccountRow)
    story.receiver.receive(
        [InboundEvent(EventKind.ACCOUNT, "demo", stable_key("x"), at("2026-11-20T12:00:00"))]
    )
    story.database.write(lambda c: c.execute(update(account).values(is_active=False)))
    story.close()
    assert not any("公众号" in title for title in story.alerts())

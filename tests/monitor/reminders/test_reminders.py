"""Reminders of today's duty: to whom, how firmly, until when; on both databases."""

from datetime import date, datetime, time
from typing import Any

import pytest
from sqlalchemy import select, update

from monitor.clock import business_day
from monitor.delivery.alerts import AlertKind, Finding
from monitor.delivery.outbox import MessageKind
from monitor.events import EventKind, InboundEvent, stable_key
from monitor.reminders.duty import Reminder, Tone
from monitor.schedule import REMINDERS, find_due_slot
from monitor.store.database import Database
from monitor.store.tables import GroupManagerRow, table_of
from monitor.store.work_tables import AlertRow
from monitor.texts.folding import MOST_BYTES
from monitor.texts.reminders import reminder_text
from monitor.units import Role
from monitor.usecases.days.close_day import close_day
from monitor.usecases.days.receive import Receiver
from monitor.usecases.delivery.notifications import Notifications
from monitor.usecases.reminders.remind import remind
from scoring.rulebook import load_rulebook
from tests.cast import SOURCE, Cast
from tests.conftest import FrozenClock
from tests.monitor.outbox_help import bind, rows

RULEBOOK = load_rulebook()
DAY = date(2026, 11, 20)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-20T{text}:00+08:00")


class Day:
    """One day with a manager of LC0001, an admin of its city and one of the province."""

    def __init__(self, database: Database, receiver: Receiver, clock: FrozenClock, cast: Cast) -> None:
        self.database, self.receiver, self.clock, self.cast = database, receiver, clock, cast
        clock.now = at("09:00")
        self.manager = bind(
            database, cast.units["LC"], Role.GROUP_MANAGER, group_id=cast.groups["LC0001"], bound_at=clock()
        )
        self.admin = bind(database, cast.units["LC"], bound_at=clock())
        bind(database, cast.units["QS"], bound_at=clock())
        bind(database, cast.units["QS"], Role.INSPECTOR, bound_at=clock())
        self.post("LC0001", "早上好")

    def post(self, group: str, text: str) -> None:
        external = {"LC0001": "10001", "LC0101": "10002", "YS0101": "10004"}[group]
        key = stable_key(group, text, str(self.clock()))
        self.receiver.receive([InboundEvent(EventKind.POST, SOURCE, key, self.clock(), external, text=text)])

    def remind(self, time: str) -> list[Any]:
        """Run the slot that is due and return what it queued."""
        self.clock.now = at(time)
        n_before = len(rows(self.database))
        slot = find_due_slot(REMINDERS, self.clock())
        if slot is not None:
            remind(self.database, RULEBOOK, self.clock, slot)
        return rows(self.database)[n_before:]

    def alert_id(self) -> int:
        table = table_of(AlertRow)
        with self.database.reading() as connection:
            return int(connection.execute(select(table.c.id).where(table.c.group_id == 1)).scalar_one())


@pytest.fixture
def day(database: Database, receiver: Receiver, clock: FrozenClock, cast: Cast) -> Day:
    return Day(database, receiver, clock, cast)


def test_the_reminder_grows_firmer_and_reaches_the_unit_above_at_nine(day: Day) -> None:
    (gentle,) = day.remind("12:00")
    (firm,) = day.remind("18:00")
    escalated = {row.recipient: row for row in day.remind("21:00")}
    assert (gentle.recipient, firm.recipient) == (day.manager, day.manager)
    assert set(escalated) == {day.manager, day.admin}
    assert len({gentle.text, firm.text, escalated[day.manager].text}) == 3
    assert "24:00" in firm.text
    assert "督促" in escalated[day.admin].text
    assert "LC0101" in escalated[day.admin].text, "its village has no admin of its own"
    assert all(row.kind == MessageKind.REMINDER for row in (gentle, firm, *escalated.values()))


def test_a_reminder_says_what_is_missing_how_fresh_it_is_and_how_to_stop_it(day: Day) -> None:
    (row,) = day.remind("12:07")
    number = day.alert_id()
    assert row.alert_id == number
    assert row.text.splitlines()[0] == "今日尚有 1 个群未完成每日发布"
    assert row.text.splitlines()[1] == "数据截至 12:07"
    assert "今日 1 条，话题相关 0 条" in row.text
    assert f"回复“确认 {number}”" in row.text


@pytest.mark.parametrize("n_groups", [9, 60, 2000])
def test_a_long_reminder_fits_and_says_how_to_get_the_numbers_it_has_no_room_for(n_groups: int) -> None:
    findings = [
        Finding(AlertKind.TODAY_UNMET, f"today_unmet:{n}:x", DAY, 1, "/1/", n, f"G{n:04}", "某群", "0 条")
        for n in range(n_groups)
    ]  # fmt: skip
    ids = {finding.key: 100_000 + n for n, finding in enumerate(findings)}
    _, text = reminder_text(Reminder("identity:1", False, findings), Tone.ESCALATED, ids, time(21, 0))
    assert len(text.encode()) <= MOST_BYTES
    assert text.count("编号 1000") == 8
    assert f"另有 {n_groups - 8} 个，编号可回复“提醒 群编号”查询：G0008" in text
    assert "回复“确认 100000”不再提醒该群" in text


def test_who_has_done_the_duty_is_not_reminded(day: Day) -> None:
    assert len(day.remind("12:00")) == 1
    day.post("LC0001", "志愿服务报名")
    assert day.remind("18:00") == []


def test_what_is_acknowledged_is_not_repeated_that_day_even_above(day: Day) -> None:
    day.remind("12:00")
    viewer = day.cast.viewer("LC", Role.GROUP_MANAGER, "LC0001")
    assert Notifications(day.database, day.clock).acknowledge(viewer, day.alert_id()).is_new
    assert day.remind("18:00") == []
    assert not any("LC0001" in row.text for row in day.remind("21:00"))


def test_no_data_is_said_as_such_and_never_as_not_met(day: Day) -> None:
    escalated = {row.recipient: row for row in day.remind("21:00")}
    line = next(line for line in escalated[day.admin].text.splitlines() if "LC0101" in line)
    assert "❔今日尚无数据" in line
    assert "未达标" not in line


def test_a_slot_runs_once_and_not_later_than_an_hour(day: Day) -> None:
    assert len(day.remind("12:10")) == 1
    assert day.remind("12:20") == []
    assert day.remind("19:01") == []


def test_in_quiet_hours_nobody_is_reminded(day: Day) -> None:
    slot = at("21:00")
    day.clock.now = at("22:00")
    assert remind(day.database, RULEBOOK, day.clock, slot) == 0
    assert rows(day.database) == []


def test_a_manager_in_office_is_found_by_the_register_and_a_former_one_is_not(day: Day) -> None:
    person = bind(day.database, day.cast.units["LC"], Role.GROUP_MANAGER, bound_at=day.clock())
    table = table_of(GroupManagerRow)
    term = update(table).where(table.c.group_id == day.cast.groups["LC0101"])
    held = term.values(identity_id=int(person.partition(":")[2]))
    day.database.write(lambda connection: connection.execute(held))
    assert {row.recipient for row in day.remind("12:00")} == {day.manager, person}
    over = term.values(until=business_day(day.clock()).replace(day=19))
    day.database.write(lambda connection: connection.execute(over))
    assert {row.recipient for row in day.remind("18:00")} == {day.manager}


def test_the_close_of_the_day_ends_its_reminders(day: Day) -> None:
    day.remind("12:00")
    number = day.alert_id()
    day.clock.advance(hours=13)
    close_day(day.database, RULEBOOK, day.clock, business_day(at("12:00")))
    viewer = day.cast.viewer("LC")
    open_alerts = Notifications(day.database, day.clock).open_alerts(viewer)
    assert number not in {alert.alert_id for alert in open_alerts}
    assert "LC0001 鹭川团干群 未达标" in {alert.title for alert in open_alerts}

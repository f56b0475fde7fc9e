"""Reminder policies, deputies and working days on a clock; both databases where rows matter."""

from datetime import UTC, date, datetime, time

import pytest

from monitor.delivery.alerts import Watcher
from monitor.delivery.outbox import QuietHours
from monitor.errors import BadParameter, CommandError, NotFound
from monitor.jobs import JobRunner
from monitor.reminders.duty import Tone
from monitor.reminders.leaves import hand_over
from monitor.reminders.policies import default_policy, read_month_days, read_quiet, read_times
from monitor.schedule import REMINDERS, Job, next_slots, slots_between
from monitor.store.database import Database
from monitor.store.work_tables import JobSlotRow
from monitor.units import Role
from monitor.usecases.delivery.send_alerts import AlertSender
from monitor.usecases.oversight.desk import Oversight
from monitor.usecases.reminders.desk import change_policy, import_workdays, read_policies, reset_policy
from monitor.workdays import Workdays
from scoring.rulebook import load_rulebook
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.monitor.days.test_receive import rows
from tests.monitor.outbox_help import BOOK


def test_holidays_of_a_known_year_are_those_of_the_state() -> None:
    days = Workdays()
    assert not days.is_workday(date(2026, 10, 1))
    assert days.is_workday(date(2026, 11, 20))
    assert days.banner(date(2026, 11, 20), date(2026, 12, 31)) == ""


def test_an_unknown_year_is_monday_to_friday_and_says_so() -> None:
    days = Workdays()
    assert (days.is_workday(date(2031, 10, 1)), days.is_workday(date(2031, 10, 4))) == (True, False)
    assert days.banner(date(2031, 12, 1), date(2032, 1, 10)) == "节假日表缺 2031、2032 年，按周一至周五"


def test_an_imported_day_comes_before_everything_and_makes_its_year_known() -> None:
    days = Workdays({date(2031, 10, 1): False, date(2031, 10, 4): True})
    assert (days.is_workday(date(2031, 10, 1)), days.is_workday(date(2031, 10, 4))) == (False, True)
    assert days.banner(date(2031, 1, 1), date(2031, 12, 31)) == ""


@pytest.mark.parametrize(("n_days", "last"), [(0, 20), (1, 23), (5, 27), (6, 30)])
def test_working_days_are_added_over_weekends(n_days: int, last: int) -> None:
    assert Workdays().add(date(2026, 11, 20), n_days) == date(2026, 11, last)


def test_the_first_slot_is_gentle_and_only_the_last_tells_the_parent() -> None:
    policy = default_policy("reminders")
    assert [policy.tone_at(at) for at in policy.times] == [Tone.GENTLE, Tone.FIRM, Tone.ESCALATED]


@pytest.mark.parametrize("text", ["", "25:00", "12:60", "12", "a", "1:00,2:00,3:00,4:00,5:00,6:00,7:00"])
def test_times_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(BadParameter):
        read_times(text)


def test_what_people_write_is_read() -> None:
    assert read_times("18:00，9:30") == (time(9, 30), time(18, 0))
    assert read_quiet("21:00-08:00") == QuietHours(time(21), time(8))
    assert (read_month_days("15,1"), read_month_days("")) == ((1, 15), ())
    with pytest.raises(BadParameter):
        read_month_days("31")


def test_a_deputy_stands_in_once_whatever_the_chain() -> None:
    manager, admin = Role.GROUP_MANAGER, Role.UNIT_ADMIN
    people = [
        Watcher(1, manager, "/1/2/", frozenset({10})),
        Watcher(2, manager, "/1/2/", frozenset({11})),
        Watcher(3, admin, "/1/2/"),
        Watcher(4, admin, "/1/2/"),
    ]
    told = hand_over(people, {1: 2, 3: 4, 4: 3})
    assert [(one.identity_id, one.role, one.group_ids) for one in told] == [
        (2, manager, frozenset({10, 11})),
        (4, admin, frozenset()),
        (3, admin, frozenset()),
    ]


def test_slots_to_come_and_gone() -> None:
    now = datetime(2026, 11, 20, 7, 0, tzinfo=UTC)  # Friday 15:00
    assert [slot.hour for slot in next_slots(REMINDERS, now)] == [10, 13, 4]
    monday = Job("monday", (time(9, 0),), REMINDERS.longest_delay, weekdays=(0,))
    assert [slot.day for slot in next_slots(monday, now)] == [23, 30, 7]
    assert [slot.hour for slot in slots_between(REMINDERS, now.replace(hour=0), now)] == [4]


def test_a_changed_policy_moves_the_reminders_and_default_brings_them_back(
    database: Database, cast: Cast, clock: FrozenClock
) -> None:
    oversight, province = Oversight(database, clock), cast.viewer("QS", Role.INSPECTOR)
    sender = AlertSender(database, {}, BOOK, clock)
    runner = JobRunner(database, load_rulebook(), clock, sender)

    def slots() -> list[int]:
        runner.run_due()
        taken = [row.slot for row in rows(database, JobSlotRow) if row.job == "reminders"]
        return sorted(slot.astimezone(UTC).hour for slot in taken)

    times = (time(10, 30), time(16, 0))
    oversight.write(province, lambda chair: change_policy(chair, "reminders", times=times))
    assert slots() == []  # 10:30 was over when it was set
    clock.now = datetime(2026, 11, 20, 8, 10, tzinfo=UTC)  # 16:10
    assert slots() == [8]
    clock.now = datetime(2026, 11, 20, 10, 10, tzinfo=UTC)  # 18:10, a time of the default only
    assert slots() == [8]
    oversight.write(province, lambda chair: reset_policy(chair, "每日发布"))
    assert slots() == [8, 10]
    oversight.write(province, lambda chair: change_policy(chair, "reminders", is_on=False))
    clock.now = datetime(2026, 11, 20, 13, 10, tzinfo=UTC)
    assert slots() == [8, 10]


def test_only_the_province_sets_policies_and_quiet_times_are_refused(
    database: Database, cast: Cast, clock: FrozenClock
) -> None:
    oversight, province = Oversight(database, clock), cast.viewer("QS", Role.INSPECTOR)
    with pytest.raises(CommandError):
        oversight.write(cast.viewer("LC"), lambda chair: change_policy(chair, "reminders", is_on=False))
    with pytest.raises(BadParameter):
        oversight.write(province, lambda chair: change_policy(chair, "reminders", times=(time(23, 0),)))
    with pytest.raises(NotFound):
        oversight.write(province, lambda chair: change_policy(chair, "nothing", is_on=False))
    assert all(not policy.changed_by for policy in oversight.read(cast.viewer("LC"), read_policies))


def test_importing_working_days_again_changes_nothing(
    database: Database, cast: Cast, clock: FrozenClock
) -> None:
    oversight, province = Oversight(database, clock), cast.viewer("QS", Role.INSPECTOR)
    days = {date(2027, 2, 6): (True, "春节调休"), date(2027, 2, 8): (False, "")}
    assert oversight.write(province, lambda chair: import_workdays(chair, days)) == 2
    assert oversight.write(province, lambda chair: import_workdays(chair, days)) == 0

"""What runs by itself for the Guangdong assessment, with a moving clock; both databases."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.replies.assessment import tell_risks
from monitor.assessment.frozen_rules import Selection
from monitor.clock import as_shanghai
from monitor.delivery.outbox import MessageKind
from monitor.index.audience import Audience, read_audience, read_place
from monitor.index.periods import RunKind, RunPeriod, month_period, week_period, year_period
from monitor.index.videos import NewVideo
from monitor.jobs import JobRunner
from monitor.store.index import runs as index_runs
from monitor.store.index.runs import Run
from monitor.store.operations import job_slots
from monitor.units import Role
from monitor.usecases.assessment.risk import find_risks
from monitor.usecases.assessment.sheets import Assessments
from monitor.usecases.assessment.sitting import Desk
from monitor.usecases.delivery.send_alerts import AlertSender
from monitor.usecases.index.jobs import INDEX_TASKS, MONTH_RUN, RUN_AGAIN, WEEK_RUN, YEAR_RUN
from monitor.usecases.index.run import IndexRuns
from monitor.usecases.index.submit_video import VideoDesk
from monitor.usecases.operations.scheduled import ScheduledTask
from monitor.usecases.reminders.dues import VIDEO_DUE, SelfAssessmentReminders, remind_of_videos
from monitor.usecases.rules.in_force import AnyRules, RuleSource
from tests.cast import Cast
from tests.monitor.index_stage import MEDIA, RULES, IndexStage
from tests.monitor.outbox_help import BOOK, bind, rows

TASKS = (
    *INDEX_TASKS,
    ScheduledTask(VIDEO_DUE, remind_of_videos),
    SelfAssessmentReminders(Desk()).task(),
)
NAMES = frozenset(task.job.name for task in TASKS)
AUDIENCE = read_audience(
    ["province.inspector"],
    ["province.leader", "province.inspector", "city.unit_admin", "school.unit_admin"],
    ["province.leader", "province.inspector", "school.unit_admin", "school.leader"],
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00")


class Play:
    """The stage with a runner whose alarm clock rings when a test says so."""

    def __init__(self, stage: IndexStage, rules: AnyRules | None = None) -> None:
        self.stage, self.database, self.clock = stage, stage.database, stage.clock
        sender = AlertSender(self.database, {}, BOOK, self.clock)
        self.runner = JobRunner(self.database, rules or RuleSource(), self.clock, sender, tasks=TASKS)

    def wake(self, text: str) -> list[str]:
        """Ring at an instant; returns which of the tasks did something."""
        self.clock.now = at(text)
        return [name for name in self.runner.run_due() if name in NAMES]

    def live(self, until: str, **step: float) -> None:
        """Ring again and again until an instant."""
        while self.clock() < at(until):
            self.runner.run_due()
            self.clock.advance(**step)

    def bind(self, unit: str, role: Role = Role.UNIT_ADMIN) -> str:
        return bind(self.database, self.stage.units[unit], role, bound_at=self.clock())

    def messages(self, kind: MessageKind, recipient: str | None = None) -> list[Any]:
        return [row for row in rows(self.database) if row.kind == kind and recipient in (None, row.recipient)]

    def run_of(self, period: RunPeriod) -> Run | None:
        with self.database.reading() as connection:
            return index_runs.find_run(connection, period)

    def slots(self, job: str) -> list[str]:
        with self.database.reading() as connection:
            found = job_slots.load_slots(connection, job, at("2000-01-01T00:00"))
        return sorted(f"{as_shanghai(slot):%Y-%m-%d %H:%M}" for slot in found)

    def publish(self, period: RunPeriod, audience: Audience = AUDIENCE) -> None:
        run = self.run_of(period)
        assert run is not None
        IndexRuns(self.database, self.clock, MEDIA, audience).publish(run.run_id, "test")


@pytest.fixture
def play(index_stage: IndexStage) -> Play:
    return Play(index_stage)


SUNDAY = 7
WEEK = week_period(date(2019, 3, 5))  # Sunday March 3 to Saturday March 9
MONDAYS = RuleSource(preset=Selection(choices=(("D-16", "monday"),)))


def test_the_week_is_run_on_the_sunday_after_its_end_and_not_a_minute_before(play: Play) -> None:
    play.stage.articles("QD", ["2019-03-04", "2019-03-05", "2019-03-09"])
    play.wake("2019-03-09T23:59:59")
    assert play.run_of(WEEK) is None
    play.wake("2019-03-10T05:49:59")
    assert play.run_of(WEEK) is None
    assert WEEK_RUN.name in play.wake("2019-03-10T05:50:00")
    run = play.run_of(WEEK)
    assert run is not None
    assert play.wake("2019-03-10T05:50:20") == []
    assert play.wake("2019-03-11T05:50:00") == [WEEK_RUN.name]  # Monday: the slot finds nothing to do
    again = play.run_of(WEEK)
    assert again is not None
    assert again.computed_at == run.computed_at


def test_with_weeks_from_monday_the_week_is_run_on_monday(index_stage: IndexStage) -> None:
    play = Play(index_stage, MONDAYS)
    from_monday = week_period(date(2019, 3, 5), starts_on="monday")
    assert from_monday.last_day == date(2019, 3, 10)
    play.wake("2019-03-10T08:00:00")
    play.wake("2019-03-11T05:49:59")
    assert play.run_of(from_monday) is None
    assert WEEK_RUN.name in play.wake("2019-03-11T05:50:00")
    assert play.run_of(from_monday) is not None


def test_a_week_missed_on_sunday_is_made_up_and_a_preview_of_the_open_week_does_not_count(
    play: Play,
) -> None:
    play.clock.now = at("2019-03-08T12:00:00")
    play.stage.run(WEEK)
    assert WEEK_RUN.name in play.wake("2019-03-12T14:00:00")
    run = play.run_of(WEEK)
    assert run is not None
    assert run.computed_at == at("2019-03-12T14:00:00")


@pytest.mark.parametrize(
    ("now", "ran"),
    [
        ("2019-03-31T23:59:59", False),
        ("2019-04-01T00:00:00", False),
        ("2019-04-01T05:59:59", False),
        ("2019-04-01T06:00:00", True),
        ("2019-04-20T12:00:00", True),
        ("2019-04-22T12:00:00", False),
    ],
)
def test_the_month_that_ended_is_run_on_the_first(play: Play, now: str, ran: bool) -> None:
    assert (MONTH_RUN.name in play.wake(now)) is ran
    march = month_period(date(2019, 3, 1))
    assert (play.run_of(march) is not None) is ran
    assert (play.run_of(month_period(date(2019, 3, 1), RunKind.WCI_MONTH)) is not None) is ran


def test_a_month_says_what_is_missing_is_run_again_when_facts_come_and_is_told_when_published(
    play: Play,
) -> None:
    inspector, leader = play.bind("QS", Role.INSPECTOR), play.bind("QS", Role.LEADER)
    school, city, other = play.bind("QD"), play.bind("LC"), play.bind("QA")
    march = month_period(date(2019, 3, 1))
    play.stage.ratio("QD", "GD-3.1c", 94, 100)
    play.stage.ratio("LD", "GD-3.1c", 50, 50)
    play.wake("2019-04-01T06:00:00")
    (preview,) = [m for m in play.messages(MessageKind.REPORT, inspector) if "月度考核" in m.title]
    assert preview.title.startswith("月度考核 2019-03 已运行：暂定，缺 ")
    assert "缺 团费收缴" in preview.text
    assert "QA、QB" in preview.text
    assert "QD" not in next(line for line in preview.text.splitlines() if line.startswith("缺 团费收缴"))
    assert {m.recipient for m in play.messages(MessageKind.REPORT)} == {inspector}
    play.wake("2019-04-01T06:30:00")
    play.stage.ratio("QA", "GD-3.1c", 99, 100)
    first = play.run_of(march)
    assert first is not None
    assert RUN_AGAIN.name in play.wake("2019-04-02T06:30:00")
    second = play.run_of(march)
    assert second is not None
    assert second.computed_at > first.computed_at
    play.wake("2019-04-03T06:30:00")
    third = play.run_of(march)
    assert third is not None
    assert third.computed_at == second.computed_at, "nothing changed, nothing is run"
    play.publish(march)
    told = {m.recipient: m for m in play.messages(MessageKind.REPORT) if "已发布" in m.title}
    assert set(told) == {inspector, leader, school, city, other}
    assert told[school].title.startswith("青屿大学团委 月度考核 2019-03 已发布")
    assert "第一部分 1 项" in told[school].text
    assert "青屿师范学院" not in told[school].text
    assert told[city].title.startswith("鹭川团市委 月度考核 2019-03 已发布")
    assert "青屿师范学院团委" in told[leader].text
    play.publish(march)
    assert len([m for m in play.messages(MessageKind.REPORT) if "已发布" in m.title]) == 5


def test_a_published_month_is_left_alone(play: Play) -> None:
    play.clock.now = at("2019-04-01T00:30:00")
    march = month_period(date(2019, 3, 1))
    report = play.stage.publish(march)
    play.wake("2019-04-01T06:00:00")
    run = play.run_of(march)
    assert run is not None
    assert (run.run_id, run.computed_at) == (report.run_id, at("2019-04-01T00:30:00"))


def test_a_year_is_told_to_leaders_of_schools_too_and_a_month_is_not(play: Play) -> None:
    leader = play.bind("QD", Role.LEADER)
    play.clock.now = at("2020-01-01T07:00:00")
    for period in (month_period(date(2019, 12, 1)), year_period(2019)):
        play.stage.run(period)
        play.publish(period)
    assert [m.title for m in play.messages(MessageKind.REPORT, leader)] == [
        "青屿大学团委 年度考核 2019 已发布：无数据"
    ]


def test_a_full_month_runs_every_slot_once(play: Play) -> None:
    play.bind("QS", Role.INSPECTOR)
    play.clock.now = at("2019-03-01T00:00:00")
    play.live("2019-04-02T00:00:00", hours=3)
    assert play.slots(WEEK_RUN.name) == [
        f"2019-{day} 05:50"
        for day in (
            "02-25", "03-03", "03-04", "03-10", "03-11", "03-17", "03-18", "03-24", "03-25", "03-31", "04-01",
        )
    ]  # fmt: skip
    assert play.slots(MONTH_RUN.name) == ["2019-03-01 06:00", "2019-04-01 06:00"]
    assert play.slots(VIDEO_DUE.name) == ["2019-03-15 09:00"]
    keys = [row.idempotency_key for row in rows(play.database)]
    assert len(keys) == len(set(keys))
    titles = [m.title for m in play.messages(MessageKind.REPORT)]
    assert sum("微信周榜" in title for title in titles) == 6
    assert sum("月度考核" in title for title in titles) == 2


def test_a_full_year_ends_in_twelve_months_fifty_two_weeks_and_a_year(play: Play) -> None:
    play.bind("LC")
    play.clock.now = at("2019-01-02T09:05:00")
    while play.clock() < at("2020-01-03T00:00:00"):
        today = as_shanghai(play.clock())
        if today.isoweekday() == SUNDAY or today.day in (1, 15, 25):  # nothing is due on other days
            play.runner.run_due()
        play.clock.advance(days=1)
    assert all(play.run_of(month_period(date(2019, month, 1))) for month in range(1, 13))
    saturdays = [date(2019, 1, 5) + timedelta(days=7 * n) for n in range(52)]
    assert all(play.run_of(week_period(day)) for day in saturdays)
    assert play.run_of(year_period(2019)) is not None
    assert play.run_of(year_period(2018)) is None, "before the rules were in force"
    assert play.slots(YEAR_RUN.name) == ["2019-01-01 06:10", "2020-01-01 06:10"]
    assert play.slots("self_assessment_due") == [f"2019-12-{day} 09:00" for day in ("01", "15", "25")]
    assert len(play.slots(VIDEO_DUE.name)) == 12


def test_nothing_runs_where_there_are_no_schools(play: Play) -> None:
    play.stage.close_schools()
    play.wake("2019-04-01T06:00:00")
    assert play.run_of(month_period(date(2019, 3, 1))) is None
    assert play.slots(MONTH_RUN.name) == ["2019-04-01 06:00"]


@pytest.mark.parametrize("text", ["school", "school.pupil", "galaxy.leader", ""])
def test_an_unknown_place_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not one of"):
        read_place(text)


def test_schools_without_an_accepted_video_are_reminded_on_the_15th(play: Play, cast: Cast) -> None:
    missing, handed_in = play.bind("QD"), play.bind("QA")
    city = play.bind("LC")
    play.clock.now = at("2019-03-14T10:00:00")
    VideoDesk(play.database, play.clock, RULES).submit(
        cast.viewer("QS", Role.INSPECTOR), "QA", NewVideo("木棉花开", Decimal(15), 1080, 1920, "0" * 64)
    )
    play.wake("2019-03-15T08:59:59")
    assert play.messages(MessageKind.REMINDER) == []
    assert VIDEO_DUE.name in play.wake("2019-03-15T09:00:00")
    assert VIDEO_DUE.name not in play.wake("2019-03-15T09:00:20")
    told = {row.recipient: row.title for row in play.messages(MessageKind.REMINDER)}
    assert told == {
        missing: "2019-03 视听产品尚未投稿：青屿大学团委",
        city: "2019-03 视听产品尚未投稿：鹭川学院团委、鹭川职业学院团委",
    }
    assert handed_in not in told


@pytest.mark.parametrize("day", ["01", "15", "25"])
def test_units_that_have_not_handed_in_are_reminded_in_december_with_what_is_open(
    play: Play, day: str
) -> None:
    city = play.bind("LC")
    play.wake(f"2019-12-{day}T08:59:59")
    assert not [m for m in play.messages(MessageKind.REMINDER, city) if "自评" in m.title]
    assert "self_assessment_due" in play.wake(f"2019-12-{day}T09:00:00")
    assert "self_assessment_due" not in play.wake(f"2019-12-{day}T09:00:20")
    (told,) = [m for m in play.messages(MessageKind.REMINDER, city) if "自评" in m.title]
    assert told.title == "鹭川团市委 2019 年自评尚未提交"
    assert "未填" in told.text


def test_schools_at_risk_are_those_with_two_failures_in_one_part(play: Play, cast: Cast) -> None:
    play.stage.ratio("QD", "GD-3.1c", 94, 100)
    play.stage.ratio("QD", "GD-3.1a", 94, 100)
    play.stage.ratio("QA", "GD-3.1c", 94, 100)
    play.stage.ratio("QA", "GD-3.2d", 1, 100)
    play.stage.run(month_period(date(2019, 3, 1)))
    desk = Assessments(play.database, play.clock)
    report = desk.read(cast.viewer("QS", Role.INSPECTOR), lambda sitting: find_risks(sitting, 2019))
    assert [(risk.unit_code, risk.failed) for risk in report.schools] == [
        ("QD", (("1", ("学生团员报到", "团费收缴")),))
    ]
    assert report.index_period == "2019-03 月度考核"
    assert tell_risks(report, play.clock(), may_open_sheets=False).text.count("青屿大学团委：第一部分") == 1
    own = desk.read(cast.viewer("LC", Role.LEADER), lambda sitting: find_risks(sitting, 2019))
    assert own.schools == ()

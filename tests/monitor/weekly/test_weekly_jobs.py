"""The reminder of the due day and the flag of late reports, with a moving clock; both databases."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import text

from monitor.jobs import JobRunner
from monitor.store.database import Database
from monitor.store.tables import GroupRow, OfficialAccountRow, table_of
from monitor.units import Role, Viewer
from monitor.usecases.days.close_day import close_day
from monitor.usecases.delivery.send_alerts import AlertSender
from monitor.usecases.rules.changes import Ground, RuleChanges
from monitor.usecases.rules.in_force import RuleSource
from monitor.usecases.weekly.desk import NoWeeklyReport, WeeklyReports, load_report, submit, take_back
from monitor.usecases.weekly.reading import judge_years, load_year
from monitor.usecases.weekly.remind import WEEKLY_TASKS
from monitor.weekly import Week, WeeklyFigure, WeeklyState, year_words
from scoring.rulebook import load_rulebook
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.monitor.assess_help import Panel
from tests.monitor.outbox_help import BOOK, bind

W47, W53 = Week(date(2026, 11, 16)), Week(date(2026, 12, 28))
DUE, LATE = "weekly_due", "weekly_late"


def at(words: str) -> datetime:
    return datetime.fromisoformat(f"{words}+08:00").astimezone(UTC)


class Play:
    """The cast, the runner with both jobs, and unit administrators who submit."""

    def __init__(self, database: Database, cast: Cast, clock: FrozenClock) -> None:
        self.database, self.cast, self.clock = database, cast, clock
        self.rules = RuleSource()
        self.reports = WeeklyReports(database, clock, self.rules)
        sender = AlertSender(database, {}, BOOK, clock)
        self.runner = JobRunner(database, self.rules, clock, sender, tasks=WEEKLY_TASKS)

    def wake(self, words: str) -> list[str]:
        """Ring at an instant; returns which of the tasks did something."""
        self.clock.now = at(words)
        return [name for name in self.runner.run_due() if name in (DUE, LATE)]

    def submits(self, unit: str, week: Week) -> int:
        return self.reports.write(self.cast.viewer(unit), lambda desk: submit(desk, week)).number

    def states(self, year: int = 2026) -> dict[str, list[str]]:
        viewer = self.cast.viewer("QS", Role.INSPECTOR)
        years = self.reports.read(viewer, lambda desk: load_year(desk, year))
        return {
            each.unit.code: [
                f"{week.week.number}{week.state}"
                for week in each.weeks
                if week.state not in (WeeklyState.NOT_CALLED, WeeklyState.DRAFT)
            ]
            for each in years
        }

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self.database.reading() as connection:
            return [tuple(row) for row in connection.execute(text(sql))]

    def open_alerts(self) -> list[str]:
        sql = "SELECT title FROM alert WHERE kind = '周报未交' AND resolved_at IS NULL ORDER BY title"
        return [row[0] for row in self.rows(sql)]


@pytest.fixture
def play(database: Database, cast: Cast, clock: FrozenClock) -> Play:
    return Play(database, cast, clock)


@pytest.mark.usefixtures("host_zone")
def test_monday_reminds_once_and_flags_once_who_has_not_reported(play: Play) -> None:
    for unit in ("LC", "YS"):
        bind(play.database, play.cast.units[unit], bound_at=play.clock())
    assert DUE not in play.wake("2026-11-23T08:59:59")
    assert DUE in play.wake("2026-11-23T09:00")
    assert DUE not in play.wake("2026-11-23T09:01")
    assert play.rows("SELECT outcome FROM job_slot WHERE job = 'weekly_due' ORDER BY slot DESC LIMIT 1") == [
        ("2026-W47 3 个单位待交，提醒 2 人，1 个单位没有管理员",)
    ]
    reminders = "SELECT recipient, title FROM outbox WHERE kind = '提醒' ORDER BY recipient"
    assert [title for _, title in play.rows(reminders)] == ["微信周报待提交：2026年第47周"] * 2
    play.submits("LC", W47)
    play.wake("2026-11-23T12:00:59")
    assert play.open_alerts() == []
    play.wake("2026-11-23T12:01")
    assert play.open_alerts() == ["云杉团市委 周报未交", "青屿大学团委 周报未交"]
    play.wake("2026-11-23T18:01")
    play.wake("2026-11-24T12:01")
    assert play.rows("SELECT count(*) FROM alert") == [(2,)]
    told = play.rows("SELECT count(*) FROM outbox WHERE title LIKE '周报未交%'")
    assert told == [(1,)]
    assert play.states() == {"LC": ["47已交"], "QD": ["47未交"], "YS": ["47未交"]}


def test_handing_in_late_ends_the_alert_and_taking_it_back_opens_it_again(play: Play) -> None:
    play.wake("2026-11-23T09:00")
    play.wake("2026-11-23T12:01")
    number = play.submits("YS", W47)
    assert play.open_alerts() == ["青屿大学团委 周报未交", "鹭川团市委 周报未交"]
    assert play.states()["YS"] == ["47逾期"]
    assert play.reports.write(play.cast.viewer("YS"), lambda desk: take_back(desk, number))
    assert "云杉团市委 周报未交" in play.open_alerts()
    assert play.states()["YS"] == ["47未交"]
    assert play.reports.write(play.cast.viewer("LC"), lambda desk: take_back(desk, number)) is None


def test_the_nightly_close_leaves_these_alerts_alone(play: Play) -> None:
    play.wake("2026-11-23T09:00")
    play.wake("2026-11-23T12:01")
    before = play.open_alerts()
    play.clock.now = at("2026-11-24T00:10")
    close_day(play.database, load_rulebook(), play.clock, date(2026, 11, 23))
    assert (len(before), play.open_alerts()) == (3, before)


def test_nothing_is_missing_before_the_first_call(play: Play) -> None:
    play.wake("2026-11-25T12:01")
    assert (play.open_alerts(), play.states()["LC"]) == ([], [])
    viewer = play.cast.viewer("QS", Role.INSPECTOR)
    years = play.reports.read(viewer, lambda desk: load_year(desk, 2026))
    assert {len(each.weeks) for each in years} == {48}
    assert year_words(years[0], 2026) == "2026 年微信周报：❔尚未征集（HN-4.1a）"


def test_weeks_nobody_could_call_during_an_outage_are_flagged_afterwards(play: Play) -> None:
    play.wake("2026-11-23T09:00")
    play.submits("LC", W47)
    play.wake("2026-12-08T10:00")
    assert play.states()["LC"] == ["47已交", "48未交", "49未交"]
    assert play.rows("SELECT count(*) FROM alert WHERE kind = '周报未交'") == [(3 + 3 + 2,)]


@pytest.mark.usefixtures("host_zone")
def test_week_53_is_due_on_the_fourth_of_january_and_belongs_to_the_old_year(play: Play) -> None:
    play.wake("2027-01-04T09:00")
    play.submits("LC", W53)
    play.wake("2027-01-04T12:01")
    assert play.states(2026) == {"LC": ["53已交"], "QD": ["53未交"], "YS": ["53未交"]}
    assert play.states(2027)["LC"] == []
    viewer = play.cast.viewer("QS", Role.INSPECTOR)
    years = play.reports.read(viewer, lambda desk: load_year(desk, 2026))
    assert {len(each.weeks) for each in years} == {53}


def test_another_due_day_moves_reminder_and_flag(play: Play) -> None:
    inspector = play.cast.viewer("QS", Role.INSPECTOR)
    changes = RuleChanges(play.database, play.rules, play.clock)
    play.clock.now = at("2026-11-20T15:00")
    changes.select(inspector, "D-05", "wednesday", Ground("办公会议纪要", effective_from=date(2026, 11, 20)))
    play.wake("2026-11-23T09:00")
    assert play.rows("SELECT count(*) FROM weekly_call") == [(0,)]
    play.wake("2026-11-25T09:00")
    play.submits("LC", W47)
    play.wake("2026-11-25T12:01")
    assert play.states() == {"LC": ["47已交"], "QD": ["47未交"], "YS": ["47未交"]}


def test_a_due_day_changed_afterwards_moves_no_week_that_was_called(play: Play) -> None:
    play.wake("2026-11-23T09:00")
    inspector = play.cast.viewer("QS", Role.INSPECTOR)
    changes = RuleChanges(play.database, play.rules, play.clock)
    changes.select(inspector, "D-05", "friday", Ground("办公会议纪要", effective_from=date(2026, 11, 1)))
    play.wake("2026-11-23T12:01")
    assert len(play.open_alerts()) == 3


def test_the_draft_is_that_of_its_week_and_accounts_are_the_difference_to_the_last_report(
    play: Play,
) -> None:
    def add(connection: Any) -> None:
        values = {"unit_id": play.cast.units["LC01"], "name": "新群", "member_count": 35}
        group = table_of(GroupRow)
        connection.execute(group.insert().values(id=90, code="N1", opened_on=date(2026, 11, 22), **values))
        connection.execute(group.insert().values(id=91, code="N2", opened_on=date(2026, 11, 23), **values))
        for number, key in ((90, "a"), (91, "b")):
            names = {"id": number, "key": key, "original_id": f"gh_{key}", "name": "新号"}
            adding = table_of(OfficialAccountRow).insert()
            connection.execute(adding.values(**names, unit_id=play.cast.units["LC"], is_active=True))

    play.clock.now = at("2026-11-22T10:00")
    play.submits("LC", W47.shift(-1))
    play.database.write(add)
    play.clock.now = at("2026-11-24T10:00")
    lc = play.cast.viewer("LC")
    first = play.reports.read(lc, lambda desk: load_report(desk, desk.find_own(), W47))
    second = play.reports.read(lc, lambda desk: load_report(desk, desk.find_own(), W47.shift(1)))
    members = WeeklyFigure.MEMBERS
    assert (first.opened, first.line(members).draft, first.line(members).difference) == (
        ("N1 新群",),
        115,
        35,
    )
    assert (second.opened, second.line(members).draft) == (("N2 新群",), 150)
    assert first.line(WeeklyFigure.ACCOUNTS_OPENED).draft == 2
    assert first.line(WeeklyFigure.ACCOUNTS_CLOSED).draft == 0


@pytest.mark.parametrize(
    ("unit", "role"),
    [
        ("LC01", Role.BRANCH_ADMIN),
        ("LC01", Role.UNIT_ADMIN),
        ("QS", Role.INSPECTOR),
        ("QS", Role.UNIT_ADMIN),
        ("LC", Role.GROUP_MANAGER),
    ],
)
def test_only_the_administrator_of_a_unit_below_the_root_reports(play: Play, unit: str, role: Role) -> None:
    viewer = play.cast.viewer(unit, role)
    with pytest.raises(NoWeeklyReport):
        play.reports.write(viewer, lambda desk: submit(desk, W47))


def test_a_viewer_sees_the_year_of_units_in_scope_only(play: Play) -> None:
    lc: Viewer = play.cast.viewer("LC", Role.LEADER)
    years = play.reports.read(lc, lambda desk: load_year(desk, 2026))
    assert [each.unit.code for each in years] == ["LC"]
    assert play.reports.read(lc, lambda desk: judge_years(desk, [], 2026)) == []


def test_two_submissions_at_once_make_one_version(play: Play) -> None:
    other = Database(play.database.url)
    twin = WeeklyReports(other, play.clock, play.rules)
    play.submits("LC", W47)
    again = twin.write(play.cast.viewer("LC"), lambda desk: submit(desk, W47))
    other.close()
    assert again.number == 0
    assert play.rows("SELECT count(*) FROM weekly_version") == [(1,)]


def test_the_years_reports_stand_beside_the_sheet_as_evidence_without_points(
    play: Play, panel: Panel
) -> None:
    play.wake("2026-11-23T09:00")
    play.submits("LC", W47)
    play.wake("2026-11-30T09:00")
    play.wake("2026-11-30T12:01")
    panel.own("HN-A1.3", "0")
    facts = {
        (line.item.id, fact.key): fact for line in panel.sheet().lines for fact in line.facts if fact.is_note
    }
    note = facts["HN-A3.1", "weekly_reports"]
    words = "2026 年微信周报应报 2 周：已交 1、逾期 0、未交 1（HN-4.1a，期限 D-05 默认）"
    assert (note.number, note.text) == (1, words)

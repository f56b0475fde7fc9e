"""What closing a day tells: alerts, once, to whom they concern."""

from datetime import date, timedelta

import pytest

from monitor.store.database import Database
from monitor.store.work_tables import AlertRow
from monitor.units import Role
from monitor.usecases.days.close_day import close_late_groups
from monitor.usecases.days.receive import Receiver
from monitor.usecases.delivery.notifications import Notifications
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.monitor.days.test_close_day import DAY, RULEBOOK, Story, at
from tests.monitor.outbox_help import bind, rows


@pytest.fixture
def story(database: Database, receiver: Receiver, clock: FrozenClock, cast: Cast) -> Story:
    return Story(database, receiver, clock, cast)


def test_the_closed_day_raises_its_alerts_once_and_a_better_day_ends_them(story: Story) -> None:
    story.post("LC0001", "无关", n=2)
    story.post("LC0101", "青年大学习", n=3)
    story.post("YS0101", "无关", n=3)
    story.close()
    assert {
        "LC0001 鹭川团干群 未达标",
        "LC0001 鹭川团干群 活跃度差",
        "YS0101 松坪青年群 无微话题",
    } <= story.alerts()
    assert not any("LC0101" in title for title in story.alerts())
    assert {row.level for row in story.table(AlertRow) if row.kind in ("未达标", "活跃度差")} == {3}
    assert {row.level for row in story.table(AlertRow) if row.kind == "无微话题"} == {4}
    story.clock.now = at("2026-11-21T20:00:00")
    story.post("LC0001", "志愿服务", "2026-11-21T12:00:00", 1)
    story.close(date(2026, 11, 21), "2026-11-22T00:10:00")
    ended = story.alerts(is_open=False)
    assert "LC0001 鹭川团干群 未达标" in ended
    assert "LC0001 鹭川团干群 活跃度差" in story.alerts(), "one post is still 差"


def test_a_late_post_that_heals_the_day_ends_its_alert(story: Story) -> None:
    story.post("LC0001", "无关", n=3)
    story.close()
    assert "LC0001 鹭川团干群 未达标" in story.alerts()
    story.clock.now = at("2026-11-21T00:20:00")
    story.post("LC0001", "志愿服务", "2026-11-20T23:00:00")
    close_late_groups(story.database, RULEBOOK, story.clock)
    assert "LC0001 鹭川团干群 未达标" in story.alerts(is_open=False)


def test_silence_is_reported_from_the_second_day_on_and_once(story: Story) -> None:
    story.post("LC0001", "志愿服务", "2026-11-20T12:00:00", 3)
    first = DAY
    for n_days in range(4):
        story.close(first + timedelta(days=n_days), f"2026-11-{21 + n_days}T00:10:00")
        silent = [row for row in story.table(AlertRow) if row.title == "LC0001 鹭川团干群 连续无数据"]
        assert len(silent) == (1 if n_days >= 2 else 0)
    assert "11-20" in silent[0].text
    assert not any("未达标" in row.title for row in story.table(AlertRow) if row.group_id == 1)


def test_a_silence_that_somebody_has_acknowledged_is_not_told_again_and_stays_open(story: Story) -> None:
    bind(story.database, story.cast.units["LC"], bound_at=story.clock())
    story.post("LC0001", "志愿服务报名", "2026-11-18T09:00:00")
    story.post("LC0101", "青年大学习", "2026-11-18T09:00:00")
    story.close()
    (told,) = rows(story.database)
    assert "LC0001" in told.text
    number = next(row.id for row in story.table(AlertRow) if row.title == "LC0001 鹭川团干群 连续无数据")
    Notifications(story.database, story.clock).acknowledge(story.cast.viewer("LC"), number)
    story.close(DAY + timedelta(days=1), "2026-11-22T00:10:00")
    later = rows(story.database)[1].text
    assert ("LC0101" in later, "LC0001" in later) == (True, False)
    assert "LC0001 鹭川团干群 连续无数据" in story.alerts()


def test_each_person_gets_one_message_that_names_everything_and_waits_for_the_morning(
    story: Story,
) -> None:
    units, groups, now = story.cast.units, story.cast.groups, story.clock()
    city = bind(story.database, units["LC"], bound_at=now)
    village = bind(story.database, units["LC0101"], Role.BRANCH_ADMIN, bound_at=now)
    manager = bind(story.database, units["LC"], Role.GROUP_MANAGER, group_id=groups["LC0001"], bound_at=now)
    bind(story.database, units["YS01"], Role.BRANCH_ADMIN, bound_at=now)  # nothing wrong there
    for unit, role in (("QS", Role.INSPECTOR), ("QS", Role.UNIT_ADMIN), ("QS", Role.LEADER)):
        bind(story.database, units[unit], role, bound_at=now)
    story.post("LC0001", "无关", n=2)
    story.post("LC0101", "无关", n=4)
    story.close()
    told = {row.recipient: row for row in rows(story.database)}
    assert set(told) >= {city, village, manager}
    assert {row.run_at for row in told.values()} == {at("2026-11-21T07:30:00")}
    assert "LC0001" in told[city].text
    assert "LC0101" in told[city].text
    assert "LC0001" not in told[village].text
    assert "LC0101" not in told[manager].text
    assert all(row.text.splitlines()[1] == "数据截至 11-21 00:10" for row in told.values())
    assert len(told) == len(rows(story.database)), "one message per person"


def test_messages_never_go_above_the_city_or_to_another_one(story: Story) -> None:
    units, now = story.cast.units, story.clock()
    others = {
        bind(story.database, units["QS"], bound_at=now),
        bind(story.database, units["YS"], bound_at=now),
        bind(story.database, units["QS"], Role.INSPECTOR, bound_at=now),
    }
    story.post("LC0001", "无关", n=2)
    for group in ("YS0001", "QD0101"):
        story.post(group, "志愿服务 主题团日", n=6)
    story.close()
    told = [row for row in rows(story.database) if "LC0001" in row.text]
    assert not others & {row.recipient for row in told}


def test_a_day_of_long_ago_is_closed_without_messages_or_alerts(story: Story) -> None:
    bind(story.database, story.cast.units["LC"], bound_at=story.clock())
    story.post("LC0001", "无关", "2026-11-02T12:00:00", 2)
    story.close(date(2026, 11, 2), "2026-11-21T00:10:00")
    assert story.grade("LC0001", date(2026, 11, 2)).duty == "未达标"
    assert story.alerts() == set()
    assert rows(story.database) == []

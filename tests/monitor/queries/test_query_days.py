"""Days of groups: no data, open and closed days, late events, posts of a day."""

from datetime import UTC, date, datetime

import pytest

from monitor.clock import Period
from monitor.store.days.tables import PostRow
from monitor.units import Role
from tests.monitor.query_help import TODAY, YESTERDAY


def test_golden_e04_a_day_nobody_saw_is_no_data_and_says_when_there_was_some(queries, stage, cast):
    stage.count("LC0001", date(2026, 11, 17), 采集=(5, 1))
    stage.count("LC0001", date(2026, 11, 18), 自报=(2, 0))
    seen = queries.group_day(cast.viewer("LC"), "LC0001")
    assert (seen.n_posts, seen.n_relevant, seen.n_members, seen.activity) == (None, None, None, None)
    assert (seen.duty.value, seen.status.value, seen.by_provenance) == ("无数据", "待补充", ())
    assert (seen.last_data_at, seen.last_data_by) == (datetime(2026, 11, 18, 6, 55, tzinfo=UTC), "自报")


@pytest.mark.parametrize(
    ("code", "numbers", "grade", "duty"),
    [
        ("LC0001", (12, 0), "优秀", "未达标"),
        ("LC0101", (1, 1), "差", "达标"),
        ("YS0101", (4, 2), "一般", "无微话题"),
    ],
)
def test_golden_e12_activity_and_duty_stay_apart(queries, stage, cast, code, numbers, grade, duty):
    stage.count(code, 采集=numbers)
    seen = queries.group_day(cast.viewer("QS"), code)
    assert (seen.activity.value, seen.duty.value, seen.status.value) == (grade, duty, "暂定")
    assert seen.clause == "HN-4.1d、HN-2.1.3b"


def test_sources_are_shown_beside_the_count_they_add_up_to(queries, stage, cast):
    stage.count("LC0001", 采集=(3, 1), 自报=(1, 0), 导入=(2, 2), 检查=(9, 0))
    seen = queries.group_day(cast.viewer("LC"), "LC0001")
    assert (seen.n_posts, seen.n_relevant) == (4, 1)
    assert {each.provenance: each.n_posts for each in seen.by_provenance} == {
        "采集": 3, "自报": 1, "导入": 2, "检查": 9,
    }  # fmt: skip
    assert (seen.topics, seen.manager_name) == (("志愿服务",), "鹭川团干群管理员")


def test_members_and_repeats_come_from_the_posts_that_count(queries, stage, cast):
    stage.count("LC0001", 采集=(5, 1), 导入=(2, 0))
    for minute, (text, sender) in enumerate(
        [("收到", "甲"), ("收到", "乙"), ("收到", "甲"), ("志愿服务今天开始", "丙")]
    ):
        stage.post("LC0001", text, sender, minute=minute)
    stage.post("LC0001", "", "丁", kind="image")
    stage.post("LC0001", "收到", "戊", is_recalled=True)
    stage.post("LC0001", "收到", "机器人", counts=False)
    stage.post("LC0001", "收到", "甲(导出)", provenance="导入")  # the same message once more
    seen = queries.group_day(cast.viewer("LC"), "LC0001")
    assert (seen.n_members, seen.n_repeats) == (4, 2)


def test_a_self_report_alone_names_no_members(queries, stage, cast):
    stage.count("LC0001", 自报=(3, 1))
    seen = queries.group_day(cast.viewer("LC"), "LC0001")
    assert (seen.n_posts, seen.n_members, seen.duty.value) == (3, None, "达标")


def test_a_collector_that_saw_nobody_post_means_0_and_not_no_data(queries, stage, cast):
    stage.count("LC0001", 采集=(0, 0))
    seen = queries.group_day(cast.viewer("LC"), "LC0001")
    assert (seen.n_posts, seen.n_members, seen.activity.value, seen.duty.value) == (0, 0, "差", "未达标")


def test_a_closed_day_is_what_its_close_stored(queries, stage, cast):
    stage.close(YESTERDAY)
    stage.count("LC0001", YESTERDAY, 采集=(9, 0))
    stage.grade("LC0001", YESTERDAY, "达标")
    seen = queries.group_day(cast.viewer("LC"), "LC0001", YESTERDAY)
    assert (seen.n_posts, seen.n_members, seen.activity.value) == (4, 2, "一般")
    assert (seen.duty.value, seen.status.value) == ("达标", "正式")


def test_a_late_event_makes_a_closed_day_provisional_and_says_why(queries, stage, cast):
    stage.close(YESTERDAY)
    stage.grade("LC0001", YESTERDAY, "达标", has_late_posts=True)
    stage.grade(
        "LC0101", YESTERDAY, "无数据", has_late_posts=True, status="待补充", n_posts=None, activity=None
    )
    seen = queries.group_day(cast.viewer("LC"), "LC0001", YESTERDAY)
    assert (seen.status.value, seen.duty.value) == ("暂定", "达标")
    assert "待重新结算" in seen.duty_reason
    assert queries.group_day(cast.viewer("LC"), "LC0101", YESTERDAY).status.value == "待补充"


def test_a_day_that_is_over_but_not_closed_is_provisional(queries, stage, cast):
    stage.count("LC0001", YESTERDAY, 采集=(5, 0))
    seen = queries.group_day(cast.viewer("LC"), "LC0001", YESTERDAY)
    assert (seen.activity.value, seen.duty.value, seen.status.value) == ("一般", "未达标", "暂定")


def test_a_period_holds_every_day_up_to_today_days_without_data_included(queries, stage, cast):
    stage.close(date(2026, 11, 18))
    stage.grade("LC0001", date(2026, 11, 18), "达标")
    stage.count("LC0001", TODAY, 采集=(1, 0))
    days = queries.group_days(cast.viewer("LC"), "LC0001", Period(date(2026, 11, 17), date(2026, 11, 30)))
    assert [(each.day.day, each.n_posts, each.duty.value) for each in days] == [
        (17, None, "无数据"), (18, 4, "达标"), (19, None, "无数据"), (20, 1, "未达标"),
    ]  # fmt: skip
    future = Period(date(2026, 11, 21), date(2026, 11, 22))
    assert queries.group_days(cast.viewer("LC"), "LC0001", future) == []


def test_names_of_members_are_masked_above_the_groups_own_unit(queries, stage, cast):
    stage.post("LC0101", "志愿服务\n报名", is_relevant=True, reason="话题词：志愿服务")
    names = {
        viewer.identity + viewer.role: queries.day_posts(viewer, "LC0101", TODAY)[0].sender_name
        for viewer in (
            cast.viewer("LC0101"), cast.viewer("LC01", Role.GROUP_MANAGER, "LC0101"), cast.viewer("LC01"),
            cast.viewer("QS", Role.INSPECTOR), cast.viewer("LC0101", Role.LEADER),
        )
    }  # fmt: skip
    assert list(names.values()) == ["林小禾", "林小禾", "林＊＊", "林＊＊", "林＊＊"]


def test_the_drawer_lists_posts_with_why_and_what_is_not_counted(queries, stage, cast):
    stage.post("LC0001", "志愿服务\n报名" + "很" * 100, minute=2, is_relevant=True, reason="话题词：志愿服务")
    stage.post("LC0001", "撤回的话", "", minute=1, is_recalled=True)
    stage.post("LC0001", "自动回复", minute=3, counts=False)
    recalled, counted, own = queries.day_posts(cast.viewer("LC"), "LC0001", TODAY)
    assert (recalled.is_recalled, recalled.is_counted, recalled.sender_name) == (True, False, "")
    assert (counted.is_counted, counted.is_relevant, counted.reason) == (True, True, "话题词：志愿服务")
    assert counted.excerpt.startswith("志愿服务 报名很")
    assert len(counted.excerpt) == 80
    assert (own.is_counted, own.provenance, own.kind) == (False, "采集", "text")
    assert counted.occurred_at == datetime(2026, 11, 20, 1, 2, tzinfo=UTC)


def test_a_leader_sees_no_message_bodies(queries, stage, cast):
    stage.post("LC0001", "志愿服务报名")
    (post,) = queries.day_posts(cast.viewer("QS", Role.LEADER), "LC0001", TODAY)
    assert post.excerpt == ""


def test_the_drawer_keeps_the_newest_200_posts(queries, stage, cast):
    rows = [stage.post_row("LC0001", f"第{minute}条", "甲", minute=minute) for minute in range(203)]
    stage.put_all(PostRow, rows)
    posts = queries.day_posts(cast.viewer("LC"), "LC0001", TODAY)
    assert (len(posts), posts[0].excerpt, posts[-1].excerpt) == (200, "第3条", "第202条")

"""Why: every step from the counts to grade and duty can be read by a complaining city."""

from datetime import UTC, datetime

from tests.monitor.query_help import YESTERDAY


def test_every_step_is_named_with_its_source(queries, stage, cast):
    stage.count("LC0001", 采集=(3, 1), 自报=(1, 0), 检查=(9, 0))
    why = queries.explain(cast.viewer("LC"), "LC0001")
    assert why.subject == "鹭川团干群（LC0001）"
    assert why.conclusion == "4 条，活跃度 一般；每日职责 达标（暂定）"
    assert why.data_at == datetime(2026, 11, 20, 6, 55, tzinfo=UTC)
    assert why.lines == (
        "采集 3 条（话题相关 1 条），最近 11-20 14:55",
        "自报 1 条（话题相关 0 条），最近 11-20 14:55",
        "检查 9 条（话题相关 0 条），最近 11-20 14:55，并列显示，不计入",
        "有效条数：采集 3 + 自报 1 = 4 条",
        "当日开设的微话题：志愿服务",
        "活跃度：当日发布 4 条，3-5 条 → 一般（当日未结束，暂定）",
        "每日职责：当日围绕微话题 1 条 ≥ 1 条 → 达标",
        "结果状态：暂定（当日未结算、结算后有变动，或所依条款为推定、尚未确认）",
    )


def test_the_clause_of_the_band_hit_comes_with_its_status_and_reading(queries, stage, cast):
    stage.count("LC0001", 采集=(2, 1))
    activity, duty = queries.explain(cast.viewer("LC"), "LC0001").clauses
    assert activity.startswith("HN-4.1d 推定：原文“3条以下”")
    assert duty.startswith("HN-2.1.3b 载明：")


def test_no_data_is_explained_as_no_data(queries, cast):
    why = queries.explain(cast.viewer("LC"), "LC0001")
    assert why.conclusion == "无数据，不评活跃度；每日职责 无数据（待补充）"
    assert why.lines[0] == "当日没有采集、自报、导入或检查的记录：无数据，不按 0 条处理"
    assert (why.data_at, len(why.clauses)) == (None, 1)


def test_an_import_and_a_collection_are_not_added(queries, stage, cast):
    stage.count("LC0001", 采集=(3, 1), 导入=(5, 0))
    lines = queries.explain(cast.viewer("LC"), "LC0001").lines
    assert "有效条数：导入 5 = 5 条" in lines
    assert "采集与导入为同一批信息，取条数多者，不相加" in lines


def test_an_inspectors_count_alone_is_the_count(queries, stage, cast):
    stage.count("LC0001", 检查=(4, 0))
    why = queries.explain(cast.viewer("LC"), "LC0001")
    assert "有效条数：检查 4 = 4 条" in why.lines
    assert why.conclusion == "4 条，活跃度 一般；每日职责 无数据（待补充）"


def test_a_late_change_is_shown_beside_the_stored_verdict(queries, stage, cast):
    stage.close(YESTERDAY)
    stage.count("LC0001", YESTERDAY, 采集=(6, 1))
    stage.grade("LC0001", YESTERDAY, "达标", has_late_posts=True, n_repeats=2)
    lines = queries.explain(cast.viewer("LC"), "LC0001", YESTERDAY).lines
    assert "有效条数：采集 6 = 6 条" in lines
    assert "结算时计 4 条，结算后的变动在重新结算时计入" in lines
    assert "其中重复内容 2 条，照计并标记" in lines

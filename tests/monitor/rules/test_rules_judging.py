"""D-07 and confirmations through close, queries and what-if: golden case E-05 in full; both databases."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from monitor.clock import Period
from monitor.events import EventKind, PostKind, stable_key
from monitor.index.periods import month_period
from monitor.store.database import Database
from monitor.store.days.posts import count_again
from monitor.store.days.tables import PostRow
from monitor.store.rules.tables import RuleChangeRow
from monitor.store.work_tables import AuditRow
from monitor.units import Role
from monitor.usecases.days.close_day import close_late_groups
from monitor.usecases.queries.questions import Queries
from monitor.usecases.rules.changes import RuleChanges
from monitor.usecases.rules.in_force import RuleSource
from monitor.usecases.rules.what_if import ConfirmedReading, OtherReading
from monitor.usecases.rules.what_if_period import IndexFigure, try_days, try_sheets
from scoring.errors import RulebookFormatError
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.monitor.assess_help import Panel
from tests.monitor.days.test_close_day import DAY, Story
from tests.monitor.days.test_receive import rows
from tests.monitor.index_stage import IndexStage
from tests.monitor.rules_help import WHY, close, grade_of, inspector


def e05(story: Story) -> None:
    """Twelve raw events in LC0001 on DAY, as golden case E-05 says."""
    for _ in range(2):
        story.receiver.receive([story.event("LC0001", "", "2026-11-20T12:00:00", kind=EventKind.NOTICE)])
    story.post("LC0001", "撤回的话", message_key=stable_key("m"), post_kind=PostKind.TEXT)
    recall = story.event(
        "LC0001", "", "2026-11-20T12:01:00", kind=EventKind.RECALL, message_key=stable_key("m")
    )
    story.receiver.receive([recall])
    story.post("LC0001", "本系统的回复", is_own=True, post_kind=PostKind.TEXT)
    story.post("LC0001", "一句骂人的话", n=2, post_kind=PostKind.TEXT)
    bad = [row for row in rows(story.database, PostRow) if row.text == "一句骂人的话"]
    keys = [(row.group_id, row.business_day, row.event_key) for row in bad]
    story.database.write(lambda c: count_again(c, keys, counted=False, now=story.clock()))
    story.post("LC0001", "志愿服务报名开始了", n=2, post_kind=PostKind.TEXT)
    story.post("LC0001", "中午吃什么", n=4, post_kind=PostKind.TEXT)


def test_golden_e05_through_the_close_of_day(
    story: Story, cast: Cast, source: RuleSource, changes: RuleChanges
) -> None:
    e05(story)
    close(story, source)
    kept = grade_of(story)
    assert (kept.n_posts, kept.n_relevant, kept.activity) == (6, 2, "良好")
    changes.select(inspector(cast), "D-07", "relevant", replace(WHY, effective_from=DAY))
    assert grade_of(story).activity == "良好"  # what is closed is not rewritten silently
    report = close(story, source)
    assert (report.n_changed_grades, grade_of(story).activity) == (1, "差")
    audit = [row for row in rows(story.database, AuditRow) if row.action == "day_grade.changed"]
    assert (audit[0].detail["before"]["activity"], audit[0].detail["after"]["activity"]) == ("良好", "差")
    assert "D-07 只计与主题相关：全部 6 条，计 2 条" in audit[0].detail["after"]["activity_reason"]


def test_the_number_of_closed_days_that_keep_their_grades_is_told(
    story: Story, cast: Cast, source: RuleSource, changes: RuleChanges
) -> None:
    close(story, source)
    from_then = replace(WHY, effective_from=DAY)
    assert changes.select(inspector(cast), "D-07", "relevant", from_then).n_closed_days == 1
    assert changes.select(inspector(cast), "D-10", "half-up", WHY).n_closed_days == 0


def test_a_confirmed_reading_makes_poor_final_from_its_day_on(
    story: Story, cast: Cast, source: RuleSource, changes: RuleChanges
) -> None:
    story.post("LC0001", "志愿服务", post_kind=PostKind.TEXT)
    changes.confirm(inspector(cast), "HN-4.1d", replace(WHY, effective_from=DAY + timedelta(days=1)))
    close(story, source)
    assert (grade_of(story).activity, grade_of(story).status) == ("差", "暂定")
    changes.confirm(inspector(cast), "HN-4.1d", replace(WHY, effective_from=DAY))
    close(story, source)
    assert (grade_of(story).activity, grade_of(story).status) == ("差", "正式")


def test_a_late_post_is_judged_by_the_rules_of_its_day(
    story: Story, cast: Cast, source: RuleSource, changes: RuleChanges
) -> None:
    story.post("LC0001", "志愿服务", n=6, post_kind=PostKind.TEXT)
    close(story, source)
    changes.select(inspector(cast), "D-07", "relevant", WHY)  # from 11-21 on
    story.post("LC0001", "午饭", n=4, post_kind=PostKind.TEXT)
    close_late_groups(story.database, source, story.clock)
    assert (grade_of(story).n_posts, grade_of(story).activity) == (10, "优秀")


def test_an_open_day_is_asked_by_the_rules_of_today(
    story: Story, database: Database, cast: Cast, source: RuleSource, changes: RuleChanges, clock: FrozenClock
) -> None:
    queries = Queries(database, source, clock)
    e05(story)
    who = inspector(cast)
    assert queries.overview(who, "LC").tally.n_good == 1
    changes.select(who, "D-07", "relevant", WHY)
    asked = queries.group_day(who, "LC0001")
    assert (asked.activity and asked.activity.value, asked.n_posts) == ("差", 6)
    tally = queries.overview(who, "LC").tally
    assert (tally.n_good, tally.n_poor, tally.n_posts) == (0, 1, 6)
    explained = queries.explain(who, "LC0001")
    assert explained.conclusion.startswith("6 条（计 2 条），活跃度 差")
    assert any(clause.startswith("D-07 默认") for clause in explained.clauses)


def test_enough_posts_on_topic_are_excellent_though_duty_asks_for_one(
    story: Story, database: Database, cast: Cast, source: RuleSource, changes: RuleChanges, clock: FrozenClock
) -> None:
    changes.select(inspector(cast), "D-07", "relevant", WHY)
    story.post("LC0001", "志愿服务报名", n=10, post_kind=PostKind.TEXT)
    assert Queries(database, source, clock).overview(inspector(cast), "LC").tally.n_excellent == 1


def test_what_if_tells_whose_closed_days_change_and_by_what(
    story: Story, panel: Panel, source: RuleSource
) -> None:
    e05(story)
    story.post("YS0001", "志愿服务", n=1, post_kind=PostKind.TEXT)
    close(story, source)
    period = Period(date(2026, 11, 1), date(2026, 11, 30))

    def tried(*supposed: Any, unit: str = "QS") -> Any:
        viewer = panel.cast.viewer(unit, Role.INSPECTOR)
        return panel.desk.read(viewer, lambda sitting: try_days(sitting, source, period, supposed))

    before = len(rows(story.database, AuditRow))
    found = tried(OtherReading("D-07", "relevant"))
    assert (found.n_days, found.n_groups) == (1, 2)
    assert [(each.group_code, dict(each.by)) for each in found.changes] == [
        ("LC0001", {"良好（正式） → 差（暂定）": 1})
    ]
    assert tried(OtherReading("D-07", "relevant"), unit="YS").n_groups == 1  # only the own subtree
    confirmed = tried(ConfirmedReading("HN-4.1d"))
    assert [(each.group_code, each.n_days) for each in confirmed.changes] == [("YS0001", 1)]
    assert tried(OtherReading("D-07", "all")).changes == ()
    assert len(rows(story.database, AuditRow)) == before
    assert rows(story.database, RuleChangeRow) == []


def test_what_if_on_a_guangdong_month_names_what_differs(
    index_stage: IndexStage, panel: Panel, source: RuleSource
) -> None:
    index_stage.ratio("QA", "GD-3.1a", 9499, 10000)
    index_stage.load("指标", ("QA", "2019-03", "GD-3.2c", "", "", "3.9"))
    march = month_period(date(2019, 3, 1))

    def tried(*supposed: Any, unit: str = "QS") -> Any:
        viewer = panel.cast.viewer(unit, Role.INSPECTOR)
        return panel.desk.read(viewer, lambda sitting: try_sheets(sitting, source, march, supposed))

    pooled = tried(OtherReading("D-14", "pooled"))
    assert pooled.n_units >= 2
    assert [(each.unit_code, dict(each.differences)) for each in pooled.changes] == [
        ("QA", {"评“好”": ("可评", "不评")})
    ]
    assert tried(OtherReading("D-14", "pooled"), unit="YS").changes == ()
    assert tried(IndexFigure("GD-3.3d.factor_2", Decimal("0.9"))).changes == ()  # no account
    with pytest.raises(RulebookFormatError):
        tried(IndexFigure("GD-3.3d.nothing", Decimal("0.9")))

"""Units: overview, card, who has not met the duty; open days live, closed days from roll-ups."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest

from monitor.clock import last_days
from monitor.days.counting import judge_day
from monitor.days.readings import DutyTally, ProvenanceCount
from monitor.events import Provenance
from monitor.store.days.tables import AccountDayRow, ArticleRow, DayCountRow
from monitor.store.tables import GroupRow, TopicRow, UnregisteredGroupRow
from monitor.store.work_tables import AlertRow
from monitor.units import Role
from monitor.usecases.queries.units import MOST_GROUPS, UNMET
from scoring.duty import DutyState
from scoring.rulebook import load_rulebook
from tests.monitor.query_help import TODAY, YESTERDAY


def states(tally: DutyTally) -> tuple[int, ...]:
    return tally.n_groups, tally.n_met, tally.n_not_met, tally.n_no_topic, tally.n_no_data


def test_a_day_without_any_data_has_no_rate(queries, cast):
    seen = queries.overview(cast.viewer("QS"))
    assert states(seen.tally) == (5, 0, 0, 1, 4)
    assert (seen.data_at, seen.rows[0].week_ratio) == (None, None)
    assert seen.tally.n_poor == 0
    assert queries.unit_status(cast.viewer("LC")).tally.met_ratio is None


def test_today_is_counted_live_by_child_worst_first(queries, stage, cast):
    stage.count("LC0001", 采集=(12, 0))
    stage.count("LC0101", 采集=(3, 0), 自报=(1, 1))
    stage.count("YS0001", 采集=(2, 2))
    seen = queries.overview(cast.viewer("QS"))
    assert states(seen.tally) == (5, 2, 1, 1, 1)
    assert (seen.tally.n_excellent, seen.tally.n_fair, seen.tally.n_poor) == (1, 1, 1)
    assert (seen.tally.n_posts, seen.tally.n_relevant) == (18, 3)
    ratios = [(row.unit.code, row.today.met_ratio) for row in seen.rows]
    assert ratios == [("LC", 0.5), ("YS", 0.5), ("QD", None)]
    assert seen.data_at == datetime(2026, 11, 20, 6, 55, tzinfo=UTC)
    assert queries.unit_status(cast.viewer("QS")).is_closed is False


def test_own_groups_of_a_unit_are_listed_beside_its_children(queries, stage, cast):
    stage.count("LC0001", 采集=(2, 0))
    seen = queries.overview(cast.viewer("LC"))
    assert [(each.group.code, each.n_posts) for each in seen.groups] == [("LC0001", 2)]
    assert [(row.unit.code, row.today.n_groups) for row in seen.rows] == [("LC01", 1)]


def test_a_closed_day_comes_from_the_roll_ups_and_is_dated_by_its_close(queries, stage, cast):
    closed_at = stage.close(YESTERDAY)
    stage.roll_up("QS", YESTERDAY, 3, 1, 1)
    stage.roll_up("LC", YESTERDAY, 2)
    stage.roll_up("YS", YESTERDAY, 1, 1)
    seen = queries.overview(cast.viewer("QS"), day=YESTERDAY)
    assert (states(seen.tally), seen.data_at) == ((5, 3, 1, 0, 1), closed_at)
    assert [row.unit.code for row in seen.rows] == ["YS", "LC", "QD"]
    assert queries.unit_status(cast.viewer("QS"), day=YESTERDAY).is_closed is True


def test_bars_hold_closed_days_today_and_a_yesterday_whose_close_is_due(queries, stage, cast):
    for back in (2, 3):
        stage.close(TODAY - timedelta(days=back))
        stage.roll_up("QS", TODAY - timedelta(days=back), back, 1)
        stage.roll_up("LC", TODAY - timedelta(days=back), back)
    stage.count("LC0001", YESTERDAY, 采集=(3, 0))
    stage.count("LC0001", TODAY, 采集=(3, 1))
    seen = queries.overview(cast.viewer("QS"), n_days=5)
    assert [tally.day for tally in seen.history] == list(last_days(TODAY, 5))
    assert [tally.met_ratio for tally in seen.history] == [None, 0.75, 2 / 3, 0.0, 0.5]
    bars = {row.unit.code: [tally.met_ratio for tally in row.history] for row in seen.rows}
    assert bars["LC"] == [None, 1.0, 1.0, 0.0, 1.0]
    assert len(queries.overview(cast.viewer("QS")).history) == 30


def test_the_week_ratio_is_over_the_seven_closed_days_before(queries, stage, cast):
    for back, n_met in ((8, 0), (7, 4), (1, 1)):
        stage.roll_up("LC", TODAY - timedelta(days=back), n_met, 5 - n_met, 3)
    assert queries.unit_status(cast.viewer("LC")).week_ratio == 0.5
    assert [row.week_ratio for row in queries.overview(cast.viewer("QS")).rows if row.unit.code == "LC"] == [
        0.5
    ]


def test_the_card_names_who_still_owes_worst_first(queries, stage, cast):
    stage.count("LC0001", 采集=(12, 0))
    stage.count("LC0101", 采集=(1, 0))
    stage.count("YS0001", 采集=(1, 1))
    seen = queries.unit_status(cast.viewer("QS"))
    assert [each.group.code for each in seen.missing] == ["LC0101", "LC0001", "YS0101"]
    assert [each.duty.value for each in seen.missing] == ["未达标", "未达标", "无微话题"]


@pytest.mark.parametrize("is_closed", [False, True])
def test_unmet_groups_are_sorted_by_unit_and_counted_by_child(queries, stage, cast, is_closed):
    day = YESTERDAY if is_closed else TODAY
    if is_closed:
        stage.close(day)
        for code, duty in (
            ("LC0001", "未达标"),
            ("LC0101", "未达标"),
            ("YS0001", "达标"),
            ("YS0101", "无微话题"),
        ):
            stage.grade(code, day, duty)
        stage.roll_up("QS", day, 1, 3, 1)
        stage.roll_up("LC", day, 0, 2)
        stage.roll_up("YS", day, 1, 1)
    else:
        stage.count("LC0101", 采集=(9, 0))
        stage.count("LC0001", 采集=(0, 0))
        stage.count("YS0001", 采集=(1, 1))
    seen = queries.unmet(cast.viewer("QS"), day=day)
    assert [each.group.code for each in seen.groups] == ["LC0001", "LC0101", "YS0101"]
    assert (seen.by_child, seen.n_no_data) == ((("鹭川团市委", 2), ("云杉团市委", 1)), 1)
    own = queries.unmet(cast.viewer("LC"), day=day)
    if not is_closed:
        assert own.by_child == (("临河镇团委", 1), ("鹭川团市委", 1))
    assert [each.group.code for each in own.groups] == ["LC0001", "LC0101"]


def test_a_closed_list_of_groups_is_worst_first(queries, stage, cast):
    stage.close(YESTERDAY)
    for code, duty, n_posts in (
        ("LC0001", "未达标", 9),
        ("LC0101", "未达标", 2),
        ("YS0001", "达标", 1),
        ("YS0101", "无数据", None),
    ):
        stage.grade(code, YESTERDAY, duty, n_posts=n_posts)
    listed = queries.groups(cast.viewer("QS"), day=YESTERDAY)
    assert [each.group.code for each in listed] == ["LC0101", "LC0001", "YS0101", "YS0001"]


@pytest.mark.parametrize(
    ("n_articles", "n_unfit", "duty"),
    [(None, 0, "无数据"), (0, 0, "未达标"), (1, 0, "达标"), (1, 1, "未达标"), (2, 1, "达标")],
)
def test_golden_e21_accounts_owe_one_qualifying_article(queries, stage, cast, n_articles, n_unfit, duty):
    if n_articles is not None:
        stage.put(AccountDayRow, account_id=2, business_day=TODAY, n_articles=n_articles, n_events=1)
    for key in range(n_unfit):
        stage.put(
            ArticleRow, account_id=2, event_key=key, business_day=TODAY, url="", status="send success",
            occurred_at=datetime(2026, 11, 20, tzinfo=UTC), is_qualifying=False, fields={},
        )  # fmt: skip
    unmet = {each.account_code: each for each in queries.unmet(cast.viewer("LC")).accounts}
    assert ("lcqn" in unmet) == (duty != "达标")
    if unmet:
        assert (unmet["lcqn"].duty.value, unmet["lcqn"].n_articles) == (duty, n_articles)
    seen = queries.overview(cast.viewer("LC"))
    assert (seen.n_accounts, seen.n_accounts_met, seen.n_accounts_no_data) == (
        1, int(duty == "达标"), int(duty == "无数据"),
    )  # fmt: skip
    assert queries.overview(cast.viewer("QS")).n_accounts == 2
    assert queries.overview(cast.viewer("YS")).n_accounts == 0


def test_open_alerts_are_those_of_the_subtree(queries, stage, cast):
    at = datetime(2026, 11, 20, tzinfo=UTC)
    for number, (unit, resolved_at) in enumerate((("LC01", None), ("LC", at), ("YS", None))):
        stage.put(
            AlertRow, alert_key=str(number), kind="no_post", level=2, unit_id=cast.units[unit], title="",
            business_day=TODAY, text="", created_at=at, resolved_at=resolved_at, acknowledged_by="",
        )  # fmt: skip
    assert queries.unit_status(cast.viewer("LC")).n_open_alerts == 1
    assert queries.overview(cast.viewer("QS", Role.INSPECTOR)).n_open_alerts == 2


def test_groups_nobody_registered_are_counted_for_the_province_only(queries, stage, cast):
    at = datetime(2026, 11, 20, tzinfo=UTC)
    stage.put(
        UnregisteredGroupRow, source="demo", external_id="99", first_seen_at=at, last_seen_at=at, n_events=3
    )
    assert queries.overview(cast.viewer("QS")).n_unregistered == 1
    assert queries.overview(cast.viewer("LC")).n_unregistered == 0


def test_groups_count_from_the_day_they_open_to_the_day_they_close(queries, stage, cast):
    for number, (opened, closed) in enumerate(((TODAY, None), (date(2026, 1, 1), YESTERDAY)), start=11):
        stage.put(
            GroupRow, id=number, code=f"LC9{number}", name="新群", unit_id=cast.units["LC"], member_count=0,
            opened_on=opened, closed_on=closed,
        )  # fmt: skip
    assert queries.unit_status(cast.viewer("LC")).tally.n_groups == 3
    assert queries.unit_status(cast.viewer("LC"), day=YESTERDAY).tally.n_groups == 3
    assert {each.group.code for each in queries.groups(cast.viewer("LC"))} == {"LC0001", "LC0101", "LC911"}


def test_what_the_database_counts_is_what_the_rules_say_for_any_mixture_of_sources(queries, stage, cast):
    dice = random.Random(20261120)
    rulebook = load_rulebook()
    groups, topics, counts, verdicts = [], [], [], []
    for number in range(1000, 1700):
        groups.append({"id": number, "code": f"X{number}", "name": "群", "unit_id": cast.units["YS01"],
                       "member_count": 0, "opened_on": date(2026, 1, 1)})  # fmt: skip
        if has_topic := dice.random() < 0.8:
            topics.append(
                {"group_id": number, "title": "话题", "keywords": [], "opened_on": date(2026, 1, 1)}
            )
        sources = [name for name in Provenance if dice.random() < 0.4]
        day = [
            ProvenanceCount(name, n := dice.randint(0, 12), dice.randint(0, min(n, 2))) for name in sources
        ]
        counts += [
            {"group_id": number, "business_day": TODAY, "provenance": each.provenance,
             "n_posts": each.n_posts, "n_relevant": each.n_relevant, "last_ms": 1_763_600_000_000}
            for each in day
        ]  # fmt: skip
        verdicts.append(judge_day(day, has_topic, rulebook, is_closed=False))
    for row, values in ((GroupRow, groups), (TopicRow, topics), (DayCountRow, counts)):
        stage.put_all(row, values)
    stage.count("YS0101", 采集=(0, 0))  # the cast's own group there has no topic
    seen = queries.unit_status(cast.viewer("YS01"))
    duties = [verdict.duty for verdict in verdicts] + [DutyState.NO_TOPIC]
    assert states(seen.tally) == (701, *(duties.count(state) for state in DutyState))
    grades = [verdict.activity.value for verdict in verdicts if verdict.activity] + ["差"]
    tally = seen.tally
    assert [tally.n_excellent, tally.n_good, tally.n_fair, tally.n_poor] == [
        grades.count(grade) for grade in ("优秀", "良好", "一般", "差")
    ]
    assert tally.n_posts == sum(verdict.n_posts or 0 for verdict in verdicts)
    assert tally.n_relevant == sum(verdict.n_relevant or 0 for verdict in verdicts)
    whole = queries.overview(cast.viewer("QS"))
    assert {row.unit.code: states(row.today) for row in whole.rows}["YS"][0] == 702
    unmet = [number for number, duty in enumerate(duties[:-1], start=1000) if duty in UNMET]
    listed = [each.group.code for each in queries.unmet(cast.viewer("YS01")).groups]
    assert listed == [*(f"X{number}" for number in unmet), "YS0101"]
    assert len(queries.groups(cast.viewer("YS01"))) == MOST_GROUPS

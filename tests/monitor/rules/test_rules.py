"""The rule settings: in force by day, changed with a record, read by all that judges."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from monitor.assessment.frozen_rules import Selection
from monitor.days.counting import EffectiveCount, PostMeasure, judge_count
from monitor.errors import BadParameter, CommandError, ReadOnlyRole
from monitor.index.periods import month_period
from monitor.rules.settings import ChangeKind, RuleChange, settings_on, validate_preset
from monitor.store.database import Database
from monitor.store.index import runs as index_runs
from monitor.store.rules.tables import RuleChangeRow
from monitor.store.work_tables import AuditRow
from monitor.units import Role
from monitor.usecases.assessment.sheets import view_sheet
from monitor.usecases.queries.questions import Queries
from monitor.usecases.rules.changes import Ground, RuleChanges
from monitor.usecases.rules.in_force import FixedRules, RuleSource, dated
from scoring.rulebook import load_rulebook
from scoring.source import ResultStatus
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.monitor.assess_help import YEAR, Panel
from tests.monitor.days.test_receive import rows
from tests.monitor.index_stage import IndexStage
from tests.monitor.rules_help import CASES, SWITCHES, TODAY, WHY, change, inspector, on, read

TOO_EARLY, TOO_LATE = (replace(WHY, effective_from=date(year, 1, 1)) for year in (1999, 2029))


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_golden_activity_is_graded_on_what_counts_and_duty_on_topics(case: dict[str, Any]) -> None:
    given, expect = case["given"], case["expect"]
    verdict = judge_count(
        EffectiveCount(given["posts"], given["relevant"]),
        given["topic"],
        load_rulebook(),
        is_closed=True,
        measure=PostMeasure(given["measure"]),
    )
    assert verdict.activity is not None
    shown = {"grade": verdict.activity.value, "duty": verdict.duty.value, "clause": verdict.clause}
    assert shown == expect
    assert verdict.n_posts == given["posts"]


def test_an_inspectors_count_without_topics_gets_no_grade_when_only_topics_count() -> None:
    count = EffectiveCount(7, None)
    verdict = judge_count(count, True, load_rulebook(), is_closed=True, measure=PostMeasure.RELEVANT)
    assert (verdict.activity, verdict.status) == (None, ResultStatus.INCOMPLETE)
    assert "相关条数未报" in verdict.activity_reason


def test_the_settings_of_a_day_are_the_latest_effective_ones_up_to_it() -> None:
    made = [
        change(ChangeKind.SELECTED, "D-07", "relevant", 10, 1),
        change(ChangeKind.SELECTED, "D-07", "all", 20, 2),
        change(ChangeKind.SELECTED, "D-07", "relevant", 5, 3),  # recorded last, effective first
        change(ChangeKind.SELECTED, "D-10", "exact", 10, 4),
        change(ChangeKind.SELECTED, "D-10", "half_up_0.1", 10, 5),  # the same day again
    ]
    preset = Selection(choices=(("D-07", "all"), ("D-13", "floor")))
    found = {
        day: dict(settings_on(preset, made, SWITCHES, date(2026, 11, day)).choices)
        for day in (4, 5, 10, 19, 20)
    }
    assert [found[day]["D-07"] for day in (4, 5, 10, 19, 20)] == [
        "all", "relevant", "relevant", "relevant", "all",
    ]  # fmt: skip
    assert (found[9 + 1]["D-10"], found[4].get("D-10"), found[20]["D-13"]) == ("half_up_0.1", None, "floor")


def test_a_confirmation_of_a_switch_lapses_with_the_word_and_with_its_figures() -> None:
    confirmed = change(ChangeKind.CONFIRMED, "D-09", "city", 2, 1)
    other = change(ChangeKind.SELECTED, "D-09", "group", 5, 2)
    window = change(ChangeKind.FIGURE, "D-09.window_checks", "4", 8, 3)
    clause = change(ChangeKind.CONFIRMED, "HN-4.1d", "", 3, 4)
    withdrawn = change(ChangeKind.WITHDRAWN, "HN-4.1d", "", 9, 5)

    def at(day: int, *made: RuleChange) -> Selection:
        return settings_on(Selection(), made, SWITCHES, date(2026, 11, day))

    assert at(1, confirmed).confirmed == ()
    assert at(2, confirmed).confirmed == ("D-09",)
    assert at(5, confirmed, other).confirmed == ()
    assert at(8, confirmed, window).confirmed == ()
    assert at(8, confirmed, window).figures == (("D-09", "window_checks", 4),)
    assert at(3, clause, withdrawn).confirmed == ("HN-4.1d",)
    assert at(9, clause, withdrawn).confirmed == ()


def test_a_preset_is_held_against_the_switches_and_what_the_facts_can_answer() -> None:
    found = dict(validate_preset(SWITCHES, {"D-99": "x", "D-07": "manager", "D-10": "up", "D-13": "floor"}))
    assert found.keys() == {"D-99", "D-07", "D-10"}
    assert found["D-99"].startswith("one of D-01, D-02")
    assert found["D-07"] == "one of all, relevant"
    assert found["D-10"] == "one of exact, half_up_0.1"


def test_a_selection_keeps_the_kind_of_every_figure_as_json() -> None:
    figures = (("D-02", "min_duty_ratio", Decimal("0.4")), ("D-05", "due_at", "10:00"))
    kept = Selection(figures=(*figures, ("D-09", "window_checks", 5)), confirmed=("D-05",))
    assert Selection.from_json(kept.as_json()) == kept  # type: ignore[arg-type]


def test_selecting_takes_effect_at_once_in_another_process_and_only_from_its_day(
    database: Database, cast: Cast, source: RuleSource, changes: RuleChanges
) -> None:
    elsewhere = RuleSource()
    assert on(database, elsewhere, TODAY).measure is PostMeasure.ALL
    recorded = changes.select(inspector(cast), "d-07", "relevant", WHY)
    assert (recorded.is_new, recorded.change.effective_from) == (True, TODAY)
    assert on(database, elsewhere, TODAY).measure is PostMeasure.RELEVANT
    assert on(database, elsewhere, TODAY - timedelta(days=1)).measure is PostMeasure.ALL


def test_the_same_rules_are_read_once_until_something_changes(
    database: Database, cast: Cast, source: RuleSource, changes: RuleChanges
) -> None:
    before = on(database, source, TODAY)
    assert on(database, source, TODAY + timedelta(days=3)) is before
    changes.confirm(inspector(cast), "HN-4.1d", WHY)
    assert on(database, source, TODAY) is not before


def test_every_change_is_kept_with_who_why_and_when_and_audited(
    database: Database, cast: Cast, changes: RuleChanges, clock: FrozenClock
) -> None:
    changes.select(inspector(cast), "D-07", "relevant", WHY)
    clock.advance(hours=1)
    changes.select(inspector(cast), "D-07", "all", replace(WHY, effective_from=date(2026, 12, 1)))
    kept = rows(database, RuleChangeRow)
    assert [(row.value, row.effective_from) for row in kept] == [
        ("relevant", TODAY), ("all", date(2026, 12, 1)),
    ]  # fmt: skip
    assert (kept[0].reason, kept[0].reference, kept[0].actor) == (WHY.reason, WHY.reference, "chat:QS")
    audit = [row for row in rows(database, AuditRow) if row.action == "rules.change"]
    assert [row.subject for row in audit] == ["D-07", "D-07"]
    assert audit[0].detail["reason"] == WHY.reason


def test_repeating_what_is_in_force_writes_nothing(
    database: Database, cast: Cast, changes: RuleChanges
) -> None:
    for _ in range(2):
        again = changes.confirm(inspector(cast), "hn-4.1D", WHY)
    assert not again.is_new
    assert not changes.withdraw(inspector(cast), "HN-A2.2a", WHY).is_new  # was never confirmed
    assert len(rows(database, RuleChangeRow)) == 1
    assert changes.confirm(inspector(cast), "HN-4.1d", Ground("更正文号", "团青字〔2026〕9号")).is_new


@pytest.mark.parametrize(
    ("unit", "role", "refusal"),
    [
        ("LC", Role.INSPECTOR, CommandError),
        ("QS", Role.UNIT_ADMIN, CommandError),
        ("QS", Role.LEADER, ReadOnlyRole),
    ],
)
def test_only_an_inspector_of_the_root_changes_the_rules(
    database: Database, cast: Cast, changes: RuleChanges, unit: str, role: Role, refusal: type[Exception]
) -> None:
    for act in (
        lambda who: changes.select(who, "D-07", "relevant", WHY),
        lambda who: changes.set_figure(who, "D-09.window_checks", "4", WHY),
        lambda who: changes.confirm(who, "HN-4.1d", WHY),
        lambda who: changes.withdraw(who, "HN-4.1d", WHY),
    ):
        with pytest.raises(refusal):
            act(cast.viewer(unit, role))
    assert rows(database, RuleChangeRow) == []


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda c, who: c.select(who, "D-77", "x", WHY), "没有开关 D-77，可选：D-01、D-02"),
        (lambda c, who: c.select(who, "D-10", "up", WHY), "可选：exact（不取舍）、half_up_0.1"),
        (lambda c, who: c.select(who, "D-07", "manager", WHY), "无法只计管理员发布的信息"),
        (lambda c, who: c.select(who, "D-17", "pushes", WHY), "未登记推送次数"),
        (lambda c, who: c.select(who, "D-07", "relevant", Ground(" ")), "请填写理由"),
        (lambda c, who: c.select(who, "D-07", "relevant", Ground("长" * 501)), "理由不能超过 500 个字"),
        (lambda c, who: c.confirm(who, "HN-4.1d", Ground("同意")), "请填写文件依据"),
        (lambda c, who: c.confirm(who, "HN-9.9", WHY), "HN-9.9 没有可确认的读法"),
        (lambda c, who: c.confirm(who, "HN-A4", WHY), "HN-A4 没有可确认的读法"),  # 缺失
        (lambda c, who: c.set_figure(who, "D-09.nothing", "1", WHY), "没有参数 D-09.nothing"),
        (lambda c, who: c.set_figure(who, "D-09.window_checks", "1.5", WHY), "应为非负整数"),
        (lambda c, who: c.set_figure(who, "D-02.min_duty_ratio", "-1", WHY), "应为非负数"),
        (lambda c, who: c.set_figure(who, "D-02.min_duty_ratio", "NaN", WHY), "应为非负数"),
        (
            lambda c, who: c.select(who, "D-07", "all", TOO_EARLY),
            "生效日",
        ),
        (
            lambda c, who: c.select(who, "D-07", "all", TOO_LATE),
            "生效日",
        ),
    ],
)
def test_bad_input_is_told_and_changes_nothing(
    database: Database,
    cast: Cast,
    changes: RuleChanges,
    act: Callable[[RuleChanges, Any], object],
    said: str,
) -> None:
    with pytest.raises(BadParameter) as refused:
        act(changes, inspector(cast))
    assert said in refused.value.user_text
    assert rows(database, RuleChangeRow) == []


def test_a_figure_of_a_reading_is_set_in_the_kind_of_its_default(
    database: Database, cast: Cast, source: RuleSource, changes: RuleChanges
) -> None:
    changes.set_figure(inspector(cast), "d-03.dispose_minutes", "90", WHY)
    changes.set_figure(inspector(cast), "D-02.min_duty_ratio", "0.40", WHY)
    changes.set_figure(inspector(cast), "D-05.due_at", "10:00", WHY)
    switches = on(database, source, TODAY).switches
    assert switches["D-03"].parameters["dispose_minutes"] == 90
    assert switches["D-02"].parameters["min_duty_ratio"] == Decimal("0.40")
    assert switches["D-05"].parameters["due_at"] == "10:00"


def test_a_configured_preset_gives_way_to_what_is_recorded(
    database: Database, cast: Cast, clock: FrozenClock
) -> None:
    preset = RuleSource(preset=Selection(choices=(("D-07", "relevant"),)))
    assert on(database, preset, TODAY).measure is PostMeasure.RELEVANT
    RuleChanges(database, preset, clock).select(inspector(cast), "D-07", "all", WHY)
    assert on(database, preset, TODAY).measure is PostMeasure.ALL
    assert on(database, preset, TODAY - timedelta(days=1)).measure is PostMeasure.RELEVANT
    assert read(database, preset).switches[6].chosen_by == "选用"


def test_a_sheet_freezes_what_was_in_force_when_it_was_begun(panel: Panel) -> None:
    changes = RuleChanges(panel.database, RuleSource(), panel.clock)
    changes.select(panel.inspector, "D-10", "half-up", replace(WHY, effective_from=date(2026, 1, 1)))
    changes.confirm(panel.inspector, "HN-A2.2a", replace(WHY, effective_from=date(2026, 1, 1)))
    panel.begin()
    changes.select(panel.inspector, "D-10", "exact", WHY)
    held = panel.desk.read(panel.inspector, lambda sitting: view_sheet(sitting, YEAR, "LC"))
    assert held.rules.switches["D-10"].chosen == "half_up_0.1"
    assert "HN-A2.2a" in held.dossier.rules.selection.confirmed
    begun_later = panel.desk.read(panel.inspector, lambda sitting: view_sheet(sitting, YEAR, "YS"))
    assert begun_later.rules.switches["D-10"].chosen == "exact"


def test_a_run_of_the_guangdong_assessment_freezes_the_selection(
    index_stage: IndexStage, cast: Cast, clock: FrozenClock
) -> None:
    source = RuleSource()
    march = month_period(date(2019, 3, 1))
    changes = RuleChanges(index_stage.database, source, clock)
    clock.now = datetime(2019, 3, 20, tzinfo=UTC)
    changes.select(inspector(cast), "D-13", "floor", WHY)
    changes.confirm(inspector(cast), "D-13", WHY)
    with index_stage.database.reading() as connection:
        rules = dated(source, connection)
        before, media = rules.media_on(date(2019, 3, 19)), rules.media_on(march.last_day)
    assert before.switches["D-13"].chosen == "half_up"
    index_stage.run(march, media)
    with index_stage.database.reading() as connection:
        run = index_runs.find_run(connection, march)
    assert run is not None
    frozen = run.frozen["readings"]["D-13"]
    assert (frozen["chosen"], frozen["is_confirmed"]) == ("floor", True)


def test_the_reading_lists_every_parameter_with_status_and_history(
    database: Database, cast: Cast, source: RuleSource, changes: RuleChanges
) -> None:
    changes.select(inspector(cast), "D-07", "relevant", WHY)
    changes.confirm(inspector(cast), "HN-4.1d", WHY)
    reading = read(database, source)
    assert [switch.id for switch in reading.switches] == [f"D-{n:02}" for n in range(1, 19)]
    switch = reading.find_switch("d-07")
    assert switch is not None
    assert (switch.chosen, switch.label, switch.chosen_by) == ("relevant", "只计与主题相关", "选用")
    assert (switch.in_force_since, switch.is_confirmed) == (TODAY, False)
    assert [choice.word for choice in switch.choices if choice.why_not] == ["manager"]
    assert [made.reason for made in switch.history] == [WHY.reason]
    bands = reading.find_parameters("hn-4.1d")
    poor = next(each for each in bands if each.name == "差")
    assert (poor.status.value, poor.is_confirmed, poor.values["below_posts"]) == ("推定", True, "3")
    assert poor.confirmation is not None
    assert not any(each.is_confirmed for each in bands if each.name == "优秀")  # 载明: nothing to confirm
    assert "HN-4.1d" not in reading.unconfirmed_clauses
    assert "HN-A2.2a" in reading.unconfirmed_clauses
    before = read(database, source, TODAY - timedelta(days=1))
    assert "HN-4.1d" in before.unconfirmed_clauses
    assert before.find_switch("D-99") is None
    assert read(database, source, date(2012, 1, 1)).parameters == ()


def test_who_is_no_inspector_reads_no_settings(queries: Queries, cast: Cast) -> None:
    assert queries.rules(cast.viewer("LC", Role.INSPECTOR)).switches
    with pytest.raises(CommandError):
        queries.rules(cast.viewer("LC"))


def test_days_before_the_rulebook_are_judged_by_its_first_values(
    database: Database, source: RuleSource
) -> None:
    old = on(database, source, date(2012, 12, 31)).rulebook
    assert old == on(database, source, date(2013, 1, 1)).rulebook


def test_a_plain_rulebook_stands_for_itself_on_every_day(database: Database) -> None:
    rulebook = load_rulebook(confirmed={"HN-4.1d"})
    with database.reading() as connection:
        fixed = dated(rulebook, connection)
        assert fixed.on(date(2000, 1, 1)).rulebook is rulebook
        assert FixedRules(rulebook).at(connection).media_on(TODAY).switches["D-13"].chosen == "half_up"

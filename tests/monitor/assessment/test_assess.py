"""The stored sheet: opening, frozen rules, facts, entries, rights, handing in, two edits."""

import shutil
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from monitor.assessment.dossier import AssessmentState, BaseKind, EntryKind
from monitor.assessment.view import explain_year_sheet, sheet_as_json
from monitor.errors import (
    BadParameter,
    CommandError,
    OutOfScope,
    PeriodLocked,
    ReadOnlyRole,
    StateError,
)
from monitor.store.assessment import acts as assessment_acts
from monitor.store.assessment import sheets as assessments
from monitor.units import Role, Viewer
from monitor.usecases.assessment import entries as assess_entries
from monitor.usecases.assessment import publish as assess_publish
from monitor.usecases.assessment import records as assess_records
from monitor.usecases.assessment.entries import SelfIncomplete, enter, submit_self, undo
from scoring.errors import InputError, NoRulebookInForce, PointsOutOfRange, ReasonRequired
from scoring.strict import RULEBOOK_FOLDER
from tests.monitor.assess_help import YEAR, Panel


def hand_in(panel: Panel) -> assess_entries.HandedIn:
    panel.own("一3", "0.7")
    panel.own("二2c", "0.5")
    return panel.by(panel.admin, submit_self, YEAR)


def test_a_sheet_nobody_has_begun_is_filled_for_the_look_and_not_stored(panel: Panel) -> None:
    sheet = panel.sheet()
    assert sheet.dossier.assessment.assessment_id == 0
    assert sheet.sheet.headline == "已评 0.20 / 可评 6.50 / 满分 10（原文残缺 3.5）"  # its own account
    with panel.database.reading() as connection:
        assert assessments.load_assessments(connection, YEAR, "hn-2013", "/") == []


def test_a_university_follows_by_reference_and_a_township_has_no_sheet(panel: Panel) -> None:
    assert panel.sheet("QD").dossier.assessment.is_reference
    assert not panel.sheet("LC").dossier.assessment.is_reference
    assert "参照执行" in explain_year_sheet(panel.sheet("QD"))[0]
    with pytest.raises(NoRulebookInForce):
        panel.sheet("LC01")


def test_editing_the_rulebook_never_changes_a_sheet_already_begun(panel: Panel, tmp_path: Path) -> None:
    panel.rulebooks = Path(shutil.copytree(RULEBOOK_FOLDER, tmp_path / "rules"))
    panel.correct("一3", "records", 3)
    before = panel.sheet()
    file = panel.rulebooks / "hn-2013.toml"
    file.write_text(file.read_text("utf-8").replace("points = 0.1\n", "points = 0.3\n", 1), "utf-8")
    after, other = panel.sheet(), panel.sheet("YS")
    assert after.dossier.rules.hash == before.dossier.rules.hash == after.dossier.assessment.rules_hash
    assert panel.points("HN-A1.3") == Decimal("0.3")
    panel.correct("一3", "records", 3, unit="YS")  # begun under the new text
    assert panel.points("HN-A1.3", "YS") == Decimal("0.9")
    assert other.dossier.rules.hash != before.dossier.rules.hash


def test_the_three_kinds_stand_side_by_side_and_the_site_adds_no_points(panel: Panel) -> None:
    panel.own("一1", "0.9")
    panel.by(panel.inspector, enter, YEAR, "LC", EntryKind.SITE, "一1", "0.3", "现场未见文件")
    panel.judge("一1", "0.5")
    line = next(each for each in panel.sheet().lines if each.line.item == "HN-A1.1")
    assert {entry.kind: entry.points for entry in line.entries} == {
        EntryKind.SELF: Decimal("0.9"),
        EntryKind.SITE: Decimal("0.3"),
        EntryKind.PANEL: Decimal("0.5"),
    }
    assert (line.line.points, line.line.self_points) == (Decimal("0.5"), Decimal("0.9"))


def test_every_number_is_explained_and_the_total_is_the_visible_sum(panel: Panel) -> None:
    panel.everything()
    panel.own("一1", "1")
    sheet = panel.sheet()
    assert sheet.sheet.scored == sum(line.line.points or 0 for line in sheet.lines)
    text = "\n".join(explain_year_sheet(sheet))
    for piece in (
        "覆盖团员青年 9500/10000 = 95.00%，90% 以上（含） → 0.80〔HN-A2.2a 推定〕",
        "团员青年数 10000，来源：团统〔2026〕1号（2026-11-20 录入）（基数登记",
        "数据：核对材料（人工核定，2026-11-20 15:00，QS管理员）",
        "考评 1.00，依据（QS管理员，2026-11-20 15:00）",
        "团省委补充：分值 2.00，依据 琼团办字〔2026〕9号",
        "尚无抽查记录",
        "合计：",
        "〔HN-4.3 载明，暂定〕",
    ):
        assert piece in text, text
    stored = sheet_as_json(sheet)
    lines: Any = stored["lines"]
    assert stored["scored"] == "10.00"
    assert all(line["clause"] and line["arithmetic"] and line["status"] for line in lines)


def test_what_the_machine_found_scores_nothing_where_the_rule_is_lost(panel: Panel) -> None:
    lines = {each.line.item: each for each in panel.sheet().lines}
    notes = [fact.text for item in ("HN-A3.1", "HN-A3.2") for fact in lines[item].facts]
    assert notes[0] == "2026-11-20 有在任管理员的群 2/2 个"
    assert "每日职责：❔无数据" in notes[2]
    assert lines["HN-A3.1"].line.points is None
    assert all(fact.is_note for item in ("HN-A3.1", "HN-A3.2") for fact in lines[item].facts)


def test_more_members_than_the_base_are_counted_as_the_base_with_a_warning(panel: Panel) -> None:
    panel.base(BaseKind.MEMBERS, 50)  # the two groups have 80
    line = next(each for each in panel.sheet().lines if each.line.item == "HN-A2.2a")
    assert line.line.points == Decimal("0.8")
    assert any("大于基数 50，按基数计，请核对" in fact.text for fact in line.facts)


def test_a_base_keeps_its_history_and_its_source(panel: Panel) -> None:
    panel.base(BaseKind.MEMBERS, 100)
    panel.base(BaseKind.MEMBERS, 120)
    with panel.database.reading() as connection:
        history = assessment_acts.load_base_history(connection, panel.cast.units["LC"], YEAR)
    assert [(base.number, base.source, base.entered_by) for base in history] == [
        (100, "团统〔2026〕1号", "chat:QS"),
        (120, "团统〔2026〕1号", "chat:QS"),
    ]


def test_a_correction_counts_before_the_machine_and_can_be_lifted(panel: Panel) -> None:
    assert panel.points("HN-A2.1") == Decimal("0.2")
    panel.correct("二1", "accounts", 0)
    assert panel.points("HN-A2.1") == 0
    panel.correct("二1", "accounts", None)
    assert panel.points("HN-A2.1") == Decimal("0.2")


BAD_ENTRIES = [
    ("above the item", EntryKind.PANEL, "一2", "1.01", "依据", PointsOutOfRange, "0 到 1 分"),
    ("above the panel's part", EntryKind.PANEL, "二1", "0.3", "依据", PointsOutOfRange, "0 到 0.2 分"),
    ("negative", EntryKind.PANEL, "一1", "-0.1", "依据", PointsOutOfRange, "0 到 1 分"),
    ("text", EntryKind.PANEL, "一1", "很好", "依据", InputError, "输入有误"),
    ("not a number", EntryKind.PANEL, "一1", "NaN", "依据", InputError, "输入有误"),
    ("without reason", EntryKind.PANEL, "一2", "0.5", " ", ReasonRequired, "原文缺失"),
    ("self without reason", EntryKind.SELF, "三1", "0.5", "", ReasonRequired, "原文缺失"),
    ("overlong reason", EntryKind.PANEL, "一2", "0.5", "长" * 501, BadParameter, "500"),
    ("computed item", EntryKind.PANEL, "二2a", "0.5", "依据", BadParameter, "不由考评组打分"),
    ("lost item", EntryKind.PANEL, "三3", "0.5", "依据", BadParameter, "团省委附文件补充"),
    ("unknown item", EntryKind.PANEL, "五1", "0.5", "依据", BadParameter, "没有这个项目"),
    ("several items", EntryKind.PANEL, "二2", "0.5", "依据", BadParameter, "二2a、二2b、二2c"),
]


@pytest.mark.parametrize(
    ("kind", "item", "points", "reason", "error", "words"),
    [case[1:] for case in BAD_ENTRIES],
    ids=[case[0] for case in BAD_ENTRIES],
)
def test_a_bad_entry_is_refused_in_words_and_leaves_nothing(
    panel: Panel, kind: EntryKind, item: str, points: str, reason: str, error: type[Exception], words: str
) -> None:
    viewer, unit = (panel.admin, None) if kind is EntryKind.SELF else (panel.inspector, "LC")
    with pytest.raises(error) as refused:
        panel.by(viewer, enter, YEAR, unit, kind, item, points, reason)
    assert words in refused.value.user_text  # type: ignore[attr-defined]
    assert panel.sheet().dossier.entries == ()


@pytest.mark.parametrize(
    ("number", "source", "words"),
    [(-1, "来源", "0 或正整数"), (5, " ", "请填写来源"), (10**13, "来源", "0 或")],
)
def test_a_bad_base_is_refused(panel: Panel, number: int, source: str, words: str) -> None:
    with pytest.raises(BadParameter) as refused:
        panel.by(panel.inspector, assess_records.set_base, YEAR, "LC", BaseKind.MEMBERS, number, source)
    assert words in refused.value.user_text


@pytest.mark.parametrize("year", [YEAR + 1, 1999])
def test_a_year_that_has_not_begun_is_refused(panel: Panel, year: int) -> None:
    with pytest.raises(BadParameter):
        panel.desk.sheet(panel.inspector, year, "LC")


@pytest.mark.parametrize(
    ("unit", "role", "kind", "of", "error"),
    [
        ("LC", Role.UNIT_ADMIN, EntryKind.PANEL, "LC", CommandError),
        ("LC", Role.UNIT_ADMIN, EntryKind.SITE, "LC", CommandError),
        ("LC", Role.UNIT_ADMIN, EntryKind.SELF, "YS", OutOfScope),
        ("LC", Role.UNIT_ADMIN, EntryKind.PANEL, "YS", OutOfScope),
        ("LC", Role.UNIT_ADMIN, EntryKind.SELF, "NO", OutOfScope),
        ("LC01", Role.BRANCH_ADMIN, EntryKind.SELF, "LC01", OutOfScope),
        ("QS", Role.LEADER, EntryKind.PANEL, "LC", ReadOnlyRole),
        ("QS", Role.LEADER, EntryKind.SELF, "LC", ReadOnlyRole),
        ("QS", Role.OPERATOR, EntryKind.PANEL, "LC", OutOfScope),
        ("QS", Role.INSPECTOR, EntryKind.SELF, "LC", CommandError),
        ("LC", Role.INSPECTOR, EntryKind.PANEL, "YS", OutOfScope),
    ],
)
def test_who_may_not_enter_what(
    panel: Panel, unit: str, role: Role, kind: EntryKind, of: str, error: type[Exception]
) -> None:
    viewer = panel.cast.viewer(unit, role)
    with pytest.raises(error):
        panel.by(viewer, enter, YEAR, of, kind, "一1", "0.5", "依据")


def test_a_sibling_may_not_read_a_sheet_and_a_leader_may(panel: Panel) -> None:
    for code in ("YS", "NO"):
        with pytest.raises(OutOfScope) as refused:
            panel.sheet(code, panel.admin)
        assert refused.value.user_text == "无权查看该单位"
    assert panel.sheet("YS", panel.cast.viewer("QS", Role.LEADER)).sheet.full == 10


def test_the_unit_sees_the_panels_points_only_when_they_are_published(panel: Panel) -> None:
    panel.everything()
    hidden = panel.sheet("LC", panel.admin)
    assert (hidden.hides_panel, hidden.result) == (True, None)
    assert "考评 1.00" not in "\n".join(explain_year_sheet(hidden))
    panel.begin()
    panel.publish()
    assert panel.sheet("LC", panel.admin).result is not None


@pytest.mark.parametrize(
    "act",
    [
        lambda panel, viewer: panel.by(viewer, assess_records.supply_item, YEAR, "四", "1", "文件"),
        lambda panel, viewer: panel.by(viewer, assess_records.confirm_reading, YEAR, "D-10", "文件"),
        lambda panel, viewer: panel.by(viewer, assess_publish.publish, YEAR, "LC"),
        lambda panel, viewer: panel.by(
            viewer, assess_records.set_base, YEAR, "LC", BaseKind.MEMBERS, 1, "来源"
        ),
    ],
)
def test_what_only_the_province_establishes(panel: Panel, act: Any) -> None:
    for viewer in (panel.admin, panel.cast.viewer("QS", Role.LEADER)):
        with pytest.raises(CommandError):
            act(panel, viewer)


def test_the_same_entry_sent_twice_is_stored_once(panel: Panel) -> None:
    first, second = panel.judge("一1", "0.5"), panel.judge("一1", "0.50")
    assert first.number > 0
    assert (second.number, second.entry.version) == (0, 1)


def test_handing_in_refuses_while_a_stated_item_is_empty_and_lists_them(panel: Panel) -> None:
    panel.own("一1", "1")
    with pytest.raises(SelfIncomplete) as refused:
        panel.by(panel.admin, submit_self, YEAR)
    assert "一3 例会制度（1 分）；二2c 覆盖各层级、各类型团组织（0.5 分）" in refused.value.user_text
    panel.own("一3", "0")
    panel.own("二2c", "0")
    handed_in = panel.by(panel.admin, submit_self, YEAR)
    assert handed_in.assessment.state is AssessmentState.SUBMITTED
    assert not handed_in.assessment.is_late
    assert "HN-A1.2" in [item.id for item in handed_in.unfilled]


def test_after_handing_in_the_unit_is_locked_and_the_panel_is_not(panel: Panel) -> None:
    hand_in(panel)
    with pytest.raises(PeriodLocked):
        panel.own("一1", "0.1")
    with pytest.raises(PeriodLocked):
        panel.by(panel.admin, submit_self, YEAR)
    panel.judge("一1", "0.5")
    assert panel.sheet().dossier.assessment.state is AssessmentState.PANEL


def test_documents_not_handed_in_are_open_before_and_none_afterwards(panel: Panel) -> None:
    assert panel.points("HN-A1.3") is None
    hand_in(panel)
    assert panel.points("HN-A1.3") == 0
    line = next(each for each in panel.sheet().lines if each.line.item == "HN-A1.3")
    assert "制度性文件：未提交文件" in [fact.text for fact in line.facts]


@pytest.mark.parametrize(
    ("at", "late"),
    [(datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC), False), (datetime(2026, 12, 31, 16, tzinfo=UTC), True)],
)
def test_after_december_31_it_is_taken_and_marked_late(panel: Panel, at: datetime, late: bool) -> None:
    panel.clock.now = at
    assert hand_in(panel).assessment.is_late is late
    assert ("逾期" in explain_year_sheet(panel.sheet())[1]) is late


def test_an_entry_is_taken_back_within_ten_minutes_by_who_made_it(panel: Panel) -> None:
    panel.own("一1", "0.4")
    number = panel.own("一1", "0.9").number
    stranger: Viewer = panel.cast.viewer("YS")
    assert panel.by(stranger, undo, number) is None
    taken_back = panel.by(panel.admin, undo, number)
    assert taken_back is not None
    assert taken_back.what == "鹭川团市委 HN-A1.1 的自评，现为0.40 分"
    with pytest.raises(StateError):
        panel.by(panel.admin, undo, number)
    late = panel.own("一1", "0.8").number
    panel.clock.advance(minutes=11)
    assert panel.by(panel.admin, undo, late) is None


def test_the_first_entry_taken_back_leaves_the_item_open(panel: Panel) -> None:
    panel.by(panel.inspector, undo, panel.judge("一2", "0.4").number)
    assert panel.points("HN-A1.2") is None
    assert panel.judge("一2", "0.5").entry.version == 3


def test_handing_in_can_be_taken_back_until_the_panel_begins(panel: Panel) -> None:
    panel.by(panel.admin, undo, hand_in(panel).number)
    assert panel.sheet().dossier.assessment.state is AssessmentState.DRAFT
    number = panel.by(panel.admin, submit_self, YEAR).number
    panel.judge("一1", "0.5")
    with pytest.raises(StateError):
        panel.by(panel.admin, undo, number)

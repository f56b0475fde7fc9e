"""Two people who edit the same sheet at once: versions, both values shown, nothing lost (HN-4.0)."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from threading import Barrier

import pytest

from monitor.assessment.dossier import Assessment, EntryKind
from monitor.errors import VersionConflict
from monitor.store.assessment import sheets as assessments
from monitor.store.database import Database
from monitor.usecases.assessment.entries import enter
from tests.monitor.assess_help import YEAR, Panel


def test_two_edits_of_one_entry_show_both_values_and_lose_none(panel: Panel) -> None:
    def edit(points: str, version: int) -> object:
        arguments = (YEAR, "LC", EntryKind.PANEL, "一2", points, f"给 {points}")
        return panel.by(panel.inspector, enter, *arguments, expected_version=version)

    edit("0.4", 0)
    edit("0.6", 1)
    with pytest.raises(VersionConflict) as conflict:
        edit("0.8", 1)
    assert "0.60 分（给 0.6）" in conflict.value.stored
    assert "0.80 分（给 0.8）" in conflict.value.attempted
    assert all(value in conflict.value.user_text for value in ("0.60", "0.80", "未保存"))
    with panel.database.reading() as connection:
        sheet_id = panel.sheet().dossier.assessment.assessment_id
        history = assessments.load_entry_history(connection, sheet_id, "HN-A1.2", EntryKind.PANEL)
    assert [(entry.version, entry.points) for entry in history] == [(1, Decimal("0.4")), (2, Decimal("0.6"))]


def test_two_processes_that_edit_at_once_are_one_entry_and_one_conflict(panel: Panel) -> None:
    panel.judge("一1", "1")  # the sheet is open
    other = replace(panel, database=Database(panel.database.url))

    def edit(at: Panel, points: str) -> str:
        arguments = (YEAR, "LC", EntryKind.PANEL, "一2", points, f"给 {points}")
        try:
            at.by(at.inspector, enter, *arguments, expected_version=0)
        except VersionConflict as conflict:
            return conflict.stored
        return ""

    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(edit, (panel, other), ("0.4", "0.6")))
    other.database.close()
    assert sorted(map(bool, told)) == [False, True]
    kept = panel.points("HN-A1.2")
    assert f"{kept:.2f} 分" in "".join(told)


@pytest.mark.parametrize("kind", list(EntryKind))
def test_who_loses_the_race_sees_both_values_and_may_then_enter_theirs(panel: Panel, kind: EntryKind) -> None:
    """Two people edit one item of one sheet at the same moment: 自评, 考察 or 考评; nothing is lost."""
    viewer = panel.admin if kind is EntryKind.SELF else panel.inspector
    other, start = replace(panel, database=Database(panel.database.url)), Barrier(2)

    def edit(at: Panel, points: str, seen: int) -> VersionConflict | None:
        unit = None if kind is EntryKind.SELF else "LC"
        try:
            at.by(viewer, enter, YEAR, unit, kind, "一2", points, f"给 {points}", expected_version=seen)
        except VersionConflict as conflict:
            return conflict
        return None

    def edit_at_once(at: Panel, points: str) -> VersionConflict | None:
        start.wait()
        return edit(at, points, 0)

    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(edit_at_once, (panel, other), ("0.4", "0.6")))
    (conflict,) = [each for each in told if each]
    lost, kept = ("0.6", "0.4") if told[1] else ("0.4", "0.6")
    assert f"{kept}0 分（给 {kept}）" in conflict.stored
    assert f"{lost}0 分（给 {lost}）" in conflict.attempted
    assert all(words in conflict.user_text for words in (conflict.stored, conflict.attempted, "未保存"))
    assert edit(other, lost, 1) is None  # having seen the other's value
    other.database.close()
    (sheet,) = sheets_of(panel)
    with panel.database.reading() as connection:
        history = assessments.load_entry_history(connection, sheet.assessment_id, "HN-A1.2", kind)
    assert [(entry.version, entry.points) for entry in history] == [(1, Decimal(kept)), (2, Decimal(lost))]


def test_edits_of_different_items_at_once_are_both_kept(panel: Panel) -> None:
    other, start = replace(panel, database=Database(panel.database.url)), Barrier(2)

    def judge(at: Panel, item: str) -> None:
        start.wait()
        at.judge(item, "0.5")

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(judge, (panel, other), ("一1", "一2")))
    other.database.close()
    assert (panel.points("HN-A1.1"), panel.points("HN-A1.2")) == (Decimal("0.5"), Decimal("0.5"))
    assert len(sheets_of(panel)) == 1


def sheets_of(panel: Panel) -> list[Assessment]:
    with panel.database.reading() as connection:
        return assessments.load_assessments(connection, YEAR, "hn-2013", "/")

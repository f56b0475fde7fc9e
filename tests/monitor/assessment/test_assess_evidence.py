"""Evidence: what is taken by name and content, where it lies, who reads it; meeting records."""

import io
import os
import stat
import zipfile
from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import pytest

from monitor.assessment.evidence import MAX_BYTES, AcceptedFile, EvidenceRefused, MediaType, accept_file
from monitor.errors import BadParameter, CommandError, OutOfScope, PeriodLocked, StateError, StorageError
from monitor.store.assessment.evidence import EvidenceFolder
from monitor.units import Role
from monitor.usecases.assessment.entries import submit_self
from monitor.usecases.assessment.evidence import (
    EvidenceNotFound,
    hand_in,
    register_meeting,
    show_evidence,
    take_out,
    void_meeting,
)
from tests.monitor.assess_help import PDF, YEAR, Panel, package

JPG = b"\xff\xd8\xff\xe0" + b"0" * 20
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20
TITLE = "微信工作专题会"


def nested_bomb() -> bytes:
    return package(("word/media/big.bin", b"\0" * (101 * 1024 * 1024)))


def lying_package() -> bytes:
    """A package whose directory says that a member is small; what is packed is larger."""
    made = bytearray(package(("word/a.xml", b"a" * 50_000)))
    size = (50_000).to_bytes(4, "little")
    return bytes(made.replace(size, (10).to_bytes(4, "little")))


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("制度.pdf", PDF, MediaType.PDF),
        ("照片.JPG", JPG, MediaType.JPG),
        ("照片.jpeg", JPG, MediaType.JPG),
        ("截图.png", PNG, MediaType.PNG),
        ("会议.docx", package(), MediaType.DOCX),
        ("名单.xlsx", package(core="xl/workbook.xml"), MediaType.XLSX),
    ],
)
def test_allowed_kinds_are_taken_under_their_hash(name: str, content: bytes, media_type: MediaType) -> None:
    file = accept_file(name, content)
    assert file == AcceptedFile(name, media_type, sha256(content).hexdigest(), content)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("程序.exe", b"MZ", "只接受"),
        ("制度.pdf", b"MZ\x90", "不符"),
        ("制度.pdf", b" %PDF-1.4", "不符"),
        ("照片.png", JPG, "不符"),
        ("制度.pdf.exe", PDF, "只接受"),
        ("制度", PDF, "文件名"),
        (".pdf", PDF, "文件名"),
        ("", PDF, "文件名"),
        ("fdp\u202e.pdf", PDF, "不可见"),
        ("a\x00.pdf", PDF, "不可见"),
        ("a\n.pdf", PDF, "不可见"),
        ("空.pdf", b"", "空"),
        ("大.pdf", PDF + b"0" * MAX_BYTES, "10 MB"),
        ("会议.docx", b"PK\x03\x04garbage", "损坏"),
        ("会议.docx", package(core="xl/workbook.xml"), "损坏"),
        ("会议.docx", package(("word/vbaProject.bin", b"x")), "宏"),
        ("会议.docx", package()[:-30], "损坏"),
    ],
)
def test_what_is_not_what_it_says_is_refused(name: str, content: bytes, words: str) -> None:
    with pytest.raises(EvidenceRefused) as refused:
        accept_file(name, content)
    assert words in refused.value.user_text


def test_a_zip_bomb_is_refused_however_small_it_is() -> None:
    bomb = nested_bomb()
    assert len(bomb) < 1024 * 1024
    with pytest.raises(EvidenceRefused, match="zip bomb"):
        accept_file("会议.docx", bomb)


def test_a_package_that_lies_about_its_sizes_or_has_too_many_members_is_refused() -> None:
    with pytest.raises(EvidenceRefused):
        accept_file("会议.docx", lying_package())
    wire = io.BytesIO()
    with zipfile.ZipFile(wire, "w") as made:
        for number in range(2_001):
            made.writestr(f"{number}", b"")
    with pytest.raises(EvidenceRefused):
        accept_file("会议.docx", wire.getvalue())


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\文件\\制度.pdf", "制度.pdf"),
        ("/var/www/x.pdf", "x.pdf"),
        ("<script>.pdf", "<script>.pdf"),
        ("长" * 300 + ".pdf", "长" * 96 + ".pdf"),
    ],
)
def test_a_hostile_name_is_only_a_name(name: str, shown: str) -> None:
    assert accept_file(name, PDF).name == shown


def test_a_file_lies_under_its_hash_for_its_owner_only(tmp_path: Path) -> None:
    folder = EvidenceFolder(tmp_path / "evidence")
    file = accept_file("../制度.pdf", PDF)
    folder.put(file)
    folder.put(file)
    found = [path for path in (tmp_path / "evidence").rglob("*") if path.is_file()]
    assert [path.name for path in found] == [file.sha256]
    assert stat.S_IMODE(found[0].stat().st_mode) == 0o600
    assert folder.read(file.sha256) == PDF


def test_a_file_that_was_changed_or_is_gone_is_not_shown(tmp_path: Path) -> None:
    folder = EvidenceFolder(tmp_path)
    file = accept_file("制度.pdf", PDF)
    folder.put(file)
    place = tmp_path / file.sha256[:2] / file.sha256
    os.chmod(place, 0o600)
    place.write_bytes(b"%PDF-other")
    with pytest.raises(StorageError, match="changed"):
        folder.read(file.sha256)
    place.unlink()
    with pytest.raises(StorageError, match="gone"):
        folder.read(file.sha256)
    with pytest.raises(ValueError, match="not a hash"):
        folder.read("../../etc/passwd")


def test_a_document_scores_and_the_same_one_is_linked_once(panel: Panel) -> None:
    desk = panel.desk
    first, is_new = hand_in(desk, panel.admin, YEAR, None, "一1", "complete_document", "制度.pdf", PDF)
    again, is_new_again = hand_in(desk, panel.admin, YEAR, None, "一1", "complete_document", "别名.pdf", PDF)
    assert (is_new, is_new_again, first) == (True, False, again)
    assert panel.points("HN-A1.1") == Decimal("0.5")
    hand_in(desk, panel.admin, YEAR, None, "一1", "promoted_document", "出台.png", PNG)
    assert panel.points("HN-A1.1") == 1
    panel.by(panel.admin, take_out, first.link_id)
    assert panel.points("HN-A1.1") == Decimal("0.5")
    hand_in(desk, panel.admin, YEAR, None, "一1", "complete_document", "制度.pdf", PDF)
    assert panel.points("HN-A1.1") == 1


def test_meetings_with_a_record_are_counted_and_one_record_proves_one_meeting(panel: Panel) -> None:
    desk, admin = panel.desk, panel.admin
    number, is_new = register_meeting(desk, admin, None, date(2026, 3, 1), TITLE, "记录.pdf", PDF)
    assert is_new
    assert register_meeting(desk, admin, None, date(2026, 3, 1), TITLE, "再传.pdf", PDF) == (number, False)
    with pytest.raises(StateError):
        register_meeting(desk, admin, None, date(2026, 4, 1), TITLE, "记录.pdf", PDF)
    register_meeting(desk, admin, None, date(2026, 4, 1), TITLE, "记录.png", PNG)
    register_meeting(desk, admin, None, date(2025, 4, 1), TITLE, "去年.jpg", JPG)
    line = next(each for each in panel.sheet().lines if each.line.item == "HN-A1.3")
    assert line.line.points == Decimal("0.2")
    assert [fact.text for fact in line.facts] == ["已登记并附材料的会议记录 2 次（03-01、04-01）"]
    panel.by(admin, void_meeting, number, "重复登记")
    assert panel.points("HN-A1.3") == Decimal("0.1")
    assert register_meeting(desk, admin, None, date(2026, 3, 1), TITLE, "记录.pdf", PDF) == (number, True)


@pytest.mark.parametrize(
    ("held_on", "title", "words"),
    [(date(2026, 11, 21), TITLE, "今天之后"), (date(2026, 3, 1), " ", "会议名称")],
)
def test_a_bad_meeting_is_refused(panel: Panel, held_on: date, title: str, words: str) -> None:
    with pytest.raises(BadParameter) as refused:
        register_meeting(panel.desk, panel.admin, None, held_on, title, "记录.pdf", PDF)
    assert words in refused.value.user_text


def test_a_slot_that_the_item_does_not_have_is_refused(panel: Panel) -> None:
    with pytest.raises(BadParameter):
        hand_in(panel.desk, panel.admin, YEAR, None, "一2", "document", "制度.pdf", PDF)


@pytest.mark.parametrize(
    ("unit", "role", "of", "error"),
    [
        ("YS", Role.UNIT_ADMIN, "LC", OutOfScope),
        ("LC01", Role.BRANCH_ADMIN, "LC01", OutOfScope),
        ("QS", Role.LEADER, "LC", CommandError),
    ],
)
def test_who_may_not_hand_in_leaves_no_file(
    panel: Panel, unit: str, role: Role, of: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        hand_in(panel.desk, panel.cast.viewer(unit, role), YEAR, of, "一1", "", "制度.pdf", PDF)
    assert not panel.folder.exists()


def test_after_handing_in_the_unit_adds_nothing_and_the_panel_may(panel: Panel) -> None:
    panel.own("一3", "0.7")
    panel.own("二2c", "0.5")
    panel.by(panel.admin, submit_self, YEAR)
    with pytest.raises(PeriodLocked):
        hand_in(panel.desk, panel.admin, YEAR, None, "一1", "", "制度.pdf", PDF)
    with pytest.raises(PeriodLocked):
        register_meeting(panel.desk, panel.admin, None, date(2026, 3, 1), TITLE, "记录.pdf", PDF)
    assert hand_in(panel.desk, panel.inspector, YEAR, "LC", "一1", "", "现场.jpg", JPG)[1]


def test_evidence_is_read_by_the_number_of_its_link_inside_ones_scope(panel: Panel) -> None:
    link, _ = hand_in(panel.desk, panel.admin, YEAR, None, "一1", "", "制度.pdf", PDF)
    shown = show_evidence(panel.desk, panel.admin, link.link_id)
    assert (shown.name, shown.media_type, shown.content) == ("制度.pdf", "application/pdf", PDF)
    for viewer, number in (
        (panel.cast.viewer("YS"), link.link_id),
        (panel.admin, link.link_id + 7),
        (panel.admin, 10**12),
    ):
        with pytest.raises(EvidenceNotFound):
            show_evidence(panel.desk, viewer, number)

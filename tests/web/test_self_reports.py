"""自报核实 on the console: reports with screenshots are approved or sent back, in scope only."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from monitor.assessment.evidence import accept_picture
from monitor.people.steps import PictureState
from monitor.store import directory
from monitor.store.assessment.evidence import EvidenceFolder
from monitor.store.database import Database
from monitor.store.people import pictures
from monitor.store.people.dialog_tables import ChatPictureRow
from monitor.store.people.pictures import DuePicture, NewPicture
from monitor.store.tables import table_of
from monitor.units import Role, Viewer
from monitor.usecases.days.self_reporting import PICTURE, Bench, make_report
from tests.conftest import FrozenClock
from tests.web.conftest import Login
from tests.web.test_assess import send

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64


@pytest.fixture
def numbers(filled: Database, clock: FrozenClock, tmp_path: Path) -> dict[str, int]:
    """Reports of a group of 鹭川 and one of 云杉; that of 鹭川 has two screenshots with one content."""

    def write(connection: Any) -> dict[str, int]:
        found = {}
        for code, day in (("LC0001", date(2026, 11, 20)), ("YS0001", date(2026, 11, 19))):
            group = directory.load_group_by_code(connection, code)
            assert group
            viewer = Viewer(
                "chat:9",
                Role.GROUP_MANAGER,
                group.unit_id,
                group.unit_path,
                "李群管",
                frozenset((group.group_id,)),
            )
            report = make_report(Bench(connection, viewer, clock()), group, day, 8, 2).report
            found[code] = report.number
        for n in (1, 2):
            picture = NewPicture("demo", "p", n, f"M{n}", "chat:9", clock())
            number = pictures.insert_picture(connection, picture, PICTURE, found["LC0001"])
            found[f"picture{n}"] = number
            due = DuePicture(number, "demo", f"M{n}", "chat:9", PICTURE, found["LC0001"], clock(), 1)
            file = accept_picture("one", PNG)
            folder.put(file)
            pictures.finish_kept(connection, due, file, clock())
        return found

    folder = EvidenceFolder(tmp_path / "evidence")
    return filled.write(write)


def counts(database: Database) -> list[tuple[Any, ...]]:
    with database.reading() as connection:
        sql = "SELECT n_posts, n_relevant FROM day_count WHERE provenance = '自报' ORDER BY n_posts"
        return [tuple(row) for row in connection.execute(text(sql))]


def test_the_list_shows_report_source_and_screenshots_and_each_viewer_their_own(
    login: Login, numbers: dict[str, int]
) -> None:
    page = login("luchuan").get("/self-reports").text
    assert ("鹭川团干群" in page, "云杉团干群" in page) == (True, False)
    assert f"截图（第 {numbers['picture2']} 号）与此前第 {numbers['picture1']} 号相同" in page
    both = login("province").get("/self-reports").text
    assert ("待核 2 件，其中补报待批 1 件、截图重复 1 件" in both, "补报，未计入" in both) == (True, True)


def test_a_screenshot_is_served_in_scope_only(login: Login, numbers: dict[str, int]) -> None:
    address = f"/self-reports/pictures/{numbers['picture1']}"
    shown = login("luchuan").get(address)
    assert (shown.status_code, shown.mimetype, shown.data) == (200, "image/png", PNG)
    assert login("yunshan").get(address).status_code == 404
    assert login("luchuan").get("/self-reports/pictures/999").status_code == 404
    assert login("leader").get(address).status_code == 403


def test_approving_and_sending_back_move_the_count(
    login: Login, filled: Database, numbers: dict[str, int]
) -> None:
    assert counts(filled) == [(8, 2)], "the late one of 云杉 waits"
    unit, late = login("yunshan"), f"/self-reports/{numbers['YS0001']}"
    assert send(unit, late, seen="/self-reports", decision="通过", reason="").status_code == 302
    assert counts(filled) == [(8, 2), (8, 2)]
    refused = send(unit, late, seen="/self-reports", decision="退回", reason="")
    assert (refused.status_code, "请写明退回原因" in refused.text) == (400, True)
    assert send(unit, late, seen="/self-reports", decision="退回", reason="截图不符").status_code == 302
    assert counts(filled) == [(8, 2)]
    returned = unit.get("/self-reports?state=已退回").text
    assert ("截图不符" in returned, 'value="通过"' in returned) == (True, False)
    again = send(unit, late, seen="/self-reports", decision="通过", reason="")
    assert (again.status_code, "不能再通过" in again.text) == (400, True)


def test_a_foreign_report_is_not_found(login: Login, numbers: dict[str, int]) -> None:
    client = login("yunshan")
    for number in (numbers["LC0001"], 99_999):
        answer = send(client, f"/self-reports/{number}", seen="/self-reports", decision="通过", reason="")
        assert answer.status_code == 404
    bad = send(client, f"/self-reports/{numbers['YS0001']}", seen="/self-reports", decision="随便")
    assert bad.status_code == 400


def test_a_picture_that_has_not_come_yet_is_said(
    login: Login, filled: Database, numbers: dict[str, int]
) -> None:
    table = table_of(ChatPictureRow)
    waiting = table.update().where(table.c.id == numbers["picture2"])
    filled.write(
        lambda c: (
            c.execute(waiting.values(state=PictureState.WAITING.value, sha256="", same_as=None)).rowcount
        )
    )
    assert "截图待获取" in login("luchuan").get("/self-reports").text

"""Pages on paper: A4 from Chromium, headings repeated, nothing cut off, no menu, the time of the data."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.store import directory
from monitor.store.database import Database
from monitor.units import Role, Viewer
from monitor.usecases.spot_checks.desk import SpotChecks
from monitor.usecases.spot_checks.file import file_spot_check
from scoring.rulebook import Rulebook
from tests.conftest import FrozenClock
from tests.web.browsing import NEEDS, Visit, opened_browser, served
from tests.web.conftest import make_app
from tests.web.filling import PASSWORD

pdftotext = shutil.which("pdftotext")
pytestmark = [*NEEDS, pytest.mark.skipif(pdftotext is None, reason="pdftotext is not installed")]
WIDTH = 703  # pixels between the margins of an A4 page
PAGES = {  # address → what stands in the heading of its table
    "/brief/2026-11": "达标/有数据",
    "/assess/2026/LC": "自评",
    "/checks": "检查条数",
    "/checks/CC-2026-0001": "",
    "/rankings": "名次",
    "/ledger": "管理员",
    "/weekly": "提交时间",
}

RIGHTMOST = """Math.max(...[...document.querySelectorAll('td, th, p, dd')]
    .map(e => e.getBoundingClientRect().right))"""
REPEATS = """[...document.querySelectorAll('thead')]
    .every(e => getComputedStyle(e).display === 'table-header-group')"""


@pytest.fixture
def visit(filled_template: Path, rulebook: Rulebook, tmp_path: Path, clock: FrozenClock) -> Iterator[Visit]:
    file = tmp_path / "filled.db"
    file.write_bytes(filled_template.read_bytes())
    database = Database(f"sqlite:///{file}")
    with database.reading() as connection:
        root = directory.load_unit_by_code(connection, "QS")
    assert root is not None
    viewer = Viewer("console:9", Role.INSPECTOR, root.unit_id, root.path, "督导员")
    SpotChecks(database, clock).write(viewer, lambda sitting: file_spot_check(sitting, "LC0001", 3))
    with (
        served(make_app(database, clock, rulebook, tmp_path / "evidence")) as site,
        opened_browser() as browser,
    ):
        visit = Visit(browser, site, "desk", "light")
        visit.sign_in("province", PASSWORD)
        yield visit
        visit.context.close()
    database.close()


def test_pages_are_printed_whole_with_their_headings_and_without_the_menu(
    visit: Visit, tmp_path: Path
) -> None:
    for address, heading in PAGES.items():
        visit.open(address)
        pdf = tmp_path / "page.pdf"
        pdf.write_bytes(visit.page.pdf(format="A4", prefer_css_page_size=True))
        assert pdftotext
        done = subprocess.run([pdftotext, "-layout", str(pdf), "-"], capture_output=True, check=True)
        text = re.sub(r"[ \t]+", "", done.stdout.decode())
        assert heading in text, address
        assert "退出" not in text, address
        assert "跟随系统" not in text, address
        assert re.search(r"\d{2}-\d{2}", text), address
        visit.page.emulate_media(media="print")
        visit.page.set_viewport_size({"width": WIDTH, "height": 1000})
        right = visit.page.evaluate(RIGHTMOST)
        assert right <= WIDTH + 1, (address, right)
        assert visit.page.evaluate(REPEATS), address
        visit.page.emulate_media(media="null")
        visit.page.set_viewport_size({"width": 1280, "height": 900})

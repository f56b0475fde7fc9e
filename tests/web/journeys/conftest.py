"""Fixtures of the journeys: one filled template, a copy of it served for each."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fake_wechat import FakeWeChat
from tests.fake_wechat.clock import FakeClock
from tests.web.browsing import opened_browser, served, sync_api
from tests.web.journeys.stage import Stage, furnish, picture_folder


@pytest.fixture(scope="session")
def furnished(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("journeys")
    file = folder / "furnished.db"
    file.write_bytes(sqlite_template.read_bytes())
    furnish(file, folder)
    return file


@pytest.fixture(scope="session")
def journey_browser() -> Iterator["sync_api.Browser"]:
    with opened_browser() as browser:
        yield browser


@pytest.fixture
def stage(furnished: Path, journey_browser: "sync_api.Browser", tmp_path: Path) -> Iterator[Stage]:
    file = tmp_path / "qingxun.db"
    file.write_bytes(furnished.read_bytes())
    with FakeWeChat(FakeClock()) as platform:
        opened = Stage(
            file, tmp_path, picture_folder(tmp_path / "pictures"), platform, served, journey_browser
        )
        yield opened
        opened.close()

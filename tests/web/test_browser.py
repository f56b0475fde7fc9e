"""The pages in a real browser: both themes, phone and desk, nothing wrong on the console."""

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.web.browsing import LOOKS, NEEDS, Visit, opened_browser, served, sync_api

pytestmark = NEEDS


@pytest.fixture(scope="module")
def browser() -> Iterator["sync_api.Browser"]:
    with opened_browser() as browser:
        yield browser


@pytest.fixture
def site(app: Flask) -> Iterator[str]:
    with served(app) as address:
        yield address


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_overview_is_clean_and_draws_its_trend(
    browser: "sync_api.Browser", site: str, size: str, scheme: str
) -> None:
    visit = Visit(browser, site, size, scheme)
    visit.sign_in("province", "correct horse 9")
    visit.page.locator("#trend svg path").nth(40).wait_for(state="attached")
    visit.picture("overview")
    assert visit.page.locator(".units tbody tr").count() > 10
    assert visit.small_targets() == []
    visit.require_accessible()
    visit.require_clean()
    visit.open("/?unit=LC")
    visit.picture("unit")
    assert visit.page.locator(".crumbs li").count() == 2
    assert visit.small_targets() == []
    visit.require_accessible()
    visit.require_clean()
    visit.context.close()


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_group_page_draws_its_calendar_and_opens_a_day(
    browser: "sync_api.Browser", site: str, size: str, scheme: str
) -> None:
    visit = Visit(browser, site, size, scheme)
    visit.sign_in("luchuan", "correct horse 9")
    visit.open("/group/LC0001")
    calendar = visit.page.locator("#calendar")
    assert calendar.locator("canvas").count() == 1
    assert calendar.bounding_box()["height"] > 300
    visit.picture("group")
    assert visit.small_targets() == []
    visit.require_accessible()
    calendar.focus()
    visit.page.keyboard.press("ArrowLeft")
    visit.page.keyboard.press("ArrowRight")
    assert "2026年11月20日" in visit.page.inner_text("#calendar-status")
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_selector("#drawer .posts li")
    assert visit.page.locator("#drawer .posts li").count() == 5
    visit.picture("drawer", whole=False)
    visit.require_accessible()
    visit.page.keyboard.press("Escape")
    assert not visit.page.locator("#drawer").is_visible()
    visit.require_clean()
    visit.open("/group/LC0003")
    visit.picture("silent")
    visit.open("/group/LC0002")
    visit.require_clean()
    visit.context.close()


def test_a_tap_on_a_calendar_day_opens_that_day(browser: "sync_api.Browser", site: str) -> None:
    visit = Visit(browser, site, "phone", "light")
    visit.sign_in("luchuan", "correct horse 9")
    visit.open("/group/LC0001")
    box = visit.page.locator("#calendar").bounding_box()
    # 2026-11-20 is a Friday in the fourth week of the large month on top
    cell = box["width"] / 7
    visit.page.locator("#calendar").tap(position={"x": cell * 4.5, "y": 46 + 44 * 3 + 22})
    visit.page.wait_for_selector("#drawer-title")
    assert "2026年11月20日" in visit.page.inner_text("#drawer-title")
    visit.page.tap("#drawer .days a >> nth=0")
    visit.page.locator("#drawer-title", has_text="11月19日").wait_for()
    visit.page.tap("[data-close]")
    assert not visit.page.locator("#drawer").is_visible()
    visit.require_clean()
    visit.context.close()


def test_pages_work_without_scripts(browser: "sync_api.Browser", site: str) -> None:
    visit = Visit(browser, site, "phone", "light", java_script_enabled=False)
    visit.sign_in("luchuan", "correct horse 9")
    visit.page.goto(site + "/group/LC0001")
    visit.page.click(".history a >> nth=0")
    assert visit.page.locator(".posts li").count() == 5
    assert visit.page.locator("h1, h2").first.is_visible()
    visit.context.close()

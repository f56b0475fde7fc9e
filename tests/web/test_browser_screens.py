"""The big screen on a wall, a desk and a phone; the tree map; what a first visit weighs."""

from collections.abc import Iterator

import pytest
from flask import Flask

from monitor.console.screens import BadgeFigure, LinkKind
from monitor.store.database import Database
from monitor.units import Role, UnitId, Viewer
from monitor.usecases.console.shared_links import MadeShare, NewShare, make_share, revoke_share
from monitor.usecases.oversight.desk import Oversight
from tests.conftest import FrozenClock
from tests.web.browsing import NEEDS, Visit, opened_browser, served, sync_api
from tests.web.filling import PASSWORD

pytestmark = NEEDS
INSPECTOR = Viewer("console:1", Role.INSPECTOR, UnitId(1), "/1/", "province 用户")
AGAIN = (
    "htmx.ajax('GET', location.pathname,"
    " {source: '#poll', target: '#board', select: '#board', swap: 'outerHTML'})"
)


@pytest.fixture(scope="module")
def browser() -> Iterator["sync_api.Browser"]:
    with opened_browser() as browser:
        yield browser


@pytest.fixture
def site(app: Flask) -> Iterator[str]:
    with served(app) as address:
        yield address


@pytest.fixture
def screen(filled: Database, clock: FrozenClock) -> MadeShare:
    desk = Oversight(filled, clock)
    return desk.write(INSPECTOR, lambda chair: make_share(chair, NewShare(LinkKind.SCREEN, "QS")))


@pytest.mark.parametrize("size", ["phone", "desk", "wall"])
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_a_screen_fits_its_wall_and_stays_light(
    browser: "sync_api.Browser", site: str, screen: MadeShare, size: str, theme: str
) -> None:
    visit = Visit(browser, site, size, "light")
    visit.open(f"/screen/{screen.token}" + ("?theme=light" if theme == "light" else ""))
    visit.page.locator("#trend svg path").nth(20).wait_for(state="attached")
    visit.picture(f"screen-{theme}")
    assert visit.page.locator(".units tbody tr").count() == 12
    assert visit.small_targets() == []
    visit.require_accessible()
    if size == "wall":
        assert visit.page.evaluate("document.documentElement.scrollHeight") <= 1080
    n_nodes = visit.page.evaluate("document.querySelectorAll('*').length")
    for _ in range(5):
        visit.page.evaluate(AGAIN)
    visit.page.wait_for_load_state("networkidle")
    visit.page.locator("#trend svg path").nth(20).wait_for(state="attached")
    assert visit.page.locator("#trend svg").count() == 1
    assert visit.page.evaluate("document.querySelectorAll('*').length") <= n_nodes + 20
    visit.require_clean()
    assert visit.context.cookies() == []
    visit.context.close()


def test_a_revoked_screen_says_so_instead_of_showing_old_figures(
    browser: "sync_api.Browser", site: str, screen: MadeShare, filled: Database, clock: FrozenClock
) -> None:
    visit = Visit(browser, site, "wall", "light")
    visit.open(f"/screen/{screen.token}")
    Oversight(filled, clock).write(INSPECTOR, lambda chair: revoke_share(chair, screen.link_id))
    visit.page.evaluate(AGAIN)
    visit.page.wait_for_selector("text=大屏无法打开")
    visit.context.close()


def test_a_badge_shows_in_a_page(
    browser: "sync_api.Browser", site: str, filled: Database, clock: FrozenClock
) -> None:
    new = NewShare(LinkKind.BADGE, "LC", figure=BadgeFigure.DUTY_RATE)
    made = Oversight(filled, clock).write(INSPECTOR, lambda chair: make_share(chair, new))
    visit = Visit(browser, site, "desk", "light")
    visit.open("/sign-in")
    width = visit.page.evaluate(
        f"new Promise(done => {{ const i = new Image(); i.onload = () => done(i.width);"
        f" i.onerror = () => done(0); i.src = '/badge/{made.token}.svg'; }})"
    )
    assert 150 < width < 500
    visit.require_clean()
    visit.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_tree_map_is_drawn_and_opens_a_unit(browser: "sync_api.Browser", site: str, scheme: str) -> None:
    visit = Visit(browser, site, "desk", scheme)
    weights: list[int] = []
    visit.page.on("requestfinished", lambda request: weights.append(request.sizes()["responseBodySize"]))
    visit.sign_in("province", PASSWORD)
    visit.page.locator("#tree-map svg path").nth(14).wait_for(state="attached")
    visit.page.wait_for_load_state("networkidle")
    assert sum(weights) <= 450 * 1024
    text = visit.page.locator("#tree-map svg").text_content()
    assert "尚未达标" in (text or "")
    visit.picture("tree-map")
    visit.page.locator("#tree-table summary").click()
    assert visit.page.locator("#tree-table tbody tr").count() == 15
    assert visit.small_targets() == []
    visit.require_accessible()
    visit.require_clean()
    visit.page.locator("#tree-map").click(position={"x": 40, "y": 40})
    visit.page.wait_for_url("**unit=**")
    visit.context.close()


def test_a_phone_shows_the_list_alone_and_the_tree_map_when_turned(
    browser: "sync_api.Browser", site: str
) -> None:
    visit = Visit(browser, site, "phone", "light")
    visit.sign_in("province", PASSWORD)
    visit.settle()
    assert visit.page.locator("#tree-map svg").count() == 0
    visit.page.set_viewport_size({"width": 844, "height": 390})
    visit.page.locator("#tree-map svg path").nth(14).wait_for(state="attached")
    visit.require_clean()
    visit.context.close()


def test_without_scripts_the_tree_map_is_a_table(browser: "sync_api.Browser", site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site + "/sign-in")
    page.fill("#name", "province")
    page.fill("#password", PASSWORD)
    page.click("button.primary")
    page.locator("#tree-table summary").click()
    assert page.locator("#tree-table tbody tr").first.is_visible()
    context.close()

"""The pages in a real browser: both themes, phone and desk, nothing wrong on the console.

QINGXUN_SCREENSHOTS names a folder that keeps the pictures.
"""

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.serving import make_server

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
VENDOR = Path(__file__).parents[2] / "web" / "static" / "vendor"
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
IS_BUILT = (VENDOR / "echarts.js").exists() and AXE.exists()
pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium"),
    pytest.mark.skipif(not IS_BUILT, reason="front end not built (npm ci && npm run build)"),
]
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
SIZES = {"phone": (390, 844), "desk": (1280, 900)}
LOOKS = [(size, scheme) for size in SIZES for scheme in ("light", "dark")]


@pytest.fixture(scope="module")
def browser() -> Iterator["sync_api.Browser"]:
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield opened
        opened.close()


@pytest.fixture
def site(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


class Visit:
    """One browser page that remembers everything that went wrong on it."""

    def __init__(
        self, browser: "sync_api.Browser", site: str, size: str, scheme: str, **options: bool
    ) -> None:
        width, height = SIZES[size]
        is_phone = size == "phone"
        self.context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            has_touch=is_phone,
            device_scale_factor=2 if is_phone else 1,
            **options,
        )
        self.page, self.site, self.name = self.context.new_page(), site, f"{size}-{scheme}"
        self.problems: list[str] = []
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("request", self._watch)

    def _note(self, message: "sync_api.ConsoleMessage") -> None:
        if message.type in ("error", "warning"):
            self.problems.append(message.text)

    def _watch(self, request: "sync_api.Request") -> None:
        if not request.url.startswith((self.site, "data:")):
            self.problems.append(f"third party: {request.url}")

    def sign_in(self, name: str, password: str) -> None:
        self.page.goto(self.site + "/sign-in")
        self.picture("sign-in")
        self.page.fill("#name", name)
        self.page.fill("#password", password)
        self.page.click("button.primary")
        self.page.wait_for_selector("h1")

    def open(self, path: str) -> None:
        self.page.goto(self.site + path)
        self.page.wait_for_load_state("networkidle")

    def picture(self, name: str, *, whole: bool = True) -> None:
        folder = os.environ.get("QINGXUN_SCREENSHOTS")
        if folder:
            self.page.screenshot(path=f"{folder}/{name}-{self.name}.png", full_page=whole)

    def require_clean(self) -> None:
        overflow = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert overflow <= 0, f"{overflow} px wider than the screen"
        assert self.problems == []

    def require_accessible(self) -> None:
        """Run axe: no finding of serious or critical impact (contrast, names, roles, structure)."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        result = self.page.evaluate("axe.run()")
        assert len(result["passes"]) > 10, "axe did not look at the page"
        bad = [
            (finding["id"], finding["nodes"][0]["html"])
            for finding in result["violations"]
            if finding["impact"] in ("serious", "critical")
        ]
        assert bad == []

    def small_targets(self) -> list[str]:
        """Controls a finger cannot hit: shown, and lower than 44 px."""
        script = """[...document.querySelectorAll('a:not(.skip),button,input:not([type=hidden]),summary')]
            .filter(e => e.offsetParent && e.getBoundingClientRect().height < 43.5).map(e => e.outerHTML)"""
        found: list[str] = self.page.evaluate(script)
        return found


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

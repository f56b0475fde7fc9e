"""A browser that remembers what went wrong on a page. QINGXUN_SCREENSHOTS names a folder for pictures."""

import atexit
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import make_server

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
VENDOR = Path(__file__).parents[2] / "web" / "static" / "vendor"
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
IS_BUILT = (VENDOR / "echarts.js").exists() and AXE.exists()
NEEDS = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium"),
    pytest.mark.skipif(not IS_BUILT, reason="front end not built (npm ci && npm run build)"),
]
"""What a test module with a browser is marked with."""
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
SIZES = {"phone": (390, 844), "desk": (1280, 900)}
WALL = {"wall": (1920, 1080)}  # only what hangs on one
LOOKS = [(size, scheme) for size in SIZES for scheme in ("light", "dark")]


@cache
def _driver() -> "sync_api.Playwright":
    """The one driver of this process: two of them cannot run beside each other."""
    driver = sync_api.sync_playwright().start()
    atexit.register(driver.stop)
    return driver


@contextmanager
def opened_browser() -> Iterator["sync_api.Browser"]:
    """Run Chromium."""
    opened = _driver().chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
    yield opened
    opened.close()


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve an app on a free port; yields its address."""
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
        width, height = (SIZES | WALL)[size]
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
        self._under_way: set[sync_api.Request] = set()
        for end in ("requestfinished", "requestfailed"):
            self.page.on(end, self._end)

    def _note(self, message: "sync_api.ConsoleMessage") -> None:
        if message.type in ("error", "warning"):
            self.problems.append(message.text)

    def _end(self, request: "sync_api.Request") -> None:
        self._under_way.discard(request)

    def _watch(self, request: "sync_api.Request") -> None:
        self._under_way.add(request)
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
        self.settle()

    def settle(self) -> None:
        """Wait until all that was asked for is here and drawn ("networkidle" would wait half a second)."""
        two_frames = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
        self.page.evaluate(two_frames)
        while self._under_way:
            self.page.evaluate(two_frames)

    def switch(self, scheme: str) -> None:
        """Look at the same page in the other theme."""
        self.page.emulate_media(color_scheme=scheme)
        self.name = f"{self.name.partition('-')[0]}-{scheme}"
        self.settle()

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
        result = self.page.evaluate("axe.run({resultTypes: ['violations']})")
        assert len(result["passes"]) > 10, "axe did not look at the page"
        assert _grave(result) == []

    def require_contrast(self) -> None:
        """Run the one rule of axe that the theme decides, on a page found accessible in the other."""
        result = self.page.evaluate("axe.run({runOnly: ['color-contrast'], resultTypes: ['violations']})")
        assert result["passes"], "axe did not look at the page"
        assert _grave(result) == []

    def small_targets(self) -> list[str]:
        """Controls a finger cannot hit: shown, and lower than 44 px; a label is hit for what it holds."""
        script = """[...document.querySelectorAll('a:not(.skip),button,input:not([type=hidden]),summary')]
            .filter(e => e.offsetParent)
            .filter(e => (e.closest('label') || e).getBoundingClientRect().height < 43.5)
            .map(e => e.outerHTML)"""
        found: list[str] = self.page.evaluate(script)
        return found


def _grave(result: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (finding["id"], finding["nodes"][0]["html"])
        for finding in result["violations"]
        if finding["impact"] in ("serious", "critical")
    ]

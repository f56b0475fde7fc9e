"""The README's shell blocks, run as they stand against a served demonstration."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from bot.demonstration import CONSOLE_PASSWORD, CONSOLE_USER

ROOT = Path(__file__).parent.parent
_SHELL = re.compile(r"^```bash\n(.*?)^```$", re.MULTILINE | re.DOTALL)
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the demonstration, filled by the real commands, on a free port."""
    folder = tmp_path_factory.mktemp("demo")
    environment = os.environ | {"QINGXUN_DATABASE_URL": f"sqlite:///{folder}/demo.db"}
    bot = [sys.executable, "-m", "bot"]
    for command in ("init", "demo"):
        subprocess.run([*bot, command], cwd=ROOT, env=environment, check=True, timeout=300)
    port = _free_port()
    server = subprocess.Popen(
        [*bot, "serve", "--port", str(port), "--no-jobs"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    try:
        _await(f"http://127.0.0.1:{port}/readyz", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await(url: str, server: "subprocess.Popen[bytes]") -> None:
    for _ in range(300):
        assert server.poll() is None, "the server has ended"
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server does not answer")


def _run(blocks: str, site: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "SITE": site}
    return subprocess.run(
        ["bash", "-euo", "pipefail"], input=blocks, text=True, capture_output=True, cwd=ROOT,
        env=environment, timeout=120,
    )  # fmt: skip


def test_every_shell_block_of_the_readme_works_as_it_stands(site: str) -> None:
    blocks = _SHELL.findall((ROOT / "README.md").read_text("utf-8"))
    script = "".join(blocks).replace(".venv/bin/python", sys.executable)
    done = _run(script, site)
    assert done.returncode == 0, done.stderr
    said = done.stdout
    expected = (
        "✅ 已绑定：单位管理员 · 鹭川团市委",  # 绑定 DEMO-CITY
        "鹭川团市委：",  # 状态
        "（HN-2.1.3b，HN-4.1d）",  # each judgement with its clause
        "\n204\n",  # the group post
        "✅ 已绑定：群管理员 · 鹭川团干群",
        "话题相关",  # 今日
        "当日开设的微话题：志愿服务、青年大学习",  # 为什么
        '{"results":[{"index":0,"status":"accepted"},{"index":1,"status":"unregistered"}]}',
        '"clauses":[',  # the read API
        '"code":"LC0001"',
        '"met_ratio"',
        '"grade": "优秀"',  # python -m scoring grade 10
    )
    assert [text for text in expected if text not in said] == []


def test_the_first_sign_in_opens_the_console(site: str) -> None:
    browser = requests.Session()
    form = browser.get(f"{site}/sign-in", timeout=10).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', form)
    assert token
    answer = browser.post(
        f"{site}/sign-in",
        data={"csrf_token": token[1], "name": CONSOLE_USER, "password": CONSOLE_PASSWORD},
        timeout=30,
    )
    assert answer.status_code == 200
    for page in ("/", "/?unit=LC", "/?unit_page=2", "/group/LC0001"):
        opened = browser.get(site + page, timeout=30)
        assert opened.status_code == 200, f"{page}: {opened.status_code}"
        assert "数据" in opened.text


def test_the_post_of_the_readme_is_counted_for_its_group(site: str) -> None:
    helpers = _SHELL.findall((ROOT / "README.md").read_text("utf-8"))[0]
    script = "say '绑定 DEMO-MANAGER' counter\nsay 今日 counter\npost 青年大学习\nsay 今日 counter\n"
    done = _run(helpers + script, site)
    assert done.returncode == 0, done.stderr
    counts = [int(found or 0) for found in re.findall(r"今日 (?:(\d+) 条|❔)", done.stdout)]
    assert len(counts) == 2, done.stdout
    assert counts[1] == counts[0] + 1

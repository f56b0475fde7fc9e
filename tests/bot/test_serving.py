"""`serve` refuses in one line what no server could do, before it announces anything."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.cli.serving import _why_not_bound

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def taken() -> Iterator[int]:
    """A port somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


def test_a_port_in_use_ends_with_one_line_and_code_2(
    taken: int, sqlite_template: Path, tmp_path: Path
) -> None:
    file = tmp_path / "some.db"
    file.write_bytes(sqlite_template.read_bytes())
    ended = subprocess.run(
        [sys.executable, "-m", "bot", "serve", "--port", str(taken)],
        cwd=ROOT, env=os.environ | {"QINGXUN_DATABASE_URL": f"sqlite:///{file}"},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ended.returncode == 2
    assert ended.stdout == "", "no address is announced"
    assert ended.stderr.splitlines() == [
        f"服务未启动：127.0.0.1 的端口 {taken} 已被占用，请停止占用它的进程，或用 --port 另选端口"
    ]


def test_a_port_that_was_given_up_can_be_used_at_once(taken: int) -> None:
    assert _why_not_bound("127.0.0.1", taken)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        client = socket.create_connection(("127.0.0.1", port))
        accepted, _ = server.accept()
        accepted.close()  # the server's side waits for the last packets of this connection
    assert _why_not_bound("127.0.0.1", port) == ""
    client.close()


@pytest.mark.parametrize(
    ("host", "reason"), [("localhost", "应为 IP 地址"), ("203.0.113.7", "不能监听 203.0.113.7")]
)
def test_a_host_that_is_not_ours_is_named(host: str, reason: str) -> None:
    assert reason in _why_not_bound(host, 8000)

"""Starts the real server as its operator would, and kills it as nobody would."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import requests

READY_SECONDS = 30.0


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """`python -m bot serve` in a process group of its own, on a database of its own."""

    def __init__(self, database_url: str, folder: Path, *arguments: str, **environment: str) -> None:
        """Prepare; `start` starts. More arguments go to `serve`, more variables into its environment."""
        self.port = free_port()
        self.log = folder / f"server-{self.port}.log"
        self._arguments = ("serve", "--port", str(self.port), *arguments)
        self._environment: Mapping[str, str] = (
            os.environ | {"QINGXUN_DATABASE_URL": database_url} | environment
        )
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> float:
        """Start and wait until the server is ready; returns the seconds that took."""
        started = time.monotonic()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "bot", *self._arguments],
                env=self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        while time.monotonic() - started < READY_SECONDS:
            if self._process.poll() is not None:
                break
            try:
                if requests.get(f"{self.url}/readyz", timeout=2).ok:
                    return time.monotonic() - started
            except requests.RequestException:
                time.sleep(0.05)
        raise AssertionError(f"the server did not become ready:\n{self.log.read_text('utf-8')[-3000:]}")

    def kill(self) -> None:
        """Kill the whole process group without warning (kill -9)."""
        self._signal(signal.SIGKILL)

    def stop(self) -> None:
        """Ask the server to end, as the operator does."""
        self._signal(signal.SIGTERM)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)
            self._process.wait(timeout=30)
            self._process = None

    def __enter__(self) -> "Server":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

"""HTTP side by side in one run: this project, fast lane and Flask, beside a bare Flask and its peers.

Every server: one process, granian, 64 threads, 64 keep-alive connections, the same client. Rounds are
interleaved, so that a busy minute of the machine falls on all alike; medians are printed. Ours
verifies, judges, stores durably and counts every event; the peers verify, parse and echo.
"""

import itertools
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import requests
from sqlalchemy import func, select

from bench import payloads
from bench.load import LoadResult, drive, drive_at
from bench.tables import print_table
from monitor.store.database import Database
from monitor.store.days.tables import DayCountRow, PostRow
from monitor.store.tables import table_of

PORT = 8078
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "3"))
PACED, PACE = "ours: group post, fast lane", 1000
PEERS = Path("var/bench-peers")
Prepare = Callable[[], Iterator[bytes]]


@dataclass
class Contender:
    """One server and the requests it gets."""

    name: str
    command: list[str]
    payload: Prepare
    environment: dict[str, str] = field(default_factory=dict)
    events_per_request: int = 1
    results: list[LoadResult] = field(default_factory=list)
    cpu_us: list[float] = field(default_factory=list)
    memory_mb: float = 0.0
    ready_seconds: float = 0.0


def run() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="qingxun-bench-") as folder:
        url = _filled_database(Path(folder))
        contenders = _contenders(url)
        for contender in contenders * ROUNDS:
            _measure(contender)
        paced = _measure_paced(next(c for c in contenders if c.name == PACED))
        flushes = _flushes_per_second(Path(folder))
        _print(contenders, flushes)
        print(
            f"{PACED}, {PACE} events/s, 64 connections: p50 {paced.percentile_ms(0.5):.1f} ms, "
            f"p99 {paced.percentile_ms(0.99):.1f} ms"
        )
        _print_durability(url, contenders)


def _contenders(url: str) -> list[Contender]:
    ours = [sys.executable, "-m", "bot", "serve", "--no-jobs", "--port", str(PORT)]
    database = {"QINGXUN_DATABASE_URL": url}
    flask = database | {"QINGXUN_SERVER_FAST_LANE": "false"}
    return [
        Contender("bare Flask", _peer("bare_flask"), payloads.wechat_texts),
        Contender("wechatpy echo", _peer("wechatpy_echo"), payloads.wechat_texts),
        Contender("WeRoBot echo", _peer("werobot_echo"), payloads.wechat_texts),
        Contender("ours: group post, fast lane", ours, payloads.onebot_posts, database),
        Contender("ours: group post, Flask", ours, payloads.onebot_posts, flask),
        Contender("ours: chat message, fast lane", ours, payloads.wechat_texts, database),
        Contender("ours: batches of 1,000", ours, lambda: payloads.post_batches(1000), database, 1000),
    ]


def _peer(name: str) -> list[str]:
    granian = [sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", "1", "--no-log"]
    return [*granian, "--blocking-threads", "64", "--port", str(PORT), f"bench.servers.{name}:app"]


def _filled_database(folder: Path) -> str:
    """Return the address of a database with the demonstration's province, for its registered groups."""
    url = f"sqlite:///{folder}/bench.db"
    environment = os.environ | {"QINGXUN_DATABASE_URL": url}
    for command in ("init", "demo"):
        subprocess.run(
            [sys.executable, "-m", "bot", command], env=environment, check=True, capture_output=True
        )
    return url


def _measure(contender: Contender) -> None:
    with _serving(contender) as group:
        prepared = list(itertools.islice(contender.payload(), _enough(contender)))
        drive(PORT, iter(prepared[: len(prepared) // 20]), SECONDS)  # warms caches up
        before = _cpu_seconds(group)
        result = drive(PORT, iter(prepared[len(prepared) // 20 :]), SECONDS)
        contender.cpu_us.append((_cpu_seconds(group) - before) / max(result.n_answers, 1) * 1e6)
        contender.results.append(result)
        contender.memory_mb = max(contender.memory_mb, _memory_mb(group))


def _measure_paced(contender: Contender) -> LoadResult:
    """Return latencies at a steady pace, as traffic comes."""
    with _serving(contender):
        prepared = list(itertools.islice(contender.payload(), int(PACE * SECONDS * 3)))
        drive(PORT, iter(prepared[:PACE]), SECONDS)
        return drive_at(PORT, iter(prepared[PACE:]), SECONDS * 2, PACE)


@contextmanager
def _serving(contender: Contender) -> Iterator[int]:
    """Start a contender's server and yield its process group."""
    environment = os.environ | contender.environment | {"PYTHONPATH": os.pathsep.join((".", str(PEERS)))}
    started = time.monotonic()
    process = subprocess.Popen(
        contender.command, env=environment, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _await_ready(process)
        contender.ready_seconds = time.monotonic() - started
        yield os.getpgid(process.pid)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)


def _enough(contender: Contender) -> int:
    """Return how many requests a round can use up at the most."""
    return int(SECONDS * (60 if contender.events_per_request > 1 else 25_000))


def _await_ready(process: "subprocess.Popen[bytes]") -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise RuntimeError("the server ended at once; try its command by hand")
        try:
            requests.get(f"http://127.0.0.1:{PORT}/healthz", timeout=1)
            return
        except requests.RequestException:
            time.sleep(0.05)
    raise RuntimeError("the server does not answer")


def _group_stats(group: int) -> Iterator[list[str]]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
        except (OSError, IndexError):
            continue
        if int(fields[2]) == group:
            yield fields


def _cpu_seconds(group: int) -> float:
    ticks = sum(int(fields[11]) + int(fields[12]) for fields in _group_stats(group))
    return ticks / os.sysconf("SC_CLK_TCK")


def _memory_mb(group: int) -> float:
    return sum(int(fields[21]) for fields in _group_stats(group)) * os.sysconf("SC_PAGE_SIZE") / 1e6


def _flushes_per_second(folder: Path) -> int:
    """Return how often this disk flushes a page in a second: the frame of every durable figure."""
    with (folder / "flush").open("wb", buffering=0) as file:
        started, n_flushes = time.perf_counter(), 0
        while time.perf_counter() - started < 1:
            file.write(b"x" * 4096)
            os.fsync(file.fileno())
            n_flushes += 1
    return n_flushes


def _print(contenders: list[Contender], flushes: int) -> None:
    reference = _rate(next(c for c in contenders if c.name == "WeRoBot echo"))
    rows = []
    for contender in contenders:
        rate = _rate(contender)
        p50 = statistics.median(r.percentile_ms(0.5) for r in contender.results)
        p99 = statistics.median(r.percentile_ms(0.99) for r in contender.results)
        cpu = statistics.median(contender.cpu_us) / contender.events_per_request
        rows.append(
            (contender.name, f"{rate:,.0f}", f"{rate / reference:.2f}", f"{p50:.1f}", f"{p99:.1f}",
             f"{cpu:.0f}", f"{contender.memory_mb:.0f}", f"{contender.ready_seconds:.1f}")
        )  # fmt: skip
    print_table(
        f"HTTP, {ROUNDS} interleaved rounds of {SECONDS:g} s, medians; this disk: {flushes:,} flushes/s",
        ("server", "events/s", "x WeRoBot", "p50 ms", "p99 ms", "CPU µs", "memory MB", "ready s"),
        rows,
    )


def _rate(contender: Contender) -> float:
    return statistics.median(r.per_second for r in contender.results) * contender.events_per_request


def _print_durability(url: str, contenders: list[Contender]) -> None:
    bad = {c.name: dict(r.statuses) for c in contenders for r in c.results if set(r.statuses) - {200, 204}}
    database = Database(url)
    with database.reading() as connection:
        post, count = table_of(PostRow), table_of(DayCountRow)
        stored = connection.scalar(
            select(func.count()).select_from(post).where(post.c.counts, ~post.c.is_recalled)
        )
        counted = connection.scalar(select(func.sum(count.c.n_posts)))
    database.close()
    print(
        f"stored and counting {stored:,}, sum of day counts {counted:,}; answers that were errors: {bad or 'none'}"
    )

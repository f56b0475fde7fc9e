"""Nothing acknowledged is ever lost: the server is killed under load, again and again.

QINGXUN_TEST_KILLS says how often; each costs some four seconds.
"""

import os
import random
import socket
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bench.payloads import onebot_body, onebot_request
from monitor.store.database import Database
from monitor.store.days.tables import DayCountRow, PostRow
from monitor.store.tables import table_of
from tests.cast import Cast
from tests.resilience.server import Server

KILLS = int(os.environ.get("QINGXUN_TEST_KILLS", "3"))
CLIENTS = 16
PAUSE = (0.4, 1.2)  # seconds of load before each kill
GROUPS = (10001, 10002, 10003)


@dataclass
class Tally:
    """What the clients know; one message id is sent until it is acknowledged."""

    acknowledged: set[int] = field(default_factory=set)
    sent: set[int] = field(default_factory=set)
    statuses: Counter[int] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)
    next_id: int = 0

    def take(self) -> int:
        with self.lock:
            self.next_id += 1
            self.sent.add(self.next_id)
            return self.next_id

    def count(self, message_id: int, status: int) -> None:
        with self.lock:
            self.statuses[status] += 1
            if status == 204:
                self.acknowledged.add(message_id)


def post_once(port: int, body: bytes) -> int | None:
    """Post on a fresh connection; None if no answer came, which tells the sender nothing."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(onebot_request("/onebot/demo", body))
            answer = connection.recv(4096)
    except OSError:
        return None
    return int(answer[9:12]) if len(answer) >= 12 else None


def send_until(stop: threading.Event, port: int, tally: Tally, seed: int) -> None:
    """Deliver messages one after another; throw 5 % of the answers away and deliver again."""
    chooser = random.Random(seed)
    while not stop.is_set():
        message_id = tally.take()
        body = onebot_body(
            message_id, chooser.choice(GROUPS), "志愿服务活动报名", 1_000_000 + message_id % 50
        )
        while not stop.is_set():
            status = post_once(port, body)
            if status is None:
                time.sleep(0.02)
            elif status == 204 and chooser.random() < 0.05:
                continue  # the answer was lost on its way: the platform delivers again
            else:
                tally.count(message_id, status)
                if status == 204:
                    break


@pytest.mark.slow
def test_acknowledged_means_stored_and_counted_once(database_url: str, cast: Cast, tmp_path: Path) -> None:
    assert cast
    tally, stop = Tally(), threading.Event()
    ready: list[float] = []
    with Server(database_url, tmp_path, "--no-jobs") as server:
        ready.append(server.start())
        clients = [
            threading.Thread(target=send_until, args=(stop, server.port, tally, seed))
            for seed in range(CLIENTS)
        ]
        for client in clients:
            client.start()
        chooser = random.Random(4711)
        for _ in range(KILLS):
            time.sleep(chooser.uniform(*PAUSE))
            server.kill()
            ready.append(server.start())
        time.sleep(0.5)
        stop.set()
        for client in clients:
            client.join()
        server.stop()
    database = Database(database_url)
    try:
        with database.reading() as connection:
            post, count = table_of(PostRow), table_of(DayCountRow)
            stored = connection.execute(select(func.count(), func.count(post.c.event_key.distinct()))).one()
            counted = connection.scalar(select(func.sum(count.c.n_posts)))
            days: set[date] = set(connection.scalars(select(count.c.business_day)))
    finally:
        database.close()
    kind = database_url.partition(":")[0]
    print(
        f"{kind}: kills {KILLS}, acknowledged {len(tally.acknowledged)}, stored {stored[0]}, "
        f"counted {counted}, ready again {max(ready[1:]):.1f} s"
    )
    assert len(tally.acknowledged) > 50 * KILLS
    assert stored[0] == stored[1]
    assert counted == stored[0]
    assert len(tally.acknowledged) <= stored[0] <= len(tally.sent)
    assert set(tally.statuses) <= {204, 503}
    assert days

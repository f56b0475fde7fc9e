"""Server time of the province's pages over a generated tree: `python -m bench.overview [DATABASE_URL]`.

120,000 units, 20,000 groups, 30 days of counts and of roll-ups for the first two levels. Without an
address a SQLite file in the temporary folder is made and removed; an existing database must be empty.
"""

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import Connection, insert

from monitor.clock import last_days, shanghai_instant
from monitor.store.database import Database
from monitor.store.migrate import upgrade_schema
from monitor.store.post_tables import DayCountRow, UnitDayRow
from monitor.store.tables import GroupRow, TopicRow, UnitRow, table_of
from monitor.store.work_tables import JobSlotRow
from monitor.units import Role, UnitId, Viewer
from monitor.usecases.query import Queries
from scoring.rulebook import load_rulebook

NOW = datetime(2026, 11, 20, 7, 0, tzinfo=UTC)
TODAY = date(2026, 11, 20)
N_CITIES, N_TOWNS, N_UNITS, N_GROUPS, N_DAYS, N_RUNS = 40, 50, 120_000, 20_000, 30, 60


def generate(connection: Connection) -> None:
    """Write the tree, its groups and topics, their counts and the roll-ups."""
    dice = random.Random(7)
    units = list(_units(dice))
    _fill(connection, UnitRow, units)
    leaves = dice.sample(units[1 + N_CITIES :], N_GROUPS)
    opened = date(2026, 1, 1)
    groups = [
        {"id": n, "code": f"G{n:06}", "name": f"第{n}青年群", "unit_id": leaf["id"], "member_count": 40, "opened_on": opened}
        for n, leaf in enumerate(leaves, start=1)
    ]  # fmt: skip
    _fill(connection, GroupRow, groups)
    topics = [
        {"group_id": group["id"], "title": "志愿服务", "keywords": ["志愿"], "opened_on": opened}
        for group in groups if dice.random() < 0.9
    ]  # fmt: skip
    _fill(connection, TopicRow, topics)
    for day in last_days(TODAY, N_DAYS):
        _fill(connection, DayCountRow, list(_counts(dice, day)))
    _fill(connection, UnitDayRow, list(_roll_ups(dice)))
    closes = [
        {"job": "close_day", "slot": _close(day), "ran_at": _close(day), "outcome": "", "duration_ms": 1}
        for day in last_days(TODAY - timedelta(days=1), N_DAYS)
    ]
    _fill(connection, JobSlotRow, closes)


def _close(day: date) -> datetime:
    return shanghai_instant(day + timedelta(days=1)) + timedelta(minutes=10)


def _units(dice: random.Random) -> Iterator[dict[str, Any]]:
    numbers = count(1)

    def unit(kind: str, parent: dict[str, Any] | None) -> dict[str, Any]:
        number = next(numbers)
        path = f"{parent['path'] if parent else '/'}{number}/"
        return {"id": number, "code": f"U{number:06}", "name": f"第{number}{kind}团委", "kind": kind,
                "path": path, "parent_id": parent and parent["id"], "pinyin": "", "is_active": True}  # fmt: skip

    root = unit("省", None)
    cities = [unit("市县", root) for _ in range(N_CITIES)]
    towns = [unit("乡镇", city) for city in cities for _ in range(N_TOWNS)]
    yield from (root, *cities, *towns)
    for _ in range(N_UNITS - 1 - len(cities) - len(towns)):
        yield unit("村", dice.choice(towns))


def _counts(dice: random.Random, day: date) -> Iterator[dict[str, Any]]:
    last_ms = int(shanghai_instant(day).timestamp() * 1000)
    for group_id in range(1, N_GROUPS + 1):
        for provenance, share in (("采集", 0.85), ("自报", 0.05), ("导入", 0.05)):
            if dice.random() < share:
                n_posts = min(int(dice.expovariate(0.12)), 200)
                yield {"group_id": group_id, "business_day": day, "provenance": provenance, "n_posts": n_posts,
                       "n_relevant": dice.randint(0, n_posts), "last_ms": last_ms + group_id}  # fmt: skip


def _roll_ups(dice: random.Random) -> Iterator[dict[str, Any]]:
    for unit_id in range(1, 2 + N_CITIES + N_CITIES * N_TOWNS):
        for day in last_days(TODAY - timedelta(days=1), N_DAYS):
            met = dice.randint(3, 9)
            yield {"unit_id": unit_id, "business_day": day, "n_groups": 10, "n_met": met, "n_not_met": 9 - met,
                   "n_no_topic": 1, "n_no_data": 0, "n_excellent": 2, "n_good": 3, "n_fair": 3, "n_poor": 2,
                   "n_posts": 70, "n_relevant": 20}  # fmt: skip


def _fill(connection: Connection, row: type[Any], rows: list[dict[str, Any]]) -> None:
    for start in range(0, len(rows), 5_000):
        connection.execute(insert(table_of(row)), rows[start : start + 5_000])


def measure(name: str, ask: Callable[[], object]) -> None:
    """Print wall time and the CPU time of this process for a question, in milliseconds."""
    walls, cpus = [], []
    for _ in range(N_RUNS):
        wall, cpu = time.perf_counter(), time.process_time()
        ask()
        walls.append((time.perf_counter() - wall) * 1000)
        cpus.append((time.process_time() - cpu) * 1000)
    print(f"{name:28} wall {_summary(walls)}   cpu {_summary(cpus)}")


def _summary(times: list[float]) -> str:
    p95 = sorted(times)[int(len(times) * 0.95) - 1]
    return f"median {statistics.median(times):6.1f}  p95 {p95:6.1f}  max {max(times):6.1f}"


def main() -> None:
    """Generate, measure, print. On a busy machine the CPU column is the one to compare (SQLite only)."""
    with tempfile.TemporaryDirectory() as folder:
        url = sys.argv[1] if len(sys.argv) > 1 else f"sqlite:///{folder}/overview.db"
        upgrade_schema(url)
        database = Database(url)
        database.write(generate)
        queries = Queries(database, load_rulebook(), lambda: NOW)
        province = Viewer("bench", Role.INSPECTOR, UnitId(1), "/1/")
        city = Viewer("bench", Role.UNIT_ADMIN, UnitId(2), "/1/2/")
        month = last_days(TODAY, N_DAYS)
        yesterday = TODAY - timedelta(days=1)
        measure("overview province", lambda: queries.overview(province))
        measure("overview province yesterday", lambda: queries.overview(province, day=yesterday))
        measure("overview city", lambda: queries.overview(city))
        measure("status province", lambda: queries.unit_status(province))
        measure("status city", lambda: queries.unit_status(city))
        measure("unmet province", lambda: queries.unmet(province))
        measure("groups province", lambda: queries.groups(province))
        measure("group day", lambda: queries.group_day(province, "G000007"))
        measure("group month", lambda: queries.group_days(province, "G000007", month))
        measure("ranking province", lambda: queries.ranking(province, month))
        measure("find groups", lambda: queries.find_groups(province, "7777"))
        measure("find units, nothing there", lambda: queries.find_units(province, "zzz"))
        database.close()


if __name__ == "__main__":
    main()

"""Server time of the province's pages over a generated tree: `python -m bench.overview [DATABASE_URL]`.

The province of `bench.province`: 120,000 units, 20,000 groups, 365 days. Without an address a SQLite file in
the temporary folder is made and removed; an existing database must be empty. Whole pages: `bench.pages`.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta

from bench.province import NOW, TODAY, generate
from monitor.clock import last_days
from monitor.store.database import Database
from monitor.store.migrate import upgrade_schema
from monitor.units import Role, UnitId, Viewer
from monitor.usecases.queries.questions import Queries
from scoring.rulebook import load_rulebook

N_RUNS = 60


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
        month = last_days(TODAY, 30)
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

"""Server time and size of every page of the menu in a province of 120,000 units with a year behind it.

`python -m bench pages [FILE]`: the database is made in FILE, or used if it is there; without a name in the
temporary folder. Each page is opened as the province's inspector, as a city's admin and, where only an
operator may enter, as the operator. CPU time of this process, because SQLite works inside it.
"""

import gc
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection

from bench.province import NOW, generate
from bench.tables import print_table
from bench.year_of_work import generate_work
from bot.app import create_app
from bot.services import Services, build_services
from bot.settings import Secrets, load_settings
from monitor.store.database import Database
from monitor.store.migrate import upgrade_schema
from monitor.units import Role
from web.auth import COOKIE

N_RUNS = 20
LIMIT_MS, LIMIT_KB = 200, 60
PASSWORD = "correct horse 9"
PEOPLE = (("省级督导员", Role.INSPECTOR, "U000001"), ("市县管理员", Role.UNIT_ADMIN, "U000002"), ("系统运维", Role.OPERATOR, "U000001"))  # fmt: skip
PAGES = (
    "/", "/?day=2026-11-19", "/?unit=U000002", "/?unit=U000202", "/?unit=U000050",
    "/group/G000007", "/group/G000007/day/2026-11-20", "/incidents", "/incidents/7",
    "/checks", "/checks/CC-2026-00034", "/checks/draw/PC-2026-0001", "/visits",
    "/weekly", "/weekly/2026-W46", "/weekly/year/2026", "/self-reports", "/registers", "/registers/7",
    "/reminders", "/ledger", "/ledger/group/G000007", "/managers", "/approvals", "/unregistered",
    "/assess/2026", "/assess/2026/U000002", "/assess/2026/U000002/HN-A1.3", "/index", "/index/U000050",
    "/rankings", "/rankings?period=month", "/rankings?period=year", "/groups", "/accounts", "/alerts",
    "/lower", "/videos", "/contacts", "/announcements", "/shares", "/reports", "/brief/2026-10",
    "/rules", "/rules/figures", "/rules/trial", "/lexicon", "/lexicon/hits", "/lexicon/test", "/model", "/signals",
    "/search?q=7777", "/search?q=第77", "/search?q=zzz",
    "/ops", "/pushes", "/pushes?state=全部", "/system/users", "/system/users/7", "/system/dictionaries", "/system/sessions", "/system/audit",
    "/system/audit?actor=chat:77", "/system/retention", "/security",
)  # fmt: skip


def main() -> None:
    """Make the province, open every page and print the table, slowest first."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(sys.argv[1] if len(sys.argv) > 1 else f"{folder}/pages.db")
        url = f"sqlite:///{file}"
        if not file.exists():
            make_database(url)
        services = _services(url)
        app = create_app(services)
        gc.collect()
        gc.freeze()  # as the serving process does
        rows = [row for name, role, unit in PEOPLE for row in _visit(app, services, name, role, unit)]
        rows.sort(key=lambda row: -float(row[3]))
        heads = ("page", "as", "median ms", "p95 ms", "first ms", "kB", "met")
        print_table(f"every page, CPU of the server, {N_RUNS} times each", heads, rows)
        services.database.close()


def make_database(url: str) -> None:
    """Generate the province and its year in an empty database."""
    upgrade_schema(url)
    database = Database(url)
    database.write(_generate)
    with database.reading() as connection:
        connection.exec_driver_sql("ANALYZE" if not database.is_sqlite else "PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def _generate(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA cache_size=-2000000")
    generate(connection)
    generate_work(connection)


def _services(url: str) -> Services:
    os.environ["QINGXUN_DATABASE_URL"] = url
    settings = load_settings(Path("config.toml"))
    services = build_services(settings, Secrets(settings.mode), lambda: NOW)
    for name, role, unit in PEOPLE:
        services.sign_in.save_user(name, PASSWORD, role, unit)
    return services


def _visit(app: Flask, services: Services, name: str, role: Role, unit: str) -> Iterator[tuple[str, ...]]:
    client = app.test_client()
    client.set_cookie(COOKIE, services.sign_in.enter(name, PASSWORD).token)
    for page in PAGES:
        measured = _measure(client, page)
        if measured is not None:
            yield (page, name, *measured)


def _measure(client: FlaskClient, page: str) -> tuple[str, ...] | None:
    """Return the figures of a page, None for one that is not this person's to open."""
    times, n_bytes = [], 0
    for _ in range(N_RUNS):
        started = time.process_time()
        response = client.get(page)
        times.append((time.process_time() - started) * 1000)
        n_bytes = len(response.data)
        if response.status_code in (403, 404) or response.status_code >= 500:
            print(f"{page}: {response.status_code}", file=sys.stderr)
            return None
        if times[-1] > 3_000:
            break
    p95 = sorted(times)[int(len(times) * 0.95) - 1 if len(times) > 1 else 0]
    is_met = p95 <= LIMIT_MS and n_bytes <= LIMIT_KB * 1000
    return (f"{statistics.median(times):.1f}", f"{p95:.1f}", f"{times[0]:.1f}", f"{n_bytes / 1000:.1f}", "yes" if is_met else "NO")  # fmt: skip


if __name__ == "__main__":
    main()

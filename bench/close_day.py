"""How long does closing a day of 20,000 groups take? Both databases, verdicts stored, posts included.

python -m bench.close_day [--groups 20000] [--posts-per-group 5] [--url postgresql://…]
"""

import argparse
import random
import tempfile
from datetime import UTC, date, datetime
from time import perf_counter, process_time
from typing import Any

from sqlalchemy import Connection, insert

from monitor.store.database import Database
from monitor.store.days.tables import DayCountRow, PostRow
from monitor.store.migrate import upgrade_schema
from monitor.store.tables import GroupRow, TopicRow, UnitRow, table_of
from monitor.units import child_path
from monitor.usecases.days.close_day import close_day
from scoring.rulebook import load_rulebook

DAY = date(2026, 11, 20)
OPENED = date(2026, 1, 1)


def main() -> None:
    """Fill a database, close one day several times and print the times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--groups", type=int, default=20_000)
    parser.add_argument("--posts-per-group", type=int, default=5)
    parser.add_argument("--url", default="")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = options.url or f"sqlite:///{folder}/bench.db"
        upgrade_schema(url)
        database = Database(url)
        database.write(lambda connection: fill(connection, options.groups, options.posts_per_group))
        rulebook = load_rulebook()
        for name in ("first close", "closed again"):
            started, cpu = perf_counter(), process_time()
            report = close_day(database, rulebook, lambda: datetime(2026, 11, 20, 16, 10, tzinfo=UTC), DAY)
            print(f"{name}: {perf_counter() - started:.2f} s, {process_time() - cpu:.2f} s CPU  {report}")
        database.close()


def fill(connection: Connection, n_groups: int, n_posts_each: int) -> None:
    """Write 18 cities of towns and villages, one group a village, a day of posts and counts."""
    units, groups, topics, counts, posts = [], [], [], [], []
    units.append(_unit(1, "/", None))
    path_of = {1: "/1/"}

    def add_unit(parent: int) -> int:
        number = len(units) + 1
        units.append(_unit(number, path_of[parent], parent))
        path_of[number] = child_path(path_of[parent], number)
        return number

    cities = [add_unit(1) for _ in range(18)]
    towns = [add_unit(cities[number % 18]) for number in range(max(1, n_groups // 20))]
    chance = random.Random(7)
    for group_id in range(1, n_groups + 1):
        village = add_unit(towns[group_id % len(towns)])
        groups.append({"id": group_id, "code": f"G{group_id:06}", "name": f"第{group_id}群",
                       "unit_id": village, "member_count": 40, "opened_on": OPENED})  # fmt: skip
        if group_id % 20:
            topics.append({"group_id": group_id, "title": "志愿服务", "keywords": [], "opened_on": OPENED})
        n_posts = chance.randrange(0, 2 * n_posts_each + 1)
        if group_id % 25 == 0:
            continue  # no data
        n_relevant = sum(chance.random() < 0.4 for _ in range(n_posts))
        counts.append({"group_id": group_id, "business_day": DAY, "provenance": "采集", "n_posts": n_posts,
                       "n_relevant": n_relevant, "last_ms": 1_795_150_000_000})  # fmt: skip
        posts += [_post(group_id, number, chance) for number in range(n_posts)]
    for row, rows in ((UnitRow, units), (GroupRow, groups), (TopicRow, topics), (DayCountRow, counts),
                      (PostRow, posts)):  # fmt: skip
        if rows:
            connection.execute(insert(table_of(row)), rows)


def _unit(number: int, parent_path: str, parent: int | None) -> dict[str, Any]:
    return {"id": number, "code": f"U{number:06}", "name": f"第{number}单位", "kind": "单位", "pinyin": "",
            "parent_id": parent, "path": child_path(parent_path, number), "is_active": True}  # fmt: skip


def _post(group_id: int, number: int, chance: random.Random) -> dict[str, Any]:
    return {"group_id": group_id, "business_day": DAY, "event_key": number, "message_key": number,
            "provenance": "采集", "kind": "text", "occurred_ms": 0, "received_ms": 0,
            "sender_key": chance.randrange(40), "sender_name": "", "text": "今天的志愿服务活动",
            "counts": True,
            "content_key": chance.randrange(100), "is_relevant": True, "reason": "",
            "is_recalled": False}  # fmt: skip


if __name__ == "__main__":
    main()

"""A generated province, as large as one gets: 120,000 units, 20,000 groups, 365 days of counts and verdicts.

Figures follow from ids and days by arithmetic, so that every run writes the same rows. What people did in
that year (weekly reports, spot checks, incidents …) is in `bench.year_of_work`.
"""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import Connection, Integer, case, func, insert, literal, select
from sqlalchemy import cast as as_type

from monitor.clock import last_days, shanghai_instant
from monitor.store.days.queries import CLOSE_JOB, close_slot
from monitor.store.days.tables import CollectedDayRow, DayCountRow, DayGradeRow, PostRow, UnitDayRow
from monitor.store.tables import (
    GroupManagerRow,
    GroupRow,
    GroupSourceRow,
    OfficialAccountRow,
    Table,
    TopicRow,
    UnitRow,
    table_of,
)
from monitor.store.work_tables import JobSlotRow

NOW = datetime(2026, 11, 20, 7, 0, tzinfo=UTC)
TODAY = date(2026, 11, 20)
N_CITIES, N_SCHOOLS, N_TOWNS, N_FACULTIES = 40, 160, 50, 10
N_UNITS, N_GROUPS, N_DAYS = 120_000, 20_000, 365
N_TOP = 1 + N_CITIES + N_SCHOOLS + N_CITIES * N_TOWNS + N_SCHOOLS * N_FACULTIES
"""Units above villages and classes; they have the lowest ids."""
OPENED = date(2025, 9, 1)
_POST_DAYS = 3
Row = dict[str, Any]


def generate(connection: Connection) -> None:
    """Write the tree, its groups and topics, their counts, verdicts and roll-ups."""
    dice = random.Random(7)
    units = list(_units(dice))
    put(connection, UnitRow, units)
    leaves = dice.sample(units[N_TOP:], N_GROUPS - N_TOP) + units[:N_TOP]
    groups = [
        {"id": n, "code": f"G{n:06}", "name": f"第{n}青年群", "unit_id": leaf["id"], "member_count": 40, "opened_on": OPENED}
        for n, leaf in enumerate(leaves, start=1)
    ]  # fmt: skip
    put(connection, GroupRow, groups)
    put(connection, GroupSourceRow,
        [{"source": "demo", "external_id": str(10_000 + n), "group_id": n} for n in _ids(N_GROUPS)])  # fmt: skip
    put(connection, GroupManagerRow,
        [{"group_id": n, "name": f"第{n}管理员", "since": OPENED} for n in _ids(N_GROUPS) if n % 50])  # fmt: skip
    put(connection, TopicRow,
        [{"group_id": n, "title": "志愿服务", "keywords": ["志愿"], "opened_on": OPENED} for n in _ids(N_GROUPS) if n % 10])  # fmt: skip
    accounts = [{"key": f"a{n}", "original_id": f"gh_{n}", "name": f"第{n}公众号", "unit_id": n, "is_active": True}
                for n in range(1, 2 + N_CITIES + N_SCHOOLS)]  # fmt: skip
    put(connection, OfficialAccountRow, accounts)
    _write_days(connection)
    _write_collected(connection)
    first_day_tallies = [*_roll_ups(units, leaves)]
    put(connection, UnitDayRow, first_day_tallies)
    _repeat_roll_ups(connection)
    for day in last_days(TODAY, _POST_DAYS):
        put(connection, PostRow, list(_posts(day)))
    closes = [{"job": CLOSE_JOB, "slot": close_slot(day), "ran_at": close_slot(day), "outcome": "", "duration_ms": 1}
              for day in last_days(TODAY - timedelta(days=1), N_DAYS)]  # fmt: skip
    put(connection, JobSlotRow, closes)


def put(connection: Connection, row: type[Table], rows: list[Row]) -> None:
    """Insert rows in batches."""
    for start in range(0, len(rows), 5_000):
        connection.execute(insert(table_of(row)), rows[start : start + 5_000])


def _ids(most: int) -> range:
    return range(1, most + 1)


def _units(dice: random.Random) -> Iterator[Row]:
    numbers = count(1)

    def unit(kind: str, parent: Row | None) -> Row:
        number = next(numbers)
        path = f"{parent['path'] if parent else '/'}{number}/"
        return {"id": number, "code": f"U{number:06}", "name": f"第{number}{kind}团委", "kind": kind,
                "path": path, "parent_id": parent and parent["id"], "pinyin": "", "is_active": True}  # fmt: skip

    root = unit("团省委", None)
    cities = [unit("市县", root) for _ in range(N_CITIES)]
    schools = [unit("高校", root) for _ in range(N_SCHOOLS)]
    towns = [unit("乡镇", city) for city in cities for _ in range(N_TOWNS)]
    faculties = [unit("院系", school) for school in schools for _ in range(N_FACULTIES)]
    yield from (root, *cities, *schools, *towns, *faculties)
    for _ in range(N_UNITS - N_TOP):
        parent = dice.choice(towns if dice.random() < 0.7 else faculties)
        yield unit("村" if parent["kind"] == "乡镇" else "班级", parent)


def _write_days(connection: Connection) -> None:
    """Write counts of every day and verdicts of the closed ones, where the groups are."""
    group, counts, grades = table_of(GroupRow), table_of(DayCountRow), table_of(DayGradeRow)
    for day in last_days(TODAY, N_DAYS + 1):
        noise = (group.c.id * 7_919 + literal(day.toordinal() % 10_007 * 104_729 % 9_973, Integer)) % 101
        n_posts, n_relevant = noise % 14, noise * 3 % 4 * as_type(noise % 14 > 3, Integer)
        last_ms = int(shanghai_instant(day).timestamp() * 1000) + 40_000_000
        values = (group.c.id, literal(day), literal("采集"), n_posts, n_relevant, literal(last_ms))
        columns = ("group_id", "business_day", "provenance", "n_posts", "n_relevant", "last_ms")
        connection.execute(insert(counts).from_select(columns, select(*values).where(noise > 6)))
        if day == TODAY:
            continue
        activity = case((n_posts >= 10, "优秀"), (n_posts >= 6, "良好"), (n_posts >= 3, "一般"), else_="差")
        duty = case(
            (group.c.id % 10 == 0, "无微话题"),
            (noise <= 6, "无数据"),
            (n_relevant > 0, "达标"),
            else_="未达标",
        )
        wide = {
            "group_id": group.c.id, "business_day": literal(day),
            "n_posts": case((noise > 6, n_posts)), "n_relevant": case((noise > 6, n_relevant)),
            "n_members": case((noise > 6, n_posts // 2)), "n_repeats": literal(0),
            "activity": case((noise > 6, activity)), "duty": duty, "status": literal("正式"),
            "clause": literal("HN-4.1d"), "activity_reason": literal("6 条，6–9 条为良好"),
            "duty_reason": literal("3 条与团的工作或微话题有关，≥1 条"), "has_late_posts": literal(False),
        }  # fmt: skip
        connection.execute(insert(grades).from_select(list(wide), select(*wide.values())))


def _write_collected(connection: Connection) -> None:
    """Write the posts of the closed days, as their closes would have."""
    count = table_of(DayCountRow)
    sums = select(count.c.business_day, func.sum(count.c.n_posts)).where(count.c.business_day < TODAY)
    columns = ["business_day", "n_posts"]
    connection.execute(
        insert(table_of(CollectedDayRow)).from_select(columns, sums.group_by(count.c.business_day))
    )


def _roll_ups(units: list[Row], leaves: list[Row]) -> Iterator[Row]:
    """Yield the roll-ups of the first day: every unit that has a group anywhere beneath it."""
    n_groups: Counter[int] = Counter()
    for leaf in leaves:
        n_groups.update(map(int, leaf["path"].strip("/").split("/")))
    first = last_days(TODAY - timedelta(days=1), N_DAYS).first_day
    for unit in units:
        if number := n_groups[unit["id"]]:
            met = number * 6 // 10
            yield {"unit_id": unit["id"], "business_day": first, "n_groups": number, "n_met": met,
                   "n_not_met": number - met, "n_no_topic": 0, "n_no_data": 0, "n_excellent": met, "n_good": 0,
                   "n_fair": 0, "n_poor": number - met, "n_posts": 7 * number, "n_relevant": 2 * number}  # fmt: skip


def _repeat_roll_ups(connection: Connection) -> None:
    """Write the roll-ups of the other days from those of the first, a little different on each."""
    tally = table_of(UnitDayRow)
    first, *others = last_days(TODAY - timedelta(days=1), N_DAYS)
    for day in others:
        met = (tally.c.unit_id * 31 + literal(day.toordinal() % 997 * 17, Integer)) % (tally.c.n_groups + 1)
        changed = {"business_day": literal(day), "n_met": met, "n_not_met": tally.c.n_groups - met,
                   "n_excellent": met, "n_poor": tally.c.n_groups - met}  # fmt: skip
        values = [changed.get(column.name, column) for column in tally.c]
        here = tally.c.business_day == first
        connection.execute(
            insert(tally).from_select([column.name for column in tally.c], select(*values).where(here))
        )


def _posts(day: date) -> Iterator[Row]:
    start = int(shanghai_instant(day).timestamp() * 1000)
    for group_id in _ids(N_GROUPS):
        for number in range(group_id % 9):
            key = (group_id * 9 + number) * 2_654_435_761 % 2**61
            yield {"group_id": group_id, "business_day": day, "event_key": key, "message_key": key,
                   "provenance": "采集", "kind": "text", "occurred_ms": start + key % 50_000_000,
                   "received_ms": start + key % 50_000_000 + 900, "sender_key": key % 40, "sender_name": "某同学",
                   "text": f"本周六到敬老院开展志愿服务，请第{number}小组报名", "content_key": key % 100_000,
                   "counts": True, "is_relevant": True, "reason": "话题词：志愿服务", "is_recalled": False}  # fmt: skip

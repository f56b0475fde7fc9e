"""A year of deterministic days for the cast and a few more cities, as the nightly close would store them.

Today (2026-11-20) is open. YS0101 has no topic; one group's name and one post are hostile mark-up.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert

from monitor.clock import Period, day_interval
from monitor.days.counting import judge_day
from monitor.days.readings import ProvenanceCount
from monitor.store.database import Database
from monitor.store.days.queries import CLOSE_JOB, close_slot
from monitor.store.days.tables import DayCountRow, DayGradeRow, PostRow, UnitDayRow
from monitor.store.tables import GroupManagerRow, GroupRow, TopicRow, UnitRow, table_of
from monitor.store.work_tables import AlertRow, JobSlotRow
from monitor.units import Role, child_path
from monitor.usecases.people.sign_in import SignIn
from scoring.rulebook import Rulebook
from tests.cast import OPENED, Cast

TODAY = date(2026, 11, 20)
PERIOD = Period(date(2025, 12, 1), TODAY)
MARKUP = "<script>alert(1)</script>&\"'"
PASSWORD = "correct horse 9"
USERS = (  # name, role, unit
    ("province", Role.INSPECTOR, "QS"),
    ("luchuan", Role.UNIT_ADMIN, "LC"),
    ("yunshan", Role.UNIT_ADMIN, "YS"),
    ("leader", Role.LEADER, "LC"),
)
CITIES = ("望海", "青石", "南屏", "东篱", "白鹭", "长汀", "明月", "石门", "沧澜", "竹溪", "北辰", "枫林")
HOSTILE_GROUP = "LC0002"
SILENT_GROUP = "LC0003"
_TALK = (
    ("陈晓", "text", "本周六上午到敬老院开展志愿服务，请报名的同学八点半集合。", True, "话题词：志愿服务"),
    ("林一凡", "text", "收到，我和小周一起去。", True, "回复话题内发言"),
    ("王雨", "image", "", False, "图片，无文字可判"),
    ("陈晓", "text", "已撤回的内容", False, "未涉及团的工作或微话题"),
    ("周乐", "text", f"大家好 {MARKUP}", False, "未涉及团的工作或微话题"),
)  # fmt: skip


def fill(database: Database, cast: Cast, sign_in: SignIn, rulebook: Rulebook) -> None:
    """Write cities, a year of days, today's posts, alerts and console users."""
    database.write(lambda connection: _fill(connection, cast, rulebook))
    for name, role, unit in USERS:
        sign_in.save_user(name, PASSWORD, role, unit, display_name=f"{name} 用户")


def _fill(connection: Connection, cast: Cast, rulebook: Rulebook) -> None:
    groups: dict[str, int] = dict(cast.groups)
    unit_of = {"LC0001": "LC", "LC0101": "LC0101", "YS0001": "YS", "YS0101": "YS01", "QD0101": "QD01"}
    paths = {code: cast.paths[unit] for code, unit in unit_of.items()}
    for code, name in ((HOSTILE_GROUP, MARKUP), (SILENT_GROUP, "鹭川学校团干群")):
        paths[code] = _add_group(connection, len(groups) + 1, code, name, cast.units["LC"], cast.paths["LC"])
        groups[code] = len(groups) + 1
    for place, city in enumerate(CITIES):
        unit_id = 101 + place
        path = child_path(cast.paths["QS"], unit_id)
        values = {
            "id": unit_id,
            "code": f"C{place:02}",
            "name": f"{city}团市委",
            "kind": "市县",
            "path": path,
        }
        connection.execute(insert(table_of(UnitRow)).values(**values, parent_id=cast.units["QS"]))
        for number in range(3):
            code = f"C{place:02}{number:02}"
            paths[code] = _add_group(connection, len(groups) + 1, code, f"{city}群{number}", unit_id, path)
            groups[code] = len(groups) + 1
    rows: dict[type[Any], list[dict[str, Any]]] = {DayCountRow: [], DayGradeRow: [], UnitDayRow: []}
    for day in PERIOD:
        _fill_day(rows, day, groups, paths, rulebook)
    for table, values in rows.items():
        connection.execute(insert(table_of(table)), values)
    slots = [
        {
            "job": CLOSE_JOB,
            "slot": close_slot(day),
            "ran_at": close_slot(day),
            "outcome": "done",
            "duration_ms": 5,
        }
        for day in PERIOD
        if day < TODAY
    ]
    connection.execute(insert(table_of(JobSlotRow)), slots)
    connection.execute(insert(table_of(PostRow)), list(_posts(groups["LC0001"])))
    _add_alert(connection, cast)


def _fill_day(
    rows: dict[type[Any], list[dict[str, Any]]],
    day: date,
    groups: dict[str, int],
    paths: dict[str, str],
    rulebook: Rulebook,
) -> None:
    tallies: dict[int, dict[str, int]] = {}
    for code, group_id in groups.items():
        n_posts, n_relevant = counts_on(code, group_id, day)
        counts = []
        if n_posts is not None:
            last_at = day_interval(day)[0] + timedelta(hours=8, minutes=group_id)
            counts = [ProvenanceCount("采集", n_posts, n_relevant, last_at)]
            rows[DayCountRow].append(
                {"group_id": group_id, "business_day": day, "provenance": "采集", "n_posts": n_posts,
                 "n_relevant": n_relevant, "last_ms": _ms(last_at)}
            )  # fmt: skip
        if day == TODAY:
            continue
        verdict = judge_day(counts, code != "YS0101", rulebook, is_closed=True)
        rows[DayGradeRow].append(
            {"group_id": group_id, "business_day": day, "n_posts": verdict.n_posts,
             "n_relevant": verdict.n_relevant, "n_members": n_posts and max(1, n_posts // 2), "n_repeats": 0,
             "activity": verdict.activity and verdict.activity.value, "duty": verdict.duty.value,
             "status": verdict.status.value, "clause": verdict.clause,
             "activity_reason": verdict.activity_reason, "duty_reason": verdict.duty_reason}
        )  # fmt: skip
        for unit_id in map(int, paths[code].strip("/").split("/")):
            _add_up(tallies.setdefault(unit_id, {}), verdict)
    rows[UnitDayRow] += [
        {"unit_id": unit_id, "business_day": day} | dict.fromkeys(_TALLY, 0) | tally
        for unit_id, tally in tallies.items()
    ]


_TALLY = (
    "n_groups", "n_met", "n_not_met", "n_no_topic", "n_no_data",
    "n_excellent", "n_good", "n_fair", "n_poor", "n_posts", "n_relevant",
)  # fmt: skip
_FIELDS = {
    "达标": "n_met", "未达标": "n_not_met", "无微话题": "n_no_topic", "无数据": "n_no_data",
    "优秀": "n_excellent", "良好": "n_good", "一般": "n_fair", "差": "n_poor",
}  # fmt: skip


def _add_up(tally: dict[str, int], verdict: Any) -> None:
    names = ["n_groups", _FIELDS[verdict.duty.value]]
    names += [_FIELDS[verdict.activity.value]] if verdict.activity else []
    for name in names:
        tally[name] = tally.get(name, 0) + 1
    tally["n_posts"] = tally.get("n_posts", 0) + (verdict.n_posts or 0)
    tally["n_relevant"] = tally.get("n_relevant", 0) + (verdict.n_relevant or 0)


def counts_on(code: str, group_id: int, day: date) -> tuple[int | None, int]:
    """Return posts and relevant posts of a group's day; None where nothing was collected."""
    if code == SILENT_GROUP and day > date(2026, 11, 14):
        return None, 0
    if code == "LC0001" and day == TODAY:
        return 4, 2
    noise = (group_id * 7919 + day.toordinal() * 104_729) % 101
    if noise < 7:
        return None, 0
    n_posts = noise % 14
    return n_posts, min(n_posts, (noise * 3) % 4)


def _posts(group_id: int) -> Iterator[dict[str, Any]]:
    start: datetime = day_interval(TODAY)[0]
    for number, (sender, kind, text, is_relevant, reason) in enumerate(_TALK):
        at = _ms(start + timedelta(hours=8, minutes=13 * number))
        yield {
            "group_id": group_id, "business_day": TODAY, "event_key": number, "message_key": number,
            "provenance": "采集", "kind": kind, "occurred_ms": at, "received_ms": at,
            "sender_key": number, "sender_name": sender, "text": text, "content_key": number,
            "counts": True, "is_relevant": is_relevant, "reason": reason,
            "is_recalled": text.startswith("已撤回"),
        }  # fmt: skip


def _add_group(connection: Connection, group_id: int, code: str, name: str, unit_id: int, path: str) -> str:
    values = {"id": group_id, "code": code, "name": name, "unit_id": unit_id, "member_count": 40}
    connection.execute(insert(table_of(GroupRow)).values(**values, opened_on=OPENED))
    topic = {"group_id": group_id, "title": "志愿服务", "keywords": ["志愿服务"], "opened_on": OPENED}
    connection.execute(insert(table_of(TopicRow)).values(**topic))
    connection.execute(
        insert(table_of(GroupManagerRow)).values(group_id=group_id, name="李群管", since=OPENED)
    )
    return path


def _add_alert(connection: Connection, cast: Cast) -> None:
    values = {
        "alert_key": "k1",
        "kind": "duty",
        "level": 2,
        "unit_id": cast.units["LC"],
        "business_day": TODAY,
    }
    at = day_interval(TODAY)[0]
    connection.execute(insert(table_of(AlertRow)).values(**values, title="停更", text="停更", created_at=at))


def _ms(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)

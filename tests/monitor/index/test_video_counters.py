"""Counters of videos in their 7-day cycle (GD-3.3a): kept by day with their source, computed into nothing."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Connection

from monitor.errors import BadParameter, OutOfScope
from monitor.index.videos import NewVideo
from monitor.store.database import Database
from monitor.store.index.tables import VideoCounterRow
from monitor.store.work_tables import AuditRow
from monitor.units import Role
from monitor.usecases.index.count_videos import (
    COUNTED,
    CounterRow,
    counter_words,
    import_counters,
    list_counted,
    save_counters,
)
from monitor.usecases.index.questions import shipped_media
from monitor.usecases.index.review_video import VideoNotFound
from monitor.usecases.index.submit_video import find_school, store_video
from monitor.usecases.ledger.import_tables import TableRow
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.monitor.days.test_receive import rows

SENT = date(2026, 11, 20)


def hand_in(database: Database, cast: Cast, clock: FrozenClock) -> int:
    video = NewVideo("木棉花开", Decimal(15), 1080, 1920, "a" * 64, link="https://v.example.cn/1")

    def work(connection: Connection) -> int:
        rules = shipped_media().rules
        school = find_school(connection, cast.viewer("QD"), "QD", rules)
        return store_video(connection, school, video, clock(), "chat:QD", rules).number

    return database.write(work)


def test_counters_are_kept_by_day_with_their_source_and_what_stood_there_before(
    database: Database, cast: Cast, clock: FrozenClock
) -> None:
    number, inspector = hand_in(database, cast, clock), cast.viewer("QS", Role.INSPECTOR)
    clock.advance(days=1)

    def count(n_plays: int | None, day: date = SENT, n_likes: int | None = 30) -> bool:
        row = CounterRow(number, day, n_plays, n_likes, None, "平台后台导出")
        return database.write(lambda c: save_counters(c, inspector, row, clock()))

    assert (count(1_200), count(1_200), count(1_250)) == (True, False, True)
    assert count(1_400, SENT + timedelta(days=1))
    with database.reading() as connection:
        (one,) = list_counted(connection, cast.viewer("QD"), "2026-11", shipped_media().rules)
        assert list_counted(connection, cast.viewer("LC"), "2026-11", shipped_media().rules) == []
    assert [(each.day.day, each.n_plays, each.n_adopted) for each in one.counters] == [
        (20, 1_250, None),
        (21, 1_400, None),
    ]
    assert counter_words(one.counters) == "至 11-21 播放 1400、点赞 30、采纳 —（来源 平台后台导出）"
    assert counter_words(()) == "❔无数据"
    kept = [row.detail["before"] for row in rows(database, AuditRow) if row.action == COUNTED]
    assert kept[1]["n_plays"] == 1_200


@pytest.mark.parametrize(
    ("unit", "role", "number", "day", "n_plays", "error"),
    [
        ("QS", Role.INSPECTOR, 1, SENT - timedelta(days=1), 1, BadParameter),
        ("QS", Role.INSPECTOR, 1, SENT + timedelta(days=7), 1, BadParameter),
        ("QS", Role.INSPECTOR, 1, SENT + timedelta(days=6), None, BadParameter),
        ("QS", Role.INSPECTOR, 9, SENT, 1, VideoNotFound),
        ("LC", Role.INSPECTOR, 1, SENT, 1, VideoNotFound),
        ("QD", Role.UNIT_ADMIN, 1, SENT, 1, OutOfScope),
    ],
)
def test_what_lies_outside_the_cycle_or_the_scope_changes_nothing(
    database: Database, cast: Cast, clock: FrozenClock, unit: str, role: Role, number: int, day: date,
    n_plays: int | None, error: type[Exception],
) -> None:  # fmt: skip
    hand_in(database, cast, clock)
    clock.advance(days=8)
    row = CounterRow(number, day, n_plays, None, None, "平台")
    with pytest.raises(error):
        database.write(lambda c: save_counters(c, cast.viewer(unit, role), row, clock()))
    assert rows(database, VideoCounterRow) == []


def test_good_rows_of_a_table_are_kept_and_bad_ones_named(
    database: Database, cast: Cast, clock: FrozenClock
) -> None:
    hand_in(database, cast, clock)
    cells = {"投稿编号": "1", "日期": "2026-11-20", "播放量": "1,200", "点赞数": "", "采纳数": "0"}
    bad = ({"播放量": "-1"}, {"日期": "昨天"}, {"投稿编号": "一"}, {"播放量": "", "采纳数": ""})
    table = [TableRow(2 + n, cells | changed) for n, changed in enumerate(({}, *bad))]
    inspector = cast.viewer("QS", Role.INSPECTOR)
    done = database.write(lambda c: import_counters(c, inspector, table, "平台", clock()))
    assert (done.n_stored, [each.number for each in done.bad]) == (1, [3, 4, 5, 6])
    assert [(row.n_plays, row.n_likes, row.n_adopted) for row in rows(database, VideoCounterRow)] == [
        (1_200, None, 0)
    ]
    again = database.write(lambda c: import_counters(c, inspector, table[:1], "平台", clock()))
    assert (again.n_stored, again.n_unchanged) == (0, 1)

"""A database with the cast, people of every role, and day counts as a test needs them."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import insert, update

from monitor.store.database import Database
from monitor.store.days.tables import DayCountRow
from monitor.store.tables import GroupManagerRow, GroupRow, TopicRow, table_of
from monitor.units import Role
from tests.bot.talk import Person, dispatcher_of, invite_everyone
from tests.cast import OPENED, Cast
from tests.conftest import FrozenClock

TODAY = date(2026, 11, 20)
HIDDEN = "无权查看该单位，或未找到。可回复 群 列出"


class Scene:
    """A database with the cast, people of every role, and day counts as needed."""

    def __init__(self, database: Database, cast: Cast, clock: FrozenClock) -> None:
        self.database, self.cast, self.clock = database, cast, clock
        self.dispatcher = dispatcher_of(database, clock)
        invite_everyone(database)

    def person(self, role: Role, openid: str = "") -> Person:
        return Person(self.dispatcher, self.clock, openid or role.name).bound_as(role)

    def counted(
        self, code: str, n_posts: int, n_relevant: int, day: date = TODAY, provenance: str = "采集"
    ) -> None:
        at = datetime(day.year, day.month, day.day, 0, 5, tzinfo=UTC)  # 08:05 in Shanghai
        self.insert(
            DayCountRow,
            group_id=self.cast.groups[code],
            business_day=day,
            provenance=provenance,
            n_posts=n_posts,
            n_relevant=n_relevant,
            last_ms=int(at.timestamp() * 1000),
        )

    def insert(self, row: Any, **values: Any) -> None:
        statement = insert(table_of(row)).values(**values)
        self.database.write(lambda connection: connection.execute(statement).rowcount)

    def change(self, row: Any, identifier: int, **values: Any) -> None:
        statement = update(table_of(row)).where(table_of(row).c.id == identifier).values(**values)
        self.database.write(lambda connection: connection.execute(statement).rowcount)

    def many_unmet_groups(self, n_groups: int) -> None:
        """Add groups to 临河镇 that have two posts today, none of them on topic."""
        ids = range(100, 100 + n_groups)
        group = {"unit_id": self.cast.units["LC01"], "member_count": 40, "opened_on": OPENED}
        count = {"business_day": TODAY, "provenance": "采集", "n_posts": 2, "n_relevant": 0}
        topic = {"title": "志愿服务", "keywords": [], "opened_on": OPENED}
        name = "第{}村团支部青年学习交流群"

        def work(connection: Any) -> None:
            for row, values in (
                (GroupRow, [{"id": i, "code": f"M{i}", "name": name.format(i), **group} for i in ids]),
                (DayCountRow, [{"group_id": i, "last_ms": 1_795_000_000_000, **count} for i in ids]),
                (
                    GroupManagerRow,
                    [{"group_id": i, "name": f"管理员甲乙丙丁{i}", "since": OPENED} for i in ids],
                ),
                (TopicRow, [{"group_id": i, **topic} for i in ids]),
            ):
                connection.execute(insert(table_of(row)), values)

        self.database.write(work)

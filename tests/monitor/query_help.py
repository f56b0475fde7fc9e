"""Puts counts, posts, closes and roll-ups where the query tests need them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from monitor.clock import shanghai_instant
from monitor.events import stable_key
from monitor.store.database import Database
from monitor.store.days.queries import close_slot
from monitor.store.days.tables import DayCountRow, DayGradeRow, PostRow, UnitDayRow
from monitor.store.tables import table_of
from monitor.store.work_tables import JobSlotRow
from tests.cast import Cast

TODAY = date(2026, 11, 20)
YESTERDAY = date(2026, 11, 19)


class Stage:
    """The cast's database, with short ways to write what the queries read."""

    def __init__(self, database: Database, cast: Cast) -> None:
        self.database, self.cast = database, cast

    def put(self, row: type[Any], **values: Any) -> None:
        self.put_all(row, [values])

    def put_all(self, row: type[Any], rows: list[dict[str, Any]]) -> None:
        self.database.write(lambda connection: connection.execute(insert(table_of(row)), rows))

    def count(self, code: str, day: date = TODAY, **sources: tuple[int, int]) -> None:
        """Count (posts, relevant) by source; the latest post came at 14:55."""
        last_ms = int((shanghai_instant(day) + timedelta(hours=14, minutes=55)).timestamp() * 1000)
        for provenance, (n_posts, n_relevant) in sources.items():
            self.put(
                DayCountRow, group_id=self.cast.groups[code], business_day=day, provenance=provenance,
                n_posts=n_posts, n_relevant=n_relevant, last_ms=last_ms,
            )  # fmt: skip

    def post(self, code: str, text: str, sender: str = "林小禾", **fields: Any) -> None:
        """Store a post of today, `minute` minutes after 9:00."""
        self.put_all(PostRow, [self.post_row(code, text, sender, **fields)])

    def post_row(
        self, code: str, text: str, sender: str, *, minute: int = 0, **fields: Any
    ) -> dict[str, Any]:
        occurred_ms = int((shanghai_instant(TODAY) + timedelta(hours=9, minutes=minute)).timestamp() * 1000)
        key = stable_key(code, text, sender, str(minute), fields.get("provenance", ""))
        return {
            "group_id": self.cast.groups[code], "business_day": TODAY, "event_key": key, "message_key": key,
            "provenance": "采集", "kind": "text", "occurred_ms": occurred_ms, "received_ms": occurred_ms,
            "sender_key": stable_key(sender), "sender_name": sender, "text": text,
            "content_key": stable_key(text), "counts": True, "is_relevant": False, "reason": "",
            "is_recalled": False, **fields,
        }  # fmt: skip

    def close(self, day: date) -> datetime:
        """Note that a day was closed; returns when."""
        self.put(
            JobSlotRow,
            job="close_day",
            slot=close_slot(day),
            ran_at=close_slot(day),
            outcome="",
            duration_ms=1,
        )
        return close_slot(day).astimezone(UTC)

    def grade(self, code: str, day: date, duty: str, **fields: Any) -> None:
        """Store a closed verdict."""
        values = {
            "n_posts": 4, "n_relevant": 1, "n_members": 2, "n_repeats": 0, "activity": "一般", "duty": duty,
            "status": "正式", "clause": "HN-4.1d、HN-2.1.3b", "duty_reason": f"→ {duty}",
            "activity_reason": "当日发布 4 条，3-5 条 → 一般", "has_late_posts": False,
        }  # fmt: skip
        self.put(DayGradeRow, group_id=self.cast.groups[code], business_day=day, **(values | fields))

    def roll_up(self, unit: str, day: date, n_met: int, n_not_met: int = 0, n_no_data: int = 0) -> None:
        """Store a roll-up; every met group is 良好, every other one 差."""
        self.put(
            UnitDayRow, unit_id=self.cast.units[unit], business_day=day,
            n_groups=n_met + n_not_met + n_no_data, n_met=n_met, n_not_met=n_not_met, n_no_topic=0,
            n_no_data=n_no_data, n_excellent=0, n_good=n_met, n_fair=0, n_poor=n_not_met,
            n_posts=7 * n_met, n_relevant=n_met,
        )  # fmt: skip

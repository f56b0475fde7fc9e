"""Incidents in tests: suspected posts that come in, and people who handle them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import func, select

from monitor.classify.verdicts import Category, Harm, Hit, PostVerdict, Severity
from monitor.clock import business_day
from monitor.delivery.outbox import MessageKind
from monitor.events import stable_key
from monitor.incidents.readings import IncidentReading
from monitor.store.database import Database
from monitor.store.days.posts import NewPost, insert_posts
from monitor.store.days.tables import DayCountRow
from monitor.store.incidents.tables import IncidentPlaceRow, IncidentRow
from monitor.store.tables import ChatIdentityRow, table_of
from monitor.store.work_tables import OutboxRow
from monitor.units import Role, Viewer
from monitor.usecases.incidents.acts import Acted
from monitor.usecases.incidents.alerts import watch_incidents
from monitor.usecases.incidents.desk import Docket, Incidents
from scoring.rulebook import load_rulebook
from tests.cast import Cast
from tests.conftest import FrozenClock

ADVERT = "特价门票，扫码进群领取优惠券"
RULEBOOK = load_rulebook()
R = TypeVar("R")


def suspect(
    group_id: int,
    at: datetime,
    text: str = ADVERT,
    number: int = 1,
    *,
    received_at: datetime | None = None,
    is_harmful: bool = True,
    sender: str = "张小明",
) -> NewPost:
    """A new post with a verdict; `number` tells posts of one group apart."""
    hits = (Hit("优惠券", 10, 13, Category.ADVERTISING, Severity.ALERT),)
    harm = Harm(0.97, is_harmful, not is_harmful, (Category.ADVERTISING,), hits, ("广告词：优惠券",))
    key = stable_key(str(group_id), text, str(number))
    milliseconds = int(at.timestamp() * 1000)
    received = int((received_at or at).timestamp() * 1000)
    return NewPost(
        group_id, business_day(at), key, key, "采集", "text", milliseconds, received, 7, sender, text,
        stable_key(text), True, False, "未见话题词", False, PostVerdict(harm, "w1"),
    )  # fmt: skip


class Case:
    """A database with the cast where suspected posts come in and people act."""

    def __init__(self, database: Database, cast: Cast, clock: FrozenClock) -> None:
        self.database, self.cast, self.clock = database, cast, clock
        self.incidents = Incidents(database, clock, RULEBOOK)

    def posted(self, *codes: str, **options: Any) -> list[NewPost]:
        """Let a suspected text appear in groups, in one batch."""
        posts = [suspect(self.cast.groups[code], self.clock(), **options) for code in codes]
        self.database.write_bulk(insert_posts, posts)
        return posts

    def does(self, viewer: Viewer, change: Callable[[Docket], R]) -> R:
        return self.incidents.write(viewer, change)

    def acts(self, viewer: Viewer, change: Callable[[Docket], Acted]) -> Acted:
        return self.does(viewer, change)

    def seen_by(self, viewer: Viewer, incident_id: int = 1) -> IncidentReading:
        return self.incidents.read(viewer, lambda docket: docket.find(incident_id))

    def watch(self) -> int:
        """Run the job once."""
        return watch_incidents(self.database, RULEBOOK, self.clock)

    def bind(self, role: Role, unit: str, group: str = "") -> int:
        """Bind a person; returns their identity."""
        values = {
            "account": "demo",
            "address": f"{role.name}-{unit}-{group}",
            "role": role.value,
            "unit_id": self.cast.units[unit],
            "group_id": self.cast.groups[group] if group else None,
            "display_name": f"{unit}甲",
            "bound_at": self.clock(),
        }
        identity = table_of(ChatIdentityRow)
        insert = identity.insert().values(**values).returning(identity.c.id)
        return int(self.database.write(lambda connection: connection.execute(insert).scalar_one()))

    def told(self) -> dict[int, list[str]]:
        """Texts about incidents by identity, in order."""
        outbox = table_of(OutboxRow)
        query = select(outbox).where(outbox.c.kind == MessageKind.INCIDENT.value).order_by(outbox.c.id)
        found: dict[int, list[str]] = {}
        with self.database.reading() as connection:
            for row in connection.execute(query):
                found.setdefault(int(row.recipient.partition(":")[2]), []).append(row.text)
        return found

    def count(self, code: str) -> tuple[int, int]:
        """Posts and relevant posts that count in a group."""
        counts = table_of(DayCountRow)
        query = select(func.sum(counts.c.n_posts), func.sum(counts.c.n_relevant))
        with self.database.reading() as connection:
            row = connection.execute(query.where(counts.c.group_id == self.cast.groups[code])).one()
        return int(row[0] or 0), int(row[1] or 0)

    def sizes(self) -> tuple[int, int]:
        """How many incidents and places there are."""
        with self.database.reading() as connection:
            return (
                connection.execute(select(func.count()).select_from(table_of(IncidentRow))).scalar_one(),
                connection.execute(select(func.count()).select_from(table_of(IncidentPlaceRow))).scalar_one(),
            )

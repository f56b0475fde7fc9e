"""Take facts of the Guangdong assessment from a program (考核数据上报), item by item, in one transaction.

The rules of a row are those of the import; what another school than those below the program's unit is
told about reads like a school that does not exist. Key types: `FactItem`, `VideoItem`, `FactReceipt`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from monitor.clock import Clock
from monitor.errors import BadParameter
from monitor.index.facts import ENTERED_INDICES, Fact, School
from monitor.index.rows import FactReader, Layout
from monitor.index.videos import NewVideo, clean_video
from monitor.store import directory
from monitor.store.database import Database
from monitor.store.index import facts as index_facts
from monitor.store.index.facts import Connection
from monitor.store.ledger import registry
from monitor.units import Unit
from monitor.usecases.index.import_facts import store_facts
from monitor.usecases.index.submit_video import store_video
from monitor.usecases.ledger.import_tables import TableRow
from scoring.index_rules import IndexRulebook

RECEIVED = "index.receive_facts"


@dataclass(frozen=True, slots=True)
class FactItem:
    """One fact as a program gives it: the cells of a row of that layout."""

    layout: Layout
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class VideoItem:
    """One video (视听产品投稿) of a school, by its code or name."""

    school: str
    video: NewVideo


@dataclass(frozen=True, slots=True)
class RefusedItem:
    """An item that could not be read; it keeps its place in the delivery."""

    reason: str


AnyItem = FactItem | VideoItem | RefusedItem


class FactOutcome(StrEnum):
    """What became of an item; the value goes out."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class FactReceipt:
    """What became of one item.

    Attributes:
        reason: why it was rejected; of a video its verdict.
        has_replaced: an earlier value was there, which stays in the history.
    """

    outcome: FactOutcome
    reason: str = ""
    has_replaced: bool = False


class FactDesk:
    """Takes deliveries; thread-safe, one per process."""

    def __init__(self, database: Database, clock: Clock, rules: IndexRulebook) -> None:
        """Keep the collaborators."""
        self._database, self._clock, self._rules = database, clock, rules

    def receive(self, unit_code: str, actor: str, items: Sequence[AnyItem]) -> list[FactReceipt]:
        """Store what can be stored and return one receipt per item, in order, after the commit.

        Source: GD-2.0, GD-3.3a, GD-5.1, GD-5.2.

        Args:
            unit_code: unit in whose subtree the program may write.
            actor: for history and audit.
            items: of one delivery; one that could not be read is told again as it is.
        """
        now = self._clock()
        with self._database.reading() as connection:
            unit = directory.load_unit_by_code(connection, unit_code)
            schools = _schools_below(connection, unit, self._rules)
        reading = _Reading(self._rules, schools, now, is_province=unit is not None and unit.parent_id is None)
        for index, item in enumerate(items):
            reading.take(index, item)

        def work(connection: Connection) -> None:
            _settle_facts(connection, reading, now, actor)
            for index, (school, video) in reading.videos.items():
                submitted = store_video(connection, school, video, now, actor, self._rules)
                outcome = FactOutcome.ACCEPTED if submitted.is_new else FactOutcome.DUPLICATE
                reading.receipts[index] = FactReceipt(outcome, submitted.judgement.reason)
            outcomes = [receipt.outcome for receipt in reading.receipts.values()]
            counts = {outcome.value: outcomes.count(outcome) for outcome in FactOutcome}
            registry.write_audit(connection, now, actor, RECEIVED, unit_code, counts)

        if reading.facts or reading.videos:
            self._database.write(work)
        return reading.told(len(items))


class _Reading:
    """A delivery that is being read: facts and videos to store, receipts by place."""

    def __init__(
        self, rules: IndexRulebook, schools: Mapping[str, School], now: datetime, *, is_province: bool
    ) -> None:
        self._reader, self._schools, self._is_province = FactReader(rules, schools, now), schools, is_province
        self.facts: dict[int, Fact] = {}
        self.videos: dict[int, tuple[School, NewVideo]] = {}
        self.receipts: dict[int, FactReceipt] = {}
        self._places: dict[index_facts.FactKey, int] = {}
        self._same_as: dict[int, int] = {}

    def take(self, index: int, item: AnyItem) -> None:
        """Read one item; a fault costs only itself."""
        try:
            if isinstance(item, RefusedItem):
                raise BadParameter("item", user_text=item.reason)
            if isinstance(item, VideoItem):
                school = self._reader.school({"高校编号": item.school})
                self.videos[index] = (school, clean_video(item.video))
            else:
                self._take_fact(index, item.layout.read(self._reader, item.cells))
        except BadParameter as error:
            self.receipts[index] = FactReceipt(FactOutcome.REJECTED, error.user_text)

    def _take_fact(self, index: int, fact: Fact) -> None:
        """Keep a fact; said twice in one delivery it counts once, and must not say two things."""
        if fact.subject in ENTERED_INDICES and not self._is_province:
            raise BadParameter("index", user_text="指数由团省委录入，本客户端不能写入")
        first = self._places.setdefault(fact.key, index)
        if first == index:
            self.facts[index] = fact
        elif (self.facts[first].day, self.facts[first].content) == (fact.day, fact.content):
            self._same_as[index] = first
        else:
            raise BadParameter("item", user_text=f"与本次第 {first + 1} 条重复而内容不同")

    def told(self, n_items: int) -> list[FactReceipt]:
        """Return the receipts in order; a repetition is a duplicate unless the first was refused."""
        for index, first in self._same_as.items():
            known = self.receipts[first]
            is_refused = known.outcome is FactOutcome.REJECTED
            self.receipts[index] = known if is_refused else FactReceipt(FactOutcome.DUPLICATE)
        return [self.receipts[index] for index in range(n_items)]


def _settle_facts(connection: Connection, reading: _Reading, now: datetime, actor: str) -> None:
    good = [(TableRow(index, {}), fact) for index, fact in reading.facts.items()]
    decided = store_facts(connection, good, now, actor)
    replaced = {fact.key for fact, _ in decided.changed}
    duplicates = {fact.key for fact in (*decided.unchanged, *decided.untouched)}
    refused = {row.number: row.reason for row in decided.bad}
    for index, fact in reading.facts.items():
        if index in refused:
            receipt = FactReceipt(FactOutcome.REJECTED, refused[index])
        elif fact.key in duplicates:
            receipt = FactReceipt(FactOutcome.DUPLICATE)
        else:
            receipt = FactReceipt(FactOutcome.ACCEPTED, has_replaced=fact.key in replaced)
        reading.receipts[index] = receipt


def _schools_below(connection: Connection, unit: Unit | None, rules: IndexRulebook) -> dict[str, School]:
    if unit is None:
        return {}
    schools = index_facts.load_schools(connection, rules.head.unit_kinds)
    return index_facts.name_schools(school for school in schools if school.path.startswith(unit.path))

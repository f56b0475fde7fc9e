"""Import posts (导入) from a file: through the real receiver, in batches, with every bad row named.

Rows come decoded; while one batch is committed the next is decoded. Key types: `PostImport`, `ImportTally`.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Protocol

from monitor.clock import Clock, business_day
from monitor.events import EventKind, InboundEvent, Provenance
from monitor.store.database import Database
from monitor.store.ledger.import_queries import load_known_keys
from monitor.usecases.days.receive import FUTURE, Receipt, Receiver

BATCH = 5_000
_AHEAD = 2  # batches decoded while others are stored


class Unreadable(Protocol):
    """A row that could not be decoded."""

    @property
    def index(self) -> int:
        """Row number, 1-based."""
        ...

    @property
    def reason(self) -> str:
        """Why, in Chinese."""
        ...


Row = tuple[int, InboundEvent | Unreadable]
"""Row number in the file, 0 if unknown, and what it holds."""
OnBad = Callable[[int, str], None]


@dataclass(slots=True)
class ImportTally:
    """What became of the rows so far."""

    n_accepted: int = 0
    n_duplicate: int = 0
    n_unregistered: int = 0
    n_ignored: int = 0
    n_rejected: int = 0

    @property
    def n_rows(self) -> int:
        """All rows seen."""
        return self.n_accepted + self.n_duplicate + self.n_unregistered + self.n_ignored + self.n_rejected

    @property
    def has_read_anything(self) -> bool:
        """Tell whether any row was good, whether or not it was new."""
        return self.n_accepted + self.n_duplicate + self.n_ignored > 0

    def __str__(self) -> str:
        """Say it in one line."""
        return (
            f"共 {self.n_rows} 行：入库 {self.n_accepted}，重复 {self.n_duplicate}，"
            f"未登记 {self.n_unregistered}，忽略 {self.n_ignored}，拒收 {self.n_rejected}"
        )


class PostImport:
    """Imports files of posts; equal posts count once, whichever way they came."""

    def __init__(self, database: Database, receiver: Receiver, clock: Clock) -> None:
        """Keep the collaborators."""
        self._database, self._receiver, self._clock = database, receiver, clock

    def run(
        self, rows: Iterable[Row], on_bad: OnBad, on_batch: Callable[[ImportTally], None] = lambda _: None
    ) -> ImportTally:
        """Store the good rows with provenance 导入; a duplicate is neither bad nor counted again.

        Source: requirements A.6 ⑥ (import of an exported chat).

        Args:
            rows: in the order of the file.
            on_bad: told number and reason of every row that is not taken.
            on_batch: told the tally after each batch.
        Raises: StorageError; batches told to `on_batch` are stored then.
        """
        return self._go_through(
            rows, lambda events: self._receiver.receive(events, Provenance.IMPORTED), on_bad, on_batch
        )

    def rehearse(
        self, rows: Iterable[Row], on_bad: OnBad, on_batch: Callable[[ImportTally], None] = lambda _: None
    ) -> ImportTally:
        """Say what `run` would do, and write nothing."""
        seen: set[tuple[int, int]] = set()
        return self._go_through(rows, lambda events: self._foresee(events, seen), on_bad, on_batch)

    def _go_through(
        self,
        rows: Iterable[Row],
        receive: Callable[[Sequence[InboundEvent]], list[Receipt]],
        on_bad: OnBad,
        on_batch: Callable[[ImportTally], None],
    ) -> ImportTally:
        tally = ImportTally()
        under_way: deque[tuple[list[Row], Future[list[Receipt]]]] = deque()

        def settle() -> None:
            batch, coming = under_way.popleft()
            _count(tally, batch, coming.result(), on_bad)
            on_batch(tally)

        with ThreadPoolExecutor(1) as pool:
            for batch in _batches(rows):
                events = [found for _, found in batch if isinstance(found, InboundEvent)]
                under_way.append((batch, pool.submit(receive, events)))
                if len(under_way) > _AHEAD:
                    settle()
            while under_way:
                settle()
        return tally

    def _foresee(self, events: Sequence[InboundEvent], seen: set[tuple[int, int]]) -> list[Receipt]:
        """Return the receipts that the receiver would give."""
        latest = self._clock() + FUTURE
        receipts: list[Receipt] = []
        places: dict[int, tuple[int, date]] = {}
        for index, event in enumerate(events):
            receipt = Receipt.ACCEPTED
            if event.kind is EventKind.IGNORED:
                receipt = Receipt.IGNORED
            elif event.occurred_at > latest:
                receipt = Receipt.FROM_THE_FUTURE
            else:
                day = business_day(event.occurred_at)
                found = self._receiver.groups.find(event.source, event.place_id, day)
                if found is None:
                    receipt = Receipt.UNREGISTERED
                elif event.kind is EventKind.POST:
                    places[index] = (found[0].group_id, day)
            receipts.append(receipt)
        with self._database.reading() as connection:
            known = load_known_keys(connection, set(places.values()))
        for index, (group_id, day) in places.items():
            key = (group_id, events[index].event_key)
            if key in seen or key[1] in known[group_id, day]:
                receipts[index] = Receipt.DUPLICATE
            seen.add(key)
        return receipts


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    wanted = iter(rows)
    while batch := list(islice(wanted, BATCH)):
        yield batch


def _count(tally: ImportTally, batch: list[Row], receipts: list[Receipt], on_bad: OnBad) -> None:
    of_events = iter(receipts)
    for number, found in batch:
        if not isinstance(found, InboundEvent):
            tally.n_rejected += 1
            on_bad(found.index, found.reason)
            continue
        receipt = next(of_events)
        if receipt is Receipt.ACCEPTED:
            tally.n_accepted += 1
        elif receipt is Receipt.DUPLICATE:
            tally.n_duplicate += 1
        elif receipt is Receipt.IGNORED:
            tally.n_ignored += 1
        elif receipt is Receipt.UNREGISTERED:
            tally.n_unregistered += 1
            on_bad(number, f"群 {found.place_id}（来源 {found.source}）未登记")
        else:
            tally.n_rejected += 1
            on_bad(number, "时间在未来")

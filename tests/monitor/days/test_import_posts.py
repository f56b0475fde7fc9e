"""Importing posts: good rows are kept, bad rows named, nothing counted twice, a check writes nothing."""

from datetime import timedelta
from typing import Any, NamedTuple

import pytest

from monitor.events import EventKind, InboundEvent
from monitor.store.database import Database
from monitor.store.days.tables import PendingRecallRow, PostRow
from monitor.store.tables import UnregisteredGroupRow
from monitor.usecases.days import import_posts
from monitor.usecases.days.import_posts import ImportTally, PostImport, Row
from monitor.usecases.days.receive import Receiver
from tests.conftest import FrozenClock
from tests.monitor.days.test_receive import DAY, counts, post, recall, rows


class Unread(NamedTuple):
    index: int
    reason: str


@pytest.fixture
def work(database: Database, receiver: Receiver, clock: FrozenClock) -> PostImport:
    return PostImport(database, receiver, clock)


def mixed(clock: FrozenClock) -> list[Row]:
    late = clock() + timedelta(days=1)
    ignored = InboundEvent(EventKind.IGNORED, "demo", 0, clock())
    return [
        (1, post(1)),
        (2, Unread(2, "不是有效的 JSON")),
        (3, post(2, "中午吃什么")),
        (4, post(1)),
        (5, post(3, place_id="99999")),
        (6, post(4, occurred_at=late)),
        (7, ignored),
        (8, recall(2)),
    ]


EXPECTED = ImportTally(n_accepted=3, n_duplicate=1, n_unregistered=1, n_ignored=1, n_rejected=2)
BAD = [(2, "不是有效的 JSON"), (5, "群 99999（来源 demo）未登记"), (6, "时间在未来")]


def test_good_rows_are_stored_as_imported_and_bad_ones_named(
    work: PostImport, database: Database, clock: FrozenClock
) -> None:
    bad: list[tuple[int, str]] = []
    tally = work.run(mixed(clock), lambda number, reason: bad.append((number, reason)))
    assert tally == EXPECTED
    assert bad == BAD
    assert counts(database) == {(1, DAY, "导入"): (1, 1)}  # the second was taken back
    assert str(tally) == "共 8 行：入库 3，重复 1，未登记 1，忽略 1，拒收 2"


def test_a_check_says_the_same_and_writes_nothing(
    work: PostImport, database: Database, clock: FrozenClock
) -> None:
    bad: list[tuple[int, str]] = []
    assert work.rehearse(mixed(clock), lambda number, reason: bad.append((number, reason))) == EXPECTED
    assert bad == BAD
    for table in (PostRow, UnregisteredGroupRow, PendingRecallRow):
        assert rows(database, table) == []


def test_a_file_imported_twice_counts_once_and_a_check_knows_it(work: PostImport, database: Database) -> None:
    file: list[Row] = [(number, post(number)) for number in range(1, 30)]
    assert work.run(file, _unexpected).n_accepted == 29
    assert work.rehearse(file, _unexpected).n_duplicate == 29
    assert work.run(file, _unexpected).n_duplicate == 29
    assert counts(database) == {(1, DAY, "导入"): (29, 29)}


def test_rows_keep_their_order_over_many_batches(
    work: PostImport, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_posts, "BATCH", 7)
    file: list[Row] = [
        (number, post(number) if number % 10 else Unread(number, "坏行")) for number in range(1, 101)
    ]
    bad: list[tuple[int, str]] = []
    seen: list[int] = []
    tally = work.run(file, lambda n, why: bad.append((n, why)), lambda tally: seen.append(tally.n_rows))
    assert (tally.n_accepted, tally.n_rejected) == (90, 10)
    assert [number for number, _ in bad] == list(range(10, 101, 10))
    assert seen == [*range(7, 100, 7), 100]
    assert len(rows(database, PostRow)) == 90


def _unexpected(number: int, reason: str) -> Any:
    raise AssertionError(f"row {number}: {reason}")

"""Receiving events: stored once, counted once, nothing of unknown groups, late days reopened."""

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import insert, select

from monitor.classify.engine import Classifier
from monitor.classify.lexicon import parse_lexicon
from monitor.classify.relevance import RelevanceModel
from monitor.classify.segment import shared_segmenter
from monitor.events import Article, EventKind, InboundEvent, PostKind, Provenance, stable_key
from monitor.store.database import Database
from monitor.store.days.post_verdicts import load_verdict
from monitor.store.days.tables import (
    AccountDayRow,
    ArticleRow,
    DayCountRow,
    DayGradeRow,
    PostRow,
    PostVerdictRow,
)
from monitor.store.tables import UnregisteredGroupRow, table_of
from monitor.usecases.days.receive import Receipt, Receiver
from tests.cast import Cast
from tests.conftest import FrozenClock

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
DAY = date(2026, 11, 20)


def post(number: int, text: str = "志愿服务集合", **changes: Any) -> InboundEvent:
    key = stable_key("demo", str(number))
    fields: dict[str, Any] = {
        "kind": EventKind.POST,
        "source": "demo",
        "event_key": key,
        "message_key": key,
        "occurred_at": NOON,
        "place_id": "10001",
        "sender_id": f"member-{number % 3}",
        "sender_name": "某同学",
        "text": text,
    }
    return InboundEvent(**(fields | changes))


def recall(number: int, **changes: Any) -> InboundEvent:
    return post(number, "", kind=EventKind.RECALL, event_key=stable_key("recall", str(number)), **changes)


def rows(database: Database, row: Any) -> list[Any]:
    with database.reading() as connection:
        return list(connection.execute(select(table_of(row))))


def counts(database: Database) -> dict[tuple[int, date, str], tuple[int, int]]:
    found = rows(database, DayCountRow)
    return {(row.group_id, row.business_day, row.provenance): (row.n_posts, row.n_relevant) for row in found}


def test_posts_are_stored_and_counted_with_their_relevance(receiver: Receiver, database: Database) -> None:
    receipts = receiver.receive([post(1), post(2, "中午吃什么"), post(3, "团课通知")])
    assert receipts == [Receipt.ACCEPTED] * 3
    assert counts(database) == {(1, DAY, "采集"): (3, 2)}
    reasons = {row.text: row.reason for row in rows(database, PostRow)}
    assert reasons["志愿服务集合"] == "话题词：志愿服务"
    assert reasons["团课通知"] == "团务词：团课"


def test_a_second_delivery_is_a_duplicate_and_counts_nothing(receiver: Receiver, database: Database) -> None:
    assert receiver.receive([post(1), post(1)]) == [Receipt.ACCEPTED, Receipt.DUPLICATE]
    assert receiver.receive([post(1)]) == [Receipt.DUPLICATE]
    assert counts(database) == {(1, DAY, "采集"): (1, 1)}


def test_deliveries_that_overlap_count_once(receiver: Receiver, database: Database) -> None:
    receipts: list[Receipt] = []

    def deliver() -> None:
        receipts.extend(receiver.receive([post(number) for number in range(40)]))

    threads = [threading.Thread(target=deliver) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert receipts.count(Receipt.ACCEPTED) == 40
    assert receipts.count(Receipt.DUPLICATE) == 280
    assert counts(database) == {(1, DAY, "采集"): (40, 40)}


def test_an_unknown_group_is_listed_without_its_text(receiver: Receiver, database: Database) -> None:
    stranger = post(1, "不应保存的文字", place_id="99999")
    assert receiver.receive([stranger, stranger]) == [Receipt.UNREGISTERED] * 2
    assert rows(database, PostRow) == []
    [listed] = rows(database, UnregisteredGroupRow)
    assert (listed.source, listed.external_id, listed.n_events) == ("demo", "99999", 2)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"post_kind": PostKind.IMAGE, "text": ""}, (1, 0)),
        ({"post_kind": PostKind.OTHER}, (0, 0)),
        ({"is_own": True}, (0, 0)),
        ({"kind": EventKind.NOTICE}, (0, 0)),
    ],
)
def test_what_d07_leaves_out_is_data_but_counts_nothing(
    receiver: Receiver, database: Database, changes: dict[str, Any], expected: tuple[int, int]
) -> None:
    receiver.receive([post(1, **changes)])
    assert counts(database) == {(1, DAY, "采集"): expected}


def test_a_recalled_post_is_subtracted_once(receiver: Receiver, database: Database) -> None:
    receiver.receive([post(1), post(2)])
    receiver.receive([recall(1)])
    receiver.receive([recall(1)])
    assert counts(database) == {(1, DAY, "采集"): (1, 1)}


def test_a_recall_that_comes_first_takes_its_post_back(receiver: Receiver, database: Database) -> None:
    receiver.receive([recall(1)])
    receiver.receive([post(1), post(2)])
    assert counts(database) == {(1, DAY, "采集"): (1, 1)}


def test_a_recall_after_midnight_is_taken_from_the_day_of_the_post(
    receiver: Receiver, database: Database, clock: FrozenClock
) -> None:
    clock.now = datetime(2026, 11, 20, 16, 1, tzinfo=UTC)
    receiver.receive([post(1, occurred_at=datetime(2026, 11, 20, 15, 59, 30, tzinfo=UTC))])
    receiver.receive([recall(1, occurred_at=datetime(2026, 11, 20, 16, 0, 30, tzinfo=UTC))])
    assert counts(database) == {(1, DAY, "采集"): (0, 0)}


def test_midnight_of_shanghai_divides_the_days(
    receiver: Receiver, database: Database, clock: FrozenClock
) -> None:
    clock.now = datetime(2026, 11, 20, 16, 5, tzinfo=UTC)
    last, first = datetime(2026, 11, 20, 15, 59, 59, tzinfo=UTC), datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
    receiver.receive([post(1, occurred_at=last), post(2, occurred_at=first)])
    assert set(counts(database)) == {(1, DAY, "采集"), (1, date(2026, 11, 21), "采集")}


def test_a_post_for_a_closed_day_makes_its_grade_provisional(receiver: Receiver, database: Database) -> None:
    grade = {
        "group_id": 1,
        "business_day": date(2026, 11, 19),
        "n_repeats": 0,
        "duty": "未达标",
        "status": "正式",
    }
    texts = {
        "n_repeats": 0,
        "clause": "HN-4.1d",
        "activity_reason": "",
        "duty_reason": "",
        "has_late_posts": False,
    }
    database.write(lambda connection: connection.execute(insert(table_of(DayGradeRow)).values(grade | texts)))
    receiver.receive([post(1, occurred_at=datetime(2026, 11, 19, 10, 0, tzinfo=UTC))])
    [graded] = rows(database, DayGradeRow)
    assert (graded.status, graded.has_late_posts) == ("暂定", True)


def test_an_event_from_the_future_is_refused(receiver: Receiver, database: Database) -> None:
    assert receiver.receive([post(1, occurred_at=datetime(2027, 1, 1, tzinfo=UTC))]) == [
        Receipt.FROM_THE_FUTURE
    ]
    assert counts(database) == {}


def test_provenances_are_counted_apart(receiver: Receiver, database: Database) -> None:
    receiver.receive([post(1)])
    receiver.receive([post(2)], Provenance.IMPORTED)
    assert counts(database) == {(1, DAY, "采集"): (1, 1), (1, DAY, "导入"): (1, 1)}


def mass_send(status: str, articles: int, source: str = "demo") -> InboundEvent:
    return InboundEvent(
        EventKind.ARTICLES,
        source,
        stable_key("job", status),
        NOON,
        "gh_demo",
        "helper",
        message_key=stable_key("job"),
        articles=tuple(Article(number, f"http://example/{number}") for number in range(1, articles + 1)),
        fields={"Status": status},
    )


@pytest.mark.parametrize(
    ("events", "n_articles"),
    [
        ([mass_send("send success", 2)], 2),
        ([mass_send("send success", 2)] * 3, 2),
        ([mass_send("send success", 0)], 1),
        ([mass_send("err(30003)", 2)], 0),
        ([mass_send("err(30003)", 1), mass_send("send success", 1)], 1),
    ],
)
def test_articles_of_a_finished_send_count_once(
    receiver: Receiver, database: Database, events: list[InboundEvent], n_articles: int
) -> None:
    for event in events:
        receiver.receive([event])
    [day] = rows(database, AccountDayRow)
    assert (day.account_id, day.business_day, day.n_articles) == (1, DAY, n_articles)
    assert len(rows(database, ArticleRow)) == n_articles


def test_any_callback_of_an_account_proves_that_it_works(receiver: Receiver, database: Database) -> None:
    chat = InboundEvent(EventKind.CHAT, "demo", 7, NOON, "gh_demo", "openid", text="状态")
    receiver.receive([chat])
    receiver.receive([chat])
    [day] = rows(database, AccountDayRow)
    assert (day.n_articles, day.n_events) == (0, 1)


def test_a_row_that_the_database_refuses_takes_no_neighbour_along(
    receiver: Receiver, database: Database
) -> None:
    refused: list[Exception] = []
    barrier = threading.Barrier(2)

    def deliver(event: InboundEvent, on_error: Callable[[Exception], None]) -> None:
        barrier.wait()
        try:
            receiver.receive([event])
        except Exception as error:  # noqa: BLE001
            on_error(error)

    poison = post(1, event_key=2**70)
    threads = [
        threading.Thread(target=deliver, args=(poison, refused.append)),
        threading.Thread(target=deliver, args=(post(2), refused.append)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert counts(database) == {(1, DAY, "采集"): (1, 1)}


def test_a_suspected_post_carries_its_verdict_and_an_ordinary_one_none(
    database: Database, cast: Cast, judge: RelevanceModel, clock: FrozenClock
) -> None:
    lexicon = parse_lexicon("@category 辱骂\n大坏蛋\t3\n小笨蛋\t2\n")
    classifier = Classifier([lexicon], relevance=judge, cutter=shared_segmenter())
    receiver = Receiver(database, judge, clock, pepper="p", harm_judge=classifier)
    posts = [
        post(1, "你这个大 坏蛋"),
        post(2, "中午吃什么"),
        post(3, "小笨蛋"),
        post(4, "大坏蛋", is_own=True),
    ]
    receiver.receive(posts)
    receiver.receive(posts)
    stored = {row.event_key: row for row in rows(database, PostVerdictRow)}
    assert stored.keys() == {posts[0].event_key, posts[2].event_key}
    harmful, doubtful = stored[posts[0].event_key], stored[posts[2].event_key]
    assert (harmful.is_harmful, harmful.needs_review, harmful.harm_permille) == (True, False, 920)
    assert (doubtful.is_harmful, doubtful.needs_review) == (False, True)
    assert harmful.hits == [["大坏蛋", 3, 7, "辱骂", 3]]
    key = (1, DAY, posts[0].event_key)
    with database.reading() as connection:
        assert load_verdict(connection, key) == classifier.suspect("你这个大 坏蛋", "/1/")
        assert load_verdict(connection, (1, DAY, posts[1].event_key)) is None
